#!/bin/sh
# Disables the accounts in the column `account` of leavers.csv. Credentials are in the environment:
# HWM_APP_ID and HWM_APP_KEY, or HWM_ACCESS_TOKEN.
set -u

hwm set-status disabled --file leavers.csv --column account --dry-run
hwm set-status disabled --file leavers.csv --column account --yes --csv report.csv
case $? in
    0) echo "all of them are disabled" ;;
    1) echo "some are not; report.csv says which and why"; exit 1 ;;
    *) exit 2 ;;
esac
