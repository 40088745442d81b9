//! The six operations that mix tokens, each from tokens `[L, h]` to tokens `[L, h]`
//! before the sum with what came in.
//!
//! - `SA SDP`: softmax(q kᵀ/√d) v for each head (Vaswani et al., NIPS 2017).
//! - `SA WMA`: the same with q Wᵀ in q's place, W one h×h matrix (Luong et al.,
//!   EMNLP 2015).
//! - `LT DFT`, `LT DCT`: the real part of the discrete Fourier transform over
//!   tokens and features of each head (Lee-Thorp et al., NAACL 2022), or the
//!   cosine transform, of a dense layer, neither of them scaled. These have no
//!   dense layer, no sum and no norm behind them.
//! - `DSC 5`, `DSC 9`: half of the heads attend, the others are convolved over
//!   tokens by a kernel that a token makes of itself: mixed attention (Jiang et
//!   al., ConvBERT, NeurIPS 2020).

use std::f64::consts::PI;
use std::fmt;

use crate::error::Result;
use crate::network::{Builder, NodeId, Op};
use crate::sources::spaces::literal::{Literal, Value};
use crate::sources::spaces::transformer::dense;

/// An operation that mixes tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mixing {
    /// Scaled dot-product attention.
    ScaledDot,
    /// Attention by a matrix between queries and keys.
    Weighted,
    /// The discrete Fourier transform.
    Fourier,
    /// The discrete cosine transform.
    Cosine,
    /// Attention and convolutions by kernels of five tokens.
    Convolution5,
    /// The same with nine.
    Convolution9,
}

impl Mixing {
    /// All of them, in the order of their table.
    pub(super) const ALL: [Self; 6] = [
        Self::ScaledDot,
        Self::Weighted,
        Self::Fourier,
        Self::Cosine,
        Self::Convolution5,
        Self::Convolution9,
    ];

    /// Operation and parameter, as they are written.
    pub(super) fn words(self) -> [&'static str; 2] {
        match self {
            Self::ScaledDot => ["SA", "SDP"],
            Self::Weighted => ["SA", "WMA"],
            Self::Fourier => ["LT", "DFT"],
            Self::Cosine => ["LT", "DCT"],
            Self::Convolution5 => ["DSC", "5"],
            Self::Convolution9 => ["DSC", "9"],
        }
    }

    /// By both words, joined by a blank.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.to_string() == name)
    }

    /// Reads an operation and its parameter.
    ///
    /// # Errors
    /// [`crate::Error::Architecture`] with the character where it goes wrong.
    pub(super) fn read(operation: &Literal, parameter: &Literal) -> Result<Self> {
        let known = ["SA", "LT", "DSC"];
        let expected = format!("an operation, one of: {}", known.join(", "));
        let word = operation.text(&expected)?;
        let fitting: Vec<Self> = Self::ALL
            .into_iter()
            .filter(|m| m.words()[0] == word)
            .collect();
        if fitting.is_empty() {
            return operation.fail_near(expected, &known);
        }
        let (Value::Number(given) | Value::Text(given)) = &parameter.value else {
            return parameter.fail(format!("the parameter of {word}"));
        };
        let names: Vec<&str> = fitting.iter().map(|m| m.words()[1]).collect();
        match fitting.iter().find(|m| m.words()[1] == given) {
            Some(found) => Ok(*found),
            None => parameter.fail_near(
                format!("a parameter of {word}, one of: {}", names.join(", ")),
                &names,
            ),
        }
    }

    /// Adds the operation; `name` begins its nodes' names. Gives the value behind
    /// its last dense layer, and whether a sum with what came in follows.
    pub(super) fn add(
        self,
        b: &mut Builder,
        name: &str,
        heads: usize,
        x: NodeId,
    ) -> Result<(NodeId, bool)> {
        let [length, hidden] = match *b.shape(x) {
            [length, hidden] => [length, hidden],
            _ => [0, 0],
        };
        let mixer = Mixer {
            name,
            length,
            head: hidden / heads.max(1),
        };
        let mixed = match self {
            Self::Fourier | Self::Cosine => {
                let x = dense(b, &mixer.part("input"), hidden, x)?;
                let transformed = mixer.transform(b, x, self == Self::Fourier)?;
                return Ok((transformed, false));
            }
            Self::ScaledDot | Self::Weighted => {
                let [q, k, v] = mixer.queries(b, x, hidden)?;
                let q = match self {
                    Self::Weighted => {
                        let matrix = Op::Dense {
                            out: hidden,
                            bias: false,
                        };
                        b.add(&mixer.part("weight"), matrix, &[q])?
                    }
                    _ => q,
                };
                mixer.attend(b, [q, k, v])?
            }
            Self::Convolution5 => mixer.convolve(b, x, 5)?,
            Self::Convolution9 => mixer.convolve(b, x, 9)?,
        };
        Ok((dense(b, &mixer.part("out"), hidden, mixed)?, true))
    }
}

impl fmt::Display for Mixing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words().join(" "))
    }
}

/// What the parts of an operation share.
struct Mixer<'a> {
    name: &'a str,
    /// Number of tokens, L.
    length: usize,
    /// Width of a head, d.
    head: usize,
}

impl Mixer<'_> {
    fn part(&self, part: &str) -> String {
        format!("{}.{part}", self.name)
    }

    /// Queries, keys and values, `[L, width]` each.
    fn queries(&self, b: &mut Builder, x: NodeId, width: usize) -> Result<[NodeId; 3]> {
        let mut made = [x; 3];
        for (to, part) in made.iter_mut().zip(["query", "key", "value"]) {
            *to = dense(b, &self.part(part), width, x)?;
        }
        Ok(made)
    }

    /// `[L, n·d]` as heads: `[n, L, d]`.
    fn heads(&self, b: &mut Builder, part: &str, x: NodeId) -> Result<NodeId> {
        let heads = b.shape(x).last().copied().unwrap_or(0) / self.head.max(1);
        let split = Op::Reshape(vec![self.length, heads, self.head]);
        let x = b.add(&self.part(&format!("{part}.split")), split, &[x])?;
        let first = Op::Permute(vec![1, 0, 2]);
        b.add(&self.part(&format!("{part}.heads")), first, &[x])
    }

    /// Attention of `[L, n·d]` to `[L, n·d]`.
    fn attend(&self, b: &mut Builder, [q, k, v]: [NodeId; 3]) -> Result<NodeId> {
        let width = b.shape(q).last().copied().unwrap_or(0);
        let q = self.heads(b, "query", q)?;
        let k = self.heads(b, "key", k)?;
        let v = self.heads(b, "value", v)?;
        let k = b.add(&self.part("key.across"), Op::Permute(vec![0, 2, 1]), &[k])?;
        let logits = b.add(&self.part("qk"), Op::MatMul, &[q, k])?;
        let scale = Op::Scale(1.0 / (self.head as f64).sqrt());
        let logits = b.add(&self.part("scaled"), scale, &[logits])?;
        let weights = b.add(&self.part("softmax"), Op::Softmax, &[logits])?;
        let mixed = b.add(&self.part("av"), Op::MatMul, &[weights, v])?;
        let tokens = Op::Permute(vec![1, 0, 2]);
        let mixed = b.add(&self.part("tokens"), tokens, &[mixed])?;
        let joined = Op::Reshape(vec![self.length, width]);
        b.add(&self.part("joined"), joined, &[mixed])
    }

    /// Attention by half of the heads beside convolutions by the other half,
    /// `[L, h]` to `[L, h]`.
    fn convolve(&self, b: &mut Builder, x: NodeId, kernel: usize) -> Result<NodeId> {
        let hidden = b.shape(x).last().copied().unwrap_or(0);
        let heads = (hidden / self.head.max(1) / 2).max(1);
        let width = heads * self.head;
        let [q, k, v] = self.queries(b, x, width)?;
        let attended = self.attend(b, [q, k, v])?;

        // A depthwise and a pointwise convolution over tokens, times the queries,
        // make each token's kernels.
        let keys = self.depthwise(b, x, kernel)?;
        let keys = dense(b, &self.part("point"), width, keys)?;
        let keys = b.add(&self.part("product"), Op::Multiply, &[keys, q])?;
        let filters = dense(b, &self.part("kernel"), heads * kernel, keys)?;
        let split = Op::Reshape(vec![self.length, heads, kernel]);
        let filters = b.add(&self.part("kernel.split"), split, &[filters])?;
        let filters = b.add(&self.part("filter"), Op::Softmax, &[filters])?;
        let rows = Op::Reshape(vec![self.length * heads, 1, kernel]);
        let filters = b.add(&self.part("filter.rows"), rows, &[filters])?;

        let content = dense(b, &self.part("content"), width, x)?;
        let windows = self.windows(b, content, kernel, heads)?;
        let mixed = b.add(&self.part("convolved"), Op::MatMul, &[filters, windows])?;
        let joined = Op::Reshape(vec![self.length, width]);
        let mixed = b.add(&self.part("convolved.joined"), joined, &[mixed])?;
        let both = Op::Concat { axis: 1 };
        b.add(&self.part("both"), both, &[attended, mixed])
    }

    /// A kernel for each feature over tokens `[L, h]`, zeros beyond the ends.
    fn depthwise(&self, b: &mut Builder, x: NodeId, kernel: usize) -> Result<NodeId> {
        let hidden = b.shape(x).last().copied().unwrap_or(0);
        let turn = || Op::Permute(vec![1, 0]);
        let x = b.add(&self.part("features"), turn(), &[x])?;
        let map = Op::Reshape(vec![hidden, self.length, 1]);
        let x = b.add(&self.part("features.map"), map, &[x])?;
        let half = kernel / 2;
        let depth = Op::Conv2d {
            out: hidden,
            kernel: [kernel, 1],
            stride: [1; 2],
            padding: [half, 0, half, 0],
            dilation: [1; 2],
            groups: hidden,
            bias: false,
        };
        let x = b.add(&self.part("depth"), depth, &[x])?;
        let flat = Op::Reshape(vec![hidden, self.length]);
        let x = b.add(&self.part("depth.flat"), flat, &[x])?;
        b.add(&self.part("depth.tokens"), turn(), &[x])
    }

    /// Each token's neighbours, zeros beyond the ends: `[L, n·d]` to
    /// `[L·n, kernel, d]`.
    fn windows(&self, b: &mut Builder, x: NodeId, kernel: usize, heads: usize) -> Result<NodeId> {
        let ends = vec![kernel / 2, 0];
        let pad = Op::Pad {
            before: ends.clone(),
            after: ends,
            value: 0.0,
        };
        let x = b.add(&self.part("content.pad"), pad, &[x])?;
        let places = (0..self.length).flat_map(|t| (0..kernel).map(move |s| t + s));
        let gather = Op::Gather {
            axis: 0,
            indices: places.collect(),
        };
        let x = b.add(&self.part("content.windows"), gather, &[x])?;
        let split = Op::Reshape(vec![self.length, kernel, heads, self.head]);
        let x = b.add(&self.part("content.split"), split, &[x])?;
        let heads_first = Op::Permute(vec![0, 2, 1, 3]);
        let x = b.add(&self.part("content.heads"), heads_first, &[x])?;
        let rows = Op::Reshape(vec![self.length * heads, kernel, self.head]);
        b.add(&self.part("content.rows"), rows, &[x])
    }

    /// The transform over tokens and features of each head, `[L, h]` to `[L, h]`.
    fn transform(&self, b: &mut Builder, x: NodeId, fourier: bool) -> Result<NodeId> {
        let (length, head) = (self.length, self.head);
        let hidden = b.shape(x).last().copied().unwrap_or(0);
        let heads = hidden / head.max(1);
        let split = Op::Reshape(vec![length, heads, head]);
        let x = b.add(&self.part("split"), split, &[x])?;
        if !fourier {
            let x = along(b, &self.part("dct.features"), 2, cosine(head), x)?;
            let joined = Op::Reshape(vec![length, hidden]);
            let x = b.add(&self.part("joined"), joined, &[x])?;
            return along(b, &self.part("dct.tokens"), 0, cosine(length), x);
        }
        // The real part is C z C − S z S: both products by features one below the
        // other, then one matrix [C, −S] along them. No sum of two maps, which
        // would be a merge.
        let [cosines, sines] = waves(head);
        let both = cosines.into_iter().chain(sines).collect();
        let x = along(b, &self.part("dft.features"), 2, both, x)?;
        let parts = Op::Reshape(vec![length, heads, 2, head]);
        let x = b.add(&self.part("dft.parts"), parts, &[x])?;
        let parts_first = Op::Permute(vec![2, 0, 1, 3]);
        let x = b.add(&self.part("dft.stacked"), parts_first, &[x])?;
        let joined = Op::Reshape(vec![2 * length, hidden]);
        let x = b.add(&self.part("joined"), joined, &[x])?;
        let [cosines, sines] = waves(length);
        let rows = cosines.chunks_exact(length).zip(sines.chunks_exact(length));
        let matrix = rows.flat_map(|(c, s)| c.iter().copied().chain(s.iter().map(|s| -s)));
        along(b, &self.part("dft.tokens"), 0, matrix.collect(), x)
    }
}

/// A matrix `[out, n]` along an axis of n.
fn along(b: &mut Builder, name: &str, axis: usize, matrix: Vec<f64>, x: NodeId) -> Result<NodeId> {
    let n = b.shape(x).get(axis).copied().unwrap_or(0);
    let linear = Op::LinearAlong {
        axis,
        out: matrix.len() / n.max(1),
        matrix: matrix.into(),
    };
    b.add(name, linear, &[x])
}

/// cos and sin of 2π·i·j/n, `[n, n]` each.
fn waves(n: usize) -> [Vec<f64>; 2] {
    let angles = (0..n * n).map(|place| {
        let turns = (place / n) * (place % n) % n;
        2.0 * PI * turns as f64 / n as f64
    });
    let angles: Vec<f64> = angles.collect();
    [libm::cos, libm::sin].map(|wave| angles.iter().map(|&a| wave(a)).collect())
}

/// The cosine transform of kind II: 2·cos(π·k·(2i + 1)/2n), `[n, n]`.
fn cosine(n: usize) -> Vec<f64> {
    let entries = (0..n * n).map(|place| {
        let (k, i) = (place / n, place % n);
        // Periodic in 4n, where rounding would grow with the product.
        let turns = k * (2 * i + 1) % (4 * n);
        2.0 * libm::cos(PI * turns as f64 / (2 * n) as f64)
    });
    entries.collect()
}
