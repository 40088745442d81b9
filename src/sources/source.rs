//! A search space and model files, alike where they are alike.

use std::borrow::Borrow;
use std::fmt;

use super::onnx::{self, Model};
use super::spaces::{self, Parsed, Space};
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
    #[must_use]
    pub fn about(self) -> &'static About {
        match self {
            Self::Space(space) => space.about(),
            Self::Models => &onnx::ABOUT,
        }
    }

    /// The name used everywhere.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.about().name
    }

    /// Reads an architecture's text, as [`Space::parse`] does; a file's name as
    /// it is.
    ///
    /// # Errors
    /// Those of [`Space::parse`].
    pub fn parse(self, text: &str, reading: Option<&str>) -> Result<Parsed> {
        match self {
            Self::Space(space) => space.parse(text, reading),
            Self::Models => Ok(Parsed {
                arch: text.to_owned(),
                readings: Vec::new(),
                note: None,
            }),
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

    /// Asks for as many tokens as ids are given, where the source has a length and
    /// none is asked for.
    pub fn fit_length(self, options: &mut Options, count: usize) {
        const LENGTH: &str = "length";
        let has = self.about().options.iter().any(|o| o.name == LENGTH);
        if has && !options.given().any(|(name, _)| name == LENGTH) {
            options.set(LENGTH, &count.to_string());
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

#[cfg(test)]
mod tests {
    use super::*;

    /// No file is there.
    fn none(name: &str) -> Result<Model> {
        Err(Error::unknown("file", name, &[""; 0]))
    }

    #[test]
    fn every_source_is_found_by_its_name() {
        let names: Vec<&str> = Source::all().map(Source::name).collect();
        assert_eq!(names.len(), spaces::all().len() + 1);
        for source in Source::all() {
            assert_eq!(Source::by_name(source.name()), Ok(source));
        }
        let error = Source::by_name("nasbench").unwrap_err();
        assert!(names.iter().all(|name| error.hint().contains(name)));
    }

    #[test]
    fn options_are_checked_before_any_work() {
        for source in Source::all() {
            let all = source.options(&Options::new()).unwrap().describe();
            let known = source.about().options;
            // One without a default is told where it is given alone.
            let told = known.iter().filter(|option| !option.default.is_empty());
            assert_eq!(all.split(' ').count(), told.count(), "{all}");
            let mut wrong = Options::new();
            wrong.set("colour", "red");
            assert_eq!(source.example(&wrong).unwrap_err().code(), "unknown-name");
        }
        let mut size = Options::new();
        size.set("size", "64");
        let space = Source::by_name("nasbench201").unwrap();
        let example = space.example(&size).unwrap().unwrap();
        assert_eq!(example.network.input_shape(), [3, 64, 64]);
        assert_eq!(example.options, space.options(&size).unwrap().describe());
        size.set("size", "0");
        assert!(space.example(&size).is_err());
        let mut height = Options::new();
        height.set("height", "160");
        assert!(Source::Models.example(&height).unwrap().is_none());
        height.set("height", "0");
        assert!(Source::Models.example(&height).is_err());
    }

    #[test]
    fn files_are_opened_for_model_files_alone() {
        for source in Source::all() {
            let first = source.about().examples.first();
            let text = first.map_or("net.onnx", |e| e.arch);
            let built = source.build(text, &Options::new(), none);
            match source {
                Source::Space(_) => assert_eq!(built.unwrap().source, source.name()),
                Source::Models => assert_eq!(built.unwrap_err(), none(text).unwrap_err()),
            }
        }
    }

    #[test]
    fn model_files_are_told_by_the_end_of_their_path() {
        assert!(
            ["a.onnx", "./b/C.ONNX", "x.y.onnx"]
                .into_iter()
                .all(onnx::is_model_path)
        );
        assert!(
            !["onnx", "a.onnx.data", "a.csv", ""]
                .into_iter()
                .any(onnx::is_model_path)
        );
    }
}
