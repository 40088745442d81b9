//! One tensor, drawn from a seed.

#![allow(
    clippy::cast_possible_truncation,
    reason = "counts are far below the types' ranges, and f32 is the passes' precision"
)]

use std::sync::{Arc, LazyLock};

use super::Scheme;
use crate::array::Array;
use crate::memo::Memo;
use crate::network::{Parameter, Role};
use crate::random::Stream;

/// What a number is drawn from.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Law {
    /// The same value everywhere.
    Value(f32),
    /// Uniform in ±1/√fan_in.
    FanIn(usize),
    /// Normal with this deviation, cut off at ±2.
    Truncated(f64),
    /// Normal with this deviation.
    Normal(f64),
}

impl Scheme {
    fn law(self, role: Role) -> Law {
        match (role, self) {
            (Role::Scale, _) => Law::Value(1.0),
            (Role::Shift, _) => Law::Value(0.0),
            (Role::Slope, _) => Law::Value(0.25),
            (Role::Table, _) => Law::Truncated(0.02),
            (Role::Kernel { .. } | Role::Dense { .. }, Self::Gaussian { deviation }) => {
                Law::Normal(deviation)
            }
            (Role::Kernel { fan_in } | Role::Dense { fan_in }, Self::Kaiming) => {
                Law::Normal(libm::sqrt(2.0 / fan_in.max(1) as f64))
            }
            (
                Role::KernelBias { .. } | Role::DenseBias { .. },
                Self::Gaussian { .. } | Self::Kaiming,
            ) => Law::Value(0.0),
            (Role::Dense { .. }, Self::Transformer { deviation }) => Law::Truncated(deviation),
            (Role::DenseBias { .. }, Self::Transformer { .. }) => Law::Value(0.0),
            (
                Role::Kernel { fan_in }
                | Role::KernelBias { fan_in }
                | Role::Dense { fan_in }
                | Role::DenseBias { fan_in },
                _,
            ) => Law::FanIn(fan_in),
        }
    }
}

/// What a drawn tensor depends on: seed, name, and the tensor's shape and law.
type Source = (u64, String, String);

/// A tensor drawn from a seed. Drawn tensors are remembered: the cells of a
/// search space share most of theirs.
pub(super) fn drawn(scheme: Scheme, parameter: &Parameter, seed: u64, name: &str) -> Arc<Array> {
    static DRAWN: LazyLock<Memo<Source, Array>> = LazyLock::new(|| Memo::new(16 << 20));
    let law = scheme.law(parameter.role);
    let how = format!("{:?} {law:?}", parameter.shape);
    DRAWN.get((seed, name.to_owned(), how), || {
        let n = parameter.shape.iter().product();
        Array::f32(parameter.shape.clone(), draw(law, n, seed, name))
    })
}

fn draw(law: Law, n: usize, seed: u64, name: &str) -> Vec<f32> {
    let mut stream = Stream::new(seed, name);
    match law {
        Law::Value(value) => vec![value; n],
        // √ and / are exactly rounded, so the bound has the same bits everywhere.
        Law::FanIn(fan_in) => stream.within(1.0 / (fan_in.max(1) as f32).sqrt(), n),
        Law::Normal(deviation) => {
            let drawn = stream.normals(n).into_iter();
            drawn.map(|x| (x * deviation) as f32).collect()
        }
        Law::Truncated(deviation) => {
            let mut kept = Vec::with_capacity(n);
            while kept.len() < n {
                let drawn = stream.normals(n - kept.len()).into_iter();
                let values = drawn.map(|x| x * deviation);
                kept.extend(values.filter(|x| x.abs() <= 2.0).map(|x| x as f32));
            }
            kept
        }
    }
}
