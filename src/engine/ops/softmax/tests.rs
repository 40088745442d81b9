//! Softmax: the cases of the tests of all operations.

use crate::engine::ops::tests::cases::{Push, one};
use crate::network::Op;

pub(in crate::engine::ops) fn cases(shape: [usize; 3], push: Push<'_>) {
    push("softmax", one(shape, Op::Softmax));
    push("log-softmax", one(shape, Op::LogSoftmax));
}
