"""The same run of 250 accounts from other languages, through the shared library alone."""

import os
import shutil
import sys

from project import BUILD, ROOT, STAGE, Failed, call, folder, require, tool
from sandbox import Sandbox

EXAMPLES = ROOT / "examples/ffi"


def python():
    return [sys.executable, EXAMPLES / "set_status_ctypes.py"]


def luajit():
    return [tool("luajit", "luajit"), EXAMPLES / "set_status.lua"]


def ruby():
    return [tool("ruby", "ruby"), EXAMPLES / "set_status.rb"]


def perl():
    require("perl", "ffi-platypus")
    return ["perl", EXAMPLES / "set_status.pl"]


def php():
    return [tool("php", "php-cli"), "-d", "ffi.enable=1", EXAMPLES / "set_status.php"]


def node():
    tool("node", "nodejs")
    place = BUILD / "koffi"
    if not (place / "node_modules/koffi").exists():
        place.mkdir(exist_ok=True)
        call(
            [
                tool("npm", "npm"),
                "install",
                "--silent",
                "--no-audit",
                "--no-fund",
                "--prefix",
                place,
                "koffi@2",
            ],
            timeout=300,
        )
    # node looks for modules beside the file.
    shutil.copy(EXAMPLES / "set_status.js", place)
    return ["node", place / "set_status.js"]


def java():
    tool("java", "default-jdk-headless")
    tool("javac", "default-jdk-headless")
    require("jna")
    return ["java", "-cp", "/usr/share/java/jna.jar", EXAMPLES / "SetStatus.java"]


def go():
    tool("go", "golang-go")
    binary = BUILD / "set_status_go"
    flags = {
        "CGO_CFLAGS": f"-I{STAGE}/include",
        "GOFLAGS": "-mod=mod",
        "CGO_ENABLED": "1",
        "CGO_LDFLAGS": f"-L{STAGE}/lib -Wl,-rpath,{STAGE}/lib",
    }
    call(
        ["go", "build", "-o", binary, "."],
        cwd=EXAMPLES / "go",
        timeout=300,
        env={**os.environ, **flags},
    )
    return [binary]


def run(score):
    for language in (python, luajit, ruby, perl, php, node, java, go):
        score.check(f"{language.__name__} disables 250 accounts", disables, language)


def disables(language):
    command = language()
    accounts = [f"user{i + 1:04}" for i in range(250)]
    config = {"user_list": [{"account": account} for account in accounts]}
    with folder() as place, Sandbox(config) as sandbox:
        path = f"{place}/accounts.txt"
        with open(path, "w") as file:
            file.write("\n".join(accounts) + "\n")
        environment = sandbox.environment(
            LIBHWM=f"{STAGE}/lib/libhwm.so",
            HWM_ENDPOINT=sandbox.ready["url"],
            HWM_ACCESS_TOKEN=sandbox.ready["token"],
        )
        output = call([*command, path], env=environment)
        if "250 of 250 applied" not in output:
            raise Failed(output)
        left = [user["account"] for user in sandbox.get("/users") if user["status"] != 1]
        if left:
            raise Failed(f"still enabled: {left[:5]} …")
        # And one that says no: what the service answered must come across too.
        with open(path, "a") as file:
            file.write("nobody\n")
        try:
            output = call([*command, path], env=environment)
        except Failed as failed:
            output = str(failed)
        if "nobody rejected" not in output.replace("\t", " ") or "250 of 251 applied" not in output:
            raise Failed(output)
