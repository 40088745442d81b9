//! Search spaces: text in, text out, and the networks they build.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use dextr::Error;
use dextr::architecture::{Architecture, Options};
use dextr::network::{Op, Policy};
use dextr::sources::spaces::{self, Cell, Operation};
use proptest::prelude::*;

const BEST: &str = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|";

fn build(arch: &str, options: &[(&str, &str)]) -> dextr::Result<Architecture> {
    let mut set = Options::new();
    options.iter().for_each(|(name, value)| {
        set.set(name, value);
    });
    spaces::by_name("nasbench201").unwrap().build(arch, &set)
}

#[test]
fn every_cell_prints_and_parses_to_itself() {
    let mut seen = std::collections::HashSet::new();
    for index in 0..Cell::COUNT {
        let cell = Cell::from_index(index).unwrap();
        assert_eq!(cell.to_string().parse(), Ok(cell));
        assert_eq!(format!("{:?}", cell.digits()).parse(), Ok(cell));
        assert!(seen.insert(cell));
    }
    assert_eq!(Cell::from_index(Cell::COUNT), None);
}

#[test]
fn the_six_index_form_has_the_order_of_edges_and_operations() {
    use Operation::{AvgPool3x3, None, NorConv1x1, NorConv3x3, SkipConnect};
    let cell = Cell([SkipConnect, None, NorConv1x1, NorConv3x3, AvgPool3x3, None]);
    for text in [
        "(1, 0, 2, 3, 4, 0)",
        "1,0,2,3,4,0",
        "[1 0 2 3 4 0]",
        "102340",
        "  1 0 2 3 4 0 ",
    ] {
        assert_eq!(text.parse(), Ok(cell), "{text}");
    }
    let string = "|skip_connect~0|+|none~0|nor_conv_1x1~1|+|nor_conv_3x3~0|avg_pool_3x3~1|none~2|";
    assert_eq!(cell.to_string(), string);
    assert_eq!(
        "| skip_connect ~ 0 | + |none~0|nor_conv_1x1~1|+|nor_conv_3x3~0|avg_pool_3x3~1|none~2| "
            .parse(),
        Ok(cell)
    );
}

#[test]
fn a_wrong_text_is_an_error_at_its_character() {
    let cases = [
        ("", 1, "end of the text"),
        ("|", 2, "end of the text"),
        ("nor_conv_3x3", 1, "nor_conv_3x3"),
        ("|nor_conv_3x3~0|+|nor_conv_5x5~0|", 19, "nor_conv_5x5"),
        ("|nor_conv_3x3~1|", 15, "'1'"),
        ("|nor_conv_3x3~0|+|none~0|none~1|", 33, "end of the text"),
        (
            "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|x",
            48,
            "'x'",
        ),
        ("|none~0||none~0|none~1|+|none~0|none~1|none~2|", 9, "'|'"),
        ("(1, 0, 2, 3, 4, 5)", 17, "'5'"),
        ("(1, 0, 2, 3, 4, 0", 18, "end of the text"),
        ("1,0,2", 6, "end of the text"),
        ("1,0,2,3,4,0,1", 12, "','"),
        ("|nör_conv~0|", 2, "'nör_conv'"),
    ];
    for (text, place, what) in cases {
        match text.parse::<Cell>() {
            Err(Error::Architecture {
                position, found, ..
            }) => {
                assert_eq!(position, place, "{text}: {found}");
                assert!(found.contains(what), "{text}: {found}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
}

proptest! {
    #[test]
    fn mutated_strings_never_panic(index in 0..Cell::COUNT, at in 0usize..120, with in any::<char>(), cut in any::<bool>()) {
        let text = Cell::from_index(index).unwrap().to_string();
        let mut chars: Vec<char> = text.chars().collect();
        let at = at % chars.len();
        if cut { chars.truncate(at) } else { chars[at] = with }
        let mutated: String = chars.into_iter().collect();
        match mutated.parse::<Cell>() {
            // A mutation may be another cell, written another way.
            Ok(cell) => prop_assert_eq!(cell.to_string().parse(), Ok(cell)),
            Err(error) => {
                let Error::Architecture { position, .. } = error else { panic!("{error}") };
                prop_assert!((1..=mutated.chars().count() + 1).contains(&position));
            }
        }
    }

    #[test]
    fn any_text_is_a_cell_or_an_error_with_a_place(text in ".{0,60}") {
        if let Err(error) = text.parse::<Cell>() {
            prop_assert!(error.place().is_some() && !error.hint().is_empty());
        }
    }
}

#[test]
fn parameters_of_real_cells() {
    let mut reader = csv::Reader::from_path(common::folder().join("nb201_params.csv")).unwrap();
    let mut rows = 0;
    for record in reader.records() {
        let record = record.unwrap();
        let found = build(&record[0], &[]).unwrap().network.params();
        assert_eq!(
            format!("{:.6}", found as f64 / 1e6),
            record[1],
            "{}",
            &record[0]
        );
        rows += 1;
    }
    assert!(rows > 300, "{rows} rows");
}

#[test]
fn the_benchmarks_own_network_has_other_parameters() {
    // NAS-Bench-201 gives 1.073466 M for this cell (10 classes).
    let arch = "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|skip_connect~2|";
    let own = build(arch, &[("bias", "false"), ("affine", "true")])
        .unwrap()
        .network;
    let ours = build(arch, &[]).unwrap().network;
    // A convolution has one bias a channel; a norm has a scale and a shift.
    let convolutions = 3 * 5 * (16 + 32 + 64);
    assert_eq!(own.params() - ours.params(), convolutions);
}

#[test]
fn macs_are_convolutions_and_the_dense_layer() {
    let network = build("000000", &[]).unwrap().network;
    let stem = 16 * 32 * 32 * 27;
    let reduction = |c: u64, side: u64| 2 * c * side * side * (c * 9 + 2 * c * 9 + c);
    assert_eq!(
        network.macs(),
        stem + reduction(16, 16) + reduction(32, 8) + 640
    );
}

#[test]
fn liveness_and_connection() {
    let connected = |arch: &str| build(arch, &[]).unwrap().network.is_connected();
    assert!(connected(BEST));
    assert!(!connected("000000"));
    // 0 → 1 and 2 → 3 alone: no path.
    assert!(!connected("(1, 0, 0, 0, 0, 1)"));
    assert!(connected("(1, 0, 0, 0, 1, 0)"));
}

#[test]
fn policies_count_what_they_say() {
    // One conv edge, one skip and a pool into node 3.
    let network = build("(3, 0, 0, 1, 4, 0)", &[("cells", "1")])
        .unwrap()
        .network;
    let count = |policy, kind: &str| {
        network
            .observed(policy, false)
            .iter()
            .filter(|m| m.kind == kind)
            .count()
    };
    // Three stages: a ReLU each, and two a reduction, and the head's.
    assert_eq!(count(Policy::Flow, "relu"), 3 + 4 + 1);
    // Node 3 sums a dead edge with a skip and a pool that are live.
    assert_eq!(count(Policy::Flow, "skip"), 3);
    assert_eq!(count(Policy::Flow, "op"), 3 + 2);
    assert_eq!(count(Policy::Flow, "zero"), 0);
    let layers = network
        .nodes()
        .iter()
        .filter(|n| n.op.is_layer() && n.shape.len() == 3 && n.shape[1] > 1)
        .count();
    assert_eq!(network.observed(Policy::Layers, false).len(), layers);
    let containers: usize = network.nodes().iter().map(|n| n.containers.len()).sum();
    let all = network.nodes().iter().filter(|n| n.op.is_layer()).count() + containers;
    assert_eq!(network.observed(Policy::Modules, true).len(), all);
}

#[test]
fn options_out_of_range_name_themselves() {
    for (name, value, code) in [
        ("stem_width", "0", "bad-option"),
        ("stem_width", "many", "bad-option"),
        ("cells", "-1", "bad-option"),
        ("size", "999999", "bad-option"),
        ("affine", "maybe", "bad-option"),
        ("width", "16", "unknown-name"),
    ] {
        let error = build(BEST, &[(name, value)]).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(name), "{error}");
        assert!(!error.hint().is_empty());
    }
}

#[test]
fn an_image_too_small_names_the_node_and_the_smallest_size() {
    let error = build(BEST, &[("size", "4")]).unwrap_err();
    assert_eq!(error.code(), "bad-shape");
    assert!(error.place().unwrap().contains("red1.a.bn"), "{error}");
    assert!(
        error.hint().contains("smallest size for this network is 8"),
        "{}",
        error.hint()
    );
    let error = build(BEST, &[("size", "33")]).unwrap_err();
    assert!(error.hint().contains("36"), "{}", error.hint());
}

#[test]
fn a_network_takes_other_image_sizes() {
    let network = build(BEST, &[]).unwrap().network;
    let larger = network.with_input([3, 64, 64]).unwrap();
    assert_eq!(larger.params(), network.params());
    assert_eq!(larger.node(1).shape, [16, 64, 64]);
    assert!(network.with_input([3, 4, 4]).is_err());
    assert!(network.with_input([3, 0, 4]).is_err());
}

#[test]
fn equal_activations_of_a_value_have_one_original_and_skips_none_of_their_own() {
    let network = build(BEST, &[("cells", "1")]).unwrap().network;
    let originals = network.originals();
    let nodes = network.nodes().iter().zip(originals);
    let relus: Vec<_> = nodes.clone().filter(|(n, _)| n.op == Op::relu()).collect();
    let distinct: std::collections::BTreeSet<_> = relus.iter().map(|(_, o)| o).collect();
    // Five a cell, of three nodes; two a reduction, and the head's.
    assert_eq!((relus.len(), distinct.len()), (3 * 5 + 5, 3 * 3 + 5));
    let skips: Vec<_> = nodes.filter(|(n, _)| n.op == Op::Identity).collect();
    assert_eq!(skips.len(), 3);
    for (skip, original) in skips {
        assert!(original <= skip.inputs[0], "{}", skip.name);
    }
}
