"""Progress is told in the calling thread, up to the end, and may end the call."""

from __future__ import annotations

import functools
import io
import threading
from typing import Any

import pytest
import rich.console

import hwm
from conftest import StartSandbox
from sandbox import Sandbox


def test_the_last_progress_tells_the_whole_call(sandbox: Sandbox, client: hwm.Client) -> None:
    seen: list[hwm.Progress] = []
    threads: set[int] = set()

    def notice(progress: hwm.Progress) -> None:
        seen.append(progress)
        threads.add(threading.get_ident())

    report = client.set_status("disabled", [*sandbox.accounts(), "nobody"], on_progress=notice)
    last = seen[-1]
    assert (last.total, last.settled, last.applied, last.rejected) == (31, 31, 30, 1)
    assert last.requests == report.requests
    assert "31/31 settled, 30 applied, 1 rejected" in repr(last)
    assert threads == {threading.get_ident()}


def test_print_is_a_progress_callback(
    sandbox: Sandbox, client: hwm.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    client.set_status("disabled", sandbox.accounts(), on_progress=print)
    assert "30/30 settled" in capsys.readouterr().out.splitlines()[-1]


def test_false_cancels_the_call(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox(users=30, latency_ms=60)

    def enough(progress: hwm.Progress) -> bool:
        return progress.settled < 10

    with hwm.Client(**sandbox.options(), batch_size=1, concurrency=1) as client:
        with pytest.raises(hwm.Cancelled) as caught:
            client.set_status("disabled", sandbox.accounts(), on_progress=enough)
    assert caught.value.report is not None
    assert 10 <= caught.value.report.counts["applied"] < 30


def test_what_the_callback_raises_ends_the_call_and_carries_the_report(
    start_sandbox: StartSandbox,
) -> None:
    sandbox = start_sandbox(users=30, latency_ms=60)

    def fail(progress: hwm.Progress) -> None:
        if progress.settled >= 10:
            raise LookupError("no display")

    with hwm.Client(**sandbox.options(), batch_size=1, concurrency=1) as client:
        with pytest.raises(LookupError, match="no display") as caught:
            client.set_status("disabled", sandbox.accounts(), on_progress=fail)
    report: hwm.Report = caught.value.report  # type: ignore[attr-defined]
    statuses = sandbox.statuses()
    assert 10 <= report.counts["applied"] < 30
    assert all(statuses[account] == 1 for account in report.applied.accounts)


def test_a_call_from_its_own_callback_is_refused(sandbox: Sandbox, client: hwm.Client) -> None:
    refused: list[str] = []

    def call_again(progress: hwm.Progress) -> None:
        for again in (lambda: client.set_status("normal", ["a"]), client.close):
            with pytest.raises(hwm.InvalidArgument, match="callback") as caught:
                again()
            refused.append(str(caught.value))

    assert client.set_status("disabled", sandbox.accounts(), on_progress=call_again).ok
    assert refused


def test_other_threads_run_during_a_call(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox(users=1)
    sandbox.fail({"Silence": {}})
    cancel = hwm.Cancel()

    def cancel_when_it_hangs() -> None:
        sandbox.wait_for_requests(1)
        cancel.trigger()

    helper = threading.Thread(target=cancel_when_it_hangs)
    helper.start()
    with hwm.Client(**sandbox.options(), drain_ms=0) as client, pytest.raises(hwm.Cancelled):
        client.set_status("disabled", sandbox.accounts(), cancel=cancel)
    helper.join()


def test_tqdm_shows_the_call(sandbox: Sandbox, client: hwm.Client) -> None:
    shown = io.StringIO()
    bar = hwm.progress.tqdm(file=shown, desc="disabling")
    client.set_status("disabled", [*sandbox.accounts(), "nobody"], on_progress=bar)
    assert "disabling: 100%" in shown.getvalue()
    assert "31/31" in shown.getvalue() and "rejected=1" in shown.getvalue()
    client.set_status("normal", sandbox.accounts(), on_progress=bar)
    assert "30/30" in shown.getvalue()


def test_rich_shows_the_call(sandbox: Sandbox, client: hwm.Client) -> None:
    shown = io.StringIO()
    bar = hwm.progress.rich(console=rich.console.Console(file=shown, width=100))
    client.set_status("disabled", [*sandbox.accounts(), "nobody"], on_progress=bar)
    assert "31/31" in shown.getvalue() and "1 rejected" in shown.getvalue()


@pytest.mark.parametrize("failing", [False, True])
def test_a_callback_with_close_is_closed_when_the_call_ends(
    sandbox: Sandbox, client: hwm.Client, failing: bool
) -> None:
    events: list[Any] = []

    class Bar:
        def __call__(self, progress: hwm.Progress) -> None:
            events.append(progress.settled)

        def close(self) -> None:
            events.append("closed")

    if failing:
        sandbox.fail("Error500")
        with pytest.raises(hwm.Server):
            client.set_status("disabled", sandbox.accounts(), on_progress=Bar(), attempts=1)
    else:
        client.set_status("disabled", sandbox.accounts(), on_progress=Bar())
    assert events[-2:] == [30, "closed"]


async def send(progress: hwm.Progress) -> None:
    raise AssertionError("nobody awaits this")


class Sender:
    async def __call__(self, progress: hwm.Progress) -> None:
        await send(progress)

    async def send(self, progress: hwm.Progress) -> None:
        await send(progress)


COROUTINES = [send, Sender(), Sender().send, functools.partial(send), 7]


@pytest.mark.parametrize("callback", COROUTINES, ids=lambda one: type(one).__name__)
def test_what_would_never_run_is_refused_as_a_callback_before_anything_is_sent(
    sandbox: Sandbox, client: hwm.Client, callback: Any
) -> None:
    with pytest.raises(TypeError, match=r"on_progress is (a coroutine function|of type int)"):
        client.set_status("disabled", sandbox.accounts(), on_progress=callback)
    with pytest.raises(TypeError, match=r"token is (a coroutine function|of type int)"):
        hwm.Client(token=callback)
    assert sandbox.requests() == []


def test_a_coroutine_that_a_callback_returns_ends_the_call_and_is_closed(
    sandbox: Sandbox, client: hwm.Client
) -> None:
    with pytest.raises(TypeError, match="returned a coroutine") as caught:
        client.set_status("disabled", sandbox.accounts(), on_progress=lambda seen: send(seen))
    assert hwm.report_of(caught.value) is not None


def test_a_coroutine_that_a_token_callable_returns_is_the_cause(sandbox: Sandbox) -> None:
    async def token() -> str:
        return sandbox.token

    source: Any = lambda: token()  # noqa: E731
    with hwm.Client(**sandbox.place(), token=source) as client:
        with pytest.raises(hwm.Authentication) as caught:
            client.set_status("disabled", sandbox.accounts())
    assert "returned a coroutine" in str(caught.value.__cause__)
