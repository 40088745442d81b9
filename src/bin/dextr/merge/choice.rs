//! The best row of each architecture.

use super::disk;
use super::files::Rows;
use super::order::{Chosen, Entry, Sorter, What, sorter};
use crate::failure::{Failure, say};

/// Equal rows whose scores differ by more than this share are told.
const SAME: f64 = 1e-4;

/// What there is to say of rows that were there more than once.
pub(super) struct Told {
    /// How many of each file's rows stand in another place too.
    again: Vec<u64>,
    /// How many of them had another score there.
    other_scores: u64,
    /// How many rows are not in the list.
    unwanted: u64,
}

/// The best row of each architecture, in the order of the list, or of their first
/// rows, and what there is to say of the others. Rows are of so many files.
pub(super) fn choose(
    entries: Sorter<Entry>,
    files: usize,
    by_list: bool,
) -> Result<(impl Iterator<Item = Result<Chosen, Failure>> + use<>, Told), Failure> {
    let mut told = Told {
        again: vec![0; files],
        other_scores: 0,
        unwanted: 0,
    };
    let mut chosen: Sorter<Chosen> = sorter();
    let mut group: Vec<Entry> = Vec::new();
    for entry in entries.done().map_err(disk)? {
        let entry = entry.map_err(disk)?;
        if group.first().is_some_and(|first| first.key != entry.key) {
            told.take(&group, by_list, &mut chosen)?;
            group.clear();
        }
        group.push(entry);
    }
    told.take(&group, by_list, &mut chosen)?;
    let chosen = chosen.done().map_err(disk)?;
    Ok((chosen.map(|chosen| chosen.map_err(disk)), told))
}

impl Told {
    /// Takes in what there is of one architecture.
    fn take(
        &mut self,
        group: &[Entry],
        by_list: bool,
        chosen: &mut Sorter<Chosen>,
    ) -> Result<(), Failure> {
        let wishes = group.iter().filter(|e| e.what == What::Wish);
        let rows: Vec<&Entry> = group.iter().filter(|e| e.what != What::Wish).collect();
        if let Some((best, rest)) = rows.split_first() {
            let score = f64::from_bits(best.score);
            for row in rest {
                self.again[row.place.file as usize] += 1;
                let other = f64::from_bits(row.score);
                let far = (score - other).abs() > SAME * score.abs().max(other.abs());
                self.other_scores += u64::from(row.what == best.what && far);
            }
        }
        let row = rows.first().map(|row| row.place);
        let mut push = |number, wish| {
            let next = Chosen { number, row, wish };
            chosen.push(next).map_err(disk)
        };
        if by_list {
            self.unwanted += u64::from(row.is_some() && group[0].what != What::Wish);
            return wishes
                .into_iter()
                .try_for_each(|w| push(w.number, Some(w.place)));
        }
        match rows.iter().map(|row| row.number).min() {
            Some(number) => push(number, None),
            None => Ok(()),
        }
    }

    pub(super) fn say(&self, files: &[Rows]) {
        for (file, again) in files.iter().zip(&self.again) {
            if *again > 0 {
                say(format_args!(
                    "{}: {again} of its rows are there in another place too, and merged once",
                    file.path
                ));
            }
        }
        if self.other_scores > 0 {
            say(format_args!(
                "{} rows that are there more than once have other scores there; the first stands",
                self.other_scores
            ));
        }
        if self.unwanted > 0 {
            say(format_args!(
                "{} architectures with rows are not in the list, and left out",
                self.unwanted
            ));
        }
    }
}
