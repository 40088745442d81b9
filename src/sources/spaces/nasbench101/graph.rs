//! A cell as a graph, its notations, and its pruned form.
//!
//! **Line**: the adjacency matrix row by row as n² digits (49 for seven
//! vertices), a blank, and the operations of all vertices with commas:
//! `0100000… input,conv3x3-bn-relu,…,output`. A comma may stand for the blank,
//! as when the line comes from the columns of a table.
//! **JSON or Python**: `{"matrix": [[0, 1, …], …], "ops": ["input", …]}` or
//! `ModelSpec(matrix=[[0, 1, …], …], ops=['input', …])`; the names
//! `module_adjacency` and `module_operations` of the benchmark's interface too,
//! and the constants of its example code: `ops=[INPUT, CONV1X1, …, OUTPUT]`.

use std::collections::HashSet;
use std::fmt::{Display, Formatter};
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::sources::spaces::literal::Literal;
use crate::sources::spaces::scan::Scanner;

/// Most vertices of a cell, input and output among them.
pub(super) const MOST_VERTICES: usize = 7;
/// Most edges of a cell, counted when it is pruned.
pub(super) const MOST_EDGES: usize = 9;

/// What a vertex does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Operation {
    /// 3×3 convolution, batch norm, ReLU.
    Conv3x3,
    /// 1×1 convolution, batch norm, ReLU.
    Conv1x1,
    /// 3×3 max pool, stride 1.
    MaxPool3x3,
}

impl Operation {
    /// All operations.
    pub(super) const ALL: [Self; 3] = [Self::Conv3x3, Self::Conv1x1, Self::MaxPool3x3];

    /// The benchmark's names.
    pub(super) const NAMES: [&'static str; 3] =
        ["conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3"];

    /// The benchmark's name.
    pub(super) fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The operation of this name.
    pub(super) fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|o| o.name() == name)
    }
}

/// The name that a constant of the benchmark's example code stands for.
fn constant(name: &str) -> &str {
    match name {
        "INPUT" => "input",
        "OUTPUT" => "output",
        "CONV3X3" => "conv3x3-bn-relu",
        "CONV1X1" => "conv1x1-bn-relu",
        "MAXPOOL3X3" => "maxpool3x3",
        other => other,
    }
}

/// A cell: vertex 0 is the input, the last the output; edges go from an
/// earlier vertex to a later one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::sources::spaces) struct Graph {
    /// Whether there is an edge from the row's vertex to the column's.
    pub(super) matrix: Vec<Vec<bool>>,
    /// The operations of the inner vertices.
    pub(super) operations: Vec<Operation>,
}

impl Graph {
    /// Number of vertices.
    pub(super) fn vertices(&self) -> usize {
        self.matrix.len()
    }

    /// Number of edges.
    pub(super) fn edges(&self) -> usize {
        self.matrix.iter().flatten().filter(|e| **e).count()
    }

    /// All places of edges, row by row.
    pub(super) fn places(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let n = self.vertices();
        (0..n).flat_map(move |source| (source + 1..n).map(move |target| (source, target)))
    }

    /// The graph without the vertices that are on no path from the input to
    /// the output; none when there is no path.
    pub(super) fn pruned(&self) -> Option<Self> {
        let n = self.vertices();
        let mut from_input = vec![false; n];
        let mut to_output = vec![false; n];
        from_input[0] = true;
        to_output[n - 1] = true;
        for (source, target) in self.places().filter(|&(s, t)| self.matrix[s][t]) {
            from_input[target] |= from_input[source];
        }
        // Rows in reverse: whatever a vertex leads to is known before it.
        for source in (0..n).rev() {
            to_output[source] |= (0..n).any(|t| self.matrix[source][t] && to_output[t]);
        }
        if !from_input[n - 1] {
            return None;
        }
        let kept: Vec<usize> = (0..n).filter(|&v| from_input[v] && to_output[v]).collect();
        let row = |&s: &usize| kept.iter().map(|&t| self.matrix[s][t]).collect();
        Some(Self {
            matrix: kept.iter().map(row).collect(),
            operations: kept[1..kept.len() - 1]
                .iter()
                .map(|&v| self.operations[v - 1])
                .collect(),
        })
    }

    /// All descriptions of the cell with as many vertices, itself among them:
    /// its inner vertices numbered in every order that edges allow.
    pub(super) fn descriptions(&self) -> HashSet<Self> {
        let mut found = HashSet::from([self.clone()]);
        let mut open = vec![self.clone()];
        // Neighbours that no edge joins can change places; all orders follow.
        while let Some(graph) = open.pop() {
            for v in 1..graph.vertices().saturating_sub(2) {
                if graph.matrix[v][v + 1] {
                    continue;
                }
                let mut other = graph.clone();
                other.operations.swap(v - 1, v);
                other.matrix.swap(v, v + 1);
                other.matrix.iter_mut().for_each(|row| row.swap(v, v + 1));
                if found.insert(other.clone()) {
                    open.push(other);
                }
            }
        }
        found
    }

    /// The description that the benchmark trained: of a cell's descriptions the
    /// first in its enumeration. The order decides which vertices get the
    /// channels that a division leaves over.
    pub(super) fn representative(&self) -> Self {
        // Columns from the last, then rows from the last, count most.
        let bits = |g: &Self| {
            let columns = (0..g.vertices()).rev();
            let places = columns.flat_map(|t| (0..t).rev().map(move |s| (s, t)));
            places.map(|(s, t)| g.matrix[s][t]).collect::<Vec<bool>>()
        };
        let all = self.descriptions().into_iter();
        all.min_by_key(|g| (bits(g), g.operations.clone()))
            .unwrap_or_else(|| self.clone())
    }

    /// Whether the benchmark has room for it: at most nine edges when pruned.
    pub(super) fn is_small_enough(&self) -> bool {
        self.pruned().is_none_or(|p| p.edges() <= MOST_EDGES)
    }

    /// Refuses a graph with too many edges.
    fn checked(self) -> Result<Self> {
        if self.is_small_enough() {
            return Ok(self);
        }
        let edges = self.pruned().map_or(0, |p| p.edges());
        Err(Error::Architecture {
            position: 1,
            found: format!("{edges} edges on paths from input to output"),
            expected: format!("at most {MOST_EDGES} edges, as in the benchmark"),
            nearest: None,
        })
    }
}

impl Display for Graph {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        for edge in self.matrix.iter().flatten() {
            f.write_str(if *edge { "1" } else { "0" })?;
        }
        f.write_str(" input,")?;
        for operation in &self.operations {
            write!(f, "{},", operation.name())?;
        }
        f.write_str("output")
    }
}

impl FromStr for Graph {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.trim_start().chars().next() {
            Some('0' | '1') => line(text)?.checked(),
            Some(c) if c == '{' || c.is_alphabetic() => literal(text)?.checked(),
            _ => Scanner::new(text).fail("the digits of an adjacency matrix, or {\"matrix\": …}"),
        }
    }
}

/// The names a vertex may have.
fn names(vertex: usize, vertices: usize) -> Vec<&'static str> {
    if vertex == 0 {
        vec!["input"]
    } else if vertex + 1 == vertices {
        vec!["output"]
    } else {
        Operation::NAMES.to_vec()
    }
}

fn line(text: &str) -> Result<Graph> {
    let mut scanner = Scanner::new(text);
    scanner.blanks();
    let digits = scanner.rest();
    let digits = &digits[..digits
        .find(|c| c != '0' && c != '1')
        .unwrap_or(digits.len())];
    let Some(n) = (2..=MOST_VERTICES).find(|n| n * n == digits.len()) else {
        let expected = format!(
            "4, 9, 16, 25, 36 or 49 digits 0 or 1 (n² for n vertices), and there are {}",
            digits.len()
        );
        scanner.advance(digits.len());
        return scanner.fail(expected);
    };
    let mut matrix = vec![vec![false; n]; n];
    for (i, digit) in digits.chars().enumerate() {
        let (source, target) = (i / n, i % n);
        if digit == '1' && source >= target {
            return scanner.fail(format!(
                "0 in row {}, column {}: an edge goes to a later vertex",
                source + 1,
                target + 1
            ));
        }
        matrix[source][target] = digit == '1';
        scanner.advance(1);
    }
    if !scanner.rest().starts_with(',') && !scanner.rest().starts_with(char::is_whitespace) {
        return scanner.fail(format!("a blank, and {n} operations"));
    }
    scanner.blanks();
    scanner.take(',');
    let mut operations = Vec::new();
    for vertex in 0..n {
        if vertex > 0 {
            scanner.sign(',')?;
        }
        scanner.blanks();
        let known = names(vertex, n);
        let word = scanner.until(&[',', ' ', '\t', '\n']);
        if !known.contains(&word) {
            let expected = format!("vertex {} of {n}: {}", vertex + 1, known.join(", "));
            return scanner.fail_near(expected, word, &known);
        }
        operations.extend(Operation::by_name(word));
        scanner.advance(word.len());
    }
    scanner.end("the end of the cell")?;
    Ok(Graph { matrix, operations })
}

fn literal(text: &str) -> Result<Graph> {
    let whole = Literal::read(text)?;
    let names_of_parts = ["matrix", "ops", "module_adjacency", "module_operations"];
    let [a, b, c, d] = whole.fields(names_of_parts, "{\"matrix\": …, \"ops\": …}")?;
    let (Some(matrix), Some(ops)) = (a.or(c), b.or(d)) else {
        return whole.fail("both 'matrix' and 'ops'");
    };
    let rows = matrix.list("a list of rows")?;
    let n = rows.len();
    if !(2..=MOST_VERTICES).contains(&n) {
        return matrix.fail(format!("2 to {MOST_VERTICES} rows"));
    }
    let mut edges = vec![vec![false; n]; n];
    for (source, row) in rows.iter().enumerate() {
        let cells = row.list("a row of the matrix")?;
        if cells.len() != n {
            return row.fail(format!("{n} numbers, as many as there are rows"));
        }
        for (target, cell) in cells.iter().enumerate() {
            edges[source][target] = match cell.whole("0 or 1")? {
                0 => false,
                1 if source < target => true,
                1 => return cell.fail("0: an edge goes to a later vertex"),
                _ => return cell.fail("0 or 1"),
            };
        }
    }
    let ops_list = ops.list("a list of operations")?;
    if ops_list.len() != n {
        return ops.fail(format!("{n} operations, one for each row"));
    }
    let mut operations = Vec::new();
    for (vertex, op) in ops_list.iter().enumerate() {
        let known = names(vertex, n);
        let expected = format!("vertex {} of {n}: {}", vertex + 1, known.join(", "));
        let name = constant(op.text(&expected)?);
        if !known.contains(&name) {
            return op.fail_near(expected, &known);
        }
        operations.extend(Operation::by_name(name));
    }
    Ok(Graph {
        matrix: edges,
        operations,
    })
}
