"""The client for asyncio."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import AsyncIterable
from typing import TYPE_CHECKING, Any, Callable, TypeVar, Union

from hwm import _hwm
from hwm._accounts import entries
from hwm._client import Client

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


class AsyncClient:
    """A client of the service for asyncio: as Client, with methods to await.

    The event loop runs on during a call; callbacks run in it. A task that is cancelled cancels its
    call: requests in flight are given drain_ms to end, a second cancel ends that. Only then does
    the await end, with asyncio.CancelledError, whose attribute report tells what became of every
    account. (Look at it where the call is awaited: before Python 3.11, whoever awaits the cancelled
    task gets another exception.)

    >>> async def disable(accounts):
    ...     async with AsyncClient(endpoint="http://127.0.0.1:1", access_token="…") as client:
    ...         return await client.set_status("disabled", accounts, dry_run=True)
    >>> asyncio.run(disable(["test010"])).ok
    True

    Args:
        token: as in Client; it may be a coroutine function. It is called in the event loop.
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
            accounts: as in Client.set_status, or an asynchronous iterable of str.
            on_progress: as in Client.set_status, but called in the event loop, and its result
                counts for nothing.
            cancel: as in Client.set_status.
            **overrides: as in Client.set_status.

        Returns:
            The report, as in Client.set_status.

        Raises:
            hwm.Error: as in Client.set_status.
        """
        given: Any = accounts
        if isinstance(accounts, AsyncIterable):
            listed = [account async for account in given]
        else:
            listed = list(entries(given))
        handle = _hwm.Cancel() if cancel is None else cancel
        loop = asyncio.get_running_loop()
        notify = None if on_progress is None else _in_loop(loop, on_progress)

        def call() -> Report:
            _LoopTokenSource.loop_of_thread.loop = loop
            return self._client.set_status(
                status, listed, on_progress=notify, cancel=handle, **overrides
            )

        try:
            return await _in_thread(call, handle.trigger)
        finally:
            close = getattr(on_progress, "close", None)
            if close is not None:
                close()

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

    loop_of_thread = threading.local()

    def __init__(self, source: AsyncTokenSource) -> None:
        self._source = source

    def __call__(self) -> Token:
        loop: asyncio.AbstractEventLoop = self.loop_of_thread.loop
        return asyncio.run_coroutine_threadsafe(self._ask(), loop).result()

    async def _ask(self) -> Token:
        answer = self._source()
        return await answer if inspect.isawaitable(answer) else answer


def _in_loop(
    loop: asyncio.AbstractEventLoop, callback: OnProgress
) -> Callable[[_hwm.Progress], None]:
    def notify(progress: _hwm.Progress) -> None:
        loop.call_soon_threadsafe(callback, progress)

    return notify


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

    threading.Thread(target=run, name="hwm-call").start()
    cancelled: asyncio.CancelledError | None = None
    while not ended.done():
        try:
            await asyncio.shield(ended)
        except asyncio.CancelledError as error:
            cancelled = error
            on_cancel()
    if cancelled is not None:
        known = results[0] if results else getattr(failures[0], "report", None)
        cancelled.report = known  # type: ignore[attr-defined]
        raise cancelled
    if failures:
        raise failures[0]
    return results[0]


def _settle(ended: asyncio.Future[None]) -> None:
    if not ended.done():
        ended.set_result(None)
