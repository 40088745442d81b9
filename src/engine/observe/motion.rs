//! How an output moves, as far as the arithmetic that computed it can tell.

use super::OutputJet;

/// What a jet's numbers are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motion {
    /// Its speed |y′| is below what rounding makes of y itself.
    Still,
    /// The part of y″ across y′ is below what rounding makes: the outputs are on
    /// a line, and κ is 0.
    Straight,
    /// It turns.
    Curved,
}

/// What rounding can make of a second derivative, in units of the arithmetic's:
/// of y″ itself, which is a sum of products over the whole depth, and of what y
/// and y′ leave in it.
const OF_SECOND: f64 = 2048.0;
const OF_OTHERS: f64 = 64.0;
/// What y leaves in y′: where a global mean follows a batch norm, up to 3,400
/// were seen.
const OF_FIRST: f64 = 4096.0;

impl OutputJet {
    /// How the output moves. In single precision this is [`Motion::Curved`] only
    /// where it certainly is; a pass asks double precision about the others.
    #[must_use]
    pub fn motion(&self) -> Motion {
        // Scaled so that no square overflows or vanishes.
        let all = self.y.iter().chain(&self.dy).chain(&self.ddy);
        let scale = all.fold(0.0f64, |m, x| m.max(x.abs()));
        let speed = self.dy.iter().fold(0.0f64, |m, x| m.max(x.abs()));
        if scale == 0.0 || speed == 0.0 {
            return Motion::Still;
        }
        let dot = |p: &[f64], q: &[f64], by: f64| -> f64 {
            p.iter().zip(q).map(|(x, y)| (x / by) * (y / by)).sum()
        };
        let length = |p: &[f64]| {
            let own = p.iter().fold(0.0f64, |m, x| m.max(x.abs()));
            if own == 0.0 {
                0.0
            } else {
                dot(p, p, own).sqrt() * own
            }
        };
        let (y, v, a) = (length(&self.y), length(&self.dy), length(&self.ddy));
        if v <= self.rounding * OF_FIRST * y {
            return Motion::Still;
        }
        let along = dot(&self.dy, &self.ddy, speed) / dot(&self.dy, &self.dy, speed);
        let across: Vec<f64> = self
            .ddy
            .iter()
            .zip(&self.dy)
            .map(|(a, v)| a - v * along)
            .collect();
        let noise = self.rounding * (OF_SECOND * a + OF_OTHERS * (v + y));
        if length(&across) <= noise {
            return Motion::Straight;
        }
        Motion::Curved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jet(y: [f64; 2], dy: [f64; 2], ddy: [f64; 2]) -> OutputJet {
        OutputJet {
            y: y.to_vec(),
            dy: dy.to_vec(),
            ddy: ddy.to_vec(),
            rounding: f64::from(f32::EPSILON) / 2.0,
        }
    }

    #[test]
    fn rounding_neither_bends_a_line_nor_moves_a_point() {
        // A softmax of two: [p, 1 − p], each rounded by itself.
        let line = jet([0.3, 0.7], [0.21, -0.21], [0.084_000_02, -0.084]);
        assert_eq!(line.motion(), Motion::Straight);
        let curved = jet([0.3, 0.7], [0.21, -0.2], [0.084, 0.01]);
        assert_eq!(curved.motion(), Motion::Curved);
        let still = jet([1.0, 2.0], [1e-43, 0.0], [0.0, 1e-43]);
        assert_eq!(still.motion(), Motion::Still);
        assert_eq!(jet([0.0; 2], [0.0; 2], [1.0; 2]).motion(), Motion::Still);
        // A slow output that turns is not a line.
        let slow = jet([1.0, 1.0], [1e-3, 0.0], [0.0, 1e-3]);
        assert_eq!(slow.motion(), Motion::Curved);
        // As a mean of what was normalised has it: what is left is rounding.
        let left = jet([0.9, 0.1], [3.6e-7, 1e-7], [1e-7, 6e-7]);
        assert_eq!(left.motion(), Motion::Still);
        // The same numbers in double precision are a motion.
        let slow = OutputJet {
            rounding: f64::EPSILON / 2.0,
            ..left
        };
        assert_eq!(slow.motion(), Motion::Curved);
        // Where squares would vanish.
        let tiny = jet([0.0, 0.0], [1e-200, 0.0], [0.0, 1e-200]);
        assert_eq!(tiny.motion(), Motion::Curved);
    }
}
