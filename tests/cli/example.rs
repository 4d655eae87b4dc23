//! The shell example of the README.

use std::path::Path;
use std::process::Command;

use crate::{HWM, environment, folder, sandbox, write};

#[test]
fn the_shell_example_shows_the_plan_then_disables_and_keeps_a_report() {
    let (sandbox, folder) = (sandbox(), folder());
    write(folder.path(), "leavers.csv", "name,account\nA,user0005\nB,nobody\n");
    let commands = Path::new(HWM).parent().expect("a folder").display();
    let output = Command::new(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shell/set_status.sh"),
    )
    .env_clear()
    .envs(environment(&sandbox))
    .env("PATH", format!("{commands}:{}", std::env::var("PATH").unwrap_or_default()))
    .current_dir(folder.path())
    .output()
    .expect("the example runs");
    let stdout = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(stdout.starts_with("dry run: 2 accounts"), "{stdout}");
    assert!(stdout.ends_with("some are not; report.csv says which and why\n"), "{stdout}");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(sandbox.status_of("user0005"), Some(1));
    let report = std::fs::read_to_string(folder.path().join("report.csv")).expect("a report");
    assert!(report.contains("1,nobody,rejected,400,USG.201040000"), "{report}");
}
