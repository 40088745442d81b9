//! The modules of crates, and what each takes from the others: `use` trees and
//! paths in code, followed through re-exports to the file that has the thing.
//!
//! What is compiled for tests alone (`#[cfg(test)]`) is left out: a test may
//! look anywhere. `use module::*` is an arrow to the module; the names that it
//! brings are not followed.

use std::collections::{BTreeMap, BTreeSet};

use crate::Files;
use crate::arrows::{Use, module};
use crate::tokens::{Language, tokens};
use crate::walk::Walk;

/// How many re-exports are followed; only a circle of them has more.
const DEEPEST: usize = 16;

/// Modules by their paths, which start with the crate's name.
#[derive(Debug, Default)]
pub(crate) struct Crates {
    pub(crate) modules: BTreeMap<Vec<String>, Module>,
    /// Files that were read, those of tests among them.
    read: BTreeSet<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Module {
    pub(crate) file: String,
    pub(crate) test: bool,
    /// What `use` brings into it, by name.
    pub(crate) names: BTreeMap<String, Vec<String>>,
    pub(crate) taken: Vec<Taken>,
}

#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
    /// All of a module's names.
    pub(crate) all: bool,
}

impl Crates {
    /// Reads the crates of these root files. Each has its own name; programs
    /// are told apart by their files.
    pub(crate) fn read(files: &Files, roots: &[(&str, &str)]) -> Self {
        let mut crates = Self::default();
        for (name, root) in roots {
            crates.read_file(files, root, &[(*name).to_owned()], false);
        }
        crates
    }

    /// Rust files in a folder that no `mod` names.
    pub(crate) fn strays(&self, files: &Files, folder: &str) -> Vec<String> {
        let sources = files
            .keys()
            .filter(|f| f.starts_with(folder) && f.ends_with(".rs"));
        let strays = sources.filter(|file| !self.read.contains(*file));
        strays
            .map(|file| format!("{file} is named by no mod"))
            .collect()
    }

    pub(crate) fn read_file(&mut self, files: &Files, file: &str, path: &[String], test: bool) {
        let Some(text) = files.get(file) else {
            return;
        };
        self.read.insert(file.to_owned());
        let tokens = tokens(text, Language::Rust);
        let mut walk = Walk {
            files,
            tokens: &tokens,
            at: 0,
            file,
        };
        walk.body(self, path, &module(file), test);
    }

    /// What every file takes from another file or from another crate.
    pub(crate) fn uses(&self) -> Vec<Use> {
        let modules = self.modules.iter().filter(|(_, module)| !module.test);
        let taken =
            modules.flat_map(|(at, module)| module.taken.iter().map(move |t| (at, module, t)));
        let uses = taken.map(|(at, module, taken)| {
            let found = self.resolve(at, &taken.path, DEEPEST);
            let (to, whole) = match &found {
                Some((there, whole)) => (&self.modules[there].file, *whole && !taken.all),
                None => (&taken.path[0], false),
            };
            Use {
                from: module.file.clone(),
                to: to.clone(),
                line: taken.line,
                name: taken.path.join("::"),
                whole,
            }
        });
        uses.filter(|used| used.from != used.to).collect()
    }

    /// The module that has what a path names, as it is seen from a module, and
    /// whether it is the module itself that is named.
    fn resolve(&self, at: &[String], path: &[String], depth: usize) -> Option<(Vec<String>, bool)> {
        let mut here = at.to_vec();
        let mut rest = path;
        match path.first()?.as_str() {
            "crate" | "$crate" => {
                here.truncate(1);
                rest = &path[1..];
            }
            "self" => rest = &path[1..],
            "super" => {
                while rest.first().is_some_and(|name| name == "super") {
                    here.pop();
                    rest = &rest[1..];
                }
            }
            name => {
                let child = self.modules.contains_key(&join(at, name));
                if !child && !self.modules.get(at)?.names.contains_key(name) {
                    // As seen from a program, the library is another crate.
                    here = vec![name.to_owned()];
                    rest = &path[1..];
                }
            }
        }
        self.inside(here, rest, depth)
    }

    fn inside(
        &self,
        here: Vec<String>,
        rest: &[String],
        depth: usize,
    ) -> Option<(Vec<String>, bool)> {
        let module = self.modules.get(&here)?;
        let Some((name, after)) = rest.split_first() else {
            return Some((here, true));
        };
        let brought = || {
            let path = [module.names.get(name)?.as_slice(), after].concat();
            self.resolve(&here, &path, depth.checked_sub(1)?)
        };
        let child = join(&here, name);
        if self.modules.contains_key(&child) {
            // `mod run; use run::run;` gives one name to two things.
            let item = brought().filter(|(_, whole)| after.is_empty() && !whole);
            return item.or_else(|| self.inside(child, after, depth));
        }
        if module.names.contains_key(name) {
            return brought();
        }
        Some((here, false))
    }
}

/// A path with one more name.
pub(crate) fn join(path: &[String], name: &str) -> Vec<String> {
    [path, &[name.to_owned()]].concat()
}
