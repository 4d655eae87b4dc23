"""Runs the groups in order and counts."""

import sys
import time
import traceback

import abi
import exports
import ffi
import headers
import manual
import packages
import programs
from project import Failed, Score, stage

GROUPS = {
    "headers": headers.run,
    "exports": exports.run,
    "gcc": programs.gcc,
    "clang": programs.clang,
    "sanitizers": programs.sanitizers,
    "valgrind": programs.valgrind,
    "threads": programs.threads,
    "abi": abi.run,
    "packages": packages.run,
    "ffi": ffi.run,
    "manual": manual.doxygen,
    "miri": manual.miri,
}


def main(names):
    unknown = [name for name in names if name not in GROUPS]
    if unknown:
        print(f"no such group: {', '.join(unknown)}; there are: {', '.join(GROUPS)}")
        return 2
    score = Score()
    stage()
    for name in names or GROUPS:
        began = time.monotonic()
        print(f"== {name}", flush=True)
        try:
            GROUPS[name](score)
        except Failed as failed:
            score.failed(name, str(failed))
        except Exception:
            score.failed(name, traceback.format_exc())
        print(f"   {time.monotonic() - began:.1f} s", flush=True)
    print(f"c: {score.passes} passed, {score.failures} failed")
    return 1 if score.failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
