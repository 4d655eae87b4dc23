"""Runs the example beside this file over a sandbox, with the hwm that is installed."""

from __future__ import annotations

import pathlib
import platform
import subprocess
import sys

import hwm
from sandbox import Sandbox

HERE = pathlib.Path(__file__).resolve().parent


def main() -> int:
    installed = pathlib.Path(hwm.__file__).resolve()
    if "site-packages" not in installed.parts:
        print(f"hwm is imported from {installed}, not from the wheel", file=sys.stderr)
        return 1
    sandbox = Sandbox(users=20, tls=True)
    assert sandbox.ca_file is not None
    try:
        accounts = HERE / "accounts.txt"
        accounts.write_text("\n".join(sandbox.accounts()), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, HERE / "set_status.py", "disabled", accounts, sandbox.ca_file],
            env={**sandbox.environment(), "PYTHONUTF8": "1"},
            check=False,
        )
        changed = set(sandbox.statuses().values()) == {1}
    finally:
        sandbox.stop()
    if done.returncode != 0 or not changed:
        return 1
    print(f"the example ran on the wheel under Python {platform.python_version()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
