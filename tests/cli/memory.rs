//! Little memory: a long journal is read line by line, not held.

use std::fmt::Write;
use std::process::Command;

use crate::{HWM, environment, folder, run, sandbox, set_status, users, write};

/// Memory that the command may have, in KiB: far less than twice the journal.
const ADDRESS_SPACE: &str = "262144";

#[test]
fn a_journal_far_larger_than_the_memory_is_resumed() {
    let (sandbox, folder) = (sandbox(), folder());
    let journal = folder.path().join("run.jsonl");
    let journal = journal.to_str().unwrap();
    let known = users(&sandbox, 2);
    let first = ["normal", &known[0], "--journal", journal, "--yes"];
    assert_eq!(run(&mut set_status(&sandbox, &first)).code, 0);
    let text = std::fs::read_to_string(journal).unwrap();
    // The run has not ended, and it has a long past of other accounts.
    let mut lines: Vec<&str> = text.lines().collect();
    lines.pop();
    let mut long = lines.join("\n") + "\n";
    for number in 0..400_000 {
        let id = format!("{number:032x}");
        writeln!(long, r#"{{"accounts":["somebody-{number}"],"sent":"{id}"}}"#).unwrap();
        writeln!(
            long,
            r#"{{"applied":"{id}","code":"","http_status":200,"message":"","request_id":"{id}","time_ms":1}}"#
        )
        .unwrap();
    }
    assert!(long.len() > 80 << 20);
    write(folder.path(), "run.jsonl", long);
    let output = Command::new("sh")
        .args(["-c", "ulimit -v \"$0\" && exec \"$@\"", ADDRESS_SPACE, HWM, "set-status", "normal"])
        .args([&known[0], &known[1]])
        .args(["--journal", journal, "--yes"])
        .env_clear()
        .envs(environment(&sandbox))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told}{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.contains("1 from the journal"), "{told}");
}
