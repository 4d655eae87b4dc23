"""What goes over the wire is what the service documents."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

import hwm
from conftest import StartSandbox
from sandbox import Sandbox


def test_the_documented_example_sends_the_documented_request(
    start_sandbox: StartSandbox,
) -> None:
    sandbox = start_sandbox(user_list=[{"account": "test010", "status": 1}])
    with hwm.Client(**sandbox.options(), language="en-US") as client:
        client.set_status(0, ["test010"], account_type=0).raise_for_failures()
    (request,) = sandbox.requests()
    headers = dict(request["headers"])
    assert request["method"] == "PUT"
    assert request["path"] == "/v1/usg/dcs/corp/member/status/0"
    assert request["query"] == "accountType=0"
    assert json.loads(request["body"]) == ["test010"]
    assert headers["x-access-token"] == sandbox.token
    assert headers["content-type"] == "application/json"
    assert headers["accept-language"] == "en-US"
    assert re.fullmatch("[0-9a-f]{32}", headers["x-request-id"])
    assert sandbox.statuses() == {"test010": 0}


def test_third_party_accounts_go_by_their_own_names(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox(user_list=[{"account": "a", "third_account": "张伟"}])
    with hwm.Client(**sandbox.options(), account_type="third_party") as client:
        report = client.set_status("disabled", ["张伟"])
    assert report.ok and report.account_type == "third_party"
    assert sandbox.requests()[0]["query"] == "accountType=1"
    assert sandbox.statuses() == {"a": 1}


@pytest.mark.parametrize(
    ("option", "value"), [("batch_size", 10), ("batch_size", "10"), ("concurrency", 1)]
)
def test_an_option_of_the_call_goes_before_the_clients(
    sandbox: Sandbox, option: str, value: Any
) -> None:
    with hwm.Client(**sandbox.options(), batch_size=7) as client:
        overrides: dict[str, Any] = {option: value}
        client.set_status("disabled", sandbox.accounts(), **overrides)
    expected = 3 if option == "batch_size" else 5
    assert len(sandbox.requests()) == expected


def test_the_messages_come_in_the_language_that_was_asked_for(
    sandbox: Sandbox, client: hwm.Client
) -> None:
    chinese = client.set_status("normal", ["nobody"], language="zh-CN")[0].message
    english = client.set_status("normal", ["nobody"], language="en-US")[0].message
    assert chinese == "用户帐号不存在"
    assert english.isascii() and english


@pytest.mark.parametrize(
    ("what", "outcome"),
    [
        ({"Status": {"status": 200, "body": ""}}, "applied"),
        ({"Status": {"status": 200, "body": json.dumps({"x": "y" * 134})}}, "applied"),
        ("Ok200ErrorCode", "rejected"),
        ("ProxyHtml200", "unknown"),
        ("TruncatedBody", "unknown"),
        ("OversizeBody", "unknown"),
    ],
    ids=str,
)
def test_each_kind_of_200_gives_its_outcome(
    sandbox: Sandbox, client: hwm.Client, what: Any, outcome: str
) -> None:
    sandbox.fail(what)
    accounts = sandbox.accounts()[:1]
    report: hwm.Report | None
    try:
        report = client.set_status("disabled", accounts, attempts=1)
    except hwm.Error as error:
        report = error.report
    assert report is not None
    assert report[0].outcome == outcome
