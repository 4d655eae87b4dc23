"""What became of every account of a call."""

from __future__ import annotations

# collections.abc would import all of collections, which takes longer than the rest of hwm.
from _collections_abc import Sequence

from hwm._errors import Partial
from hwm._hwm import Outcome
from hwm._outcome_fields import OUTCOMES

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Iterator
    from typing import Any, Literal, Union, overload

    from hwm import _hwm
    from hwm._native_types import OutcomeName
    from hwm._report_from_json import ReportFromJson
    from hwm._status import UserStatus

    Source = Union[_hwm.Report, ReportFromJson]
else:

    def overload(function):
        return function


class Plan:
    """How a call's list was planned.

    Attributes:
        accounts: distinct accounts.
        repeats: mentions beyond the first; they are sent once.
        batches: requests that a run without refusals or retries needs.
        estimated_ms: estimated milliseconds under the quota that is known; 0 when none is.
    """

    __slots__ = ("accounts", "batches", "estimated_ms", "repeats")

    def __init__(self, accounts: int, repeats: int, batches: int, estimated_ms: int) -> None:
        self.accounts = accounts
        self.repeats = repeats
        self.batches = batches
        self.estimated_ms = estimated_ms

    def __repr__(self) -> str:
        return (
            f"Plan(accounts={self.accounts}, repeats={self.repeats}, "
            f"batches={self.batches}, estimated_ms={self.estimated_ms})"
        )


class Selection(Sequence[Outcome]):
    """Some entries of a report, in its order, made as they are looked at.

    As in a report, selection["name"] and "name" in selection look for an account, among these.
    """

    __slots__ = ("_positions", "_report")

    def __init__(self, report: Report, positions: Sequence[int]) -> None:
        self._report = report
        self._positions = positions

    @property
    def accounts(self) -> list[str]:
        """The accounts alone."""
        return [outcome.account for outcome in self]

    def __len__(self) -> int:
        return len(self._positions)

    @overload
    def __getitem__(self, index: int | str) -> Outcome: ...
    @overload
    def __getitem__(self, index: slice) -> Selection: ...  # noqa: F811
    def __getitem__(self, index: int | str | slice) -> Outcome | Selection:  # noqa: F811
        if isinstance(index, str):
            if index not in self:
                raise KeyError(f"none of these {len(self)} entries is of account {index!r}")
            return self._report[index]
        if isinstance(index, slice):
            return Selection(self._report, self._positions[index])
        return self._report[self._positions[index]]

    def __contains__(self, item: object) -> bool:
        if isinstance(item, str):
            return self._report.position(item) in self._positions
        return isinstance(item, Outcome) and item in iter(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Selection):
            return NotImplemented
        return list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = ", ".join(repr(outcome) for outcome in self[:5])
        more = f", … {len(self) - 5} more" if len(self) > 5 else ""
        return f"[{shown}{more}]"


class Report(Sequence[Outcome]):
    """The truth about every distinct account of one call, in the caller's order.

    A sequence of Outcome: report[0], len(report), for outcome in report; and report["name"] is what
    became of that account, "name" in report whether it was in the list. Blanks around a name do not
    count, as in the list. pandas.DataFrame(report) and polars.DataFrame(report) make a table of it,
    and dataclasses.asdict a dict of each Outcome. Calls make reports; they pickle, and stay
    readable when the client is closed.

    Attributes:
        ok: whether all is as it was asked for: every account applied, or it was a dry run.
        applied: the entries that the service answered 200 to. True at that time.
        rejected: the entries that the service refused when it was asked about them alone.
        unknown: the entries that the service may or may not have changed.
        not_attempted: the entries that the service never acted on in this call.
    """

    __slots__ = ("_counts", "_source")

    def __init__(self, source: Source) -> None:
        self._source = source
        self._counts: dict[OutcomeName, int] | None = None

    @property
    def ok(self) -> bool:
        """Whether every account was applied, or nothing was to be sent."""
        return self.dry_run or self.counts["applied"] == len(self)

    @property
    def applied(self) -> Selection:
        """The entries that the service answered 200 to. True at that time."""
        return self.having("applied")

    @property
    def rejected(self) -> Selection:
        """The entries that the service refused when it was asked about them alone."""
        return self.having("rejected")

    @property
    def unknown(self) -> Selection:
        """The entries that the service may or may not have changed."""
        return self.having("unknown")

    @property
    def not_attempted(self) -> Selection:
        """The entries that the service never acted on in this call."""
        return self.having("not_attempted")

    def having(self, outcome: OutcomeName) -> Selection:
        """The entries with this outcome.

        Raises:
            KeyError: there is no such outcome; a report out of a pickle has no such entries.
        """
        return Selection(self, self._source.positions(outcome))

    @property
    def failures(self) -> Selection:
        """The entries that were not applied, the rejected ones first."""
        positions: list[int] = []
        for outcome in OUTCOMES[1:]:
            positions += self._source.positions(outcome)
        return Selection(self, positions)

    @property
    def counts(self) -> dict[OutcomeName, int]:
        """How many accounts have each outcome."""
        if self._counts is None:
            self._counts = dict(self._source.counts())
        return dict(self._counts)

    @property
    def status(self) -> UserStatus:
        """The status that was to be set."""
        from hwm._status import UserStatus

        return UserStatus(self._source.status)

    @property
    def account_type(self) -> str:
        """What the accounts were taken for: "meeting" or "third_party"."""
        return self._source.account_type

    @property
    def dry_run(self) -> bool:
        """Whether nothing was to be sent."""
        return self._source.dry_run

    @property
    def plan(self) -> Plan:
        """How the list was planned."""
        return Plan(*self._source.plan)

    @property
    def requests(self) -> int:
        """Status requests sent, retries among them; a try that found no connection is none."""
        return self._source.requests

    @property
    def retries(self) -> int:
        """How many of the requests were tries after the first."""
        return self._source.retries

    @property
    def elapsed_ms(self) -> int:
        """How long the call took, in milliseconds."""
        return self._source.elapsed_ms

    @property
    def refusals_not_reproduced(self) -> int:
        """Refused batches of which every part passed afterwards: their size was the reason."""
        return self._source.refusals_not_reproduced

    @property
    def from_journal_count(self) -> int:
        """Outcomes read from the journal of an earlier call, and not seen in this one."""
        return self._source.from_journal_count

    @property
    def from_journal_oldest_ms(self) -> int:
        """When the oldest of these was decided, in Unix milliseconds; 0: there are none."""
        return self._source.from_journal_oldest_ms

    def summary(self) -> str:
        """One line that says what happened."""
        return self._source.summary

    def raise_for_failures(self) -> Report:
        """Returns the report itself if it is ok.

        Raises:
            hwm.Partial: an account was not applied; the report is its attribute.
        """
        if self.ok:
            return self
        first = self.failures[0]
        why = ", ".join(filter(None, (first.service_code, first.message)))
        raise Partial(
            f"{self.summary()}; first {first.outcome}: {first.account}{f' ({why})' if why else ''}",
            http_status=first.http_status or None,
            service_code=first.service_code or None,
            request_id=first.request_id or None,
            report=self,
        )

    def to_dicts(self) -> list[dict[str, Any]]:
        """One dict an account, with the attributes of Outcome."""
        return [outcome.to_dict() for outcome in self]

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str:
        """The whole report as one JSON object, written to the file at path if one is given.

        Args:
            path: where to write, in UTF-8; an existing file is replaced.

        Returns:
            The JSON, also when it was written.

        Raises:
            hwm.NoMemory: there is no memory for the text.
            OSError: the file cannot be written.
        """
        text = self._source.to_json()
        if path is not None:
            with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123
                file.write(text + "\n")
        return text

    def to_csv(self, path: str | os.PathLike[str] | None = None, *, encoding: str = "utf-8") -> str:
        """The accounts as CSV with a header line, written to the file at path if one is given.

        Args:
            path: where to write; an existing file is replaced.
            encoding: of the file; "utf-8-sig" for spreadsheets that would take it for something
                else otherwise.

        Returns:
            The CSV, also when it was written.

        Raises:
            OSError: the file cannot be written.
            LookupError: there is no such encoding.
            UnicodeEncodeError: a text that the encoding does not have.
        """
        from hwm import _outcome_table

        text = _outcome_table.csv_of(self)
        if path is not None:
            with open(path, "w", encoding=encoding, newline="") as file:  # noqa: PTH123
                file.write(text)
        return text

    def to_pandas(self) -> Any:
        """The accounts as a pandas.DataFrame, one row each.

        Raises:
            ImportError: pandas is not installed.
        """
        from hwm import _outcome_table

        return _outcome_table.frame_of(self)

    def position(self, account: str) -> int | None:
        """Where an account stands in the report, or None: it has no such account.

        Blanks around it do not count. Fast for many accounts, after the first look.

        Raises:
            MemoryError: there is no memory for the first look.
        """
        return self._source.position(account)

    def __len__(self) -> int:
        return len(self._source)

    @overload
    def __getitem__(self, index: int | str) -> Outcome: ...
    @overload
    def __getitem__(self, index: slice) -> Selection: ...  # noqa: F811
    def __getitem__(self, index: int | str | slice) -> Outcome | Selection:  # noqa: F811
        if isinstance(index, str):
            found = self.position(index)
            if found is None:
                raise KeyError(f"the report has no account {index!r}")
            return self._source.entry(found)
        every = range(len(self))
        if isinstance(index, slice):
            return Selection(self, every[index])
        try:
            position = every[index]
        except IndexError:
            raise IndexError(f"the report has {len(self)} entries, none at {index}") from None
        return self._source.entry(position)

    def __contains__(self, item: object) -> bool:
        if isinstance(item, str):
            return self.position(item) is not None
        return isinstance(item, Outcome) and item in iter(self)

    def __iter__(self) -> Iterator[Outcome]:
        return map(self._source.entry, range(len(self)))

    def __bool__(self) -> Literal[True]:
        # A report always covers accounts; whether they were applied is `ok`.
        return True

    def __reduce__(self) -> tuple[object, ...]:
        return (_from_json, (self.to_json(), self.summary()))

    def __repr__(self) -> str:
        return f"<hwm.Report: {self.summary()}>"

    def _repr_html_(self) -> str:
        from hwm import _notebook

        failures = () if self.dry_run else self.failures
        return _notebook.html_of(self.summary(), self.counts, failures)


def _from_json(text: str, summary: str) -> Report:
    """The report that was pickled."""
    from hwm._report_from_json import ReportFromJson

    return Report(ReportFromJson(text, summary))
