"""Accounts come in whatever shape a program holds them in."""

from __future__ import annotations

import io
import itertools
import pathlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy
import pandas
import polars
import pyarrow
import pytest

import hwm
from sandbox import Sandbox

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


def test_blanks_around_an_account_do_not_count(offline: hwm.Client) -> None:
    assert listed(offline, [" test010", "test010\r\n", "\u3000张 伟\u00a0"]) == ["test010", "张 伟"]
    with pytest.raises(hwm.InvalidArgument, match="account 1 is empty"):
        listed(offline, ["a", " \t"])


def test_a_generator_may_use_the_client_itself(sandbox: Sandbox, client: hwm.Client) -> None:
    accounts = sandbox.accounts()

    def enabled_first() -> Iterator[str]:
        yield accounts[0]
        assert client.set_status("normal", accounts[1:]).ok
        yield from accounts[1:]

    assert client.set_status("disabled", enabled_first()).ok
    assert set(sandbox.statuses().values()) == {1}


def test_a_generator_that_closes_the_client_ends_the_call(client: hwm.Client) -> None:
    def closing() -> Iterator[str]:
        yield "a"
        client.close()

    with pytest.raises(hwm.InvalidArgument, match="the client is closed"):
        client.set_status("disabled", closing())


def slowly(reading: threading.Event) -> Iterator[str]:
    for number in itertools.count():
        yield f"user{number}"
        reading.set()
        time.sleep(0.001)


def test_the_deadline_and_a_cancel_hold_while_the_list_is_read(
    sandbox: Sandbox, client: hwm.Client
) -> None:
    with pytest.raises(hwm.Timeout, match="while the list of accounts was read") as late:
        client.set_status("disabled", slowly(threading.Event()), deadline_ms=100)
    cancel, reading = hwm.Cancel(), threading.Event()

    def cancel_in_mid_list() -> None:
        reading.wait()
        cancel.trigger()

    helper = threading.Thread(target=cancel_in_mid_list)
    helper.start()
    with pytest.raises(hwm.Cancelled, match="while the list of accounts was read") as cancelled:
        client.set_status("disabled", slowly(reading), cancel=cancel)
    helper.join()
    assert late.value.report is None and cancelled.value.report is None
    assert sandbox.requests() == []


def test_what_is_left_of_the_deadline_is_the_calls(sandbox: Sandbox) -> None:
    sandbox.fail({"Silence": {}})

    def late() -> Iterator[str]:
        time.sleep(0.7)
        yield "a"

    with hwm.Client(**sandbox.options(), deadline_ms=1000) as client:
        started = time.monotonic()
        with pytest.raises(hwm.Timeout) as caught:
            client.set_status("disabled", late())
    assert time.monotonic() - started < 1.5
    assert caught.value.report is not None


OUT_OF_MEMORY = """
import itertools, resource, sys
import hwm

client = hwm.Client(endpoint="http://127.0.0.1:1", access_token="t")
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 300_000_000, -1))
try:
    client.set_status("disabled", itertools.repeat("x" * 255))
except MemoryError as error:
    print(type(error).__name__, error)
resource.setrlimit(resource.RLIMIT_AS, (-1, -1))
assert client.set_status("disabled", ["a"], dry_run=True).ok
"""


def test_a_list_beyond_the_memory_is_a_memory_error() -> None:
    done = subprocess.run(
        [sys.executable, "-c", OUT_OF_MEMORY], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("NoMemory not enough memory for the list of accounts")
