//! The record of a call on disk, from which an interrupted call is resumed.
//!
//! One JSON object a line. The first names what the journal is for; then, in the order of events,
//! `sent` before the first byte of a request, `answered` with the evidence of an answer that
//! leaves its accounts open, `applied` and `rejected` when accounts are settled, `end`.

use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use crate::batch::ledger::Ledger;
use crate::error::{Error, ErrorKind, Result};
use crate::evidence::{Evidence, History, Observation};
use crate::report::Deciding;

/// What a journal is for. A journal of anything else cannot be resumed.
pub(crate) type Header = Vec<(&'static str, Value)>;

/// An open, locked journal.
pub(crate) struct Journal {
    file: File,
    path: PathBuf,
    waiting: Vec<u8>,
    run: String,
}

impl Journal {
    /// Opens or creates the journal at `path` and takes over into `ledger` what it says.
    ///
    /// Fails with `Io` when the file cannot be read, written or locked, or holds an unreadable
    /// line; with `InvalidOption` when it belongs to something else or is too old.
    pub(crate) fn open(
        path: &Path,
        header: &Header,
        max_age: Duration,
        now_ms: u64,
        ledger: &mut Ledger,
    ) -> Result<Journal> {
        let fail = |what: &str, error: &dyn std::fmt::Display| {
            Error::new(ErrorKind::Io, format!("journal {}: {what}: {error}", path.display()))
        };
        if std::fs::metadata(path).is_ok_and(|found| !found.is_file()) {
            return Err(fail("cannot be used", &"it is not a regular file"));
        }
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)
            .map_err(|error| fail("cannot be opened", &error))?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => fail("is in use", &"another call has it open"),
            TryLockError::Error(error) => fail("cannot be locked", &error),
        })?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(|error| fail("cannot be read", &error))?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        if whole < text.len() {
            log::warn!(target: "hwm", "journal {}: a torn last line is dropped", path.display());
            text.truncate(whole);
            file.set_len(whole as u64).map_err(|error| fail("cannot be truncated", &error))?;
            file.seek(SeekFrom::End(0)).map_err(|error| fail("cannot be read", &error))?;
        }
        let run = uuid::Uuid::new_v4().simple().to_string();
        let mut journal = Journal { file, path: path.to_owned(), waiting: Vec::new(), run };
        if text.is_empty() {
            let mut first: serde_json::Map<String, Value> = serde_json::Map::new();
            first.insert("hwm_journal".into(), 1.into());
            first.extend(header.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
            journal.line(&Value::Object(first));
        } else {
            Past::read(&text, path)?.restore(header, max_age, now_ms, ledger, path)?;
        }
        journal.line(&json!({ "run": journal.run, "started_ms": now_ms }));
        journal.sync()?;
        sync_folder(path).map_err(|error| fail("its folder cannot be synced", &error))?;
        Ok(journal)
    }

    /// Notes that a request goes out; to be synced before its first byte.
    pub(crate) fn sent<'a>(&mut self, request_id: &str, accounts: impl Iterator<Item = &'a str>) {
        let accounts: Vec<_> = accounts.collect();
        self.line(&json!({ "sent": request_id, "accounts": accounts }));
    }

    /// Notes what the answer to a request showed; the accounts are those of its `sent` line.
    pub(crate) fn answered(
        &mut self,
        request_id: &str,
        evidence: Evidence,
        alone: bool,
        said: &Deciding,
    ) {
        let mut line = match evidence {
            Evidence::Applied => json!({ "applied": request_id }),
            Evidence::Refused if alone => json!({ "rejected": request_id }),
            Evidence::Ambiguous => return,
            other => json!({ "answered": request_id, "evidence": other.name() }),
        };
        line["http_status"] = said.http_status.into();
        line["code"] = (*said.service_code).into();
        line["message"] = (*said.message).into();
        line["request_id"] = (*said.request_id).into();
        line["time_ms"] = said.time_ms.into();
        self.line(&line);
    }

    /// Notes that the run is over, with every account settled or not.
    pub(crate) fn end(&mut self, settled: bool, now_ms: u64) {
        self.line(&json!({ "end": self.run, "settled": settled, "time_ms": now_ms }));
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
        let written = self.file.write_all(&self.waiting).and_then(|()| self.file.sync_data());
        self.waiting.clear();
        written.map_err(|error| {
            let path = self.path.display();
            Error::new(ErrorKind::Io, format!("journal {path}: cannot be written: {error}"))
        })
    }
}

fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// A journal as it was read.
struct Past {
    lines: Vec<Value>,
}

impl Past {
    fn read(text: &[u8], path: &Path) -> Result<Past> {
        let lines = text
            .strip_suffix(b"\n")
            .unwrap_or(text)
            .split(|byte| *byte == b'\n')
            .enumerate()
            .map(|(number, line)| {
                serde_json::from_slice::<Value>(line).ok().filter(Value::is_object).ok_or_else(
                    || {
                        Error::new(
                            ErrorKind::Io,
                            format!(
                                "journal {}: line {} is unreadable",
                                path.display(),
                                number + 1
                            ),
                        )
                    },
                )
            })
            .collect::<Result<_>>()?;
        Ok(Past { lines })
    }

    /// The requests that an answer to was noted.
    fn answered(&self) -> HashSet<&str> {
        let kinds = ["applied", "rejected", "answered"];
        let lines = self.lines.iter();
        lines.filter_map(|line| kinds.iter().find_map(|kind| line[*kind].as_str())).collect()
    }

    fn restore(
        self,
        header: &Header,
        max_age: Duration,
        now_ms: u64,
        ledger: &mut Ledger,
        path: &Path,
    ) -> Result<()> {
        let refuse = |why: String| Error::option(format!("journal {}: {why}", path.display()));
        let first = &self.lines[0];
        if first["hwm_journal"] != 1 {
            return Err(refuse("is not a journal of this version".into()));
        }
        for (name, value) in header {
            if first[*name] != *value {
                return Err(refuse(format!(
                    "its {name} is {}, but this call's is {value}",
                    first[*name]
                )));
            }
        }
        let last = &self.lines[self.lines.len() - 1];
        if last["end"].is_string() {
            let age_ms = now_ms.saturating_sub(last["time_ms"].as_u64().unwrap_or(0));
            if u128::from(age_ms) > max_age.as_millis() {
                return Err(refuse(format!(
                    "it was finished {} hours ago, longer than journal_max_age_h; what was true \
                     then may not be now: use a new file",
                    age_ms / 3_600_000
                )));
            }
        }
        let mut positions: HashMap<&str, u32> = HashMap::with_capacity(ledger.len());
        for position in 0..ledger.len() as u32 {
            positions.insert(ledger.accounts.get(position), position);
        }
        let mut histories: HashMap<u32, (History, u32, bool)> = HashMap::new();
        let mut answers: Vec<Deciding> = Vec::new();
        let mut open: HashMap<&str, (Vec<u32>, bool)> = HashMap::new();
        let answered = self.answered();
        let lost =
            Observation { evidence: Evidence::Ambiguous, alone: false, judges_account: false };
        for line in &self.lines {
            if let Some(request_id) = line["sent"].as_str() {
                let accounts = line["accounts"].as_array().map_or(&[][..], Vec::as_slice);
                let held = accounts.iter().filter_map(|a| positions.get(a.as_str()?).copied());
                if answered.contains(request_id) {
                    open.insert(request_id, (held.collect(), accounts.len() == 1));
                    continue;
                }
                // Attempts on one account never overlap: this one had ended before the next began.
                for position in held {
                    let known =
                        histories.entry(position).or_insert((History::NEW, u32::MAX, false));
                    known.0 = known.0.observe(lost);
                }
                continue;
            }
            // A `rejected` line is written only for what is settled so.
            let (request_id, evidence, rejected) = match line {
                line if line["applied"].is_string() => (&line["applied"], Evidence::Applied, false),
                line if line["rejected"].is_string() => {
                    (&line["rejected"], Evidence::Refused, true)
                }
                line if line["answered"].is_string() => {
                    let evidence = match line["evidence"].as_str() {
                        Some("refused") => Evidence::Refused,
                        Some("declined") => Evidence::Declined,
                        _ => Evidence::NotSent,
                    };
                    (&line["answered"], evidence, false)
                }
                _ => continue,
            };
            let (held, alone) =
                open.remove(request_id.as_str().unwrap_or_default()).unwrap_or_default();
            answers.push(Deciding {
                http_status: line["http_status"].as_u64().unwrap_or(0) as u16,
                service_code: line["code"].as_str().unwrap_or_default().into(),
                message: line["message"].as_str().unwrap_or_default().into(),
                request_id: line["request_id"].as_str().unwrap_or_default().into(),
                time_ms: line["time_ms"].as_u64().unwrap_or(0),
            });
            let seen = Observation { evidence, alone: rejected, judges_account: rejected };
            for position in held {
                let known = histories.entry(position).or_insert((History::NEW, 0, false));
                *known = (known.0.observe(seen), answers.len() as u32 - 1, alone);
            }
        }
        drop(positions);
        let mut histories: Vec<_> = histories.into_iter().collect();
        histories.sort_unstable_by_key(|(position, _)| *position);
        for (position, (history, answer, alone)) in histories {
            ledger.restore(position, history, answers.get(answer as usize), alone);
        }
        Ok(())
    }
}
