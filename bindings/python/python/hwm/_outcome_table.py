"""Outcomes as a table: CSV, or a DataFrame of pandas."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from hwm._outcome_fields import FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hwm._hwm import Outcome

COLUMNS = tuple(FIELDS)


def csv_of(outcomes: Iterable[Outcome]) -> str:
    """CSV with a header line, then one line an outcome."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for outcome in outcomes:
        fields = outcome.to_dict()
        # As JSON and the command write them.
        writer.writerow(
            str(value).lower() if isinstance(value, bool) else value for value in fields.values()
        )
    return text.getvalue()


def frame_of(outcomes: Iterable[Outcome]) -> Any:
    """A pandas.DataFrame with one row an outcome.

    Raises:
        ImportError: pandas is not installed.
    """
    try:
        import pandas
    except ImportError as error:
        raise ImportError("to_pandas needs pandas: pip install pandas") from error
    rows = [outcome.to_dict() for outcome in outcomes]
    return pandas.DataFrame(rows, columns=list(COLUMNS))
