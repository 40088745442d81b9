//! What moves entries.

use super::Value;
use crate::network::op::Arrange;

/// The entries in their new places; none where they stay as they are.
pub(super) fn arrange(x: &Value<'_>, how: Arrange<'_>, to: &[usize]) -> Option<Vec<f64>> {
    let mut strides = vec![1; x.shape.len()];
    for axis in (1..x.shape.len()).rev() {
        strides[axis - 1] = strides[axis] * x.shape[axis];
    }
    // Along each axis of the result, what each place adds to where its entry
    // lies; nothing lies in the padding.
    let plain = |axis: usize| -> Vec<Option<usize>> {
        (0..x.shape[axis])
            .map(|i| Some(i * strides[axis]))
            .collect()
    };
    let mut places: Vec<Vec<Option<usize>>> = (0..x.shape.len()).map(plain).collect();
    let mut fill = 0.0;
    match how {
        Arrange::Identity | Arrange::Reshape(_) => return None,
        Arrange::Zero => return Some(vec![0.0; x.numbers.len()]),
        Arrange::Expand(_) => {
            let before = to.len() - x.shape.len();
            let mut wide = vec![vec![Some(0)]; before];
            wide.append(&mut places);
            for (places, &n) in wide.iter_mut().zip(to) {
                if places.len() == 1 {
                    *places = vec![Some(0); n];
                }
            }
            places = wide;
        }
        Arrange::Permute(axes) => places = axes.iter().map(|&a| plain(a)).collect(),
        Arrange::Slice(axis, [start, end, step]) => {
            let taken = (start..end).step_by(step);
            places[axis] = taken.map(|i| Some(i * strides[axis])).collect();
        }
        Arrange::Gather(axis, indices) => {
            let taken = indices.iter();
            places[axis] = taken.map(|&i| Some(i * strides[axis])).collect();
        }
        Arrange::Pad([before, after], value) => {
            fill = value;
            for (axis, places) in places.iter_mut().enumerate() {
                places.splice(0..0, std::iter::repeat_n(None, before[axis]));
                places.extend(std::iter::repeat_n(None, after[axis]));
            }
        }
    }
    Some(picked(&x.numbers, &places, fill))
}

/// The entries at these places, from the first index that moves slowest.
fn picked(numbers: &[f64], places: &[Vec<Option<usize>>], fill: f64) -> Vec<f64> {
    let count = places.iter().map(Vec::len).product();
    let mut index = vec![0; places.len()];
    let mut entry = || {
        let mut steps = places.iter().zip(&index);
        let place = steps.try_fold(0, |sum, (axis, &i)| Some(sum + axis[i]?));
        for (axis, i) in places.iter().zip(&mut index).rev() {
            *i += 1;
            if *i < axis.len() {
                break;
            }
            *i = 0;
        }
        place.map_or(fill, |i| numbers[i])
    };
    (0..count).map(|_| entry()).collect()
}
