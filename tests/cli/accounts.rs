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
        ("g.txt", b"\n\n", "the list is empty"),
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
