// Disables the accounts of a text file through cgo: go run ./go accounts.txt
package main

// #cgo LDFLAGS: -lhwm
// #include <hwm.h>
// #include <stdlib.h>
import "C"

import (
	"fmt"
	"os"
	"strings"
	"unsafe"
)

func main() {
	os.Exit(run(os.Args[1]))
}

func run(path string) int {
	text, err := os.ReadFile(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	lines := strings.Fields(string(text))
	accounts := make([]*C.char, len(lines))
	for i, line := range lines {
		accounts[i] = C.CString(line)
		defer C.free(unsafe.Pointer(accounts[i]))
	}

	var client *C.hwm_client
	var report *C.hwm_report
	var failure *C.hwm_error
	options := C.hwm_options_new()
	defer C.hwm_options_free(options)
	code := C.hwm_options_from_env(options, &failure)
	if code >= 0 {
		code = C.hwm_client_new(options, &client, &failure)
	}
	if code >= 0 {
		code = C.hwm_set_status(client, C.HWM_STATUS_DISABLED, &accounts[0], nil,
			C.size_t(len(accounts)), nil, &report, &failure)
	}
	defer C.hwm_client_free(client)
	defer C.hwm_report_free(report)
	defer C.hwm_error_free(failure)

	size := C.hwm_report_size(report)
	for i := C.size_t(0); i < size; i++ {
		var entry C.hwm_report_entry
		C.hwm_report_item(report, i, &entry, C.size_t(unsafe.Sizeof(entry)), nil)
		if entry.outcome != C.HWM_OUTCOME_APPLIED {
			fmt.Println(C.GoString(entry.account), C.GoString(C.hwm_outcome_name(entry.outcome)),
				C.GoString(entry.message))
		}
	}
	if code < 0 {
		fmt.Fprintln(os.Stderr, C.GoString(C.hwm_error_message(failure)))
	}
	fmt.Println(C.hwm_report_count(report, C.HWM_OUTCOME_APPLIED), "of", size, "applied")
	if code != C.HWM_OK {
		return 1
	}
	return 0
}
