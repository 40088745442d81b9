//! Constants that meet computed values: learned, or part of the graph.

use std::collections::HashSet;

use super::context::Lowering;
use crate::array::{Array, Values};
use crate::error::Result;
use crate::network::Op;
use crate::sources::onnx::inputs::WeightSource;
use crate::sources::onnx::operator::{Call, Live, Value, without_leading_ones};
use crate::sources::onnx::tensor::{Kind, Tensor};

/// A table (position embedding, relative positions) with a root mean square
/// of at most this is drawn anew; a larger one keeps the file's numbers, as it
/// is rather computed (sines) or far from where it started.
const LARGEST_DRAWN: f64 = 0.1;

/// A table has more different values than this; an initial constant (layer
/// scale, a class token of zeros) or a mask has not.
const FEW_VALUES: usize = 16;

/// More than four times as many numbers as different ones, and not more
/// different ones than this: coordinates, which nobody learns.
const MANY_VALUES: usize = 256;

/// A number below this makes a constant a mask, which nobody learns.
const MASKED: f32 = -50.0;

/// Infinities inside the graph (masks): large enough, and finite.
const INFINITE: f32 = 1e30;

/// What becomes of a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Learned; drawn anew.
    Drawn,
    /// Learned; keeps the file's numbers.
    Kept,
    /// Part of the graph.
    Fixed,
}

impl<'a> Lowering<'a> {
    /// An operand as a node of the network; a constant becomes one.
    pub(super) fn live(&mut self, call: &Call<'a>, i: usize) -> Result<Live> {
        match call.value(i)?.clone() {
            Value::Live(live) => Ok(live),
            Value::Const(tensor) => self.constant(call, &tensor),
            Value::Random(_) => Err(call.random()),
        }
    }

    /// A node for a constant.
    ///
    /// An initialiser of floats, other than a single number or a mask, is
    /// learned. Numbers that were computed from others, constants inside the
    /// graph, masks and whole numbers are part of the graph.
    pub(super) fn constant(&mut self, call: &Call<'a>, tensor: &Tensor<'a>) -> Result<Live> {
        let mut own = without_leading_ones(&tensor.shape);
        if own.is_empty() {
            own.push(1);
        }
        if self.aside {
            return self.at_hand(call, tensor, own);
        }
        let values = self.constants.floats(tensor)?;
        if values.is_empty() || values.iter().any(|v| v.is_nan()) {
            return Err(call.fail(
                format!(
                    "takes a constant of shape {:?} that is empty or not a number",
                    tensor.shape
                ),
                "export the network again with sound weights",
            ));
        }
        let learnable = tensor
            .name
            .filter(|_| tensor.kind == Kind::Float && (tensor.len() > 1 || is_gain(tensor)));
        if tensor.name.is_none()
            && let Some(node) = self.computed(tensor, &own)?
        {
            return Ok(Live::new(node, tensor.shape.clone()));
        }
        let role = match learnable {
            None => Role::Fixed,
            Some(_) => role(&values),
        };
        if let (Some(name), false) = (learnable, role == Role::Fixed) {
            // Used twice, it is one parameter still; but one number everywhere
            // is how several start, which an exporter stores once.
            let start = values.iter().all(|v| *v == values[0]);
            let there = self.learned.get(&(name, own.clone()));
            if let Some(&there) = there.filter(|_| !start) {
                return Ok(Live::new(there, tensor.shape.clone()));
            }
            let node = self.push(name, Op::Constant(own.clone()), &[])?;
            self.learned.insert((name, own.clone()), node);
            let keep = role == Role::Kept;
            self.parameter(node, "weight", tensor, &own, keep, <[f32]>::to_vec)?;
            if keep && self.source == WeightSource::Seed {
                self.kept += 1;
            }
            return Ok(Live::new(node, tensor.shape.clone()));
        }
        let bounded = values.iter().map(|v| v.clamp(-INFINITE, INFINITE));
        let op = Op::Fixed {
            shape: own,
            values: bounded.collect(),
        };
        let name = tensor
            .name
            .map_or_else(|| format!("{}/constant", call.name), str::to_owned);
        let node = self.push(&name, op, &[])?;
        Ok(Live::new(node, tensor.shape.clone()))
    }

    /// Whether a constant is one number everywhere that nobody learns: exporters
    /// write zeros for a bias that a layer has not, and ones for a scale.
    pub(super) fn is_filler(&self, tensor: &Tensor<'a>, number: f32) -> Result<bool> {
        let Some(value) = tensor.computed.filter(|_| tensor.name.is_none()) else {
            return Ok(false);
        };
        let same = self.constants.floats(tensor)?.iter().all(|&v| v == number);
        let graph = &self.model.graph;
        Ok(same
            && !self
                .origins
                .holds(graph, value, true, &self.constants.budget)?)
    }

    /// A node for a constant beside others, with all bits of its numbers.
    fn at_hand(&mut self, call: &Call<'a>, tensor: &Tensor<'a>, own: Vec<usize>) -> Result<Live> {
        let values: Vec<f64> = match tensor.kind {
            Kind::Float => {
                let values = self.constants.floats(tensor)?;
                values.iter().map(|&v| f64::from(v)).collect()
            }
            _ => {
                let values = self.constants.ints(tensor)?;
                values.iter().map(|&v| v as f64).collect()
            }
        };
        let node = self.push(&call.name, Op::Constant(own.clone()), &[])?;
        let array = Array {
            shape: own,
            values: Values::F64(values),
        };
        self.given.entry(node).or_default().push(("weight", array));
        Ok(Live::new(node, tensor.shape.clone()))
    }
}

/// Whether a single number is a parameter of PyTorch, which has dots in its path
/// and an attribute at its end: a gain that is learned, not a number of the graph.
/// (Other exporters number theirs: `helper.constant.46`.)
pub(super) fn is_gain(tensor: &Tensor<'_>) -> bool {
    let path = |name: &str| {
        let last = name.rsplit_once('.').map_or("", |(_, last)| last);
        last.starts_with(|c: char| c.is_alphabetic() || c == '_') && !name.contains(['/', ':'])
    };
    tensor.kind == Kind::Float && tensor.len() == 1 && tensor.name.is_some_and(path)
}

/// What becomes of an initialiser of these numbers.
pub(super) fn role(values: &[f32]) -> Role {
    if values.iter().any(|&v| v <= MASKED || !v.is_finite()) {
        return Role::Fixed;
    }
    let mut different = HashSet::with_capacity(MANY_VALUES + 1);
    for value in values {
        different.insert(value.to_bits());
        if different.len() > MANY_VALUES {
            break;
        }
    }
    let grid = 2..=(values.len() / 4).min(MANY_VALUES);
    if grid.contains(&different.len()) && values.len() > MANY_VALUES {
        return Role::Fixed;
    }
    let squares: f64 = values.iter().map(|&v| f64::from(v) * f64::from(v)).sum();
    let size = (squares / values.len() as f64).sqrt();
    if different.len() > FEW_VALUES && size <= LARGEST_DRAWN {
        Role::Drawn
    } else {
        Role::Kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_becomes_of_constants() {
        let table: Vec<f32> = (0..100)
            .map(|i| ((i * 37 % 100) as f32 - 50.0) * 4e-4)
            .collect();
        assert_eq!(role(&table), Role::Drawn);
        let sines: Vec<f32> = (0..100).map(|i| (i as f32).sin()).collect();
        assert_eq!(role(&sines), Role::Kept);
        let coordinates: Vec<f32> = (0..450).map(|i| (i % 15) as f32 - 7.0).collect();
        assert_eq!(role(&coordinates), Role::Fixed);
        assert_eq!(role(&[1e-6; 96]), Role::Kept);
        assert_eq!(role(&[0.0; 96]), Role::Kept);
        assert_eq!(role(&[0.0, -100.0, 0.0, 0.0]), Role::Fixed);
        assert_eq!(role(&[0.0, f32::NEG_INFINITY]), Role::Fixed);
    }
}
