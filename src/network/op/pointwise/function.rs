//! Pointwise functions by name. Their formulas stand in `table`.

/// A pointwise non-linear function between layers. Where one has a kink, its
/// derivatives there are PyTorch's: those of the flat or the left side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Activation {
    /// max(x, 0), derivative 0 at 0.
    Relu,
    /// x·Φ(x) with the error function, not the tanh approximation.
    Gelu,
    /// The tanh approximation: x/2·(1 + tanh(√(2/π)·(x + 0.044715 x³))).
    GeluTanh,
    /// x where positive, else `slope`·x; the slope at 0.
    LeakyRelu {
        /// Slope on the negative side, as a rule 0.01.
        slope: f64,
    },
    /// x where positive, else `alpha`·(eˣ − 1).
    Elu {
        /// Where the negative side saturates, as a rule 1.
        alpha: f64,
    },
    /// λ·(x where positive, else α·(eˣ − 1)), with the two published numbers.
    Selu,
    /// x where positive, else `alpha`·(e^(x/alpha) − 1).
    Celu {
        /// Where the negative side saturates, as a rule 1.
        alpha: f64,
    },
    /// 1/(1 + e⁻ˣ).
    Sigmoid,
    /// `alpha`·x + `beta`, cut off at 0 and 1; derivative 0 at both ends.
    /// PyTorch has 1/6 and 1/2, ONNX's default is 0.2 and 1/2.
    HardSigmoid {
        /// Slope.
        alpha: f64,
        /// Value at 0.
        beta: f64,
    },
    /// x·clip(x/6 + 1/2, 0, 1); derivative 0 at −3, 1 at 3.
    HardSwish,
    /// x/(1 + e^(−beta·x)), also called swish.
    Silu {
        /// As a rule 1; in CLIP 1.702, which is near GELU.
        beta: f64,
    },
    /// x·tanh(ln(1 + eˣ)).
    Mish,
    /// Hyperbolic tangent.
    Tanh,
    /// ln(1 + eˣ).
    Softplus,
    /// x/(1 + |x|).
    Softsign,
    /// x above `threshold`, else 0; derivative 0 at the threshold.
    Thresholded {
        /// From where on x passes, as a rule 1.
        threshold: f64,
    },
    /// x − `bias` above `edge`, x + `bias` below −`edge`, else 0; derivative 0
    /// at both edges.
    Shrink {
        /// Up to where x becomes 0, as a rule 0.5.
        edge: f64,
        /// What is taken off beyond; 0 is a hard shrink.
        bias: f64,
    },
    /// sin x.
    Sin,
    /// cos x.
    Cos,
    /// x cut off at both ends (ReLU6 is 0 to 6); derivative 0 at both ends.
    Clip {
        /// Smallest value; −∞ for none.
        min: f64,
        /// Largest value; ∞ for none.
        max: f64,
    },
}

impl Activation {
    /// The word used for it in evidence and messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Relu => "relu",
            Self::Gelu => "gelu",
            Self::GeluTanh => "gelu-tanh",
            Self::LeakyRelu { .. } => "leaky-relu",
            Self::Elu { .. } => "elu",
            Self::Selu => "selu",
            Self::Celu { .. } => "celu",
            Self::Sigmoid => "sigmoid",
            Self::HardSigmoid { .. } => "hard-sigmoid",
            Self::HardSwish => "hard-swish",
            Self::Silu { .. } => "silu",
            Self::Mish => "mish",
            Self::Tanh => "tanh",
            Self::Softplus => "softplus",
            Self::Softsign => "softsign",
            Self::Thresholded { .. } => "thresholded",
            Self::Shrink { .. } => "shrink",
            Self::Sin => "sin",
            Self::Cos => "cos",
            Self::Clip { .. } => "clip",
        }
    }
}

/// A pointwise function that is part of another operation (an attention, a
/// normalisation written out), so that `flow` does not observe it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Function {
    /// eˣ.
    Exp,
    /// Natural logarithm.
    Log,
    /// √x.
    Sqrt,
    /// 1/x.
    Reciprocal,
    /// |x|; derivative 0 at 0.
    Abs,
    /// The error function.
    Erf,
    /// x to this power. With an even or odd whole power, negative x as in
    /// arithmetic; with another, not a number.
    Power(f64),
}

impl Function {
    /// The word used for it in evidence and messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exp => "exp",
            Self::Log => "log",
            Self::Sqrt => "sqrt",
            Self::Reciprocal => "reciprocal",
            Self::Abs => "abs",
            Self::Erf => "erf",
            Self::Power(_) => "power",
        }
    }
}
