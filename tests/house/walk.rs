//! A Rust file's modules, and the paths in their code.

use crate::Files;
use crate::rust::{Crates, Module, Taken, join};
use crate::tokens::{Kind, Token};

/// A walk over a file's tokens.
pub(crate) struct Walk<'a> {
    pub(crate) files: &'a Files,
    pub(crate) tokens: &'a [Token],
    pub(crate) at: usize,
    pub(crate) file: &'a str,
}

impl Walk<'_> {
    fn is(&self, at: usize, text: &str) -> bool {
        self.tokens.get(at).is_some_and(|token| token.is(text))
    }

    fn word(&self, at: usize) -> Option<&str> {
        let token = self
            .tokens
            .get(at)
            .filter(|token| token.kind == Kind::Word)?;
        Some(&token.text)
    }

    /// A module's items, up to the brace that closes it. The files of its child
    /// modules lie in `folder`.
    pub(crate) fn body(&mut self, crates: &mut Crates, path: &[String], folder: &str, test: bool) {
        let mut module = Module {
            file: self.file.to_owned(),
            test,
            ..Module::default()
        };
        let mut only_tests = false;
        while self.at < self.tokens.len() && !self.is(self.at, "}") {
            if self.is(self.at, "#") {
                only_tests |= self.attribute();
                continue;
            }
            if self.is(self.at, "mod")
                && let Some(name) = self.word(self.at + 1).map(str::to_owned)
            {
                let (child, test) = (join(path, &name), test || only_tests);
                let folder = format!("{folder}/{name}");
                self.at += 3;
                if self.is(self.at - 1, "{") {
                    self.body(crates, &child, &folder, test);
                    self.at += 1;
                } else {
                    let files = [format!("{folder}.rs"), format!("{folder}/mod.rs")];
                    for file in files {
                        crates.read_file(self.files, &file, &child, test);
                    }
                }
                only_tests = false;
            } else if self.is(self.at, "pub") {
                let scope = self.is(self.at + 1, "(");
                self.at = if scope {
                    self.close(self.at + 1)
                } else {
                    self.at + 1
                };
            } else {
                let start = self.at;
                self.item();
                if !only_tests {
                    self.paths(&mut module, start, self.at);
                }
                only_tests = false;
            }
        }
        crates.modules.insert(path.to_vec(), module);
    }

    /// Skips an attribute; whether it leaves something to tests alone.
    fn attribute(&mut self) -> bool {
        let start = self.at + 1 + usize::from(self.is(self.at + 1, "!"));
        self.at = self.close(start);
        let inner = &self.tokens[start..self.at];
        let has = |text: &str| inner.iter().any(|token| token.is(text));
        self.is(start + 1, "cfg") && has("test") && !has("not") && !has("any")
    }

    /// Skips an item, or what is up to a brace that closes or a semicolon.
    fn item(&mut self) {
        while self.at < self.tokens.len() {
            let last = self.at;
            let opens = ["(", "[", "{"].iter().any(|mark| self.is(last, mark));
            self.at = if opens { self.close(last) } else { last + 1 };
            if self.is(last, ";") || self.is(last, "{") {
                return;
            }
        }
    }

    /// One past the bracket that closes the one here.
    fn close(&self, open: usize) -> usize {
        let mut depth = 0usize;
        for at in open..self.tokens.len() {
            if ["(", "[", "{"].iter().any(|mark| self.is(at, mark)) {
                depth += 1;
            } else if [")", "]", "}"].iter().any(|mark| self.is(at, mark)) {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
        }
        self.tokens.len()
    }

    /// The paths between two tokens, those of `use` among them.
    fn paths(&self, module: &mut Module, start: usize, end: usize) {
        let mut at = start;
        while at < end {
            if self.is(at, "pub") && self.is(at + 1, "(") {
                at = self.close(at + 1);
                continue;
            }
            let tree = self.word(at + 1).is_some() || self.is(at + 1, "{") || self.is(at + 1, "::");
            if self.is(at, "use") && tree {
                at = self.tree(module, at + 1, &[]);
                continue;
            }
            let follows = at > 0 && self.is(at - 1, "::");
            let line = self.tokens[at].line;
            let mut path = Vec::new();
            while let Some(word) = self.word(at).filter(|_| !follows) {
                path.push(word.to_owned());
                if !self.is(at + 1, "::") || self.word(at + 2).is_none() {
                    break;
                }
                at += 2;
            }
            at += 1;
            if path.len() > 1 {
                module.taken.push(Taken {
                    path,
                    line,
                    all: false,
                });
            }
        }
    }

    /// A tree of `use` from here; one past it.
    fn tree(&self, module: &mut Module, mut at: usize, before: &[String]) -> usize {
        let mut path = before.to_vec();
        at += usize::from(self.is(at, "::"));
        let line = self.tokens.get(at).map_or(0, |token| token.line);
        while let Some(word) = self.word(at) {
            // `{self}` is what is before the brace.
            if word != "self" || path.is_empty() {
                path.push(word.to_owned());
            }
            at += 1;
            if !self.is(at, "::") {
                break;
            }
            at += 1;
        }
        if self.is(at, "{") {
            let end = self.close(at) - 1;
            at += 1;
            while at < end {
                at = self.tree(module, at, &path);
                at += usize::from(self.is(at, ","));
            }
            return end + 1;
        }
        let all = self.is(at, "*");
        let renamed = self.is(at, "as");
        let name = if renamed {
            self.word(at + 1)
        } else {
            path.last().map(String::as_str)
        };
        if let Some(name) = name.filter(|_| !all) {
            module.names.insert(name.to_owned(), path.clone());
        }
        module.taken.push(Taken { path, line, all });
        at + usize::from(all) + 2 * usize::from(renamed)
    }
}
