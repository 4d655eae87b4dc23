//! Accounts out of any Python iterable.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::failure;

/// The accounts of one call as bytes: what the core reads while the interpreter is let go.
pub(crate) struct AccountBytes {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

/// How many items are taken between two looks for signals.
const ITEMS_PER_LOOK: usize = 4096;

impl AccountBytes {
    /// Takes every item of `accounts`, which must be a `str`; rules about its text are the core's.
    pub(crate) fn collect(accounts: &Bound<'_, PyAny>) -> PyResult<AccountBytes> {
        let py = accounts.py();
        let mut taken = AccountBytes { bytes: Vec::new(), ends: Vec::new() };
        for (index, item) in accounts.try_iter()?.enumerate() {
            let item = item?;
            let Ok(text) = item.cast::<PyString>() else {
                return Err(not_text(&item, index));
            };
            match text.to_cow() {
                Ok(text) => taken.bytes.extend_from_slice(text.as_bytes()),
                Err(_) => taken.bytes.extend_from_slice(surrogates(text)?.as_bytes()),
            }
            taken.ends.push(taken.bytes.len());
            if index % ITEMS_PER_LOOK == ITEMS_PER_LOOK - 1 {
                py.check_signals()?;
            }
        }
        Ok(taken)
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        (0..self.ends.len()).map(|i| {
            let start = if i == 0 { 0 } else { self.ends[i - 1] };
            &self.bytes[start..self.ends[i]]
        })
    }
}

/// Text with lone surrogates, which no UTF-8 has: in bytes that the core refuses by its rule.
fn surrogates<'py>(text: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyBytes>> {
    let bytes = text.call_method1("encode", ("utf-8", "surrogatepass"))?;
    Ok(bytes.cast_into::<PyBytes>()?)
}

fn not_text(item: &Bound<'_, PyAny>, index: usize) -> PyErr {
    let kind = item.get_type().name().map_or_else(|_| "object".to_owned(), |name| name.to_string());
    let hint = match kind.as_str() {
        "bytes" => "; decode it first",
        "NoneType" | "float" | "NAType" | "NaTType" => "; a missing value?",
        "int" => "; an account is text, such as str(number)",
        _ => "",
    };
    failure::argument(item.py(), format!("account {index} is of type {kind}, not str{hint}"))
}
