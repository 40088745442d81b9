//! What a search asks for, and how far it is.

use serde::Serialize;

/// What is to be measured next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// Its number, from 0: what it is told by.
    pub step: u64,
    /// The round it belongs to, from 0: a generation, a walk's step, a stage.
    pub round: u64,
    /// The phase of the search: a cascade's stage, a projection's; 0 elsewhere.
    pub stage: usize,
    /// The space's name.
    pub space: String,
    /// The architecture, canonical.
    pub arch: String,
    /// The proxies to measure, separated by commas.
    pub proxies: String,
    /// The number of weight seeds, where it is not the search's own.
    pub seeds: Option<u32>,
    /// What is added to the seed of the circles.
    pub circle: u64,
    /// Whether its accuracy is told: what is measured of it ranks nothing.
    pub told: bool,
}

/// How far a search is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Candidates that were asked for.
    pub asked: u64,
    /// Candidates whose rows were told.
    pub told: u64,
    /// Rows among them without a value of what is aimed at.
    pub without: u64,
    /// Candidates there will be; fewer than planned where there are no more.
    pub total: u64,
    /// Whether all rows are told.
    pub done: bool,
}
