"""Accounts in the many shapes that programs hold them in."""

from __future__ import annotations

from hwm._errors import InvalidArgument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from hwm.types import Accounts

_BOM = "\ufeff"


def entries(given: Accounts) -> Iterable[object]:
    r"""The accounts one by one; whether each of them is a good one is checked later.

    >>> list(entries(["a", "b"]))
    ['a', 'b']
    >>> import io
    >>> list(entries(io.StringIO("a\r\n\nb\n")))
    ['a', 'b']
    """
    accounts: Any = given
    if isinstance(accounts, (str, bytes, bytearray)):
        raise InvalidArgument(
            f"accounts is one {type(accounts).__name__}, whose letters would count as accounts; "
            "pass a list such as [account], or a pathlib.Path to read a file"
        )
    if hasattr(accounts, "__fspath__"):
        return _lines_of_file(accounts)
    if hasattr(accounts, "readline"):
        return _lines(accounts)
    if hasattr(accounts, "columns") or hasattr(accounts, "column_names"):
        raise InvalidArgument(
            f"accounts is a {type(accounts).__name__} with columns; pass the column that holds them"
        )
    if hasattr(accounts, "to_pylist"):
        # An Arrow array, whose items are scalars of its own.
        column: list[object] = accounts.to_pylist()
        return column
    if not hasattr(accounts, "__iter__"):
        raise InvalidArgument(
            f"accounts is of type {type(accounts).__name__}; "
            "pass an iterable of str, a file object or a pathlib.Path"
        )
    items: Iterable[object] = accounts
    return items


def _lines_of_file(path: Any) -> Iterator[object]:
    with open(path, encoding="utf-8", errors="surrogateescape") as file:  # noqa: PTH123
        yield from _lines(file)


def _lines(file: Iterable[object]) -> Iterator[object]:
    """One account a line: without the line's end, a byte order mark, and blank lines."""
    first = True
    for line in file:
        if isinstance(line, (bytes, bytearray)):
            line = line.decode("utf-8", errors="surrogateescape")
        if not isinstance(line, str):
            yield line
            continue
        account = line.rstrip("\r\n")
        if first:
            account = account[1:] if account.startswith(_BOM) else account
            first = False
        if account.strip():
            yield account
