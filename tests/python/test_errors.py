"""Failures are exceptions that programs can tell apart, and that carry the truth."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

import hwm
from conftest import StartSandbox
from sandbox import Sandbox

BASES: dict[type[hwm.Error], tuple[str, type[Exception]]] = {
    hwm.InvalidArgument: ("invalid_argument", ValueError),
    hwm.WrongType: ("invalid_argument", TypeError),
    hwm.InvalidOption: ("invalid_option", ValueError),
    hwm.Authentication: ("authentication", hwm.Error),
    hwm.Permission: ("permission", PermissionError),
    hwm.Capacity: ("capacity", hwm.Error),
    hwm.Quota: ("quota", hwm.Error),
    hwm.Network: ("network", ConnectionError),
    hwm.Timeout: ("timeout", TimeoutError),
    hwm.Cancelled: ("cancelled", hwm.Error),
    hwm.Server: ("server", hwm.Error),
    hwm.Protocol: ("protocol", hwm.Error),
    hwm.Io: ("io", OSError),
    hwm.NoMemory: ("no_memory", MemoryError),
    hwm.Panic: ("panic", RuntimeError),
    hwm.Partial: ("partial", hwm.Error),
}


@pytest.mark.parametrize("cls", BASES)
def test_each_kind_has_its_class(cls: type[hwm.Error]) -> None:
    kind, base = BASES[cls]
    assert cls.kind == kind
    assert issubclass(cls, hwm.Error) and issubclass(cls, base)


@pytest.mark.parametrize("cls", BASES)
def test_they_pickle_with_all_they_know(cls: type[hwm.Error], offline: hwm.Client) -> None:
    report = offline.set_status("normal", ["a"], dry_run=True)
    error = cls("why", http_status=400, service_code="USG.1", request_id="r", report=report)
    woken = pickle.loads(pickle.dumps(error))
    assert type(woken) is cls
    assert (str(woken), woken.kind) == ("why", cls.kind)
    assert (woken.http_status, woken.service_code, woken.request_id) == (400, "USG.1", "r")
    assert woken.report is not None
    assert [outcome.account for outcome in woken.report] == ["a"]


def failure_of(sandbox: Sandbox, **options: Any) -> hwm.Error:
    accounts = sandbox.accounts()
    with hwm.Client(**{**sandbox.options(), **options}) as client:
        with pytest.raises(hwm.Error) as caught:
            client.set_status("disabled", accounts, attempts=1)
    error = caught.value
    assert error.report is not None
    assert len(error.report) == len(accounts)
    return error


def test_a_wrong_token_is_authentication(sandbox: Sandbox) -> None:
    error = failure_of(sandbox, access_token="t0ken-of-yesterday")
    assert isinstance(error, hwm.Authentication)
    assert (error.http_status, error.service_code) == (401, "USG.000000004")
    assert error.request_id
    assert error.report is not None
    assert error.report.counts["not_attempted"] == 30
    assert "t0ken" not in str(error)


def test_a_token_of_somebody_else_is_permission(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox(users=3, forbidden_tokens=["clerk"])
    error = failure_of(sandbox, access_token="clerk")
    assert isinstance(error, (hwm.Permission, PermissionError))
    assert error.http_status == 403


def test_nobody_there_is_network(sandbox: Sandbox) -> None:
    error = failure_of(sandbox, endpoint="http://127.0.0.1:1")
    assert isinstance(error, hwm.Network)
    assert error.http_status is None


def test_a_server_that_fails_is_server(sandbox: Sandbox) -> None:
    sandbox.fail("Error500")
    error = failure_of(sandbox)
    assert isinstance(error, hwm.Server)
    assert error.report is not None
    assert error.report.counts["unknown"] == 30


def test_a_proxys_page_is_protocol(sandbox: Sandbox) -> None:
    sandbox.fail("ProxyHtml200")
    accounts = sandbox.accounts()
    with hwm.Client(**sandbox.options()) as client, pytest.raises(hwm.Protocol):
        client.set_status("disabled", accounts)


def test_a_deadline_that_passes_is_timeout(sandbox: Sandbox) -> None:
    sandbox.fail({"Silence": {}})
    with hwm.Client(**sandbox.options(), deadline_ms=200) as client:
        with pytest.raises(TimeoutError) as caught:
            client.set_status("disabled", sandbox.accounts())
    assert isinstance(caught.value, hwm.Timeout)
    assert caught.value.report is not None
    assert caught.value.report.counts["unknown"] == 30


def test_a_quota_beyond_what_one_waits_for_is_quota(sandbox: Sandbox) -> None:
    sandbox.fail({"TooMany": {"retry_after": 3600}})
    assert isinstance(failure_of(sandbox, max_wait_ms=100), hwm.Quota)


def test_too_few_resources_are_capacity(start_sandbox: StartSandbox) -> None:
    users = [{"account": f"user{number}", "status": 1} for number in range(10)]
    sandbox = start_sandbox(user_list=users, capacity=4)
    with hwm.Client(**sandbox.options()) as client, pytest.raises(hwm.Capacity) as caught:
        client.set_status("normal", sandbox.accounts())
    report = caught.value.report
    assert report is not None
    assert report.applied.accounts == ["user0", "user1", "user2", "user3"]


def test_a_cancel_is_cancelled(sandbox: Sandbox) -> None:
    cancel = hwm.Cancel()
    assert not cancel.is_triggered
    cancel.trigger()
    assert cancel.is_triggered and "triggered" in repr(cancel)
    with hwm.Client(**sandbox.options()) as client:
        with pytest.raises(hwm.Cancelled) as caught:
            client.set_status("disabled", sandbox.accounts(), cancel=cancel)
        assert sandbox.requests() == []
        assert caught.value.report is not None
        assert caught.value.report.counts["not_attempted"] == 30
        cancel.reset()
        assert client.set_status("disabled", sandbox.accounts(), cancel=cancel).ok


def test_a_missing_ca_file_is_named(start_sandbox: StartSandbox) -> None:
    with pytest.raises(hwm.Error, match=r"none\.pem"):
        hwm.Client(endpoint="https://localhost:1", access_token="t", ca_file="none.pem")


def test_a_certificate_of_a_stranger_is_refused(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox(users=3, tls=True, cert="OtherCa")
    error = failure_of(sandbox)
    assert isinstance(error, hwm.Network)
    assert "certificate" in str(error).lower()
    assert sandbox.requests() == []


def test_the_report_of_an_error_is_as_good_as_any(sandbox: Sandbox) -> None:
    report = failure_of(sandbox, access_token="wrong").report
    assert report is not None and not report.ok
    assert json.loads(report.to_json())["total"] == 30
