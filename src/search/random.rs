//! Random search: every architecture within the limits equally likely, each
//! once. The baseline of every other strategy, and the paper's AutoFormer
//! search (which may draw one twice).

use serde::{Deserialize, Serialize};

use super::ground::Ground;
use super::moves::{Known, Moves, Proposal};
use crate::error::Result;

/// Remembers nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Random {}

impl Moves for Random {
    fn needs(&self, _: u64) -> Option<u64> {
        None
    }

    fn learn(&mut self, _: u64, _: Known) {}

    fn propose(&mut self, _: u64, ground: &mut Ground<'_>) -> Result<Option<Proposal>> {
        let arch = ground.draw()?;
        Ok(arch.map(|arch| Proposal {
            arch,
            round: 0,
            stage: 0,
        }))
    }
}
