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
        let (y, a) = (length(&self.y), length(&self.ddy));
        let Some((turning, v)) = bend(&self.dy, &self.ddy) else {
            return Motion::Still;
        };
        if v <= self.rounding * OF_FIRST * y {
            return Motion::Still;
        }
        if turning * v <= self.rounding * (OF_SECOND * a + OF_OTHERS * (v + y)) {
            return Motion::Straight;
        }
        Motion::Curved
    }
}

/// |a − v (v·a)/(v·v)| / |v|, what v turns by, and |v|, for v = y′ and a = y″;
/// none when v = 0.
#[must_use]
pub fn bend(v: &[f64], a: &[f64]) -> Option<(f64, f64)> {
    // Scaled so that no square overflows or vanishes.
    let scale = largest(v);
    if scale == 0.0 {
        return None;
    }
    let v: Vec<f64> = v.iter().map(|x| x / scale).collect();
    let a: Vec<f64> = a.iter().map(|x| x / scale).collect();
    let vv = dot(&v, &v);
    let along = dot(&v, &a) / vv;
    let normal: Vec<f64> = a.iter().zip(&v).map(|(a, v)| a - v * along).collect();
    let speed = vv.sqrt();
    Some((dot(&normal, &normal).sqrt() / speed, speed * scale))
}

fn length(x: &[f64]) -> f64 {
    let scale = largest(x);
    let scaled = |x: f64| if scale == 0.0 { 0.0 } else { x / scale };
    let squares: f64 = x.iter().map(|&x| scaled(x) * scaled(x)).sum();
    squares.sqrt() * scale
}

fn largest(x: &[f64]) -> f64 {
    x.iter().fold(0.0f64, |m, x| m.max(x.abs()))
}

fn dot(p: &[f64], q: &[f64]) -> f64 {
    p.iter().zip(q).map(|(x, y)| x * y).sum()
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
