//! Identical architectures once; rows in the order of the input.

use std::collections::HashMap;

use crate::failure::Failure;
use crate::input::Item;
use crate::output::Output;
use crate::progress::Progress;
use crate::render::Render;
use crate::workers::{Event, Outcome};

/// The different architectures among items.
pub(crate) struct Jobs<'a> {
    /// Their canonical texts, in the order of their first appearance.
    pub(crate) archs: Vec<&'a str>,
    /// The architecture of each item, or what became of a row that cannot be read.
    of: Vec<Result<usize, Outcome>>,
    /// The last item of each architecture.
    last: Vec<usize>,
}

impl<'a> Jobs<'a> {
    /// Of these items.
    pub(crate) fn of(items: &'a [Item]) -> Self {
        let mut known = HashMap::new();
        let mut jobs = Self {
            archs: Vec::new(),
            of: Vec::with_capacity(items.len()),
            last: Vec::new(),
        };
        for (i, item) in items.iter().enumerate() {
            let job = item.arch.as_ref().map(|arch| {
                *known.entry(arch.as_str()).or_insert_with(|| {
                    jobs.archs.push(arch.as_str());
                    jobs.last.push(i);
                    jobs.archs.len() - 1
                })
            });
            if let Ok(job) = job {
                jobs.last[job] = i;
            }
            jobs.of
                .push(job.map_err(|message| Outcome::Failed(message.clone())));
        }
        jobs
    }
}

/// Writes rows in order, however their scores come in.
pub(crate) struct InOrder<'a> {
    render: &'a Render,
    items: &'a [Item],
    jobs: &'a Jobs<'a>,
    output: Output,
    /// Outcomes that are still needed.
    outcomes: Vec<Option<Outcome>>,
    /// The next item to write.
    next: usize,
    failed: usize,
    progress: Progress,
}

impl<'a> InOrder<'a> {
    /// Of these items, to this output.
    pub(crate) fn new(
        render: &'a Render,
        items: &'a [Item],
        jobs: &'a Jobs<'a>,
        output: Output,
    ) -> Self {
        let count = jobs.archs.len();
        Self {
            render,
            items,
            jobs,
            output,
            outcomes: (0..count).map(|_| None).collect(),
            next: 0,
            failed: 0,
            progress: Progress::new(count),
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

    /// Takes in what the workers report.
    pub(crate) fn hear(&mut self, event: Event) -> Result<(), Failure> {
        if let Event::Finished(job, outcome) = event {
            self.outcomes[job] = Some(outcome);
            self.progress.advance();
            self.write_ready()?;
        }
        self.progress.tell();
        Ok(())
    }

    /// Writes the rows that can be written without a gap.
    pub(crate) fn write_ready(&mut self) -> Result<(), Failure> {
        while let Some(item) = self.items.get(self.next) {
            let job = &self.jobs.of[self.next];
            let outcome = match job {
                Err(unreadable) => unreadable,
                Ok(job) => match &self.outcomes[*job] {
                    Some(outcome) => outcome,
                    None => return Ok(()),
                },
            };
            self.failed += usize::from(matches!(outcome, Outcome::Failed(_)));
            let row = self.render.row(item, outcome);
            self.progress.clear();
            self.output.write(&row)?;
            if let Ok(job) = *job
                && self.jobs.last[job] == self.next
            {
                self.outcomes[job] = None;
            }
            self.next += 1;
        }
        Ok(())
    }
}
