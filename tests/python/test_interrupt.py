"""Ctrl-C ends a call soon, twice at once, and the report is told all the same."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

from sandbox import Sandbox

# Says when it sees a signal, by the clock that all processes share, and then does as Python does.
PROGRAM = """
import itertools, signal, sys, time
import hwm

def handler(number, frame):
    print("seen", time.monotonic(), flush=True)
    signal.default_int_handler(number, frame)

def endless():
    print("reading", flush=True)
    # Once begun, the items come without any Python code.
    return itertools.repeat("a")

signal.signal(signal.SIGINT, handler)
client = hwm.Client.from_env()
print("ready", flush=True)
try:
    {body}
except KeyboardInterrupt as interrupt:
    print("interrupted", time.monotonic(), flush=True)
    report = getattr(interrupt, "report", None)
    print(*(report.counts.values() if report else ()), flush=True)
    sys.exit(5)
"""


class Program:
    """The program at work; lines of its output as words."""

    def __init__(self, sandbox: Sandbox, body: str, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM.format(body=body)],
            env={**sandbox.environment(), **environment},
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

    def end(self) -> tuple[float, list[int]]:
        """When it was interrupted, and the counts of the report; none if there is no report."""
        assert self.process.stdout is not None
        with self.process.stdout as rest:
            interrupted, counts = rest.read().splitlines()
        word, at = interrupted.split()
        assert (word, self.process.wait(timeout=10)) == ("interrupted", 5)
        return float(at), [int(count) for count in counts.split()]


def setting(sandbox: Sandbox, options: str = "") -> str:
    return f'client.set_status("disabled", {sandbox.accounts()!r}, {options})'


def test_it_is_seen_within_a_tenth_of_a_second_and_a_second_one_ends_the_drain(
    sandbox: Sandbox,
) -> None:
    sandbox.fail({"Silence": {}})
    program = Program(sandbox, setting(sandbox, "drain_ms=60_000"))
    sandbox.wait_for_requests(1)
    assert program.interrupt() < 0.1
    second = time.monotonic()
    assert program.interrupt() < 0.1
    ended, counts = program.end()
    assert ended - second < 0.3
    assert counts == [0, 0, 30, 0]


def test_the_first_one_lets_requests_in_flight_end(sandbox: Sandbox) -> None:
    sandbox.fail({"DelayedEffect": {"ms": 400}})
    program = Program(sandbox, setting(sandbox, "batch_size=10, concurrency=1"))
    sandbox.wait_for_requests(1)
    assert program.interrupt() < 0.1
    assert program.end()[1] == [10, 0, 0, 20]
    assert len(sandbox.requests()) == 1


def test_it_is_seen_while_waiting_for_quota(sandbox: Sandbox) -> None:
    sandbox.fail({"TooMany": {"retry_after": 100}})
    program = Program(sandbox, setting(sandbox))
    sandbox.wait_for_requests(1)
    assert program.interrupt() < 0.1
    assert program.end()[1] == [0, 0, 0, 30]


def test_it_is_seen_while_an_endless_list_is_read(sandbox: Sandbox) -> None:
    program = Program(sandbox, 'client.set_status("disabled", endless())')
    assert program.line() == ["reading"]
    assert program.interrupt() < 0.1
    assert program.end()[1] == []
    assert sandbox.requests() == []


def test_it_is_seen_while_a_token_is_fetched(sandbox: Sandbox) -> None:
    sandbox.fail({"Silence": {}}, on="token")
    login = {"HWM_LOGIN": sandbox.login["account"], "HWM_PASSWORD": sandbox.login["password"]}
    program = Program(sandbox, setting(sandbox, "drain_ms=0"), HWM_ACCESS_TOKEN="", **login)
    sandbox.wait_for_requests(1)
    assert program.interrupt() < 0.1
    assert program.end()[1] == [0, 0, 0, 30]


def test_it_is_seen_while_a_token_is_logged_out(sandbox: Sandbox) -> None:
    sandbox.fail({"Silence": {}}, {"Requests": [2]}, on="token")
    login = {"HWM_LOGIN": sandbox.login["account"], "HWM_PASSWORD": sandbox.login["password"]}
    program = Program(
        sandbox,
        setting(sandbox) + "; client.close()",
        HWM_ACCESS_TOKEN="",
        HWM_LOGOUT="true",
        **login,
    )
    sandbox.wait_for_requests(3)
    sent = time.monotonic()
    assert program.interrupt() < 0.1
    assert program.end()[0] - sent < 0.3
