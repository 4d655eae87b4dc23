# Disables the accounts of a text file through Fiddle: ruby set_status.rb accounts.txt
require "fiddle/import"

module HWM
  extend Fiddle::Importer
  dlload ENV.fetch("LIBHWM", "libhwm.so.0.1")
  Entry = struct [
    "unsigned long long index", "unsigned long long time_ms",
    "char *account", "char *service_code", "char *message", "char *request_id",
    "unsigned int account_length", "int outcome", "int http_status",
    "unsigned int attempts", "unsigned int isolated", "unsigned int from_journal"
  ]
  extern "void *hwm_options_new(void)"
  extern "int hwm_options_from_env(void *, void *)"
  extern "void hwm_options_free(void *)"
  extern "int hwm_client_new(void *, void *, void *)"
  extern "void hwm_client_free(void *)"
  extern "int hwm_set_status(void *, int, void *, void *, size_t, void *, void *, void *)"
  extern "size_t hwm_report_size(void *)"
  extern "size_t hwm_report_count(void *, int)"
  extern "int hwm_report_item(void *, size_t, void *, size_t, void *)"
  extern "void hwm_report_free(void *)"
  extern "char *hwm_outcome_name(int)"
  extern "char *hwm_error_message(void *)"
  extern "void hwm_error_free(void *)"
end

accounts = File.readlines(ARGV[0], chomp: true).reject(&:empty?)
pointer_size = Fiddle::SIZEOF_VOIDP
client, report, error = Array.new(3) { Fiddle::Pointer.malloc(pointer_size, Fiddle::RUBY_FREE) }
[client, report, error].each { |out| out[0, pointer_size] = "\0" * pointer_size }

options = HWM.hwm_options_new
code = HWM.hwm_options_from_env(options, error)
code = HWM.hwm_client_new(options, client, error) if code >= 0
if code >= 0
  list = accounts.map { |account| Fiddle::Pointer[account].to_i }.pack("J*")
  code = HWM.hwm_set_status(client.ptr, 1, list, nil, accounts.size, nil, report, error)
end

size = HWM.hwm_report_size(report.ptr)
entry = HWM::Entry.malloc(Fiddle::RUBY_FREE)
size.times do |i|
  HWM.hwm_report_item(report.ptr, i, entry, HWM::Entry.size, nil)
  puts "#{entry.account} #{HWM.hwm_outcome_name(entry.outcome)} #{entry.message}" if entry.outcome != 0
end
warn HWM.hwm_error_message(error.ptr).to_s if code < 0
puts "#{HWM.hwm_report_count(report.ptr, 0)} of #{size} applied"

HWM.hwm_report_free(report.ptr)
HWM.hwm_error_free(error.ptr)
HWM.hwm_client_free(client.ptr)
HWM.hwm_options_free(options)
exit code.zero? ? 0 : 1
