"""Accounts come in whatever shape a program holds them in."""

from __future__ import annotations

import io
import pathlib
from collections.abc import Iterator
from typing import Any

import numpy
import pandas
import polars
import pyarrow
import pytest

import hwm

ACCOUNTS = ["test010", "张伟", "løvik"]


def listed(client: hwm.Client, accounts: Any) -> list[str]:
    report = client.set_status("normal", accounts, dry_run=True)
    return [outcome.account for outcome in report]


def generated() -> Iterator[str]:
    yield from ACCOUNTS


@pytest.mark.parametrize(
    "accounts",
    [
        ACCOUNTS,
        tuple(ACCOUNTS),
        dict.fromkeys(ACCOUNTS),
        generated(),
        map(str, ACCOUNTS),
        pandas.Series(ACCOUNTS),
        pandas.Series(ACCOUNTS, dtype="category"),
        pandas.DataFrame({"account": ACCOUNTS})["account"],
        pandas.Index(ACCOUNTS),
        polars.Series(ACCOUNTS),
        polars.DataFrame({"account": ACCOUNTS})["account"],
        numpy.array(ACCOUNTS),
        numpy.array(ACCOUNTS, dtype=object),
        pyarrow.array(ACCOUNTS),
        pyarrow.chunked_array([ACCOUNTS[:1], ACCOUNTS[1:]]),
        io.StringIO("\n".join(ACCOUNTS)),
        io.BytesIO("\r\n".join(ACCOUNTS).encode("utf-8-sig")),
    ],
    ids=lambda accounts: f"{type(accounts).__module__}.{type(accounts).__name__}",
)
def test_every_shape_gives_the_same_accounts(offline: hwm.Client, accounts: Any) -> None:
    assert listed(offline, accounts) == ACCOUNTS


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_path_is_read_one_account_a_line(
    offline: hwm.Client, tmp_path: pathlib.Path, encoding: str, line_end: str
) -> None:
    path = tmp_path / "accounts.txt"
    text = line_end.join([ACCOUNTS[0], "", *ACCOUNTS[1:], ""])
    path.write_bytes(text.encode(encoding))
    assert listed(offline, path) == ACCOUNTS
    with path.open(encoding=encoding) as file:
        assert listed(offline, file) == ACCOUNTS
    with path.open("rb") as binary:
        assert listed(offline, binary) == ACCOUNTS


def test_a_file_in_another_encoding_is_an_error(
    offline: hwm.Client, tmp_path: pathlib.Path
) -> None:
    path = tmp_path / "accounts.txt"
    path.write_bytes("good\nlüders\n".encode("latin-1"))
    with pytest.raises(hwm.InvalidArgument, match="account 1 is not UTF-8"):
        listed(offline, path)


@pytest.mark.parametrize("accounts", ["test010", b"test010"])
def test_a_lone_string_is_an_error_that_says_why(offline: hwm.Client, accounts: Any) -> None:
    with pytest.raises(hwm.InvalidArgument, match=r"accounts is one .*pass a list"):
        listed(offline, accounts)


@pytest.mark.parametrize(
    "table",
    [
        pandas.DataFrame({"account": ACCOUNTS}),
        polars.DataFrame({"account": ACCOUNTS}),
        pyarrow.table({"account": ACCOUNTS}),
    ],
    ids=["pandas", "polars", "arrow"],
)
def test_a_table_is_an_error_that_asks_for_a_column(offline: hwm.Client, table: Any) -> None:
    with pytest.raises(hwm.InvalidArgument, match="pass the column"):
        listed(offline, table)


@pytest.mark.parametrize("accounts", [None, 7])
def test_what_is_no_iterable_is_an_error(offline: hwm.Client, accounts: Any) -> None:
    with pytest.raises(hwm.InvalidArgument, match="pass an iterable of str"):
        listed(offline, accounts)


def test_what_a_generator_raises_is_raised(offline: hwm.Client) -> None:
    def failing() -> Iterator[str]:
        yield "a"
        raise LookupError("the directory is down")

    with pytest.raises(LookupError, match="the directory is down"):
        listed(offline, failing())


def test_a_missing_file_is_an_error_of_the_system(
    offline: hwm.Client, tmp_path: pathlib.Path
) -> None:
    with pytest.raises(FileNotFoundError):
        listed(offline, tmp_path / "none.txt")
