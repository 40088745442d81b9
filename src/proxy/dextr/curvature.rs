//! κ, the extrinsic curvature of the output along a curve.

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

/// Turning and speed |v|.
fn bend(v: &[f64], a: &[f64]) -> Option<(f64, f64)> {
    // Scaled so that no square overflows or vanishes: κ scales with 1/|v|
    // for v and a scaled alike.
    let scale = v.iter().fold(0.0f64, |m, x| m.max(x.abs()));
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

fn dot(p: &[f64], q: &[f64]) -> f64 {
    p.iter().zip(q).map(|(x, y)| x * y).sum()
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
