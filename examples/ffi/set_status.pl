# Disables the accounts of a text file through FFI::Platypus: perl set_status.pl accounts.txt
use strict;
use warnings;
use FFI::Platypus 1.00;

package Entry {
    use FFI::Platypus::Record;
    record_layout(qw(
        uint64 index uint64 time_ms opaque account opaque service_code opaque message
        opaque request_id uint32 account_length sint32 outcome sint32 http_status
        uint32 attempts uint32 isolated uint32 from_journal
    ));
}

my $ffi = FFI::Platypus->new(api => 1, lib => $ENV{LIBHWM} // 'libhwm.so.0.1');
$ffi->type('record(Entry)*' => 'entry');
$ffi->attach(hwm_options_new      => []                                => 'opaque');
$ffi->attach(hwm_options_from_env => [qw(opaque opaque*)]              => 'sint32');
$ffi->attach(hwm_client_new       => [qw(opaque opaque* opaque*)]      => 'sint32');
$ffi->attach(hwm_set_status       => [qw(opaque sint32 string[] opaque size_t opaque opaque* opaque*)]
                                                                       => 'sint32');
$ffi->attach(hwm_report_size      => ['opaque']                        => 'size_t');
$ffi->attach(hwm_report_count     => [qw(opaque sint32)]               => 'size_t');
$ffi->attach(hwm_report_item      => [qw(opaque size_t entry size_t opaque)] => 'sint32');
$ffi->attach(hwm_outcome_name     => ['sint32']                        => 'string');
$ffi->attach(hwm_error_message    => ['opaque']                        => 'string');
$ffi->attach("hwm_${_}_free"      => ['opaque']                        => 'void')
    for qw(options client report error);

open my $file, '<', $ARGV[0] or die "$ARGV[0]: $!";
my @accounts = grep { length } map { s/\s+\z//r } <$file>;
close $file;

my ($client, $report, $error);
my $options = hwm_options_new();
my $code    = hwm_options_from_env($options, \$error);
$code = hwm_client_new($options, \$client, \$error) if $code >= 0;
$code = hwm_set_status($client, 1, \@accounts, undef, scalar @accounts, undef, \$report, \$error)
    if $code >= 0;

my $size  = hwm_report_size($report);
my $entry = Entry->new;
for my $i (0 .. $size - 1) {
    hwm_report_item($report, $i, $entry, 40 + 4 * $ffi->sizeof('opaque'), undef);
    next if $entry->outcome == 0;
    my ($account, $message) = map { $ffi->cast(opaque => 'string', $_) } $entry->account, $entry->message;
    print "$account ", hwm_outcome_name($entry->outcome), " $message\n";
}
print STDERR hwm_error_message($error), "\n" if $code < 0;
print hwm_report_count($report, 0), " of $size applied\n";

hwm_report_free($report);
hwm_error_free($error);
hwm_client_free($client);
hwm_options_free($options);
exit($code == 0 ? 0 : 1);
