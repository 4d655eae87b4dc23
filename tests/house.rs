//! The house: no circle of imports between the files of a crate, and none from a higher floor.
//!
//! A crate names its floors in a comment of its root file: a line with `Floors`, and below it one
//! line a floor, a number and the modules there (a folder's name stands for all in it).

mod imports;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use imports::{Import, Module, Source, module_of};

/// Each crate's folder with the circles that are still there, which become fewer: one that is not
/// listed fails the test, and so does a listed one that is gone.
const CRATES: [(&str, &[&[&str]]); 5] = [
    ("src", &[&["api/fault.rs", "api/said.rs"]]),
    ("src/engine", &[&["shared/pacer.rs", "shared/quota.rs"]]),
    ("bindings/c/src", &[]),
    ("bindings/python/src", &[]),
    ("bindings/cli/src", &[]),
];

#[test]
fn no_circle_of_imports_is_there_but_those_listed() {
    let faults: Vec<_> = CRATES
        .into_iter()
        .flat_map(|(folder, known)| Crate::read(folder).faults_of_circles(known))
        .collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn no_file_imports_from_a_higher_floor() {
    let faults: Vec<_> =
        CRATES.into_iter().flat_map(|(folder, _)| Crate::read(folder).faults_of_floors()).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    assert!(Crate::read("bindings/cli/src").floors.is_some(), "the command has floors");
}

struct Crate {
    folder: String,
    /// The file of each module, tests left out; the root's path is empty.
    files: BTreeMap<Module, String>,
    imports: Vec<Import>,
    floors: Option<BTreeMap<Module, u32>>,
}

impl Crate {
    /// Reads the crate whose root file is in `folder` of the repository.
    fn read(folder: &str) -> Crate {
        let mut texts = BTreeMap::new();
        let top = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let mut folders = vec![top.clone()];
        while let Some(next) = folders.pop() {
            for entry in std::fs::read_dir(&next).expect("a folder of the crate") {
                let path = entry.expect("an entry").path();
                // A folder with a root file of its own is another crate.
                if path.is_dir() && !path.join("lib.rs").exists() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let name = path.strip_prefix(&top).unwrap().to_str().unwrap().to_owned();
                    texts.insert(name, std::fs::read_to_string(&path).expect("a file"));
                }
            }
        }
        Crate::new(folder, &texts)
    }

    /// A crate of these files: their names in the folder, and their texts.
    fn new(folder: &str, texts: &BTreeMap<String, String>) -> Crate {
        let mut files: BTreeMap<_, _> =
            texts.keys().map(|name| (module_of(name), name.clone())).collect();
        let sources: Vec<_> =
            texts.iter().map(|(name, text)| Source::read(module_of(name), name, text)).collect();
        let tests: Vec<_> = sources.iter().flat_map(|source| source.tests.clone()).collect();
        files.retain(|module, _| !tests.iter().any(|test| module.starts_with(test)));
        let imports = sources
            .iter()
            .filter(|source| files.contains_key(&source.module))
            .flat_map(|source| source.imports(&files))
            .collect();
        let floors = texts.get("lib.rs").or(texts.get("main.rs")).and_then(|text| floors(text));
        Crate { folder: folder.to_owned(), files, imports, floors }
    }

    fn name(&self, module: &Module) -> String {
        format!("{}/{}", self.folder, self.files[module])
    }

    fn told(&self, import: &Import) -> String {
        let (from, to) = (self.name(&import.from), self.name(&import.to));
        format!("{from}:{} imports {to} (`{}`)", import.line, import.path)
    }

    /// All that a file imports, directly or through others.
    fn reached(&self, from: &Module) -> BTreeSet<&Module> {
        let mut reached = BTreeSet::new();
        let mut next = vec![from];
        while let Some(module) = next.pop() {
            for import in self.imports.iter().filter(|import| import.from == *module) {
                if reached.insert(&import.to) {
                    next.push(&import.to);
                }
            }
        }
        reached
    }

    /// The largest sets of files of which each imports every other, directly or through others.
    fn circles(&self) -> BTreeSet<Vec<&Module>> {
        let reached: BTreeMap<_, _> =
            self.files.keys().map(|module| (module, self.reached(module))).collect();
        let circle = |module: &&Module| -> Vec<&Module> {
            let there = reached[*module].iter().copied();
            there.filter(|other| reached[*other].contains(*module)).collect()
        };
        self.files.keys().map(|module| circle(&module)).filter(|circle| circle.len() > 1).collect()
    }

    fn faults_of_circles(&self, known: &[&[&str]]) -> Vec<String> {
        let known: BTreeSet<BTreeSet<&str>> =
            known.iter().map(|circle| circle.iter().copied().collect()).collect();
        let mut seen = BTreeSet::new();
        let mut faults = Vec::new();
        for circle in self.circles() {
            let names: BTreeSet<&str> =
                circle.iter().map(|module| self.files[*module].as_str()).collect();
            if !known.contains(&names) {
                let mut told = BTreeMap::new();
                for import in self.imports.iter().rev() {
                    if circle.contains(&&import.from) && circle.contains(&&import.to) {
                        told.insert((&import.from, &import.to), self.told(import));
                    }
                }
                faults.push(format!(
                    "no circle of imports between files; these of {} are in one: {names:?}\n  {}",
                    self.folder,
                    told.into_values().collect::<Vec<_>>().join("\n  ")
                ));
            }
            seen.insert(names);
        }
        let gone = known.difference(&seen);
        faults.extend(gone.map(|circle| {
            format!("{}: the circle {circle:?} is gone; take it off the list", self.folder)
        }));
        faults
    }

    fn faults_of_floors(&self) -> Vec<String> {
        let Some(floors) = &self.floors else { return Vec::new() };
        let floor = |module: &Module| {
            let mut parts = module.as_slice();
            loop {
                match floors.get(parts) {
                    Some(floor) => return Some(*floor),
                    None => parts = parts.split_last()?.1,
                }
            }
        };
        let mut faults: Vec<_> = self
            .files
            .keys()
            .filter(|module| !module.is_empty() && floor(module).is_none())
            .map(|module| format!("{} is on no floor; give it one", self.name(module)))
            .collect();
        let strangers = floors.keys().filter(|named| !self.files.contains_key(*named));
        faults.extend(strangers.map(|named| {
            format!("{}: the floors name {}, which is no file", self.folder, named.join("::"))
        }));
        faults.extend(self.imports.iter().filter_map(|import| {
            // The root is above all floors.
            let (from, to) = (floor(&import.from), floor(&import.to).unwrap_or(u32::MAX));
            let from = from.filter(|from| *from < to)?;
            let to = if to == u32::MAX { "the root".to_owned() } else { format!("floor {to}") };
            let told = self.told(import);
            Some(format!("no import from a higher floor, here {to} from floor {from}: {told}"))
        }));
        faults
    }
}

/// The floors that a root file's comment lists; `None` without such a comment.
fn floors(text: &str) -> Option<BTreeMap<Module, u32>> {
    let comment = |line: &str| {
        line.trim().strip_prefix("//").map(|rest| rest.trim_start_matches(['!', '/']).to_owned())
    };
    let mut lines = text
        .lines()
        .map(comment)
        .skip_while(|line| !line.as_ref().is_some_and(|line| line.contains("Floors")));
    let lines = std::iter::from_fn(|| lines.next().flatten());
    let mut floors = BTreeMap::new();
    let mut listed = false;
    for line in lines {
        listed = true;
        let mut words = line.split_whitespace();
        if let Some(floor) = words.next().and_then(|word| word.parse().ok()) {
            let path = |word: &str| word.split("::").map(str::to_owned).collect();
            floors.extend(words.map(|word| (path(word), floor)));
        }
    }
    listed.then_some(floors)
}

/// A crate in the memory: names and texts of its files.
fn made_of(files: &[(&str, &str)]) -> Crate {
    let texts = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    Crate::new("made", &texts.collect())
}

#[test]
fn a_forbidden_import_is_named_with_both_files_the_line_and_the_rule() {
    let up = made_of(&[
        ("main.rs", "// Floors\n//  2  high\n//  1  low\nmod high; mod low;"),
        ("high.rs", ""),
        ("low.rs", "\nuse crate::high::Thing;"),
    ]);
    assert_eq!(
        up.faults_of_floors(),
        ["no import from a higher floor, here floor 2 from floor 1: made/low.rs:2 imports \
          made/high.rs (`crate::high::Thing`)"]
    );
    assert!(up.faults_of_circles(&[]).is_empty());
    let round = made_of(&[
        ("lib.rs", "mod a; mod b;"),
        ("a/mod.rs", "use crate::b;\nfn f() { b::g() }"),
        ("b.rs", "\n\nfn g() { crate::a::f() }"),
    ]);
    assert_eq!(
        round.faults_of_circles(&[]),
        [
            "no circle of imports between files; these of made are in one: {\"a/mod.rs\", \"b.rs\"}\n  \
          made/a/mod.rs:1 imports made/b.rs (`crate::b`)\n  \
          made/b.rs:3 imports made/a/mod.rs (`crate::a::f`)"
        ]
    );
    let listed: &[&str] = &["a/mod.rs", "b.rs"];
    assert!(round.faults_of_circles(&[listed]).is_empty());
    assert_eq!(
        up.faults_of_circles(&[listed]),
        ["made: the circle {\"a/mod.rs\", \"b.rs\"} is gone; take it off the list"]
    );
}

#[test]
fn every_way_to_write_an_import_is_read_and_nothing_else() {
    for (text, imports) in [
        ("use crate::b::{c, d::{self, E as F}};", true),
        ("pub(crate) use super::b::*;", true),
        ("use self::super::b as other;", true),
        ("use crate::b; impl b::T for u8 {}", true),
        ("fn f() -> [u8; crate::b::N] { [0; 3] }", true),
        ("macro_rules! m { () => { $crate::b::f() } }", true),
        ("mod inside { use super::super::b::T; }", true),
        ("// use crate::b;\nconst A: &str = \"crate::b\"; /// crate::b\nfn f() {}", false),
        ("#[cfg(test)]\nmod tests { use crate::b; }", false),
        ("#[cfg(test)]\nuse crate::b::{c, d};", false),
        ("pub(in crate::b) fn f() {}", false),
        ("use std::b::T; fn f() { std::b::g(); other::b::g() }", false),
    ] {
        let made = made_of(&[("lib.rs", "mod a; mod b;"), ("a.rs", text), ("b.rs", "")]);
        let found: Vec<_> = made.imports.iter().map(|import| made.told(import)).collect();
        assert_eq!(!found.is_empty(), imports, "{text}: {found:?}");
        assert!(made.imports.iter().all(|import| import.to == ["b"]), "{text}: {found:?}");
    }
    let tests = made_of(&[
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "#[cfg(test)]\n#[path = \"a/tests.rs\"]\nmod tests;\nmod inner;\nuse inner::T;"),
        ("a/tests.rs", "use crate::b::T;"),
        ("a/inner.rs", "use super::tests; use crate::b;"),
        ("b.rs", ""),
    ]);
    let told: Vec<_> = tests.imports.iter().map(|import| tests.told(import)).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(!tests.files.values().any(|name| name == "a/tests.rs"));
}
