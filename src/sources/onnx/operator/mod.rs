//! A node of the file as it is: its operands, its attributes, and what they say
//! about shapes. What computes constants (`fold`) and what builds the network
//! (`lower`) both rest on it.

mod call;
mod constants;
mod select;
mod shape;
mod value;

pub(super) use call::Call;
pub(super) use constants::Constants;
pub(super) use select::{is_table, parts, place, split_sizes};
pub(super) use shape::{along_channels, axes_of, broadcast, joined, order, reshaped, spread};
pub(super) use value::{Law, Live, Random, Value, without_leading_ones};
