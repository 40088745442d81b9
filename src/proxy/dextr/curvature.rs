//! κ, the extrinsic curvature of the output along a curve.

use crate::engine::bend;

/// κ = |a − v (v·a)/(v·v)| / (v·v) for v = y′ and a = y″; none when v = 0.
///
/// (The usual form √(|v|²|a|² − (v·a)²)/|v|³ is the same number, but cancels.)
#[must_use]
pub fn curvature(v: &[f64], a: &[f64]) -> Option<f64> {
    bend(v, a).map(|(turning, speed)| turning / speed)
}

/// κ of the output scaled to unit speed, κ|v| = |a − v (v·a)/(v·v)| / |v|:
/// radians that the tangent turns by for a radian of the curve (the Gauss map's
/// speed: Poole et al., NeurIPS 2016); none when v = 0.
///
/// κ is an inverse length. The scale of logits is the same for all networks of
/// a space, that of a feature map is not: it grows with its pixels.
#[must_use]
pub fn turning(v: &[f64], a: &[f64]) -> Option<f64> {
    bend(v, a).map(|(turning, _)| turning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_has_the_inverse_of_its_radius() {
        for radius in [1e-200, 0.5, 3.0, 1e200] {
            let k = curvature(&[0.0, radius], &[-radius, 0.0]).unwrap();
            assert!((k * radius - 1.0).abs() < 1e-14, "{radius}");
            let turns = turning(&[0.0, radius], &[-radius, 0.0]).unwrap();
            assert!((turns - 1.0).abs() < 1e-14, "{radius}");
        }
    }

    #[test]
    fn a_line_is_flat_and_a_point_has_none() {
        assert_eq!(curvature(&[1.0, 2.0], &[2.0, 4.0]), Some(0.0));
        assert_eq!(curvature(&[0.0, 0.0], &[1.0, 0.0]), None);
    }

    #[test]
    fn motion_along_the_curve_does_not_count() {
        let k = |along: f64| curvature(&[2.0, 0.0, 0.0], &[along, 3.0, 0.0]).unwrap();
        assert!((k(0.0) - 0.75).abs() < 1e-15);
        assert!((k(1e6) - 0.75).abs() < 1e-9);
    }
}
