//! What exporters leave in a file, or take out of it.

use super::*;

#[test]
fn masks_are_the_identity_and_the_row_says_so() {
    let row = scored(&read("stochastic_depth_train"), &Options::new());
    assert!(
        row.message.contains("draw numbers at random"),
        "{}",
        row.message
    );
    // Each way of drawing one, before a division by the survival rate or after.
    let one = |name: &str, value: f32| wire::tensor(name, &[], 1, &value.to_le_bytes());
    let mask = |parts: Vec<Vec<u8>>| {
        let like = wire::tensor("like", &[2, 1, 1, 1], 1, &[0; 8]);
        let mut all = vec![like, one("keep", 0.8), one("drop", 0.2)];
        all.extend(parts);
        Model::read(&wire::model(&[1, 3, 8, 8], &all)).unwrap()
    };
    let node = wire::node;
    let uniform = || node("RandomUniformLike", "u", &["like"], &["u"]);
    let cast = || wire::node_with("Cast", "k", &["l"], &["m"], &[wire::int("to", 1)]);
    let cases = [
        vec![
            uniform(),
            node("Add", "a", &["keep", "u"], &["l"]),
            node("Floor", "f", &["l"], &["m"]),
            node("Div", "d", &["x", "keep"], &["q"]),
            node("Mul", "mul", &["q", "m"], &["z"]),
        ],
        vec![
            uniform(),
            node("Less", "l", &["u", "keep"], &["l"]),
            cast(),
            node("Div", "d", &["m", "keep"], &["q"]),
            node("Mul", "mul", &["q", "x"], &["z"]),
        ],
        vec![
            uniform(),
            node("GreaterOrEqual", "l", &["u", "drop"], &["l"]),
            cast(),
            node("Mul", "mul", &["x", "m"], &["q"]),
            node("Div", "d", &["q", "keep"], &["z"]),
        ],
        vec![
            wire::tensor("p", &[1, 1, 1, 1], 1, &0.8f32.to_le_bytes()),
            node("Bernoulli", "b", &["p"], &["m"]),
            node("Div", "d", &["m", "keep"], &["q"]),
            node("Mul", "mul", &["x", "q"], &["z"]),
        ],
        vec![
            node("RandomNormalLike", "n", &["x"], &["m"]),
            node("Mul", "small", &["m", "drop"], &["q"]),
            node("Add", "add", &["x", "q"], &["z"]),
        ],
    ];
    for (i, mut parts) in cases.into_iter().enumerate() {
        parts.push(node("Relu", "r", &["z"], &["y"]));
        let lowered = lowered(&mask(parts), WeightSource::Seed);
        let kinds: Vec<&str> = lowered
            .network
            .nodes()
            .iter()
            .map(|n| n.op.kind())
            .collect();
        let plain = kinds
            .iter()
            .all(|kind| matches!(*kind, "input" | "relu" | "scale"));
        assert!(plain, "{i}: {kinds:?}");
        let found = forward(&lowered);
        let right = forward(&lowered_plain());
        for (f, r) in found.iter().zip(&right) {
            assert!((f - r).abs() < 1e-6, "{i}: {f} and {r}");
        }
        assert_eq!(lowered.notes[0].code, "random-masks", "{i}");
    }
}

/// A ReLU of the image.
fn lowered_plain() -> Lowered {
    let parts = [wire::node("Relu", "r", &["x"], &["y"])];
    let model = Model::read(&wire::model(&[1, 3, 8, 8], &parts)).unwrap();
    lowered(&model, WeightSource::Seed)
}

#[test]
fn functions_of_the_file_stand_where_they_are_called() {
    let pads = || wire::ints("pads", &[1; 4]);
    let strides = |n: i64| wire::ints("strides", &[n; 2]);
    let weights = || {
        [
            floats("a.weight", &[4, 3, 3, 3], |i| (i as f32).sin()),
            floats("b.weight", &[4, 4, 3, 3], |i| (i as f32).cos()),
        ]
        .concat()
    };
    // A convolution with the caller's strides, and its map beside the result.
    let block = wire::function(
        "Block",
        &["x", "w"],
        &["y", "map"],
        &[
            wire::node_with(
                "Conv",
                "conv",
                &["x", "w"],
                &["map"],
                &[pads(), wire::of_caller("strides", "step")],
            ),
            wire::node("Relu", "relu", &["map"], &["y"]),
        ],
    );
    // Calls another, and passes an operand through.
    let both = wire::function(
        "Both",
        &["x", "v", "w"],
        &["x", "y"],
        &[
            wire::call(
                "Block",
                "one",
                &["x", "v"],
                &["h", ""],
                &[wire::ints("step", &[2; 2])],
            ),
            wire::call("Block", "two", &["h", "w"], &["y"], &[]),
        ],
    );
    let call = wire::call(
        "Both",
        "net",
        &["x", "a.weight", "b.weight"],
        &["same", "z"],
        &[],
    );
    let join = wire::node("Flatten", "f", &["z"], &["y"]);
    let mut model = wire::model(&[1, 3, 8, 8], &[weights(), call, join]);
    model.extend([block, both].concat());
    let found = lowered(&Model::read(&model).unwrap(), WeightSource::File);
    let plain = [
        weights(),
        wire::node_with(
            "Conv",
            "1",
            &["x", "a.weight"],
            &["h"],
            &[pads(), strides(2)],
        ),
        wire::node("Relu", "2", &["h"], &["i"]),
        wire::node_with("Conv", "3", &["i", "b.weight"], &["j"], &[pads()]),
        wire::node("Relu", "4", &["j"], &["k"]),
        wire::node("Flatten", "5", &["k"], &["y"]),
    ];
    let plain = Model::read(&wire::model(&[1, 3, 8, 8], &plain)).unwrap();
    let plain = lowered(&plain, WeightSource::File);
    assert_eq!(forward(&found), forward(&plain));
    assert_eq!(found.network.params(), 4 * 27 + 4 * 36);
}

#[test]
fn functions_that_never_end_are_refused() {
    let start = wire::call("F0", "start", &["x"], &["y"], &[]);
    let read = |functions: Vec<Vec<u8>>| {
        let mut model = wire::model(&[1, 3, 8, 8], std::slice::from_ref(&start));
        model.extend(functions.concat());
        Model::read(&model).unwrap_err()
    };
    // One calls itself; of forty each calls the next twice.
    let again = wire::call("F0", "again", &["x"], &["y"], &[]);
    let error = read(vec![wire::function("F0", &["x"], &["y"], &[again])]);
    assert!(error.to_string().contains("calls itself"), "{error}");
    let bomb = (0..40).map(|i| {
        let next = format!("F{}", i + 1);
        let nodes = [
            wire::call(&next, "a", &["x"], &["h"], &[]),
            wire::call(&next, "b", &["h"], &["y"], &[]),
        ];
        wire::function(&format!("F{i}"), &["x"], &["y"], &nodes)
    });
    let error = read(bomb.collect());
    assert!(error.to_string().contains("too large"), "{error}");
}

#[test]
fn what_exporters_fill_in_is_not_learned_and_what_is_computed_is() {
    let node = wire::node;
    let pads = || wire::ints("pads", &[1; 4]);
    let kernel = || floats("c.weight", &[3, 3, 3, 3], |i| (i as f32).sin());
    let int = |name: &str, n: i64| wire::tensor(name, &[1], 7, &n.to_le_bytes());
    let conv = |inputs: &[&str], to: &str| wire::node_with("Conv", to, inputs, &[to], &[pads()]);
    let params = |parts: Vec<Vec<u8>>| {
        let model = Model::read(&wire::model(&[1, 3, 8, 8], &parts)).unwrap();
        let row = scored(&model, &Options::new());
        assert_eq!(row.status, Status::Ok, "{}", row.message);
        row.params
    };
    // A bias of zeros that a shape was filled with, of the type of the image.
    let filled = vec![
        kernel(),
        int("three", 3),
        node("ConstantOfShape", "o", &["three"], &["zeros"]),
        node("CastLike", "k", &["zeros", "x"], &["b"]),
        conv(&["x", "c.weight", "b"], "u"),
        node("Relu", "r", &["u"], &["y"]),
    ];
    assert_eq!(params(filled), 81);
    // A layer that stands twice has its bias twice.
    let twice = vec![
        kernel(),
        floats("c.bias", &[3], |_| 0.0),
        conv(&["x", "c.weight", "c.bias"], "u"),
        node("Relu", "r", &["u"], &["v"]),
        conv(&["v", "c.weight", "c.bias"], "y"),
    ];
    assert_eq!(params(twice), 84);
    // A layer on a constant (the waves of a position) is one all the same.
    let position = vec![
        kernel(),
        floats(
            "waves",
            &[1, 3, 8, 8],
            |i| if i % 2 == 0 { -60.0 } else { 1.0 },
        ),
        floats("p.weight", &[3, 3, 1, 1], |i| (i as f32).cos()),
        node("Conv", "p", &["waves", "p.weight"], &["p"]),
        conv(&["x", "c.weight"], "u"),
        node("Add", "a", &["u", "p"], &["v"]),
        node("Relu", "r", &["v"], &["y"]),
    ];
    assert_eq!(params(position), 81 + 9);
    // A clipped scale is learned, and so is a gain of one number by its path.
    let clipped = vec![
        kernel(),
        floats("scale", &[3, 1, 1], |_| 2.0),
        floats("top", &[], |_| 4.0),
        floats("block.gain", &[], |_| 0.5),
        node("Min", "m", &["scale", "top"], &["s"]),
        conv(&["x", "c.weight"], "u"),
        node("Mul", "g", &["u", "block.gain"], &["w"]),
        node("Mul", "a", &["w", "s"], &["v"]),
        node("Relu", "r", &["v"], &["y"]),
    ];
    assert_eq!(params(clipped), 81 + 3 + 1);
}

#[test]
fn a_batch_norm_of_one_vector_has_its_running_statistics() {
    let parts = [
        floats("c.weight", &[4, 3, 3, 3], |i| (i as f32).sin()),
        floats("n.weight", &[4], |i| 1.0 + i as f32),
        floats("n.bias", &[4], |i| i as f32),
        floats("mean", &[4], |_| 0.5),
        floats("variance", &[4], |_| 4.0),
        wire::node("Conv", "c", &["x", "c.weight"], &["u"]),
        wire::node("GlobalAveragePool", "p", &["u"], &["v"]),
    ];
    let norm = ["v", "n.weight", "n.bias", "mean", "variance"];
    let norm = wire::node("BatchNormalization", "n", &norm, &["y"]);
    let bare = parts[..].concat();
    let model = Model::read(&wire::model(&[1, 3, 8, 8], &[bare.clone(), norm])).unwrap();
    let pool = [bare, wire::node("Identity", "i", &["v"], &["y"])];
    let pool = Model::read(&wire::model(&[1, 3, 8, 8], &pool)).unwrap();
    let found = forward(&lowered(&model, WeightSource::File));
    let before = forward(&lowered(&pool, WeightSource::File));
    for (i, (y, x)) in found.iter().zip(&before).enumerate() {
        let i = i as f64;
        let right = (1.0 + i) * (x - 0.5) / (4.0f64 + 1e-5).sqrt() + i;
        assert!((y - right).abs() < 1e-5, "{y} and {right}");
    }
    let seeded = lowered(&model, WeightSource::Seed);
    assert_eq!(seeded.network.params(), 108 + 8);
    assert!(seeded.notes.iter().any(|n| n.code == "vector-norms"));
}

#[test]
fn folded_norms_are_told_and_can_be_put_back() {
    let mut parts = Vec::new();
    let mut from = "x".to_owned();
    for i in 0..4 {
        let (w, b, c, r) = (
            format!("w{i}"),
            format!("b{i}"),
            format!("c{i}"),
            format!("r{i}"),
        );
        let inputs = if i == 0 { 3 } else { 4 };
        parts.push(floats(&w, &[4, inputs, 3, 3], |k| {
            (k as f32 + i as f32).sin()
        }));
        parts.push(floats(&b, &[4], |k| k as f32));
        let pads = wire::ints("pads", &[1; 4]);
        parts.push(wire::node_with(
            "Conv",
            &c,
            &[&from, &w, &b],
            &[&c],
            &[pads],
        ));
        let to = if i == 3 { "y".to_owned() } else { r.clone() };
        parts.push(wire::node("Relu", &r, &[&c], &[&to]));
        from = to;
    }
    let model = Model::read(&wire::model(&[1, 3, 8, 8], &parts)).unwrap();
    let plain = lowered(&model, WeightSource::Seed);
    assert_eq!(plain.notes[0].code, "folded-batch-norm");
    let arch = |options: &Options| model.architecture("model", options);
    let folded = arch(&Options::new()).unwrap();
    let restored = arch(&set(&[("renormalise", "yes")])).unwrap();
    let norms = restored.network.nodes().iter().filter(|n| n.op.is_norm());
    assert_eq!(norms.count(), 4);
    // A scale and a shift where there was a bias.
    assert_eq!(restored.network.params(), folded.network.params() + 4 * 4);
    assert!(
        restored.notes.iter().any(|n| n.contains("4 convolutions")),
        "{:?}",
        restored.notes
    );
    assert!(!restored.notes.iter().any(|n| n.contains("folded into")));
    for options in [
        vec![("renormalise", "yes")],
        vec![("renormalise", "yes"), ("weights", "file")],
    ] {
        let row = scored(&model, &set(&options));
        assert!(row.score > Some(0.0), "{}", row.message);
        assert_ne!(row.score, scored(&model, &Options::new()).score);
    }
    assert_eq!(
        arch(&set(&[("renormalise", "maybe")])).unwrap_err().code(),
        "bad-option"
    );
    // Nothing to put back.
    let none = [
        floats("w", &[4, 3, 8, 8], |i| (i as f32).sin()),
        wire::node("Conv", "c", &["x", "w"], &["y"]),
    ];
    let none = Model::read(&wire::model(&[1, 3, 8, 8], &none)).unwrap();
    let error = none
        .architecture("m", &set(&[("renormalise", "yes")]))
        .unwrap_err();
    assert!(error.to_string().contains("nothing to put back"), "{error}");
}
