//! `include/hwm.hpp` is what its parts in `bindings/c/hpp` say, and its example compiles.
//!
//! `HWM_UPDATE=1 cargo test -p hwm-capi --test cpp_header` writes it again.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The parts in an order in which none needs a later one.
const PARTS: [&str; 6] = ["report", "error", "arguments", "callbacks", "options", "client"];

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    fs::read_to_string(project().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn the_cpp_header_is_fresh() {
    let fresh = header();
    let path = project().join("include/hwm.hpp");
    if std::env::var_os("HWM_UPDATE").is_some() {
        fs::write(&path, &fresh).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == fresh,
        "include/hwm.hpp is stale; run: HWM_UPDATE=1 cargo test -p hwm-capi --test cpp_header"
    );
}

#[test]
fn no_part_is_left_out() {
    let folder = fs::read_dir(project().join("bindings/c/hpp")).unwrap();
    let found: BTreeSet<_> =
        folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let known = PARTS.iter().chain(&["frame"]).map(|part| format!("{part}.hpp"));
    assert_eq!(found, known.collect());
}

#[test]
fn every_part_compiles_alone() {
    for part in PARTS {
        let path = project().join(format!("bindings/c/hpp/{part}.hpp"));
        compiles(&format!("#include \"{}\"\n", path.display()), part);
    }
}

#[test]
fn the_example_compiles() {
    let text = read("include/hwm.hpp");
    let (_, rest) = text.split_once("@code{.cpp}").expect("an example");
    let (example, _) = rest.split_once("@endcode").expect("its end");
    let lines = example.lines().map(|line| line.trim_start().trim_start_matches('*'));
    let source = format!(
        "#include <hwm.hpp>\n#include <iostream>\nvoid example();\nvoid example() {{\n{}\n}}\n",
        lines.collect::<Vec<_>>().join("\n")
    );
    compiles(&source, "example");
}

/// The parts in their order within the frame, as one file that includes no other of ours but hwm.h.
fn header() -> String {
    let parts: Vec<_> =
        PARTS.iter().map(|part| Part::of(&read(&format!("bindings/c/hpp/{part}.hpp")))).collect();
    let includes: BTreeSet<_> = parts.iter().flat_map(|part| part.includes.clone()).collect();
    let (own, standard): (Vec<_>, Vec<_>) =
        includes.into_iter().partition(|line| line == "#include <hwm.h>");
    let joined = |texts: Vec<String>| {
        texts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
    };
    read("bindings/c/hpp/frame.hpp")
        .replace("@INCLUDES@\n", &format!("{}\n\n{}\n", own.join("\n"), standard.join("\n")))
        .replace("@BEFORE@\n", &joined(parts.iter().map(|part| part.before.clone()).collect()))
        .replace("@PARTS@\n", &joined(parts.into_iter().map(|part| part.body).collect()))
}

/// What one part has for the header.
struct Part {
    includes: Vec<String>,
    /// Between the includes and the namespace: macros.
    before: String,
    /// Inside of the namespace.
    body: String,
}

impl Part {
    fn of(text: &str) -> Part {
        let (head, rest) = text
            .split_once("namespace hwm {\ninline namespace v0_1 {\n\n")
            .expect("the namespaces begin");
        let (body, _) = rest
            .rsplit_once("\n} // namespace v0_1\n} // namespace hwm\n")
            .expect("the namespaces end");
        let (includes, others): (Vec<_>, Vec<_>) =
            head.lines().partition(|line| line.starts_with("#include"));
        let before: Vec<_> = others
            .into_iter()
            .filter(|line| !line.starts_with("//") && *line != "#pragma once")
            .skip_while(|line| line.is_empty())
            .collect();
        Part {
            includes: includes
                .into_iter()
                .filter(|line| line.starts_with("#include <"))
                .map(str::to_owned)
                .collect(),
            before: match before.is_empty() {
                true => String::new(),
                false => format!("\n{}\n", before.join("\n")),
            },
            body: body.to_owned(),
        }
    }
}

/// Compiles C++ without a warning.
fn compiles(source: &str, name: &str) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cpp-{name}"));
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("source.cpp");
    fs::write(&path, source).unwrap();
    let done = Command::new(std::env::var("CXX").unwrap_or_else(|_| "c++".into()))
        .args(["-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "-I"])
        .arg(project().join("include"))
        .arg(&path)
        .output()
        .expect("a C++ compiler named c++ (Debian: apt-get install g++), or CXX that names one");
    assert!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stderr));
    fs::remove_dir_all(folder).unwrap();
}
