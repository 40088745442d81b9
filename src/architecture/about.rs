//! What a source is, in facts.

use super::OptionInfo;
use crate::network::Policy;

/// What reads architectures, in facts: a search space, or model files.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct About {
    /// The name used everywhere (`nasbench201`).
    pub name: &'static str,
    /// Its full name and source.
    pub title: &'static str,
    /// Number of architectures; none where they cannot be counted.
    pub size: Option<u64>,
    /// Its options.
    pub options: &'static [OptionInfo],
    /// The orders in which numbers may be meant that say none themselves, the
    /// one that is taken unasked first (empty where there is one alone).
    pub readings: &'static [Reading],
    /// The columns an architecture is read from where a table has no `arch`.
    pub columns: &'static [&'static str],
    /// Architectures to start from.
    pub examples: &'static [Example],
    /// The names of its operations, in index order (empty where it has none).
    pub operations: &'static [&'static str],
    /// The edges of its cell as (source, target), in index order (empty where
    /// each cell has its own).
    pub edges: &'static [(usize, usize)],
    /// Whether the published protocol is defined for it.
    pub published: bool,
    /// The policy that is observed where none is asked for: the one that ranks
    /// its architectures best in `benches/correlation`.
    pub observe: Policy,
}

/// An architecture to start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Example {
    /// Its text.
    pub arch: &'static str,
    /// What it is.
    pub title: &'static str,
}

/// An order of operations and edges, in which numbers are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Reading {
    /// The name that asks for it.
    pub name: &'static str,
    /// Whose order it is, in words.
    pub title: &'static str,
}
