"""The report tells what became of every account, in the forms that programs want."""

from __future__ import annotations

import copy
import csv
import dataclasses
import io
import json
import pathlib
import pickle
import typing

import pandas
import polars
import pytest

import hwm
from sandbox import Sandbox


@pytest.fixture
def report(sandbox: Sandbox, client: hwm.Client) -> hwm.Report:
    accounts = sandbox.accounts()
    return client.set_status("disabled", [*accounts[:3], "nobody", *accounts[3:5], accounts[0]])


def test_it_is_a_sequence_of_outcomes_in_the_callers_order(
    sandbox: Sandbox, report: hwm.Report
) -> None:
    accounts = sandbox.accounts()
    assert [outcome.account for outcome in report] == [*accounts[:3], "nobody", *accounts[3:5]]
    assert len(report) == 6
    assert report[3].account == report[-3].account == "nobody"
    assert [outcome.index for outcome in report[2:5]] == [2, 3, 4]
    assert report[0] in report
    with pytest.raises(IndexError, match="6 entries, none at 6"):
        report[6]


def test_what_it_says_is_what_happened(sandbox: Sandbox, report: hwm.Report) -> None:
    statuses = sandbox.statuses()
    assert all(statuses[account] == 1 for account in report.applied.accounts)
    assert report.rejected.accounts == ["nobody"]
    refused = report.rejected[0]
    assert (refused.outcome, refused.http_status, refused.service_code, refused.isolated) == (
        "rejected",
        400,
        "USG.201040000",
        True,
    )
    assert not refused.ok and refused.time_ms > 0 and refused.request_id
    assert not report.ok
    assert report.counts == {"applied": 5, "rejected": 1, "unknown": 0, "not_attempted": 0}
    assert (list(report.unknown), list(report.not_attempted)) == ([], [])
    assert (report.plan.accounts, report.plan.repeats, report.plan.batches) == (6, 1, 1)
    assert report.requests == len(sandbox.requests())


def test_raise_for_failures_raises_what_the_first_failure_was(report: hwm.Report) -> None:
    with pytest.raises(hwm.Partial, match=r"first rejected: nobody .USG\.201040000") as caught:
        report.raise_for_failures()
    assert caught.value.report is report
    assert caught.value.kind == "partial"
    assert caught.value.service_code == "USG.201040000"
    assert caught.value.request_id == report.rejected[0].request_id


def test_raise_for_failures_gives_back_a_report_without_failures(
    sandbox: Sandbox, client: hwm.Client
) -> None:
    report = client.set_status("disabled", sandbox.accounts())
    assert report.ok
    assert report.raise_for_failures() is report


def test_dicts_json_csv_and_pandas_agree(report: hwm.Report, tmp_path: pathlib.Path) -> None:
    dicts = report.to_dicts()
    whole = json.loads(report.to_json())
    assert whole["accounts"] == dicts
    assert whole["counts"] == report.counts

    rows = list(csv.DictReader(io.StringIO(report.to_csv())))
    assert [row["account"] for row in rows] == [fields["account"] for fields in dicts]
    assert list(rows[0]) == list(dicts[0])
    assert (rows[3]["isolated"], rows[0]["from_journal"]) == ("true", "false")

    frame = report.to_pandas()
    assert frame.to_dict("records") == dicts

    report.to_csv(tmp_path / "out.csv", encoding="utf-8-sig")
    assert (tmp_path / "out.csv").read_text("utf-8-sig") == report.to_csv()
    report.to_json(tmp_path / "out.json")
    assert json.loads((tmp_path / "out.json").read_text("utf-8")) == whole


def test_its_repr_says_what_happened_in_a_line(report: hwm.Report) -> None:
    shown = repr(report)
    assert shown.startswith("<hwm.Report: 6 accounts → disabled: 5 applied, 1 rejected (")
    assert report.summary() in shown
    assert "\n" not in shown
    assert repr(report[3]).startswith("Outcome('nobody', rejected, USG.201040000, ")
    assert repr(report.plan) == "Plan(accounts=6, repeats=1, batches=1, estimated_ms=0)"


def test_it_pickles_whole(report: hwm.Report) -> None:
    woken = pickle.loads(pickle.dumps(report))
    assert list(woken) == list(report)
    assert woken.to_json() == report.to_json()
    assert repr(woken) == repr(report)
    assert woken.rejected.accounts == ["nobody"]
    for name in ("ok", "counts", "status", "account_type", "dry_run", "requests", "retries"):
        assert getattr(woken, name) == getattr(report, name)
    assert repr(woken.plan) == repr(report.plan)
    # And travels on.
    assert list(pickle.loads(pickle.dumps(woken))) == list(report)


def test_outcomes_are_values(report: hwm.Report) -> None:
    first = report[0]
    assert first == report[0]
    assert first != report[1]
    assert len({first, report[0], report[1]}) == 2
    assert pickle.loads(pickle.dumps(first)) == first
    with pytest.raises(AttributeError):
        first.account = "another"  # type: ignore[misc]


def test_a_dry_run_plans_and_sends_nothing(sandbox: Sandbox, client: hwm.Client) -> None:
    report = client.set_status("normal", ["a", "b", "a"], dry_run=True, batch_size=1)
    assert report.dry_run and report.ok
    assert (report.plan.accounts, report.plan.repeats, report.plan.batches) == (2, 1, 2)
    assert report.counts["not_attempted"] == 2
    assert sandbox.requests() == []


def test_failures_come_rejected_first(sandbox: Sandbox, client: hwm.Client) -> None:
    accounts = sandbox.accounts()[:2]
    sandbox.fail({"Status": {"status": 500}}, {"Account": accounts[0]})
    with pytest.raises(hwm.Error) as caught:
        client.set_status("normal", [accounts[0], "nobody"], batch_size=1, attempts=1, drain_ms=0)
    report = caught.value.report
    assert report is not None
    assert [outcome.outcome for outcome in report.failures] == ["rejected", "unknown"]


def test_a_large_report_is_looked_at_without_being_copied(offline: hwm.Client) -> None:
    accounts = [f"user{number}" for number in range(200_000)]
    report = offline.set_status("normal", accounts, dry_run=True)
    assert len(report.not_attempted) == 200_000
    assert report.not_attempted[199_999].account == "user199999"
    assert [outcome.account for outcome in report[::100_000]] == ["user0", "user100000"]


def test_a_name_gives_the_outcome_of_that_account(report: hwm.Report) -> None:
    for told in (report, pickle.loads(pickle.dumps(report))):
        for outcome in report:
            assert told[outcome.account] == outcome
            assert outcome.account in told and outcome in told
        assert told["  nobody\n"].outcome == "rejected" and " nobody" in told
        for stranger in ("nobody else", "", "a\ud800"):
            assert stranger not in told
            with pytest.raises(KeyError, match="the report has no account"):
                told[stranger]
        assert 3 not in told and None not in told
        assert told[3] == told["nobody"] and told[3:4][0] == told[3]


def test_a_part_of_a_report_has_its_accounts_alone(report: hwm.Report) -> None:
    assert "nobody" in report.rejected and "nobody" not in report.applied
    assert report.failures[" nobody"] == report["nobody"]
    assert report["nobody"] in report.rejected and report[0] not in report.rejected
    with pytest.raises(KeyError, match="none of these 5 entries is of account 'nobody'"):
        report.applied["nobody"]
    assert report.position("nobody") == 3 and report.position("nobody else") is None


def test_pandas_and_polars_take_a_report_as_a_table(report: hwm.Report) -> None:
    frame = pandas.DataFrame(report)
    assert frame.equals(report.to_pandas())
    assert list(frame[frame.outcome == "rejected"].account) == ["nobody"]
    assert polars.DataFrame(report).to_dicts() == report.to_dicts()
    assert pandas.DataFrame(report.rejected).to_dict("records") == [report["nobody"].to_dict()]


def test_an_outcome_is_a_dataclass(report: hwm.Report) -> None:
    refused = report["nobody"]
    assert dataclasses.asdict(refused) == refused.to_dict()
    assert dataclasses.replace(refused, account="another").account == "another"
    assert copy.copy(refused) == copy.deepcopy(refused) == refused
    assert list(copy.deepcopy(report)) == list(report)
    assert typing.get_type_hints(hwm.Outcome)["isolated"] is bool
