"""Disables the accounts of a text file through ctypes: python3 set_status_ctypes.py accounts.txt"""

import ctypes
import os
import sys
from ctypes import POINTER, byref, c_char_p, c_int32, c_size_t, c_uint32, c_uint64, c_void_p


class Entry(ctypes.Structure):
    _fields_ = [("index", c_uint64), ("time_ms", c_uint64), ("account", c_char_p),
                ("service_code", c_char_p), ("message", c_char_p), ("request_id", c_char_p),
                ("account_length", c_uint32), ("outcome", c_int32), ("http_status", c_int32),
                ("attempts", c_uint32), ("isolated", c_uint32), ("from_journal", c_uint32)]


hwm = ctypes.CDLL(os.environ.get("LIBHWM", "libhwm.so.0.1"))


def declare(name, result, *arguments):
    function = getattr(hwm, name)
    function.restype, function.argtypes = result, arguments
    return function


handle, error_out = c_void_p, POINTER(c_void_p)
options_new = declare("hwm_options_new", handle)
options_from_env = declare("hwm_options_from_env", c_int32, handle, error_out)
client_new = declare("hwm_client_new", c_int32, handle, POINTER(handle), error_out)
set_status = declare("hwm_set_status", c_int32, handle, c_int32, POINTER(c_char_p), c_void_p, c_size_t,
                     handle, POINTER(handle), error_out)
report_size = declare("hwm_report_size", c_size_t, handle)
report_count = declare("hwm_report_count", c_size_t, handle, c_int32)
report_item = declare("hwm_report_item", c_int32, handle, c_size_t, POINTER(Entry), c_size_t, error_out)
outcome_name = declare("hwm_outcome_name", c_char_p, c_int32)
error_message = declare("hwm_error_message", c_char_p, handle)
for kind in ("options", "client", "report", "error"):
    declare(f"hwm_{kind}_free", None, handle)

with open(sys.argv[1], "rb") as file:
    accounts = [line.strip() for line in file if line.strip()]

options, client, report, error = options_new(), handle(), handle(), handle()
code = options_from_env(options, byref(error))
if code >= 0:
    code = client_new(options, byref(client), byref(error))
if code >= 0:
    code = set_status(client, 1, (c_char_p * len(accounts))(*accounts), None, len(accounts), None,
                      byref(report), byref(error))

for i in range(report_size(report)):
    entry = Entry()
    report_item(report, i, byref(entry), ctypes.sizeof(entry), None)
    if entry.outcome != 0:
        print(entry.account.decode(), outcome_name(entry.outcome).decode(), entry.message.decode())
if code < 0:
    print(error_message(error).decode(), file=sys.stderr)
print(f"{report_count(report, 0)} of {report_size(report)} applied")

hwm.hwm_report_free(report)
hwm.hwm_error_free(error)
hwm.hwm_client_free(client)
hwm.hwm_options_free(options)
sys.exit(0 if code == 0 else 1)
