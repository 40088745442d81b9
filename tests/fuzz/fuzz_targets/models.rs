//! Feeds any bytes to the reader of model files and to the lowering: a network
//! that says what it is, or an error with its cure.
//!
//! Memory is bounded by the file: `-rss_limit_mb=1024 -max_len=65536`, with
//! `tests/onnx` as the first corpus.

#![no_main]

use dextr::architecture::Options;
use dextr::sources::onnx::Model;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(model) = Model::read(bytes) else {
        return;
    };
    for weights in ["seed", "file"] {
        let mut options = Options::new();
        options.set("weights", weights);
        match model.architecture("file", &options) {
            Ok(arch) => {
                let network = &arch.network;
                assert!(network.output_len() > 0);
                assert_eq!(network.layers(arch.observe).len(), network.nodes().len());
            }
            Err(error) => assert!(!error.hint().is_empty(), "{error}"),
        }
    }
});
