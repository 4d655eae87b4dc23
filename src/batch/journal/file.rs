//! A journal's file: opened, looked at, locked, and only then written to.

use std::fmt::Display;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, ErrorKind as Io, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::fault::{ErrorKind, Fault, Result};
use crate::sys::{Birthmark, file_size_limit};

/// Longest line that is read: 1000 accounts of 255 bytes take half of it, all of them escaped.
pub(super) const MAX_LINE: usize = 1 << 20;

/// An open file. Its lock ends when this is dropped, also in a child that inherited the file.
pub(super) struct JournalFile {
    file: File,
    path: PathBuf,
    /// Of the process that holds the lock.
    locked_by: Option<Birthmark>,
}

impl JournalFile {
    /// Opens the file at `path`; changes nothing.
    pub(super) fn open(path: &Path, how: How) -> Result<Option<JournalFile>> {
        let fail = |what: &str, error: &dyn Display| fail(path, what, error);
        let no_file = || fail("cannot be used", &"it is not a regular file");
        if std::fs::metadata(path).is_ok_and(|found| !found.is_file()) {
            return Err(no_file());
        }
        let opened = OpenOptions::new()
            .read(true)
            .append(how != How::Read)
            .create(how == How::Create)
            .mode(0o600)
            // Should it have become a pipe or a terminal since, opening it must not wait.
            .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
            .open(path);
        let file = match opened {
            Ok(file) => file,
            Err(error) if error.kind() == Io::NotFound && how != How::Create => return Ok(None),
            Err(error) => return Err(fail("cannot be opened", &error)),
        };
        if !file.metadata().is_ok_and(|found| found.is_file()) {
            return Err(no_file());
        }
        Ok(Some(JournalFile { file, path: path.to_owned(), locked_by: None }))
    }

    /// Goes through the lines, from the first on.
    pub(super) fn lines(&mut self) -> Result<Lines<'_>> {
        let JournalFile { file, path, .. } = self;
        file.seek(SeekFrom::Start(0)).map_err(|error| fail(path, "cannot be read", &error))?;
        let mut line = Vec::new();
        line.try_reserve_exact(MAX_LINE + 1).map_err(|_| no_memory())?;
        Ok(Lines { reader: BufReader::new(file), path, line, number: 0, whole: 0, is_torn: false })
    }

    pub(super) fn lock(&mut self) -> Result<()> {
        self.file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => self.fail("is in use", &"another call has it open"),
            TryLockError::Error(error) => self.fail("cannot be locked", &error),
        })?;
        self.locked_by = Some(Birthmark::new());
        Ok(())
    }

    /// Drops what stands behind the first `whole` bytes.
    pub(super) fn cut(&mut self, whole: u64) -> Result<()> {
        self.file.set_len(whole).map_err(|error| self.fail("cannot be truncated", &error))
    }

    /// Appends `bytes` and makes them durable. Fails also when the file was removed: what is
    /// written to it then is read by nobody.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        let written = self
            .may_append(bytes.len())
            .and_then(|()| self.file.write_all(bytes))
            .and_then(|()| self.file.sync_data())
            .and_then(|()| self.file.metadata());
        match written {
            Err(error) => Err(self.fail("cannot be written", &error)),
            Ok(file) if file.nlink() == 0 => {
                Err(self.fail("is gone", &"it was removed during the call"))
            }
            Ok(_) => Ok(()),
        }
    }

    /// Fails in a child that was forked during the call, whose parent goes on writing, and where a
    /// write would bring the host a signal that ends it.
    fn may_append(&self, bytes: usize) -> io::Result<()> {
        if !self.locked_by.as_ref().is_some_and(Birthmark::is_of_this_process) {
            return Err(io::Error::other("it is the parent's of this process"));
        }
        let size = self.file.metadata()?.len();
        match size.saturating_add(bytes as u64) > file_size_limit() {
            true => Err(io::Error::from_raw_os_error(libc::EFBIG)),
            false => Ok(()),
        }
    }

    /// Makes it durable that the file is in its folder.
    pub(super) fn sync_folder(&self) -> Result<()> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))
            .and_then(|folder| folder.sync_all())
            .map_err(|error| self.fail("its folder cannot be synced", &error))
    }

    fn fail(&self, what: &str, error: &dyn Display) -> Fault {
        fail(&self.path, what, error)
    }
}

impl Drop for JournalFile {
    fn drop(&mut self) {
        // Closing would not do: a child that was forked meanwhile has the file open as well.
        if self.locked_by.as_ref().is_some_and(Birthmark::is_of_this_process) {
            let _ = self.file.unlock();
        }
    }
}

/// What a file is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Read,
    Append,
    /// To append, and to be made when it is not there.
    Create,
}

/// The complete lines of a file.
pub(super) struct Lines<'f> {
    reader: BufReader<&'f mut File>,
    path: &'f Path,
    line: Vec<u8>,
    number: u64,
    /// Bytes of the lines so far.
    whole: u64,
    is_torn: bool,
}

impl Lines<'_> {
    /// The next line without its end; `None` behind the last that has one.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>> {
        self.line.clear();
        self.number += 1;
        // The room for it was reserved.
        (&mut self.reader)
            .take(MAX_LINE as u64 + 1)
            .read_until(b'\n', &mut self.line)
            .map_err(|error: io::Error| fail(self.path, "cannot be read", &error))?;
        if self.line.last() == Some(&b'\n') {
            self.whole += self.line.len() as u64;
            return Ok(Some(&self.line[..self.line.len() - 1]));
        }
        if self.is_too_long() {
            return Err(self.unreadable());
        }
        self.is_torn = !self.line.is_empty();
        Ok(None)
    }

    pub(super) fn whole(&self) -> u64 {
        self.whole
    }

    /// Whether something without an end stands behind the last line.
    pub(super) fn is_torn(&self) -> bool {
        self.is_torn
    }

    /// Whether the line that was read last is longer than any of a journal.
    pub(super) fn is_too_long(&self) -> bool {
        self.line.len() > MAX_LINE
    }

    /// That the line that was read last is not a journal's.
    pub(super) fn unreadable(&self) -> Fault {
        fail(self.path, &format!("line {} is unreadable", self.number), &"it is no journal's")
    }
}

fn fail(path: &Path, what: &str, error: &dyn Display) -> Fault {
    Fault::new(ErrorKind::Io, format!("journal {}: {what}: {error}", path.display()))
}

pub(super) fn no_memory() -> Fault {
    Fault::new(ErrorKind::NoMemory, "not enough memory to read the journal")
}
