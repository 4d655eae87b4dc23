"""Shows the C, Python and shell faces of hwm at work, and that their reports are true.

Starts the sandbox, a loopback service that plays the documented API, with the users of
examples/data/users.csv, many of them disabled at random. Then lets each face set the status of the
accounts of examples/data/accounts.csv, one of which does not exist, and asks the sandbox what really
changed. Run by `make demo`.
"""

import csv
import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "examples" / "data"
BUILT = ROOT / "target" / "release"
SANDBOX = ROOT / "target" / "debug" / "hwm-sandbox"
WORK = ROOT / "target" / "demo"
VENV_PYTHON = ROOT / ".venv" / "bin" / "python"
NAMES = {0: "normal", 1: "disabled"}

# A report longer than this is shown by its two ends.
LINES_SHOWN = 12


class Sandbox:
    """The sandbox in a process of its own; it stops when its standard input closes."""

    def __enter__(self):
        self.process = subprocess.Popen(
            [SANDBOX, "--tls", "--users-csv", DATA / "users.csv"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        ready = json.loads(self.process.stdout.readline())
        self.url, self.control = ready["url"], ready["control"]
        self.token, self.ca_file = ready["token"], ready["ca_file"]
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=10)

    def statuses(self):
        # Straight to loopback, whatever proxy the environment names.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(self.control + "/users") as answer:
            return {user["account"]: user["status"] for user in json.load(answer)}


def say(text=""):
    print(text, flush=True)


def run(title, arguments, environment):
    """Runs one face, shows what it prints, and returns its exit code and output."""
    say(f"\n== {title}\n")
    say("$ " + " ".join(shorten(argument) for argument in arguments))
    started = time.monotonic()
    done = subprocess.run(
        [str(argument) for argument in arguments],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    lines = done.stdout.splitlines()
    if len(lines) > LINES_SHOWN:
        half = LINES_SHOWN // 2
        # What went wrong is the point of a report: it is shown wherever it stands.
        failures = [line for line in lines[half:-half] if "applied" not in line]
        left_out = f"      … {len(lines) - 2 * half - len(failures)} lines like these …"
        lines = [*lines[:half], left_out, *failures, *lines[-half:]]
    say("\n".join(lines))
    say(f"(exit code {done.returncode}, {time.monotonic() - started:.2f} s)")
    return done.returncode, done.stdout


def shorten(argument):
    try:
        return str(pathlib.Path(argument).relative_to(ROOT))
    except ValueError:
        return str(argument)


def compiled(compiler, standard, source):
    """Builds an example as the README says, and returns the program."""
    program = WORK / source.replace(".", "_")
    command = [
        *compiler.split(), f"-std={standard}", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
        f"-I{ROOT / 'include'}", next((ROOT / "examples").glob(f"*/{source}")), "-o", program,
        f"-L{BUILT}", "-lhwm", f"-Wl,-rpath,{BUILT}",
    ]  # fmt: skip
    subprocess.run([str(part) for part in command], check=True)
    return program


def faces(sandbox, every):
    """What is run: a title, the status it sets, and the command line."""
    accounts, ca = DATA / "accounts.csv", sandbox.ca_file
    c_example = compiled(os.environ.get("CC", "cc"), "c99", "set_status.c")
    yield "C: examples/c/set_status.c enables them", 0, [c_example, "normal", accounts, ca]
    python_example = [VENV_PYTHON, ROOT / "examples/python/set_status.py"]
    yield (
        "Python: examples/python/set_status.py disables them",
        1,
        [*python_example, "disabled", accounts, ca],
    )
    yield (
        "Shell: the command hwm enables them again",
        0,
        [BUILT / "hwm", "set-status", "normal", "--file", accounts, "--ca-file", ca, "--yes"],
    )
    if every:
        rust_example = ROOT / "target/debug/examples/set_status"
        yield (
            "Rust: examples/rust/set_status.rs disables them",
            1,
            [rust_example, "disabled", accounts, ca],
        )
        cpp_example = compiled(os.environ.get("CXX", "c++"), "c++17", "set_status.cpp")
        yield (
            "C++: examples/cpp/set_status.cpp enables them",
            0,
            [cpp_example, "normal", accounts, ca],
        )


def check(before, after, accounts, status):
    """Says what changed in the sandbox; True when it is exactly what was asked for."""
    known = [account for account in accounts if account in before]
    changed = [account for account in after if after[account] != before[account]]
    right = [account for account in known if after[account] == status]
    strangers = set(changed) - set(known)
    say(
        f"sandbox: {len(right)} of the {len(known)} accounts that exist are {NAMES[status]} now, "
        f"{len(changed)} of them were not before; nobody else changed"
        if not strangers
        else f"sandbox: {len(strangers)} accounts changed that were not asked for"
    )
    return right == known and not strangers


def main():
    WORK.mkdir(parents=True, exist_ok=True)
    with open(DATA / "accounts.csv", encoding="utf-8", newline="") as file:
        accounts = [row["account"] for row in csv.DictReader(file)]

    ok = True
    with Sandbox() as sandbox:
        users = sandbox.statuses()
        say(
            f"The sandbox at {sandbox.url} has {len(users)} users, "
            f"{sum(users.values())} of them disabled at random."
        )
        say(f"The list examples/data/accounts.csv has {len(accounts)} accounts.")
        environment = {
            **os.environ,
            "HWM_ENDPOINT": sandbox.url,
            "HWM_ACCESS_TOKEN": sandbox.token,
            "HWM_PROXY": "none",
            "HWM_LANGUAGE": "en-US",
        }
        for title, status, arguments in faces(sandbox, every="--every-face" in sys.argv):
            before = sandbox.statuses()
            code, output = run(title, arguments, environment)
            ok &= check(before, sandbox.statuses(), accounts, status)
            # One account does not exist: no face may claim that all went well, and each must name it.
            strangers = [account for account in accounts if account not in before]
            ok &= code == 1 and all(stranger in output for stranger in strangers)
            say(f"report:  names what does not exist: {', '.join(strangers)}")
    say("\nEvery report was true." if ok else "\nSomething is not as it should be: see above.")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
