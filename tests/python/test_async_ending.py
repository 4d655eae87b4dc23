"""What ends a call in asyncio ends it soon, leaves nothing running, and leads to its report."""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any, Callable

import pytest

import hwm
from sandbox import Sandbox

#: asyncio.timeout and asyncio.TaskGroup, from Python 3.11 on.
timeout: Any = getattr(asyncio, "timeout", None)
task_group: Any = getattr(asyncio, "TaskGroup", None)


class Vault:
    """A source of tokens that does not answer before it is told to."""

    def __init__(self, token: str, stubborn: bool = False) -> None:
        self.token = token
        self.asked = asyncio.Event()
        self.opened = asyncio.Event()
        self.events: list[str] = []
        self.stubborn = stubborn

    async def __call__(self) -> str:
        self.events.append("asked")
        self.asked.set()
        try:
            await self.opened.wait()
        except asyncio.CancelledError:
            self.events.append("cancelled")
            if self.stubborn:
                await self.opened.wait()
            raise
        return self.token


def by_deadline(task: asyncio.Task[Any], cancel: hwm.Cancel) -> None:
    """The call's own deadline does it."""


def by_cancel(task: asyncio.Task[Any], cancel: hwm.Cancel) -> None:
    cancel.trigger()


def by_task(task: asyncio.Task[Any], cancel: hwm.Cancel) -> None:
    task.cancel()


ENDS = [
    (by_deadline, hwm.Timeout),
    (by_cancel, hwm.Cancelled),
    (by_task, asyncio.CancelledError),
]


@pytest.fixture(autouse=True)
def nothing_is_left_running() -> Iterator[None]:
    yield
    assert [thread.name for thread in threading.enumerate() if thread.name == "hwm-call"] == []


async def raised_by(task: asyncio.Task[Any]) -> tuple[BaseException, float]:
    """What the task ends with, and after how many seconds."""
    started = time.monotonic()
    await asyncio.wait([task], timeout=10)
    assert task.done(), "it hangs"
    try:
        await task
    except (asyncio.CancelledError, Exception) as error:
        return error, time.monotonic() - started
    raise AssertionError("it ended well")


@pytest.mark.parametrize(("end", "expected"), ENDS)
@pytest.mark.parametrize("times", [1, 2])
def test_a_call_ends_while_its_token_source_does_not_answer(
    sandbox: Sandbox,
    end: Callable[[asyncio.Task[Any], hwm.Cancel], None],
    expected: type[BaseException],
    times: int,
) -> None:
    accounts = sandbox.accounts()

    async def main() -> None:
        vault, cancel = Vault(sandbox.token), hwm.Cancel()
        deadline = 200 if end is by_deadline else None
        client = hwm.AsyncClient(**sandbox.place(), token=vault)
        call = client.set_status("disabled", accounts, cancel=cancel, deadline_ms=deadline)
        task = asyncio.create_task(call)
        await vault.asked.wait()
        for _ in range(times):
            end(task, cancel)
            await asyncio.sleep(0)
        error, seconds = await raised_by(task)
        assert isinstance(error, expected)
        assert seconds < 1
        assert vault.events == ["asked", "cancelled"]
        assert asyncio.all_tasks() == {asyncio.current_task()}
        report = hwm.report_of(error)
        assert report is not None and report.counts["not_attempted"] == 30
        await client.close()

    asyncio.run(main())
    assert sandbox.requests() == []


def test_a_token_source_that_resists_its_cancel_holds_no_call_up(sandbox: Sandbox) -> None:
    async def main() -> None:
        vault = Vault(sandbox.token, stubborn=True)
        client = hwm.AsyncClient(**sandbox.place(), token=vault)
        task = asyncio.create_task(client.set_status("disabled", ["a"], deadline_ms=100))
        error, seconds = await raised_by(task)
        assert isinstance(error, hwm.Timeout)
        assert seconds < 1
        vault.opened.set()

    asyncio.run(main())


def test_a_call_that_ends_while_it_asks_for_a_token_fails_no_other(sandbox: Sandbox) -> None:
    accounts = sandbox.accounts()

    async def main() -> None:
        vault = Vault(sandbox.token)
        async with hwm.AsyncClient(**sandbox.place(), token=vault) as client:
            first = asyncio.create_task(client.set_status("disabled", accounts[:10]))
            await vault.asked.wait()
            second = asyncio.create_task(client.set_status("disabled", accounts[10:]))
            vault.asked.clear()
            first.cancel()
            await vault.asked.wait()
            vault.opened.set()
            assert (await second).ok
            error, _ = await raised_by(first)
            assert isinstance(error, asyncio.CancelledError)

    asyncio.run(main())
    assert len(sandbox.requests()) == 1


def test_a_token_source_that_is_cancelled_by_itself_is_a_failure(sandbox: Sandbox) -> None:
    async def token() -> str:
        raise asyncio.CancelledError

    async def main() -> None:
        async with hwm.AsyncClient(**sandbox.place(), token=token) as client:
            with pytest.raises(hwm.Authentication) as caught:
                await client.set_status("disabled", ["a"])
        assert "the token source was cancelled" in str(caught.value.__cause__)

    asyncio.run(main())


@pytest.mark.parametrize(("end", "expected"), ENDS)
def test_a_call_ends_while_its_list_comes_asynchronously(
    sandbox: Sandbox,
    end: Callable[[asyncio.Task[Any], hwm.Cancel], None],
    expected: type[BaseException],
) -> None:
    async def main() -> None:
        reading = asyncio.Event()
        ended: list[str] = []

        async def directory() -> AsyncIterator[str]:
            try:
                yield "a"
                reading.set()
                await asyncio.Event().wait()
            finally:
                ended.append("directory")

        cancel = hwm.Cancel()
        async with hwm.AsyncClient(**sandbox.options()) as client:
            deadline = 200 if end is by_deadline else None
            call = client.set_status("disabled", directory(), cancel=cancel, deadline_ms=deadline)
            task = asyncio.create_task(call)
            await reading.wait()
            end(task, cancel)
            error, seconds = await raised_by(task)
        assert isinstance(error, expected)
        assert seconds < 1
        assert ended == ["directory"]
        assert hwm.report_of(error) is None
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())
    assert sandbox.requests() == []


async def within_timeout(call: Any) -> None:
    async with timeout(0.2):
        await call


async def within_wait_for(call: Any) -> None:
    await asyncio.wait_for(call, 0.2)


async def within_task_group(call: Any) -> None:
    async with task_group() as group:
        group.create_task(within_timeout(call))


@pytest.mark.parametrize("within", [within_timeout, within_wait_for, within_task_group])
@pytest.mark.skipif(timeout is None, reason="asyncio.timeout came with Python 3.11")
def test_the_report_is_reachable_from_what_a_timeout_of_asyncio_raises(
    sandbox: Sandbox, within: Callable[[Any], Any]
) -> None:
    sandbox.fail({"Silence": {}})

    async def main() -> None:
        async with hwm.AsyncClient(**sandbox.options(), drain_ms=0) as client:
            with pytest.raises(Exception) as caught:
                await within(client.set_status("disabled", sandbox.accounts()))
        report = hwm.report_of(caught.value)
        assert report is not None and report.counts["unknown"] == 30
        if not hasattr(caught.value, "exceptions"):
            assert isinstance(caught.value, TimeoutError)
            # CPython names the cause since 3.11.3; before, it is the context.
            cause: Any = caught.value.__cause__ or caught.value.__context__
            assert cause.report is report
            assert cause.__notes__ == [f"hwm: {report.summary()}"]

    asyncio.run(main())


def test_what_a_progress_callback_raises_comes_out_of_the_call_with_its_report(
    sandbox: Sandbox,
) -> None:
    sandbox.fail({"DelayedEffect": {"ms": 60}})

    def fail(progress: hwm.Progress) -> None:
        if progress.settled:
            raise LookupError("no display")

    complaints: list[Any] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: complaints.append(context))
        options = {**sandbox.options(), "batch_size": 1, "concurrency": 1}
        async with hwm.AsyncClient(**options) as client:
            with pytest.raises(LookupError, match="no display") as caught:
                await client.set_status("disabled", sandbox.accounts(), on_progress=fail)
        report = hwm.report_of(caught.value)
        assert report is not None and 1 <= report.counts["applied"] < 30
        assert all(sandbox.statuses()[account] == 1 for account in report.applied.accounts)

    asyncio.run(main())
    assert complaints == []


def test_a_progress_callback_that_fails_at_the_last_is_heard_too(sandbox: Sandbox) -> None:
    def fail(progress: hwm.Progress) -> None:
        if progress.settled == 30:
            raise LookupError("no display")

    async def main() -> None:
        async with hwm.AsyncClient(**sandbox.options()) as client:
            with pytest.raises(LookupError) as caught:
                await client.set_status("disabled", sandbox.accounts(), on_progress=fail)
        report = hwm.report_of(caught.value)
        assert report is not None and report.ok

    asyncio.run(main())


def test_a_progress_callback_that_says_false_cancels_the_call(sandbox: Sandbox) -> None:
    sandbox.fail({"DelayedEffect": {"ms": 60}})

    async def main() -> None:
        options = {**sandbox.options(), "batch_size": 1, "concurrency": 1}
        async with hwm.AsyncClient(**options) as client:
            with pytest.raises(hwm.Cancelled) as caught:
                await client.set_status(
                    "disabled", sandbox.accounts(), on_progress=lambda seen: seen.settled < 3
                )
        assert caught.value.report is not None
        assert 3 <= caught.value.report.counts["applied"] < 30

    asyncio.run(main())


def test_a_coroutine_as_progress_callback_is_refused(sandbox: Sandbox) -> None:
    async def send(progress: hwm.Progress) -> None:
        raise AssertionError("nobody awaits this")

    async def main() -> None:
        async with hwm.AsyncClient(**sandbox.options()) as client:
            with pytest.raises(TypeError, match="on_progress is a coroutine function"):
                await client.set_status("disabled", sandbox.accounts(), on_progress=send)
            assert sandbox.requests() == []
            with pytest.raises(TypeError, match="returned a coroutine") as caught:
                await client.set_status(
                    "disabled", sandbox.accounts(), on_progress=lambda seen: send(seen)
                )
        assert hwm.report_of(caught.value) is not None
        with pytest.raises(TypeError, match="token is of type int"):
            hwm.AsyncClient(token=7)  # type: ignore[arg-type]

    asyncio.run(main())


def test_callbacks_see_the_context_of_the_call(sandbox: Sandbox) -> None:
    job: contextvars.ContextVar[str] = contextvars.ContextVar("job")
    seen: set[str] = set()

    async def token() -> str:
        seen.add(job.get("none"))
        return sandbox.token

    async def main() -> None:
        job.set("nightly")
        async with hwm.AsyncClient(**sandbox.place(), token=token) as client:
            await client.set_status(
                "disabled", sandbox.accounts(), on_progress=lambda _: seen.add(job.get("none"))
            )

    asyncio.run(main())
    assert seen == {"nightly"}
