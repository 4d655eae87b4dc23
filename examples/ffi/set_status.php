<?php
// Disables the accounts of a text file through PHP's FFI:
//     php -d ffi.enable=1 set_status.php accounts.txt

$hwm = FFI::cdef(<<<'C'
typedef struct hwm_options hwm_options;
typedef struct hwm_client hwm_client;
typedef struct hwm_report hwm_report;
typedef struct hwm_error hwm_error;
typedef struct hwm_report_entry {
    uint64_t index, time_ms;
    const char *account;
    const char *service_code;
    const char *message;
    const char *request_id;
    uint32_t account_length;
    int32_t outcome, http_status;
    uint32_t attempts, isolated, from_journal;
} hwm_report_entry;
hwm_options *hwm_options_new(void);
int32_t hwm_options_from_env(hwm_options *, hwm_error **);
void hwm_options_free(hwm_options *);
int32_t hwm_client_new(const hwm_options *, hwm_client **, hwm_error **);
void hwm_client_free(hwm_client *);
int32_t hwm_set_status(hwm_client *, int32_t, char **, const size_t *, size_t,
                       const hwm_options *, hwm_report **, hwm_error **);
size_t hwm_report_size(const hwm_report *);
size_t hwm_report_count(const hwm_report *, int32_t);
int32_t hwm_report_item(const hwm_report *, size_t, hwm_report_entry *, size_t, hwm_error **);
void hwm_report_free(hwm_report *);
const char *hwm_outcome_name(int32_t);
const char *hwm_error_message(const hwm_error *);
void hwm_error_free(hwm_error *);
C, getenv('LIBHWM') ?: 'libhwm.so.0.1');

$accounts = file($argv[1], FILE_IGNORE_NEW_LINES | FILE_SKIP_EMPTY_LINES);
$count = count($accounts);
$list = $hwm->new("char *[$count]");
$texts = [];
foreach ($accounts as $i => $account) {
    $texts[$i] = $hwm->new('char[' . (strlen($account) + 1) . ']');
    FFI::memcpy($texts[$i], $account, strlen($account));
    $list[$i] = FFI::addr($texts[$i][0]);
}

$client = $hwm->new('hwm_client *');
$report = $hwm->new('hwm_report *');
$error = $hwm->new('hwm_error *');
$options = $hwm->hwm_options_new();
$code = $hwm->hwm_options_from_env($options, FFI::addr($error));
if ($code >= 0) {
    $code = $hwm->hwm_client_new($options, FFI::addr($client), FFI::addr($error));
}
if ($code >= 0) {
    $code = $hwm->hwm_set_status($client, 1, FFI::addr($list[0]), null, $count, null,
        FFI::addr($report), FFI::addr($error));
}

$size = $hwm->hwm_report_size($report);
$entry = $hwm->new('hwm_report_entry');
for ($i = 0; $i < $size; $i++) {
    $hwm->hwm_report_item($report, $i, FFI::addr($entry), FFI::sizeof($entry), null);
    if ($entry->outcome != 0) {
        $text = fn ($pointer) => is_string($pointer) ? $pointer : FFI::string($pointer);
        echo $text($entry->account), ' ', $hwm->hwm_outcome_name($entry->outcome), ' ',
            $text($entry->message), "\n";
    }
}
if ($code < 0) {
    fwrite(STDERR, $hwm->hwm_error_message($error) . "\n");
}
echo $hwm->hwm_report_count($report, 0), " of $size applied\n";

$hwm->hwm_report_free($report);
$hwm->hwm_error_free($error);
$hwm->hwm_client_free($client);
$hwm->hwm_options_free($options);
exit($code == 0 ? 0 : 1);
