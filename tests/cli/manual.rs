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

/// What the bash completion offers for the words of `line`, the last of which is being typed.
fn offered(line: &[&str], folder: &std::path::Path) -> String {
    let script = hwm(&["completions", "bash"]).stdout;
    let words: Vec<String> = line.iter().map(|word| format!("'{word}'")).collect();
    let asked = format!(
        "{script}\nCOMP_WORDS=({})\nCOMP_CWORD={}\n_hwm hwm '{}' '{}' 2>/dev/null\n\
         printf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
        words.join(" "),
        line.len() - 1,
        line[line.len() - 1],
        line[line.len() - 2],
    );
    let output =
        Command::new("bash").current_dir(folder).write_stdin(asked).output().expect("bash runs");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn completion_offers_files_for_files_alone() {
    let folder = folder();
    crate::write(folder.path(), "a-file", "");
    let file = offered(&["hwm", "set-status", "normal", "--file", ""], folder.path());
    assert!(file.contains("a-file"), "{file}");
    for flag in ["--profile", "--batch-size", "--language", "--endpoint"] {
        let told = offered(&["hwm", "set-status", "normal", flag, ""], folder.path());
        assert!(!told.contains("a-file"), "{flag}: {told}");
    }
    let zsh = hwm(&["completions", "zsh"]).stdout;
    assert!(zsh.contains(":NAME:' "), "nothing behind the colon of --profile: {zsh}");
}

#[test]
fn completion_offers_the_two_statuses() {
    let folder = folder();
    let told = offered(&["hwm", "set-status", ""], folder.path());
    assert!(told.contains("normal") && told.contains("disabled"), "{told}");
}
