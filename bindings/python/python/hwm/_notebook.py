"""A report as notebooks show it: the counts as a bar, failures as a table."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hwm._hwm import Outcome
    from hwm._native_types import OutcomeName

_MOST_ROWS = 50

_HEAD = "".join(f"<th>{name}</th>" for name in ("account", "outcome", "code", "message", "request"))

# Colours that stay apart for eyes that see no red or green, on light and dark pages alike.
_COLOURS = {
    "applied": "#2a9d6f",
    "rejected": "#d1495b",
    "unknown": "#e0a030",
    "not_attempted": "#8a94a6",
}

_STYLE = """
.hwm-report{font:14px/1.45 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif;
max-width:60em;margin:.4em 0}
.hwm-report .head{font-weight:600;margin-bottom:.5em}
.hwm-report .bar{display:flex;gap:2px;height:12px;border-radius:6px;overflow:hidden}
.hwm-report .bar span{min-width:4px}
.hwm-report .legend{display:flex;flex-wrap:wrap;gap:.2em 1.4em;margin:.5em 0 .8em}
.hwm-report .dot{display:inline-block;width:.65em;height:.65em;border-radius:50%;margin-right:.45em}
.hwm-report .rows{max-height:28em;overflow:auto}
.hwm-report table{border-collapse:collapse;width:100%;font-size:13px}
.hwm-report th,.hwm-report td{text-align:left;vertical-align:top;padding:.3em .9em .3em 0;
border-bottom:1px solid rgba(128,128,128,.25);overflow-wrap:anywhere;background:none}
.hwm-report th{opacity:.65;font-weight:600;white-space:nowrap}
.hwm-report td.outcome{white-space:nowrap}
.hwm-report code{font-size:12px;background:none}
.hwm-report .note{opacity:.65;margin-top:.5em}
"""


def html_of(summary: str, counts: Mapping[OutcomeName, int], failures: Sequence[Outcome]) -> str:
    """HTML that stands alone: the summary, a bar of the counts by outcome, a table of failures."""
    counts = {name: count for name, count in counts.items() if count}
    bar = "".join(
        f'<span style="flex:{count};background:{_COLOURS[name]}"></span>'
        for name, count in counts.items()
    )
    legend = "".join(
        f"<span>{_dot(name)}{count:,} {_words(name)}</span>" for name, count in counts.items()
    )
    return (
        f'<div class="hwm-report"><style>{_STYLE}</style>'
        f'<div class="head">{escape(summary)}</div>'
        f'<div class="bar">{bar}</div><div class="legend">{legend}</div>'
        f"{_table(failures)}</div>"
    )


def _table(failures: Sequence[Outcome]) -> str:
    if not failures:
        return ""
    rows = "".join(_row(outcome) for outcome in failures[:_MOST_ROWS])
    left = len(failures) - _MOST_ROWS
    note = f'<div class="note">and {left:,} more</div>' if left > 0 else ""
    return (
        f'<div class="rows"><table><thead><tr>{_HEAD}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{note}"
    )


def _row(outcome: Outcome) -> str:
    code = outcome.service_code or (str(outcome.http_status) if outcome.http_status else "")
    return (
        f"<tr><td>{escape(outcome.account)}</td>"
        f'<td class="outcome">{_dot(outcome.outcome)}{_words(outcome.outcome)}</td>'
        f"<td><code>{escape(code)}</code></td><td>{escape(outcome.message)}</td>"
        f"<td><code>{escape(outcome.request_id)}</code></td></tr>"
    )


def _dot(outcome: str) -> str:
    return f'<i class="dot" style="background:{_COLOURS[outcome]}"></i>'


def _words(outcome: str) -> str:
    return outcome.replace("_", " ")
