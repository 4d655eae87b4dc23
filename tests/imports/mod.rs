//! The imports that a Rust file writes, read from its tokens.
//!
//! A path counts where it begins with `crate`, `self` or `super`, with a module declared in the file,
//! or with one that a `use` brought there; tests (`#[cfg(test)]`) do not count. `a/mod.rs` counts as
//! the file of the module `a`.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Where a module's name leads: its path from the crate's root.
pub(crate) type Module = Vec<String>;

/// One file names another.
pub(crate) struct Import {
    pub(crate) from: Module,
    pub(crate) to: Module,
    pub(crate) line: usize,
    /// As it is written.
    pub(crate) path: String,
}

/// The module that a file holds.
pub(crate) fn module_of(name: &str) -> Module {
    let name = name.strip_suffix(".rs").expect("a Rust file");
    match name.strip_suffix("/mod").unwrap_or(name) {
        "lib" | "main" => Vec::new(),
        path => path.split('/').map(str::to_owned).collect(),
    }
}

/// What one file says of others.
pub(crate) struct Source {
    pub(crate) module: Module,
    /// Paths with the module that they stand in and their lines.
    paths: Vec<(Module, Vec<String>, usize)>,
    /// Names that stand for modules: of those declared here, and of those that `use` brought.
    names: BTreeMap<String, Module>,
    /// Modules declared for tests alone.
    pub(crate) tests: Vec<Module>,
}

impl Source {
    pub(crate) fn read(module: Module, name: &str, text: &str) -> Source {
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
    pub(crate) fn imports(&self, files: &BTreeMap<Module, String>) -> Vec<Import> {
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
