//! The record of a call on disk, from which an interrupted call is resumed.
//!
//! One JSON object a line. The first names what the journal is for; then, in the order of events,
//! `run` when a call begins, `sent` before the first byte of a request, `applied`, `rejected` or
//! `answered` with what came of it, `end` with whether every account was settled.
//!
//! A file is opened, its first line is read, it is locked, read whole, and only then written to:
//! what is no journal, or is refused, stays as it is.

mod file;
mod past;
mod record;

use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::accounts::Look;
use crate::batch::journal::file::{How, JournalFile, Lines};
use crate::batch::journal::past::{Past, Unfit};
use crate::batch::journal::record::{End, Record, VERSION};
use crate::batch::ledger::Ledger;
use crate::fault::{Fault, Result};
use crate::report::Deciding;
use hwm_engine::evidence::Evidence;

/// So many bytes are read between two looks at the host.
const LOOK_EVERY: u64 = 256 * 1024;

/// What a journal is for. A journal of anything else cannot be resumed.
pub(crate) type Header = Vec<(&'static str, Value)>;

/// What a call asks of its journal.
pub(crate) struct Terms<'t> {
    pub(crate) path: &'t Path,
    pub(crate) header: Header,
    /// So long outcomes of a finished run are believed.
    pub(crate) max_age: Duration,
    pub(crate) now_ms: u64,
}

/// An open, locked journal.
pub(crate) struct Journal {
    file: JournalFile,
    waiting: Vec<u8>,
    run: String,
}

impl Journal {
    /// Opens or creates the journal and takes over into `ledger` what it says.
    ///
    /// Fails with `Io` when the file cannot be read, written or locked, or holds an unreadable
    /// line; with `InvalidOption` when it is no journal, belongs to something else or is finished;
    /// with `NoMemory`, and as `look` does. `ledger` is as new then, and the file as it was.
    pub(crate) fn open(terms: &Terms<'_>, ledger: &mut Ledger, look: Look<'_>) -> Result<Journal> {
        let mut file = match JournalFile::open(terms.path, How::Append)? {
            Some(file) => file,
            None => JournalFile::open(terms.path, How::Create)?
                .ok_or_else(|| terms.refuse("cannot be created"))?,
        };
        terms.check_first(&mut file.lines()?)?;
        file.lock()?;
        let read = terms.read(&mut file, ledger, look)?;
        if read.is_torn {
            log::warn!(target: "hwm", "journal {}: a torn last line is dropped", terms.path.display());
            file.cut(read.whole)?;
        }
        let run = uuid::Uuid::new_v4().simple().to_string();
        let mut journal = Journal { file, waiting: Vec::new(), run };
        if read.whole == 0 {
            let mut first = Map::new();
            first.insert("hwm_journal".into(), VERSION.into());
            first.extend(terms.header.iter().map(|(name, value)| ((*name).into(), value.clone())));
            journal.line(&Value::Object(first));
        }
        journal.line(&record::run(&journal.run, terms.now_ms, read.since_ms));
        let begun = journal.sync().and_then(|()| journal.file.sync_folder());
        if begun.is_err() {
            // What there is of a first line would be taken for no journal's.
            let _ = journal.file.cut(read.whole);
            ledger.forget_all();
        }
        begun.map(|()| journal)
    }

    /// Takes over into `ledger` what the journal says, if there is one. It is neither created nor
    /// changed nor locked; fails otherwise as [`Journal::open`] does.
    pub(crate) fn look_up(terms: &Terms<'_>, ledger: &mut Ledger, look: Look<'_>) -> Result<()> {
        let Some(mut file) = JournalFile::open(terms.path, How::Read)? else { return Ok(()) };
        terms.read(&mut file, ledger, look).map(drop)
    }

    /// Notes that a request goes out; to be synced before its first byte.
    pub(crate) fn sent<'a>(&mut self, request_id: &str, accounts: impl Iterator<Item = &'a str>) {
        let accounts: Vec<_> = accounts.collect();
        self.line(&record::sent(request_id, &accounts));
    }

    /// Notes what came of a request; the accounts are those of its `sent` line.
    pub(crate) fn answered(
        &mut self,
        request_id: &str,
        evidence: Evidence,
        rejected: bool,
        said: &Deciding,
    ) {
        self.line(&record::answered(request_id, evidence, rejected, said));
    }

    /// Notes that the run is over. It is finished when every account was applied or rejected.
    pub(crate) fn end(&mut self, ledger: &Ledger, now_ms: u64) {
        let settled = ledger.is_all_settled();
        let counts = Some((ledger.applied, ledger.rejected));
        self.line(&record::end(&self.run, End { settled, time_ms: now_ms, counts }));
    }

    fn line(&mut self, value: &Value) {
        // Writing JSON to memory cannot fail.
        let _ = serde_json::to_writer(&mut self.waiting, value);
        self.waiting.push(b'\n');
    }

    /// Writes all that waits and makes it durable.
    pub(crate) fn sync(&mut self) -> Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let written = self.file.append(&self.waiting);
        self.waiting.clear();
        written
    }
}

/// What was found in a file besides outcomes.
struct Found {
    /// Bytes up to the end of the last complete line.
    whole: u64,
    is_torn: bool,
    since_ms: Option<u64>,
}

impl Terms<'_> {
    fn refuse(&self, why: &str) -> Fault {
        Fault::option(format!("journal {}: {why}", self.path.display()))
    }

    /// Checks that the first line is that of a journal of this call; false when the file is empty.
    fn check_first(&self, lines: &mut Lines<'_>) -> Result<bool> {
        let no_journal = || {
            self.refuse("is not a journal, so it is left as it is: the file must be a journal, new or empty")
        };
        let first = lines.next().map(|line| line.map(serde_json::from_slice::<Value>));
        let first = match first {
            Ok(Some(first)) => first.unwrap_or_default(),
            Ok(None) if !lines.is_torn() => return Ok(false),
            Ok(None) => return Err(no_journal()),
            Err(_) if lines.is_too_long() => return Err(no_journal()),
            Err(error) => return Err(error),
        };
        match first.get("hwm_journal") {
            None => return Err(no_journal()),
            Some(version) if *version != VERSION => {
                return Err(self.refuse("is not a journal of this version"));
            }
            Some(_) => {}
        }
        for (name, value) in &self.header {
            if first[*name] != *value {
                let why = format!("its {name} is {}, but this call's is {value}", first[*name]);
                return Err(self.refuse(&why));
            }
        }
        Ok(true)
    }

    /// Reads the whole file into `ledger`, which is as new when that fails.
    fn read(&self, file: &mut JournalFile, ledger: &mut Ledger, look: Look<'_>) -> Result<Found> {
        let found = self.replay(file.lines()?, ledger, look);
        if found.is_err() {
            ledger.forget_all();
        }
        found
    }

    fn replay(&self, mut lines: Lines<'_>, ledger: &mut Ledger, look: Look<'_>) -> Result<Found> {
        if !self.check_first(&mut lines)? {
            return Ok(Found { whole: 0, is_torn: false, since_ms: None });
        }
        let mut past = Past::new(ledger, look)?;
        let mut looked_at = 0;
        while let Some(line) = lines.next()? {
            let Some(record) = Record::read(line) else { return Err(lines.unreadable()) };
            past.take(record, look)?;
            if lines.whole() - looked_at >= LOOK_EVERY {
                looked_at = lines.whole();
                look()?;
            }
        }
        let since_ms =
            past.conclude(self.max_age, self.now_ms, look).map_err(|unfit| match unfit {
                Unfit::Finished(why) => self.refuse(&why),
                Unfit::Failed(error) => error,
            })?;
        look()?;
        Ok(Found { whole: lines.whole(), is_torn: lines.is_torn(), since_ms })
    }
}
