"""The client for asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from hwm import _callbacks, _hwm
from hwm._accounts import entries
from hwm._client import Client
from hwm._errors import Error
from hwm._event_loop import (
    ProgressInLoop,
    Question,
    TokenSourceInLoop,
    gathered,
    in_thread,
    let_end,
    unless_ending,
)
from hwm._report import Report

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self, Unpack

    from hwm._event_loop import Token
    from hwm.types import (
        Accounts,
        AsyncTokenSource,
        CallOptions,
        ClientOptions,
        OnProgress,
        Status,
    )


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
        hwm.WrongType: token cannot be called.
        hwm.Io: as in Client.
    """

    def __init__(
        self, *, token: AsyncTokenSource | None = None, **options: Unpack[ClientOptions]
    ) -> None:
        source = TokenSourceInLoop(token) if token is not None else None
        self._client = Client(token=source, **options)

    @classmethod
    def from_env(
        cls, *, token: AsyncTokenSource | None = None, **options: Unpack[ClientOptions]
    ) -> Self:
        """A client whose options come from the environment; as Client.from_env.

        Args:
            token: as in AsyncClient.
            **options: as in Client.from_env.

        Returns:
            The client.

        Raises:
            hwm.InvalidOption: as in Client.
            hwm.WrongType: token cannot be called.
            hwm.Io: as in Client.
        """
        source = TokenSourceInLoop(token) if token is not None else None
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
            OSError: as in Client.set_status.
            asyncio.CancelledError: the task was cancelled; its attribute report is the report, or
                None when the call ended while the list was read.
        """
        progress = ProgressInLoop(on_progress)
        handle = _hwm.Cancel() if cancel is None else cancel
        questions: list[Question] = []
        report: Report | None
        try:
            native = self._client._native  # pyright: ignore[reportPrivateUsage]
            call = _hwm.Call(native, status, dict(overrides), handle)
            if isinstance(accounts, AsyncIterable):
                accounts = await unless_ending(call, gathered(accounts))
            call.collect(entries(accounts))
            report = await in_thread(lambda: self._run(call, progress, questions), handle.trigger)
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
            await let_end([task for question in questions for task in question.tasks])
            _callbacks.close(on_progress)
        if progress.raised is not None:
            with suppress(AttributeError, TypeError):
                progress.raised.report = report  # type: ignore[attr-defined]
            raise progress.raised
        return cast("Report", report)

    def _run(self, call: _hwm.Call, progress: ProgressInLoop, questions: list[Question]) -> Report:
        """Runs a call, in a thread of its own."""

        def ask(source: AsyncTokenSource) -> Token:
            questions.append(Question(progress.loop, call))
            return questions[-1].ask(source)

        TokenSourceInLoop.of_thread.ask = ask
        callback = progress.callback
        return call.run(
            None if callback is None else lambda seen: progress.tell(callback, seen), Report
        )

    async def close(self) -> None:
        """Ends the client; as Client.close.

        Raises:
            hwm.Error: as in Client.close.
        """
        await in_thread(self._client.close, lambda: None)

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
