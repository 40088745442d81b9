//! The accuracy tables: which space, which columns, where they come from.

use std::path::Path;

/// A table, or a part of one, and the accuracies in it.
pub(crate) struct Set {
    /// The report's name.
    pub(crate) name: &'static str,
    /// The search space.
    pub(crate) space: &'static str,
    /// The file in the folder of tables.
    pub(crate) file: &'static str,
    /// A column and the value that rows must have in it.
    pub(crate) only: Option<(&'static str, &'static str)>,
    /// Options that belong to the set.
    pub(crate) options: &'static [(&'static str, &'static str)],
    /// The accuracies: label and column.
    pub(crate) truths: &'static [(&'static str, &'static str)],
    /// Where the figures come from, and their licence where it is known.
    pub(crate) source: &'static str,
    /// What the paper reports, where it does.
    pub(crate) paper: &'static str,
    /// A ranking that needs no network, to hold beside the proxies: choices of
    /// the space, of which the first decides and each next one breaks ties.
    pub(crate) baseline: &'static [&'static str],
}

const TRANSNAS: Set = Set {
    name: "transnasbench101-class_scene",
    space: "transnasbench101",
    file: "transnasbench101_micro.csv",
    only: Some(("task", "class_scene")),
    options: &[("task", "class_scene")],
    truths: &[("validation metric", "val_accuracy")],
    source: "TransNAS-Bench-101 (MIT)",
    paper: "",
    baseline: &[],
};

const FLEXIBERT: Set = Set {
    name: "flexibert",
    space: "flexibert",
    file: "flexibert_500_glue.csv",
    only: None,
    options: &[],
    truths: &[("GLUE", "glue")],
    source: "NAS-Bench-BERT (training-free-nas); all its networks were trained with the same attention",
    paper: "",
    baseline: &["num_layers", "hidden_size"],
};

/// The networks that rows of the table stand for.
const fn stands_for(name: &'static str, options: &'static [(&'static str, &'static str)]) -> Set {
    Set {
        name,
        options,
        ..FLEXIBERT
    }
}

/// A task of TransNAS-Bench-101 with its own network.
const fn task(
    name: &'static str,
    only: &'static str,
    options: &'static [(&'static str, &'static str)],
) -> Set {
    Set {
        name,
        only: Some(("task", only)),
        options,
        ..TRANSNAS
    }
}

const SUBNETS: [(&str, &str); 6] = [
    ("CIFAR-100", "cifar100_top1"),
    ("CIFAR-100, distilled", "cifar100_kd_top1"),
    ("Flowers", "flowers_top1"),
    ("Flowers, distilled", "flowers_kd_top1"),
    ("Chaoyang", "chaoyang_top1"),
    ("Chaoyang, distilled", "chaoyang_kd_top1"),
];

/// All sets, in the order of the report.
pub(crate) const SETS: [Set; 16] = [
    Set {
        name: "nasbench101",
        space: "nasbench101",
        file: "nasbench101_random2000.csv",
        only: None,
        options: &[],
        truths: &[("CIFAR-10", "test_acc")],
        source: "NAS-Bench-101 (Apache-2.0)",
        paper: ".65",
        baseline: &[],
    },
    Set {
        name: "nasbench201",
        space: "nasbench201",
        file: "nasbench201.csv",
        only: None,
        options: &[],
        truths: &[
            ("CIFAR-10", "cifar10_test_accuracy"),
            ("CIFAR-100", "cifar100_test_accuracy"),
            ("ImageNet16-120", "imagenet16_120_test_accuracy"),
        ],
        source: "NAS-Bench-201 (MIT)",
        paper: ".90, .91, .87",
        baseline: &[],
    },
    Set {
        name: "darts-surrogate",
        space: "darts",
        file: "nasbench301_darts_2000.csv",
        only: None,
        options: &[],
        truths: &[
            ("NAS-Bench-301, surrogate", "nasbench301_surrogate_test_acc"),
            ("EvoXBench, surrogate", "evoxbench_surrogate_valid_acc"),
        ],
        source: "NAS-Bench-301 (Apache-2.0), EvoXBench; accuracies are a surrogate's",
        paper: ".44",
        baseline: &[],
    },
    Set {
        name: "darts",
        space: "darts",
        file: "darts_cifar10_1000.csv",
        only: None,
        options: &[],
        truths: &[("CIFAR-10, validation", "cifar10_valid_acc")],
        source: "genotypes trained for 200 epochs",
        paper: "",
        baseline: &[],
    },
    TRANSNAS,
    task(
        "transnasbench101-class_object",
        "class_object",
        &[("task", "class_object")],
    ),
    task("transnasbench101-jigsaw", "jigsaw", &[("task", "jigsaw")]),
    task(
        "transnasbench101-room_layout",
        "room_layout",
        &[("task", "room_layout")],
    ),
    task(
        "transnasbench101-autoencoder",
        "autoencoder",
        &[("task", "autoencoder")],
    ),
    task("transnasbench101-normal", "normal", &[("task", "normal")]),
    task(
        "transnasbench101-segmentsemantic",
        "segmentsemantic",
        &[("task", "segmentsemantic")],
    ),
    Set {
        name: "autoformer-tiny",
        space: "autoformer-tiny",
        file: "autoformer_tiny_subnets_200.csv",
        only: None,
        options: &[],
        truths: &[
            ("ImageNet, supernet weights", "imagenet1k_supernet_top1"),
            SUBNETS[0],
            SUBNETS[1],
            SUBNETS[2],
            SUBNETS[3],
            SUBNETS[4],
            SUBNETS[5],
        ],
        source: "Auto-Prox (Apache-2.0)",
        paper: "",
        baseline: &[],
    },
    Set {
        name: "pit",
        space: "pit",
        file: "pit_subnets_100.csv",
        only: None,
        options: &[],
        truths: &SUBNETS,
        source: "Auto-Prox (Apache-2.0)",
        paper: "",
        baseline: &[],
    },
    FLEXIBERT,
    stands_for("flexibert-trained", &[("network", "trained")]),
    stands_for("flexibert-metrics", &[("network", "metrics")]),
];

/// The rows of a set.
pub(crate) struct Rows {
    /// The architectures' texts.
    pub(crate) archs: Vec<String>,
    /// For each accuracy one number a row; NaN where the table has none.
    pub(crate) truths: Vec<Vec<f64>>,
}

impl Set {
    /// The first `most` rows.
    pub(crate) fn read(&self, data: &Path, columns: &[&str], most: usize) -> Rows {
        let file = data.join(self.file);
        let mut reader = csv::Reader::from_path(&file)
            .unwrap_or_else(|e| panic!("{}: {e}; set DEXTR_DATA", file.display()));
        let headers = reader.headers().unwrap().clone();
        let find = |name: &str| headers.iter().position(|h| h == name);
        let column = |name: &str| find(name).unwrap_or_else(|| panic!("{name} is no column"));
        let own: Vec<usize> = match find("arch") {
            Some(arch) => vec![arch],
            None => columns.iter().map(|name| column(name)).collect(),
        };
        let wanted: Vec<usize> = self.truths.iter().map(|(_, name)| column(name)).collect();
        let only = self.only.map(|(name, value)| (column(name), value));
        let mut rows = Rows {
            archs: Vec::new(),
            truths: vec![Vec::new(); wanted.len()],
        };
        let records = reader.records().map(Result::unwrap);
        let records = records.filter(|r| only.is_none_or(|(c, value)| &r[c] == value));
        for record in records.take(most) {
            let parts: Vec<&str> = own.iter().map(|&c| &record[c]).collect();
            rows.archs.push(parts.join(","));
            for (&c, truth) in wanted.iter().zip(&mut rows.truths) {
                truth.push(record[c].parse().unwrap_or(f64::NAN));
            }
        }
        rows
    }
}
