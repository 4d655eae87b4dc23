//! The README tells the truth: its programs are parts of files that the tests run, and its tables are
//! those of the code.

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
