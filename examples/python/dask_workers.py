"""Sets the status of many accounts from the workers of a Dask cluster.

    python dask_workers.py disabled ACCOUNTS.txt

Options come from the environment, also in the workers: a client made by from_env travels without
its secrets and reads the environment again where it wakes up. The workers share the service's
quota, which one process can use up alone: this is for accounts that are spread already.
"""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Iterable

import dask.bag

import hwm


def set_part(
    accounts: Iterable[str], client: hwm.Client, status: hwm.UserStatus
) -> list[hwm.Report]:
    """One report for one partition of accounts."""
    part = list(accounts)
    return [client.set_status(status, part)] if part else []


def main() -> None:
    status, path = hwm.UserStatus.named(sys.argv[1]), sys.argv[2]
    accounts: list[str] = pathlib.Path(path).read_text(encoding="utf-8").split()
    with hwm.Client.from_env(concurrency=1) as client:
        bag = dask.bag.from_sequence(accounts, npartitions=4)
        parts = bag.map_partitions(set_part, client=client, status=status)
        reports = parts.compute(scheduler="processes", num_workers=2)
    for report in reports:
        print(report.summary())
    applied = sum(len(report.applied) for report in reports)
    print(f"{applied} applied, {sum(map(len, reports)) - applied} not")


if __name__ == "__main__":
    main()
