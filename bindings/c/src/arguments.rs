//! The one family of pointer checks. Each error names the parameter.

use std::ffi::{CStr, c_char};

use hwm::{Error, ErrorKind};

/// An `HWM_INVALID_ARGUMENT` that reads `message`.
pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}

fn checked<T>(pointer: *const T, name: &str) -> Result<(), Error> {
    if pointer.is_null() {
        return Err(invalid(format!("{name} is NULL")));
    }
    if !pointer.is_aligned() {
        return Err(invalid(format!("{name} is not aligned as its type asks")));
    }
    Ok(())
}

/// A shared reference to `*pointer`.
///
/// # Safety
/// If not NULL, the pointer is valid for reads while `'a` lasts.
pub(crate) unsafe fn shared<'a, T>(pointer: *const T, name: &str) -> Result<&'a T, Error> {
    checked(pointer, name)?;
    // SAFETY: the caller's promise.
    Ok(unsafe { &*pointer })
}

/// A shared reference to `*pointer`, or `None` for NULL.
///
/// # Safety
/// As for [`shared`].
pub(crate) unsafe fn optional<'a, T>(
    pointer: *const T,
    name: &str,
) -> Result<Option<&'a T>, Error> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise.
    unsafe { shared(pointer, name) }.map(Some)
}

/// The only reference to `*pointer`.
///
/// # Safety
/// If not NULL, the pointer is valid for reads and writes while `'a` lasts, and nobody else uses it.
pub(crate) unsafe fn exclusive<'a, T>(pointer: *mut T, name: &str) -> Result<&'a mut T, Error> {
    checked(pointer, name)?;
    // SAFETY: the caller's promise.
    Ok(unsafe { &mut *pointer })
}

/// The text at `pointer`.
///
/// # Safety
/// If not NULL, the pointer leads to a NUL-terminated string that stays unchanged while `'a` lasts.
pub(crate) unsafe fn text<'a>(pointer: *const c_char, name: &str) -> Result<&'a str, Error> {
    checked(pointer, name)?;
    // SAFETY: the caller's promise.
    let bytes = unsafe { CStr::from_ptr(pointer) };
    bytes.to_str().map_err(|error| {
        invalid(format!("{name} is not UTF-8 (first bad byte at {})", error.valid_up_to()))
    })
}

/// The text at `pointer`, or `None` for NULL.
///
/// # Safety
/// As for [`text`].
pub(crate) unsafe fn optional_text<'a>(
    pointer: *const c_char,
    name: &str,
) -> Result<Option<&'a str>, Error> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise.
    unsafe { text(pointer, name) }.map(Some)
}

/// The array of `count` elements at `pointer`.
///
/// # Safety
/// If not NULL, the pointer leads to `count` elements that stay unchanged while `'a` lasts.
pub(crate) unsafe fn array<'a, T>(
    pointer: *const T,
    count: usize,
    name: &str,
) -> Result<&'a [T], Error> {
    if count == 0 {
        return Ok(&[]);
    }
    if pointer.is_null() {
        return Err(invalid(format!("{name} is NULL, but count is {count}")));
    }
    checked(pointer, name)?;
    if count > isize::MAX as usize / size_of::<T>().max(1) {
        return Err(invalid(format!("count is {count}, more than {name} can hold")));
    }
    // SAFETY: the caller's promise; the size was checked above.
    Ok(unsafe { std::slice::from_raw_parts(pointer, count) })
}

/// Sets an out-parameter to NULL on entry.
///
/// # Safety
/// If not NULL, `out` points to a writable pointer.
pub(crate) unsafe fn clear<T>(out: *mut *mut T) {
    if !out.is_null() {
        // SAFETY: the caller's promise.
        unsafe { out.write(std::ptr::null_mut()) };
    }
}

/// Takes back what a `_new` or an out-parameter gave; NULL is fine.
///
/// # Safety
/// If not NULL, the pointer came from `Box::into_raw` and is not used again.
pub(crate) unsafe fn free<T>(pointer: *mut T) {
    if !pointer.is_null() {
        // SAFETY: the caller's promise.
        drop(unsafe { Box::from_raw(pointer) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr;

    fn message<T>(result: Result<T, Error>) -> String {
        result.err().map(|error| error.message().to_owned()).unwrap_or_default()
    }

    #[test]
    fn every_check_names_its_parameter() {
        let numbers = [1u32, 2];
        // SAFETY: NULL, or pointers to locals.
        unsafe {
            assert_eq!(message(shared::<u32>(ptr::null(), "left")), "left is NULL");
            assert_eq!(message(exclusive::<u32>(ptr::null_mut(), "right")), "right is NULL");
            assert_eq!(message(text(ptr::null(), "key")), "key is NULL");
            assert_eq!(
                message(text(c"ab\xff".as_ptr(), "key")),
                "key is not UTF-8 (first bad byte at 2)"
            );
            assert_eq!(
                message(array::<u32>(ptr::null(), 2, "list")),
                "list is NULL, but count is 2"
            );
            assert!(message(array(numbers.as_ptr(), usize::MAX / 2, "list")).contains("count is"));
            let odd = numbers.as_ptr().cast::<u8>().add(1).cast::<u32>();
            assert_eq!(message(shared(odd, "odd")), "odd is not aligned as its type asks");
            assert_eq!(array::<u32>(ptr::null(), 0, "list").unwrap(), &[0u32; 0]);
            assert_eq!(array(numbers.as_ptr(), 2, "list").unwrap(), &[1, 2]);
            assert!(optional::<u32>(ptr::null(), "left").unwrap().is_none());
            assert!(optional_text(ptr::null(), "value").unwrap().is_none());
        }
    }
}
