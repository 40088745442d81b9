//! Losses, where their gradients begin, and what is kept of these.

use std::sync::Arc;

use crate::array::Array;
use crate::error::{Error, Result};

/// A number that is made of the outputs of all images, and whose gradient is
/// wanted. Several outputs count as one vector, in graph order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Loss {
    /// The sum of an image's outputs, its mean over the images: no labels.
    Sum,
    /// The cross-entropy of an image's outputs (as logits) and its label, its
    /// mean over the images. One label an image, each below the number of
    /// outputs, of which there are at least two.
    CrossEntropy(Arc<[usize]>),
}

/// The gradient by one weight.
#[derive(Debug, Clone, PartialEq)]
pub struct WeightGradient {
    /// The tensor's name.
    pub tensor: String,
    /// Its numbers.
    pub weight: Arc<Array>,
    /// The loss's derivative by each of them; 0 where none leads to the outputs.
    pub gradient: Vec<f64>,
}

/// The gradient by the outputs, an image after the other, for the outputs
/// themselves in this order.
///
/// # Errors
/// [`Error::Usage`] for labels that do not fit.
pub(in crate::engine) fn start(loss: &Loss, images: usize, outputs: &[f64]) -> Result<Vec<f64>> {
    let count = outputs.len() / images.max(1);
    let share = 1.0 / images as f64;
    let Loss::CrossEntropy(labels) = loss else {
        return Ok(vec![share; outputs.len()]);
    };
    check(labels, images, count)?;
    let mut gradient = Vec::with_capacity(outputs.len());
    for (logits, &label) in outputs.chunks_exact(count).zip(labels.iter()) {
        let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let exponentials: Vec<f64> = logits.iter().map(|x| (x - largest).exp()).collect();
        let sum: f64 = exponentials.iter().sum();
        let own = exponentials.iter().enumerate();
        gradient.extend(own.map(|(class, e)| {
            let target = if class == label { 1.0 } else { 0.0 };
            share * (e / sum - target)
        }));
    }
    Ok(gradient)
}

fn check(labels: &[usize], images: usize, classes: usize) -> Result<()> {
    let refuse = |message: String, cure: &str| Error::Usage {
        message,
        cure: cure.to_owned(),
    };
    if classes < 2 {
        return Err(refuse(
            format!("a cross-entropy needs two classes, and the network has {classes} output"),
            "take the sum of the outputs as the loss",
        ));
    }
    if labels.len() != images {
        return Err(refuse(
            format!("{} labels do not fit {images} images", labels.len()),
            "give each image a label",
        ));
    }
    match labels.iter().find(|&&label| label >= classes) {
        None => Ok(()),
        Some(label) => Err(refuse(
            format!("the label {label} is none of {classes} classes"),
            "count classes from 0",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cross_entropy_moves_towards_the_label() {
        let loss = Loss::CrossEntropy([1, 0].into());
        let found = start(&loss, 2, &[0.0, 0.0, 1000.0, 0.0]).unwrap();
        assert_eq!(found, [0.25, -0.25, 0.0, 0.0]);
        assert_eq!(start(&Loss::Sum, 2, &[3.0; 4]).unwrap(), [0.5; 4]);
    }

    #[test]
    fn labels_that_do_not_fit_are_named() {
        let of = |labels: &[usize], outputs: &[f64]| {
            let error = start(&Loss::CrossEntropy(labels.into()), 2, outputs).unwrap_err();
            error.to_string()
        };
        assert!(of(&[0, 2], &[0.0; 4]).contains("label 2 is none of 2 classes"));
        assert!(of(&[0], &[0.0; 4]).contains("1 labels do not fit 2 images"));
        assert!(of(&[0, 0], &[0.0; 2]).contains("has 1 output"));
    }
}
