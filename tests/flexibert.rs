//! Texts of FlexiBERT's networks, and networks of words from a space, beyond what
//! every space keeps (`spaces_texts.rs`); its numbers are held in
//! `src/sources/spaces/flexibert/tests.rs`.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use dextr::Error;
use dextr::architecture::Options;
use dextr::network::Input;
use dextr::sources::spaces::{self, Space};

const CANONICAL: &str =
    r#"{"hidden_size": 128, "layers": [["SA", "WMA", 4, 512, 1], ["DSC", 9, 2, 1024, 3]]}"#;

fn space() -> &'static dyn Space {
    spaces::by_name("flexibert").unwrap()
}

#[test]
fn notations_of_one_architecture_agree() {
    for text in [
        CANONICAL,
        r#"128,2,[["SA","WMA",4,512,1],["DSC",9,2,1024,3]]"#,
        r#" 128 , [["SA","WMA",4,512,1],["DSC","9",2,1024,3]] "#,
        "dict(layers=[('SA', 'WMA', 4, 512, 1), ('DSC', 9, 2, 1024, 3)], num_layers=2, hidden_size=128)",
        r#"{"hidden_size": 128, "nas_config": {"encoder_layers": [
            {"operation_type": "SA", "operation_parameter": "WMA", "num_operation_heads": 4, "feed_forward_dimension": 512, "num_feed_forward": 1},
            {"operation_type": "DSC", "operation_parameter": 9, "num_operation_heads": 2, "feed_forward_dimension": 1024, "num_feed_forward": 3}]}}"#,
    ] {
        assert_eq!(space().canonical(text).unwrap(), CANONICAL, "{text}");
    }
}

#[test]
fn what_is_wrong_is_named_at_its_character_with_the_nearest() {
    // (what is replaced, by what, character, expected, nearest)
    for (from, to, place, expected, nearest) in [
        ("128", "130", 17, "128, 256", Some("128")),
        ("\"SA\"", "\"SE\"", 34, "SA, LT, DSC", None),
        ("\"WMA\"", "\"WMB\"", 40, "SDP, WMA", Some("WMA")),
        ("9,", "7,", 67, "5, 9", None),
        ("4,", "3,", 47, "2, 4", Some("2")),
        ("512", "500", 50, "512, 1024", Some("512")),
        (", [\"DSC\", 9, 2, 1024, 3]", "", 32, "2 or 4 layers", None),
        (", 3]", "]", 59, "feed-forward width", None),
    ] {
        let text = CANONICAL.replacen(from, to, 1);
        let error = space().canonical(&text).unwrap_err();
        let Error::Architecture {
            position,
            expected: said,
            nearest: near,
            ..
        } = &error
        else {
            panic!("{error:?}")
        };
        assert_eq!(*position, place, "{text}: {error}");
        assert!(said.contains(expected), "{text}: {error}");
        assert_eq!(near.as_deref(), nearest, "{text}: {error}");
    }
    let error = space()
        .canonical(r#"128,4,[["SA","SDP",4,512,1],["SA","SDP",4,512,1]]"#)
        .unwrap_err();
    assert!(error.to_string().contains("4 layers"), "{error}");
}

#[test]
fn a_length_beyond_the_table_of_positions_is_named() {
    let build = |length: &str| {
        let mut options = Options::new();
        options.set("length", length);
        space().build(CANONICAL, &options)
    };
    let built = build("40").unwrap();
    let input = built.network.input();
    assert!(
        matches!(input, Input::Words { length: 40, .. }),
        "{input:?}"
    );
    for length in ["1", "513"] {
        let error = build(length).unwrap_err();
        assert!(error.hint().contains("2 to 512"), "{error:?}");
    }
}

#[test]
fn a_network_has_as_many_neighbours_as_other_values() {
    // Other depth and width, and for each layer five operations and three pairs.
    let neighbours = space().neighbours(CANONICAL).unwrap();
    assert_eq!(neighbours.len(), 2 + 2 * (5 + 3));
}
