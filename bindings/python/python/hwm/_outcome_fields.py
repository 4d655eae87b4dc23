"""The fields of an Outcome, the values of its field outcome, and what makes it a dataclass."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import dataclasses
    from typing import Any

    from hwm._native_types import OutcomeName

OUTCOMES: tuple[OutcomeName, ...] = ("applied", "rejected", "unknown", "not_attempted")

FIELDS: dict[str, type] = {
    "index": int,
    "account": str,
    "outcome": str,
    "http_status": int,
    "service_code": str,
    "message": str,
    "request_id": str,
    "attempts": int,
    "time_ms": int,
    "isolated": bool,
    "from_journal": bool,
}


def dataclass_fields() -> dict[str, dataclasses.Field[Any]]:
    """What Outcome has as __dataclass_fields__."""
    import dataclasses

    made = dataclasses.make_dataclass("Outcome", list(FIELDS.items()))
    return {field.name: field for field in dataclasses.fields(made)}
