//! A micro cell and its two notations.
//!
//! **String**: `64-41414-1_02_333`: the base width and the macro skeleton,
//! which the micro space fixes, and the cell: the group of node t lists one
//! operation for each source s < t. The cell alone, `1_02_333`, is read too.
//! **Six-index form**: the same six digits, `(1, 0, 2, 3, 3, 3)`.
//!
//! The order of edges is that of NAS-Bench-201.

use std::fmt::{Display, Formatter};
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::sources::spaces::scan::Scanner;

/// What every architecture of the micro space begins with.
pub(super) const SKELETON: &str = "64-41414-";

/// What an edge does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Operation {
    /// Zeros.
    None,
    /// The identity; a factorised reduction where size or channels change.
    SkipConnect,
    /// ReLU, 1×1 convolution, batch norm.
    Conv1x1,
    /// ReLU, 3×3 convolution, batch norm.
    Conv3x3,
}

impl Operation {
    /// All operations, in index order.
    pub(super) const ALL: [Self; 4] = [Self::None, Self::SkipConnect, Self::Conv1x1, Self::Conv3x3];

    /// The names that NAS-Bench-201 gives them; the benchmark has digits only.
    pub(super) const NAMES: [&'static str; 4] =
        ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3"];

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

/// A cell: one operation an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::sources::spaces) struct Cell(pub(super) [Operation; 6]);

impl Cell {
    /// Number of cells, 4⁶.
    pub(super) const COUNT: u64 = 4096;

    fn from_digits(digits: [usize; 6]) -> Self {
        // The scanner gives digits below 4.
        Self(digits.map(|d| Operation::ALL[d % 4]))
    }
}

impl Display for Cell {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(SKELETON)?;
        for (i, operation) in self.0.into_iter().enumerate() {
            // Groups of one, two and three.
            let separator = if matches!(i, 1 | 3) { "_" } else { "" };
            write!(f, "{separator}{}", operation as usize)?;
        }
        Ok(())
    }
}

impl FromStr for Cell {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut scanner = Scanner::new(text);
        scanner.blanks();
        if !scanner.rest().contains(['_', '-']) {
            return Ok(Self::from_digits(scanner.digits(3)?));
        }
        if scanner.rest().contains('-') {
            if !scanner.rest().starts_with(SKELETON) {
                return scanner.fail_near(
                    format!("'{SKELETON}' and the cell (the micro space fixes width and skeleton)"),
                    scanner.rest(),
                    &[],
                );
            }
            scanner.advance(SKELETON.len());
        }
        let mut digits = [0; 6];
        for (i, digit) in digits.iter_mut().enumerate() {
            if matches!(i, 1 | 3) && !scanner.take_here('_') {
                return scanner.fail("'_' before the next node");
            }
            *digit = scanner.digit(i + 1, 3)?;
        }
        scanner.end("the end of the cell")?;
        Ok(Self::from_digits(digits))
    }
}
