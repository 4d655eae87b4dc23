//! Files that hold secrets, and the refusal of those that others can read.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::bounded_input;
use crate::exit_code::Failure;

/// Text of a file and whether only its owner may read it.
pub(crate) struct PrivateText {
    pub(crate) text: String,
    name: String,
    mode: u32,
}

impl PrivateText {
    /// Reads `path`; `Ok(None)` when there is no such file.
    pub(crate) fn read(path: &Path) -> Result<Option<PrivateText>, Failure> {
        let name = path.display().to_string();
        let fail = |error: io::Error| Failure::usage(format!("{name}: {error}"));
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(fail(error)),
        };
        let mode = file.metadata().map(|metadata: Metadata| metadata.mode()).map_err(fail)?;
        let text = bounded_input::read_text(file, bounded_input::SETTINGS).map_err(fail)?;
        Ok(Some(PrivateText { text, name, mode }))
    }

    /// Fails when the file's group or others may read or write it.
    pub(crate) fn require_private(&self) -> Result<(), Failure> {
        if self.mode & 0o077 == 0 {
            return Ok(());
        }
        Err(Failure::usage(format!(
            "{}: holds secrets, but others may read it (mode {:04o}); run: chmod 600 {}",
            self.name,
            self.mode & 0o7777,
            self.name,
        )))
    }
}
