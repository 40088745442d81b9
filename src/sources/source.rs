//! A search space and model files, alike where they are alike.

use std::borrow::Borrow;
use std::fmt;

use super::onnx::{self, Model};
use super::spaces::{self, Space};
use crate::architecture::{About, Architecture, Checked, Options};
use crate::error::{Error, Result};

/// What reads an architecture.
#[derive(Clone, Copy)]
pub enum Source {
    /// A search space, whose architectures are texts.
    Space(&'static dyn Space),
    /// Model files, whose architectures are files, known by name or path.
    Models,
}

impl Source {
    /// All sources: the spaces in the order of their documentation, model files.
    pub fn all() -> impl Iterator<Item = Self> {
        let spaces = spaces::all().iter().copied().map(Self::Space);
        spaces.chain([Self::Models])
    }

    /// A source by name.
    ///
    /// # Errors
    /// [`Error::UnknownName`] with the names that exist.
    pub fn by_name(name: &str) -> Result<Self> {
        Self::all().find(|s| s.name() == name).ok_or_else(|| {
            let known: Vec<&str> = Self::all().map(Self::name).collect();
            Error::unknown("space", name, &known)
        })
    }

    /// What it is, in facts.
    pub fn about(self) -> &'static About {
        match self {
            Self::Space(space) => space.about(),
            Self::Models => &onnx::ABOUT,
        }
    }

    /// The name used everywhere.
    pub fn name(self) -> &'static str {
        self.about().name
    }

    /// The canonical form of an architecture's text; a file's name as it is.
    ///
    /// # Errors
    /// [`Error::Architecture`] with the character where it goes wrong.
    pub fn canonical(self, text: &str) -> Result<String> {
        match self {
            Self::Space(space) => space.canonical(text),
            Self::Models => Ok(text.to_owned()),
        }
    }

    /// All its options, those not given with their defaults.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a name that is not among them, and
    /// [`Error::Option`] for a value that others depend on.
    pub fn options(self, given: &Options) -> Result<Checked> {
        match self {
            Self::Space(space) => space.options(given),
            Self::Models => given.among(onnx::ABOUT.options),
        }
    }

    /// Checks the options before any work: the first of its examples that can
    /// be built with them, where it has examples.
    ///
    /// # Errors
    /// Those of [`Space::build`] for the first example, where none can be built.
    pub fn example(self, options: &Options) -> Result<Option<Architecture>> {
        let Self::Space(space) = self else {
            onnx::Inputs::of(&self.options(options)?)?;
            return Ok(None);
        };
        let examples = space.about().examples.iter();
        let mut built = examples.map(|e| space.build(e.arch, options));
        let first = built.next().transpose();
        first.or_else(|error| built.find_map(Result::ok).map(Some).ok_or(error))
    }

    /// Builds an architecture's network. `open` reads the file of a name; it is
    /// asked where the source is model files, and nowhere else.
    ///
    /// # Errors
    /// Those of [`Space::build`]; of `open`, and of [`Model::architecture`].
    pub fn build<M: Borrow<Model>>(
        self,
        text: &str,
        options: &Options,
        open: impl FnOnce(&str) -> Result<M>,
    ) -> Result<Architecture> {
        match self {
            Self::Space(space) => space.build(text, options),
            Self::Models => open(text)?.borrow().architecture(text, options),
        }
    }
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Source {}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
