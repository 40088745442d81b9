//! What every space's texts must keep: canonical forms, edits, samples, errors
//! with a place.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{HashMap, HashSet};

use dextr::Error;
use dextr::architecture::Options;
use dextr::sources::spaces::{self, Choice, Space};

mod texts;

use texts::texts;

fn space(name: &str) -> &'static dyn Space {
    spaces::by_name(name).unwrap()
}

#[test]
fn canonical_forms_are_fixed_points() {
    for space in spaces::all() {
        for text in texts(*space) {
            let canonical = space.canonical(&text).unwrap();
            assert_eq!(space.canonical(&canonical).unwrap(), canonical);
            assert!(!canonical.contains('\n'), "{canonical}");
        }
        for seed in 0..50 {
            let sample = space.sample(seed);
            assert_eq!(space.canonical(&sample).unwrap(), sample, "{seed}");
        }
    }
}

#[test]
fn choices_say_what_is_there_and_choosing_it_changes_nothing() {
    for space in spaces::all() {
        for text in texts(*space) {
            let canonical = space.canonical(&text).unwrap();
            let choices = space.choices(&text).unwrap();
            let names: HashSet<_> = choices.iter().map(|c| (&c.group, &c.name)).collect();
            assert_eq!(names.len(), choices.len(), "{text}");
            for (i, choice) in choices.iter().enumerate() {
                let Choice { value, values, .. } = choice;
                assert!(values.contains(value), "{text}: {choice:?}");
                let different: HashSet<_> = values.iter().collect();
                assert_eq!(different.len(), values.len(), "{text}: {choice:?}");
                assert_eq!(space.choose(&text, i, value).unwrap(), canonical);
            }
        }
    }
}

#[test]
fn a_choice_made_is_the_choice_found() {
    for space in spaces::all() {
        for text in texts(*space).into_iter().take(8) {
            for (i, choice) in space.choices(&text).unwrap().iter().enumerate() {
                for value in &choice.values {
                    let chosen = space.choose(&text, i, value).unwrap();
                    assert_eq!(space.canonical(&chosen).unwrap(), chosen);
                    // Another depth has other choices after it; the one made stays.
                    let after = space.choices(&chosen).unwrap();
                    assert_eq!(
                        &after[i].value,
                        value,
                        "{}: {text} {choice:?}",
                        space.name()
                    );
                }
            }
        }
    }
}

#[test]
fn neighbours_are_other_architectures_one_edit_away() {
    for space in spaces::all() {
        for text in texts(*space).into_iter().take(6) {
            let itself = space.canonical(&text).unwrap();
            let neighbours = space.neighbours(&text).unwrap();
            assert!(!neighbours.is_empty(), "{text}");
            let different: HashSet<_> = neighbours.iter().collect();
            assert_eq!(different.len(), neighbours.len(), "{text}");
            for neighbour in &neighbours {
                assert_ne!(*neighbour, itself);
                assert_eq!(space.canonical(neighbour).unwrap(), *neighbour);
            }
        }
    }
}

#[test]
fn wrong_choices_are_refused() {
    for space in spaces::all() {
        let text = space.about().examples[0].arch;
        let count = space.choices(text).unwrap().len();
        let error = space.choose(text, count, "none").unwrap_err();
        assert_eq!(error.code(), "bad-option");
        assert!(
            error.hint().contains(&count.to_string()),
            "{}",
            error.hint()
        );
        let error = space.choose(text, 0, "attention").unwrap_err();
        assert_eq!(error.code(), "bad-option");
    }
}

#[test]
fn neighbours_are_counted() {
    // Six edges with four, and with three, other operations.
    let count = |name: &str, text: &str| space(name).neighbours(text).unwrap().len();
    assert_eq!(count("nasbench201", "123403"), 24);
    assert_eq!(count("transnasbench101", "123303"), 18);
    assert_eq!(count("nats-size", "8:16:24:32:40"), 35);
    // Eight edges a cell: seven other operations, and 1, 2, 3, 4 other inputs twice each.
    let genotype = space("darts").sample(1);
    assert_eq!(count("darts", &genotype), 2 * (8 * 7 + 2 * (1 + 2 + 3 + 4)));
    // 3 vertices: three edges, two other operations.
    assert_eq!(count("nasbench101", "010001000 input,maxpool3x3,output"), 5);
}

#[test]
fn samples_are_uniform_and_repeat() {
    // χ² over single choices; 99.9 % quantiles for 1 … 7 degrees of freedom.
    const LIMIT: [f64; 7] = [10.83, 13.82, 16.27, 18.47, 20.52, 22.46, 24.32];
    for (name, equal) in [
        ("nasbench201", 5),
        ("nats-size", 8),
        ("transnasbench101", 4),
    ] {
        let space = space(name);
        let draws = 2000;
        let mut counts: HashMap<(usize, String), usize> = HashMap::new();
        for seed in 0..draws {
            assert_eq!(space.sample(seed), space.sample(seed));
            let choices = space.choices(&space.sample(seed)).unwrap();
            for (i, choice) in choices.into_iter().enumerate() {
                *counts.entry((i, choice.value)).or_default() += 1;
            }
        }
        let places = counts.keys().map(|k| k.0).max().unwrap() + 1;
        assert_eq!(counts.len(), places * equal, "{name}");
        for place in 0..places {
            let expected = draws as f64 / equal as f64;
            let here = counts.iter().filter(|(k, _)| k.0 == place);
            let chi: f64 = here
                .map(|(_, &n)| (n as f64 - expected).powi(2) / expected)
                .sum();
            assert!(chi < LIMIT[equal - 2], "{name} place {place}: χ² = {chi}");
        }
    }
}

#[test]
fn sampled_genotypes_have_two_different_inputs_and_no_zeros() {
    let space = space("darts");
    let mut operations: HashMap<String, usize> = HashMap::new();
    let mut inputs: HashMap<(String, String), usize> = HashMap::new();
    for seed in 0..1000 {
        let choices = space.choices(&space.sample(seed)).unwrap();
        for pair in choices.chunks_exact(4) {
            let [a, x, b, y] = pair else { unreachable!() };
            assert_ne!(x.value, y.value);
            for operation in [a, b] {
                *operations.entry(operation.value.clone()).or_default() += 1;
            }
            if x.values.len() == 5 {
                let both = (x.value.clone(), y.value.clone());
                *inputs.entry(both).or_default() += 1;
            }
        }
    }
    assert_eq!(operations.len(), 7);
    // 16,000 edges: 2286 ± 44 each; 2,000 last nodes of ten pairs: 200 ± 13.
    assert!(
        operations.values().all(|n| (2110..2460).contains(n)),
        "{operations:?}"
    );
    assert_eq!(inputs.len(), 10);
    assert!(
        inputs.values().all(|n| (145..255).contains(n)),
        "{inputs:?}"
    );
}

#[test]
fn a_wrong_text_is_an_error_at_its_character_with_the_nearest_spelling() {
    let genotype = space("darts").about().examples[0].arch;
    let cell = "0110000100010000 input,conv3x3-bn-relu,conv1x1-bn-relu,output";
    // (space, text, what replaces what in it, character or 0, nearest)
    let cases = [
        ("nasbench201", "|nor_conv3x3~0|+", "", "", 2, "nor_conv_3x3"),
        (
            "darts",
            genotype,
            "sep_conv_3x3",
            "sep_conv_3×3",
            19,
            "sep_conv_3x3",
        ),
        (
            "darts",
            genotype,
            "dil_conv_3x3",
            "dil_conv3x3",
            0,
            "dil_conv_3x3",
        ),
        (
            "darts",
            genotype,
            "normal_concat",
            "normal_conkat",
            0,
            "normal_concat",
        ),
        (
            "darts",
            genotype,
            "('sep_conv_3x3', 1)",
            "('sep_conv_3x3', 2)",
            0,
            "",
        ),
        ("darts", genotype, "('sep_conv_3x3', 0), ", "", 0, ""),
        ("darts", genotype, "[2, 3, 4, 5]", "[2, 3, 4, 6]", 0, ""),
        ("darts", genotype, "[2, 3, 4, 5]", "[2, 3, 4, 4]", 0, ""),
        ("darts", genotype, "reduce_concat=[2, 3, 4, 5]", "", 1, ""),
        ("darts", "", "", "", 1, ""),
        (
            "nasbench101",
            cell,
            "conv3x3-bn-relu",
            "conv3x3",
            24,
            "conv3x3-bn-relu",
        ),
        (
            "nasbench101",
            cell,
            "conv1x1-bn-relu",
            "con1x1-bn-relu",
            40,
            "conv1x1-bn-relu",
        ),
        (
            "nasbench101",
            cell,
            "0110000100010000",
            "0110100100010000",
            5,
            "",
        ),
        (
            "nasbench101",
            cell,
            "0110000100010000",
            "011000010001000",
            16,
            "",
        ),
        ("nasbench101", cell, ",output", "", 55, ""),
        ("nasbench101", cell, "output", "outptu", 56, "output"),
        (
            "nasbench101",
            r#"{"matrix": [[0, 1], [0, 2]], "ops": ["input", "output"]}"#,
            "",
            "",
            25,
            "",
        ),
        (
            "nasbench101",
            r#"{"matrix": [[0, 1], [0, 0]]}"#,
            "",
            "",
            1,
            "",
        ),
        (
            "nasbench101",
            r#"{"matrix": [[0, 1], [0, 0]], "ops": ["input"]}"#,
            "",
            "",
            37,
            "",
        ),
        ("nats-size", "8:16:32:64:65", "", "", 12, ""),
        ("nats-size", "8:16:32:64", "", "", 11, ""),
        ("nats-size", "8:16:32:64:64:64", "", "", 14, ""),
        ("transnasbench101", "64-41414-1_02_334", "", "", 17, ""),
        ("transnasbench101", "64-41414-1_0_333", "", "", 13, ""),
        ("transnasbench101", "64-41413-1_02_333", "", "", 1, ""),
        ("transnasbench101", "(1, 0, 2, 3, 4, 0)", "", "", 14, ""),
    ];
    for (name, text, from, to, place, near) in cases {
        let text = if from.is_empty() {
            text.to_owned()
        } else {
            text.replacen(from, to, 1)
        };
        match space(name).canonical(&text) {
            Err(Error::Architecture {
                position,
                nearest,
                found,
                expected,
            }) => {
                let right = place == 0 || position == place;
                assert!(
                    right,
                    "{text}: {position}: found {found}, expected {expected}"
                );
                assert_eq!(nearest.as_deref().unwrap_or(""), near, "{text}: {found}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
    let text = genotype.replacen("sep_conv_3x3", "sep_conv_3×3", 1);
    let error = space("darts").canonical(&text).unwrap_err();
    assert!(error.hint().contains("sep_conv_3x3"), "{}", error.hint());
}

#[test]
fn notations_of_one_architecture_agree() {
    let same = |name: &str, texts: &[&str]| {
        let forms: HashSet<_> = texts
            .iter()
            .map(|t| space(name).canonical(t).unwrap())
            .collect();
        assert_eq!(forms.len(), 1, "{forms:?}");
    };
    same(
        "nasbench101",
        &[
            "010001000 input,maxpool3x3,output",
            "  010001000,input,maxpool3x3,output\n",
            r#"{"matrix": [[0,1,0],[0,0,1],[0,0,0]], "ops": ["input","maxpool3x3","output"]}"#,
            "ModelSpec(matrix=[[0, 1, 0], [0, 0, 1], [0, 0, 0]], ops=['input', 'maxpool3x3', 'output'])",
            "cell = api.ModelSpec(\n  matrix=np.array([[0, 1, 0],    # the input\n          [0, 0, 1],\n          [0, 0, 0]]),\n  # In the order of the matrix.\n  ops=[INPUT, MAXPOOL3X3, OUTPUT])",
            r#"{"module_operations": ["input","maxpool3x3","output"], "module_adjacency": [[0,1,0],[0,0,1],[0,0,0]]}"#,
        ],
    );
    same(
        "transnasbench101",
        &[
            "64-41414-1_02_333",
            "1_02_333",
            "(1, 0, 2, 3, 3, 3)",
            "102333",
        ],
    );
    same(
        "nats-size",
        &["8:16:24:32:40", " 8 : 16:24:32:40 ", "\"8:16:24:32:40\""],
    );
    let best = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_1x1~2|";
    same(
        "nasbench201",
        &[
            best,
            best.trim_end_matches('|'),
            &format!("Structure(4 nodes with {best})"),
            &format!("\"{best}\""),
            &format!(" '{best}' "),
            &format!("\u{201c}{best}\u{201d}"),
            // The benchmark's own number of it.
            "6111",
        ],
    );
    same(
        "darts",
        &["PCDARTS", "pc_darts_cifar", "genotypes.PC_DARTS_cifar"],
    );
    same(
        "darts",
        &["DARTS_V2", space("darts").about().examples[0].arch],
    );
    let pairs = "[('none', 0), ('skip_connect', 0)]";
    same(
        "darts",
        &[
            &format!(
                "Genotype(normal={pairs}, normal_concat=[2], reduce={pairs}, reduce_concat=range(2, 3))"
            ),
            &format!(
                "MINE = Genotype(reduce={pairs}, reduce_concat=[2], normal={pairs}, normal_concat=(2,),)"
            ),
            r#"{"normal": [["none", 0], ["skip_connect", 0]], "normal_concat": [2], "reduce": [["none", 0], ["skip_connect", 0]], "reduce_concat": [2]}"#,
        ],
    );
}

#[test]
fn six_numbers_mean_a_cell_in_each_order() {
    let space = space("nasbench201");
    let ours =
        "|avg_pool_3x3~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|avg_pool_3x3~1|nor_conv_3x3~2|";
    let theirs =
        "|avg_pool_3x3~0|+|skip_connect~0|none~1|+|nor_conv_1x1~0|avg_pool_3x3~1|nor_conv_1x1~2|";
    for text in ["(4, 0, 3, 1, 4, 3)", "403143", "[4,0,3,1,4,3]"] {
        let read = space.parse(text, None).unwrap();
        let meant: Vec<_> = read.readings.iter().map(|m| (m.name, &*m.arch)).collect();
        assert_eq!(meant, [("nats", ours), ("naslib", theirs)]);
        assert_eq!(read.arch, ours);
        let note = read.note.unwrap();
        assert!(note.contains(theirs) && note.contains("naslib:"), "{note}");
        for (asked, right) in [("nats", ours), ("naslib", theirs)] {
            let option = space.parse(text, Some(asked)).unwrap();
            let prefix = space.parse(&format!(" {asked}: {text}"), None).unwrap();
            // A prefix wins over what was asked for.
            let both = space.parse(&format!("{}:{text}", asked.to_uppercase()), Some("nats"));
            for read in [option, prefix, both.unwrap()] {
                assert_eq!(
                    (&*read.arch, read.readings.len()),
                    (right, 0),
                    "{text} {asked}"
                );
                assert_eq!(read.note, None);
            }
        }
    }
    // The same in both, and what says what it is.
    for text in [
        "444444",
        ours,
        "6111",
        "Structure(4 nodes with |none~0|+|none~0|none~1|+|none~0|none~1|none~2|)",
    ] {
        assert!(
            space.parse(text, None).unwrap().readings.is_empty(),
            "{text}"
        );
    }
    let error = space.parse("403143", Some("naslb")).unwrap_err();
    assert!(error.hint().contains("naslib"), "{}", error.hint());
    // A list may be of several spaces: a reading is no fault where there is one.
    assert!(
        self::space("darts")
            .parse("DARTS_V1", Some("naslib"))
            .is_ok()
    );
    // Places are those of the text as it was given.
    match space.parse("naslib: (4, 0, 9, 1, 4, 3)", None) {
        Err(Error::Architecture { position, .. }) => assert_eq!(position, 16),
        other => panic!("{other:?}"),
    }
    // Names in each library's order; NASLib's own names say which.
    let names =
        "['avg_pool_3x3', 'skip_connect', 'nor_conv_1x1', 'none', 'avg_pool_3x3', 'nor_conv_1x1']";
    let read = space.parse(names, None).unwrap();
    assert_eq!(read.readings[1].arch, theirs);
    let own = "AvgPool1x1, Identity, ReLUConvBN1x1, Zero, AvgPool1x1, ReLUConvBN1x1";
    let read = space.parse(own, None).unwrap();
    assert_eq!((&*read.arch, read.readings.len()), (theirs, 0));
}

#[test]
fn what_cannot_be_read_back_says_why() {
    for (name, text, part) in [
        ("nasbench101", "00005c142e6f48ac74fdcf73e3439874", "a hash"),
        ("nasbench101", "12345", "index"),
        ("nats-size", "32100", "index"),
        ("darts", "42", "index"),
        ("nasbench201", "15625", "below 15625"),
    ] {
        let error = space(name).canonical(text).unwrap_err();
        assert!(error.to_string().contains(part), "{name}: {error}");
        assert_eq!(error.code(), "bad-architecture");
    }
    let error = space("darts").canonical("DARTZ_V2").unwrap_err();
    assert!(error.hint().contains("DARTS_V2"), "{}", error.hint());
}

#[test]
fn a_cell_that_is_not_connected_is_no_error() {
    let none = "[('none', 0), ('none', 1), ('none', 0), ('none', 1), ('none', 0), ('none', 1), ('none', 0), ('none', 1)]";
    let dead = format!(
        "Genotype(normal={none}, normal_concat=[2, 3, 4, 5], reduce={none}, reduce_concat=[2, 3, 4, 5])"
    );
    for (name, arch) in [
        ("nasbench101", "010000000 input,maxpool3x3,output"),
        ("nasbench201", "000000"),
        ("darts", dead.as_str()),
        ("transnasbench101", "3_00_000"),
    ] {
        let built = space(name).build(arch, &Options::new()).unwrap();
        assert!(!built.network.is_connected(), "{name}");
    }
    // A dead node on a live cell, and dead nodes among the concatenated.
    let half = dead.replacen("('none', 1)", "('sep_conv_3x3', 1)", 1);
    let half = half.replacen("reduce=[('none', 0)", "reduce=[('max_pool_3x3', 0)", 1);
    let built = space("darts").build(&half, &Options::new()).unwrap();
    assert!(built.network.is_connected());
}

#[test]
fn too_many_edges_are_an_error_and_never_offered() {
    let all = "0111111001111100011110000111000001100000010000000";
    let ops = " input,conv3x3-bn-relu,conv3x3-bn-relu,conv3x3-bn-relu,conv3x3-bn-relu,conv3x3-bn-relu,output";
    let error = space("nasbench101")
        .canonical(&format!("{all}{ops}"))
        .unwrap_err();
    assert!(error.to_string().contains("21 edges"), "{error}");
    // Vertices on no path do not count.
    let many = "0000001000111100001110000011000000100000000000000";
    assert!(
        space("nasbench101")
            .canonical(&format!("{many}{ops}"))
            .is_ok()
    );
    for seed in 0..20 {
        let text = space("nasbench101").sample(seed);
        for neighbour in space("nasbench101").neighbours(&text).unwrap() {
            assert!(space("nasbench101").canonical(&neighbour).is_ok());
        }
    }
}

#[test]
fn every_example_builds_and_sizes_that_do_not_fit_name_one_that_does() {
    for space in spaces::all() {
        for example in space.about().examples {
            let built = space.build(example.arch, &Options::new());
            assert!(built.is_ok(), "{}: {built:?}", example.title);
        }
    }
    for (name, size) in [
        ("nasbench101", "2"),
        ("darts", "2"),
        ("nats-size", "3"),
        ("transnasbench101", "20"),
    ] {
        let space = space(name);
        let mut options = Options::new();
        options.set("size", size);
        let error = space
            .build(space.about().examples[0].arch, &options)
            .unwrap_err();
        assert_eq!(error.code(), "bad-shape", "{name}: {error}");
        let fits: usize = error.hint().rsplit(' ').next().unwrap().parse().unwrap();
        options.set("size", &fits.to_string());
        assert!(
            space
                .build(space.about().examples[0].arch, &options)
                .is_ok()
        );
    }
}
