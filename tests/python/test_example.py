"""The examples run as the manual shows them."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

from conftest import StartSandbox
from sandbox import ROOT, Sandbox

EXAMPLES = ROOT / "examples" / "python"


def run(sandbox: Sandbox, example: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, EXAMPLES / example, *map(str, arguments)],
        env=sandbox.environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize("header", ["account\n", "account,department\n", ""])
def test_set_status_prints_what_became_of_each(
    sandbox: Sandbox, tmp_path: pathlib.Path, header: str
) -> None:
    path = tmp_path / "accounts.csv"
    accounts = sandbox.accounts()
    end = ",Sales\n" if "," in header else "\n"
    path.write_text(header + end.join([*accounts, "nobody", ""]), encoding="utf-8")
    done = run(sandbox, "set_status.py", "disabled", path)
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].strip() == f"{accounts[0]}: applied"
    assert lines[30].startswith("nobody: rejected USG.201040000 ")
    assert "30 applied, 1 rejected" in lines[31]
    assert set(sandbox.statuses().values()) == {1}


def test_set_status_over_tls(start_sandbox: StartSandbox, tmp_path: pathlib.Path) -> None:
    sandbox = start_sandbox(users=3, tls=True)
    path = tmp_path / "accounts.txt"
    path.write_text("\n".join(sandbox.accounts()), encoding="utf-8")
    done = run(sandbox, "set_status.py", "normal", path, sandbox.ca_file)
    assert done.returncode == 0, done.stderr
    assert "3 accounts → normal: 3 applied" in done.stdout


def test_set_status_says_what_went_wrong(sandbox: Sandbox, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "accounts.txt"
    path.write_text("")
    done = run(sandbox, "set_status.py", "disabled", path)
    assert done.returncode == 2
    assert done.stderr.startswith("invalid_argument: no accounts")


def test_set_status_says_which_words_it_takes(sandbox: Sandbox, tmp_path: pathlib.Path) -> None:
    done = run(sandbox, "set_status.py", "enabled", tmp_path / "accounts.txt")
    assert done.returncode == 2
    assert "status is 'enabled', but must be 'normal' or 'disabled'" in done.stderr


def test_workers_of_dask_share_the_work(sandbox: Sandbox, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "accounts.txt"
    path.write_text("\n".join([*sandbox.accounts(), "nobody"]), encoding="utf-8")
    done = run(sandbox, "dask_workers.py", "disabled", path)
    assert done.returncode == 0, done.stderr
    assert "30 applied, 1 not" in done.stdout
    assert set(sandbox.statuses().values()) == {1}
