from collections.abc import Callable, Iterable
from dataclasses import Field
from typing import Any, ClassVar, TypeVar, final

from hwm._native_types import OptionRow, OutcomeName, TokenSource

__all__ = [
    "VERSION",
    "Call",
    "Cancel",
    "Client",
    "Outcome",
    "Progress",
    "Report",
    "Withdrawn",
    "after_fork",
    "before_fork",
    "option_table",
]

_R = TypeVar("_R")

VERSION: str
"""The version of the library, such as "0.1.0"."""

def option_table() -> list[OptionRow]:
    """The table of options: one dict a row."""

def before_fork() -> None:
    """For `os.register_at_fork`: takes the log's lock."""

def after_fork(in_child: bool) -> None:
    """For `os.register_at_fork`: gives the log's lock back; a child starts with an empty queue."""

@final
class Call:
    """One call of `hwm.Client` or `hwm.AsyncClient`: takes its accounts, and runs once.

    Its deadline counts from when it was made.

    Args:
        client: what the call is made with.
        status: "normal" or "disabled", 0 or 1, or a `hwm.UserStatus`.
        overrides: options of scope call by their names; None leaves one as the client has it.
        cancel: ends the call; None: nothing else does.

    Raises:
        hwm.InvalidArgument: another status.
        hwm.WrongType: a status of another type, such as a bool.
        hwm.InvalidOption: an override is unknown or badly valued.
    """

    def __new__(
        cls,
        client: Client,
        status: object,
        overrides: dict[str, object],
        cancel: Cancel | None,
    ) -> Call: ...
    def collect(self, accounts: Iterable[object]) -> None:
        """Takes the accounts of an iterable of `str`; `run` checks their text.

        Raises:
            hwm.WrongType: an item is no `str`.
            hwm.NoMemory: the list does not fit into memory.
            hwm.Timeout: the deadline passed while the list was read.
            hwm.Cancelled: the call was cancelled while the list was read.
            BaseException: what the iterable or a signal handler raised.
        """

    def check(self) -> None:
        """Fails when the call is to end, as long as it has no list that a report could tell about.

        Raises:
            hwm.Timeout: the deadline has passed.
            hwm.Cancelled: the call was cancelled.
        """

    @property
    def is_ending(self) -> bool:
        """Whether the call was cancelled, or its deadline has passed."""

    def run(
        self, on_progress: Callable[[Progress], object] | None, report: Callable[[Report], _R]
    ) -> _R:
        """Sets the status of what was collected.

        Args:
            on_progress: called with a `Progress` at most 20 times a second and once at the end, in
                the calling thread; False as its result cancels the call.
            report: makes the report that is returned, and that exceptions carry, of the native one.

        Returns:
            What `report` made.

        Raises:
            hwm.InvalidArgument: no accounts, or a bad one; the client is closed. Nothing was sent.
            hwm.InvalidOption: a bad override; a journal that is finished, or of another call.
            hwm.Error: by its class, what ended the call before every account was settled.
            BaseException: what on_progress or a signal handler raised; its attribute report is as
                that of a `hwm.Error`.
        """

@final
class Cancel:
    """Ends the calls it was given to, from any thread or callback.

    The first `trigger` starts no new request and gives those in flight `drain_ms` to end; a second
    one ends the call at once. It stays triggered until `reset`: a cancel that comes before the call
    cancels the call too. Ctrl-C during a call triggers the handle that the call was given.
    """

    def __new__(cls) -> Cancel: ...
    def trigger(self) -> None:
        """Cancels the calls that this handle was given to."""
    def reset(self) -> None:
        """Makes the handle fit for a next call."""
    @property
    def is_triggered(self) -> bool:
        """Whether it was triggered since the last reset."""

class Withdrawn(Exception):
    """Raised by a token callable whose call is about to end and needs no token any more.

    That is no failure: other calls that wait for the token ask themselves.
    """

@final
class Client:
    """A client held by the library; `hwm.Client` is the face of it.

    Args:
        keywords: options by their names; None leaves one unset.
        token: returns a token, or a token and the seconds that it is valid for from now.
        from_env: whether the environment gives the options that keywords leaves unset.

    Raises:
        hwm.InvalidOption: an option is unknown, badly valued, missing or in conflict with another.
        hwm.Io: the platform has no trusted roots, or a thread cannot be started.
    """

    def __new__(
        cls, keywords: dict[str, object], token: TokenSource | None, from_env: bool
    ) -> Client: ...
    def close(self) -> None:
        """Ends the client: no further calls. Logs out the tokens it fetched if `logout` is set.

        A second close does nothing.

        Raises:
            hwm.Error: by its class, why logging out failed.
            BaseException: what a signal handler raised; logging out goes on.
        """

    @property
    def shown(self) -> str:
        """The options without any secret, for a repr."""

@final
class Outcome:
    """What became of one account; an entry of a report.

    A value: it compares, hashes, pickles, and is a dataclass to `dataclasses`, pandas and Polars.
    Calls make them; a program may make one for its tests, with the attributes as arguments.

    Raises:
        TypeError: an argument is missing or of another type.
        OverflowError: a number is negative or too large.
        UnicodeEncodeError: a text that UTF-8 cannot hold.
    """

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    __match_args__: ClassVar[tuple[str, str, str]]

    def __new__(
        cls,
        index: int,
        account: str,
        outcome: OutcomeName,
        http_status: int = 0,
        service_code: str = "",
        message: str = "",
        request_id: str = "",
        attempts: int = 0,
        time_ms: int = 0,
        isolated: bool = False,
        from_journal: bool = False,
    ) -> Outcome: ...
    @property
    def index(self) -> int:
        """The position of the account's first mention in the list that the call was given."""
    @property
    def account(self) -> str:
        """The account."""
    @property
    def outcome(self) -> OutcomeName:
        """What became of it: "applied", "rejected", "unknown" or "not_attempted"."""
    @property
    def http_status(self) -> int:
        """HTTP status of the deciding answer; 0 when there was none."""
    @property
    def service_code(self) -> str:
        """Error code of the deciding answer; empty when there was none."""
    @property
    def message(self) -> str:
        """The service's message, or what went wrong on the way; empty when all went well."""
    @property
    def request_id(self) -> str:
        """Request id of the deciding answer, to quote to the vendor's support."""
    @property
    def attempts(self) -> int:
        """Requests that held the account in this call."""
    @property
    def time_ms(self) -> int:
        """When the deciding answer came, in milliseconds since 1970 UTC; 0: there was none."""
    @property
    def isolated(self) -> bool:
        """Whether the account was judged alone."""
    @property
    def from_journal(self) -> bool:
        """Whether the outcome was read from the journal of an earlier call."""
    @property
    def ok(self) -> bool:
        """Whether the account was applied."""
    def to_dict(self) -> dict[str, str | int | bool]:
        """The attributes as a dict, in their order."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Progress:
    """How far a running call has come: what a progress callback is given."""

    @property
    def total(self) -> int:
        """Distinct accounts of the call."""
    @property
    def settled(self) -> int:
        """Accounts with a final outcome: applied, rejected, or given up as unknown."""
    @property
    def applied(self) -> int:
        """Accounts applied so far."""
    @property
    def rejected(self) -> int:
        """Accounts rejected so far."""
    @property
    def unknown(self) -> int:
        """Accounts given up as unknown so far."""
    @property
    def requests(self) -> int:
        """Status requests sent so far, those still out and retries among them.

        A try that found no connection is none.
        """
    @property
    def retries(self) -> int:
        """How many of those that have ended were tries after the first."""
    @property
    def quota_wait_ms(self) -> int:
        """Milliseconds until the quota lets the next request go; 0: no waiting."""
    @property
    def elapsed_ms(self) -> int:
        """Milliseconds since the call began."""
    @property
    def remaining_ms(self) -> int | None:
        """Estimated milliseconds that are left; None while there is nothing to judge by."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class Report:
    """A report held by the library; `hwm.Report` is the face of it."""

    def __len__(self) -> int: ...
    def entry(self, position: int) -> Outcome:
        """What became of the account at `position`, from 0.

        Raises:
            IndexError: there is no such position.
        """
    def position(self, account: str) -> int | None:
        """The position of an account, if the report has it; blanks around it do not count.

        Raises:
            MemoryError: there is no memory to sort the accounts, at the first look.
        """
    def positions(self, outcome: OutcomeName) -> list[int]:
        """The positions of all accounts with this outcome.

        Raises:
            KeyError: there is no such outcome.
        """
    def counts(self) -> list[tuple[OutcomeName, int]]:
        """How many accounts have each outcome."""
    @property
    def status(self) -> int:
        """The status that was to be set: 0 is normal, 1 disabled."""
    @property
    def account_type(self) -> str:
        """What the accounts were taken for: "meeting" or "third_party"."""
    @property
    def dry_run(self) -> bool:
        """Whether nothing was to be sent."""
    @property
    def requests(self) -> int:
        """Status requests sent, retries among them; not a try that found no connection."""
    @property
    def retries(self) -> int:
        """How many of the requests were tries after the first."""
    @property
    def elapsed_ms(self) -> int:
        """How long the call took, in milliseconds."""
    @property
    def refusals_not_reproduced(self) -> int:
        """Refused batches of which every part passed afterwards: their size was the reason."""
    @property
    def from_journal_count(self) -> int:
        """Outcomes read from the journal of an earlier call, and not seen in this one."""
    @property
    def from_journal_oldest_ms(self) -> int:
        """When the oldest of these was decided, in Unix milliseconds; 0: there are none."""
    @property
    def plan(self) -> tuple[int, int, int, int]:
        """`(accounts, repeats, batches, estimated_ms)`."""
    @property
    def summary(self) -> str:
        """One line that says what happened."""
    def to_json(self) -> str:
        """The whole report as one JSON object.

        Raises:
            hwm.NoMemory: there is no memory for the text.
        """
