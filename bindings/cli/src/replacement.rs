//! A file that is replaced whole or stays as it was, to the byte.
//!
//! What it is for is checked before anything is sent. It is written at the end, beside its place,
//! and renamed into it; until then nothing of what stands there is touched. What is no file of a
//! disk (standard output, a pipe, a terminal) is written to as it is.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};
use std::process;

use crate::exit_code::Failure;

/// A file that must not be replaced, and what it is.
pub(crate) struct Guarded {
    pub(crate) identity: Option<Identity>,
    pub(crate) what: &'static str,
}

/// What makes two paths the same file, by whatever names or links.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    /// Device and inode of a file that is there.
    File(u64, u64),
    /// Device and inode of the folder, and the name, of one that is not there yet.
    Place(u64, u64, OsString),
}

impl Identity {
    /// Of the file at `path`, or of standard output for `-`; `None` for what is no file of a disk.
    fn of_target(path: &Path) -> Option<Identity> {
        if path == Path::new("-") {
            Identity::of_open(io::stdout())
        } else {
            Identity::of_path(path)
        }
    }

    /// Of the file at `path`; `None` for what is no file of a disk.
    pub(crate) fn of_path(path: &Path) -> Option<Identity> {
        let path = followed(path);
        match fs::metadata(&path) {
            Ok(metadata) => Identity::of(&metadata),
            Err(_) => {
                let folder = fs::metadata(folder(&path)).ok()?;
                Some(Identity::Place(folder.dev(), folder.ino(), path.file_name()?.to_owned()))
            }
        }
    }

    /// Of what is open as `stream`.
    pub(crate) fn of_open(stream: impl AsFd) -> Option<Identity> {
        Identity::of(&metadata(stream).ok()?)
    }

    fn of(metadata: &Metadata) -> Option<Identity> {
        metadata.is_file().then(|| Identity::File(metadata.dev(), metadata.ino()))
    }
}

/// Where to write, once it is time.
pub(crate) struct Replacement {
    name: String,
    place: Place,
}

enum Place {
    /// The path behind all links, and what stands there.
    Beside(PathBuf, Option<Metadata>),
    Stream(Box<dyn Write>),
}

impl Replacement {
    /// Checks that `path` may be replaced and can be. Writes nothing; in a `dry_run` nothing is
    /// tried either. An error is wrong usage.
    pub(crate) fn prepare(
        path: &Path,
        guarded: &[Guarded],
        dry_run: bool,
    ) -> Result<Replacement, Failure> {
        let fail = |why: &dyn std::fmt::Display| {
            Failure::usage(format!("{}: {why}; nothing was sent", path.display()))
        };
        if let Some(identity) = Identity::of_target(path)
            && let Some(same) =
                guarded.iter().find(|guarded| guarded.identity.as_ref() == Some(&identity))
        {
            return Err(fail(&format!("this is {} and would be lost", same.what)));
        }
        let place = place(path, dry_run).map_err(|error| fail(&error))?;
        Ok(Replacement { name: path.display().to_string(), place })
    }

    /// The path as it was given.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Puts in place what `fill` writes.
    pub(crate) fn write(
        self,
        fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        match self.place {
            Place::Stream(mut stream) => match fill(&mut stream).and_then(|()| stream.flush()) {
                // A reader that went away has seen what it wanted.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                result => result,
            },
            Place::Beside(path, previous) => {
                let (mut file, beside) = create_beside(&path, previous.is_some())?;
                let is_new = previous.is_none();
                let result = fill(&mut file)
                    .and_then(|()| previous.map_or(Ok(()), |previous| take_over(&file, &previous)))
                    .and_then(|()| file.sync_all())
                    .and_then(|()| if is_new { require_free(&path) } else { Ok(()) })
                    .and_then(|()| fs::rename(&beside, &path));
                if result.is_err() {
                    let _ = fs::remove_file(&beside);
                }
                result
            }
        }
    }
}

fn place(path: &Path, dry_run: bool) -> io::Result<Place> {
    if path == Path::new("-") {
        return Ok(Place::Stream(Box::new(io::stdout())));
    }
    let path = &followed(path);
    let previous = match fs::metadata(path) {
        Ok(previous) => previous,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return beside(path.clone(), None, dry_run);
        }
        Err(error) => return Err(error),
    };
    let is_same = |open: io::Result<Metadata>| {
        open.is_ok_and(|open| (open.dev(), open.ino()) == (previous.dev(), previous.ino()))
    };
    if is_same(metadata(io::stdout())) {
        Ok(Place::Stream(Box::new(io::stdout())))
    } else if is_same(metadata(io::stderr())) {
        Ok(Place::Stream(Box::new(io::stderr())))
    } else if previous.is_dir() {
        Err(io::ErrorKind::IsADirectory.into())
    } else if previous.is_file() {
        // Who may not write to it may not replace it either.
        OpenOptions::new().write(true).open(path)?;
        beside(fs::canonicalize(path)?, Some(previous), dry_run)
    } else if dry_run {
        Ok(Place::Stream(Box::new(io::sink())))
    } else {
        Ok(Place::Stream(Box::new(OpenOptions::new().write(true).open(path)?)))
    }
}

/// Tries whether a file can be made in the folder of `path`.
fn beside(path: PathBuf, previous: Option<Metadata>, dry_run: bool) -> io::Result<Place> {
    if !dry_run {
        let (_, tried) = create_beside(&path, true)?;
        fs::remove_file(tried)?;
    }
    Ok(Place::Beside(path, previous))
}

/// A new file in the folder of `path`; only its owner may read it if it is `private`.
fn create_beside(path: &Path, private: bool) -> io::Result<(File, PathBuf)> {
    let mode = if private { 0o600 } else { 0o666 };
    let mut number = 0;
    loop {
        let beside = folder(path).join(format!(".hwm-report-{}-{number}.tmp", process::id()));
        match OpenOptions::new().write(true).create_new(true).mode(mode).open(&beside) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => {
                let folder = folder(path).display();
                let why = format!("no file can be made in the folder {folder}: {error}");
                return Err(io::Error::new(error.kind(), why));
            }
            Ok(file) => return Ok((file, beside)),
        }
    }
}

/// Fails when something came to `path` since it was looked at: it may be a file of this run, by a name
/// that nobody knew.
fn require_free(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => Ok(()),
    }
}

/// Gives `file` the owner, as far as possible, and the permissions of what it replaces.
fn take_over(file: &File, previous: &Metadata) -> io::Result<()> {
    let _ = fchown(file, None, Some(previous.gid()));
    let _ = fchown(file, Some(previous.uid()), None);
    file.set_permissions(Permissions::from_mode(previous.mode() & 0o777))
}

fn metadata(stream: impl AsFd) -> io::Result<Metadata> {
    File::from(stream.as_fd().try_clone_to_owned()?).metadata()
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Where `path` leads, also when the link there leads to nothing yet.
fn followed(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    // More links in a row than any system follows are a circle.
    for _ in 0..64 {
        // A file that is there is told by the system: names in /dev/fd are no real links.
        if fs::metadata(&path).is_ok() {
            break;
        }
        match fs::read_link(&path) {
            Ok(link) => path = folder(&path).join(link),
            Err(_) => break,
        }
    }
    path
}
