"""The test programs of tests/c and tests/cpp: compiled and run in several ways.

A program says in a comment which sandbox it wants (`sandbox: {"users": 40}`), which libraries it
needs besides (`link: -lpthread`), which flags (`flags: -O2`), and in which groups it cannot run
(`not under: valgrind`). With `plugin: FLAGS` it is compiled a second time, with PLUGIN defined, into
a shared object that is named like the program with `.so` behind it. It prints `ok NAME` or
`FAILED NAME` for each test.
"""

import json
import os
import re
from concurrent.futures import ThreadPoolExecutor

from project import BUILD, LINK, ROOT, STAGE, STRICT, Failed, call, tool
from sandbox import Sandbox

LINE = re.compile(r"^(ok|FAILED) ([A-Za-z0-9_]+)$", re.M)


def sources():
    return sorted((ROOT / "tests/c").glob("*.c")) + sorted((ROOT / "tests/cpp").glob("*.cpp"))


def said(source, what):
    """What the program's comments say about something."""
    found = re.search(rf"^(?:/\*|//| \*)? *{what}: (.*?)(?: *\*/)?$", source.read_text(), re.M)
    return found.group(1) if found else None


def run_all(score, group, compilers, flags=(), wrapper=(), only=None, timeout=180, **environment):
    """Tests every program that can run in the group, as many at once as there are processors."""
    chosen = [source for source in sources() if (only is None or source.stem in only)
              and group not in (said(source, "not under") or "").partition(":")[0].split()]

    def test(source):
        binary = compiled(source, group, compilers, flags)
        return run(source, [*wrapper, binary], timeout, environment)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for source, running in [(source, pool.submit(test, source)) for source in chosen]:
            name = f"{group} {source.stem}"
            try:
                output = running.result()
            except Failed as failed:
                output = str(failed)
                score.failed(name, output)
            for verdict, told in LINE.findall(output):
                if verdict == "ok":
                    score.passed(f"{name}: {told}")


def compiled(source, group, compilers, flags):
    c, cpp = compilers
    is_c = source.suffix == ".c"
    standard = said(source, "standard") or ("c99" if is_c else "c++17")
    binary = BUILD / group / source.stem
    binary.parent.mkdir(parents=True, exist_ok=True)
    extra = (said(source, "link") or "").split() + (said(source, "flags") or "").split()
    command = [c if is_c else cpp, f"-std={standard}", "-D_GNU_SOURCE", "-g", *STRICT, *flags, source]
    call([*command, "-o", binary, *LINK, *extra])
    plugin = said(source, "plugin")
    if plugin:
        shared = ["-DPLUGIN", "-shared", "-fPIC", *plugin.split()]
        call([*command, *shared, "-o", f"{binary}.so", *LINK])
    return binary


def run(source, command, timeout, environment):
    with Sandbox(configuration(source)) as sandbox:
        output = call(
            command,
            timeout=timeout,
            env=sandbox.environment(LIBHWM=f"{STAGE}/lib/libhwm.so", **environment),
        )
    if not LINE.search(output):
        raise Failed(f"{source.name} tested nothing:\n{output}")
    return output


def configuration(source):
    """The sandbox's configuration; `users` is a number of users named user0001 and so on."""
    config = json.loads(said(source, "sandbox") or "{}")
    count = config.pop("users", 300)
    return {"user_list": [{"account": f"user{i + 1:04}"} for i in range(count)], **config}


def gcc(score):
    run_all(score, "gcc", (tool("gcc", "gcc"), tool("g++", "g++")))


def clang(score):
    compilers = (tool("clang", "clang"), tool("clang++", "clang"))
    run_all(
        score,
        "clang",
        compilers,
        only={"inputs", "outcomes", "layout", "callbacks", "wrapper", "plugin", "without_exceptions"},
    )


def sanitizers(score):
    flags = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"]
    run_all(
        score,
        "sanitizers",
        (tool("gcc", "gcc"), tool("g++", "g++")),
        flags,
        ASAN_OPTIONS="detect_stack_use_after_return=1",
        UBSAN_OPTIONS="print_stacktrace=1",
    )


def valgrind(score):
    """Memcheck. What is only reached by a pointer into its middle is no leak: Rust keeps an `Arc` so."""
    compilers = (tool("gcc", "gcc"), tool("g++", "g++"))
    check = [
        tool("valgrind", "valgrind"),
        "--quiet",
        "--error-exitcode=9",
        "--leak-check=full",
        "--show-leak-kinds=definite,indirect",
        "--errors-for-leak-kinds=definite,indirect",
        "--fair-sched=yes",
    ]
    run_all(score, "valgrind", compilers, wrapper=check, timeout=400)


def threads(score):
    """What the thread checker sees: the host's side. Inside the library, which is not instrumented,
    it would take every lock for missing."""
    compilers = (tool("gcc", "gcc"), tool("g++", "g++"))
    run_all(
        score,
        "threads",
        compilers,
        ["-fsanitize=thread"],
        only={"threads", "callbacks", "wrapper"},
        TSAN_OPTIONS="halt_on_error=1 ignore_noninstrumented_modules=1",
    )
