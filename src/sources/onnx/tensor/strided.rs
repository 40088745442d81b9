//! Row-major arrays walked in another order.

/// Axes in another order, on the host.
pub(in crate::sources::onnx) fn turn<T: Copy>(
    values: &[T],
    dims: &[usize],
    order: &[usize],
) -> Vec<T> {
    let strides = strides(dims);
    let shape: Vec<usize> = order.iter().map(|&a| dims[a]).collect();
    let steps: Vec<usize> = order.iter().map(|&a| strides[a]).collect();
    walk(&shape, &steps).map(|i| values[i]).collect()
}

/// Row-major strides.
pub(in crate::sources::onnx) fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for i in (1..shape.len()).rev() {
        strides[i - 1] = strides[i] * shape[i];
    }
    strides
}

/// The places of a strided array in row-major order.
pub(in crate::sources::onnx) fn walk<'s>(
    shape: &'s [usize],
    steps: &'s [usize],
) -> impl Iterator<Item = usize> + 's {
    let n: usize = shape.iter().product();
    let mut index = vec![0usize; shape.len()];
    let mut place = 0;
    (0..n).map(move |_| {
        let here = place;
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            place += steps[axis];
            if index[axis] < shape[axis] {
                break;
            }
            place -= steps[axis] * shape[axis];
            index[axis] = 0;
        }
        here
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_are_turned() {
        let values: Vec<i32> = (0..6).collect();
        assert_eq!(turn(&values, &[2, 3], &[1, 0]), [0, 3, 1, 4, 2, 5]);
        assert_eq!(turn(&[7], &[], &[]), [7]);
    }
}
