"""Sets the status of the accounts of a text or CSV file, one account a line, and prints the report.

    python set_status.py disabled ACCOUNTS.csv [CA.pem]

Options come from the environment: HWM_APP_ID and HWM_APP_KEY, HWM_ENDPOINT, …
"""

import csv
import sys

import hwm


def read_accounts(path: str) -> list[str]:
    """The first field of every line, but for the header "account" of a CSV file."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        fields = [row[0] for row in csv.reader(file) if row]
    return fields[1:] if fields[:1] == ["account"] else fields


def main() -> int:
    word, path = sys.argv[1:3]
    ca_file = sys.argv[3] if len(sys.argv) > 3 else None
    try:
        status = hwm.UserStatus.named(word)
        with hwm.Client.from_env(ca_file=ca_file) as client:
            report = client.set_status(status, read_accounts(path))
    except hwm.Error as error:
        print(f"{error.kind}: {error}", file=sys.stderr)
        if error.report is None:
            return 2
        report = error.report
    for outcome in report:
        print(f"{outcome.account}: {outcome.outcome}", outcome.service_code, outcome.message)
    print(report.summary())
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
