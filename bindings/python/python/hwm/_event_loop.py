"""What a call in a thread of its own has to do with the event loop that waits for it."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
from collections.abc import AsyncIterable, Coroutine
from typing import TYPE_CHECKING, Any, Callable, TypeVar, Union

from hwm import _callbacks, _hwm
from hwm._errors import WrongType

if TYPE_CHECKING:
    from hwm.types import AsyncTokenSource, OnProgress

T = TypeVar("T")
Token = Union[str, "tuple[str, int]"]

# Seconds between two looks of what waits for the event loop at whether its call is to end.
_LOOK_EVERY = 0.02
# Seconds that a cancelled coroutine has for its own ending.
_PATIENCE = 0.1


class TokenSourceInLoop:
    """A token source that the thread of a call asks in the event loop of that call."""

    of_thread = threading.local()

    def __init__(self, source: AsyncTokenSource) -> None:
        if not callable(source):
            raise WrongType(f"token is of type {type(source).__name__}, which cannot be called")
        self._source = source

    def __call__(self) -> Token:
        token: Token = self.of_thread.ask(self._source)
        return token


class Question:
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


class ProgressInLoop:
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


async def gathered(accounts: AsyncIterable[str]) -> list[str]:
    return [account async for account in accounts]


async def unless_ending(call: _hwm.Call, work: Coroutine[Any, Any, T]) -> T:
    """What the work brings; cancels it when the call is to end, and raises why."""
    task = asyncio.ensure_future(work)
    try:
        while not task.done():
            call.check()
            await asyncio.wait([task], timeout=_LOOK_EVERY)
        return task.result()
    finally:
        task.cancel()
        await let_end([task])


async def let_end(tasks: list[asyncio.Task[T]]) -> None:
    """Gives cancelled tasks a moment to clean up: no call waits for one that does not end."""
    left = [task for task in tasks if not task.done()]
    if left:
        await asyncio.wait(left, timeout=_PATIENCE)


async def in_thread(body: Callable[[], T], on_cancel: Callable[[], None]) -> T:
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
