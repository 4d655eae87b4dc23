//! README and CONTRIBUTING tell the truth: the programs are parts of files that the tests run, and the
//! tables are those of the code.

#![allow(clippy::disallowed_methods, reason = "a test reads its own environment")]

use std::fs;
use std::path::{Path, PathBuf};

const BEGIN: &str = "<!-- options: begin";
const END: &str = "<!-- options: end -->";
const UPDATE: &str = "HWM_UPDATE=1 cargo test -p hwm-cli --test readme";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The fenced blocks that a comment says are from a file: that file and the text.
fn excerpts(readme: &str) -> Vec<(&str, &str)> {
    readme
        .split("<!-- from ")
        .skip(1)
        .map(|part| {
            let (file, rest) = part.split_once(" -->\n```").expect("a fence under the comment");
            let (_, rest) = rest.split_once('\n').expect("a line after the fence");
            let (text, _) = rest.split_once("\n```").expect("the end of the fence");
            (file, text)
        })
        .collect()
}

#[test]
fn every_program_is_part_of_a_file_that_the_tests_run() {
    let readme = read("README.md");
    let excerpts = excerpts(&readme);
    for (file, text) in &excerpts {
        assert!(
            read(file).contains(text),
            "README.md shows what is not in {file}; copy it from there again:\n{text}"
        );
    }
    for language in ["c", "cpp", "python", "rust", "shell"] {
        let folder = format!("examples/{language}/");
        assert!(excerpts.iter().any(|(file, _)| file.starts_with(&folder)), "none of {folder}");
    }
}

#[test]
fn the_options_table_is_the_codes() {
    let readme = read("README.md");
    let begin = readme.find(BEGIN).expect("the table's begin");
    let begin = begin + readme[begin..].find('\n').expect("a line") + 1;
    let end = readme.find(END).expect("the table's end");
    let table = hwm::options::markdown();
    if readme[begin..end] == table {
        return;
    }
    assert!(
        std::env::var_os("HWM_UPDATE").is_some(),
        "the options table of README.md is not that of src/options.rs; run: {UPDATE}"
    );
    let fresh = format!("{}{table}{}", &readme[..begin], &readme[end..]);
    fs::write(root().join("README.md"), fresh).expect("README.md is writable");
}

#[test]
fn the_exit_codes_are_those_of_the_command() {
    let help = std::process::Command::new(env!("CARGO_BIN_EXE_hwm"))
        .args(["set-status", "--help"])
        .env("COLUMNS", "300")
        .output()
        .expect("the command runs");
    let help = String::from_utf8(help.stdout).expect("UTF-8");
    let (_, codes) = help.split_once("Exit codes:\n").expect("exit codes");
    let rows: Vec<String> = codes
        .lines()
        .filter_map(|line| line.trim().split_once("  "))
        .map(|(code, meaning)| format!("| {code} | {meaning} |"))
        .collect();
    assert_eq!(rows.len(), 8);
    for row in rows {
        assert!(read("README.md").contains(&row), "README.md lacks {row}");
    }
}

#[test]
fn every_file_that_is_linked_is_there() {
    for name in ["README.md", "CONTRIBUTING.md"] {
        // Every other part of the text is a program, and has brackets of its own.
        let text = read(name);
        let prose: Vec<&str> = text.split("```").step_by(2).collect();
        for link in prose.iter().flat_map(|part| part.split("](").skip(1)) {
            let target = link.split(')').next().expect("a link's end");
            if !target.starts_with("http") && !target.starts_with('#') {
                assert!(root().join(target).exists(), "{name} links {target}");
            }
        }
    }
}

/// The names of a manifest's direct dependencies, those of this workspace left out.
fn dependencies(manifest: &str) -> Vec<String> {
    let manifest: toml::Table = read(manifest).parse().expect("a manifest");
    let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
    kinds
        .iter()
        .filter_map(|kind| manifest.get(*kind)?.as_table())
        .flat_map(|table| table.keys().cloned())
        .filter(|name| !name.starts_with("hwm"))
        .collect()
}

#[test]
fn every_direct_dependency_has_its_reason() {
    let text = read("CONTRIBUTING.md");
    let (_, section) = text.split_once("## Dependencies").expect("a section");
    let (section, _) = section.split_once("\n## ").expect("a section after it");
    let named: Vec<&str> = section
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" | ").next())
        .flat_map(|names| names.split([' ', ',']))
        .collect();
    for manifest in [
        "Cargo.toml",
        "bindings/c/Cargo.toml",
        "bindings/cli/Cargo.toml",
        "bindings/python/Cargo.toml",
        "tests/sandbox/Cargo.toml",
    ] {
        for name in dependencies(manifest) {
            assert!(named.contains(&name.as_str()), "CONTRIBUTING.md says nothing of {name}");
        }
    }
}
