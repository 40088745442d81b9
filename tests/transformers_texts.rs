//! Texts, edits and samples of AutoFormer and PiT, beyond what every space
//! keeps (`spaces_texts.rs`), and what their weights start with.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::HashMap;

use dextr::Error;
use dextr::architecture::Options;
use dextr::array::Values;
use dextr::sources::spaces::{self, Space};

fn space(name: &str) -> &'static dyn Space {
    spaces::by_name(name).unwrap()
}

/// Twelve layers alike.
fn tiny(heads: &str, ratio: &str) -> String {
    let list = |word: &str| [word; 12].join(" ");
    format!("192,12,{},{}", list(heads), list(ratio))
}

#[test]
fn notations_of_one_architecture_agree() {
    let same = |name: &str, texts: &[String]| {
        for text in texts {
            let (first, this) = (&texts[0], space(name).canonical(text));
            assert_eq!(this, space(name).canonical(first), "{text}");
            assert!(this.is_ok(), "{this:?}");
        }
    };
    let (heads, ratios) = (["3"; 12].join(","), ["4.0"; 12].join(", "));
    let widths = ["192"; 12].join(",");
    same(
        "autoformer-tiny",
        &[
            tiny("3", "4"),
            format!("  {} \n", tiny("3", "4.0").replace(',', " , ")),
            format!(
                r#"{{"depth": 12, "embed_dim": 192, "num_heads": [{heads}], "mlp_ratio": [{ratios}]}}"#
            ),
            format!(
                "config = dict(mlp_ratio=[{ratios}], num_heads=({heads}), embed_dim=[{widths}], layer_num=12)"
            ),
            format!("{{'hidden_dim': 192, 'num_heads': [{heads}], 'mlp_ratio': [{ratios}]}}"),
        ],
    );
    same(
        "pit",
        &[
            "24,2,2 8 4,2 2 4".to_owned(),
            r#"{"num_heads":[2,2,4],"depth":[2,8,4],"mlp_ratio":2,"base_dim":24}"#.to_owned(),
            "PiT(base_dim=24, mlp_ratio=2.0, depth=(2, 8, 4), num_heads=[2, 2, 4],)".to_owned(),
        ],
    );
}

#[test]
fn a_wrong_number_is_an_error_at_its_character_with_the_nearest_one() {
    let json = space("autoformer-tiny").about().examples[0].arch;
    let columns = tiny("3", "4");
    // (space, text, what replaces what in it, character, expected, nearest)
    let cases = [
        (
            "autoformer-tiny",
            columns.as_str(),
            "192",
            "193",
            1,
            "192, 216, 240",
            "192",
        ),
        (
            "autoformer-tiny",
            &columns,
            ",12,",
            ",15,",
            5,
            "12, 13, 14",
            "14",
        ),
        ("autoformer-tiny", &columns, ",12,", ",,", 5, "depth", ""),
        (
            "autoformer-tiny",
            &columns,
            ",3 3",
            ",3 9",
            10,
            "heads, one of: 3, 4",
            "4",
        ),
        (
            "autoformer-tiny",
            &columns,
            ",4 4 ",
            ",4 3.6 ",
            34,
            "one of: 3, 3.5, 4",
            "3.5",
        ),
        (
            "autoformer-tiny",
            &columns,
            ",4 4 ",
            ",4 ",
            32,
            "mlp_ratio for 12 layers",
            "",
        ),
        (
            "autoformer-tiny",
            &columns,
            ",3 3 ",
            ",3 x ",
            10,
            "a number (num_heads)",
            "",
        ),
        (
            "autoformer-tiny",
            "192,12",
            "",
            "",
            7,
            "',' and then num_heads",
            "",
        ),
        (
            "autoformer-tiny",
            "192,12,3,4",
            "",
            "",
            8,
            "num_heads, a list",
            "",
        ),
        (
            "autoformer-tiny",
            json,
            "embed_dim",
            "embed_dims",
            15,
            "one of:",
            "embed_dim",
        ),
        (
            "autoformer-tiny",
            json,
            "192",
            "200",
            28,
            "embed_dim",
            "192",
        ),
        (
            "autoformer-tiny",
            json,
            r#""embed_dim": 192, "#,
            "",
            1,
            "embed_dim, depth",
            "",
        ),
        ("pit", "20,2,2 8 4,2 2 4", "", "", 1, "base_dim", "16"),
        ("pit", "24,3,2 8 4,2 2 4", "", "", 4, "mlp_ratio", "2"),
        (
            "pit",
            "24,2,2 7 4,2 2 4",
            "",
            "",
            8,
            "a depth, one of: 4, 6, 8",
            "6",
        ),
        ("pit", "24,2,2 8 4,4 2 4", "", "", 14, "a multiple of 4", ""),
        ("pit", "24,2,2 8,2 2 4", "", "", 6, "three numbers", ""),
        ("pit", "24,2,2 8 4,2 2 4,1", "", "", 17, "the end", ""),
    ];
    for (name, text, from, to, place, wanted, near) in cases {
        let text = match from {
            "" => text.to_owned(),
            _ => text.replacen(from, to, 1),
        };
        match space(name).canonical(&text) {
            Err(Error::Architecture {
                position,
                expected,
                nearest,
                ..
            }) => {
                assert_eq!(position, place, "{text}: {expected}");
                assert!(expected.contains(wanted), "{text}: {expected}");
                assert_eq!(nearest.as_deref().unwrap_or(""), near, "{text}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn spaces_are_as_large_as_their_choices() {
    // Depth d has (heads · ratios)^d architectures of each of three widths.
    let former =
        |layer: u64, depths: [u32; 3]| 3 * depths.map(|d| layer.pow(d)).iter().sum::<u64>();
    let size = |name: &str| space(name).about().size.unwrap();
    assert_eq!(size("autoformer-tiny"), former(4, [12, 13, 14]));
    assert_eq!(size("autoformer-small"), former(9, [12, 13, 14]));
    assert_eq!(size("autoformer-base"), former(6, [14, 15, 16]));
    // Ten rising triples of heads, 27 depths, four widths, four ratios.
    assert_eq!(size("pit"), 10 * 27 * 16);
    let neighbours = |name: &str, text: &str| space(name).neighbours(text).unwrap().len();
    // Two other depths, two other widths, one other number of heads and one
    // other ratio in each of twelve layers.
    assert_eq!(neighbours("autoformer-tiny", &tiny("3", "4")), 4 + 24);
    // Three widths, three ratios, two depths a stage; 2 2 4 may become
    // 2 4 4, 2 2 2 and 2 2 8.
    assert_eq!(neighbours("pit", "24,2,2 8 4,2 2 4"), 6 + 6 + 3);
}

#[test]
fn another_depth_drops_the_last_layers_or_repeats_the_last() {
    let space = space("autoformer-tiny");
    let start = space.choose(&tiny("3", "4"), 2 + 2 * 11, "4").unwrap();
    let deeper = space.choose(&start, 0, "14").unwrap();
    let choices = space.choices(&deeper).unwrap();
    assert_eq!(choices.len(), 2 + 2 * 14);
    let heads: Vec<&str> = choices[2..].iter().step_by(2).map(|c| &*c.value).collect();
    assert_eq!(heads, [&["3"; 11][..], &["4"; 3]].concat());
    assert_eq!(choices[28].group, "layer 14");
    assert_eq!(space.choose(&deeper, 0, "12").unwrap(), start);
}

#[test]
fn a_ratio_outside_of_the_space_stays_until_it_is_changed() {
    let space = space("autoformer-tiny");
    let published = space.about().examples[0].arch;
    let choices = space.choices(published).unwrap();
    let third = &choices[2 + 2 * 2 + 1];
    assert_eq!((third.value.as_str(), third.values.len()), ("3", 3));
    let changed = space.choose(published, 2 + 2 * 2 + 1, "4").unwrap();
    assert_eq!(space.choices(&changed).unwrap()[7].values, ["3.5", "4"]);
}

#[test]
fn samples_are_uniform() {
    let mut counts: HashMap<(String, String), f64> = HashMap::new();
    let mut depths: HashMap<String, f64> = HashMap::new();
    let draws = 4000;
    for seed in 0..draws {
        for choice in space("pit").choices(&space("pit").sample(seed)).unwrap() {
            let key = (format!("{} {}", choice.group, choice.name), choice.value);
            *counts.entry(key).or_default() += 1.0;
        }
        let former = space("autoformer-tiny");
        let choices = former.choices(&former.sample(seed)).unwrap();
        *depths.entry(choices[0].value.clone()).or_default() += 1.0;
        for i in [1, 2, 3, 24, 25] {
            let key = (format!("tiny {i}"), choices[i].value.clone());
            *counts.entry(key).or_default() += 1.0;
        }
    }
    // A fraction f of n draws is off by less than 4 √(n f (1 − f)).
    let near = |count: f64, fraction: f64| {
        let mean = draws as f64 * fraction;
        assert!(
            (count - mean).abs() < 4.0 * (mean * (1.0 - fraction)).sqrt(),
            "{count} of {draws} instead of {mean}"
        );
    };
    let of = |name: &str, value: &str| counts[&(name.to_owned(), value.to_owned())];
    for (name, values) in [
        ("network base_dim", ["16", "24", "32", "40"].as_slice()),
        ("network mlp_ratio", &["2", "4", "6", "8"]),
        ("stage 1 depth", &["1", "2", "3"]),
        ("stage 2 depth", &["4", "6", "8"]),
        ("stage 3 depth", &["2", "4", "6"]),
        ("tiny 1", &["192", "216", "240"]),
        ("tiny 2", &["3", "4"]),
        ("tiny 3", &["3.5", "4"]),
        ("tiny 24", &["3", "4"]),
        ("tiny 25", &["3.5", "4"]),
    ] {
        for value in values {
            near(of(name, value), 1.0 / values.len() as f64);
        }
    }
    // Of ten triples six begin with 2, three with 4; six end in 8.
    near(of("stage 1 num_heads", "2"), 0.6);
    near(of("stage 1 num_heads", "4"), 0.3);
    near(of("stage 3 num_heads", "8"), 0.6);
    near(of("stage 2 num_heads", "4"), 0.4);
    // Each further layer has four times as many.
    near(depths["12"], 1.0 / 21.0);
    near(depths["13"], 4.0 / 21.0);
    near(depths["14"], 16.0 / 21.0);
}

#[test]
fn sizes_that_do_not_fit_say_which_do() {
    for (name, size, wanted) in [
        ("autoformer-tiny", "15", "from 16 to 512"),
        ("autoformer-tiny", "513", "from 16 to 512"),
        ("pit", "15", "from 16 to 512"),
    ] {
        let mut options = Options::new();
        options.set("size", size);
        let arch = space(name).about().examples[0].arch;
        let error = space(name).build(arch, &options).unwrap_err();
        assert!(error.hint().contains(wanted), "{}", error.hint());
    }
    // What fills no patch is left out.
    for (name, size, patches) in [("autoformer-tiny", "50", 9), ("pit", "50", 25)] {
        let mut options = Options::new();
        options.set("size", size);
        let arch = space(name).about().examples[0].arch;
        let network = space(name).build(arch, &options).unwrap().network;
        let first = network.nodes().iter().find(|n| n.name == "patch_embed");
        assert_eq!(first.unwrap().shape[1..].iter().product::<usize>(), patches);
    }
}

#[test]
fn weights_start_as_transformers_do() {
    let values = |name: &str, init: &str, tensor: &str| -> Vec<f64> {
        let mut options = Options::new();
        options.set("init", init).set("size", "32");
        let arch = space(name).about().examples[0].arch;
        let arch = space(name).build(arch, &options).unwrap();
        let weights = arch.start.weights(&arch.network, 3);
        let array = weights.get(tensor).unwrap();
        assert!(matches!(array.values, Values::F32(_)));
        array.to_f64()
    };
    let deviation = |all: &[f64]| {
        let mean = all.iter().sum::<f64>() / all.len() as f64;
        (all.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / all.len() as f64).sqrt()
    };
    for (name, block) in [
        ("autoformer-tiny", "blocks.0"),
        ("pit", "transformers.0.blocks.0"),
    ] {
        for tensor in [
            "attn.qkv.weight",
            "attn.proj.weight",
            "fc1.weight",
            "fc2.weight",
        ] {
            let tensor = format!("{block}.{tensor}");
            let found = deviation(&values(name, "normal", &tensor));
            assert!((found - 0.02).abs() < 0.001, "{name} {tensor}: {found}");
        }
        let all = |init: &str, tensor: &str, value: f64| {
            let tensor = format!("{block}.{tensor}");
            values(name, init, &tensor).iter().all(|&x| x == value)
        };
        assert!(all("normal", "attn.qkv.bias", 0.0) && all("normal", "fc1.bias", 0.0));
        assert!(all("normal", "norm1.weight", 1.0) && all("normal", "norm1.bias", 0.0));
        assert!(!all("uniform", "fc1.bias", 0.0));
        // Uniform in ±1/√inputs.
        let uniform = values(name, "uniform", &format!("{block}.fc1.weight"));
        let bound = uniform.iter().fold(0.0f64, |m, x| m.max(x.abs()));
        let wanted = deviation(&uniform) * 3.0f64.sqrt();
        assert!((bound / wanted - 1.0).abs() < 0.05, "{bound} {wanted}");
        for tensor in ["cls_token.weight", "pos_embed.weight"] {
            let found = deviation(&values(name, "uniform", tensor));
            assert!((found - 0.02).abs() < 0.004, "{name} {tensor}: {found}");
        }
    }
}
