//! A network as plain data: no tensors, no device.
//!
//! [`Network`] is a list of [`Node`]s in execution order, each with a typed
//! [`Op`] and a shape that was checked when the node was added. From it follow
//! the parameters and their roles, what can depend on the input ([`Network::live`]) and which maps are observed ([`Observed`]).

mod evaluate;
mod graph;
mod inspect;
mod observe;
mod op;
mod originals;
mod part;
mod rewrite;

pub use graph::{Builder, Container, Input, Made, Network, Node, NodeId, Singular, Tie, Tied};
pub use inspect::Layer;
pub use observe::{Observed, POLICIES, Policy};
pub use op::{Activation, Function, Op, Parameter, Reduction, Role};
pub(crate) use op::{
    Arrange, Conv, Curved, Dense, Family, GELU_CUBE, Merge, Norm, Over, Phase, Pointwise, Pool,
    Reduce, SELU_ALPHA, SELU_SCALE, Softmax, Source, Takes, Window,
};
pub use part::Part;
