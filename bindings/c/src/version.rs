//! The version of the library that runs.

use std::ffi::{CStr, c_char};

use crate::panics::infallible;

const VERSION: &CStr =
    match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => panic!("a version holds no NUL"),
    };

/// The version of the library that runs, such as `"0.1.0"`; #HWM_VERSION is that of this header.
///
/// @return A string that lives as long as the program.
///
/// @code{.c}
/// printf("header %s, library %s\n", HWM_VERSION, hwm_version());
/// @endcode
#[unsafe(no_mangle)]
pub extern "C" fn hwm_version() -> *const c_char {
    infallible(c"".as_ptr(), || VERSION.as_ptr())
}
