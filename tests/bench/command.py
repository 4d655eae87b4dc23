"""How long the command takes to start: the median of many runs, against that of `true`."""

import pathlib
import statistics
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
RUNS = 200
HWM = ROOT / "target/release/hwm"


def median_ms(arguments):
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        subprocess.run(arguments, stdout=subprocess.DEVNULL, check=False, close_fds=False)
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def main():
    bare = median_ms(["true"])
    print(f"start of `true`             {bare:5.1f} ms")
    for arguments in (["--version"], ["set-status", "--help"]):
        whole = median_ms([str(HWM), *arguments])
        name = f"start of `hwm {' '.join(arguments)}`"
        print(f"{name:27} {whole:5.1f} ms, {whole - bare:.1f} over `true`")
    print(f"size of hwm                 {HWM.stat().st_size / 1e6:5.1f} MB")


if __name__ == "__main__":
    main()
