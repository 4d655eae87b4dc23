//! Where accounts come from.

use crate::{folder, run, sandbox, set_status, write};

#[test]
fn accounts_come_from_arguments_and_file_in_this_order() {
    let (sandbox, folder) = (sandbox(), folder());
    let file = write(folder.path(), "list", "\u{FEFF}user0005\r\n\r\nuser0006\r\n");
    let run = run(&mut set_status(&sandbox, &["disabled", "user0007", "--file", &file]));
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(sandbox.requests()[0].accounts, ["user0007", "user0005", "user0006"]);
}

#[test]
fn the_same_accounts_come_out_of_text_csv_json_and_standard_input() {
    let (sandbox, folder) = (sandbox(), folder());
    let unicode = sandbox.users()[7].account.clone();
    let text = write(folder.path(), "list.txt", format!("user0005\n{unicode}\n"));
    let csv = write(
        folder.path(),
        "list.csv",
        format!("name;login\n\"A; B\";user0005\n\nC;\"{unicode}\"\n"),
    );
    let json = write(folder.path(), "list.json", format!("[\"user0005\", \"{unicode}\"]"));
    for arguments in [
        vec!["disabled", "--file", &text],
        vec!["disabled", "--file", &csv, "--column", "login"],
        vec!["disabled", "--file", &json],
        vec!["disabled", "--file", "-"],
    ] {
        sandbox.clear_requests();
        let run = run(set_status(&sandbox, &arguments).write_stdin(format!("user0005\n{unicode}")));
        assert_eq!(run.code, 0, "{arguments:?} {run:?}");
        assert_eq!(sandbox.requests()[0].accounts, ["user0005", &unicode], "{arguments:?}");
    }
}

#[test]
fn bad_lines_are_named_and_nothing_is_sent() {
    let (sandbox, folder) = (sandbox(), folder());
    for (name, bytes, expected) in [
        ("a.csv", b"account\na\n\"\"\n".as_slice(), "line 3 has an account that is empty"),
        ("b.csv", b"id,name\n1,a\n", "no column \"account\""),
        ("c.txt", b"a\nb\x07\n", "line 2 has an account that holds a control character (U+0007"),
        ("d.txt", b"a\n\xD5\xC5\n", "is not UTF-8 (line 2)"),
        ("e.txt", b"\xFF\xFEa\x00", "is UTF-16"),
        ("f.json", b"[\"a\", 3]", "element 2 is 3, but accounts are strings"),
        ("g.txt", b"\n\n", "holds no account"),
        ("h.csv", b"name,account\n\n", "holds no account: there is nothing below its header"),
        ("i.csv", b"account,account\na,b\n", "two columns \"account\" (1 and 2)"),
        ("j.csv", b"account,n\n\na,\"x\nb,y\n", "the quote that opens on line 3 is never closed"),
        ("k.csv", b"account,n\na,\"x\nb,\"y\"\n", "the quote that opens on line 2 ends on line 3"),
        ("l.txt", b"a\nb\0c\n", "a NUL byte at offset 3"),
    ] {
        let file = write(folder.path(), name, bytes);
        let run = run(&mut set_status(&sandbox, &["normal", "--file", &file]));
        assert_eq!(run.code, 2, "{name}: {run:?}");
        assert!(run.stderr.contains(expected), "{name}: {run:?}");
    }
    let run = run(&mut set_status(&sandbox, &["normal", "--file", "/nonexistent/list"]));
    assert!(run.code == 2 && run.stderr.contains("/nonexistent/list"), "{run:?}");
    assert_eq!(sandbox.request_count(), 0);
}

#[test]
fn a_spreadsheet_is_recognised_whatever_its_name_and_told_how_to_be_saved() {
    let (sandbox, folder) = (sandbox(), folder());
    for (name, bytes) in [
        ("list.xlsx", b"PK\x03\x04\x14\0\x06\0\x08\0\xE2\xF0".as_slice()),
        ("list.csv", b"PK\x03\x04\x14\0\x06\0\x08\0\xE2\xF0"),
        ("list.xls", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0"),
    ] {
        let file = write(folder.path(), name, bytes);
        let run = run(&mut set_status(&sandbox, &["normal", "--file", &file]));
        assert_eq!(run.code, 2, "{name}: {run:?}");
        assert!(run.stderr.contains("save it as \"CSV UTF-8\""), "{name}: {run:?}");
        assert!(!run.stderr.contains("iconv"), "{name}: {run:?}");
    }
    assert_eq!(sandbox.request_count(), 0);
}

#[test]
fn an_input_without_end_is_refused_not_read_into_memory() {
    let sandbox = sandbox();
    let zero = run(&mut set_status(&sandbox, &["normal", "--file", "/dev/zero"]));
    assert_eq!(zero.code, 2, "{zero:?}");
    assert!(zero.stderr.contains("/dev/zero: holds a NUL byte at offset 0"), "{zero:?}");
    for flag in ["--secrets-file", "--config"] {
        let run = run(&mut set_status(&sandbox, &["normal", "user0005", flag, "/dev/zero"]));
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.stderr.contains("/dev/zero: is larger than 1 MiB"), "{flag}: {run:?}");
    }
    assert_eq!(sandbox.request_count(), 0);
}

#[test]
fn a_header_that_may_be_an_account_is_named() {
    let (sandbox, folder) = (sandbox(), folder());
    let list = write(folder.path(), "list.csv", "user0005\nuser0006\n");
    let told = run(&mut set_status(&sandbox, &["disabled", "--file", &list]));
    assert_eq!(told.code, 0, "{told:?}");
    assert!(told.stderr.contains("\"user0005\" was taken for the name of the column"), "{told:?}");
    let list = write(folder.path(), "list.csv", "account\nuser0006\n");
    let quiet = run(&mut set_status(&sandbox, &["disabled", "--file", &list]));
    assert!(quiet.code == 0 && quiet.stderr.is_empty(), "{quiet:?}");
}

#[test]
fn a_status_is_taken_by_every_usual_word_and_no_guess_is_made() {
    let sandbox = sandbox();
    for (words, expected) in [
        (["disabled", "disable", "1", "停用", "Disabled"], 1),
        (["normal", "enable", "0", "启用", "ENABLED"], 0),
        (["disabled", "disable", "1", "停用", "Disabled"], 1),
        (["normal", "enabled", "0", "启用", "Enable"], 0),
    ] {
        for word in words {
            assert!(sandbox.set_status_of("user0005", 1 - expected));
            let run = run(&mut set_status(&sandbox, &[word, "user0005"]));
            assert_eq!(run.code, 0, "{word}: {run:?}");
            assert_eq!(sandbox.status_of("user0005"), Some(expected), "{word}");
        }
    }
    sandbox.clear_requests();
    for word in ["enabeld", "unable", "2", "user0005", ""] {
        let run = run(&mut set_status(&sandbox, &[word, "user0005"]));
        assert_eq!(run.code, 2, "{word}: {run:?}");
        for allowed in ["normal (or enable, enabled, 启用, 0)", "disabled (or disable, 停用, 1)"]
        {
            assert!(run.stderr.contains(allowed), "{word}: {run:?}");
        }
        assert!(!run.stderr.contains("similar"), "{word}: {run:?}");
    }
    assert_eq!(sandbox.request_count(), 0);
}
