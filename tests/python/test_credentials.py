"""Tokens: given, fetched, or asked of the program."""

from __future__ import annotations

import pathlib

import pytest

import hwm
from conftest import StartSandbox
from sandbox import Sandbox


def test_the_app_id_signs_in(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox(users=3, tls=True)
    with hwm.Client(**sandbox.place(), app_id=sandbox.app_id, app_key=sandbox.app_key) as client:
        # Without the default administrator, who would be sent last and alone.
        assert client.set_status("disabled", sandbox.accounts()[1:]).ok
    assert [request["path"] for request in sandbox.requests()] == [
        "/v2/usg/acs/auth/appauth",
        "/v1/usg/dcs/corp/member/status/1",
    ]


def test_the_administrators_account_signs_in_and_out(sandbox: Sandbox) -> None:
    with hwm.Client(
        **sandbox.place(),
        login=sandbox.login["account"],
        password=sandbox.login["password"],
        logout=True,
    ) as client:
        assert client.set_status("disabled", sandbox.accounts()[5:]).ok
    assert [request["method"] for request in sandbox.requests()] == ["POST", "PUT", "DELETE"]


def test_a_callable_gives_tokens_and_is_asked_again_when_one_ends(sandbox: Sandbox) -> None:
    given: list[str] = []

    def token() -> tuple[str, int]:
        given.append("expired" if not given else sandbox.token)
        return given[-1], 3600

    with hwm.Client(**sandbox.place(), token=token) as client:
        assert client.set_status("disabled", sandbox.accounts()).ok
        assert client.set_status("normal", sandbox.accounts()).ok
    assert given == ["expired", sandbox.token]


def test_what_the_callable_raises_is_the_cause_and_not_the_text(sandbox: Sandbox) -> None:
    def token() -> str:
        raise LookupError("vault said no to s3cret")

    with hwm.Client(**sandbox.place(), token=token) as client:
        with pytest.raises(hwm.Authentication) as caught:
            client.set_status("disabled", sandbox.accounts())
    assert isinstance(caught.value.__cause__, LookupError)
    assert "LookupError" in str(caught.value)
    assert "s3cret" not in str(caught.value)
    assert sandbox.requests() == []


def test_what_is_no_token_is_said(sandbox: Sandbox) -> None:
    def token() -> str:
        return None  # type: ignore[return-value]

    with hwm.Client(**sandbox.place(), token=token) as client:
        with pytest.raises(hwm.Authentication) as caught:
            client.set_status("disabled", sandbox.accounts())
    assert isinstance(caught.value.__cause__, TypeError)


def test_an_interrupt_in_the_callable_goes_through(sandbox: Sandbox) -> None:
    def token() -> str:
        raise KeyboardInterrupt

    with hwm.Client(**sandbox.place(), token=token) as client:
        with pytest.raises(KeyboardInterrupt) as caught:
            client.set_status("disabled", sandbox.accounts())
    report: hwm.Report = caught.value.report  # type: ignore[attr-defined]
    assert report.counts["not_attempted"] == 30


def test_the_environment_gives_options(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    monkeypatch.setenv("HWM_ENDPOINT", sandbox.url)
    monkeypatch.setenv("HWM_ACCESS_TOKEN", sandbox.token)
    monkeypatch.setenv("HWM_BATCH_SIZE", "10")
    with hwm.Client.from_env() as client:
        assert client.set_status("disabled", sandbox.accounts()).requests == 3
    with hwm.Client.from_env(batch_size=15, journal=tmp_path / "run.jsonl") as client:
        assert client.set_status("disabled", sandbox.accounts()).requests == 2
    assert (tmp_path / "run.jsonl").exists()


def test_a_bad_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HWM_CONCURRENCY", "lots")
    with pytest.raises(hwm.InvalidOption, match="HWM_CONCURRENCY"):
        hwm.Client.from_env(access_token="t")


def test_a_journal_settles_what_an_earlier_call_did(
    sandbox: Sandbox, client: hwm.Client, tmp_path: pathlib.Path
) -> None:
    journal = tmp_path / "run.jsonl"
    client.set_status("disabled", sandbox.accounts()[:10], journal=journal)
    with pytest.raises(hwm.InvalidOption, match="finished"):
        client.set_status("disabled", sandbox.accounts(), journal=journal)
    report = client.set_status("disabled", sandbox.accounts(), journal=journal, journal_max_age_h=1)
    assert report.ok
    assert [outcome.from_journal for outcome in report] == [True] * 10 + [False] * 20
    assert report.from_journal_count == 10
    assert report.from_journal_oldest_ms == min(outcome.time_ms for outcome in report[:10])
