"""Prints the figures of the Python face: import, first call, wheel.

    .venv/bin/python tests/bench/python_figures.py [WHEEL]

Import and first call are the best of many, each in an interpreter of its own, without what a busy
machine adds. The first call makes a client, connects, does a TLS handshake, and sets one account.
Run it on a module that is built with --release.
"""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "python"))

from sandbox import ROOT, Sandbox

RUNS = 30
NO_COMPILED_FILES = "PYTHONDONTWRITEBYTECODE"
IMPORT = "import time; t = time.perf_counter(); import hwm; print(time.perf_counter() - t)"
CALL = """
import hwm, sys, time
endpoint, token, ca_file, account = sys.argv[1:]
t = time.perf_counter()
with hwm.Client(endpoint=endpoint, access_token=token, ca_file=ca_file) as client:
    assert client.set_status("disabled", [account]).ok
print(time.perf_counter() - t)
"""


def best_ms(program: str, *arguments: str) -> float:
    """The shortest time that the program printed, in milliseconds."""
    # The first run leaves compiled files for the others, as every installation has them.
    environment = {key: value for key, value in os.environ.items() if key != NO_COMPILED_FILES}
    times: list[float] = []
    for _ in range(RUNS):
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments],
            env=environment,
            capture_output=True,
            check=True,
            text=True,
        )
        times.append(float(done.stdout) * 1000)
    return min(times)


def main() -> int:
    """Prints each figure with its limit; 1 when one is over it."""
    sandbox = Sandbox(users=1, tls=True)
    try:
        account = sandbox.accounts()[0]
        call = best_ms(CALL, sandbox.url, sandbox.token, str(sandbox.ca_file), account)
    finally:
        sandbox.stop()
    figures = [
        ("import over the bare interpreter", best_ms(IMPORT), 5.0, "ms"),
        ("first call, TLS included", call, 40.0, "ms"),
    ]
    wheels = sys.argv[1:] or sorted(map(str, (ROOT / "target" / "wheels").glob("hwm-*.whl")))
    if wheels:
        size = pathlib.Path(wheels[-1]).stat().st_size / 1e6
        figures.append(("wheel", size, 2.0, "MB"))
    for name, figure, limit, unit in figures:
        print(f"{name}: {figure:.2f} {unit} (at most {limit:g})")
    return 0 if all(figure <= limit for _, figure, limit, _ in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
