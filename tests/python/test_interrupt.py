"""Ctrl-C ends a call soon, twice at once, and the report is told all the same."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Callable

import pytest

from sandbox import Sandbox

# Says when it sees a signal, by the clock that all processes share, and then does as Python does.
PROGRAM = """
import itertools, os, signal, sys, time
import hwm

def say(*words):
    # One write each: a handler may run in the middle of a print, and cannot print then.
    os.write(1, (" ".join(map(str, words)) + chr(10)).encode())

def handler(number, frame):
    say("seen", time.monotonic())
    signal.default_int_handler(number, frame)

def endless():
    say("reading")
    # Once begun, the items come without any Python code.
    return itertools.repeat("a")

def counting():
    say("reading")
    for number in itertools.count():
        yield f"user{{number}}"

def tell(progress):
    # Ctrl-C twice within the handler of the first would be one.
    global cancel
    if cancel is not None and cancel.is_triggered:
        cancel = None
        say("cancelled")

def pause(progress):
    if progress.requests and pauses:
        pauses.pop()
        say("pausing")
        signal.pause()

pauses = [1, 2]
signal.signal(signal.SIGINT, handler)
cancel = hwm.Cancel()
client = hwm.Client.from_env()
say("ready")
try:
    {body}
except KeyboardInterrupt as interrupt:
    say("interrupted", time.monotonic())
    report = getattr(interrupt, "report", None)
    say(*(report.counts.values() if report else ()))
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


Run = Callable[..., Program]


@pytest.fixture
def run() -> Iterator[Run]:
    """Starts the program; a test that fails leaves none behind."""
    started: list[Program] = []

    def start(sandbox: Sandbox, body: str, **environment: str) -> Program:
        started.append(Program(sandbox, body, **environment))
        return started[-1]

    yield start
    for program in started:
        program.process.kill()
        program.process.wait()


def setting(sandbox: Sandbox, options: str = "") -> str:
    return f'client.set_status("disabled", {sandbox.accounts()!r}, {options})'


def test_it_is_seen_within_a_tenth_of_a_second_and_a_second_one_ends_the_drain(
    sandbox: Sandbox, run: Run
) -> None:
    sandbox.fail({"Silence": {}})
    program = run(sandbox, setting(sandbox, "drain_ms=60_000, cancel=cancel, on_progress=tell"))
    sandbox.wait_for_requests(1)
    assert program.interrupt() < 0.1
    assert program.line() == ["cancelled"]
    second = time.monotonic()
    assert program.interrupt() < 0.1
    ended, counts = program.end()
    assert ended - second < 0.3
    assert counts == [0, 0, 30, 0]


def test_it_is_heard_while_a_callback_of_the_call_runs(sandbox: Sandbox, run: Run) -> None:
    sandbox.fail({"Silence": {}})
    program = run(sandbox, setting(sandbox, "drain_ms=60_000, on_progress=pause"))
    assert program.line() == ["pausing"]
    assert program.interrupt() < 0.1
    assert program.line() == ["pausing"]
    sent = time.monotonic()
    assert program.interrupt() < 0.1
    ended, counts = program.end()
    assert ended - sent < 0.5
    assert counts == [0, 0, 30, 0]


def test_the_first_one_lets_requests_in_flight_end(sandbox: Sandbox, run: Run) -> None:
    sandbox.fail({"DelayedEffect": {"ms": 400}})
    program = run(sandbox, setting(sandbox, "batch_size=10, concurrency=1"))
    sandbox.wait_for_requests(1)
    assert program.interrupt() < 0.1
    assert program.end()[1] == [10, 0, 0, 20]
    assert len(sandbox.requests()) == 1


def test_it_is_seen_while_waiting_for_quota(sandbox: Sandbox, run: Run) -> None:
    sandbox.fail({"TooMany": {"retry_after": 100}})
    program = run(sandbox, setting(sandbox))
    sandbox.wait_for_requests(1)
    assert program.interrupt() < 0.1
    assert program.end()[1] == [0, 0, 0, 30]


def test_it_is_seen_while_an_endless_list_is_read(sandbox: Sandbox, run: Run) -> None:
    program = run(sandbox, 'client.set_status("disabled", endless())')
    assert program.line() == ["reading"]
    assert program.interrupt() < 0.1
    assert program.end()[1] == []
    assert sandbox.requests() == []


def test_it_is_seen_while_a_generator_of_accounts_runs(sandbox: Sandbox, run: Run) -> None:
    program = run(sandbox, 'client.set_status("disabled", counting())')
    assert program.line() == ["reading"]
    assert program.interrupt() < 0.1
    assert program.end()[1] == []
    assert sandbox.requests() == []


def test_it_is_seen_while_a_token_is_fetched(sandbox: Sandbox, run: Run) -> None:
    sandbox.fail({"Silence": {}}, on="token")
    login = {"HWM_LOGIN": sandbox.login["account"], "HWM_PASSWORD": sandbox.login["password"]}
    program = run(sandbox, setting(sandbox, "drain_ms=0"), HWM_ACCESS_TOKEN="", **login)
    sandbox.wait_for_requests(1)
    assert program.interrupt() < 0.1
    assert program.end()[1] == [0, 0, 0, 30]


def test_it_is_seen_while_a_token_is_logged_out(sandbox: Sandbox, run: Run) -> None:
    sandbox.fail({"Silence": {}}, {"Requests": [2]}, on="token")
    login = {"HWM_LOGIN": sandbox.login["account"], "HWM_PASSWORD": sandbox.login["password"]}
    program = run(
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
