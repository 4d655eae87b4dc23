//! Help, completions and man pages.

use assert_cmd::Command;

use crate::{HWM, folder, run};

fn hwm(arguments: &[&str]) -> crate::Run {
    run(Command::new(HWM).args(arguments))
}

#[test]
fn completions_name_the_flags_of_the_options() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = hwm(&["completions", shell]);
        assert_eq!(run.code, 0);
        assert!(run.stdout.contains("journal-max-age-h"), "{shell}");
    }
}

#[test]
fn the_bash_completion_is_a_script_that_bash_reads() {
    let run = hwm(&["completions", "bash"]);
    Command::new("bash").arg("-n").write_stdin(run.stdout).assert().success();
}

#[test]
fn man_pages_tell_the_exit_codes_and_every_flag() {
    let folder = folder();
    let run = hwm(&["man", "--folder", folder.path().to_str().unwrap()]);
    assert_eq!(run.code, 0, "{run:?}");
    let page = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect(name);
    assert!(page("hwm.1").contains("cancelled before every account was settled"));
    let set_status = page("hwm-set-status.1").replace("\\-", "-");
    for row in hwm::options::OPTIONS.iter().filter(|row| !row.secret) {
        let flag = format!("--{}", row.name.replace('_', "-"));
        assert!(set_status.contains(&flag), "{flag}");
    }
    assert!(page("hwm-doctor.1").contains("doctor"));
    assert_eq!(hwm(&["man"]).stdout, page("hwm.1"));
}

#[test]
fn the_version_is_the_librarys() {
    assert_eq!(hwm(&["--version"]).stdout, format!("hwm {}\n", hwm::VERSION));
}
