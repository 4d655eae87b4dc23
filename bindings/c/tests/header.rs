//! `include/hwm.h` is what the sources say, and its examples compile.
//!
//! `HWM_UPDATE=1 cargo test -p hwm-capi --test header` writes it anew.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use hwm::options::{OPTIONS, Scope};

/// The files of the ABI in reading order, each a section of the manual.
const SECTIONS: [(&str, &str, &str); 10] = [
    ("code", "codes", "Codes, outcomes and statuses"),
    ("error", "errors", "Errors"),
    ("cancel", "cancel", "Cancelling"),
    ("progress", "progress", "Progress"),
    ("token", "tokens", "Tokens of your own"),
    ("options", "options", "Options"),
    ("client", "clients", "Clients"),
    ("report", "reports", "Reports"),
    ("operation", "operations", "Operations"),
    ("log", "log", "Log"),
];

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    fs::read_to_string(project().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn the_header_is_fresh() {
    let fresh = header();
    let path = project().join("include/hwm.h");
    if std::env::var_os("HWM_UPDATE").is_some() {
        fs::write(&path, &fresh).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == fresh,
        "include/hwm.h is stale; run: HWM_UPDATE=1 cargo test -p hwm-capi --test header"
    );
}

#[test]
fn every_example_compiles() {
    let text = read("include/hwm.h");
    let examples = examples(&text);
    assert!(examples.len() > 15, "only {} examples found", examples.len());
    let folder = tempfolder("examples");
    for (i, example) in examples.iter().enumerate() {
        let (globals, statements) = match example.contains("static ") {
            true => (example.as_str(), ""),
            false => ("", example.as_str()),
        };
        let source = format!(
            "#include <hwm.h>\n#include <stdio.h>\n{globals}\n\
             void example(hwm_options *options, hwm_client *client, hwm_report *report, \
             hwm_error *err);\n\
             void example(hwm_options *options, hwm_client *client, hwm_report *report, \
             hwm_error *err) {{\n\
             (void)options; (void)client; (void)report; (void)err;\n{statements}\n}}\n"
        );
        let path = folder.join(format!("example{i}.c"));
        fs::write(&path, source).unwrap();
        let done = Command::new(std::env::var("CC").unwrap_or_else(|_| "cc".into()))
            .args(["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"])
            .args(["-Wno-unused-function", "-I"])
            .arg(project().join("include"))
            .arg(&path)
            .output()
            .expect("a C compiler named cc (Debian: apt-get install gcc), or CC that names one");
        assert!(done.status.success(), "{example}\n{}", String::from_utf8_lossy(&done.stderr));
    }
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn every_option_stands_in_the_header_with_all_that_the_table_says() {
    let text = header();
    let plain = text.replace("\n *  ", "").replace("\n * ", "\n");
    for row in OPTIONS {
        let scope = if row.scope == Scope::Client { "client" } else { "call" };
        let default = row.default.map_or("none".to_owned(), |value| format!("`{value}`"));
        for wanted in [
            format!("\n| `{}` | {scope} | {default} | ", row.name),
            format!("\n- `{}`: {}.", row.name, row.allowed()),
            row.doc.to_owned(),
        ] {
            assert!(plain.contains(&wanted), "{wanted:?} is not in include/hwm.h");
        }
    }
}

#[test]
fn every_function_is_a_section_and_documented() {
    let text = read("include/hwm.h");
    let sources: String = SECTIONS
        .iter()
        .map(|(file, _, _)| read(&format!("bindings/c/src/{file}.rs")))
        .chain([read("bindings/c/src/version.rs")])
        .collect();
    let declared = text.matches("\nHWM_API ").count();
    assert_eq!(declared, sources.matches("#[unsafe(no_mangle)]").count());
    for (i, line) in text.lines().enumerate().filter(|(_, line)| line.starts_with("HWM_API ")) {
        let before = text.lines().nth(i - 1).unwrap_or_default();
        assert_eq!(before, " */", "no comment before: {line}");
    }
}

#[test]
fn every_function_keeps_its_panics_inside() {
    let caught =
        ["fallible(err,", "infallible(", "infallible_in_signal_handlers(", "unsafe { read(error,"];
    let mut functions = 0;
    for (file, ..) in SECTIONS.iter().chain([&("version", "", "")]) {
        let source = read(&format!("bindings/c/src/{file}.rs"));
        for item in source.split("#[unsafe(no_mangle)]").skip(1) {
            let (function, _) = item.split_once("\n}\n").expect("its end");
            let (signature, body) = function.split_once(" {\n").expect("its body");
            let lines = body.lines().map(str::trim).filter(|line| !line.starts_with("//"));
            // Before the body there is at most an out-parameter that is set to NULL.
            let mut first =
                lines.filter(|line| *line != "unsafe {" && !line.starts_with("arguments::clear("));
            let first = first.next().unwrap_or_default();
            assert!(caught.iter().any(|way| first.starts_with(way)), "{signature}: {first}");
            functions += 1;
        }
    }
    assert!(functions > 25, "only {functions} functions found");
}

/// The whole header.
fn header() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut numbers = version.split('.');
    let mut number = || numbers.next().unwrap_or("0");
    let mut text = read("bindings/c/header/top.h").replace("@VERSION@", version);
    for name in ["@MAJOR@", "@MINOR@", "@PATCH@"] {
        text = text.replace(name, number());
    }
    for (file, group, title) in SECTIONS {
        text += &format!("\n/**\n * @defgroup {group} {title}\n * @{{\n */\n\n");
        text += &section(file);
        if file == "code" {
            text += "\n";
            text += &section("version");
        }
        text += "\n/** @} */\n";
    }
    let text = text.replacen(" * @options\n", &options(), 1);
    text + &read("bindings/c/header/bottom.h")
}

/// The one table of options, in lines that a reader of the header can take in.
fn options() -> String {
    let mut text = String::from(
        " * | option | scope | default | environment |\n \
         * |--------|-------|---------|-------------|\n",
    );
    for row in OPTIONS {
        text += &format!(
            " * | `{}` | {} | {} | {} |\n",
            row.name,
            if row.scope == Scope::Client { "client" } else { "call" },
            row.default.map_or("none".to_owned(), |value| format!("`{value}`")),
            if row.from_env { format!("`{}`", row.env_name()) } else { "not read".to_owned() },
        );
    }
    text += " *\n";
    for row in OPTIONS {
        let secret = if row.secret { " Secret." } else { "" };
        let entry = format!("- `{}`: {}.{secret} {}", row.name, row.allowed(), row.doc);
        text += &wrapped(&entry.replace('<', "&lt;"));
    }
    text
}

/// Words in lines of a comment; those after the first are indented.
fn wrapped(words: &str) -> String {
    let mut text = String::new();
    let mut line = String::from(" *");
    for word in words.split(' ') {
        if line.chars().count() + 1 + word.chars().count() > 100 {
            text += &format!("{line}\n");
            line = String::from(" *  ");
        }
        line += &format!(" {word}");
    }
    text + &format!("{line}\n")
}

/// What cbindgen makes of one file, constants as enums.
fn section(file: &str) -> String {
    let path = project().join(format!("bindings/c/src/{file}.rs"));
    let config = cbindgen::Config {
        language: cbindgen::Language::C,
        no_includes: true,
        style: cbindgen::Style::Both,
        usize_is_size_t: true,
        documentation_style: cbindgen::DocumentationStyle::Doxy,
        line_length: 100,
        tab_width: 4,
        braces: cbindgen::Braces::SameLine,
        // Types that no function of the same file takes.
        export: cbindgen::ExportConfig {
            include: ["hwm_progress", "hwm_progress_fn", "hwm_token_fn"].map(String::from).into(),
            ..Default::default()
        },
        function: cbindgen::FunctionConfig {
            prefix: Some("HWM_API".into()),
            deprecated: Some("HWM_DEPRECATED(\"\")".into()),
            deprecated_with_note: Some("HWM_DEPRECATED({})".into()),
            ..Default::default()
        },
        ..Default::default()
    };
    let mut bytes = Vec::new();
    cbindgen::Builder::new()
        .with_config(config)
        .with_src(&path)
        .generate()
        .unwrap_or_else(|error| panic!("{file}: {error}"))
        .write(&mut bytes);
    enums(&comments(&aligned(String::from_utf8(bytes).unwrap().trim())))
}

/// Parameters of one function stand below each other, and types have one name: cbindgen forgets about
/// the prefix, and says `struct` where it has just seen one.
fn aligned(text: &str) -> String {
    let text = text
        .replace("HWM_API\n", "HWM_API ")
        .replace("struct hwm_", "hwm_")
        .replace("typedef hwm_", "typedef struct hwm_");
    let mut result = String::new();
    let mut inside = false;
    for line in text.lines() {
        if inside {
            result += "        ";
        }
        result += line;
        result.push('\n');
        inside = (inside || line.starts_with("HWM_API ")) && !line.ends_with(';');
    }
    result
}

/// Constants that stand together become one anonymous enum: an `int` that a debugger can name.
fn enums(text: &str) -> String {
    let mut result = String::new();
    let mut blocks = text.split("\n\n").peekable();
    let mut open = false;
    while let Some(block) = blocks.next() {
        let (comment, last) = block.rsplit_once('\n').unwrap_or(("", block));
        match last.strip_prefix("#define ").and_then(|rest| rest.split_once(' ')) {
            Some((name, value)) => {
                let family = |name: &str| match name {
                    name if name.starts_with("HWM_OUTCOME_") => "outcome",
                    name if name.starts_with("HWM_STATUS_") => "status",
                    name if name.starts_with("HWM_LOG_") => "level",
                    _ => "code",
                };
                if !open {
                    let what = match family(name) {
                        "outcome" => "What became of an account.",
                        "status" => "What an account can be put into.",
                        "level" => "How fine the log is.",
                        _ => "Every #hwm_code.",
                    };
                    result += &format!("/** {what} */\nenum {{\n");
                }
                for line in comment.lines() {
                    result += &format!("    {line}\n");
                }
                let value = value.trim_matches(['(', ')']);
                let next = blocks.peek().and_then(|next| next.rsplit('\n').next());
                let next = next.and_then(|next| next.strip_prefix("#define "));
                let next = next.and_then(|next| next.split(' ').next());
                open = next.is_some_and(|next| family(next) == family(name));
                let comma = if open { "," } else { "" };
                result += &format!("    {name} = {value}{comma}\n");
                result += if open { "" } else { "};\n\n" };
            }
            None => result += &format!("{block}\n\n"),
        }
    }
    result.trim_end().to_owned() + "\n"
}

/// A comment of one line takes one line.
fn comments(text: &str) -> String {
    let mut result = String::new();
    let lines: Vec<_> = text.lines().collect();
    let mut i = 0;
    while i < lines.len() {
        let line = lines[i];
        let short = line.trim() == "/**" && lines.get(i + 2).is_some_and(|end| end.trim() == "*/");
        match lines.get(i + 1).and_then(|text| text.trim().strip_prefix("* ")) {
            Some(text) if short => {
                let indent = &line[..line.len() - 3];
                result += &format!("{indent}/** {text} */\n");
                i += 3;
            }
            _ => {
                result += line.trim_end();
                result.push('\n');
                i += 1;
            }
        }
    }
    result.trim_end().to_owned()
}

/// What stands between `@code{.c}` and `@endcode`.
fn examples(text: &str) -> Vec<String> {
    text.split("@code{.c}")
        .skip(1)
        .filter_map(|part| part.split("@endcode").next())
        .map(|part| {
            let lines = part.lines().map(|line| line.trim_start().trim_start_matches("* "));
            lines.filter(|line| *line != "*").collect::<Vec<_>>().join("\n")
        })
        .collect()
}

fn tempfolder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}
