//! Pointwise functions, in the operators of opset 17.

#![allow(
    clippy::cast_possible_truncation,
    reason = "f32 is the file's precision"
)]

use super::graph::{Attribute, Graph};
use crate::network::{Activation, Function};

/// The operator of an activation that opset 17 has, with what it is told.
fn operator(activation: Activation) -> Option<(&'static str, Vec<Attribute<'static>>)> {
    use Attribute::Float;
    let plain = |name| Some((name, Vec::new()));
    match activation {
        Activation::Relu => plain("Relu"),
        Activation::Selu => plain("Selu"),
        Activation::Sigmoid => plain("Sigmoid"),
        Activation::HardSwish => plain("HardSwish"),
        Activation::Tanh => plain("Tanh"),
        Activation::Softplus => plain("Softplus"),
        Activation::Softsign => plain("Softsign"),
        Activation::Sin => plain("Sin"),
        Activation::Cos => plain("Cos"),
        Activation::LeakyRelu { slope } => Some(("LeakyRelu", vec![Float("alpha", slope)])),
        Activation::Elu { alpha } => Some(("Elu", vec![Float("alpha", alpha)])),
        Activation::Celu { alpha } => Some(("Celu", vec![Float("alpha", alpha)])),
        Activation::Thresholded { threshold } => {
            Some(("ThresholdedRelu", vec![Float("alpha", threshold)]))
        }
        Activation::HardSigmoid { alpha, beta } => {
            let told = vec![Float("alpha", alpha), Float("beta", beta)];
            Some(("HardSigmoid", told))
        }
        Activation::Shrink { edge, bias } => {
            let told = vec![Float("lambd", edge), Float("bias", bias)];
            Some(("Shrink", told))
        }
        Activation::Gelu
        | Activation::GeluTanh
        | Activation::Silu { .. }
        | Activation::Mish
        | Activation::Clip { .. } => None,
    }
}

/// Adds an activation; those without an operator as PyTorch writes them out.
pub(super) fn activate(graph: &mut Graph<'_>, name: &str, of: Activation, x: &str) -> String {
    if let Some((operator, told)) = operator(of) {
        return graph.push(name, operator, &[x], told);
    }
    let mut parts = Parts { graph, name };
    match of {
        Activation::Clip { min, max } => {
            let bounds = [("min", min), ("max", max)];
            // A bound that is not there is an input without a name.
            let bounds = bounds.map(|(part, bound)| match bound.is_finite() {
                true => parts.number(part, bound),
                false => String::new(),
            });
            graph.push(name, "Clip", &[x, &bounds[0], &bounds[1]], Vec::new())
        }
        Activation::Silu { beta } => {
            let steep = match beta {
                1.0 => x.to_owned(),
                _ => parts.with("steep", "Mul", x, beta),
            };
            let sigmoid = parts.of("sigmoid", "Sigmoid", &[&steep]);
            graph.push(name, "Mul", &[x, &sigmoid], Vec::new())
        }
        Activation::Mish => {
            let plus = parts.of("softplus", "Softplus", &[x]);
            let tanh = parts.of("tanh", "Tanh", &[&plus]);
            graph.push(name, "Mul", &[x, &tanh], Vec::new())
        }
        Activation::GeluTanh => {
            let cube = parts.with("cube", "Pow", x, 3.0);
            let cube = parts.with("small", "Mul", &cube, 0.044_715);
            let sum = parts.of("sum", "Add", &[x, &cube]);
            let sum = parts.with("root", "Mul", &sum, (2.0 / std::f64::consts::PI).sqrt());
            let tanh = parts.of("tanh", "Tanh", &[&sum]);
            parts.half(x, &tanh)
        }
        // The others have an operator.
        _ => {
            let part = parts.with("scaled", "Div", x, std::f64::consts::SQRT_2);
            let erf = parts.of("erf", "Erf", &[&part]);
            parts.half(x, &erf)
        }
    }
}

/// Adds a function that is no activation.
pub(super) fn map(graph: &mut Graph<'_>, name: &str, of: Function, x: &str) -> String {
    let operator = match of {
        Function::Exp => "Exp",
        Function::Log => "Log",
        Function::Sqrt => "Sqrt",
        Function::Reciprocal => "Reciprocal",
        Function::Abs => "Abs",
        Function::Erf => "Erf",
        Function::Power(power) => return with_number(graph, name, "Pow", x, power),
    };
    graph.push(name, operator, &[x], Vec::new())
}

/// Adds an operator whose second operand is a fixed number.
pub(super) fn with_number(
    graph: &mut Graph<'_>,
    name: &str,
    operator: &str,
    x: &str,
    number: f64,
) -> String {
    let number = graph.constant(&format!("{name}.number"), &[], &[number as f32]);
    graph.push(name, operator, &[x, &number], Vec::new())
}

/// The parts of a function that is written out.
struct Parts<'a, 'b> {
    graph: &'a mut Graph<'b>,
    name: &'a str,
}

impl Parts<'_, '_> {
    fn of(&mut self, part: &str, operator: &str, inputs: &[&str]) -> String {
        let name = format!("{}.{part}", self.name);
        self.graph.push(&name, operator, inputs, Vec::new())
    }

    fn with(&mut self, part: &str, operator: &str, x: &str, number: f64) -> String {
        let name = format!("{}.{part}", self.name);
        with_number(self.graph, &name, operator, x, number)
    }

    fn number(&mut self, part: &str, number: f64) -> String {
        let name = format!("{}.{part}", self.name);
        self.graph.constant(&name, &[], &[number as f32])
    }

    /// x·(1 + y)/2.
    fn half(&mut self, x: &str, y: &str) -> String {
        let one = self.with("one", "Add", y, 1.0);
        let product = self.of("product", "Mul", &[x, &one]);
        with_number(self.graph, self.name, "Mul", &product, 0.5)
    }
}
