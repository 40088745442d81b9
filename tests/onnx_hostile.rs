//! Damaged and hostile model files: typed errors, bounded time and memory.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test's numbers are small"
)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "onnx_hostile/memory.rs"]
mod memory;
mod wire;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use dextr::sources::onnx::{Inputs, Model, WeightSource};
use dextr::{Error, Result};

/// How long the mutation run may take.
const RUN: Duration = Duration::from_secs(20);

fn fixtures() -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/onnx");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "onnx"))
        .collect();
    files.sort();
    assert!(files.len() >= 10);
    files.iter().map(|f| std::fs::read(f).unwrap()).collect()
}

fn lower(bytes: &[u8], weights: WeightSource) -> Result<u64> {
    let inputs = Inputs {
        height: None,
        width: None,
        length: None,
        weights,
    };
    Ok(Model::read(bytes)?.lower(&inputs)?.network.macs())
}

#[test]
fn memory_is_a_small_multiple_of_the_file() {
    for bytes in fixtures() {
        for (weights, times) in [(WeightSource::Seed, 2), (WeightSource::File, 3)] {
            let (lowered, held) = memory::peak(|| lower(&bytes, weights));
            assert!(lowered.is_ok());
            // And a megabyte for the graph, which is most of these small files.
            let limit = times * bytes.len() + (1 << 20);
            assert!(held < limit, "{} bytes took {held}", bytes.len());
        }
    }
    // Where weights are nearly all of the file.
    let n: i64 = 16_384;
    let raw: Vec<u8> = (0..192 * n)
        .flat_map(|i| (i as f32 * 0.1).sin().to_le_bytes())
        .collect();
    let parts = [
        wire::node("Flatten", "f", &["x"], &["flat"]),
        wire::tensor("w", &[192, n], 1, &raw),
        wire::node("MatMul", "m", &["flat", "w"], &["y"]),
    ];
    let bytes = wire::model(&IMAGE, &parts);
    for (weights, times) in [(WeightSource::Seed, 1.1), (WeightSource::File, 4.1)] {
        let (lowered, held) = memory::peak(|| lower(&bytes, weights));
        assert_eq!(lowered, Ok(192 * n as u64));
        let found = held as f64 / bytes.len() as f64;
        assert!(found < times, "{found} times the file");
    }
}

/// A small generator, so that a failure repeats.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }
}

#[test]
fn mutated_files_are_refused_or_lowered_and_nothing_else() {
    let files = fixtures();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let start = Instant::now();
    let (mut runs, mut refused) = (0u32, 0u32);
    while start.elapsed() < RUN {
        let mut bytes = files[random.below(files.len())].clone();
        for _ in 0..=random.below(4) {
            // Most of a file is weights; half of the places are in its graph.
            let places = if random.below(2) == 0 {
                bytes.len().min(6000)
            } else {
                bytes.len()
            };
            let at = random.below(places);
            match random.below(5) {
                0 => bytes[at] ^= 1 << random.below(8),
                1 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][random.below(5)],
                2 => bytes.truncate(at.max(1)),
                3 => {
                    let end = (at + 1 + random.below(40)).min(bytes.len());
                    let piece = bytes[at..end].to_vec();
                    let to = random.below(bytes.len());
                    bytes.splice(to..to, piece);
                }
                _ => {
                    let end = (at + 1 + random.below(40)).min(bytes.len());
                    bytes.drain(at..end);
                    if bytes.is_empty() {
                        bytes.push(8);
                    }
                }
            }
        }
        let weights = if runs % 2 == 0 {
            WeightSource::Seed
        } else {
            WeightSource::File
        };
        let began = Instant::now();
        let (lowered, held) = memory::peak(|| lower(&bytes, weights));
        refused += u32::from(lowered.is_err());
        // Four times the file and 64 MiB is what constants may take.
        assert!(
            held < 12 * bytes.len() + (96 << 20),
            "a file of {} bytes took {held}",
            bytes.len()
        );
        assert!(
            began.elapsed() < Duration::from_secs(5),
            "one file took {:?}",
            began.elapsed()
        );
        runs += 1;
    }
    assert!(
        runs > 200 && refused > runs / 10 && refused < runs,
        "{refused} of {runs}"
    );
}

const IMAGE: [i64; 4] = [1, 3, 8, 8];

fn refused(bytes: &[u8]) -> Error {
    lower(bytes, WeightSource::File).expect_err("a file that must be refused")
}

#[test]
fn a_hundred_thousand_nodes_in_a_chain_take_seconds() {
    let n = 100_000;
    let names: Vec<String> = (0..=n)
        .map(|i| {
            if i == 0 {
                "x".into()
            } else if i == n {
                "y".into()
            } else {
                format!("v{i}")
            }
        })
        .collect();
    let relu: Vec<Vec<u8>> = (0..n)
        .map(|i| wire::node("Relu", "same name", &[&names[i]], &[&names[i + 1]]))
        .collect();
    // A sum of 100,000 operands, written as a chain.
    let add: Vec<Vec<u8>> = (0..n)
        .map(|i| wire::node("Add", "", &[&names[i], "x"], &[&names[i + 1]]))
        .collect();
    for parts in [relu, add] {
        let start = Instant::now();
        let network = Model::read(&wire::model(&IMAGE, &parts))
            .unwrap()
            .lower(&Inputs::default())
            .unwrap()
            .network;
        assert_eq!(network.output_len(), 192);
        let names: std::collections::HashSet<&str> =
            network.nodes().iter().map(|n| n.name.as_str()).collect();
        assert_eq!(names.len(), network.nodes().len());
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{:?}",
            start.elapsed()
        );
    }
}

#[test]
fn graphs_that_make_no_sense_are_refused_with_their_place() {
    let node = wire::node;
    let cases: Vec<(&str, Vec<Vec<u8>>)> = vec![
        (
            "cycle",
            vec![
                node("Add", "a", &["x", "b"], &["c"]),
                node("Relu", "r", &["c"], &["b"]),
                node("Relu", "z", &["c"], &["y"]),
            ],
        ),
        (
            "no input",
            vec![node("Add", "a", &["x", "nowhere"], &["y"])],
        ),
        (
            "writes 'y'",
            vec![
                node("Relu", "a", &["x"], &["y"]),
                node("Relu", "b", &["x"], &["y"]),
            ],
        ),
        (
            "written by no node",
            vec![node("Relu", "a", &["x"], &["z"])],
        ),
        ("no operand 2", vec![node("Add", "a", &["x"], &["y"])]),
        (
            "Frobnicate (domain ai.onnx, 2 nodes, first f1)",
            vec![
                node("Frobnicate", "f1", &["x"], &["v"]),
                node("Frobnicate", "f2", &["v"], &["y"]),
            ],
        ),
        (
            "QLinearConv",
            vec![node("QLinearConv", "q", &["x"], &["y"])],
        ),
        ("If", vec![node("If", "i", &["x"], &["y"])]),
    ];
    for (says, parts) in cases {
        let error = refused(&wire::model(&IMAGE, &parts));
        assert!(error.to_string().contains(says), "{says}: {error}");
        assert!(
            error.place().is_some() && !error.hint().is_empty(),
            "{says}"
        );
    }
    let quantised = refused(&wire::model(
        &IMAGE,
        &[wire::node("QLinearConv", "q", &["x"], &["y"])],
    ));
    assert!(
        quantised.hint().contains("quantised"),
        "{}",
        quantised.hint()
    );
    let random = wire::node("RandomUniformLike", "drop", &["x"], &["y"]);
    let training = refused(&wire::model(&IMAGE, &[random]));
    assert!(
        training.hint().contains("model.eval()"),
        "{}",
        training.hint()
    );
}

#[test]
fn claims_of_size_are_held_against_the_file() {
    let conv = wire::node("Conv", "c", &["x", "w"], &["y"]);
    let four = 1.0f32.to_le_bytes();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        (
            "claims the shape",
            wire::tensor("w", &[65536, 65536, 3, 3], 1, &four),
        ),
        ("holds 1", wire::tensor("w", &[16384, 3, 64, 64], 1, &four)),
        (
            "has the shape [-1",
            wire::tensor("w", &[-1, 3, 3, 3], 1, &four),
        ),
        (
            "claims the shape",
            wire::tensor("w", &[i64::MAX, i64::MAX], 1, &four),
        ),
        ("on a map", wire::tensor("w", &[1], 1, &four)),
        (
            "not finite",
            wire::tensor("w", &[1, 3, 1, 1], 1, &[f32::NAN.to_le_bytes(); 3].concat()),
        ),
        (
            "type FLOAT8E5M2",
            wire::tensor("w", &[1, 3, 1, 1], 19, &[0; 3]),
        ),
        (
            "does not fit 3 channels",
            wire::tensor("w", &[1, 1, 1, 1], 1, &four),
        ),
    ];
    for (says, weight) in cases {
        let error = refused(&wire::model(&IMAGE, &[conv.clone(), weight]));
        assert!(error.to_string().contains(says), "{says}: {error}");
    }
    // Computed constants may not grow without end, either.
    let shape: Vec<u8> = [1i64 << 14, 1 << 14]
        .iter()
        .flat_map(|n| n.to_le_bytes())
        .collect();
    let big = vec![
        wire::tensor("s", &[2], 7, &shape),
        wire::node("ConstantOfShape", "o", &["s"], &["big"]),
        wire::node("Add", "a", &["x", "big"], &["y"]),
    ];
    assert_eq!(refused(&wire::model(&IMAGE, &big)).code(), "too-large");
}

#[test]
fn inputs_that_are_no_image_are_refused() {
    let relu = [wire::node("Relu", "r", &["x"], &["y"])];
    for (dims, kind, says) in [
        (&[1i64, 128][..], 1, "no image"),
        (&[1, 5, 8, 8], 1, "neither 3 channels nor 1"),
        (&[1, 128], 7, "INT64"),
        (&[1, 3, 8, 8], 2, "UINT8"),
    ] {
        let error = refused(&wire::model_of(kind, dims, &relu));
        assert!(error.to_string().contains(says), "{says}: {error}");
        assert_eq!(error.place().as_deref(), Some("input x"));
    }
    for dims in [
        &[1i64, 1, 8, 8][..],
        &[1, 8, 8, 3],
        &[3, 8, 8],
        &[4, 3, 8, 8],
    ] {
        let bytes = wire::model(dims, &relu);
        let network = Model::read(&bytes)
            .unwrap()
            .lower(&Inputs::default())
            .unwrap()
            .network;
        assert_eq!(network.input_shape(), [3, 8, 8]);
    }
}

#[test]
fn shapes_that_do_not_fit_are_refused() {
    let kernel = wire::ints("kernel_shape", &[9, 9]);
    let pool = wire::node_with("MaxPool", "", &["x"], &["y"], &[kernel]);
    let error = refused(&wire::model(&IMAGE, &[pool]));
    assert_eq!(error.code(), "bad-shape");
    let to: Vec<u8> = [1i64, 7].iter().flat_map(|n| n.to_le_bytes()).collect();
    let reshape = [
        wire::tensor("s", &[2], 7, &to),
        wire::node("Reshape", "flat", &["x", "s"], &["y"]),
    ];
    let error = refused(&wire::model(&IMAGE, &reshape));
    assert!(
        error
            .to_string()
            .contains("node flat: reshapes [1, 3, 8, 8] to [1, 7]"),
        "{error}"
    );
}
