//! NAS-Bench-101 (Ying et al., ICML 2019): cells of at most seven vertices and
//! nine edges.
//!
//! **Network**: a 3×3 stem, three stacks of `cells` cells with 1, 2 and 4 times
//! `stem_width` channels, a 2×2 max pool of stride 2 between stacks, global
//! mean, dense layer. Every convolution is followed by batch norm and ReLU and
//! has no bias.
//! Inside a cell, an edge from the cell's input is a 1×1 convolution of its
//! own; a vertex adds what comes in (cut to its own channels where a source has
//! one more) and applies its operation; the output concatenates its sources and
//! adds the input's projection, where there is an edge from it. The cell's
//! channels are divided among the output's sources, the first ones taking the
//! remainder one each; any other vertex has as many as the widest it leads to.
//! Vertices on no path from input to output are removed first; where there is
//! no path at all, the cell's value is zero and the network is disconnected.
//! Of isomorphic cells the benchmark trained the first in its enumeration, and
//! that one's order of vertices is built: isomorphic cells are one network.
//!
//! **Differences to the benchmark's training network**: none in structure;
//! weights start as PyTorch's and not as TensorFlow's variance scaling, and
//! batch norm takes the statistics of one image.
//!
//! **Text**: see [`graph`]. The order of choices is the edges row by row, then
//! the inner vertices. A text stays as it is written, vertices on no path and
//! all, so that an edit can be undone; isomorphic cells are different texts.

mod draw;
mod graph;

use graph::{Graph, Operation};

use super::blocks::{CLASSES, LARGEST, SIZE, at_size, batch_norm, classifier, conv, relu, zeros};
use super::choice::Choice;
use super::space::{Built, TypedSpace};
use crate::architecture::{About, Checked, Example, Normalisation, OptionInfo};
use crate::error::Result;
use crate::network::{Builder, Network, NodeId, Op, Policy};
use crate::random::Stream;
use crate::start::Start;

/// The space.
pub(super) struct NasBench101;

const OPTIONS: &[OptionInfo] = &[
    OptionInfo {
        name: "stem_width",
        default: "128",
        values: &[],
        help: "channels of the first stack; doubled twice",
    },
    OptionInfo {
        name: "cells",
        default: "3",
        values: &[],
        help: "cells in each of the three stacks",
    },
    CLASSES,
    SIZE,
];

const EXAMPLES: &[Example] = &[
    Example {
        arch: "0101011000101000000000000010000000000000010000000 input,conv3x3-bn-relu,maxpool3x3,conv3x3-bn-relu,conv3x3-bn-relu,conv3x3-bn-relu,output",
        title: "a cell with 94.0 % on CIFAR-10",
    },
    Example {
        arch: "0110000100010000 input,conv3x3-bn-relu,conv1x1-bn-relu,output",
        title: "four vertices",
    },
    Example {
        arch: r#"{"matrix": [[0, 1, 1, 1, 0, 1, 0], [0, 0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 1, 0, 0], [0, 0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 0, 0]], "ops": ["input", "conv1x1-bn-relu", "conv3x3-bn-relu", "conv3x3-bn-relu", "conv3x3-bn-relu", "maxpool3x3", "output"]}"#,
        title: "an Inception-like cell, as JSON",
    },
];

const COLUMNS: &[&str] = &[
    "adjacency_7x7_rowmajor",
    "op0",
    "op1",
    "op2",
    "op3",
    "op4",
    "op5",
    "op6",
];

/// The values of a choice about an edge.
const EDGE: [&str; 2] = ["none", "edge"];

impl TypedSpace for NasBench101 {
    type Arch = Graph;

    const ABOUT: &'static About = &About {
        name: "nasbench101",
        title: "NAS-Bench-101 cells (Ying et al., 2019)",
        size: Some(423_624),
        options: OPTIONS,
        readings: &[],
        columns: COLUMNS,
        examples: EXAMPLES,
        operations: &Operation::NAMES,
        edges: &[],
        published: false,
        observe: Policy::Layers,
    };

    fn choices(graph: &Graph) -> Vec<Choice> {
        let edge = |(source, target): (usize, usize)| {
            let mut other = graph.clone();
            other.matrix[source][target] ^= true;
            let present = graph.matrix[source][target];
            let possible = |is: &bool| *is == present || other.is_small_enough();
            let values = [false, true].into_iter().filter(possible);
            let (name, value) = (format!("{source}→{target}"), EDGE[usize::from(present)]);
            Choice::new("edges", name, value, values.map(|is| EDGE[usize::from(is)]))
                .on((source, target))
        };
        let vertex = |(i, operation): (usize, &Operation)| {
            let name = format!("vertex {}", i + 1);
            Choice::new("vertices", name, operation.name(), Operation::NAMES)
        };
        let vertices = graph.operations.iter().enumerate().map(vertex);
        graph.places().map(edge).chain(vertices).collect()
    }

    fn choose(graph: &mut Graph, index: usize, value: &str) {
        let places: Vec<(usize, usize)> = graph.places().collect();
        if let Some(&(source, target)) = places.get(index) {
            graph.matrix[source][target] = value == EDGE[1];
        } else if let Some(operation) = Operation::by_name(value) {
            graph.operations[index - places.len()] = operation;
        }
    }

    fn sample(stream: &mut Stream) -> Graph {
        draw::draw(stream)
    }

    fn build(graph: &Graph, options: &Checked) -> Result<Built> {
        let plan = Plan {
            graph: graph.pruned().map(|g| g.representative()),
            stem_width: options.number("stem_width", graph::MOST_VERTICES..=1024)?,
            cells: options.number("cells", 1..=100)?,
            classes: options.number("classes", 1..=100_000)?,
        };
        let size = options.number("size", 1..=LARGEST)?;
        Ok(Built {
            network: at_size(size, |size| plan.network(size))?,
            normalisation: Normalisation::CIFAR,
            start: Start::default(),
        })
    }
}

/// A pruned cell with the macro network's settings.
struct Plan {
    graph: Option<Graph>,
    stem_width: usize,
    cells: usize,
    classes: usize,
}

impl Plan {
    fn network(&self, size: usize) -> Result<Network> {
        let mut b = Builder::new([3, size, size])?;
        let image = b.input();
        let mut x = conv_norm_relu(&mut b, "stem", 3, self.stem_width, image)?;
        for stack in 0..3 {
            if stack > 0 {
                // TensorFlow's padding `same`: an odd side is rounded up.
                let pool = Op::MaxPool {
                    kernel: [2, 2],
                    stride: [2, 2],
                    padding: [0; 4],
                    dilation: [1, 1],
                    ceil: true,
                };
                x = b.add(&format!("stack{stack}.pool"), pool, &[x])?;
            }
            for cell in 0..self.cells {
                let name = format!("stack{stack}.cell{cell}");
                let width = self.stem_width << stack;
                x = match &self.graph {
                    Some(graph) => add_cell(&mut b, graph, &name, width, x)?,
                    None => {
                        let shape = [&[width], &b.shape(x)[1..]].concat();
                        zeros(&mut b, &name, shape)?
                    }
                };
                b.contain(x, &name, "cell");
            }
        }
        let x = classifier(&mut b, ["head.pool", "head.fc"], self.classes, x)?;
        Ok(b.finish(&[x]))
    }
}

/// Convolution, batch norm, ReLU.
fn conv_norm_relu(
    b: &mut Builder,
    name: &str,
    kernel: usize,
    width: usize,
    input: NodeId,
) -> Result<NodeId> {
    let x = b.add(&format!("{name}.conv"), conv(width, kernel, 1), &[input])?;
    let x = b.add(&format!("{name}.bn"), batch_norm(true), &[x])?;
    let x = b.add(&format!("{name}.relu"), relu(), &[x])?;
    b.contain(x, name, "op");
    Ok(x)
}

/// Channels of each vertex of a pruned cell; those of the input do not matter.
fn channels(graph: &Graph, width: usize) -> Vec<usize> {
    let last = graph.vertices() - 1;
    let into_output: Vec<usize> = (1..last).filter(|&v| graph.matrix[v][last]).collect();
    let mut channels = vec![0; last + 1];
    for (i, &v) in into_output.iter().enumerate() {
        let remainder = usize::from(i < width % into_output.len());
        channels[v] = width / into_output.len() + remainder;
    }
    for v in (1..last).rev().filter(|&v| !graph.matrix[v][last]) {
        let targets = (v + 1..last).filter(|&t| graph.matrix[v][t]);
        channels[v] = targets.map(|t| channels[t]).max().unwrap_or(0);
    }
    channels
}

fn add_cell(
    b: &mut Builder,
    graph: &Graph,
    name: &str,
    width: usize,
    input: NodeId,
) -> Result<NodeId> {
    let last = graph.vertices() - 1;
    let channels = channels(graph, width);
    let mut values = vec![input];
    for v in 1..last {
        let name = format!("{name}.vertex{v}");
        let mut operands = Vec::new();
        for source in (1..v).filter(|&s| graph.matrix[s][v]) {
            let mut x = values[source];
            if channels[source] > channels[v] {
                let cut = Op::Slice {
                    axis: 0,
                    start: 0,
                    end: channels[v],
                    step: 1,
                };
                x = b.add(&format!("{name}.cut{source}"), cut, &[x])?;
            }
            operands.push(x);
        }
        if graph.matrix[0][v] {
            let projection = format!("{name}.projection");
            operands.push(conv_norm_relu(b, &projection, 1, channels[v], input)?);
        }
        let x = match operands[..] {
            [only] => only,
            _ => b.add(&format!("{name}.sum"), Op::Sum, &operands)?,
        };
        values.push(match graph.operations[v - 1] {
            Operation::Conv3x3 => conv_norm_relu(b, &name, 3, channels[v], x)?,
            Operation::Conv1x1 => conv_norm_relu(b, &name, 1, channels[v], x)?,
            Operation::MaxPool3x3 => {
                let x = b.add(&format!("{name}.pool"), Op::max_pool(3, 1, 1), &[x])?;
                b.contain(x, &name, "op");
                x
            }
        });
    }
    let sources: Vec<NodeId> = (1..last)
        .filter(|&v| graph.matrix[v][last])
        .map(|v| values[v])
        .collect();
    let joined = match sources[..] {
        [] => None,
        [only] => Some(only),
        _ => Some(b.add(&format!("{name}.concat"), Op::Concat { axis: 0 }, &sources)?),
    };
    if !graph.matrix[0][last] {
        return Ok(joined.unwrap_or(input));
    }
    let projection = conv_norm_relu(b, &format!("{name}.projection"), 1, width, input)?;
    match joined {
        Some(joined) => b.add(&format!("{name}.sum"), Op::Sum, &[joined, projection]),
        None => Ok(projection),
    }
}
