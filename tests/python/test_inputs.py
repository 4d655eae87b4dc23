"""Wrong input is an error that names what is wrong, before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest

import hwm
from sandbox import Sandbox


def test_no_accounts(offline: hwm.Client) -> None:
    with pytest.raises(hwm.InvalidArgument, match="at least one"):
        offline.set_status("normal", [])


@pytest.mark.parametrize(
    ("account", "rule"),
    [
        ("", "account 1 is empty"),
        ("a\tb", r"account 1 holds a control character \(U\+0009 at byte 1"),
        ("a\0b", r"account 1 holds a control character \(U\+0000"),
        ("ü" * 128, "account 1 has 256 bytes"),
        ("a\ud800", "account 1 is not UTF-8"),
        (None, "account 1 is of type NoneType, not str; a missing value?"),
        (float("nan"), "account 1 is of type float, not str; a missing value?"),
        (7, "account 1 is of type int, not str"),
        (b"a", "account 1 is of type bytes, not str; decode it first"),
    ],
)
def test_a_bad_account_is_named_by_its_index_and_rule(
    offline: hwm.Client, account: Any, rule: str
) -> None:
    with pytest.raises(hwm.InvalidArgument, match=rule) as caught:
        offline.set_status("normal", ["good", account])
    assert isinstance(caught.value, ValueError)
    assert (caught.value.kind, caught.value.report) == ("invalid_argument", None)


def test_an_account_of_255_bytes_is_good(offline: hwm.Client) -> None:
    assert offline.set_status("normal", ["x" * 255], dry_run=True).ok


ALLOWED = r'status is .*, but must be "normal" \(0\) or "disabled" \(1\)'


@pytest.mark.parametrize("status", [2, -1, 10**30, "on", "enabled", "Normal", "", None, 1.0, [1]])
def test_a_status_other_than_normal_and_disabled_is_told_what_is_allowed(
    offline: hwm.Client, status: Any
) -> None:
    with pytest.raises(hwm.InvalidArgument, match=ALLOWED):
        offline.set_status(status, ["a"])


@pytest.mark.parametrize("status", [True, False, None, 1.0])
def test_a_status_of_another_type_is_a_type_error_too(offline: hwm.Client, status: Any) -> None:
    with pytest.raises(TypeError, match=ALLOWED) as caught:
        offline.set_status(status, iter(int, 1))  # type: ignore[arg-type]
    assert isinstance(caught.value, hwm.InvalidArgument)


def test_a_word_that_a_program_reads_becomes_a_status() -> None:
    assert hwm.UserStatus.named("disabled") is hwm.UserStatus.DISABLED
    with pytest.raises(hwm.InvalidArgument, match="'enabled', but must be 'normal' or 'disabled'"):
        hwm.UserStatus.named("enabled")


@pytest.mark.parametrize(
    ("status", "meant"),
    [
        (0, hwm.UserStatus.NORMAL),
        (1, hwm.UserStatus.DISABLED),
        ("normal", hwm.UserStatus.NORMAL),
        ("disabled", hwm.UserStatus.DISABLED),
        (hwm.UserStatus.DISABLED, hwm.UserStatus.DISABLED),
    ],
)
def test_a_status_in_each_of_its_forms(
    offline: hwm.Client, status: Any, meant: hwm.UserStatus
) -> None:
    assert offline.set_status(status, ["a"], dry_run=True).status is meant


def test_an_unknown_option(offline: hwm.Client) -> None:
    for call in (
        lambda: hwm.Client(access_token="t", batchsize=5),  # type: ignore[call-arg]
        lambda: offline.set_status(0, ["a"], batchsize=5),  # type: ignore[call-arg]
    ):
        with pytest.raises(hwm.InvalidOption, match=r'unknown option "batchsize".*batch_size'):
            call()


@pytest.mark.parametrize(
    ("option", "value", "rule"),
    [
        ("batch_size", 0, '"0" is not allowed; it takes a whole number from 1 to 1000'),
        ("batch_size", "many", '"many" is not allowed'),
        ("batch_size", True, '"true" is not allowed'),
        ("batch_size", 1.5, "a value of type float is not allowed; it takes a whole number"),
        ("concurrency", 65, '"65" is not allowed; it takes a whole number from 1 to 64'),
        ("isolate", "perhaps", '"perhaps" is not allowed; it takes true or false'),
        ("account_type", 2, '"2" is not allowed; it takes 0, 1, meeting, third_party'),
        ("language", "fr-FR", '"fr-FR" is not allowed; it takes zh-CN, en-US'),
        ("endpoint", "mars-1", "mars-1"),
        ("access_token", "a\r\nX: y", "its value is not allowed; it takes text without control"),
        ("user_id", "a\nb", "text without control characters"),
        ("password", b"x", "a value of type bytes is not allowed"),
    ],
)
def test_a_bad_option_value_is_named_with_what_is_allowed(
    option: str, value: Any, rule: str
) -> None:
    options: dict[str, Any] = {"access_token": "t", option: value}
    with pytest.raises(hwm.InvalidOption, match=option) as caught:
        hwm.Client(**options)
    assert rule in str(caught.value)
    assert isinstance(caught.value, ValueError)


def test_a_secret_is_in_no_error_and_no_repr() -> None:
    for option in ("access_token", "app_key", "password"):
        options: dict[str, Any] = {option: "hunter2\n"}
        with pytest.raises(hwm.InvalidOption) as caught:
            hwm.Client(**options)
        assert "hunter2" not in repr(caught.value)
    assert "hunter2" not in repr(hwm.Client(access_token="hunter2"))


def test_no_credential(sandbox: Sandbox) -> None:
    with pytest.raises(hwm.InvalidOption, match="credential"):
        hwm.Client(**sandbox.place()).set_status("normal", ["a"])


def test_plain_http_is_for_loopback_only() -> None:
    with pytest.raises(hwm.InvalidOption, match="http://"):
        hwm.Client(endpoint="http://meeting.example", access_token="t").set_status(0, ["a"])
    client = hwm.Client(endpoint="http://meeting.example", access_token="t", allow_http=True)
    assert client.set_status(0, ["a"], dry_run=True).ok


def test_an_option_of_the_client_is_no_override(offline: hwm.Client) -> None:
    with pytest.raises(hwm.InvalidOption, match="access_token"):
        offline.set_status(0, ["a"], access_token="u")  # type: ignore[call-arg]


def test_nothing_is_sent_before_the_checks_have_passed(
    sandbox: Sandbox, client: hwm.Client
) -> None:
    calls: list[dict[str, Any]] = [
        {"accounts": []},
        {"accounts": [*sandbox.accounts(), ""]},
        {"status": 7},
        {"batch_size": 0},
    ]
    for wrong in calls:
        with pytest.raises(ValueError):
            client.set_status(**{"status": 1, "accounts": sandbox.accounts(), **wrong})
    assert sandbox.requests() == []


def test_a_closed_client_takes_no_calls(sandbox: Sandbox) -> None:
    client = hwm.Client(**sandbox.options())
    client.close()
    client.close()
    with pytest.raises(hwm.InvalidArgument, match="closed"):
        client.set_status("normal", ["a"])
