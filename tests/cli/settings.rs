//! Options, secrets, profiles and languages, and which source wins.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::chown;
use std::path::Path;

use assert_cmd::Command;
use hwm_sandbox::Sandbox;

use crate::{HWM, folder, restrict, run, sandbox, set_status, write};

fn without_token(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let mut command = set_status(sandbox, arguments);
    command.env_remove("HWM_ACCESS_TOKEN");
    command
}

/// Writes the configuration file of a home folder with mode 0600.
fn configure(home: &Path, text: &str) -> String {
    let folder = home.join(".config/hwm");
    fs::create_dir_all(&folder).expect("a folder");
    let path = write(&folder, "config.toml", text);
    restrict(&path, 0o600);
    path
}

#[test]
fn secrets_come_from_a_file_that_only_its_owner_reads() {
    let (sandbox, folder) = (sandbox(), folder());
    let path = write(folder.path(), "secrets", "# lab\nHWM_ACCESS_TOKEN=sandbox-token\n");
    restrict(&path, 0o640);
    let arguments = ["disabled", "user0005", "--secrets-file", &path];
    let open = run(&mut without_token(&sandbox, &arguments));
    assert_eq!(open.code, 2, "{open:?}");
    assert!(open.stderr.contains("mode 0640") && open.stderr.contains("chmod 600"), "{open:?}");
    restrict(&path, 0o600);
    let closed = run(&mut without_token(&sandbox, &arguments));
    assert_eq!(closed.code, 0, "{closed:?}");
}

#[test]
fn secrets_come_from_standard_input() {
    let sandbox = sandbox();
    let run = run(without_token(&sandbox, &["disabled", "user0005", "--secrets-stdin"])
        .write_stdin("access_token = sandbox-token\n"));
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn secrets_are_no_arguments_and_never_shown() {
    let (sandbox, folder) = (sandbox(), folder());
    let flag = run(&mut set_status(&sandbox, &["normal", "a", "--app-key", "hunter2"]));
    assert!(flag.code == 2 && !flag.stderr.contains("hunter2"), "{flag:?}");
    let path = write(folder.path(), "secrets", "hunter2\n");
    restrict(&path, 0o600);
    let line = run(&mut set_status(&sandbox, &["normal", "a", "--secrets-file", &path]));
    assert!(line.code == 2 && line.stderr.contains("line 1"), "{line:?}");
    assert!(!line.stderr.contains("hunter2"), "{line:?}");
    let value = run(set_status(&sandbox, &["normal", "a"]).env("HWM_ACCESS_TOKEN", "hunter2\r\n"));
    assert!(value.code == 2 && !value.stderr.contains("hunter2"), "{value:?}");
}

#[test]
fn flags_win_over_secrets_these_over_the_environment_and_that_over_the_profile() {
    let (sandbox, folder) = (sandbox(), folder());
    configure(folder.path(), "batch_size = 1\nlanguage = 'zh-CN'\n");
    let secrets = write(folder.path(), "secrets", "batch_size=3\nlanguage=en-US\n");
    restrict(&secrets, 0o600);
    let accounts = ["user0005", "user0006", "user0007", "user0009"];
    let requests = |more: &[&str], environment: Option<&str>| {
        sandbox.clear_requests();
        let mut arguments = vec!["disabled"];
        arguments.extend(accounts);
        arguments.extend(more);
        let mut command = set_status(&sandbox, &arguments);
        command.env("HOME", folder.path()).envs(environment.map(|size| ("HWM_BATCH_SIZE", size)));
        assert_eq!(run(&mut command).code, 0);
        sandbox.request_count()
    };
    assert_eq!(requests(&[], None), 4);
    assert_eq!(sandbox.requests()[0].header("accept-language"), Some("zh-CN"));
    assert_eq!(requests(&[], Some("2")), 2);
    assert_eq!(requests(&["--secrets-file", &secrets, "--batch-size", "4"], Some("2")), 1);
    assert_eq!(sandbox.requests()[0].header("accept-language"), Some("en-US"));
    assert_eq!(requests(&["--secrets-file", &secrets], Some("1")), 2);
}

#[test]
fn a_profile_brings_credentials_and_is_refused_when_others_may_read_it() {
    let (sandbox, folder) = (sandbox(), folder());
    let path = configure(
        folder.path(),
        "access_token = 'stale'\n[profile.lab]\naccess_token = 'sandbox-token'\n",
    );
    let go = |arguments: &[&str]| {
        let mut all = vec!["disabled", "user0005"];
        all.extend(arguments);
        run(without_token(&sandbox, &all).env("HOME", folder.path()))
    };
    assert_eq!(go(&[]).code, 3);
    assert_eq!(go(&["--profile", "lab"]).code, 0);
    let unknown = go(&["--profile", "moon"]);
    assert!(unknown.code == 2 && unknown.stderr.contains("there are: lab"), "{unknown:?}");
    restrict(&path, 0o644);
    let open = go(&["--profile", "lab"]);
    assert!(open.code == 2 && open.stderr.contains("chmod 600"), "{open:?}");
}

#[test]
fn a_profile_never_mixes_its_credentials_with_others() {
    let (sandbox, folder) = (sandbox(), folder());
    configure(folder.path(), "app_id = 'a'\napp_key = 'b'\n");
    let run = run(set_status(&sandbox, &["disabled", "user0005"]).env("HOME", folder.path()));
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn the_service_is_asked_for_the_language_of_the_locale() {
    let sandbox = sandbox();
    for (locale, expected) in
        [("zh_CN.UTF-8", "zh-CN"), ("zh_TW", "zh-CN"), ("de_DE.UTF-8", "en-US"), ("C", "en-US")]
    {
        sandbox.clear_requests();
        let run = run(set_status(&sandbox, &["disabled", "user0005"]).env("LANG", locale));
        assert_eq!(run.code, 0, "{run:?}");
        assert_eq!(sandbox.requests()[0].header("accept-language"), Some(expected), "{locale}");
    }
    sandbox.clear_requests();
    let arguments = ["disabled", "user0005", "--language", "en-US"];
    assert_eq!(run(set_status(&sandbox, &arguments).env("LC_ALL", "zh_CN")).code, 0);
    assert_eq!(sandbox.requests()[0].header("accept-language"), Some("en-US"));
}

#[test]
fn a_secret_given_as_a_flag_is_answered_with_where_secrets_belong() {
    let sandbox = sandbox();
    for (arguments, variable) in [
        (vec!["doctor", "--app-key", "x"], "HWM_APP_KEY"),
        (vec!["doctor", "--app-key=hunter2"], "HWM_APP_KEY"),
        (vec!["set-status", "normal", "a", "--pasword", "hunter2"], "HWM_PASSWORD"),
        (vec!["set-status", "normal", "a", "--access_token=hunter2"], "HWM_ACCESS_TOKEN"),
        (vec!["set-status", "normal", "a", "--proxy", "http://u:hunter2@h"], "HWM_PROXY"),
    ] {
        let run =
            run(Command::new(HWM).env_clear().envs(crate::environment(&sandbox)).args(&arguments));
        assert_eq!(run.code, 2, "{arguments:?}: {run:?}");
        assert!(run.stderr.contains(variable), "{arguments:?}: {run:?}");
        assert!(run.stderr.contains("--secrets-file"), "{arguments:?}: {run:?}");
        assert!(!run.stderr.contains("similar") && !run.stderr.contains("hunter2"), "{run:?}");
        assert!(!run.stderr.contains("--app-id"), "{arguments:?}: {run:?}");
    }
}

#[test]
fn a_variable_that_is_nearly_an_option_is_an_error_and_any_other_a_warning() {
    let sandbox = sandbox();
    for (variable, meant) in [
        ("HWM_BATCHSIZE", "HWM_BATCH_SIZE"),
        ("HWM_ACESS_TOKEN", "HWM_ACCESS_TOKEN"),
        ("HWM_Journal", "HWM_JOURNAL"),
        ("HWM_PROFILES", "HWM_PROFILE"),
    ] {
        let run = run(set_status(&sandbox, &["normal", "user0005"]).env(variable, "hunter2"));
        assert_eq!(run.code, 2, "{variable}: {run:?}");
        assert!(run.stderr.contains(variable) && run.stderr.contains(meant), "{run:?}");
        assert!(!run.stderr.contains("hunter2"), "{run:?}");
    }
    assert_eq!(sandbox.request_count(), 0);
    let other = run(set_status(&sandbox, &["normal", "user0005"]).env("HWM_SOMETHING_ELSE", "x"));
    assert_eq!(other.code, 0, "{other:?}");
    assert!(other.stderr.contains("HWM_SOMETHING_ELSE is no option"), "{other:?}");
    let empty = run(set_status(&sandbox, &["normal", "user0005"]).env("HWM_BATCHSIZE", ""));
    assert!(empty.code == 0 && empty.stderr.is_empty(), "{empty:?}");
}

#[test]
fn an_option_that_the_environment_may_not_give_is_refused_there_and_not_ignored() {
    let sandbox = sandbox();
    for (variable, flag) in [("HWM_CA_FILE", "--ca-file"), ("HWM_ALLOW_HTTP", "--allow-http")] {
        let run = run(set_status(&sandbox, &["normal", "user0005"]).env(variable, "true"));
        assert_eq!(run.code, 2, "{variable}: {run:?}");
        assert!(run.stderr.contains(variable) && run.stderr.contains(flag), "{run:?}");
    }
    assert_eq!(sandbox.request_count(), 0);
}

const ANOTHER: u32 = 65534;

/// The command as one that runs as another user than its caller; `None` where that cannot be.
fn set_user_id(folder: &Path) -> Option<String> {
    restrict(folder.to_str()?, 0o755);
    let program = folder.join("hwm");
    fs::copy(HWM, &program).expect("a copy");
    chown(&program, Some(ANOTHER), None).ok()?;
    let program = program.into_os_string().into_string().expect("UTF-8");
    restrict(&program, 0o4755);
    // A file system may be mounted so that it does not count.
    let ours = write(folder, "ours", "");
    restrict(&ours, 0o600);
    let asked = run(Command::new(&program).env_clear().args(["doctor", "--config", &ours]));
    asked.stderr.contains("ermission denied").then_some(program)
}

#[test]
fn a_set_user_id_command_takes_neither_variables_nor_folders_of_its_caller() {
    let sandbox = sandbox();
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let config = configure(folder.path(), "access_token = 'sandbox-token'\n");
    let (home, url) = (folder.path(), sandbox.url());
    let base = home.join(".config");
    let go = |program: &str, variable: &str, value: &OsStr, more: &[&str]| {
        let mut command = Command::new(program);
        command.env_clear().env(variable, value);
        run(command.args(["set-status", "disabled", "user0005", "--endpoint", &url]).args(more))
    };
    for (variable, value) in [("HOME", home), ("XDG_CONFIG_HOME", base.as_path())] {
        let usual = go(HWM, variable, value.as_os_str(), &[]);
        assert_eq!(usual.code, 0, "{variable}: {usual:?}");
    }
    let Some(program) = set_user_id(folder.path()) else {
        eprintln!("not tried: not root, or where the program is built such files are ignored");
        return;
    };
    chown(&config, Some(ANOTHER), None).expect("another owner");
    sandbox.clear_requests();
    for (variable, value) in [("HOME", home), ("XDG_CONFIG_HOME", base.as_path())] {
        let refused = go(&program, variable, value.as_os_str(), &[]);
        assert_eq!(refused.code, 3, "{variable}: {refused:?}");
    }
    for variable in ["HWM_ACCESS_TOKEN", "HWM_PROFILE", "HWM_JOURNAL"] {
        let refused = go(&program, variable, OsStr::new("hunter2"), &["--config", &config]);
        assert_eq!(refused.code, 2, "{variable}: {refused:?}");
        assert!(refused.stderr.contains("set-user-ID"), "{variable}: {refused:?}");
        assert!(refused.stderr.contains(variable) && !refused.stderr.contains("hunter2"));
    }
    assert_eq!(sandbox.request_count(), 0);
    let named = go(&program, "LANG", OsStr::new("zh_CN.UTF-8"), &["--config", &config]);
    assert_eq!(named.code, 0, "{named:?}");
}
