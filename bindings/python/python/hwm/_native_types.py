"""Types of what the native module takes and gives; hwm.types shows them to programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, TypedDict, Union

if TYPE_CHECKING:
    from typing_extensions import TypeAlias

OutcomeName: TypeAlias = Literal["applied", "rejected", "unknown", "not_attempted"]
"""What can become of an account."""

TokenSource: TypeAlias = Callable[[], Union[str, "tuple[str, int]"]]
"""Returns a token, or a token and the seconds that it is valid for from now."""


class OptionRow(TypedDict):
    """One row of the table of options."""

    name: str
    scope: Literal["client", "call"]
    default: str | None
    secret: bool
    from_env: bool
    takes: Literal["str", "int", "bool", "path"]
    doc: str
