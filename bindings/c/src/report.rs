//! The truth about every account of one call.

use std::collections::HashMap;
use std::ffi::{CString, c_char};
use std::ptr;
use std::sync::Arc;

use hwm::{Error, ErrorKind, Report};

use crate::arguments::{self, invalid};
use crate::code::{self, HWM_OK, HWM_OUTCOME_ANY, hwm_code};
use crate::error::{fallible, hwm_error};
use crate::made_once::MadeOnce;
use crate::panics::infallible;
use crate::text::without_nul;

/// What became of every distinct account of one call, in the caller's order. Yours: free it with
/// hwm_report_free(), before or after the client.
///
/// Several threads may read one report at once.
pub struct hwm_report {
    core: Arc<Report>,
    strings: MadeOnce<Strings>,
    json: MadeOnce<CString>,
}

/// What became of one account. Its texts belong to the report. Later versions add fields at the end
/// only.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hwm_report_entry {
    /// Where the account stands first in the caller's list, from 0.
    pub index: u64,
    /// When the deciding answer came, in milliseconds since 1970-01-01 UTC; 0 when there was none.
    pub time_ms: u64,
    /// The account, NUL-terminated.
    pub account: *const c_char,
    /// The service's `error_code` that decided; empty when there was none.
    pub service_code: *const c_char,
    /// The service's message, or what went wrong on the way; empty when all went well.
    pub message: *const c_char,
    /// The id of the deciding request, to quote to the vendor's support; may be empty.
    pub request_id: *const c_char,
    /// Bytes of `account` without its NUL.
    pub account_length: u32,
    /// #HWM_OUTCOME_APPLIED, #HWM_OUTCOME_REJECTED, #HWM_OUTCOME_UNKNOWN or
    /// #HWM_OUTCOME_NOT_ATTEMPTED.
    pub outcome: i32,
    /// HTTP status of the deciding answer; 0 when there was none.
    pub http_status: i32,
    /// Requests of this call that held the account.
    pub attempts: u32,
    /// 1 when the account was judged alone, else 0.
    pub isolated: u32,
    /// 1 when the outcome was read from the journal of an earlier call, else 0.
    pub from_journal: u32,
}

// No field is followed by padding: the sizes add up.
const _: () = assert!(size_of::<hwm_report_entry>() == 2 * 8 + 4 * size_of::<usize>() + 6 * 4);

/// More than any version's entry will have: beyond it a size is a mistake.
const MAX_OUT_SIZE: usize = 4096;

impl hwm_report {
    /// Gives the caller a report, if it is wanted.
    ///
    /// # Safety
    /// `out` is NULL or points to a writable pointer.
    pub(crate) unsafe fn hand_out(core: Arc<Report>, out: *mut *mut hwm_report) {
        if !out.is_null() {
            let handle =
                Box::new(hwm_report { core, strings: MadeOnce::new(), json: MadeOnce::new() });
            // SAFETY: the caller's promise.
            unsafe { out.write(Box::into_raw(handle)) };
        }
    }
}

/// How many distinct accounts a report covers.
///
/// @param report  A report, or NULL.
/// @return The number of items; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hwm_report_size(report: *const hwm_report) -> usize {
    // SAFETY: the header asks for NULL or a living handle.
    infallible(0, || unsafe {
        arguments::shared(report, "report").map_or(0, |report| report.core.len())
    })
}

/// How many accounts have an outcome.
///
/// @param report   A report, or NULL.
/// @param outcome  An outcome, or #HWM_OUTCOME_ANY for all.
/// @return The number; 0 for NULL and for a number that is no outcome.
///
/// @code{.c}
/// if (hwm_report_count(report, HWM_OUTCOME_APPLIED) == hwm_report_count(report, HWM_OUTCOME_ANY))
///     puts("all done");
/// @endcode
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hwm_report_count(report: *const hwm_report, outcome: i32) -> usize {
    // SAFETY: the header asks for NULL or a living handle.
    infallible(0, || unsafe {
        let Ok(report) = arguments::shared(report, "report") else { return 0 };
        match outcome {
            HWM_OUTCOME_ANY => report.core.len(),
            _ => code::outcome(outcome).map_or(0, |outcome| report.core.count(outcome)),
        }
    })
}

/// How many outcomes were read from the journal of an earlier call, and not seen in this one.
///
/// @param report  A report, or NULL.
/// @return The number; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hwm_report_from_journal_count(report: *const hwm_report) -> usize {
    // SAFETY: the header asks for NULL or a living handle.
    infallible(0, || unsafe {
        arguments::shared(report, "report").map_or(0, |report| report.core.from_journal_count())
    })
}

/// When the oldest of the outcomes from the journal was decided.
///
/// @param report  A report, or NULL.
/// @return Milliseconds since 1970-01-01 UTC; 0 when no outcome is from the journal, and for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hwm_report_from_journal_oldest_ms(report: *const hwm_report) -> u64 {
    // SAFETY: the header asks for NULL or a living handle.
    infallible(0, || unsafe {
        arguments::shared(report, "report").map_or(0, |report| report.core.from_journal_oldest_ms())
    })
}

/// Tells what became of one account.
///
/// @param report    A report.
/// @param i         Which item, from 0 to hwm_report_size() - 1.
/// @param out       Is filled; its texts live as long as the report.
/// @param out_size  `sizeof(hwm_report_entry)`, as the caller's header knows it. A shorter one is
///                  filled as far as it goes; of a longer one the rest is set to 0.
/// @param err       Receives the error; NULL: not wanted.
/// @return #HWM_OK; #HWM_INVALID_ARGUMENT for NULL, an `i` past the end or an `out_size` of 0 or beyond
///         4096; #HWM_NO_MEMORY when the report's texts could not be laid out.
///
/// @code{.c}
/// for (size_t i = 0; i < hwm_report_size(report); i++) {
///     hwm_report_entry entry;
///     if (hwm_report_item(report, i, &entry, sizeof entry, NULL) == HWM_OK)
///         printf("%s: %s %s\n", entry.account, hwm_outcome_name(entry.outcome), entry.message);
/// }
/// @endcode
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hwm_report_item(
    report: *const hwm_report,
    i: usize,
    out: *mut hwm_report_entry,
    out_size: usize,
    err: *mut *mut hwm_error,
) -> hwm_code {
    // SAFETY: the header asks for NULL or valid pointers, and for out_size writable bytes at out.
    unsafe {
        fallible(err, || {
            let report = arguments::shared(report, "report")?;
            if out.is_null() {
                return Err(invalid("out is NULL"));
            }
            if !(1..=MAX_OUT_SIZE).contains(&out_size) {
                return Err(invalid(format!(
                    "out_size is {out_size}; it must be sizeof(hwm_report_entry)"
                )));
            }
            let entry = report.entry(i)?;
            let filled = out_size.min(size_of::<hwm_report_entry>());
            let out = out.cast::<u8>();
            ptr::copy_nonoverlapping(ptr::from_ref(&entry).cast::<u8>(), out, filled);
            out.add(filled).write_bytes(0, out_size - filled);
            Ok(HWM_OK)
        })
    }
}

/// The whole report as JSON.
///
/// One object: `status`, `account_type`, `dry_run`, `total`, `counts` by outcome, `plan`, `requests`,
/// `retries`, `elapsed_ms`, `from_journal_count`, `from_journal_oldest_ms`, and `accounts`, an array
/// with an object for each account in the fields of hwm_report_entry.
///
/// @param report  A report.
/// @param out     Receives UTF-8 text of the report's; NULL when the function fails.
/// @param err     Receives the error; NULL: not wanted.
/// @return #HWM_OK; #HWM_INVALID_ARGUMENT for NULL; #HWM_NO_MEMORY.
///
/// @code{.c}
/// const char *json = NULL;
/// if (hwm_report_json(report, &json, NULL) == HWM_OK)
///     puts(json);
/// @endcode
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hwm_report_json(
    report: *const hwm_report,
    out: *mut *const c_char,
    err: *mut *mut hwm_error,
) -> hwm_code {
    // SAFETY: the header asks for NULL or valid pointers.
    unsafe {
        arguments::clear(out.cast::<*mut c_char>());
        fallible(err, || {
            let report = arguments::shared(report, "report")?;
            let out = arguments::exclusive(out, "out")?;
            let json = report.json.get_or_make(|| {
                // JSON writes U+0000 as an escape, so that none can be in the text.
                CString::new(report.core.to_json()?)
                    .map_err(|_| Error::new(ErrorKind::Panic, "a NUL in JSON"))
            })?;
            *out = json.as_ptr();
            Ok(HWM_OK)
        })
    }
}

/// Frees a report and all its texts.
///
/// @param report  A report, or NULL: nothing happens.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hwm_report_free(report: *mut hwm_report) {
    // SAFETY: the header asks for NULL or a handle that is not used again.
    infallible((), || unsafe { arguments::free(report) });
}

impl hwm_report {
    fn entry(&self, i: usize) -> Result<hwm_report_entry, Error> {
        let Some(entry) = self.core.get(i) else {
            return Err(invalid(format!("i is {i}, but the report has {} items", self.core.len())));
        };
        let strings = self.strings.get_or_make(|| Strings::of(&self.core))?;
        debug_assert!(u32::try_from(entry.account.len()).is_ok(), "longer than an account may be");
        Ok(hwm_report_entry {
            index: entry.index as u64,
            time_ms: entry.time_ms,
            account: strings.account(i),
            service_code: strings.shared(entry.service_code),
            message: strings.shared(entry.message),
            request_id: strings.shared(entry.request_id),
            account_length: entry.account.len() as u32,
            outcome: entry.outcome as i32,
            http_status: i32::from(entry.http_status),
            attempts: entry.attempts,
            isolated: u32::from(entry.isolated),
            from_journal: u32::from(entry.from_journal),
        })
    }
}

/// All texts of a report, each NUL-terminated, in one piece of memory.
struct Strings {
    bytes: Vec<u8>,
    /// Where each account starts.
    accounts: Vec<usize>,
    /// Where each text that several entries share starts, by its address in the core's report.
    shared: HashMap<usize, usize>,
}

impl Strings {
    fn of(report: &Report) -> Result<Strings, Error> {
        let no_memory =
            |_| Error::new(ErrorKind::NoMemory, "not enough memory for the report's texts");
        let mut strings =
            Strings { bytes: Vec::new(), accounts: Vec::new(), shared: HashMap::new() };
        let size = report.iter().map(|entry| entry.account.len() + 1).sum();
        strings.bytes.try_reserve_exact(size).map_err(no_memory)?;
        strings.accounts.try_reserve_exact(report.len()).map_err(no_memory)?;
        for entry in report.iter() {
            strings.accounts.push(strings.bytes.len());
            strings.push(entry.account).map_err(no_memory)?;
        }
        for entry in report.iter() {
            for text in [entry.service_code, entry.message, entry.request_id] {
                let address = text.as_ptr() as usize;
                if text.is_empty() || strings.shared.contains_key(&address) {
                    continue;
                }
                strings.shared.try_reserve(1).map_err(no_memory)?;
                strings.shared.insert(address, strings.bytes.len());
                strings.push(text).map_err(no_memory)?;
            }
        }
        debug_assert_eq!(strings.accounts.len(), report.len());
        Ok(strings)
    }

    fn push(&mut self, text: &str) -> Result<(), std::collections::TryReserveError> {
        let text = without_nul(text);
        self.bytes.try_reserve(text.len() + 1)?;
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes.push(0);
        Ok(())
    }

    fn account(&self, i: usize) -> *const c_char {
        debug_assert_eq!(self.bytes.last(), Some(&0), "a text without its end");
        self.bytes[self.accounts[i]..].as_ptr().cast()
    }

    fn shared(&self, text: &str) -> *const c_char {
        if text.is_empty() {
            return c"".as_ptr();
        }
        let start = self.shared.get(&(text.as_ptr() as usize));
        debug_assert!(start.is_some(), "the core's report has moved a text: {text}");
        start.map_or(c"".as_ptr(), |&start| self.bytes[start..].as_ptr().cast())
    }
}
