//! What is trained: the surrogate, and the climbers that it guides.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::adam::Trained;
use super::climb::Climbers;
use super::encoding::{self, Cells, Code, Graph};
use super::fit::{fit, standardised};
use super::settings::{Preset, Settings};
use super::surrogate::Shape;
use crate::error::{Error, Result};
use crate::random::Stream;
use crate::search::ground::Ground;
use crate::search::moves::Known;
use crate::search::seen::Seen;
use crate::sources::spaces::Space;
use crate::stats::ranks;

/// Times that cells are drawn around the logits, before random ones fill a round.
const DRAWS: usize = 3;
/// Cells that are predicted at once, so that they need little memory.
const AT_ONCE: usize = 64;

/// A space as the surrogate sees it.
pub(super) struct Sight {
    space: &'static dyn Space,
    cells: &'static dyn Cells,
    graph: Graph,
    shape: Shape,
    pub(super) settings: Settings,
}

/// What a surrogate is taught: cells and their values.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Lesson {
    codes: Vec<Code>,
    values: Vec<f64>,
}

impl Lesson {
    pub(super) fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// The same with ranks in place of values.
    pub(super) fn ranked(self) -> Self {
        Self {
            values: ranks(&self.values),
            ..self
        }
    }
}

impl Sight {
    /// Of a space, by a preset's settings.
    ///
    /// # Errors
    /// Those of [`encoding::of`].
    pub(super) fn of(space: &'static dyn Space, preset: Preset) -> Result<Self> {
        let cells = encoding::of(space.name())?;
        let graph = cells.graph();
        let settings = Settings::of(preset, space.name());
        Ok(Self {
            space,
            cells,
            shape: Shape::of(&graph, settings.hidden),
            graph,
            settings,
        })
    }

    /// Results that have values, as cells.
    ///
    /// # Errors
    /// Those of [`Cells::read`].
    pub(super) fn read(&self, known: &[Known]) -> Result<Lesson> {
        let mut lesson = Lesson::default();
        for known in known {
            let code = self.cells.read(self.space, &known.arch)?;
            if let (Some(code), Some(value)) = (code, known.aim) {
                lesson.codes.push(code);
                lesson.values.push(value);
            }
        }
        Ok(lesson)
    }
}

/// What is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Learner {
    surrogate: Trained<f32>,
    climbers: Climbers,
}

impl Learner {
    /// Before anything is known.
    pub(super) fn begin(sight: &Sight, stream: &mut Stream) -> Self {
        Self {
            surrogate: Trained::new(sight.shape.begin(stream)),
            climbers: Climbers::begin(&sight.graph, &sight.settings, stream),
        }
    }

    /// Refuses what a state says of another space or preset.
    ///
    /// # Errors
    /// [`Error::Search`].
    pub(super) fn check(&self, sight: &Sight) -> Result<()> {
        let weights = sight.shape.weights();
        if self.surrogate.is_of(weights) && self.climbers.are_of(&sight.graph, &sight.settings) {
            return Ok(());
        }
        Err(Error::Search {
            message: "the surrogate of this search is of another space or preset".to_owned(),
            cure: "give a state as the search gave it, whole".to_owned(),
        })
    }

    /// Fits the surrogate.
    pub(super) fn teach(
        &mut self,
        sight: &Sight,
        lesson: &Lesson,
        epochs: usize,
        stream: &mut Stream,
    ) {
        let targets = standardised(&lesson.values);
        let model = (&sight.graph, sight.shape);
        let known = (&lesson.codes[..], &targets[..]);
        let how = (&sight.settings, epochs);
        fit(model, &mut self.surrogate, known, how, stream);
    }

    /// Lets the climbers climb.
    pub(super) fn climb(&mut self, sight: &Sight, stream: &mut Stream) {
        let model = (&sight.graph, sight.shape);
        let weights = &self.surrogate.numbers.0;
        self.climbers.climb(model, weights, &sight.settings, stream);
    }

    /// What each cell is predicted to be worth.
    fn predict(&self, sight: &Sight, cells: &[(String, Code)]) -> Vec<f32> {
        let some = cells.chunks(AT_ONCE).flat_map(|cells| {
            let batch = sight.graph.batch(cells.iter().map(|(_, code)| code));
            let weights = &self.surrogate.numbers.0;
            sight.shape.forward(weights, &batch, None).predictions
        });
        some.collect()
    }

    /// What is to be asked for next: the best predicted of cells around the logits;
    /// random ones where too few are new and within the limits. Blindly: any of them.
    ///
    /// # Errors
    /// Those of [`Ground::draw`].
    pub(super) fn round(
        &self,
        sight: &Sight,
        (wanted, blind): (usize, bool),
        asked: &Seen,
        ground: &mut Ground<'_>,
    ) -> Result<Vec<String>> {
        let mut round: Vec<String> = Vec::new();
        let Settings {
            climbers, ratio, ..
        } = sight.settings;
        for _ in 0..DRAWS {
            let missing = wanted.saturating_sub(round.len());
            if missing == 0 {
                return Ok(round);
            }
            let each = missing.saturating_mul(ratio).div_ceil(climbers);
            let drawn = self
                .climbers
                .draw(sight.cells, &sight.graph, each, &mut ground.stream);
            let mut met = HashSet::new();
            let drawn = drawn
                .into_iter()
                .map(|code| (sight.cells.text(&code), code));
            let is_new = |text: &String| !asked.has(text) && !round.contains(text);
            let new = drawn.filter(|(text, _)| is_new(text) && met.insert(text.clone()));
            let mut new: Vec<(String, Code)> = new.collect();
            if blind {
                ground.stream.shuffle(&mut new);
            } else {
                let predictions = self.predict(sight, &new);
                let mut ranked: Vec<_> = predictions.into_iter().zip(new).collect();
                ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
                // Cells that the surrogate takes for the same are the same to it.
                ranked.dedup_by(|a, b| a.0.total_cmp(&b.0).is_eq());
                new = ranked.into_iter().map(|(_, new)| new).collect();
            }
            for (text, _) in new {
                if round.len() < wanted && ground.is_within(&text)? {
                    round.push(text);
                }
            }
        }
        while round.len() < wanted {
            let is_new = |text: &str| !asked.has(text) && !round.iter().any(|other| other == text);
            // A space prints what it draws as the encoding does.
            let Some(text) = ground.other(|_, text| is_new(text))? else {
                break;
            };
            round.push(text);
        }
        Ok(round)
    }
}
