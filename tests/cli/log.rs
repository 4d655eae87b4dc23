//! The log on standard error, and what is never in it.

use crate::{folder, run, sandbox, set_status};

#[test]
fn verbosity_adds_decisions_then_attempts_then_accounts() {
    let sandbox = sandbox();
    let go = |flag: &str| run(&mut set_status(&sandbox, &["disabled", "user0005", "nobody", flag]));
    let (decisions, attempts, accounts) = (go("-v"), go("-vv"), go("-vvv"));
    assert!(decisions.stderr.contains("hwm: info: "), "{decisions:?}");
    assert!(!decisions.stderr.contains("debug") && !decisions.stderr.contains("trace"));
    assert!(attempts.stderr.contains("hwm: debug: "), "{attempts:?}");
    assert!(!attempts.stderr.contains("user0005"), "{attempts:?}");
    assert!(accounts.stderr.contains("user0005"), "{accounts:?}");
}

#[test]
fn no_secret_is_in_the_most_talkative_output_or_the_journal() {
    let sandbox = sandbox();
    let folder = folder();
    let journal = folder.path().join("run.jsonl");
    for (variables, code) in [
        (vec![("HWM_ACCESS_TOKEN", "sandbox-token")], 1),
        (vec![("HWM_ACCESS_TOKEN", "tok-Qx7unmistakable")], 3),
        (vec![("HWM_APP_ID", "an-app"), ("HWM_APP_KEY", "key-Qx7unmistakable")], 3),
        (vec![("HWM_LOGIN", "admin"), ("HWM_PASSWORD", "pass-Qx7unmistakable")], 3),
    ] {
        let _ = std::fs::remove_file(&journal);
        let arguments =
            ["disabled", "user0005", "nobody", "-vvv", "--journal", journal.to_str().unwrap()];
        let mut command = set_status(&sandbox, &arguments);
        command.env_remove("HWM_ACCESS_TOKEN").envs(variables);
        let run = run(&mut command);
        assert_eq!(run.code, code, "{run:?}");
        let journal = std::fs::read_to_string(&journal).unwrap_or_default();
        let all = format!("{}{}{journal}", run.stdout, run.stderr);
        assert!(!all.contains("Qx7unmistakable") && !all.contains("sandbox-token"), "{all}");
    }
}
