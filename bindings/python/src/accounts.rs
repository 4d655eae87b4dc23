//! Accounts out of any Python iterable.

use std::time::{Duration, Instant};

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::failure;

/// The accounts of one call as bytes: what the core reads while the interpreter is let go.
#[derive(Default)]
pub(crate) struct AccountBytes {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

/// How many items are taken, and how much time may pass, between two looks at what ends the call.
const ITEMS_PER_LOOK: usize = 4096;
const LOOK_EVERY: Duration = Duration::from_millis(20);

impl AccountBytes {
    /// Takes every item of `accounts`, which must be a `str`; rules about its text are the core's.
    /// `look` fails when the call is to end; it is asked between items.
    pub(crate) fn collect(
        accounts: &Bound<'_, PyAny>,
        mut look: impl FnMut() -> PyResult<()>,
    ) -> PyResult<AccountBytes> {
        let mut taken = AccountBytes::default();
        let mut looked = Instant::now();
        for (index, item) in accounts.try_iter()?.enumerate() {
            let item = item?;
            let Ok(text) = item.cast::<PyString>() else {
                return Err(not_text(&item, index));
            };
            let added = match text.to_cow() {
                Ok(text) => taken.push(text.as_bytes()),
                Err(_) => taken.push(surrogates(text)?.as_bytes()),
            };
            if !added {
                drop(taken);
                return Err(failure::no_memory(item.py(), index));
            }
            if index % ITEMS_PER_LOOK == ITEMS_PER_LOOK - 1 || looked.elapsed() >= LOOK_EVERY {
                look()?;
                looked = Instant::now();
            }
        }
        Ok(taken)
    }

    /// Whether there was memory for one more.
    fn push(&mut self, account: &[u8]) -> bool {
        if self.bytes.try_reserve(account.len()).is_err() || self.ends.try_reserve(1).is_err() {
            return false;
        }
        self.bytes.extend_from_slice(account);
        self.ends.push(self.bytes.len());
        true
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
    failure::wrong_type(item.py(), format!("account {index} is of type {kind}, not str{hint}"))
}
