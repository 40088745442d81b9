//! Weights that are computed from others, or shared.

use super::*;

/// The weight of the first convolution under a seed, `[out, rest]`.
fn drawn(model: &Model) -> Vec<Vec<f64>> {
    let lowered = lowered(model, WeightSource::Seed);
    let nodes = lowered.network.nodes().iter();
    let mut convs = nodes.filter(|n| matches!(n.op.kind(), "conv" | "convt"));
    let conv = convs.next().unwrap();
    let weights = lowered.start.weights(&lowered.network, 3);
    let array = weights.get(&format!("{}.weight", conv.name)).unwrap();
    let numbers = array.to_f64();
    let width = numbers.len() / array.shape[0];
    numbers.chunks(width).map(<[f64]>::to_vec).collect()
}

#[test]
fn a_drawn_kernel_is_standardised() {
    let rows = drawn(&read("weight_standardised"));
    for row in &rows {
        let n = row.len() as f64;
        let mean = row.iter().sum::<f64>() / n;
        let variance = row.iter().map(|w| (w - mean) * (w - mean)).sum::<f64>() / n;
        assert!(mean.abs() < 1e-6, "{mean}");
        assert!((variance - 1.0).abs() < 1e-2, "{variance}");
    }
    // Another seed, another kernel; the file's numbers have no part in it.
    assert!(
        rows[0]
            .iter()
            .zip(&rows[1])
            .any(|(a, b)| (a - b).abs() > 0.1)
    );
}

#[test]
fn weight_norm_keeps_its_lengths() {
    let conv = |weight: &str| wire::node("Conv", "c", &["x", weight], &["y"]);
    // w = g · v / |v|.
    let axes = wire::ints("axes", &[1, 2, 3]);
    let parts = [
        floats("c.v", &[4, 3, 3, 3], |i| (i as f32).sin()),
        floats("c.g", &[4, 1, 1, 1], |i| 0.5 + i as f32),
        wire::node_with("ReduceL2", "n", &["c.v"], &["n"], &[axes]),
        wire::node("Div", "d", &["c.v", "n"], &["u"]),
        wire::node("Mul", "m", &["u", "c.g"], &["w"]),
        conv("w"),
    ];
    let model = Model::read(&wire::model(&[1, 3, 8, 8], &parts)).unwrap();
    assert_eq!(
        lowered(&model, WeightSource::Seed).network.params(),
        108 + 4
    );
    for (i, row) in drawn(&model).iter().enumerate() {
        let length = row.iter().map(|w| w * w).sum::<f64>().sqrt();
        assert!((length - 0.5 - i as f64).abs() < 1e-5, "{length}");
    }
}

/// w = v / (a · V b), a and b of length 1 and not learned; the rows of V are the
/// first axis of v, or the second in a transposed convolution.
fn spectral(transposed: bool) -> Model {
    let to: Vec<u8> = [4i64, 27].iter().flat_map(|n| n.to_le_bytes()).collect();
    let turn = wire::ints(
        "perm",
        if transposed {
            &[1, 0, 2, 3]
        } else {
            &[0, 1, 2, 3]
        },
    );
    let dims = if transposed {
        [3, 4, 3, 3]
    } else {
        [4, 3, 3, 3]
    };
    let op = if transposed { "ConvTranspose" } else { "Conv" };
    let parts = [
        floats("c.weight", &dims, |i| (i as f32).sin()),
        floats("a", &[4], |i| [0.5, -0.5, 0.5, 0.5][i]),
        floats("b", &[27], |i| if i == 3 { 1.0 } else { 0.0 }),
        wire::tensor("s", &[2], 7, &to),
        wire::node_with("Transpose", "t", &["c.weight"], &["turned"], &[turn]),
        wire::node("Reshape", "r", &["turned", "s"], &["V"]),
        wire::node("MatMul", "p", &["V", "b"], &["Vb"]),
        wire::node("MatMul", "q", &["a", "Vb"], &["sigma"]),
        wire::node("Div", "d", &["c.weight", "sigma"], &["w"]),
        wire::node(op, "c", &["x", "w"], &["y"]),
    ];
    Model::read(&wire::model(&[1, 3, 8, 8], &parts)).unwrap()
}

#[test]
fn spectral_norm_keeps_its_size() {
    for transposed in [false, true] {
        let model = spectral(transposed);
        assert_eq!(lowered(&model, WeightSource::Seed).network.params(), 108);
        let rows = drawn(&model);
        let rows: Vec<Vec<f64>> = match transposed {
            false => rows,
            // [3][4·9] → [4][3·9].
            true => (0..4)
                .map(|o| rows.iter().flat_map(|r| r[9 * o..][..9].to_vec()).collect())
                .collect(),
        };
        let mut v = vec![1.0; 27];
        let mut largest = 0.0;
        for _ in 0..200 {
            let u: Vec<f64> = rows
                .iter()
                .map(|r| r.iter().zip(&v).map(|(w, v)| w * v).sum())
                .collect();
            v = (0..27)
                .map(|j| rows.iter().zip(&u).map(|(r, u)| r[j] * u).sum())
                .collect();
            let length = v.iter().map(|x: &f64| x * x).sum::<f64>().sqrt();
            v.iter_mut().for_each(|x| *x /= length);
            largest = length.sqrt();
        }
        assert!((largest - 1.0).abs() < 0.05, "{transposed}: {largest}");
    }
}

#[test]
fn shared_weights_are_drawn_once_and_counted_once() {
    let parts = [
        floats("c.weight", &[3, 3, 3, 3], |i| (i as f32).sin()),
        wire::node_with(
            "Conv",
            "a",
            &["x", "c.weight"],
            &["u"],
            &[wire::ints("pads", &[1; 4])],
        ),
        wire::node("Relu", "r", &["u"], &["v"]),
        wire::node_with(
            "Conv",
            "b",
            &["v", "c.weight"],
            &["y"],
            &[wire::ints("pads", &[1; 4])],
        ),
    ];
    let model = Model::read(&wire::model(&[1, 3, 8, 8], &parts)).unwrap();
    for source in [WeightSource::Seed, WeightSource::File] {
        let lowered = lowered(&model, source);
        assert_eq!(lowered.network.params(), 81);
        assert_eq!(lowered.network.named_parameters().count(), 1);
        assert_eq!(lowered.notes[0].code, "shared-weights");
        let found = forward(&lowered);
        assert!(found.iter().any(|v| *v != 0.0));
    }
    let row = scored(&model, &Options::new());
    assert_eq!((row.status, row.params), (Status::Ok, 81));
}

#[test]
fn numbers_of_the_graph_are_no_gains() {
    let one = |name: &str, value: f32| wire::tensor(name, &[], 1, &value.to_le_bytes());
    let model = |exponent: &str, factor: &str| {
        let parts = [
            one(exponent, 2.0),
            one(factor, 0.5),
            wire::node("Pow", "p", &["x", exponent], &["q"]),
            wire::node("Mul", "m", &["q", factor], &["z"]),
            wire::node("Relu", "r", &["z"], &["y"]),
        ];
        Model::read(&wire::model(&[1, 3, 8, 8], &parts)).unwrap()
    };
    // Paddle's exporter puts dots into the names of constants.
    assert_eq!(
        scored_params(&model("helper.constant.46", "helper.constant.47")),
        0
    );
    // What is learned is a factor, never an exponent.
    assert_eq!(
        scored_params(&model("blocks.0.power", "blocks.0.skip_gain")),
        1
    );
}

/// A matrix `[3, 2]` of whole numbers, cast and scaled, along an image's rows of 3.
fn scaled(kind: u64, raw: &[u8]) -> Model {
    let parts = [
        wire::tensor("whole", &[3, 2], kind, raw),
        wire::tensor("step", &[], 1, &0.25f32.to_le_bytes()),
        wire::node_with("Cast", "f", &["whole"], &["f"], &[wire::int("to", 1)]),
        wire::node("Mul", "w", &["f", "step"], &["w"]),
        wire::node("MatMul", "p", &["x", "w"], &["p"]),
        wire::node("Relu", "r", &["p"], &["y"]),
    ];
    Model::read(&wire::model(&[1, 2, 4, 3], &parts)).unwrap()
}

#[test]
fn a_matrix_of_whole_numbers_is_not_learned_and_one_that_was_quantised_is() {
    let whole: Vec<u8> = (1i64..=6).flat_map(i64::to_le_bytes).collect();
    let fixed = lowered(&scaled(7, &whole), WeightSource::Seed).network;
    assert_eq!(fixed.params(), 0);
    let matrices: Vec<_> = fixed
        .nodes()
        .iter()
        .filter_map(|node| match &node.op {
            Op::LinearAlong { matrix, out, .. } => Some((matrix.to_vec(), *out)),
            _ => None,
        })
        .collect();
    // [out, in]: the file's columns are its rows.
    let right = vec![0.25, 0.75, 1.25, 0.5, 1.0, 1.5];
    assert_eq!(matrices, [(right, 2)]);
    let narrow = [1u8, 2, 3, 4, 5, 6];
    for kind in [2, 3] {
        let learned = lowered(&scaled(kind, &narrow), WeightSource::Seed).network;
        assert_eq!(learned.params(), 6, "type {kind}");
    }
}
