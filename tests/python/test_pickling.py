"""Clients travel to other processes without their secrets, and survive a fork."""

from __future__ import annotations

import asyncio
import concurrent.futures
import json
import multiprocessing
import os
import pathlib
import pickle
from typing import Any

import pytest

import hwm
from conftest import StartSandbox
from sandbox import Sandbox


@pytest.fixture
def environment(start_sandbox: StartSandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A sandbox that the environment names."""
    sandbox = start_sandbox(users=30)
    monkeypatch.setenv("HWM_ENDPOINT", sandbox.url)
    monkeypatch.setenv("HWM_ACCESS_TOKEN", sandbox.token)
    return sandbox


def test_a_client_from_the_environment_reads_it_again_where_it_wakes_up(
    environment: Sandbox, start_sandbox: StartSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with hwm.Client.from_env(batch_size=10) as client:
        travelling = pickle.dumps(client)
    assert environment.token.encode() not in travelling
    other = start_sandbox(users=20)
    monkeypatch.setenv("HWM_ENDPOINT", other.url)
    with pickle.loads(travelling) as woken:
        assert woken.set_status("disabled", other.accounts()).requests == 2
    assert environment.requests() == []


def test_an_async_client_travels_alike(environment: Sandbox) -> None:
    async def main() -> hwm.Report:
        async with pickle.loads(pickle.dumps(hwm.AsyncClient.from_env())) as woken:
            report: hwm.Report = await woken.set_status("disabled", environment.accounts())
            return report

    assert asyncio.run(main()).ok


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"access_token": "t"}, "access_token was given in the program"),
        ({"token": lambda: "t"}, "its token callable"),
    ],
)
def test_a_secret_does_not_travel(
    environment: Sandbox, monkeypatch: pytest.MonkeyPatch, options: Any, why: str
) -> None:
    if "token" in options:
        monkeypatch.delenv("HWM_ACCESS_TOKEN")
    with pytest.raises(TypeError, match=why):
        pickle.dumps(hwm.Client.from_env(**options))


def test_a_client_of_given_options_says_why_it_does_not_travel() -> None:
    with pytest.raises(TypeError, match=r"cannot pickle this hwm.Client: .*from_env"):
        pickle.dumps(hwm.Client(access_token="t"))


def disable(client: hwm.Client, accounts: list[str]) -> hwm.Report:
    return client.set_status("disabled", accounts)


# Python warns of a fork beside threads, as CPython's own locks may be held; hwm's are not.
BESIDE_THREADS = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")


@BESIDE_THREADS
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_of_either_kind_use_the_client(environment: Sandbox, method: str) -> None:
    accounts = environment.accounts()
    parts = [accounts[start : start + 10] for start in range(0, 30, 10)]
    with hwm.Client.from_env() as client:
        # In use before the fork: connections and threads are there to be left behind.
        assert client.set_status("normal", accounts).ok
        with concurrent.futures.ProcessPoolExecutor(
            max_workers=2, mp_context=multiprocessing.get_context(method)
        ) as pool:
            reports = list(pool.map(disable, [client] * 3, parts))
        assert [report.applied.accounts for report in reports] == parts
        assert set(environment.statuses().values()) == {1}
        assert client.set_status("normal", accounts).ok


@BESIDE_THREADS
def test_a_client_that_a_fork_carried_over_works_in_the_child(environment: Sandbox) -> None:
    accounts = environment.accounts()
    with hwm.Client(**environment.options()) as client:
        assert client.set_status("normal", accounts).ok
        for _ in range(5):
            child = os.fork()
            if child == 0:
                status = 1
                try:
                    status = 0 if client.set_status("disabled", accounts).ok else 2
                finally:
                    os._exit(status)
            assert os.waitpid(child, 0)[1] == 0
            assert client.set_status("normal", accounts).ok


@BESIDE_THREADS
def test_a_child_that_a_callback_forks_ends_its_call_and_leaves_the_journal_alone(
    start_sandbox: StartSandbox, tmp_path: pathlib.Path
) -> None:
    sandbox = start_sandbox(users=30, latency_ms=20)
    journal, accounts = tmp_path / "journal", sandbox.accounts()
    children: list[int] = []
    home = os.getpid()

    def fork(progress: hwm.Progress) -> None:
        if progress.requests and not children:
            children.append(os.fork())

    client = hwm.Client(**sandbox.options(), batch_size=1, concurrency=1)
    said = ""
    try:
        client.set_status("disabled", accounts, journal=journal, on_progress=fork)
    except hwm.Error as error:
        said = str(error)
    finally:
        if os.getpid() != home:
            os._exit(0 if "fork" in said or "parent" in said else 2)
    assert os.waitpid(children[0], 0)[1] == 0
    assert said == ""
    records = [json.loads(line) for line in journal.read_text().splitlines()]
    assert [record["settled"] for record in records if "end" in record] == [True]
    assert "end" in records[-1]
    with pytest.raises(hwm.InvalidOption, match="finished"):
        client.set_status("disabled", accounts, journal=journal)


def test_failures_come_back_from_workers_with_their_report(environment: Sandbox) -> None:
    environment.fail("Error500")
    with (
        hwm.Client.from_env(attempts=1) as client,
        concurrent.futures.ProcessPoolExecutor(
            max_workers=1, mp_context=multiprocessing.get_context("spawn")
        ) as pool,
        pytest.raises(hwm.Server) as caught,
    ):
        pool.submit(disable, client, environment.accounts()).result()
    assert caught.value.report is not None
    assert caught.value.report.counts["unknown"] == 30
