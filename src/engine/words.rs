//! Word vectors: the rows of a table that ids pick.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an id is held against the table's rows before it is one"
)]

use crate::array::{Array, Values};
use crate::error::{Error, Result};

/// A table of word vectors, `[vocabulary, features]`.
pub(super) struct Table<'a> {
    array: &'a Array,
    vocabulary: usize,
    features: usize,
}

impl<'a> Table<'a> {
    pub(super) fn of(array: &'a Array) -> Self {
        let vocabulary = array.shape.first().copied().unwrap_or(0);
        Self {
            array,
            vocabulary,
            features: array.shape.iter().skip(1).product(),
        }
    }

    /// Puts the vectors of ids behind `rows`. The table itself stays as it is:
    /// of a large one few rows are asked for.
    ///
    /// # Errors
    /// [`Error::Image`] for an id that is no whole number, or beyond the table.
    pub(super) fn look_up(&self, ids: &Array, rows: &mut Vec<f64>) -> Result<()> {
        for (place, id) in ids.to_f64().into_iter().enumerate() {
            if id < 0.0 || id.fract() != 0.0 || id >= self.vocabulary as f64 || id.is_nan() {
                return Err(Error::Image {
                    message: format!(
                        "the id {id} of token {place} is none of the vocabulary's {}",
                        self.vocabulary
                    ),
                    cure: format!(
                        "give whole numbers from 0 to {}",
                        self.vocabulary.saturating_sub(1)
                    ),
                });
            }
            let row = id as usize * self.features..(id as usize + 1) * self.features;
            match &self.array.values {
                Values::F32(v) => rows.extend(v[row].iter().map(|&x| f64::from(x))),
                Values::F64(v) => rows.extend_from_slice(&v[row]),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_pick_rows_and_those_beyond_the_table_are_named() {
        let table = Array::f32(vec![3, 2], vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        let table = Table::of(&table);
        let mut rows = Vec::new();
        let ids = |ids: &[f32]| Array::f32(vec![ids.len()], ids.to_vec());
        table.look_up(&ids(&[2.0, 0.0, 2.0]), &mut rows).unwrap();
        assert_eq!(rows, [4.0, 5.0, 0.0, 1.0, 4.0, 5.0]);
        for wrong in [3.0, -1.0, 0.5, f32::NAN] {
            let error = table.look_up(&ids(&[1.0, wrong]), &mut rows).unwrap_err();
            assert_eq!(error.code(), "bad-image");
            assert!(error.to_string().contains("token 1"), "{error}");
            assert!(error.hint().contains("0 to 2"), "{error:?}");
        }
    }
}
