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
//! which samples are drawn from, has four nodes of two different inputs
//! and seven operations. The order of choices is that of the text: for each
//! edge its operation, then its input; first the normal cell.
//!
//! **Supernet**: see [`supernet`]. It is an architecture like any other: it has
//! a text, choices, a network and a score.

mod cell;
mod genotype;
mod named;
mod network;
mod supernet;

use genotype::{Arch, Cell, Genotype, Operation};
use network::Plan;

use super::blocks::{LARGEST, OUTPUT, at_size};
use super::choice::Choice;
use super::space::{Built, TypedSpace};
use super::supernet::{Layout, Supernet};
use crate::architecture::{About, Checked, Example, FLAG, Normalisation, OptionInfo, Reading};
use crate::error::Result;
use crate::network::Policy;
use crate::random::Stream;
use crate::start::Start;

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

const OPTIONS: &[OptionInfo] = &[
    OptionInfo {
        name: "network",
        default: "cifar",
        values: &NETWORKS,
        help: "cifar, or imagenet: two stems that halve the size three times",
    },
    OptionInfo {
        name: "channels",
        default: "32",
        values: &[],
        help: "C, the channels of the first cells (imagenet: 48)",
    },
    OptionInfo {
        name: "layers",
        default: "8",
        values: &[],
        help: "number of cells (imagenet: 14)",
    },
    OptionInfo {
        name: "classes",
        default: "10",
        values: &[],
        help: "outputs of the last layer (imagenet: 1000)",
    },
    OptionInfo {
        name: "size",
        default: "32",
        values: &[],
        help: "height and width of the input image, in pixels (imagenet: 224)",
    },
    OptionInfo {
        name: "auxiliary",
        default: "false",
        values: FLAG,
        help: "whether the auxiliary head is there; its outputs come last",
    },
    OUTPUT,
];

const EXAMPLES: &[Example] = &[
    Example {
        arch: named::DARTS_V2,
        title: "DARTS, second order",
    },
    Example {
        arch: named::DARTS_V1,
        title: "DARTS, first order",
    },
    Example {
        arch: named::PC_DARTS_CIFAR,
        title: "PC-DARTS",
    },
    Example {
        arch: named::P_DARTS,
        title: "P-DARTS, as JSON",
    },
];

/// Cells: two different inputs of 2, 3, 4 and 5, seven operations on each of
/// eight edges.
const CELLS: u64 = 3 * 6 * 10 * 7u64.pow(8);

impl TypedSpace for Darts {
    type Arch = Arch;

    const ABOUT: &'static About = &About {
        name: "darts",
        title: "DARTS and NAS-Bench-301 genotypes (Liu et al., 2019; Zela et al., 2022)",
        size: Some(CELLS * CELLS),
        options: OPTIONS,
        readings: &[],
        columns: &["genotype"],
        examples: EXAMPLES,
        operations: Operation::NAMES.split_at(Operation::OWN).0,
        edges: &[],
        published: false,
        observe: Policy::Flow,
    };

    const LAYOUT: Option<&'static Layout> = Some(&supernet::LAYOUT);

    fn read(text: &str, _: Option<&Reading>) -> Result<(Arch, Option<String>)> {
        read(text)
    }

    fn partial(arch: &Arch) -> Option<&Supernet> {
        match arch {
            Arch::Genotype(_) => None,
            Arch::Supernet(supernet) => Some(supernet),
        }
    }

    fn choices(arch: &Arch) -> Vec<Choice> {
        match arch {
            Arch::Genotype(genotype) => choices(genotype),
            Arch::Supernet(supernet) => supernet.choices(),
        }
    }

    fn choose(arch: &mut Arch, index: usize, value: &str) {
        let genotype = match arch {
            Arch::Genotype(genotype) => genotype,
            Arch::Supernet(supernet) => return supernet.choose(index, value),
        };
        let cells = [&mut genotype.normal, &mut genotype.reduce].into_iter();
        let mut edges = cells.flat_map(|c| &mut c.edges).flatten();
        let operation = Operation::by_name(value);
        match (edges.nth(index / 2), index % 2, operation, value.parse()) {
            (Some(edge), 0, Some(operation), _) => edge.0 = operation,
            (Some(edge), 1, _, Ok(source)) => edge.1 = source,
            _ => {}
        }
    }

    fn sample(stream: &mut Stream) -> Arch {
        Arch::Genotype(Genotype {
            normal: draw(stream),
            reduce: draw(stream),
        })
    }

    fn defaults(options: &mut Checked) -> Result<()> {
        if is_imagenet(options)? {
            options.defaults(&IMAGENET);
        }
        Ok(())
    }

    fn build(arch: &Arch, options: &Checked) -> Result<Built> {
        let imagenet = is_imagenet(options)?;
        let plan = Plan {
            arch,
            imagenet,
            channels: options.number("channels", 2..=1024)?,
            layers: options.number("layers", 1..=100)?,
            classes: options.number("classes", 1..=100_000)?,
            auxiliary: options.flag("auxiliary")?,
            features: options.word(OUTPUT.name)? == OUTPUT.default,
        };
        let size = options.number("size", 1..=LARGEST)?;
        Ok(Built {
            network: at_size(size, |size| plan.network(size))?,
            normalisation: match imagenet {
                true => Normalisation::IMAGENET,
                false => Normalisation::CIFAR,
            },
            start: Start::default(),
        })
    }
}

/// Reads a supernet, a genotype, or the name of one.
fn read(text: &str) -> Result<(Arch, Option<String>)> {
    if supernet::is_meant(text) {
        return Ok((Arch::Supernet(supernet::read(text)?), None));
    }
    let (genotype, note) = named::read(text)?;
    Ok((Arch::Genotype(genotype), note))
}

/// What can be chosen in a genotype.
fn choices(genotype: &Genotype) -> Vec<Choice> {
    let mut choices = Vec::new();
    for (group, cell) in [("normal", &genotype.normal), ("reduce", &genotype.reduce)] {
        for (i, &(operation, source)) in cell.edges.iter().flatten().enumerate() {
            let target = i / 2 + 2;
            let place = format!("node {target} {}", ["a", "b"][i % 2]);
            let name = format!("{place} operation");
            let choice = Choice::new(group, name, operation.name(), offered(operation));
            choices.push(choice.on((source, target)));
            let name = format!("{place} input");
            choices.push(Choice::new(group, name, source, 0..target));
        }
    }
    choices
}

/// Whether the options ask for the ImageNet network.
fn is_imagenet(options: &Checked) -> Result<bool> {
    Ok(options.word("network")? == NETWORKS[1])
}

/// The operations that an edge may have: the space's, and what it has now.
fn offered(now: Operation) -> impl Iterator<Item = &'static str> {
    let all = Operation::NAMES.iter().copied().enumerate();
    all.filter(move |&(i, name)| i < Operation::OWN || name == now.name())
        .map(|(_, name)| name)
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
