//! What is drawn from a seed has the same bits everywhere: these hashes hold
//! natively and, in `browser/golden.spec.mjs`, in WebAssembly.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use dextr::architecture::Options;
use dextr::array::{Array, Values};
use dextr::sources::spaces;
use dextr::stimulus::{circle, pink_noise};
use sha2::{Digest, Sha256};

const BEST: &str = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|";

fn hash(arrays: &[&Array]) -> String {
    let mut hasher = Sha256::new();
    for array in arrays {
        let Values::F32(values) = &array.values else {
            panic!("not single precision")
        };
        values.iter().for_each(|v| hasher.update(v.to_le_bytes()));
    }
    hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[test]
fn weights_image_and_basis_have_their_bits() {
    let right: serde_json::Value =
        serde_json::from_slice(&std::fs::read(common::folder().join("hashes.json")).unwrap())
            .unwrap();
    let space = spaces::by_name("nasbench201").unwrap();
    let arch = space.build(BEST, &Options::new()).unwrap();
    let shape = [3, 32, 32];
    let weights = arch.start.weights(&arch.network, 0);
    let curve = circle(&shape, 0, 0, None);
    let found = serde_json::json!({
        "weight": hash(&[weights.get("stem.conv.weight").unwrap()]),
        "image": hash(&[&pink_noise(&shape, 0)]),
        "basis": hash(&[&curve.u, &curve.w]),
    });
    assert_eq!(found, right);
}
