"""Ctrl-C ends a call soon, twice at once, and the report is told all the same."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

from sandbox import Sandbox

# Says when it sees a signal, by the clock that all processes share, and then does as Python does.
PROGRAM = """
import signal, sys, time
import hwm

def handler(number, frame):
    print("seen", time.monotonic(), flush=True)
    signal.default_int_handler(number, frame)

signal.signal(signal.SIGINT, handler)
client = hwm.Client.from_env()
print("ready", flush=True)
try:
    client.set_status("disabled", {accounts!r}, **{options!r})
except KeyboardInterrupt as interrupt:
    counts = interrupt.report.counts
    print("interrupted", time.monotonic(), counts["applied"], counts["unknown"], flush=True)
    sys.exit(5)
except BaseException as error:
    print(repr(error), flush=True)
"""


class Program:
    """The program at work; lines of its output as words."""

    def __init__(self, sandbox: Sandbox, accounts: list[str], **options: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM.format(accounts=accounts, options=options)],
            env=sandbox.environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.line() == ["ready"]

    def line(self) -> list[str]:
        assert self.process.stdout is not None
        return self.process.stdout.readline().split()

    def interrupt(self) -> float:
        """Sends Ctrl-C; how long it took until Python saw it, in seconds."""
        sent = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        seen, at = self.line()
        assert seen == "seen"
        return float(at) - sent

    def end(self) -> int:
        assert self.process.stdout is not None
        self.process.stdout.close()
        return self.process.wait(timeout=10)


def test_it_is_seen_within_a_tenth_of_a_second_and_a_second_one_ends_the_drain(
    sandbox: Sandbox,
) -> None:
    sandbox.fail({"Silence": {}})
    program = Program(sandbox, sandbox.accounts(), drain_ms=60_000)
    sandbox.wait_for_requests(1)
    assert program.interrupt() < 0.1
    second = time.monotonic()
    assert program.interrupt() < 0.1
    word, at, applied, unknown = program.line()
    assert (word, applied, unknown) == ("interrupted", "0", "30")
    assert float(at) - second < 0.3
    assert program.end() == 5


def test_the_first_one_lets_requests_in_flight_end(sandbox: Sandbox) -> None:
    sandbox.fail({"DelayedEffect": {"ms": 400}})
    program = Program(sandbox, sandbox.accounts(), batch_size=10, concurrency=1)
    sandbox.wait_for_requests(1)
    assert program.interrupt() < 0.1
    word, _, applied, unknown = program.line()
    assert (word, applied, unknown) == ("interrupted", "10", "0")
    assert program.end() == 5
    assert len(sandbox.requests()) == 1


def test_it_is_seen_while_waiting_for_quota(sandbox: Sandbox) -> None:
    sandbox.fail({"TooMany": {"retry_after": 100}})
    program = Program(sandbox, sandbox.accounts())
    sandbox.wait_for_requests(1)
    assert program.interrupt() < 0.1
    assert program.line()[0] == "interrupted"
    assert program.end() == 5
