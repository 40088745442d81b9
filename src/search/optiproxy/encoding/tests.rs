//! Encodings of known cells, in words of the spaces' own texts.

use super::*;
use crate::sources::spaces::by_name;

fn code(space: &str, text: &str) -> Code {
    let read = of(space).unwrap().read(by_name(space).unwrap(), text);
    read.unwrap().unwrap()
}

/// The connections of a batch's only cell.
fn connections(graph: &Graph, batch: &Batch<f64>) -> Vec<(usize, usize)> {
    let there = batch
        .connections
        .iter()
        .enumerate()
        .filter(|(_, x)| **x == 1.0);
    there
        .map(|(i, _)| (i / graph.nodes, i % graph.nodes))
        .collect()
}

#[test]
fn a_cell_of_nasbench201_has_its_edges_as_nodes() {
    let cells = of("nasbench201").unwrap();
    let text =
        "|nor_conv_3x3~0|+|none~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_1x1~1|nor_conv_3x3~2|";
    let code = code("nasbench201", text);
    assert_eq!(code.operations, [3, 0, 4, 1, 2, 3].map(Some));
    assert_eq!(cells.text(&code), text);
    let graph = cells.graph();
    let batch = graph.batch::<f64>([&code].into_iter());
    // Edges 0→1, 0→2, 1→2, 0→3, 1→3, 2→3 are nodes 1 to 6.
    let expected = [
        (0, 1),
        (0, 2),
        (0, 4),
        (1, 3),
        (1, 5),
        (2, 6),
        (3, 6),
        (4, 7),
        (5, 7),
        (6, 7),
    ];
    assert_eq!(connections(&graph, &batch), expected);
    assert_eq!(batch.nodes.len(), 8 * 7);
    let places = batch.nodes.iter().enumerate().filter(|(_, x)| **x != 0.0);
    let places: Vec<usize> = places.map(|(i, _)| i % 7).collect();
    assert_eq!(places, [0, 4, 1, 5, 2, 3, 4, 6]);
}

#[test]
fn a_cell_of_nasbench101_has_its_matrix() {
    let cells = of("nasbench101").unwrap();
    let graph = cells.graph();
    let text = "0101011000101000000000000010000000000000010000000 input,conv3x3-bn-relu,maxpool3x3,conv3x3-bn-relu,conv3x3-bn-relu,conv1x1-bn-relu,output";
    let code = code("nasbench101", text);
    assert_eq!(cells.text(&code), text);
    assert_eq!(code.operations, [0, 2, 0, 0, 1].map(Some));
    let batch = graph.batch::<f64>([&code].into_iter());
    let digits = text.as_bytes().iter().take(49).map(|d| f64::from(d - b'0'));
    assert!(batch.connections.iter().copied().eq(digits));
    // Of a small cell the output stays the last node.
    let small = super::tests::code(
        "nasbench101",
        "0110000100010000 input,conv3x3-bn-relu,conv1x1-bn-relu,output",
    );
    let batch = graph.batch::<f64>([&small].into_iter());
    assert_eq!(
        connections(&graph, &batch),
        [(0, 1), (0, 2), (1, 6), (2, 6)]
    );
    assert_eq!(small.operations, [Some(0), Some(1), None, None, None]);
}

#[test]
fn a_genotype_of_darts_is_two_cells_in_a_row() {
    let cells = of("darts").unwrap();
    let graph = cells.graph();
    let cell = "('sep_conv_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 0), ('dil_conv_5x5', 2), ('avg_pool_3x3', 1), ('sep_conv_5x5', 2), ('dil_conv_3x3', 3), ('sep_conv_3x3', 4)";
    let text = format!(
        "Genotype(normal=[{cell}], normal_concat=[2, 3, 4, 5], reduce=[{cell}], reduce_concat=[2, 3, 4, 5])"
    );
    let code = code("darts", &text);
    assert_eq!(cells.text(&code), text);
    assert_eq!((graph.nodes, graph.width(), code.edges.len()), (22, 9, 56));
    let batch = graph.batch::<f64>([&code].into_iter());
    let first = [
        (0, 2),
        (0, 4),
        (1, 3),
        (1, 6),
        (2, 5),
        (2, 7),
        (2, 10),
        (3, 5),
        (3, 7),
        (3, 10),
        (4, 8),
        (4, 10),
        (5, 8),
        (5, 10),
        (6, 9),
        (6, 10),
        (7, 9),
        (7, 10),
        (8, 10),
        (9, 10),
    ];
    let second = first.map(|(s, t)| (s + 11, t + 11));
    let expected = [&first[..], &[(10, 11), (10, 12)], &second].concat();
    assert_eq!(connections(&graph, &batch), expected);
    // What the graph has no place for.
    let other = text.replace("sep_conv_3x3", "sep_conv_7x7");
    assert_eq!(cells.read(by_name("darts").unwrap(), &other), Ok(None));
    let other = text.replace("normal_concat=[2, 3, 4, 5]", "normal_concat=[4, 5]");
    assert_eq!(cells.read(by_name("darts").unwrap(), &other), Ok(None));
}

#[test]
fn every_drawn_cell_is_read_as_it_was_drawn() {
    for name in SPACES {
        let (cells, space) = (of(name).unwrap(), by_name(name).unwrap());
        let graph = cells.graph();
        let mut stream = Stream::new(5, "drawn");
        for seed in 0..200 {
            let logits: Vec<f64> = (0..graph.edges()).map(|_| stream.uniform() - 0.5).collect();
            let drawn = Code {
                edges: cells.draw(&logits, &mut stream).unwrap(),
                operations: (0..graph.slots.len())
                    .map(|_| Some(stream.below(graph.operations)))
                    .collect(),
            };
            let text = cells.text(&drawn);
            assert_eq!(space.canonical(&text).as_ref(), Ok(&text));
            assert_eq!(cells.read(space, &text), Ok(Some(drawn)));
            let sample = space.sample(seed);
            let read = cells.read(space, &sample).unwrap().unwrap();
            assert_eq!(cells.text(&read), sample);
        }
    }
    assert!(of("pit").is_err());
}
