//! 2-D relative positions with a class token (Wu et al., ICCV 2021, as in
//! AutoFormer): a query at patch (r, c) and a key at patch (r′, c′) share the
//! vector V[r′ − r] + H[c′ − c], distances cut off at ±`LENGTH`; one more entry
//! of each table is for pairs with the class token.
//!
//! The N×N table of vectors is never made. With D = 2g entries in use for each
//! axis (g patches a side) the products are with the 2·D vectors of both
//! tables, and constant indices spread the products over the pairs
//! ([`Relative::of_keys`]) or gather the weights of the pairs of one distance
//! ([`Relative::of_values`]): the same numbers, from N·2D instead of N·N
//! products a head.

#![allow(
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "counts are far below the types' ranges"
)]

use std::sync::Arc;

use crate::error::Result;
use crate::network::{Builder, NodeId, Op, Reduction};

/// Where distances are cut off, in patches.
const LENGTH: usize = 14;
/// Entries of a table: the class token's, and the distances −14 … 14.
const ENTRIES: usize = 2 * LENGTH + 2;

/// The indices for a grid of patches.
pub(in crate::sources::spaces) struct Relative {
    /// Width of the vectors, that of a head.
    width: usize,
    /// Tokens, the class token first.
    tokens: usize,
    /// D, the entries in use.
    used: usize,
    /// Patches a side.
    grid: usize,
    /// Entry of the table for each entry in use.
    entries: Arc<[usize]>,
    /// For each query and key, the two products of the query (of 2·D).
    pairs: Arc<[usize]>,
    /// For each query and each of 2·D vectors, the g keys (of N, and then a
    /// zero and a one) whose weights belong to it.
    keys: Arc<[usize]>,
}

impl Relative {
    /// For `grid`×`grid` patches and heads of this width.
    pub(in crate::sources::spaces) fn new(grid: usize, width: usize) -> Self {
        let tokens = grid * grid + 1;
        let used = 2 * grid;
        // In use: 0 for the class token, then the distances 1 − g … g − 1.
        let entries = (0..used).map(|entry| match entry {
            0 => 0,
            _ => (entry + LENGTH + 1)
                .saturating_sub(grid)
                .clamp(1, ENTRIES - 1),
        });
        let place = |token: usize| [(token - 1) / grid, (token - 1) % grid];
        let mut pairs = Vec::with_capacity(tokens * tokens * 2);
        for query in 0..tokens {
            for key in 0..tokens {
                for axis in [0, 1] {
                    let entry = match query == 0 || key == 0 {
                        true => 0,
                        false => grid + place(key)[axis] - place(query)[axis],
                    };
                    pairs.push(query * 2 * used + axis * used + entry);
                }
            }
        }
        let (zero, one) = (tokens, tokens + 1);
        let mut keys = Vec::with_capacity(tokens * 2 * used * grid);
        for query in 0..tokens {
            for axis in [0, 1] {
                for entry in 0..used {
                    for along in 0..grid {
                        let key = match (entry, query, along) {
                            // All weights of the class token's query, which sum to 1.
                            (0, 0, 0) => one,
                            (0, _, 0) => 0,
                            (0, ..) | (_, 0, _) => zero,
                            _ => {
                                let here = (place(query)[axis] + entry).checked_sub(grid);
                                match (here.filter(|&h| h < grid), axis) {
                                    (None, _) => zero,
                                    (Some(row), 0) => 1 + row * grid + along,
                                    (Some(column), _) => 1 + along * grid + column,
                                }
                            }
                        };
                        keys.push(query * (tokens + 2) + key);
                    }
                }
            }
        }
        Self {
            width,
            tokens,
            used,
            grid,
            entries: entries.collect(),
            pairs: pairs.into(),
            keys: keys.into(),
        }
    }

    /// The vectors in use of both tables, `[2·D, width]`.
    fn vectors(&self, b: &mut Builder, name: &str) -> Result<NodeId> {
        let mut parts = Vec::with_capacity(2);
        for axis in ["v", "h"] {
            let table = Op::Constant(vec![ENTRIES, self.width]);
            let table = b.add(&format!("{name}.table_{axis}"), table, &[])?;
            let used = Op::Gather {
                axis: 0,
                indices: Arc::clone(&self.entries),
            };
            parts.push(b.add(&format!("{name}.used_{axis}"), used, &[table])?);
        }
        b.add(&format!("{name}.vectors"), Op::Concat { axis: 0 }, &parts)
    }

    /// Products of each query with its pairs' vectors: `[heads, N, width]` →
    /// `[heads, N, N]`.
    pub(in crate::sources::spaces) fn of_keys(
        &self,
        b: &mut Builder,
        name: &str,
        queries: NodeId,
    ) -> Result<NodeId> {
        let (n, heads) = (self.tokens, b.shape(queries).first().copied().unwrap_or(0));
        let part = |part: &str| format!("{name}.{part}");
        let vectors = self.vectors(b, name)?;
        let across = b.add(&part("across"), Op::Permute(vec![1, 0]), &[vectors])?;
        let flat = Op::Reshape(vec![heads * n, self.width]);
        let x = b.add(&part("queries"), flat, &[queries])?;
        let x = b.add(&part("product"), Op::MatMul, &[x, across])?;
        let flat = Op::Reshape(vec![heads, n * 2 * self.used]);
        let x = b.add(&part("products"), flat, &[x])?;
        let spread = Op::Gather {
            axis: 1,
            indices: Arc::clone(&self.pairs),
        };
        let x = b.add(&part("spread"), spread, &[x])?;
        let x = b.add(&part("pairs"), Op::Reshape(vec![heads, n, n, 2]), &[x])?;
        b.add(name, sum_last(), &[x])
    }

    /// Sums of the pairs' vectors, weighted: `[heads, N, N]` →
    /// `[heads, N, width]`. The weights of a query sum to 1.
    pub(in crate::sources::spaces) fn of_values(
        &self,
        b: &mut Builder,
        name: &str,
        weights: NodeId,
    ) -> Result<NodeId> {
        let (n, heads) = (self.tokens, b.shape(weights).first().copied().unwrap_or(0));
        let part = |part: &str| format!("{name}.{part}");
        let vectors = self.vectors(b, name)?;
        let mut x = weights;
        for (column, value) in [("zero", 0.0), ("one", 1.0)] {
            let pad = Op::Pad {
                before: vec![0; 3],
                after: vec![0, 0, 1],
                value,
            };
            x = b.add(&part(column), pad, &[x])?;
        }
        let x = b.add(&part("flat"), Op::Reshape(vec![heads, n * (n + 2)]), &[x])?;
        let gather = Op::Gather {
            axis: 1,
            indices: Arc::clone(&self.keys),
        };
        let x = b.add(&part("gather"), gather, &[x])?;
        let grouped = Op::Reshape(vec![heads, n, 2 * self.used, self.grid]);
        let x = b.add(&part("grouped"), grouped, &[x])?;
        let x = b.add(&part("weights"), sum_last(), &[x])?;
        let flat = Op::Reshape(vec![heads * n, 2 * self.used]);
        let x = b.add(&part("rows"), flat, &[x])?;
        let x = b.add(&part("product"), Op::MatMul, &[x, vectors])?;
        b.add(name, Op::Reshape(vec![heads, n, self.width]), &[x])
    }
}

/// A sum that is no merge: what it adds up was one value.
fn sum_last() -> Op {
    Op::Reduce {
        kind: Reduction::Sum,
        axes: vec![3],
        keep: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The entries of both tables for a pair of tokens, by definition.
    fn entries_of(grid: usize, query: usize, key: usize) -> [usize; 2] {
        if query == 0 || key == 0 {
            return [0, 0];
        }
        let place = |token: usize| [(token - 1) / grid, (token - 1) % grid];
        let (from, to) = (place(query), place(key));
        [0, 1].map(|axis| {
            let distance = to[axis] as isize - from[axis] as isize;
            (distance.clamp(-(LENGTH as isize), LENGTH as isize) + LENGTH as isize + 1) as usize
        })
    }

    #[test]
    fn every_pair_has_its_entries() {
        // From 16 patches a side on, distances are cut off.
        for grid in [1, 2, 3, 14, 17] {
            let relative = Relative::new(grid, 64);
            let (n, d) = (relative.tokens, relative.used);
            assert_eq!(relative.entries.len(), d);
            assert_eq!(relative.pairs.len(), 2 * n * n);
            for (i, pair) in relative.pairs.chunks_exact(2).enumerate() {
                let (query, key) = (i / n, i % n);
                let found = [0, 1].map(|axis| {
                    let product = pair[axis] - query * 2 * d;
                    assert_eq!(product / d, axis);
                    relative.entries[product % d]
                });
                assert_eq!(found, entries_of(grid, query, key), "{grid}: {query} {key}");
            }
        }
    }

    #[test]
    fn every_weight_goes_to_its_entries_once() {
        for grid in [1, 2, 3, 14, 17] {
            let relative = Relative::new(grid, 64);
            let (n, d) = (relative.tokens, relative.used);
            let mut times = vec![[0; 2]; n * n];
            for (i, &index) in relative.keys.iter().enumerate() {
                let (vector, query) = (i / grid % (2 * d), i / grid / (2 * d));
                let key = index - query * (n + 2);
                if key == n {
                    continue;
                }
                let (axis, entry) = (vector / d, relative.entries[vector % d]);
                if key == n + 1 {
                    // All the weights of the class token's query at once.
                    assert_eq!((query, entry), (0, 0));
                    (0..n).for_each(|key| times[key][axis] += 1);
                    continue;
                }
                assert_eq!(entry, entries_of(grid, query, key)[axis]);
                times[query * n + key][axis] += 1;
            }
            assert!(times.iter().all(|&t| t == [1, 1]), "{grid}");
        }
    }
}
