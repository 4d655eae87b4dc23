//! The house: no circle of imports between the files of a crate, and none from a higher floor.
//!
//! Every Rust file is read as tokens. A path counts as an import where it begins with `crate`,
//! `self` or `super`, with a module declared in the file, or with one that a `use` brought there;
//! tests (`#[cfg(test)]`) do not count. `a/mod.rs` counts as the file of the module `a`.
//!
//! A crate names its floors in a comment of its root file: a line with `Floors`, and below it one
//! line a floor, a number and the modules there (a folder's name stands for all in it).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Each crate's folder with the circles that are still there, which become fewer: one that is not
/// listed fails the test, and so does a listed one that is gone.
const CRATES: [(&str, &[&[&str]]); 5] = [
    ("src", &[&["api/fault.rs", "api/said.rs"]]),
    ("src/engine", &[&["shared/pacer.rs", "shared/quota.rs"]]),
    ("bindings/c/src", &[]),
    ("bindings/python/src", &[&["call.rs", "client.rs"], &["failure.rs", "report.rs"]]),
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

/// Where a module's name leads: its path from the crate's root.
type Module = Vec<String>;

struct Crate {
    folder: String,
    /// The file of each module, tests left out; the root's path is empty.
    files: BTreeMap<Module, String>,
    imports: Vec<Import>,
    floors: Option<BTreeMap<Module, u32>>,
}

struct Import {
    from: Module,
    to: Module,
    line: usize,
    /// As it is written.
    path: String,
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

/// The module that a file holds.
fn module_of(name: &str) -> Module {
    let name = name.strip_suffix(".rs").expect("a Rust file");
    match name.strip_suffix("/mod").unwrap_or(name) {
        "lib" | "main" => Vec::new(),
        path => path.split('/').map(str::to_owned).collect(),
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

/// What one file says of others.
struct Source {
    module: Module,
    /// Paths with the module that they stand in and their lines.
    paths: Vec<(Module, Vec<String>, usize)>,
    /// Names that stand for modules: of those declared here, and of those that `use` brought.
    names: BTreeMap<String, Module>,
    /// Modules declared for tests alone.
    tests: Vec<Module>,
}

impl Source {
    fn read(module: Module, name: &str, text: &str) -> Source {
        let tokens: TokenStream =
            text.parse().unwrap_or_else(|error| panic!("{name} is not Rust: {error}"));
        let mut source = Source {
            module: module.clone(),
            paths: Vec::new(),
            names: BTreeMap::new(),
            tests: Vec::new(),
        };
        source.walk(tokens, &module);
        source
    }

    /// Takes what `tokens` say, which stand in `module`.
    fn walk(&mut self, tokens: TokenStream, module: &Module) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            let before = at.checked_sub(1).map(|before| &tokens[before]);
            match &tokens[at] {
                TokenTree::Punct(mark) if mark.as_char() == '#' && is_of_tests(&tokens, at) => {
                    at = self.skip_item(&tokens, at, module);
                    continue;
                }
                TokenTree::Ident(word) if word == "mod" => {
                    let child = child(module, tokens.get(at + 1));
                    if let Some(TokenTree::Group(body)) = tokens.get(at + 2) {
                        self.walk(body.stream(), &child);
                        at += 3;
                        continue;
                    }
                    self.names.insert(child.last().cloned().unwrap_or_default(), child);
                    at += 1;
                }
                // `pub(in a::b)` imports nothing.
                TokenTree::Group(_) if before.is_some_and(|before| is_word(before, "pub")) => {}
                TokenTree::Group(group) => self.walk(group.stream(), module),
                TokenTree::Ident(_) if is_path(&tokens, at + 1) && !is_path_end(&tokens, at) => {
                    let brought = before.is_some_and(|before| is_word(before, "use"));
                    at = self.take_path(&tokens, at, module, Vec::new(), brought);
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// Takes the path, or the tree of paths, that begins at `at` behind `prefix`; returns where
    /// it ends.
    fn take_path(
        &mut self,
        tokens: &[TokenTree],
        mut at: usize,
        module: &Module,
        prefix: Vec<String>,
        brought: bool,
    ) -> usize {
        let mut path = prefix;
        let mut line = tokens.get(at).map_or(0, |token| token.span().start().line);
        loop {
            match tokens.get(at) {
                Some(TokenTree::Ident(word)) => {
                    line = word.span().start().line;
                    // `a::{self}` is `a`.
                    if path.is_empty() || word != "self" {
                        path.push(word.to_string());
                    }
                    at += 1;
                }
                Some(TokenTree::Group(tree)) if tree.delimiter() == Delimiter::Brace => {
                    let inner: Vec<_> = tree.stream().into_iter().collect();
                    let mut next = 0;
                    while next < inner.len() {
                        next = self.take_path(&inner, next, module, path.clone(), brought);
                        // Behind the comma.
                        next += 1;
                    }
                    return at + 1;
                }
                _ => break,
            }
            if !is_path(tokens, at) {
                break;
            }
            at += 2;
        }
        let renamed = tokens.get(at).is_some_and(|token| is_word(token, "as"));
        let name = if renamed { tokens.get(at + 1).map(ToString::to_string) } else { None };
        if brought && let Some(module) = absolute(module, &path) {
            let name = name.or_else(|| path.last().cloned()).unwrap_or_default();
            self.names.entry(name).or_insert(module);
        }
        self.paths.push((module.clone(), path, line));
        // A glob or a new name ends the path too.
        while brought
            && tokens.get(at).is_some_and(|token| !is_mark(token, ',') && !is_mark(token, ';'))
        {
            at += 1;
        }
        at
    }

    /// Passes the item behind the attribute at `at`; returns where it ends.
    fn skip_item(&mut self, tokens: &[TokenTree], mut at: usize, module: &Module) -> usize {
        while let Some(token) = tokens.get(at) {
            if is_word(token, "mod") {
                self.tests.push(child(module, tokens.get(at + 1)));
            }
            at += 1;
            let is_body =
                matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
            if is_body || is_mark(token, ';') {
                break;
            }
        }
        at
    }

    /// The imports of other files among the paths.
    fn imports(&self, files: &BTreeMap<Module, String>) -> Vec<Import> {
        let import = |(module, path, line): &(Module, Vec<String>, usize)| {
            let named = || {
                let (first, rest) = path.split_first()?;
                Some([self.names.get(first)?, rest].concat())
            };
            let mut to = absolute(module, path).or_else(named)?;
            while !files.contains_key(&to) {
                to.pop()?;
            }
            let import =
                Import { from: self.module.clone(), to, line: *line, path: path.join("::") };
            (import.to != import.from).then_some(import)
        };
        self.paths.iter().filter_map(import).collect()
    }
}

/// The module or item that a path from `crate`, `self` or `super` in `module` names.
fn absolute(module: &Module, path: &[String]) -> Option<Module> {
    let (first, mut rest) = path.split_first()?;
    let mut to = match first.as_str() {
        "crate" => Vec::new(),
        "self" => module.clone(),
        "super" => module.split_last()?.1.to_vec(),
        _ => return None,
    };
    while let Some(("super", after)) = rest.split_first().map(|(word, after)| (&**word, after)) {
        to.pop()?;
        rest = after;
    }
    to.extend_from_slice(rest);
    Some(to)
}

fn child(module: &Module, name: Option<&TokenTree>) -> Module {
    let name = name.map(ToString::to_string).unwrap_or_default();
    [module.as_slice(), &[name]].concat()
}

/// Whether `#[cfg(test)]` is at `at`.
fn is_of_tests(tokens: &[TokenTree], at: usize) -> bool {
    let attribute = tokens.get(at + 1).map(ToString::to_string).unwrap_or_default();
    attribute.replace(' ', "") == "[cfg(test)]"
}

/// Whether `::` is at `at`.
fn is_path(tokens: &[TokenTree], at: usize) -> bool {
    (at..at + 2).all(|at| tokens.get(at).is_some_and(|token| is_mark(token, ':')))
}

/// Whether `::` is before `at`.
fn is_path_end(tokens: &[TokenTree], at: usize) -> bool {
    at >= 2 && is_path(tokens, at - 2)
}

fn is_mark(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == mark)
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
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
