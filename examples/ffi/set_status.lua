-- Disables the accounts of a text file through LuaJIT's FFI: luajit set_status.lua accounts.txt
local ffi = require("ffi")

ffi.cdef [[
typedef struct hwm_options hwm_options;
typedef struct hwm_client hwm_client;
typedef struct hwm_report hwm_report;
typedef struct hwm_error hwm_error;
typedef struct hwm_report_entry {
    uint64_t index, time_ms;
    const char *account, *service_code, *message, *request_id;
    uint32_t account_length;
    int32_t outcome, http_status;
    uint32_t attempts, isolated, from_journal;
} hwm_report_entry;
hwm_options *hwm_options_new(void);
int32_t hwm_options_from_env(hwm_options *, hwm_error **);
void hwm_options_free(hwm_options *);
int32_t hwm_client_new(const hwm_options *, hwm_client **, hwm_error **);
void hwm_client_free(hwm_client *);
int32_t hwm_set_status(hwm_client *, int32_t, const char *const *, const size_t *, size_t,
                       const hwm_options *, hwm_report **, hwm_error **);
size_t hwm_report_size(const hwm_report *);
size_t hwm_report_count(const hwm_report *, int32_t);
int32_t hwm_report_item(const hwm_report *, size_t, hwm_report_entry *, size_t, hwm_error **);
void hwm_report_free(hwm_report *);
const char *hwm_outcome_name(int32_t);
const char *hwm_error_message(const hwm_error *);
void hwm_error_free(hwm_error *);
]]
local hwm = ffi.load(os.getenv("LIBHWM") or "libhwm.so.0.1")

local accounts = {}
for line in io.lines(arg[1]) do
    if line ~= "" then accounts[#accounts + 1] = line end
end

local options = ffi.gc(hwm.hwm_options_new(), hwm.hwm_options_free)
local client, report, err = ffi.new("hwm_client *[1]"), ffi.new("hwm_report *[1]"), ffi.new("hwm_error *[1]")
local code = hwm.hwm_options_from_env(options, err)
if code >= 0 then code = hwm.hwm_client_new(options, client, err) end
if code >= 0 then
    local list = ffi.new("const char *[?]", #accounts, accounts)
    code = hwm.hwm_set_status(client[0], 1, list, nil, #accounts, nil, report, err)
end

local size = tonumber(hwm.hwm_report_size(report[0]))
local entry = ffi.new("hwm_report_entry")
for i = 0, size - 1 do
    hwm.hwm_report_item(report[0], i, entry, ffi.sizeof(entry), nil)
    if entry.outcome ~= 0 then
        print(ffi.string(entry.account), ffi.string(hwm.hwm_outcome_name(entry.outcome)),
              ffi.string(entry.message))
    end
end
if code < 0 then io.stderr:write(ffi.string(hwm.hwm_error_message(err[0])), "\n") end
print(string.format("%d of %d applied", tonumber(hwm.hwm_report_count(report[0], 0)), size))

hwm.hwm_report_free(report[0])
hwm.hwm_error_free(err[0])
hwm.hwm_client_free(client[0])
os.exit(code == 0 and 0 or 1)
