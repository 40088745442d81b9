//! Kernels, strides and padding as ONNX writes them.

use crate::error::Result;
use crate::sources::onnx::operator::{Call, Live};

/// A sliding window on a map; one-dimensional ones get a second side of 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sliding {
    /// Number of spatial axes in the file, 1 or 2.
    pub(super) rank: usize,
    pub(super) kernel: [usize; 2],
    pub(super) stride: [usize; 2],
    pub(super) dilation: [usize; 2],
    /// Top, left, bottom, right.
    pub(super) padding: [usize; 4],
}

impl Sliding {
    /// Of a node on `[N, C, …]`, with the kernel's sides.
    pub(super) fn of(call: &Call<'_>, x: &Live, kernel: &[usize], ceil: bool) -> Result<Self> {
        let rank = x.shape.len().saturating_sub(2);
        if !(1..=2).contains(&rank) {
            return Err(call.unsupported(format_args!("on {} axes", x.shape.len())));
        }
        if kernel.len() != rank {
            return Err(call.broken(format!(
                "has a kernel of {} sides on a map of {rank}",
                kernel.len()
            )));
        }
        let stride = call.sizes("strides", rank, 1)?;
        let dilation = call.sizes("dilations", rank, 1)?;
        let sides = &x.shape[2..];
        let (before, after) = padding(call, sides, kernel, &stride, &dilation, ceil)?;
        let pair = |list: &[usize], fill: usize| [list[0], list.get(1).copied().unwrap_or(fill)];
        let (before, after) = (pair(&before, 0), pair(&after, 0));
        Ok(Self {
            rank,
            kernel: pair(kernel, 1),
            stride: pair(&stride, 1),
            dilation: pair(&dilation, 1),
            padding: [before[0], before[1], after[0], after[1]],
        })
    }
}

/// A map `[N, C, …]` as `[C, H, W]`.
pub(super) fn map_shape(shape: &[usize]) -> Vec<usize> {
    let channels = shape[0] * shape[1];
    vec![channels, shape[2], shape.get(3).copied().unwrap_or(1)]
}

fn padding(
    call: &Call<'_>,
    sides: &[usize],
    kernel: &[usize],
    stride: &[usize],
    dilation: &[usize],
    ceil: bool,
) -> Result<(Vec<usize>, Vec<usize>)> {
    let rank = sides.len();
    let upper = match call.text("auto_pad", "NOTSET") {
        "" | "NOTSET" => {
            let pads = match call.list("pads") {
                Some(_) => call.sizes("pads", 2 * rank, 0)?,
                None => vec![0; 2 * rank],
            };
            return Ok((pads[..rank].to_vec(), pads[rank..].to_vec()));
        }
        "VALID" => return Ok((vec![0; rank], vec![0; rank])),
        "SAME_UPPER" => true,
        "SAME_LOWER" => false,
        other => return Err(call.unsupported(format_args!("with auto_pad {other}"))),
    };
    let _ = ceil;
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for i in 0..rank {
        let out = sides[i].div_ceil(stride[i].max(1));
        let reach = kernel[i].saturating_sub(1).saturating_mul(dilation[i]) + 1;
        let covered = out
            .saturating_sub(1)
            .saturating_mul(stride[i])
            .saturating_add(reach);
        let total = covered.saturating_sub(sides[i]);
        let small = total / 2;
        before.push(if upper { small } else { total - small });
        after.push(if upper { total - small } else { small });
    }
    Ok((before, after))
}
