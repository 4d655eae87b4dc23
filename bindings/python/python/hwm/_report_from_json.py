"""The data of a report out of its JSON: what a report reads from that came out of a pickle."""

from __future__ import annotations

import json
from typing import Any, cast

from hwm._hwm import Outcome
from hwm._native_types import OutcomeName
from hwm._outcome_fields import OUTCOMES
from hwm._status import UserStatus


class ReportFromJson:
    """The same data under the same names as the native report."""

    def __init__(self, text: str, summary: str) -> None:
        head: dict[str, Any] = json.loads(text)
        self._text = text
        self._entries = [Outcome(**fields) for fields in head["accounts"]]
        self._by_account: dict[str, int] | None = None
        self._counts = cast("dict[OutcomeName, int]", head["counts"])
        plan = head["plan"]
        self.plan: tuple[int, int, int, int] = (
            plan["accounts"],
            plan["repeats"],
            plan["batches"],
            plan["estimated_ms"],
        )
        self.status: int = UserStatus[head["status"].upper()]
        self.account_type: str = head["account_type"]
        self.dry_run: bool = head["dry_run"]
        self.requests: int = head["requests"]
        self.retries: int = head["retries"]
        self.elapsed_ms: int = head["elapsed_ms"]
        self.refusals_not_reproduced: int = head["refusals_not_reproduced"]
        self.from_journal_count: int = head["from_journal_count"]
        self.from_journal_oldest_ms: int = head["from_journal_oldest_ms"]
        self.summary = summary

    def __len__(self) -> int:
        return len(self._entries)

    def entry(self, position: int) -> Outcome:
        """What became of the account at this position."""
        return self._entries[position]

    def position(self, account: str) -> int | None:
        """The position of an account, if the report has it; blanks around it do not count."""
        if self._by_account is None:
            self._by_account = {entry.account: at for at, entry in enumerate(self._entries)}
        return self._by_account.get(account.strip())

    def positions(self, outcome: OutcomeName) -> list[int]:
        """The positions of all accounts with this outcome."""
        return [at for at, entry in enumerate(self._entries) if entry.outcome == outcome]

    def counts(self) -> list[tuple[OutcomeName, int]]:
        """How many accounts have each outcome."""
        return [(outcome, self._counts[outcome]) for outcome in OUTCOMES]

    def to_json(self) -> str:
        """The JSON that the report was read from."""
        return self._text
