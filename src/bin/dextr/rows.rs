//! Rows on their way out: written in order, with progress beside them.

use dextr::run::{News, Row, Scored};

use crate::failure::Failure;
use crate::input::Candidate;
use crate::output::Output;
use crate::progress::Progress;
use crate::render::Render;

/// Writes the rows of a run.
pub(crate) struct Rows<'a> {
    render: &'a Render,
    candidates: &'a [Candidate],
    base: &'a Row,
    output: Output,
    failed: usize,
    progress: Progress,
}

impl<'a> Rows<'a> {
    /// Of these candidates, which have `total` different architectures; all rows
    /// begin as `base`.
    pub(crate) fn new(
        render: &'a Render,
        candidates: &'a [Candidate],
        base: &'a Row,
        output: Output,
        total: usize,
    ) -> Self {
        Self {
            render,
            candidates,
            base,
            output,
            failed: 0,
            progress: Progress::new(total),
        }
    }

    /// How many rows have the status `error`.
    pub(crate) fn failed(&self) -> usize {
        self.failed
    }

    /// Seconds since the start.
    pub(crate) fn seconds(&self) -> f64 {
        self.progress.seconds()
    }

    /// Takes in what the runner has.
    pub(crate) fn hear(&mut self, news: News<Scored>) -> Result<(), Failure> {
        self.progress.advance(news.finished);
        for (i, scored) in news.ready {
            let scored = finished(scored, &self.candidates[i], self.base);
            self.failed += usize::from(scored.row.is_failed());
            self.progress.clear();
            let row = self.render.row(&self.candidates[i].extras, &scored);
            self.output.write(&row)?;
        }
        self.progress.tell();
        Ok(())
    }
}

/// A row with what its candidate and its run say of it.
pub(crate) fn finished(mut scored: Scored, candidate: &Candidate, base: &Row) -> Scored {
    if let Some(note) = &candidate.note {
        scored.row = scored.row.noted(note);
    }
    scored.row.shard.clone_from(&base.shard);
    scored
}
