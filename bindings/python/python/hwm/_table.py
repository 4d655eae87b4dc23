"""Reports as tables."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hwm._report import Report

COLUMNS = (
    "index",
    "account",
    "outcome",
    "http_status",
    "service_code",
    "message",
    "request_id",
    "attempts",
    "time_ms",
    "isolated",
    "from_journal",
)


def csv_of(report: Report) -> str:
    """The report's accounts as CSV, with a header line."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for outcome in report:
        fields: dict[str, Any] = outcome.to_dict()
        fields["isolated"] = "true" if outcome.isolated else "false"
        fields["from_journal"] = "true" if outcome.from_journal else "false"
        writer.writerow(fields)
    return text.getvalue()


def frame_of(report: Report) -> Any:  # noqa: ANN401
    """The report's accounts as a pandas.DataFrame."""
    try:
        import pandas
    except ImportError as error:
        raise ImportError("to_pandas needs pandas: pip install pandas") from error
    return pandas.DataFrame(report.to_dicts(), columns=list(COLUMNS))
