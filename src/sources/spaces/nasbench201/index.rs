//! The benchmark's own index of a cell.
//!
//! NAS-Bench-201 and NATS-Bench list all cells, the last operation changing
//! fastest, and shuffle that list with Python's `random.seed(88)`. Their program
//! asserts the cells 0, 9 and 123, and so do the tests here.

use std::sync::LazyLock;

use rand_mt::Mt;

/// The seed of the benchmark's shuffle.
const SEED: u32 = 88;
/// Number of cells.
const CELLS: u16 = 15_625;
/// Number of operations.
const OPERATIONS: usize = 5;

/// The place in the list of all cells of each index.
static ORDER: LazyLock<Vec<u16>> = LazyLock::new(|| {
    let mut order: Vec<u16> = (0..CELLS).collect();
    let mut random = Mt::new_with_key([SEED]);
    // As Python's `shuffle` does it: numbers of as many bits as the bound has,
    // until one is below it.
    for last in (1..order.len()).rev() {
        let bound = last + 1;
        let shift = bound.leading_zeros() + u32::BITS - usize::BITS;
        let other = loop {
            let drawn = (random.next_u32() >> shift) as usize;
            if drawn < bound {
                break drawn;
            }
        };
        order.swap(last, other);
    }
    order
});

/// The six digits of the cell with this index, in the benchmark's own order.
pub(super) fn digits(index: usize) -> Option<[usize; 6]> {
    let mut rest = usize::from(*ORDER.get(index)?);
    let mut digits = [0; 6];
    for digit in digits.iter_mut().rev() {
        *digit = rest % OPERATIONS;
        rest /= OPERATIONS;
    }
    Some(digits)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::sources::spaces::{Cell, Operation};

    #[test]
    fn the_order_is_the_benchmarks() {
        let asserted = [
            (
                0,
                "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|",
            ),
            (
                9,
                "|avg_pool_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|",
            ),
            (
                123,
                "|avg_pool_3x3~0|+|avg_pool_3x3~0|nor_conv_1x1~1|+|none~0|avg_pool_3x3~1|nor_conv_3x3~2|",
            ),
        ];
        for (index, right) in asserted {
            let cell = Cell(digits(index).unwrap().map(|d| Operation::ALL[d]));
            assert_eq!(cell.to_string(), right);
        }
        let all: HashSet<_> = (0..usize::from(CELLS)).map(digits).collect();
        assert_eq!(all.len(), usize::from(CELLS));
        assert_eq!(digits(usize::from(CELLS)), None);
    }
}
