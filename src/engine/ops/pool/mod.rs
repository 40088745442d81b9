//! Pools. Averages are linear; a maximum routes the derivatives by the place
//! where the value has its maximum.

pub(super) mod adjoint;
mod cpu;
mod gpu;
#[cfg(test)]
pub(super) mod tests;

use crate::engine::jet::Jets;
use crate::error::Result;
use crate::network::Pool;

/// A pool on `[C, H, W]`.
pub(crate) fn pool(x: Jets, axes: &[usize], pool: &Pool) -> Result<Jets> {
    let form = if x.layout.host { cpu::pool } else { gpu::pool };
    form(x, axes, pool)
}
