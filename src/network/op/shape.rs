//! Shape rules: the output's shape, or what does not fit and the cure.

use super::window::sides;
use super::{Activation, Op};

/// Elements of the largest tensor: places in it are 32-bit numbers on a GPU.
const LARGEST: usize = (1 << 31) - 1;

/// Axes of the largest shape.
const AXES: usize = 6;

/// What does not fit, and what to do about it.
type Misfit = (String, String);
type Fit<T> = Result<T, Misfit>;

fn wrong<T>(message: impl Into<String>, cure: &str) -> Fit<T> {
    Err((message.into(), cure.to_owned()))
}

impl Op {
    /// The output's shape, or what does not fit and what to do about it.
    ///
    /// # Errors
    /// A sentence that says what does not fit, and a cure.
    pub fn output_shape(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, (String, String)> {
        self.check_arity(inputs.len())?;
        let first = inputs.first().copied().unwrap_or_default();
        let shape = match self {
            Self::Input => return wrong("the input takes its shape from the builder", ""),
            Self::Constant(shape) => shape.clone(),
            Self::Fixed { shape, values } => {
                if elements(shape) != Some(values.len()) {
                    return wrong(
                        format!("{} numbers do not fill {shape:?}", values.len()),
                        "give as many numbers as the shape has places",
                    );
                }
                shape.clone()
            }
            Self::Conv2d { .. } | Self::ConvTranspose2d { .. } => self.convolved(first)?,
            Self::AvgPool { .. } | Self::MaxPool { .. } => self.pooled(first)?,
            Self::BatchNorm { .. }
            | Self::GroupNorm { .. }
            | Self::LayerNorm { .. }
            | Self::RmsNorm { .. } => self.normalised(first)?,
            Self::GlobalAvgPool => vec![self.map(first)?[0], 1, 1],
            Self::Dense { .. }
            | Self::Softmax
            | Self::LogSoftmax
            | Self::PRelu { shared: false }
                if first.is_empty() =>
            {
                return wrong(
                    format!("{} needs at least one axis", self.kind()),
                    "reshape the input",
                );
            }
            Self::Dense { out, .. } => [&first[..first.len() - 1], &[*out]].concat(),
            Self::MeanFirst if first.len() < 2 => {
                return wrong(
                    format!("a mean over tokens needs [T, D], not {first:?}"),
                    "reshape the input",
                );
            }
            Self::MeanFirst => first[1..].to_vec(),
            Self::Activate(function) => {
                check_function(*function)?;
                first.to_vec()
            }
            Self::Sum | Self::Multiply | Self::Minimum | Self::Maximum => {
                if inputs.iter().any(|s| *s != first) {
                    return wrong(
                        format!("a {} of unequal shapes {inputs:?}", self.kind()),
                        "give all operands one shape",
                    );
                }
                first.to_vec()
            }
            Self::MatMul => product(inputs[0], inputs[1])?,
            _ => self.rearranged(first, inputs)?,
        };
        self.check_size(inputs, shape)
    }

    fn check_arity(&self, given: usize) -> Fit<()> {
        let arity = match self {
            Self::Input | Self::Constant(_) | Self::Fixed { .. } => 0..=0,
            Self::MatMul => 2..=2,
            Self::Sum | Self::Concat { .. } => 1..=usize::MAX,
            Self::Multiply | Self::Minimum | Self::Maximum => 2..=usize::MAX,
            _ => 1..=1,
        };
        if arity.contains(&given) {
            return Ok(());
        }
        wrong(
            format!("{given} inputs do not fit {}", self.kind()),
            "connect the inputs that the operation takes",
        )
    }

    /// No tensor, the parameters included, may be empty or too large to count.
    fn check_size(&self, inputs: &[&[usize]], shape: Vec<usize>) -> Fit<Vec<usize>> {
        if shape.len() > AXES {
            return wrong(
                format!("{shape:?} has more than {AXES} axes"),
                "reshape it to fewer axes",
            );
        }
        let fits = |shape: &[usize]| elements(shape).is_some_and(|n| n > 0 && n <= LARGEST);
        if !fits(&shape) {
            return wrong(
                format!("{shape:?} is empty or has more than {LARGEST} elements"),
                "check the sizes, or give a smaller input",
            );
        }
        match self.parameters(inputs).iter().find(|p| !fits(&p.shape)) {
            None => Ok(shape),
            Some(p) => wrong(
                format!(
                    "its {} {:?} is empty or has more than {LARGEST} elements",
                    p.suffix, p.shape
                ),
                "check the widths",
            ),
        }
    }

    fn map(&self, shape: &[usize]) -> Fit<[usize; 3]> {
        shape.try_into().or_else(|_| {
            wrong(
                format!("{} needs [C, H, W], not {shape:?}", self.kind()),
                "reshape the input to channels, height, width",
            )
        })
    }

    fn convolved(&self, first: &[usize]) -> Fit<Vec<usize>> {
        let [channels, h, w] = self.map(first)?;
        let (Self::Conv2d {
            out,
            kernel,
            stride,
            padding,
            dilation,
            groups,
            ..
        }
        | Self::ConvTranspose2d {
            out,
            kernel,
            stride,
            padding,
            dilation,
            groups,
            ..
        }) = *self
        else {
            return Ok(first.to_vec());
        };
        if groups == 0 || out == 0 || channels % groups != 0 || out % groups != 0 {
            return wrong(
                format!("{channels} to {out} channels cannot be split into {groups} groups"),
                "give a number of groups that divides both, and at least one channel",
            );
        }
        let [rows, columns] = sides(kernel, stride, padding, dilation);
        let found = match *self {
            Self::ConvTranspose2d { output_padding, .. } => {
                for i in [0, 1] {
                    if output_padding[i] >= stride[i].max(dilation[i]) {
                        return wrong(
                            format!("output padding {output_padding:?} is too large"),
                            "keep it below the stride or the dilation",
                        );
                    }
                }
                (
                    rows.transposed(h, output_padding[0]),
                    columns.transposed(w, output_padding[1]),
                )
            }
            _ => (rows.count(h), columns.count(w)),
        };
        match found {
            (Some(h), Some(w)) => Ok(vec![out, h, w]),
            _ => wrong(
                format!(
                    "a {}×{} kernel does not fit a {h}×{w} map",
                    kernel[0], kernel[1]
                ),
                "give a larger input size",
            ),
        }
    }

    fn pooled(&self, first: &[usize]) -> Fit<Vec<usize>> {
        let [channels, h, w] = self.map(first)?;
        let (kernel, stride, padding, dilation, ceil) = match *self {
            Self::AvgPool {
                kernel,
                stride,
                padding,
                ceil,
                ..
            } => (kernel, stride, padding, [1; 2], ceil),
            Self::MaxPool {
                kernel,
                stride,
                padding,
                dilation,
                ceil,
            } => (kernel, stride, padding, dilation, ceil),
            _ => return Ok(first.to_vec()),
        };
        let [rows, columns] = sides(kernel, stride, padding, dilation);
        let found = if ceil {
            (rows.count_ceil(h), columns.count_ceil(w))
        } else {
            (rows.count(h), columns.count(w))
        };
        let (Some(rows_out), Some(columns_out)) = found else {
            return wrong(
                format!(
                    "a {}×{} window does not fit a {h}×{w} map",
                    kernel[0], kernel[1]
                ),
                "give a larger input size",
            );
        };
        if !rows.covers(rows_out, h) || !columns.covers(columns_out, w) {
            return wrong(
                format!("padding {padding:?} puts a whole window outside the {h}×{w} map"),
                "pad by less than the window",
            );
        }
        Ok(vec![channels, rows_out, columns_out])
    }

    fn normalised(&self, first: &[usize]) -> Fit<Vec<usize>> {
        let count = |shape: &[usize]| shape.iter().product::<usize>();
        let few = |name: &str| {
            wrong(
                format!("{name} needs more than one value per channel in train mode"),
                "give a larger input size",
            )
        };
        match *self {
            Self::BatchNorm { .. } | Self::GroupNorm { .. } if first.is_empty() => wrong(
                format!("{} needs at least one axis", self.kind()),
                "reshape the input",
            ),
            Self::BatchNorm { .. } if count(&first[1..]) < 2 => few("batch norm"),
            Self::GroupNorm { groups, .. } if groups == 0 || first[0] % groups != 0 => wrong(
                format!("{} channels cannot be split into {groups} groups", first[0]),
                "give a number of groups that divides the channels",
            ),
            Self::GroupNorm { groups, .. } if count(first) / groups < 2 => few("group norm"),
            Self::LayerNorm { axes, .. } | Self::RmsNorm { axes, .. }
                if axes == 0 || axes > first.len() =>
            {
                wrong(
                    format!("{} over {axes} axes does not fit {first:?}", self.kind()),
                    "give a number of axes from 1 to those of the input",
                )
            }
            _ => Ok(first.to_vec()),
        }
    }

    fn rearranged(&self, first: &[usize], inputs: &[&[usize]]) -> Fit<Vec<usize>> {
        let place = |axis: usize| {
            first.get(axis).copied().ok_or_else(|| {
                (
                    format!("{first:?} has no axis {axis}"),
                    "count axes from 0, without the batch".to_owned(),
                )
            })
        };
        let with = |axis: usize, n: usize| {
            let mut shape = first.to_vec();
            shape[axis] = n;
            shape
        };
        Ok(match self {
            Self::Reduce { axes, keep, .. } => {
                let mut out = first.iter().map(|&n| Some(n)).collect::<Vec<_>>();
                for &axis in axes {
                    place(axis)?;
                    if out[axis].take().is_none() {
                        return wrong(format!("axis {axis} is named twice"), "name each axis once");
                    }
                }
                let left = |n: Option<usize>| n.or(keep.then_some(1));
                out.into_iter().filter_map(left).collect()
            }
            Self::Concat { axis } => {
                place(*axis)?;
                let fits = |s: &&[usize]| {
                    s.len() == first.len() && (0..s.len()).all(|i| i == *axis || s[i] == first[i])
                };
                if !inputs.iter().all(fits) {
                    return wrong(
                        format!("shapes {inputs:?} cannot be joined along axis {axis}"),
                        "give all operands one shape but for that axis",
                    );
                }
                let mut sum = 0usize;
                inputs
                    .iter()
                    .for_each(|s| sum = sum.saturating_add(s[*axis]));
                with(*axis, sum)
            }
            Self::Expand(to) => {
                let behind = to.len().checked_sub(first.len());
                let fits = |n: usize| {
                    first
                        .iter()
                        .zip(&to[n..])
                        .all(|(&from, &to)| from == to || from == 1)
                };
                if !behind.is_some_and(fits) {
                    return wrong(
                        format!("{first:?} cannot be broadcast to {to:?}"),
                        "axes are matched from the last; each must be equal or 1",
                    );
                }
                to.clone()
            }
            Self::Reshape(to) => {
                if elements(to) != elements(first) {
                    return wrong(
                        format!("{first:?} cannot become {to:?}"),
                        "keep the number of elements",
                    );
                }
                to.clone()
            }
            Self::Permute(axes) => {
                let mut sorted = axes.clone();
                sorted.sort_unstable();
                if !sorted.iter().copied().eq(0..first.len()) {
                    return wrong(
                        format!("axes {axes:?} are no permutation of {first:?}"),
                        "name each axis once",
                    );
                }
                axes.iter().map(|&a| first[a]).collect()
            }
            &Self::Slice {
                axis,
                start,
                end,
                step,
            } => {
                if start >= end || end > place(axis)? || step == 0 {
                    return wrong(
                        format!(
                            "{start}..{end} in steps of {step} is not in axis {axis} of {first:?}"
                        ),
                        "give a range inside the axis and a step of at least 1",
                    );
                }
                with(axis, (end - start).div_ceil(step))
            }
            Self::Gather { axis, indices } => {
                let n = place(*axis)?;
                if let Some(bad) = indices.iter().find(|&&i| i >= n) {
                    return wrong(
                        format!("index {bad} is not in axis {axis} of {first:?}"),
                        "give indices below the axis's length",
                    );
                }
                with(*axis, indices.len())
            }
            Self::Pad { before, after, .. } => {
                if before.len() != first.len() || after.len() != first.len() {
                    return wrong(
                        format!("padding {before:?}, {after:?} does not fit {first:?}"),
                        "give two numbers for each axis",
                    );
                }
                let sides = first.iter().zip(before.iter().zip(after));
                sides
                    .map(|(&n, (&b, &a))| n.saturating_add(b).saturating_add(a))
                    .collect()
            }
            Self::LinearAlong { axis, out, matrix } => {
                let n = place(*axis)?;
                if out.checked_mul(n) != Some(matrix.len()) {
                    return wrong(
                        format!("{} numbers are no {out}×{n} matrix", matrix.len()),
                        "give a row for each place of the output",
                    );
                }
                with(*axis, *out)
            }
            _ => first.to_vec(),
        })
    }
}

/// Number of elements, or none when it cannot be counted.
fn elements(shape: &[usize]) -> Option<usize> {
    shape
        .iter()
        .try_fold(1usize, |n, &side| n.checked_mul(side))
}

fn product(a: &[usize], b: &[usize]) -> Fit<Vec<usize>> {
    let n = a.len();
    if n < 2 || b.len() != n || a[..n - 2] != b[..n - 2] || a[n - 1] != b[n - 2] {
        return wrong(
            format!("shapes {a:?} and {b:?} cannot be multiplied"),
            "the last axis of the first must equal the one before last of the second",
        );
    }
    Ok([&a[..n - 1], &[b[n - 1]]].concat())
}

/// Numbers of an activation that make no function.
fn check_function(function: Activation) -> Fit<()> {
    match function {
        Activation::Clip { min, max } if !(min <= max) => wrong(
            format!("clip from {min} to {max} leaves nothing"),
            "give a smallest value that is not above the largest",
        ),
        Activation::Celu { alpha } if alpha == 0.0 || !alpha.is_finite() => wrong(
            format!("celu divides by its alpha, {alpha}"),
            "give an alpha that is not 0",
        ),
        _ => Ok(()),
    }
}
