use std::sync::Arc;

use super::*;

type Case = (Op, Vec<&'static [usize]>, Option<Vec<usize>>);

fn check(cases: Vec<Case>) {
    for (op, inputs, expected) in cases {
        let found = op.output_shape(&inputs);
        assert_eq!(
            found.as_ref().ok(),
            expected.as_ref(),
            "{op:?} on {inputs:?}"
        );
        if let Err((message, cure)) = found {
            assert!(!message.is_empty() && !cure.is_empty(), "{op:?}");
        }
    }
}

#[test]
fn shapes_of_layers() {
    let conv = |kernel, stride, padding| Op::conv(8, kernel, stride, padding, true);
    let norm = |groups| Op::GroupNorm {
        groups,
        eps: 1e-5,
        affine: true,
    };
    let rms = |axes| Op::RmsNorm {
        eps: 1e-5,
        affine: true,
        axes,
    };
    check(vec![
        (conv(3, 1, 1), vec![&[3, 32, 32]], Some(vec![8, 32, 32])),
        (conv(3, 2, 1), vec![&[3, 5, 4]], Some(vec![8, 3, 2])),
        (conv(5, 1, 0), vec![&[3, 4, 4]], None),
        (conv(3, 1, 1), vec![&[3, 32]], None),
        (conv(3, 0, 1), vec![&[3, 8, 8]], None),
        (
            Op::conv(usize::MAX / 4, 3, 1, 1, true),
            vec![&[3, 8, 8]],
            None,
        ),
        (
            Op::depthwise(6, 5, 2, 2, false),
            vec![&[6, 9, 8]],
            Some(vec![6, 5, 4]),
        ),
        (Op::depthwise(6, 3, 1, 1, false), vec![&[4, 9, 8]], None),
        (
            Op::Conv2d {
                out: 4,
                kernel: [1, 3],
                stride: [1, 2],
                padding: [0, 1, 0, 2],
                dilation: [1, 2],
                groups: 2,
                bias: true,
            },
            vec![&[6, 5, 9]],
            Some(vec![4, 5, 4]),
        ),
        (
            Op::BatchNorm {
                eps: 1e-5,
                affine: true,
            },
            vec![&[4, 1, 1]],
            None,
        ),
        (norm(2), vec![&[4, 1, 1]], Some(vec![4, 1, 1])),
        (norm(4), vec![&[4, 1, 1]], None),
        (norm(3), vec![&[4, 5, 5]], None),
        (rms(2), vec![&[4, 5, 6]], Some(vec![4, 5, 6])),
        (rms(4), vec![&[4, 5, 6]], None),
        (rms(0), vec![&[4, 5, 6]], None),
        (
            Op::Dense {
                out: 10,
                bias: true,
            },
            vec![&[5, 64]],
            Some(vec![5, 10]),
        ),
        (Op::PRelu { shared: false }, vec![&[]], None),
        (
            Op::Activate(Activation::Clip { min: 1.0, max: 0.0 }),
            vec![&[2]],
            None,
        ),
        (
            Op::Activate(Activation::Celu { alpha: 0.0 }),
            vec![&[2]],
            None,
        ),
        (Op::Identity, vec![&[1], &[1]], None),
    ]);
}

/// torch.nn.ConvTranspose2d(6, 4, (3, 2), stride=(2, 3), padding=1,
/// output_padding=(1, 0), dilation=(1, 2)) on 6×5×7 gives 4×10×19.
#[test]
fn shapes_of_transposed_convolutions() {
    let op = |padding, output_padding| Op::ConvTranspose2d {
        out: 4,
        kernel: [3, 2],
        stride: [2, 3],
        padding: [padding; 4],
        output_padding,
        dilation: [1, 2],
        groups: 2,
        bias: true,
    };
    check(vec![
        (op(1, [1, 0]), vec![&[6, 5, 7]], Some(vec![4, 10, 19])),
        (op(1, [2, 0]), vec![&[6, 5, 7]], None),
        (op(100, [1, 0]), vec![&[6, 5, 7]], None),
    ]);
    let parameters = op(1, [1, 0]).parameters(&[&[6, 5, 7]]);
    assert_eq!(parameters[0].shape, [6, 2, 3, 2]);
    assert_eq!(parameters[0].role, Role::Kernel { fan_in: 12 });
    assert_eq!(parameters[1].shape, [4]);
    let macs = op(1, [1, 0]).macs(&[&[6, 5, 7]], &[4, 10, 19]);
    assert_eq!(macs, 6 * 35 * 2 * 6);
}

/// PyTorch's sizes, with `ceil_mode` where it says so.
#[test]
fn shapes_of_pools() {
    let pool = |kernel, stride, padding, ceil| Op::MaxPool {
        kernel: [kernel; 2],
        stride: [stride; 2],
        padding: [padding; 4],
        dilation: [1; 2],
        ceil,
    };
    let side = |n: usize| Some(vec![2, n, n]);
    check(vec![
        (pool(3, 2, 1, false), vec![&[2, 7, 7]], side(4)),
        (Op::avg_pool(2, 2, 0), vec![&[2, 7, 7]], side(3)),
        (pool(2, 2, 0, true), vec![&[2, 7, 7]], side(4)),
        (pool(3, 2, 0, true), vec![&[2, 6, 6]], side(3)),
        // The fourth window would begin in the padding behind.
        (pool(2, 2, 1, true), vec![&[2, 5, 5]], side(3)),
        (pool(1, 3, 0, true), vec![&[2, 5, 5]], side(2)),
        (pool(2, 1, 2, false), vec![&[2, 5, 5]], None),
        (pool(8, 1, 0, false), vec![&[2, 5, 5]], None),
        (Op::GlobalAvgPool, vec![&[4, 3, 2]], Some(vec![4, 1, 1])),
    ]);
}

#[test]
fn shapes_of_rearrangements() {
    let reduce = |axes: &[usize], keep| Op::Reduce {
        kind: Reduction::Max,
        axes: axes.to_vec(),
        keep,
    };
    let gather = |indices: &[usize]| Op::Gather {
        axis: 1,
        indices: Arc::from(indices),
    };
    let slice = |start, end, step| Op::Slice {
        axis: 1,
        start,
        end,
        step,
    };
    let pad = |before: &[usize], after: &[usize]| Op::Pad {
        before: before.to_vec(),
        after: after.to_vec(),
        value: 0.0,
    };
    let linear = |out, numbers| Op::LinearAlong {
        axis: 0,
        out,
        matrix: Arc::from(vec![0.5; numbers]),
    };
    let fixed = |shape: &[usize], numbers| Op::Fixed {
        shape: shape.to_vec(),
        values: Arc::from(vec![0.5; numbers]),
    };
    let concat = |axis| Op::Concat { axis };
    check(vec![
        (Op::Sum, vec![&[2, 2], &[2, 3]], None),
        (Op::Multiply, vec![&[2, 2]], None),
        (Op::Multiply, vec![&[2, 2], &[2, 2]], Some(vec![2, 2])),
        (concat(0), vec![&[2, 3], &[4, 3]], Some(vec![6, 3])),
        (concat(1), vec![&[2, 3], &[2, 4]], Some(vec![2, 7])),
        (concat(1), vec![&[2, 3], &[3, 4]], None),
        (concat(2), vec![&[2, 3], &[2, 3]], None),
        (
            Op::MatMul,
            vec![&[2, 5, 3], &[2, 3, 7]],
            Some(vec![2, 5, 7]),
        ),
        (Op::MatMul, vec![&[2, 5, 3], &[2, 4, 7]], None),
        (Op::Reshape(vec![6]), vec![&[2, 3]], Some(vec![6])),
        (Op::Reshape(vec![7]), vec![&[2, 3]], None),
        (Op::Reshape(vec![usize::MAX, 3]), vec![&[2, 3]], None),
        (Op::Reshape(vec![1; 7]), vec![&[1]], None),
        (Op::Permute(vec![1, 0]), vec![&[2, 3]], Some(vec![3, 2])),
        (Op::Permute(vec![1, 1]), vec![&[2, 3]], None),
        (slice(1, 3, 1), vec![&[2, 4]], Some(vec![2, 2])),
        (slice(0, 4, 3), vec![&[2, 4]], Some(vec![2, 2])),
        (slice(3, 5, 1), vec![&[2, 4]], None),
        (slice(0, 4, 0), vec![&[2, 4]], None),
        (Op::MeanFirst, vec![&[4, 3]], Some(vec![3])),
        (reduce(&[0, 2], false), vec![&[2, 3, 4]], Some(vec![3])),
        (reduce(&[2, 0], true), vec![&[2, 3, 4]], Some(vec![1, 3, 1])),
        (reduce(&[0, 1], false), vec![&[2, 3]], Some(vec![])),
        (reduce(&[1, 1], false), vec![&[2, 3]], None),
        (reduce(&[2], false), vec![&[2, 3]], None),
        (
            Op::Expand(vec![5, 2, 3]),
            vec![&[2, 1]],
            Some(vec![5, 2, 3]),
        ),
        (Op::Expand(vec![5, 2, 3]), vec![&[3, 1]], None),
        (Op::Expand(vec![3]), vec![&[1, 3]], None),
        (gather(&[2, 0, 2]), vec![&[2, 3]], Some(vec![2, 3])),
        (gather(&[3]), vec![&[2, 3]], None),
        (gather(&[]), vec![&[2, 3]], None),
        (pad(&[1, 0], &[0, 2]), vec![&[2, 3]], Some(vec![3, 5])),
        (pad(&[1], &[0]), vec![&[2, 3]], None),
        (pad(&[usize::MAX, 0], &[0, 0]), vec![&[2, 3]], None),
        (linear(5, 10), vec![&[2, 3]], Some(vec![5, 3])),
        (linear(5, 9), vec![&[2, 3]], None),
        (fixed(&[2, 3], 6), vec![], Some(vec![2, 3])),
        (fixed(&[2, 3], 5), vec![], None),
    ]);
}

#[test]
fn parameters_have_pytorchs_shapes() {
    let shapes = |op: Op, input: &[usize]| -> Vec<(&str, Vec<usize>)> {
        let all = op.parameters(&[input]).into_iter();
        all.map(|p| (p.suffix, p.shape)).collect()
    };
    let conv = Op::depthwise(6, 3, 1, 1, true);
    assert_eq!(conv.macs(&[&[6, 8, 8]], &[6, 8, 8]), 6 * 64 * 9);
    assert_eq!(
        conv.parameters(&[&[6, 8, 8]])[0].role,
        Role::Kernel { fan_in: 9 }
    );
    assert_eq!(
        shapes(conv, &[6, 8, 8]),
        [("weight", vec![6, 1, 3, 3]), ("bias", vec![6])]
    );
    let ln = Op::LayerNorm {
        eps: 1e-5,
        affine: true,
        axes: 2,
    };
    assert_eq!(
        shapes(ln, &[3, 4, 5]),
        [("weight", vec![4, 5]), ("bias", vec![4, 5])]
    );
    let rms = Op::RmsNorm {
        eps: 1e-5,
        affine: true,
        axes: 1,
    };
    assert_eq!(shapes(rms, &[3, 4]), [("weight", vec![4])]);
    let prelu = Op::PRelu { shared: false };
    assert_eq!(shapes(prelu, &[3, 4, 4]), [("weight", vec![3])]);
    let prelu = Op::PRelu { shared: true };
    assert_eq!(prelu.parameters(&[&[3]])[0].role, Role::Slope);
}
