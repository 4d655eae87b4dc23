"""Where things are, how commands run, and what was counted."""

import functools
import os
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
STAGE = pathlib.Path(os.environ.get("HWM_STAGE", TARGET / "stage")).resolve()
BUILD = TARGET / "c-tests"
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
LINK = [f"-I{STAGE}/include", f"-L{STAGE}/lib", "-lhwm", f"-Wl,-rpath,{STAGE}/lib"]


class Failed(Exception):
    """A test, or what it needs, failed; the text says how."""


class Score:
    """Counts tests and tells of each that fails."""

    def __init__(self):
        self.passes = 0
        self.failures = 0

    def passed(self, name):
        self.passes += 1
        if os.environ.get("HWM_TEST_VERBOSE"):
            print(f"   ok {name}", flush=True)

    def failed(self, name, why):
        self.failures += 1
        print(f"   FAILED {name}\n{indent(why)}", flush=True)

    def check(self, name, test, *arguments):
        """Runs one test; its Failed counts."""
        try:
            test(*arguments)
        except Failed as failed:
            self.failed(name, str(failed))
        else:
            self.passed(name)


def indent(text):
    lines = text.strip().splitlines()
    shown = lines if len(lines) <= 40 else lines[:20] + ["…"] + lines[-19:]
    return "\n".join(f"      {line}" for line in shown)


def call(command, timeout=120, **how):
    """Runs a command to its end and returns what it printed; Failed when it does not end well."""
    command = [str(part) for part in command]
    try:
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            stdin=subprocess.DEVNULL,
            **how,
        )
    except FileNotFoundError:
        raise Failed(f"{command[0]}: not installed") from None
    except subprocess.TimeoutExpired as late:
        output = late.stdout or ""
        output = output.decode(errors="replace") if isinstance(output, bytes) else output
        raise Failed(f"{' '.join(command)}\ntook longer than {timeout} s\n{output}") from None
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)}\nended with {done.returncode}\n{done.stdout}")
    return done.stdout


def require(*things):
    """Sees to it that what a test uses is there, as tests/require says; Failed if it is not."""
    call([ROOT / "tests/require", *things], timeout=900)


@functools.cache
def tool(command, package):
    """A command of a Debian package, which is installed if need be."""
    require(f"{command}={package}")
    return command


def stage():
    """Builds the library and the sandbox, and installs the library as users would."""
    BUILD.mkdir(parents=True, exist_ok=True)
    require("cargo", "cc", "make", "certificates")
    call(["cargo", "build", "--quiet", "-p", "hwm-sandbox"], timeout=1200, cwd=ROOT)
    if "HWM_STAGE" not in os.environ:
        call(
            [
                "make",
                "-f",
                "bindings/c/install.mk",
                "staged",
                "HWM_PROFILE=dev",
                f"HWM_STAGE={STAGE}",
            ],
            timeout=1200,
            cwd=ROOT,
        )


def folder():
    """A folder that goes away with its `with`."""
    return tempfile.TemporaryDirectory(prefix="hwm-")
