//! Parameters of real architectures, as their benchmarks report them.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use dextr::architecture::Options;
use dextr::sources::spaces;

fn params(space: &str, arch: &str, options: &[(&str, &str)]) -> u64 {
    let mut set = Options::new();
    options.iter().for_each(|(name, value)| {
        set.set(name, value);
    });
    let built = spaces::by_name(space).unwrap().build(arch, &set);
    built
        .unwrap_or_else(|e| panic!("{arch}: {e}"))
        .network
        .params()
}

fn rows(file: &str) -> Vec<csv::StringRecord> {
    let mut reader = csv::Reader::from_path(common::folder().join(file)).unwrap();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert!(rows.len() > 50, "{file}: {} rows", rows.len());
    rows
}

#[test]
fn six_numbers_have_the_parameters_of_the_reading() {
    // What NASLib's own conversion makes of the tuple, and the benchmark's order.
    let tuple = "(4, 0, 3, 1, 4, 3)";
    let with = |reading: &str| {
        let mut options = Options::new();
        options.read_as(reading);
        let space = spaces::by_name("nasbench201").unwrap();
        space.build(tuple, &options).unwrap()
    };
    for (prefix, right) in [("naslib:", 128_186), ("nats:", 558_266), ("", 558_266)] {
        let text = format!("{prefix}{tuple}");
        assert_eq!(params("nasbench201", &text, &[]), right, "{text}");
    }
    assert_eq!(
        with("naslib").network.params(),
        params("nasbench201", &format!("naslib:{tuple}"), &[])
    );
    assert!(
        with("naslib").notes.is_empty(),
        "{:?}",
        with("naslib").notes
    );
}

#[test]
fn nasbench101_is_as_the_benchmark_counts() {
    for row in rows("nb101_params.csv") {
        let right: u64 = row[1].parse().unwrap();
        assert_eq!(params("nasbench101", &row[0], &[]), right, "{}", &row[0]);
    }
}

#[test]
fn isomorphic_cells_of_nasbench101_are_one_network() {
    // Vertices 1 and 2 change places; three sources share 128 channels unevenly.
    let other = "0111000001000010000100000 input,conv3x3-bn-relu,maxpool3x3,maxpool3x3,output";
    let a = "0111000001000010000100000 input,conv3x3-bn-relu,maxpool3x3,conv1x1-bn-relu,output";
    let b = "0111000001000010000100000 input,maxpool3x3,conv3x3-bn-relu,conv1x1-bn-relu,output";
    let space = spaces::by_name("nasbench101").unwrap();
    let network = |arch| space.build(arch, &Options::new()).unwrap().network;
    assert_eq!(network(a), network(b));
    assert_ne!(network(a), network(other));
}

#[test]
fn darts_is_as_nasbench301_counts_with_the_default_options() {
    for row in rows("darts_params.csv") {
        let right: u64 = row[1].parse().unwrap();
        assert_eq!(params("darts", &row[0], &[]), right, "{}", &row[0]);
    }
}

#[test]
fn published_genotypes_are_as_large_as_published() {
    // C = 36, 20 cells, without the auxiliary head, in millions.
    let published = [
        ("DARTS, second order", 3.35),
        ("DARTS, first order", 3.17),
        ("PC-DARTS", 3.63),
        ("P-DARTS, as JSON", 3.43),
    ];
    let space = spaces::by_name("darts").unwrap();
    for (title, millions) in published {
        let example = space
            .about()
            .examples
            .iter()
            .find(|e| e.title == title)
            .unwrap();
        let large = [("channels", "36"), ("layers", "20")];
        let found = params("darts", example.arch, &large) as f64 / 1e6;
        assert!((found - millions).abs() < 0.01, "{title}: {found}");
        // 128 and 768 channels and two norms, on 4·4·36 channels.
        let with_head = [large[0], large[1], ("auxiliary", "true")];
        let head = 576 * 128 + 256 + 128 * 768 * 4 + 1536 + 7690;
        let more =
            params("darts", example.arch, &with_head) - params("darts", example.arch, &large);
        assert_eq!(more, head, "{title}");
    }
    // ImageNet: 4.7, 5.3 and 4.9 million published.
    for (title, millions) in [
        ("DARTS, second order", 4.7),
        ("PC-DARTS", 5.3),
        ("P-DARTS, as JSON", 4.9),
    ] {
        let example = space
            .about()
            .examples
            .iter()
            .find(|e| e.title == title)
            .unwrap();
        let found = params("darts", example.arch, &[("network", "imagenet")]) as f64 / 1e6;
        assert!((found - millions).abs() < 0.051, "{title}: {found}");
    }
}

#[test]
fn transnasbench101_is_as_the_benchmark_counts_for_every_task() {
    let tasks = [
        "class_scene",
        "class_object",
        "room_layout",
        "jigsaw",
        "segmentsemantic",
        "autoencoder",
        "normal",
    ];
    for row in rows("transnas_params.csv") {
        for (task, right) in tasks.into_iter().zip(row.iter().skip(1)) {
            let found = params("transnasbench101", &row[0], &[("task", task)]) as f64 / 1e6;
            let right: f64 = right.parse().unwrap();
            assert!((found - right).abs() < 5e-7, "{task} {}: {found}", &row[0]);
        }
    }
}

#[test]
fn nats_size_counts_its_channels() {
    // c₁ … c₅ = 8, 16, 24, 32, 40, counted by hand from the definition: a 3×3
    // convolution has a bias, its norm no parameters, outside of cells the
    // other way round.
    let found = params("nats-size", "8:16:24:32:40", &[]);
    let conv = |i: u64, o: u64| 9 * i * o + o;
    let outside = |i: u64, o: u64, k: u64| k * k * i * o + 2 * o;
    let cell = |i: u64, o: u64| {
        let skip = if i == o { 0 } else { i * o + o };
        2 * conv(i, o) + 3 * conv(o, o) + skip
    };
    let reduction = |i: u64, o: u64| outside(i, o, 3) + outside(o, o, 3) + i * o;
    let right = outside(3, 8, 3)
        + cell(8, 8)
        + reduction(8, 16)
        + cell(16, 24)
        + reduction(24, 32)
        + cell(32, 40)
        + 80
        + 410;
    assert_eq!(found, right);
    // With all channels alike it is NAS-Bench-201's network with one cell a stage
    // where that does not double.
    assert!(params("nats-size", "64:64:64:64:64", &[]) > found);
}
