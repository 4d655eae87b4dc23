"""Reports as tables."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from hwm._outcome_fields import FIELDS

if TYPE_CHECKING:
    from hwm._report import Report

COLUMNS = tuple(FIELDS)


def csv_of(report: Report) -> str:
    """The report's accounts as CSV, with a header line."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for outcome in report:
        fields = outcome.to_dict()
        # As JSON and the command write them.
        writer.writerow(
            str(value).lower() if isinstance(value, bool) else value for value in fields.values()
        )
    return text.getvalue()


def frame_of(report: Report) -> Any:
    """The report's accounts as a pandas.DataFrame."""
    try:
        import pandas
    except ImportError as error:
        raise ImportError("to_pandas needs pandas: pip install pandas") from error
    return pandas.DataFrame(report.to_dicts(), columns=list(COLUMNS))
