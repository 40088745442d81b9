//! Maps to decompose: chosen ones, and random ones of the kinds that networks
//! make.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a launch's sizes were held against the kernels' limits before"
)]

use crate::random::Stream;

/// A map, row-major.
#[derive(Debug, Clone)]
pub(in crate::svd) struct Map {
    pub(in crate::svd) name: String,
    pub(in crate::svd) rows: usize,
    pub(in crate::svd) columns: usize,
    pub(in crate::svd) values: Vec<f32>,
}

type Activation = (&'static str, fn(f32) -> f32);

/// What a network applies after a batch norm.
const ACTIVATIONS: [Activation; 5] = [
    ("SiLU", |x| x / (1.0 + libm::expf(-x))),
    ("GELU", |x| {
        0.5 * x * (1.0 + libm::erff(x / std::f32::consts::SQRT_2))
    }),
    ("hard-swish", |x| x * (x + 3.0).clamp(0.0, 6.0) / 6.0),
    ("sigmoid", |x| 1.0 / (1.0 + libm::expf(-x))),
    ("ReLU", |x| x.max(0.0)),
];

impl Map {
    pub(in crate::svd) fn new(
        rows: usize,
        columns: usize,
        value: impl FnMut(usize) -> f32,
    ) -> Self {
        let values = (0..rows * columns).map(value).collect();
        let name = format!("{rows}×{columns}");
        Self {
            name,
            rows,
            columns,
            values,
        }
    }

    pub(in crate::svd) fn named(mut self, name: &str) -> Self {
        self.name = format!("{name}, {}", self.name);
        self
    }

    pub(in crate::svd) fn random(rows: usize, columns: usize) -> Self {
        let mut stream = Stream::new((rows * 4096 + columns) as u64, "map");
        Self::new(rows, columns, |_| stream.normal() as f32)
    }

    pub(in crate::svd) fn map(mut self, change: impl Fn(f32) -> f32) -> Self {
        self.values.iter_mut().for_each(|x| *x = change(*x));
        self
    }

    /// Singular values from 1 down to 1 / `condition`, evenly in the logarithm.
    pub(in crate::svd) fn with_condition(rows: usize, columns: usize, condition: f64) -> Self {
        let last = (rows.min(columns) - 1) as f64;
        let mut stream = Stream::new(11, "condition");
        Self::with_values(rows, columns, &mut stream, |i| {
            condition.powf(-(i as f64) / last.max(1.0))
        })
    }

    /// Given singular values: a diagonal, its rows and columns shuffled, under
    /// random reflections from both sides.
    fn with_values(
        rows: usize,
        columns: usize,
        stream: &mut Stream,
        sigma: impl Fn(usize) -> f64,
    ) -> Self {
        let mut a = vec![0.0f64; rows * columns];
        let (down, across) = (shuffled(rows, stream), shuffled(columns, stream));
        for (i, (row, column)) in down.into_iter().zip(across).enumerate() {
            a[row * columns + column] = sigma(i);
        }
        for _ in 0..2 {
            let mut reflector = |n: usize| -> Vec<f64> {
                let v: Vec<f64> = (0..n).map(|_| stream.normal()).collect();
                let norm = v.iter().map(|x| x * x).sum::<f64>().sqrt();
                v.iter().map(|x| x / norm).collect()
            };
            let (u, v) = (reflector(rows), reflector(columns));
            for j in 0..columns {
                let dot: f64 = (0..rows).map(|i| u[i] * a[i * columns + j]).sum();
                (0..rows).for_each(|i| a[i * columns + j] -= 2.0 * dot * u[i]);
            }
            for row in a.chunks_exact_mut(columns) {
                let dot: f64 = row.iter().zip(&v).map(|(x, y)| x * y).sum();
                row.iter_mut()
                    .zip(&v)
                    .for_each(|(x, y)| *x -= 2.0 * dot * y);
            }
        }
        Self::new(rows, columns, |e| a[e] as f32)
    }

    /// The map after a convolution of `inputs` channels by 1×1, a batch norm and
    /// an activation.
    fn of_layer(
        rows: usize,
        columns: usize,
        inputs: usize,
        activation: usize,
        stream: &mut Stream,
    ) -> Self {
        let mut image = |_| stream.normal() as f32;
        let image: Vec<f32> = (0..inputs * columns).map(&mut image).collect();
        let (name, act) = ACTIVATIONS[activation];
        let mut values = Vec::with_capacity(rows * columns);
        for _ in 0..rows {
            let mut row = vec![0.0f32; columns];
            for channel in image.chunks_exact(columns) {
                let weight = 2.0 * stream.uniform_f32() - 1.0;
                row.iter_mut()
                    .zip(channel)
                    .for_each(|(y, x)| *y += weight * x);
            }
            let mean = row.iter().sum::<f32>() / columns as f32;
            let square = row.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>();
            let deviation = (square / columns as f32 + 1e-5).sqrt();
            values.extend(row.iter().map(|x| act((x - mean) / deviation)));
        }
        let name = format!("{name} of {inputs} channels");
        Self::new(rows, columns, |e| values[e]).named(&name)
    }

    /// The random map of this number: sides from 1 to 256, and all kinds.
    pub(in crate::svd) fn any(number: u64) -> Self {
        let stream = &mut Stream::new(number, "any map");
        let (rows, columns) = (side(stream), side(stream));
        let least = rows.min(columns);
        let map = match number % 12 {
            // Few channels make many: the spectrum falls to rounding and below.
            0..=3 => {
                let pixels = columns + stream.below(400);
                let inputs = 1 + stream.below(5);
                Self::of_layer(rows, pixels, inputs, stream.below(5), stream)
            }
            4 | 5 => {
                let inputs = 8 + stream.below(64);
                Self::of_layer(rows, columns, inputs, stream.below(5), stream)
            }
            6 => {
                let condition = libm::exp10(12.0 * stream.uniform());
                let last = (least - 1).max(1) as f64;
                let graded = |i| condition.powf(-(i as f64) / last);
                Self::with_values(rows, columns, stream, graded).named("graded")
            }
            7 => {
                let rank = 1 + stream.below(least);
                let within = |i| if i < rank { 1.0 / (1 + i) as f64 } else { 0.0 };
                Self::with_values(rows, columns, stream, within).named(&format!("rank {rank}"))
            }
            8 => {
                let (after, gap) = (stream.below(least), libm::exp10(-9.0 * stream.uniform()));
                let steps = |i| if i <= after { 1.0 } else { gap };
                Self::with_values(rows, columns, stream, steps).named(&format!("gap {gap:e}"))
            }
            9 => {
                let map = Self::of_layer(rows, columns, 1 + rows / 3, stream.below(5), stream);
                map.with_copies(stream).named("copies and dead channels")
            }
            10 => {
                let scale = |_| libm::exp10(-12.0 * stream.uniform()) as f32;
                let scales: Vec<f32> = (0..rows).map(scale).collect();
                let map = Self::with_values(rows, columns, stream, |_| 1.0);
                Self::new(rows, columns, |e| scales[e / columns] * map.values[e])
                    .named("rows of all sizes")
            }
            _ => match stream.below(4) {
                0 => Self::random(rows, 1).named("one column"),
                1 => Self::random(1, columns).named("one row"),
                2 => Self::new(rows, columns, |_| 0.0).named("zero"),
                _ => Self::random(rows, columns).named("random"),
            },
        };
        map.named(&number.to_string())
    }

    /// A third of the rows repeat another, nearly or exactly; some are zero.
    fn with_copies(mut self, stream: &mut Stream) -> Self {
        for i in 0..self.rows {
            let other = stream.below(self.rows) * self.columns;
            let tiny = libm::exp10(-4.0 - 8.0 * stream.uniform());
            let choice = stream.below(12);
            for j in 0..self.columns {
                let copied = match choice {
                    0 | 1 => self.values[other + j],
                    2 | 3 => self.values[other + j] + (tiny * stream.normal()) as f32,
                    4 => 0.0,
                    _ => continue,
                };
                self.values[i * self.columns + j] = copied;
            }
        }
        self
    }
}

/// A side from 1 to 256, its logarithm uniform.
fn side(stream: &mut Stream) -> usize {
    libm::round(libm::exp2(8.0 * stream.uniform())) as usize
}

fn shuffled(n: usize, stream: &mut Stream) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    (1..n).for_each(|i| order.swap(i, stream.below(i + 1)));
    order
}
