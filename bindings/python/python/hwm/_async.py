"""The client for asyncio."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
from collections.abc import AsyncIterable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Callable, TypeVar, Union, cast

from hwm import _callbacks, _hwm
from hwm._accounts import entries
from hwm._client import Client
from hwm._errors import Error, WrongType

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self, Unpack

    from hwm._report import Report
    from hwm.types import (
        Accounts,
        AsyncTokenSource,
        CallOptions,
        ClientOptions,
        OnProgress,
        Status,
    )

T = TypeVar("T")
Token = Union[str, "tuple[str, int]"]

# Seconds between two looks of what waits for the event loop at whether its call is to end.
_LOOK_EVERY = 0.02
# Seconds that a cancelled coroutine has for its own ending.
_PATIENCE = 0.1


class AsyncClient:
    """A client of the service for asyncio: as Client, with methods to await.

    The event loop runs on during a call; callbacks run in it. A task that is cancelled cancels its
    call (and the handle that the call was given): requests in flight are given drain_ms to end, a
    second cancel ends that; a token source that is awaited is cancelled too. Only then does the
    await end, with asyncio.CancelledError, whose attribute report tells what became of every
    account. hwm.report_of finds it also on the TimeoutError that asyncio.timeout or
    asyncio.wait_for make of it:

        try:
            async with asyncio.timeout(60):
                report = await client.set_status("disabled", accounts)
        except TimeoutError as error:
            report = hwm.report_of(error)

    (Before Python 3.11, whoever awaits a cancelled task gets another exception: look at it where
    the call is awaited.)

    >>> async def disable(accounts):
    ...     async with AsyncClient(endpoint="http://127.0.0.1:1", access_token="…") as client:
    ...         return await client.set_status("disabled", accounts, dry_run=True)
    >>> asyncio.run(disable(["test010"])).ok
    True

    Args:
        token: as in Client; it may be a coroutine function, which is cancelled when the call that
            awaits it ends, by deadline_ms or a cancel. It is called in the event loop.
        **options: as in Client.

    Raises:
        hwm.InvalidOption: as in Client.
        hwm.Io: as in Client.
    """

    def __init__(
        self, *, token: AsyncTokenSource | None = None, **options: Unpack[ClientOptions]
    ) -> None:
        source = _LoopTokenSource(token) if token is not None else None
        self._client = Client(token=source, **options)

    @classmethod
    def from_env(
        cls, *, token: AsyncTokenSource | None = None, **options: Unpack[ClientOptions]
    ) -> Self:
        """A client whose options come from the environment; as Client.from_env."""
        source = _LoopTokenSource(token) if token is not None else None
        return cls._around(Client.from_env(token=source, **options))

    async def set_status(
        self,
        status: Status,
        accounts: Accounts | AsyncIterable[str],
        *,
        on_progress: OnProgress | None = None,
        cancel: _hwm.Cancel | None = None,
        **overrides: Unpack[CallOptions],
    ) -> Report:
        """Puts every account into the status and tells what became of each; as Client.set_status.

        Args:
            status: as in Client.set_status.
            accounts: as in Client.set_status, or an asynchronous iterable of str. What comes
                slowly should come asynchronously: any other iterable is read in the event loop.
            on_progress: as in Client.set_status, but called in the event loop, which a call does
                not wait for: a result of False is heeded 50 ms later. No coroutine function.
            cancel: as in Client.set_status.
            **overrides: as in Client.set_status.

        Returns:
            The report, as in Client.set_status.

        Raises:
            hwm.Error: as in Client.set_status.
        """
        progress = _LoopProgress(on_progress)
        handle = _hwm.Cancel() if cancel is None else cancel
        questions: list[_Question] = []
        report: Report | None
        try:
            native = self._client._native  # pyright: ignore[reportPrivateUsage]
            call = native.begin(status, dict(overrides), handle)
            if isinstance(accounts, AsyncIterable):
                accounts = await _unless_ending(call, _gathered(accounts))
            call.collect(entries(accounts))
            report = await _in_thread(lambda: self._run(call, progress, questions), handle.trigger)
        except (asyncio.CancelledError, KeyboardInterrupt) as ended:
            if not hasattr(ended, "report"):
                # Before planning there is nothing to tell.
                ended.report = None  # type: ignore[union-attr]
            raise
        except Error as error:
            if progress.raised is None:
                raise
            report = error.report
        finally:
            await _let_end([task for question in questions for task in question.tasks])
            _callbacks.close(on_progress)
        if progress.raised is not None:
            with suppress(AttributeError, TypeError):
                progress.raised.report = report  # type: ignore[attr-defined]
            raise progress.raised
        return cast("Report", report)

    def _run(self, call: _hwm.Call, progress: _LoopProgress, questions: list[_Question]) -> Report:
        """Runs a call, in a thread of its own."""

        def ask(source: AsyncTokenSource) -> Token:
            questions.append(_Question(progress.loop, call))
            return questions[-1].ask(source)

        _LoopTokenSource.of_thread.ask = ask
        callback = progress.callback
        return call.run(None if callback is None else lambda seen: progress.tell(callback, seen))

    async def close(self) -> None:
        """Ends the client; as Client.close."""
        await _in_thread(self._client.close, lambda: None)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return repr(self._client).replace("hwm.Client", "hwm.AsyncClient", 1)

    def __reduce__(self) -> tuple[object, ...]:
        return (self._around, (self._client,))

    @classmethod
    def _around(cls, inner: Client) -> Self:
        client = cls.__new__(cls)
        client._client = inner
        return client


class _LoopTokenSource:
    """A token source that the thread of a call asks in the event loop of that call."""

    of_thread = threading.local()

    def __init__(self, source: AsyncTokenSource) -> None:
        if not callable(source):
            raise WrongType(f"token is of type {type(source).__name__}, which cannot be called")
        self._source = source

    def __call__(self) -> Token:
        token: Token = self.of_thread.ask(self._source)
        return token


class _Question:
    """A question for a token, by the thread of a call to the event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, call: _hwm.Call) -> None:
        self.tasks: list[asyncio.Task[Token]] = []
        self._loop = loop
        self._call = call
        self._answered = threading.Event()

    def ask(self, source: AsyncTokenSource) -> Token:
        """Waits for the answer, or for the end of the call: then the source is cancelled."""
        self._loop.call_soon_threadsafe(self._start, source)
        while not self._answered.wait(_LOOK_EVERY):
            if self._call.is_ending:
                self._loop.call_soon_threadsafe(self._cancel)
                raise _hwm.Withdrawn
        if not self.tasks[0].cancelled():
            return self.tasks[0].result()
        if self._call.is_ending:
            raise _hwm.Withdrawn
        raise RuntimeError("the token source was cancelled")

    def _start(self, source: AsyncTokenSource) -> None:
        self.tasks.append(self._loop.create_task(_answer_of(source)))
        self.tasks[0].add_done_callback(self._end)

    def _end(self, task: asyncio.Task[Token]) -> None:
        # Looked at, so that asyncio does not complain when nobody waits for it any more.
        if not task.cancelled():
            task.exception()
        self._answered.set()

    def _cancel(self) -> None:
        self.tasks[0].cancel()


async def _answer_of(source: AsyncTokenSource) -> Token:
    answer = source()
    return await answer if inspect.isawaitable(answer) else answer


class _LoopProgress:
    """A progress callback that runs in the event loop, which the thread of the call tells."""

    def __init__(self, callback: OnProgress | None) -> None:
        self.callback = _callbacks.progress(callback)
        self.loop = asyncio.get_running_loop()
        self.raised: Exception | None = None
        self._goes_on = True

    def tell(self, callback: OnProgress, progress: _hwm.Progress) -> bool:
        """False when the callback has ended the call."""
        self.loop.call_soon_threadsafe(self._call, callback, progress)
        return self._goes_on

    def _call(self, callback: OnProgress, progress: _hwm.Progress) -> None:
        try:
            if callback(progress) is False:
                self._goes_on = False
        except Exception as raised:
            self.raised = self.raised or raised
            self._goes_on = False


async def _gathered(accounts: AsyncIterable[str]) -> list[str]:
    return [account async for account in accounts]


async def _unless_ending(call: _hwm.Call, work: Coroutine[Any, Any, T]) -> T:
    """What the work brings; cancels it when the call is to end, and raises why."""
    task = asyncio.ensure_future(work)
    try:
        while not task.done():
            call.check()
            await asyncio.wait([task], timeout=_LOOK_EVERY)
        return task.result()
    finally:
        task.cancel()
        await _let_end([task])


async def _let_end(tasks: list[asyncio.Task[T]]) -> None:
    """Gives cancelled tasks a moment to clean up: no call waits for one that does not end."""
    left = [task for task in tasks if not task.done()]
    if left:
        await asyncio.wait(left, timeout=_PATIENCE)


async def _in_thread(body: Callable[[], T], on_cancel: Callable[[], None]) -> T:
    """Runs body in a thread of its own. Does not return before it has ended, cancelled or not."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()
    results: list[T] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            results.append(body())
        except BaseException as failure:
            failures.append(failure)
        loop.call_soon_threadsafe(_settle, ended)

    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(run,), name="hwm-call").start()
    cancelled: asyncio.CancelledError | None = None
    while not ended.done():
        try:
            await asyncio.shield(ended)
        except asyncio.CancelledError as error:
            cancelled = error
            on_cancel()
    if cancelled is not None:
        known: Any = results[0] if results else getattr(failures[0], "report", None)
        cancelled.report = known  # type: ignore[attr-defined]
        # Python 3.11 has notes, which tracebacks show.
        add_note: Any = getattr(cancelled, "add_note", None)
        if known is not None and add_note is not None:
            add_note(f"hwm: {known.summary()}")
        raise cancelled
    if failures:
        raise failures[0]
    return results[0]


def _settle(ended: asyncio.Future[None]) -> None:
    if not ended.done():
        ended.set_result(None)
