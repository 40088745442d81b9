//! Where candidates come from: a space, under limits, each architecture once.

use std::collections::BTreeMap;

use super::limits::{Limits, Sizes};
use super::seen::Seen;
use crate::architecture::Options;
use crate::error::{Error, Result};
use crate::random::Stream;
use crate::sources::spaces::Space;

/// Random architectures that are outside the limits, for one that is within.
const OUTSIDE: usize = 5_000;
/// Draws that were proposed before, for one that was not: the last cell of
/// 15,625 is found with a probability of 1 − 3·10⁻⁶.
const BEFORE: usize = 200_000;
/// Steps towards the limits, before the sizes that were found are told.
const WALK: usize = 40;

/// What a strategy draws from.
pub(super) struct Ground<'a> {
    pub(super) space: &'static dyn Space,
    pub(super) options: &'a Options,
    pub(super) limits: &'a Limits,
    pub(super) seen: &'a mut Seen,
    /// The stream of the step that is proposed.
    pub(super) stream: Stream,
    /// Whether an architecture within the limits is known.
    pub(super) met: bool,
}

impl Ground<'_> {
    /// Notes an architecture if it may be proposed: it is new and within the limits.
    pub(super) fn take(&mut self, arch: &str) -> Result<bool> {
        if self.seen.has(arch) || self.outside(arch)?.is_some() {
            return Ok(false);
        }
        self.seen.add(arch);
        Ok(true)
    }

    /// Whether an architecture is within the limits.
    pub(super) fn is_within(&self, arch: &str) -> Result<bool> {
        Ok(self.outside(arch)?.is_none())
    }

    /// The sizes of what is outside the limits.
    fn outside(&self, arch: &str) -> Result<Option<Sizes>> {
        if self.limits.is_open() {
            return Ok(None);
        }
        let sizes = self.sizes(arch)?;
        Ok((self.limits.missed_by(sizes) > 0.0).then_some(sizes))
    }

    fn sizes(&self, arch: &str) -> Result<Sizes> {
        let built = self.space.build(arch, self.options)?;
        Ok(Sizes::of(&built.network))
    }

    /// A random architecture that is new and within the limits; none where no
    /// more are found.
    ///
    /// # Errors
    /// [`Error::Option`] with the nearest sizes, where nothing is within.
    pub(super) fn draw(&mut self) -> Result<Option<String>> {
        let drawn = self.other(|ground, arch| !ground.seen.has(arch))?;
        if let Some(arch) = &drawn {
            self.seen.add(arch);
        }
        Ok(drawn)
    }

    /// A random architecture within the limits that is new to whoever asks; it is
    /// not noted.
    ///
    /// # Errors
    /// Those of [`Ground::draw`].
    pub(super) fn other(&mut self, is_new: impl Fn(&Self, &str) -> bool) -> Result<Option<String>> {
        let mut nearest: Option<(String, Sizes)> = None;
        let (mut before, mut outside) = (0, 0);
        while before < BEFORE && outside < OUTSIDE {
            let arch = self.space.sample(self.stream.seed());
            if !is_new(self, &arch) {
                before += 1;
                continue;
            }
            let Some(sizes) = self.outside(&arch)? else {
                return Ok(Some(arch));
            };
            outside += 1;
            let missed = |sizes: &Sizes| self.limits.missed_by(*sizes);
            if nearest
                .as_ref()
                .is_none_or(|(_, best)| missed(&sizes) < missed(best))
            {
                nearest = Some((arch, sizes));
            }
        }
        match nearest {
            // Others were found before: there are no more, or hardly any.
            _ if self.met => Ok(None),
            Some(nearest) => Err(self.unmet(nearest)?),
            None => Ok(None),
        }
    }

    /// The error of limits that random architectures do not meet. Their
    /// neighbours are looked at too: the smallest network of a large space is
    /// never drawn.
    fn unmet(&self, (mut arch, mut sizes): (String, Sizes)) -> Result<Error> {
        for _ in 0..WALK {
            let mut better = None;
            let mut least = self.limits.missed_by(sizes);
            for other in self.space.neighbours(&arch)? {
                let found = self.sizes(&other)?;
                if self.limits.missed_by(found) < least {
                    least = self.limits.missed_by(found);
                    better = Some((other, found));
                }
            }
            match better {
                Some(better) => (arch, sizes) = better,
                None => break,
            }
            if least == 0.0 {
                break;
            }
        }
        Ok(self.limits.unmet(sizes, self.space.name(), OUTSIDE))
    }

    /// An architecture with one choice changed: any choice, any other value,
    /// each equally likely. None where there is nothing to choose.
    pub(super) fn mutate(&mut self, arch: &str) -> Result<Option<String>> {
        let choices = self.space.choices(arch)?;
        let open = choices
            .iter()
            .enumerate()
            .filter(|(_, c)| c.values.len() > 1);
        let open: Vec<_> = open.collect();
        if open.is_empty() {
            return Ok(None);
        }
        let (index, choice) = open[self.stream.below(open.len())];
        let others = choice.values.iter().filter(|v| **v != choice.value);
        let others: Vec<&String> = others.collect();
        if others.is_empty() {
            return Ok(None);
        }
        let value = others[self.stream.below(others.len())];
        self.space.choose(arch, index, value).map(Some)
    }
}

/// Options as they are given, by name.
pub(super) fn options(given: &BTreeMap<String, String>) -> Options {
    let mut options = Options::new();
    for (name, value) in given {
        options.set(name, value);
    }
    options
}
