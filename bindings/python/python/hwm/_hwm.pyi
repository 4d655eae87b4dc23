from collections.abc import Callable, Iterable
from dataclasses import Field
from typing import Any, ClassVar, final

from hwm._report import Report as _Report
from hwm.types import OptionRow, OutcomeName, TokenSource

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

VERSION: str

def option_table() -> list[OptionRow]: ...
def before_fork() -> None: ...
def after_fork(in_child: bool) -> None: ...

@final
class Call:
    def collect(self, accounts: Iterable[object]) -> None: ...
    def check(self) -> None: ...
    @property
    def is_ending(self) -> bool: ...
    def run(self, on_progress: Callable[[Progress], object] | None) -> _Report: ...

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

class Withdrawn(Exception): ...

@final
class Client:
    def __new__(
        cls, keywords: dict[str, object], token: TokenSource | None, from_env: bool
    ) -> Client: ...
    def begin(
        self, status: object, overrides: dict[str, object], cancel: Cancel | None
    ) -> Call: ...
    def close(self) -> None: ...
    @property
    def shown(self) -> str: ...

@final
class Outcome:
    """What became of one account; an entry of a report.

    A value: it compares, hashes, pickles, and is a dataclass to `dataclasses`, pandas and Polars.
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
        """Accounts with a final outcome."""
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
        """Status requests sent so far, retries among them."""
    @property
    def retries(self) -> int:
        """How many of those were tries after the first."""
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
    def __len__(self) -> int: ...
    def entry(self, position: int) -> Outcome: ...
    def position(self, account: str) -> int | None: ...
    def positions(self, outcome: OutcomeName) -> list[int]: ...
    def counts(self) -> list[tuple[OutcomeName, int]]: ...
    @property
    def status(self) -> int: ...
    @property
    def account_type(self) -> str: ...
    @property
    def dry_run(self) -> bool: ...
    @property
    def requests(self) -> int: ...
    @property
    def retries(self) -> int: ...
    @property
    def elapsed_ms(self) -> int: ...
    @property
    def refusals_not_reproduced(self) -> int: ...
    @property
    def from_journal_count(self) -> int: ...
    @property
    def from_journal_oldest_ms(self) -> int: ...
    @property
    def plan(self) -> tuple[int, int, int, int]: ...
    @property
    def summary(self) -> str: ...
    def to_json(self) -> str: ...
