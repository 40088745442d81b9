//! DARTS genotypes (Liu, Simonyan and Yang, ICLR 2019), the space of
//! NAS-Bench-301 (Zela et al., ICLR 2022).
//!
//! **CIFAR network** (`network=cifar`): a 3×3 stem of 3·C channels and `layers`
//! cells with C channels; the cells at one third and at two thirds of the depth
//! are the reduction cell and have twice the channels of those before; global
//! mean, dense layer. A cell takes the outputs of the two cells before it,
//! each through ReLU, 1×1 convolution and batch norm (a factorised reduction
//! where the size does not fit); a node adds its two edges; the output
//! concatenates the nodes that the genotype names. The defaults, C = 32 and 8
//! cells, are NAS-Bench-301's; published counts are those of C = 36, 20 cells.
//! **ImageNet network** (`network=imagenet`): two stems that halve the size
//! three times; C = 48, 14 cells, 224 pixels, 1,000 classes where not given.
//!
//! **Differences to the training network**: no drop path; batch norm with the
//! statistics of one image; `none` edges are left out of sums. With
//! `auxiliary=true` the second classifier's outputs follow the first's. In the
//! CIFAR one, the last batch norm sees one pixel, where one image has no
//! statistics: its channels are normalised together, with as many parameters.
//!
//! **What κ is of**: the last cell's map (`output=features`). Its branches end
//! in batch norms, whose mean over one image is their shift whatever the image:
//! in a cell without pools the global mean, and so the logits, do not depend on
//! the input at all. `output=logits` is there for cells where they do. A map
//! is scaled to unit speed before its κ is taken.
//!
//! **Text**: see [`genotype`]. Cells may have `none` edges, the same input
//! twice, and one to eight nodes; besides the eight operations, those of NASNet
//! and AmoebaNet (`sep_conv_7x7`, `conv_7x1_1x7`) are known. The space itself,
//! which [`Space::sample`] draws from, has four nodes of two different inputs
//! and seven operations. The order of choices is that of the text: for each
//! edge its operation, then its input; first the normal cell.

mod genotype;
mod network;

use std::sync::Arc;

use crate::architecture::{Architecture, Known, Normalisation, Options};
use crate::start::Start;
use genotype::{Cell, Genotype, Operation};
use network::Plan;

use super::blocks::{LARGEST, OUTPUT, OUTPUTS, at_size};
use super::{Choice, Example, Space, check_choice};
use crate::error::Result;
use crate::network::Policy;
use crate::random::Stream;

/// The space.
pub(super) struct Darts;

/// The networks a genotype makes.
const NETWORKS: [&str; 2] = ["cifar", "imagenet"];

/// What the ImageNet network has where nothing else is given.
const IMAGENET: [(&str, &str); 4] = [
    ("channels", "48"),
    ("layers", "14"),
    ("classes", "1000"),
    ("size", "224"),
];

const OPTIONS: [Known; 7] = [
    Known {
        name: "network",
        default: "cifar",
        help: "cifar, or imagenet (two stems that halve the size three times)",
    },
    Known {
        name: "channels",
        default: "32",
        help: "C, the channels of the first cells (imagenet: 48)",
    },
    Known {
        name: "layers",
        default: "8",
        help: "number of cells (imagenet: 14)",
    },
    Known {
        name: "classes",
        default: "10",
        help: "outputs of the last layer (imagenet: 1000)",
    },
    Known {
        name: "size",
        default: "32",
        help: "height and width of the input image, in pixels (imagenet: 224)",
    },
    Known {
        name: "auxiliary",
        default: "false",
        help: "whether the auxiliary head is there; its outputs come last",
    },
    OUTPUT,
];

const EXAMPLES: [Example; 4] = [
    Example {
        arch: "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)], normal_concat=[2, 3, 4, 5], reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), ('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=[2, 3, 4, 5])",
        title: "DARTS, second order",
    },
    Example {
        arch: "Genotype(normal=[('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('skip_connect', 0), ('sep_conv_3x3', 1), ('skip_connect', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('skip_connect', 2)], normal_concat=[2, 3, 4, 5], reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 0), ('max_pool_3x3', 0), ('skip_connect', 2), ('skip_connect', 2), ('avg_pool_3x3', 0)], reduce_concat=[2, 3, 4, 5])",
        title: "DARTS, first order",
    },
    Example {
        arch: "Genotype(normal=[('sep_conv_3x3', 1), ('skip_connect', 0), ('sep_conv_3x3', 0), ('dil_conv_3x3', 1), ('sep_conv_5x5', 0), ('sep_conv_3x3', 1), ('avg_pool_3x3', 0), ('dil_conv_3x3', 1)], normal_concat=range(2, 6), reduce=[('sep_conv_5x5', 1), ('max_pool_3x3', 0), ('sep_conv_5x5', 1), ('sep_conv_5x5', 2), ('sep_conv_3x3', 0), ('sep_conv_3x3', 3), ('sep_conv_3x3', 1), ('sep_conv_3x3', 2)], reduce_concat=range(2, 6))",
        title: "PC-DARTS",
    },
    Example {
        arch: r#"{"normal": [["skip_connect", 0], ["dil_conv_3x3", 1], ["skip_connect", 0], ["sep_conv_3x3", 1], ["sep_conv_3x3", 1], ["sep_conv_3x3", 3], ["sep_conv_3x3", 0], ["dil_conv_5x5", 4]], "normal_concat": [2, 3, 4, 5], "reduce": [["avg_pool_3x3", 0], ["sep_conv_5x5", 1], ["sep_conv_3x3", 0], ["dil_conv_5x5", 2], ["max_pool_3x3", 0], ["dil_conv_3x3", 1], ["dil_conv_3x3", 1], ["dil_conv_5x5", 3]], "reduce_concat": [2, 3, 4, 5]}"#,
        title: "P-DARTS, as JSON",
    },
];

impl Space for Darts {
    fn name(&self) -> &'static str {
        "darts"
    }

    fn title(&self) -> &'static str {
        "DARTS and NAS-Bench-301 genotypes (Liu et al., 2019; Zela et al., 2022)"
    }

    fn size(&self) -> u64 {
        // Two different inputs of 2, 3, 4 and 5, seven operations on each of
        // eight edges, in two cells.
        let cell = 3 * 6 * 10 * 7u64.pow(8);
        cell * cell
    }

    fn options(&self) -> &'static [Known] {
        &OPTIONS
    }

    fn columns(&self) -> &'static [&'static str] {
        &["genotype"]
    }

    fn examples(&self) -> &'static [Example] {
        &EXAMPLES
    }

    fn operations(&self) -> Vec<&'static str> {
        Operation::ALL.map(Operation::name)[..Operation::OWN].to_vec()
    }

    fn canonical(&self, text: &str) -> Result<String> {
        Ok(text.parse::<Genotype>()?.to_string())
    }

    fn choices(&self, text: &str) -> Result<Vec<Choice>> {
        let genotype: Genotype = text.parse()?;
        let mut choices = Vec::new();
        for (group, cell) in [("normal", &genotype.normal), ("reduce", &genotype.reduce)] {
            for (i, &(operation, source)) in cell.edges.iter().flatten().enumerate() {
                let target = i / 2 + 2;
                let place = format!("node {target} {}", ["a", "b"][i % 2]);
                choices.push(Choice {
                    name: format!("{place} operation"),
                    group: group.to_owned(),
                    value: operation.name().to_owned(),
                    values: offered(operation),
                    edge: Some((source, target)),
                });
                choices.push(Choice {
                    name: format!("{place} input"),
                    group: group.to_owned(),
                    value: source.to_string(),
                    values: (0..target).map(|n| n.to_string()).collect(),
                    edge: None,
                });
            }
        }
        Ok(choices)
    }

    fn choose(&self, text: &str, index: usize, value: &str) -> Result<String> {
        check_choice(&self.choices(text)?, index, value)?;
        let mut genotype: Genotype = text.parse()?;
        let cells = [&mut genotype.normal, &mut genotype.reduce];
        for (i, edge) in cells
            .into_iter()
            .flat_map(|c| &mut c.edges)
            .flatten()
            .enumerate()
        {
            match (
                index.checked_sub(2 * i),
                Operation::by_name(value),
                value.parse(),
            ) {
                (Some(0), Some(operation), _) => edge.0 = operation,
                (Some(1), _, Ok(source)) => edge.1 = source,
                _ => {}
            }
        }
        Ok(genotype.to_string())
    }

    fn sample(&self, seed: u64) -> String {
        let mut stream = Stream::new(seed, "sample.darts");
        let normal = draw(&mut stream);
        let reduce = draw(&mut stream);
        Genotype { normal, reduce }.to_string()
    }

    fn observe(&self) -> Policy {
        Policy::Flow
    }

    fn build(&self, text: &str, options: &Options) -> Result<Architecture> {
        let genotype: Genotype = text.parse()?;
        let arch = genotype.to_string();
        options.check_names(&OPTIONS)?;
        let imagenet = options.word(&OPTIONS, "network", &NETWORKS)? == NETWORKS[1];
        let options = match imagenet {
            true => options.or(&IMAGENET),
            false => options.clone(),
        };
        let number = |name, range| options.number(&OPTIONS, name, range);
        let plan = Plan {
            genotype,
            imagenet,
            channels: number("channels", 2..=1024)?,
            layers: number("layers", 1..=100)?,
            classes: number("classes", 1..=100_000)?,
            auxiliary: options.flag(&OPTIONS, "auxiliary")?,
            features: options.word(&OPTIONS, OUTPUT.name, &OUTPUTS)? == OUTPUT.default,
        };
        let size = number("size", 1..=LARGEST)?;
        Ok(Architecture {
            source: self.name(),
            arch,
            options: options.describe(&OPTIONS),
            published: false,
            observe: self.observe(),
            normalisation: match imagenet {
                true => Normalisation::IMAGENET,
                false => Normalisation::CIFAR,
            },
            network: Arc::new(at_size(size, |size| plan.network(size))?),
            start: Start::default(),
            notes: Vec::new(),
        })
    }
}

/// The operations that an edge may have: the space's, and what it has now.
fn offered(now: Operation) -> Vec<String> {
    let own = Operation::ALL.into_iter().enumerate();
    own.filter(|&(i, o)| i < Operation::OWN || o == now)
        .map(|(_, o)| o.name().to_owned())
        .collect()
}

/// A uniform random cell of the space: four nodes, two different inputs each,
/// no `none` edge.
fn draw(stream: &mut Stream) -> Cell {
    let node = |node: usize| {
        let first = stream.below(node);
        let mut second = stream.below(node - 1);
        second += usize::from(second >= first);
        let mut operation = || Operation::ALL[1 + stream.below(Operation::OWN - 1)];
        [
            (operation(), first.min(second)),
            (operation(), first.max(second)),
        ]
    };
    Cell {
        edges: (2..6).map(node).collect(),
        concat: vec![2, 3, 4, 5],
    }
}
