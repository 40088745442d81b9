//! What a space gives ([`TypedSpace`]), and what everything else uses
//! ([`Space`]), which follows from it.

use std::collections::HashSet;
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use super::choice::{self, Choice};
use super::reading::{self, Parsed};
use super::supernet::{Layout, Supernet};
use crate::architecture::{About, Architecture, Checked, Normalisation, Options, Reading};
use crate::error::{Error, Result};
use crate::network::Network;
use crate::random::Stream;
use crate::start::Start;

/// What a file of a space says: its architectures as a type, their choices,
/// their networks.
pub(super) trait TypedSpace: Sync {
    /// An architecture. Its text is read in every notation; an error names the
    /// character where it goes wrong. It is printed in canonical form.
    type Arch: FromStr<Err = Error> + Display + Clone;

    /// What the space is, in facts.
    const ABOUT: &'static About;

    /// What its supernet consists of; none where it has none.
    const LAYOUT: Option<&'static Layout> = None;

    /// The supernet that an architecture is; none where it is decided.
    fn partial(_arch: &Self::Arch) -> Option<&Supernet> {
        None
    }

    /// Reads a text, in a reading where one is asked for, with what there is to
    /// know about how it was understood.
    fn read(text: &str, _reading: Option<&Reading>) -> Result<(Self::Arch, Option<String>)> {
        Ok((text.parse()?, None))
    }

    /// What can be chosen, one by one.
    fn choices(arch: &Self::Arch) -> Vec<Choice>;

    /// Makes the choice at `index`; `value` is one of its values.
    fn choose(arch: &mut Self::Arch, index: usize, value: &str);

    /// A random architecture, every one equally likely.
    fn sample(stream: &mut Stream) -> Self::Arch;

    /// Sets the defaults that follow from other options.
    fn defaults(_options: &mut Checked) -> Result<()> {
        Ok(())
    }

    /// Builds the network.
    fn build(arch: &Self::Arch, options: &Checked) -> Result<Built>;
}

/// What a space builds.
pub(super) struct Built {
    /// The network.
    pub(super) network: Network,
    /// How a picture is normalised for it.
    pub(super) normalisation: Normalisation,
    /// How its weights begin.
    pub(super) start: Start,
}

/// A search space.
pub trait Space: Sync {
    /// What it is, in facts.
    fn about(&self) -> &'static About;

    /// The name used everywhere (`nasbench201`).
    fn name(&self) -> &'static str {
        self.about().name
    }

    /// Reads an architecture's text; where it may mean several things, `reading`
    /// decides, or a prefix of the text (`naslib:…`), or else the space's first.
    ///
    /// # Errors
    /// [`Error::Architecture`] with the character where it goes wrong, and
    /// [`Error::UnknownName`] for a reading that no space has.
    fn parse(&self, text: &str, reading: Option<&str>) -> Result<Parsed>;

    /// The canonical form of an architecture's text.
    ///
    /// # Errors
    /// [`Error::Architecture`] with the character where it goes wrong.
    fn canonical(&self, text: &str) -> Result<String> {
        Ok(self.parse(text, None)?.arch)
    }

    /// What its supernet consists of; none where it has none.
    fn layout(&self) -> Option<&'static Layout>;

    /// The supernet of a text; none where the text is an architecture that
    /// leaves nothing open.
    ///
    /// # Errors
    /// [`Error::Architecture`] as for [`Space::canonical`].
    fn partial(&self, text: &str) -> Result<Option<Supernet>>;

    /// What can be chosen in an architecture, one by one. An editor,
    /// [`Space::neighbours`] and a search rest on it.
    ///
    /// # Errors
    /// [`Error::Architecture`] as for [`Space::canonical`].
    fn choices(&self, text: &str) -> Result<Vec<Choice>>;

    /// The canonical form of the architecture with one choice changed: the one
    /// at `index` in [`Space::choices`] becomes `value`.
    ///
    /// # Errors
    /// [`Error::Architecture`] for the text, [`Error::Option`] for a choice or
    /// a value that does not exist.
    fn choose(&self, text: &str, index: usize, value: &str) -> Result<String>;

    /// All architectures one edit away, canonical, each once and without
    /// itself, in the order of [`Space::choices`] and their values.
    ///
    /// # Errors
    /// [`Error::Architecture`] as for [`Space::canonical`].
    fn neighbours(&self, text: &str) -> Result<Vec<String>>;

    /// A random architecture, canonical; every architecture of the space is
    /// equally likely, and the same seed gives the same one everywhere.
    fn sample(&self, seed: u64) -> String;

    /// All its options, those not given with their defaults.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a name that is not among them, and
    /// [`Error::Option`] for a value that others depend on.
    fn options(&self, given: &Options) -> Result<Checked>;

    /// Builds the network.
    ///
    /// # Errors
    /// [`Error::Architecture`], [`Error::Option`] or [`Error::UnknownName`]
    /// for the text and the options, [`Error::Shape`] when the size does not
    /// fit the network.
    fn build(&self, text: &str, options: &Options) -> Result<Architecture>;
}

/// Reads a text of a space.
fn parse<S: TypedSpace>(text: &str, asked: Option<&str>) -> Result<(S::Arch, Parsed)> {
    let example = S::ABOUT.examples.first().map_or("", |e| e.arch);
    reading::parse(text, asked, S::ABOUT.readings, example, S::read)
}

impl<S: TypedSpace> Space for S {
    fn about(&self) -> &'static About {
        S::ABOUT
    }

    fn parse(&self, text: &str, reading: Option<&str>) -> Result<Parsed> {
        Ok(parse::<S>(text, reading)?.1)
    }

    fn layout(&self) -> Option<&'static Layout> {
        S::LAYOUT
    }

    fn partial(&self, text: &str) -> Result<Option<Supernet>> {
        Ok(S::partial(&parse::<S>(text, None)?.0).cloned())
    }

    fn choices(&self, text: &str) -> Result<Vec<Choice>> {
        Ok(S::choices(&parse::<S>(text, None)?.0))
    }

    fn choose(&self, text: &str, index: usize, value: &str) -> Result<String> {
        let (mut arch, _) = parse::<S>(text, None)?;
        choice::check(&S::choices(&arch), index, value)?;
        S::choose(&mut arch, index, value);
        Ok(arch.to_string())
    }

    fn neighbours(&self, text: &str) -> Result<Vec<String>> {
        let (arch, _) = parse::<S>(text, None)?;
        let mut seen = HashSet::from([arch.to_string()]);
        let mut all = Vec::new();
        for (index, choice) in S::choices(&arch).iter().enumerate() {
            for value in choice.values.iter().filter(|v| **v != choice.value) {
                let mut other = arch.clone();
                S::choose(&mut other, index, value);
                let other = other.to_string();
                if seen.insert(other.clone()) {
                    all.push(other);
                }
            }
        }
        Ok(all)
    }

    fn sample(&self, seed: u64) -> String {
        let purpose = format!("sample.{}", self.name());
        S::sample(&mut Stream::new(seed, &purpose)).to_string()
    }

    fn options(&self, given: &Options) -> Result<Checked> {
        let mut options = given.among(S::ABOUT.options)?;
        S::defaults(&mut options)?;
        Ok(options)
    }

    fn build(&self, text: &str, options: &Options) -> Result<Architecture> {
        let (arch, parsed) = parse::<S>(text, options.reading())?;
        let options = self.options(options)?;
        let built = S::build(&arch, &options)?;
        Ok(Architecture {
            source: S::ABOUT.name,
            arch: parsed.arch,
            options: options.describe(),
            published: S::ABOUT.published,
            observe: S::ABOUT.observe,
            normalisation: built.normalisation,
            network: Arc::new(built.network),
            start: built.start,
            notes: parsed.note.into_iter().collect(),
        })
    }
}
