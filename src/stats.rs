//! Rank statistics: Spearman's ρ and Kendall's τ-b with confidence intervals.
//!
//! Values must be finite; a caller leaves out rows that have none. A larger
//! value is a better one, for scores and for truths.
//!
//! Intervals are percentile bootstraps over rows: 95 %, [`RESAMPLES`]
//! resamples, a fixed seed. So the same rows always give the same interval, and
//! two columns of one table are resampled alike.
//!
//! No resample is sorted. Sorting a column once gives every row the number of
//! its value; the ranks of a resample then follow from how often each value
//! occurs in it. Sums of ranks and of pairs are whole numbers (or quarters)
//! within the 53 bits of an `f64`, so nothing is lost to rounding.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts are far below the types' ranges"
)]

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::Serialize;

/// Resamples of an interval.
pub const RESAMPLES: usize = 2000;

/// The seed of every interval.
const SEED: u64 = 0;

/// What of the resampled values lies outside of an interval, at either end.
const TAIL: f64 = 0.025;

/// A 95 % confidence interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// The 2.5 % quantile.
    pub low: f64,
    /// The 97.5 % quantile.
    pub high: f64,
}

impl From<Interval> for [f64; 2] {
    fn from(interval: Interval) -> Self {
        [interval.low, interval.high]
    }
}

/// How well a score's order agrees with the truth's.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Correlation {
    /// Rows.
    pub n: usize,
    /// Spearman's ρ.
    pub spearman: f64,
    /// Its interval; none where too few resamples have a ρ (very few rows, or
    /// hardly any distinct values).
    pub spearman_interval: Option<Interval>,
    /// Kendall's τ-b.
    pub kendall: f64,
    /// Its interval, under the same condition.
    pub kendall_interval: Option<Interval>,
}

/// How much better one score's order agrees with the truth's than another's.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Rows.
    pub n: usize,
    /// Spearman's ρ of the first score less that of the second.
    pub spearman: f64,
    /// Its interval; none as in [`Correlation`]. An interval without 0 says
    /// that the difference is not one of luck with these rows.
    pub interval: Option<Interval>,
}

/// Ranks from 1, in the order of the rows; equal values share the mean of
/// their ranks.
///
/// ```
/// assert_eq!(dextr::stats::ranks(&[0.5, 0.1, 0.5, 0.9]), [2.5, 1.0, 2.5, 4.0]);
/// ```
#[must_use]
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let mut column = Column::new(values);
    column.take_all();
    column
        .group
        .iter()
        .map(|&g| column.rank[g as usize])
        .collect()
}

/// Spearman's ρ: the correlation of the ranks, ties at their mean rank.
///
/// `None` when there are fewer than two rows, when a side is constant, or when
/// the sides differ in length.
#[must_use]
pub fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.len() != b.len() {
        return None;
    }
    let (mut a, mut b) = (Column::new(a), Column::new(b));
    a.take_all();
    b.take_all();
    rho(&a, &b, 0..a.group.len())
}

/// Kendall's τ-b: concordant less discordant pairs, divided by the geometric
/// mean of the pairs that are not tied on the one and on the other side.
///
/// `None` as for [`spearman`]. Takes O(n log n).
#[must_use]
pub fn kendall_tau_b(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.len() != b.len() {
        return None;
    }
    let (mut a, mut b) = (Column::new(a), Column::new(b));
    a.take_all();
    b.take_all();
    let mut pairs = Pairs::new(&a, &b);
    pairs.weight.fill(1);
    pairs.tau(&a, &b)
}

/// The 95 % interval of any statistic of rows: the percentile bootstrap.
///
/// `statistic` gets `resamples` times `n` row numbers, drawn with replacement.
/// Resamples where it has no value are left out. `None` when there are no
/// rows, or when it has no value for more than half of the resamples.
///
/// Quantiles between two values are interpolated.
pub fn bootstrap(
    n: usize,
    resamples: usize,
    seed: u64,
    mut statistic: impl FnMut(&[usize]) -> Option<f64>,
) -> Option<Interval> {
    if n == 0 {
        return None;
    }
    let mut values = Vec::with_capacity(resamples);
    resample(n, resamples, seed, |rows| values.extend(statistic(rows)));
    interval(values, resamples)
}

/// Both correlations of a score with the truth, with their intervals.
///
/// `None` as for [`spearman`].
#[must_use]
pub fn correlate(score: &[f64], truth: &[f64]) -> Option<Correlation> {
    let n = score.len();
    let (spearman, kendall) = (spearman(score, truth)?, kendall_tau_b(score, truth)?);
    let (mut score, mut truth) = (Column::new(score), Column::new(truth));
    let mut pairs = Pairs::new(&score, &truth);
    let mut values = (Vec::with_capacity(RESAMPLES), Vec::with_capacity(RESAMPLES));
    resample(n, RESAMPLES, SEED, |rows| {
        score.take(rows);
        truth.take(rows);
        pairs.take(rows);
        values.0.extend(rho(&score, &truth, rows.iter().copied()));
        values.1.extend(pairs.tau(&score, &truth));
    });
    Some(Correlation {
        n,
        spearman,
        spearman_interval: interval(values.0, RESAMPLES),
        kendall,
        kendall_interval: interval(values.1, RESAMPLES),
    })
}

/// Spearman's ρ of `a` less that of `b`, both with the same truth; each
/// resample draws the same rows for both, so that what they have in common
/// cancels.
///
/// `None` when either correlation is undefined.
pub fn paired_difference(a: &[f64], b: &[f64], truth: &[f64]) -> Option<Difference> {
    let n = truth.len();
    let spearman = spearman(a, truth)? - spearman(b, truth)?;
    let [mut a, mut b, mut truth] = [a, b, truth].map(Column::new);
    let interval = bootstrap(n, RESAMPLES, SEED, |rows| {
        a.take(rows);
        b.take(rows);
        truth.take(rows);
        let rows = rows.iter().copied();
        Some(rho(&a, &truth, rows.clone())? - rho(&b, &truth, rows)?)
    });
    Some(Difference {
        n,
        spearman,
        interval,
    })
}

/// The rows of the best part by truth, in their own order: ⌈`fraction`·n⌉
/// rows; of equal values at the border the earlier rows are taken.
///
/// ```
/// assert_eq!(dextr::stats::within_best(&[70.0, 90.0, 80.0, 80.0], 0.5), [1, 2]);
/// ```
#[must_use]
pub fn within_best(truth: &[f64], fraction: f64) -> Vec<usize> {
    let n = truth.len();
    // 0.07 · 100 is 7.000000000000001 here, and means seven rows.
    let keep = (fraction.clamp(0.0, 1.0) * n as f64 - 1e-9).ceil() as usize;
    let mut rows: Vec<usize> = (0..n).collect();
    rows.sort_by(|&i, &j| truth[j].total_cmp(&truth[i]));
    rows.truncate(keep);
    rows.sort_unstable();
    rows
}

/// Calls `each` with `count` resamples of `n` rows.
///
/// The bits are the same on every machine. A row's probability is off by less
/// than n/2³².
fn resample(n: usize, count: usize, seed: u64, mut each: impl FnMut(&[usize])) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut rows = vec![0; n];
    for _ in 0..count {
        for row in &mut rows {
            *row = ((u64::from(rng.next_u32()) * n as u64) >> 32) as usize;
        }
        each(&rows);
    }
}

/// The interval of resampled values, unless more than half are missing.
fn interval(mut values: Vec<f64>, resamples: usize) -> Option<Interval> {
    if values.is_empty() || 2 * values.len() < resamples {
        return None;
    }
    values.sort_unstable_by(f64::total_cmp);
    let quantile = |q: f64| {
        let place = q * (values.len() - 1) as f64;
        let below = place as usize;
        let above = (below + 1).min(values.len() - 1);
        values[below] + (place - below as f64) * (values[above] - values[below])
    };
    Some(Interval {
        low: quantile(TAIL),
        high: quantile(1.0 - TAIL),
    })
}

/// A column, ready to be ranked within any choice of its rows.
struct Column {
    /// For each row, which of the distinct values it has, in ascending order.
    group: Vec<u32>,
    /// How often each value occurs in the choice.
    count: Vec<u32>,
    /// The rank of each value within the choice.
    rank: Vec<f64>,
    /// Sum of the squared deviations of the ranks from their mean.
    spread: f64,
    /// Pairs in the choice that are tied.
    tied: u64,
}

impl Column {
    fn new(values: &[f64]) -> Self {
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_unstable_by(|&i, &j| values[i].total_cmp(&values[j]));
        let mut group = vec![0; values.len()];
        let mut groups = 0;
        for (at, &row) in order.iter().enumerate() {
            // The order puts −0 before 0, and they are equal here.
            groups += u32::from(at == 0 || values[order[at - 1]] != values[row]);
            group[row] = groups - 1;
        }
        Self {
            group,
            count: vec![0; groups as usize],
            rank: vec![0.0; groups as usize],
            spread: 0.0,
            tied: 0,
        }
    }

    /// Ranks all rows.
    fn take_all(&mut self) {
        self.count.fill(0);
        for &g in &self.group {
            self.count[g as usize] += 1;
        }
        self.rank_counted();
    }

    /// Ranks the values within the given rows, repeats included.
    fn take(&mut self, rows: &[usize]) {
        self.count.fill(0);
        for &row in rows {
            self.count[self.group[row] as usize] += 1;
        }
        self.rank_counted();
    }

    fn rank_counted(&mut self) {
        let n: u64 = self.count.iter().map(|&c| u64::from(c)).sum();
        let mean = (n + 1) as f64 / 2.0;
        let mut before = 0.0;
        (self.spread, self.tied) = (0.0, 0);
        for (&count, rank) in self.count.iter().zip(&mut self.rank) {
            let c = f64::from(count);
            *rank = before + (c + 1.0) / 2.0;
            self.spread += c * (*rank - mean) * (*rank - mean);
            self.tied += u64::from(count) * u64::from(count).saturating_sub(1) / 2;
            before += c;
        }
    }
}

/// Spearman's ρ over rows that both columns have taken.
fn rho(a: &Column, b: &Column, rows: impl ExactSizeIterator<Item = usize>) -> Option<f64> {
    let spread = a.spread * b.spread;
    if spread == 0.0 {
        return None;
    }
    let mean = (rows.len() + 1) as f64 / 2.0;
    let together: f64 = rows
        .map(|row| {
            let (p, q) = (a.group[row] as usize, b.group[row] as usize);
            (a.rank[p] - mean) * (b.rank[q] - mean)
        })
        .sum();
    Some((together / spread.sqrt()).clamp(-1.0, 1.0))
}

/// Two columns, ready to have their concordant pairs counted.
struct Pairs {
    /// The rows by the first column's value, each with both values' numbers.
    order: Vec<(u32, u32, u32)>,
    /// How often each row occurs in the choice.
    weight: Vec<u32>,
    /// A Fenwick tree over the second column's values: how many of the rows
    /// gone by have them. Entry 0 is not used.
    tree: Vec<u32>,
}

impl Pairs {
    fn new(a: &Column, b: &Column) -> Self {
        let groups = a.group.iter().zip(&b.group);
        let mut order: Vec<_> = groups
            .enumerate()
            .map(|(row, (&p, &q))| (p, q, row as u32))
            .collect();
        order.sort_unstable();
        Self {
            weight: vec![0; order.len()],
            tree: vec![0; b.count.len() + 1],
            order,
        }
    }

    /// Counts how often each row is among the given ones.
    fn take(&mut self, rows: &[usize]) {
        self.weight.fill(0);
        for &row in rows {
            self.weight[row] += 1;
        }
    }

    /// Kendall's τ-b of the choice, which both columns have taken as well.
    ///
    /// Walks up the first column; for each row, of the rows below it, those
    /// with a smaller second value are concordant, with a larger discordant.
    fn tau(&mut self, a: &Column, b: &Column) -> Option<f64> {
        self.tree.fill(0);
        let (mut balance, mut seen, mut start) = (0i64, 0i64, 0);
        for (at, &(p, q, row)) in self.order.iter().enumerate() {
            if p != self.order[start].0 {
                // Rows of one first value are no pairs with each other: they
                // enter the tree together, when the next value begins.
                for &(_, q, row) in &self.order[start..at] {
                    let weight = self.weight[row as usize];
                    add(&mut self.tree, q, weight);
                    seen += i64::from(weight);
                }
                start = at;
            }
            let weight = i64::from(self.weight[row as usize]);
            if weight > 0 {
                let below = up_to(&self.tree, q);
                let above = seen - up_to(&self.tree, q + 1);
                balance += weight * (below - above);
            }
        }
        let rows: u64 = self.weight.iter().map(|&w| u64::from(w)).sum();
        let all = rows * rows.saturating_sub(1) / 2;
        let untied = (all - a.tied) as f64 * (all - b.tied) as f64;
        (untied > 0.0).then(|| (balance as f64 / untied.sqrt()).clamp(-1.0, 1.0))
    }
}

/// Adds to a Fenwick tree's value number `at`.
fn add(tree: &mut [u32], at: u32, weight: u32) {
    if weight > 0 {
        let mut i = at as usize + 1;
        while i < tree.len() {
            tree[i] += weight;
            i += i & i.wrapping_neg();
        }
    }
}

/// The sum of a Fenwick tree's first `count` values.
fn up_to(tree: &[u32], count: u32) -> i64 {
    let (mut sum, mut i) = (0, count as usize);
    while i > 0 {
        sum += i64::from(tree[i]);
        i &= i - 1;
    }
    sum
}

#[cfg(test)]
mod tests;
