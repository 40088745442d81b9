//! The image that a graph takes.

#![allow(
    clippy::cast_possible_truncation,
    reason = "sizes and axes were held against their ranges where they were read"
)]

use super::context::Lowering;
use crate::error::{Error, Result};
use crate::network::{Op, Reduction};
use crate::sources::onnx::graph::Order;
use crate::sources::onnx::info::{Dimension, dimensions, tensor_type};
use crate::sources::onnx::inputs::{Inputs, LARGEST_SIDE};
use crate::sources::onnx::operator::{Live, Value};
use crate::sources::onnx::proto::ValueInfoProto;
use crate::sources::onnx::proto::tensor_proto::DataType;
use crate::sources::onnx::read::Model;
use crate::sources::onnx::tensor::{Tensor, elements};

/// Height and width where neither the file nor the user has one.
const DEFAULT_SIDE: usize = 224;

/// How the graph's input lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// `[1, C, H, W]` or `[C, H, W]`.
    ChannelsFirst,
    /// `[1, H, W, C]`.
    ChannelsLast,
}

/// The graph's input as an image.
#[derive(Debug)]
pub(super) struct Image<'a> {
    name: &'a str,
    /// The image of the network: three channels.
    pub(super) size: [usize; 3],
    /// The graph's own number of channels, 3 or 1.
    channels: usize,
    layout: Layout,
    batched: bool,
    /// The batch that the file wants, where it is not 1.
    batch: Option<i64>,
}

impl<'a> Image<'a> {
    /// The one input that the outputs depend on.
    pub(super) fn of(model: &'a Model, order: &Order<'a>, given: &Inputs) -> Result<Self> {
        let used: Vec<&ValueInfoProto> = model
            .inputs()
            .filter(|i| order.uses.contains_key(i.name.as_str()))
            .collect();
        let input = match used.as_slice() {
            [input] => *input,
            [] => {
                return Err(fail(
                    "file",
                    "its outputs depend on no input".to_owned(),
                    "give a network that takes an image",
                ));
            }
            several => {
                let names: Vec<&str> = several.iter().map(|i| i.name.as_str()).collect();
                return Err(fail(
                    "file",
                    format!("takes {} inputs: {}", names.len(), names.join(", ")),
                    "give a network that takes one image; export it with the other inputs as constants",
                ));
            }
        };
        let image = Self::read(input, given)?;
        let [map, line] = model.slides();
        if !image.batched && !map && (line || image.channels == 1) {
            return Err(fail(
                &format!("input {}", input.name),
                "takes signals or sequences of three axes [batch, channels, length], not an image"
                    .to_owned(),
                "Dextr's noise and curves are images: give a network that takes an image [1, 3, H, W]",
            ));
        }
        Ok(image)
    }

    fn read(input: &'a ValueInfoProto, given: &Inputs) -> Result<Self> {
        let place = format!("input {}", input.name);
        let kind = tensor_type(input).map(|t| t.elem_type);
        let floats = [
            DataType::Float,
            DataType::Float16,
            DataType::Double,
            DataType::Bfloat16,
        ];
        if kind.is_some_and(|k| !floats.iter().any(|&f| f as i32 == k)) {
            let name = kind.and_then(|k| DataType::try_from(k).ok());
            return Err(fail(
                &place,
                format!(
                    "takes numbers of the type {}, not an image of floats",
                    name.map_or("unknown", |n| n.as_str_name())
                ),
                "networks for tables or quantised images have no image to move along a curve, and token ids are int64 or int32 of [batch, length]; export one that takes a float32 image",
            ));
        }
        let shape = dimensions(input).ok_or_else(|| {
            fail(
                &place,
                "has no shape".to_owned(),
                "export the network with an example image, so that the input's axes are known",
            )
        })?;
        let no_image = |why: &str| {
            fail(
                &place,
                format!("has the shape {}, {why}", shown(&shape)),
                "give a network that takes an image [1, 3, H, W], [1, H, W, 3], or one with a single grey channel",
            )
        };
        let (batch, rest) = match shape.as_slice() {
            [batch, rest @ ..] if rest.len() == 3 => (Some(batch), rest),
            rest if rest.len() == 3 => (None, rest),
            _ => return Err(no_image("which is no image")),
        };
        let colours = |d: &Dimension| matches!(d, Dimension::Fixed(1 | 3));
        let open = |d: &Dimension| !matches!(d, Dimension::Fixed(n) if *n > 0);
        let layout = if colours(&rest[0]) || (open(&rest[0]) && !colours(&rest[2])) {
            Layout::ChannelsFirst
        } else if colours(&rest[2]) && batch.is_some() {
            Layout::ChannelsLast
        } else if rest.iter().any(|d| matches!(d, Dimension::Fixed(1))) {
            return Err(no_image("a signal of one row, and not of 3 channels or 1"));
        } else {
            return Err(no_image("which has neither 3 channels nor 1"));
        };
        let (channel, height, width) = match layout {
            Layout::ChannelsFirst => (&rest[0], &rest[1], &rest[2]),
            Layout::ChannelsLast => (&rest[2], &rest[0], &rest[1]),
        };
        let side = |own: &Dimension, given: Option<usize>| -> Result<usize> {
            let own = match own {
                Dimension::Fixed(n) if *n > 0 => usize::try_from(*n).ok(),
                _ => None,
            };
            let side = given.or(own).unwrap_or(DEFAULT_SIDE);
            if (1..=LARGEST_SIDE).contains(&side) {
                Ok(side)
            } else {
                Err(fail(
                    &place,
                    format!("has a side of {side} pixels, more than {LARGEST_SIDE}"),
                    "set a smaller height and width, or export the network for a smaller image",
                ))
            }
        };
        Ok(Self {
            name: &input.name,
            size: [3, side(height, given.height)?, side(width, given.width)?],
            channels: if matches!(channel, Dimension::Fixed(1)) {
                1
            } else {
                3
            },
            layout,
            batched: batch.is_some(),
            batch: match batch {
                Some(Dimension::Fixed(n)) if *n > 1 => Some(*n),
                _ => None,
            },
        })
    }

    /// Gives the graph's input its value.
    pub(super) fn bind(self, cx: &mut Lowering<'a>) -> Result<()> {
        let mut node = cx.builder.input();
        let [_, height, width] = self.size;
        if self.channels == 1 {
            let mean = Op::Reduce {
                kind: Reduction::Mean,
                axes: vec![0],
                keep: true,
            };
            node = cx.push("grey", mean, &[node])?;
            cx.note(
                "grey",
                "the network takes one channel: the mean of the image's three".to_owned(),
            );
        }
        if (height == 1) != (width == 1) {
            cx.note(
                "signal",
                "the input is a signal of one row: it is taken as an image one pixel high, and noise and curves vary along it alone".to_owned(),
            );
        }
        let mut shape = vec![self.channels, height, width];
        if self.layout == Layout::ChannelsLast {
            node = cx.push("channels last", Op::Permute(vec![1, 2, 0]), &[node])?;
            shape.rotate_left(1);
        }
        if self.batched {
            shape.insert(0, 1);
        }
        if let Some(batch) = self.batch {
            cx.note(
                "batch",
                format!("the file wants a batch of {batch}: 1 is taken"),
            );
        }
        cx.values
            .insert(self.name, Value::Live(Live::new(node, shape)));
        Ok(())
    }
}

/// An input of a test of single operators.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct Flat {
    /// Its name.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its numbers, and whether they are whole, where it is constant.
    pub constant: Option<(Vec<f64>, bool)>,
}

/// Gives inputs the parts of a flat image, one behind the other, or constants.
pub(super) fn bind_flat<'a>(
    cx: &mut Lowering<'a>,
    model: &'a Model,
    inputs: &[Flat],
) -> Result<()> {
    let image = cx.builder.input();
    let mut start = 0;
    for port in model.inputs() {
        let Some(input) = inputs.iter().find(|i| i.name == port.name) else {
            continue;
        };
        let value = match &input.constant {
            Some((values, whole)) => {
                let shape = input.shape.clone();
                let tensor = if *whole {
                    Tensor::int(shape, values.iter().map(|&v| v as i64).collect())
                } else {
                    Tensor::float(shape, values.iter().map(|&v| v as f32).collect())
                };
                Value::Const(Tensor {
                    name: Some(&port.name),
                    ..tensor
                })
            }
            None => {
                let n = elements(&input.shape).unwrap_or(0);
                let part = cx.push(&input.name, Op::slice(2, start, start + n), &[image])?;
                start += n;
                Value::Live(cx.settle(&input.name, part, input.shape.clone())?)
            }
        };
        cx.values.insert(&port.name, value);
    }
    Ok(())
}

pub(super) fn shown(shape: &[Dimension]) -> String {
    let dims: Vec<String> = shape
        .iter()
        .map(|d| match d {
            Dimension::Fixed(n) => n.to_string(),
            Dimension::Named(name) => name.clone(),
            Dimension::Unknown(()) => "?".to_owned(),
        })
        .collect();
    format!("[{}]", dims.join(", "))
}

pub(super) fn fail(place: &str, message: String, cure: &str) -> Error {
    Error::Model {
        code: "bad-model",
        place: place.to_owned(),
        message,
        cure: cure.to_owned(),
    }
}
