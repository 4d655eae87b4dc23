"""The client."""

from __future__ import annotations

from hwm import _callbacks, _hwm
from hwm._accounts import entries
from hwm._report import Report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

    from typing_extensions import Self, Unpack

    from hwm.types import (
        Accounts,
        CallOptions,
        ClientOptions,
        OnProgress,
        Status,
        TokenSource,
    )


class Client:
    """A client of the service: connections, tokens and pace, shared by all its calls.

    Any thread may call any method, also at the same time. A client that a fork carried into a child
    process works there too. Close it when no call is to follow, or use it in a with statement.

    >>> with Client(endpoint="http://127.0.0.1:1", access_token="…") as client:
    ...     report = client.set_status("disabled", ["test010", "test011"], dry_run=True)
    >>> report.summary()
    'dry run: 2 accounts would be set disabled in 1 request, nothing was sent'

    Args:
        token: called whenever a token is needed; returns one, or a tuple of one and the seconds
            that it is valid for. No other credential may be set beside it.
        **options: the options of the table, by their names; None leaves one unset. Those of scope
            call are the defaults of this client's calls.

    Raises:
        hwm.InvalidOption: an option is unknown, badly valued, missing or in conflict with another;
            ca_file cannot be read or holds no certificate.
        hwm.WrongType: token cannot be called, or is a coroutine function.
        hwm.Io: the platform has no trusted roots, or a thread cannot be started.
    """

    def __init__(
        self, *, token: TokenSource | None = None, **options: Unpack[ClientOptions]
    ) -> None:
        self._open(dict(options), token, from_env=False)

    @classmethod
    def from_env(
        cls, *, token: TokenSource | None = None, **options: Unpack[ClientOptions]
    ) -> Self:
        """A client whose options come from the environment: HWM_<KEY>, such as HWM_APP_ID.

        Such a client pickles: it reads the environment again where it wakes up.

        Args:
            token: as in Client.
            **options: options that go before the environment.

        Returns:
            The client.

        Raises:
            hwm.InvalidOption: as in Client.
            hwm.WrongType: as in Client.
            hwm.Io: as in Client.
        """
        client = cls.__new__(cls)
        client._open(dict(options), token, from_env=True)
        return client

    def _open(self, options: dict[str, Any], token: TokenSource | None, *, from_env: bool) -> None:
        source = None if token is None else _callbacks.token(token)
        self._native = _hwm.Client(options, source, from_env)
        self._from_env = from_env
        self._has_token_source = token is not None
        if from_env:
            self._given = {key: value for key, value in options.items() if value is not None}

    def set_status(
        self,
        status: Status,
        accounts: Accounts,
        *,
        on_progress: OnProgress | None = None,
        cancel: _hwm.Cancel | None = None,
        **overrides: Unpack[CallOptions],
    ) -> Report:
        """Puts every account into the status and tells what became of each.

        Ctrl-C cancels the call: requests in flight are given drain_ms to end, a second Ctrl-C ends
        that. KeyboardInterrupt is raised then, with the report as its attribute report (None if the
        list was still being read); so is an exception of on_progress. Other threads run during the
        call.

        Args:
            status: "normal" or "disabled", 0 or 1, or a UserStatus; no bool.
            accounts: any iterable of str, such as a list, a generator, or a column of pandas,
                Polars, NumPy or Arrow; or a file object or pathlib.Path with one account a line,
                of which blank lines are no accounts. Blanks around an account do not count. For
                "normal" the order is the priority. Repeats are sent once. A generator may use the
                client itself.
            on_progress: called with a Progress at most 20 times a second and once at the end, in
                the calling thread; False as its result cancels the call. If it has a method close,
                that is called when the call ends.
            cancel: ends the call from another thread.
            **overrides: options of scope call that differ from the client's; None: the client's.

        Returns:
            The report, whether all accounts were applied (report.ok) or not.

        Raises:
            hwm.InvalidArgument: no accounts, a bad account, a bad status, a closed client; nothing
                was sent.
            hwm.WrongType: as InvalidArgument and TypeError: a bool as status, an account that is
                no str, a coroutine function as on_progress.
            hwm.InvalidOption: a bad override; a journal that is of another call, or of a run that
                finished (journal_max_age_h lets one resume all the same). Nothing was sent.
            OSError: a file of accounts cannot be read. A failing journal is hwm.Io, an OSError too.
            hwm.Error: by its class, what ended the call before every account was settled. Its
                attribute report tells what became of every account all the same; it is None when
                the call ended while the list was read, by deadline_ms, cancel or want of memory.
        """
        notify = _callbacks.progress(on_progress)
        try:
            call = _hwm.Call(self._native, status, dict(overrides), cancel)
            call.collect(entries(accounts))
            return call.run(notify, Report)
        except KeyboardInterrupt as interrupt:
            if not hasattr(interrupt, "report"):
                # Before planning there is nothing to tell.
                interrupt.report = None  # type: ignore[attr-defined]
            raise
        finally:
            _callbacks.close(on_progress)

    def close(self) -> None:
        """Ends the client: no further calls. Logs out the tokens it fetched if logout is set.

        A second close does nothing. It takes five seconds at most. Ctrl-C ends the waiting, not the
        logging out.

        Raises:
            hwm.Error: by its class, why logging out failed.
        """
        self._native.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<hwm.{type(self).__name__} {self._native.shown}>"

    def __reduce__(self) -> tuple[object, ...]:
        why = self._why_not_pickled()
        if why is not None:
            raise TypeError(f"cannot pickle this hwm.{type(self).__name__}: {why}")
        return (_revive, (type(self), self._given))

    def _why_not_pickled(self) -> str | None:
        if not self._from_env:
            return (
                "secrets do not travel; only a client made by from_env does, "
                "and reads the environment again where it wakes up"
            )
        if self._has_token_source:
            return "its token callable would have to travel"
        secret = {row["name"] for row in _hwm.option_table() if row["secret"]}
        for key in self._given:
            if key in secret:
                return f"secrets do not travel, and {key} was given in the program"
        return None


def _revive(cls: type[Client], given: dict[str, Any]) -> Client:
    return cls.from_env(**given)
