// Disables the accounts of a text file through koffi: node set_status.js accounts.txt
const fs = require("fs");
const koffi = require("koffi");

const lib = koffi.load(process.env.LIBHWM || "libhwm.so.0.1");
const Options = koffi.opaque("hwm_options");
const Client = koffi.opaque("hwm_client");
const Report = koffi.opaque("hwm_report");
const HwmError = koffi.opaque("hwm_error");
const Entry = koffi.struct("hwm_report_entry", {
  index: "uint64_t", time_ms: "uint64_t",
  account: "const char *", service_code: "const char *", message: "const char *", request_id: "const char *",
  account_length: "uint32_t", outcome: "int32_t", http_status: "int32_t",
  attempts: "uint32_t", isolated: "uint32_t", from_journal: "uint32_t",
});

const hwm = Object.fromEntries(
  [
    "hwm_options *hwm_options_new()",
    "int32_t hwm_options_from_env(hwm_options *, _Out_ hwm_error **)",
    "void hwm_options_free(hwm_options *)",
    "int32_t hwm_client_new(hwm_options *, _Out_ hwm_client **, _Out_ hwm_error **)",
    "void hwm_client_free(hwm_client *)",
    "int32_t hwm_set_status(hwm_client *, int32_t, const char **, size_t *, size_t, hwm_options *, _Out_ hwm_report **, _Out_ hwm_error **)",
    "size_t hwm_report_size(hwm_report *)",
    "size_t hwm_report_count(hwm_report *, int32_t)",
    "int32_t hwm_report_item(hwm_report *, size_t, _Out_ hwm_report_entry *, size_t, void *)",
    "void hwm_report_free(hwm_report *)",
    "const char *hwm_outcome_name(int32_t)",
    "const char *hwm_error_message(hwm_error *)",
    "void hwm_error_free(hwm_error *)",
  ].map((declaration) => [declaration.match(/(hwm_\w+)\(/)[1], lib.func(declaration)]),
);

const accounts = fs.readFileSync(process.argv[2], "utf8").split(/\r?\n/).filter((line) => line !== "");
const client = [null], report = [null], error = [null];
const options = hwm.hwm_options_new();
let code = hwm.hwm_options_from_env(options, error);
if (code >= 0) code = hwm.hwm_client_new(options, client, error);
if (code >= 0) code = hwm.hwm_set_status(client[0], 1, accounts, null, accounts.length, null, report, error);

const size = Number(hwm.hwm_report_size(report[0]));
for (let i = 0; i < size; i++) {
  const entry = {};
  hwm.hwm_report_item(report[0], i, entry, koffi.sizeof(Entry), null);
  if (entry.outcome !== 0) console.log(entry.account, hwm.hwm_outcome_name(entry.outcome), entry.message);
}
if (code < 0) console.error(hwm.hwm_error_message(error[0]));
console.log(`${hwm.hwm_report_count(report[0], 0)} of ${size} applied`);

hwm.hwm_report_free(report[0]);
hwm.hwm_error_free(error[0]);
hwm.hwm_client_free(client[0]);
hwm.hwm_options_free(options);
process.exitCode = code === 0 ? 0 : 1;
