"""The log reaches Python's logging under the name hwm, and costs nothing when nobody listens."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading

import pytest

import hwm
from sandbox import Sandbox


def test_requests_are_logged_under_one_name(
    sandbox: Sandbox, client: hwm.Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="hwm"):
        report = client.set_status("disabled", sandbox.accounts())
    assert {record.name for record in caplog.records} == {"hwm"}
    assert {record.thread for record in caplog.records} == {threading.get_ident()}
    assert any(report[0].request_id in record.getMessage() for record in caplog.records)
    assert sandbox.token not in caplog.text


def test_the_level_is_that_of_the_logger(
    sandbox: Sandbox, client: hwm.Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="hwm"):
        client.set_status("disabled", sandbox.accounts())
    assert not [record for record in caplog.records if record.levelno < logging.WARNING]


def test_every_record_of_a_call_is_there_when_it_returns(
    sandbox: Sandbox, client: hwm.Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="hwm"):
        report = client.set_status("disabled", sandbox.accounts(), batch_size=1)
        logged = caplog.text
    assert all(outcome.request_id in logged for outcome in report)
    times = [record.created for record in caplog.records]
    assert times == sorted(times)


def test_a_program_without_logging_hears_nothing(sandbox: Sandbox) -> None:
    program = (
        "import sys, hwm\n"
        "with hwm.Client.from_env() as client: client.set_status('normal', ['nobody'])\n"
        "assert 'logging' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=sandbox.environment(),
        capture_output=True,
        check=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("", "")


def test_a_program_that_did_not_set_up_logging_sees_no_stray_lines(sandbox: Sandbox) -> None:
    sandbox.fail("Error500", times=1)
    program = (
        "import logging, hwm\n"
        "with hwm.Client.from_env(retry_base_ms=1) as client:\n"
        "    client.set_status('normal', ['nobody'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=sandbox.environment(),
        capture_output=True,
        check=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("", "")
