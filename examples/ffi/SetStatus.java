// Disables the accounts of a text file through JNA: java -cp jna.jar SetStatus.java accounts.txt

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.Structure;
import com.sun.jna.ptr.PointerByReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

public class SetStatus {
    @Structure.FieldOrder({"index", "time_ms", "account", "service_code", "message", "request_id",
            "account_length", "outcome", "http_status", "attempts", "isolated", "from_journal"})
    public static class Entry extends Structure {
        public long index, time_ms;
        public String account, service_code, message, request_id;
        public int account_length, outcome, http_status, attempts, isolated, from_journal;
    }

    /** size_t is as wide as a pointer. */
    public static class Size extends com.sun.jna.IntegerType {
        public Size() { this(0); }
        public Size(long value) { super(Native.SIZE_T_SIZE, value, true); }
    }

    public interface Hwm extends Library {
        Pointer hwm_options_new();
        int hwm_options_from_env(Pointer options, PointerByReference err);
        void hwm_options_free(Pointer options);
        int hwm_client_new(Pointer options, PointerByReference out, PointerByReference err);
        void hwm_client_free(Pointer client);
        int hwm_set_status(Pointer client, int status, String[] accounts, Pointer lengths, Size count,
                Pointer overrides, PointerByReference report, PointerByReference err);
        Size hwm_report_size(Pointer report);
        Size hwm_report_count(Pointer report, int outcome);
        int hwm_report_item(Pointer report, Size i, Entry out, Size outSize, PointerByReference err);
        void hwm_report_free(Pointer report);
        String hwm_outcome_name(int outcome);
        String hwm_error_message(Pointer error);
        void hwm_error_free(Pointer error);
    }

    public static void main(String[] arguments) throws Exception {
        Hwm hwm = Native.load(System.getenv().getOrDefault("LIBHWM", "libhwm.so.0.1"), Hwm.class,
                Map.of(Library.OPTION_STRING_ENCODING, "UTF-8"));
        String[] accounts = Files.readAllLines(Path.of(arguments[0])).stream()
                .filter(line -> !line.isEmpty()).toArray(String[]::new);

        PointerByReference client = new PointerByReference();
        PointerByReference report = new PointerByReference();
        PointerByReference error = new PointerByReference();
        Pointer options = hwm.hwm_options_new();
        int code = hwm.hwm_options_from_env(options, error);
        if (code >= 0) {
            code = hwm.hwm_client_new(options, client, error);
        }
        if (code >= 0) {
            code = hwm.hwm_set_status(client.getValue(), 1, accounts, null, new Size(accounts.length),
                    null, report, error);
        }

        long size = hwm.hwm_report_size(report.getValue()).longValue();
        Entry entry = new Entry();
        for (long i = 0; i < size; i++) {
            hwm.hwm_report_item(report.getValue(), new Size(i), entry, new Size(entry.size()), null);
            if (entry.outcome != 0) {
                System.out.println(entry.account + " " + hwm.hwm_outcome_name(entry.outcome) + " "
                        + entry.message);
            }
        }
        if (code < 0) {
            System.err.println(hwm.hwm_error_message(error.getValue()));
        }
        System.out.println(hwm.hwm_report_count(report.getValue(), 0) + " of " + size + " applied");

        hwm.hwm_report_free(report.getValue());
        hwm.hwm_error_free(error.getValue());
        hwm.hwm_client_free(client.getValue());
        hwm.hwm_options_free(options);
        System.exit(code == 0 ? 0 : 1);
    }
}
