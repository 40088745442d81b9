//! A model file as an [`Architecture`].

use std::sync::Arc;

use super::inputs::Inputs;
use super::read::Model;
use crate::architecture::{About, Architecture, Normalisation, OptionInfo, Options};
use crate::error::Result;
use crate::network::Policy;

/// What model files are, in facts.
pub static ABOUT: About = About {
    // The one place of this name; it is also how their own names end.
    name: "onnx",
    title: "Networks from ONNX files",
    size: None,
    options: &[
        OptionInfo {
            name: "height",
            default: "auto",
            values: &[],
            help: "height of the image; auto takes the file's, or 224 where it has none",
        },
        OptionInfo {
            name: "width",
            default: "auto",
            values: &[],
            help: "width of the image, in the same way",
        },
        OptionInfo {
            name: "weights",
            default: "seed",
            values: &["seed", "file"],
            help: "seed draws them anew with PyTorch's defaults, file keeps the file's",
        },
        OptionInfo {
            name: "outputs",
            default: "all",
            values: &[],
            help: "the names of the outputs to score, separated by commas",
        },
        OptionInfo {
            name: "renormalise",
            default: "no",
            values: &["no", "yes"],
            help: "yes puts a batch norm behind every convolution with a bias, where an exporter folded it away",
        },
        OptionInfo {
            name: "length",
            default: "",
            values: &[],
            help: "how many tokens, of networks that take token ids; the file's, or 128 (fewer where the network takes fewer)",
        },
    ],
    readings: &[],
    columns: &[],
    examples: &[],
    operations: &[],
    edges: &[],
    published: false,
    // The policy that does not depend on how a network was exported.
    observe: Policy::Flow,
};

/// Whether a path ends as those of model files do.
#[must_use]
pub fn is_model_path(path: &str) -> bool {
    let end = path.rsplit_once('.');
    end.is_some_and(|(_, end)| end.eq_ignore_ascii_case(ABOUT.name))
}

impl Model {
    /// The model as an architecture, under a name (as a rule the file's); its
    /// notes say what there is to know about it.
    ///
    /// # Errors
    /// [`UnknownName`](crate::Error::UnknownName) and [`Option`](crate::Error::Option) for the options, and those
    /// of [`Model::lower`].
    pub fn architecture(&self, name: &str, options: &Options) -> Result<Architecture> {
        let options = options.among(ABOUT.options)?;
        let outputs = Some(options.value("outputs")).filter(|&names| names != "all");
        let mut lowered = self.lower_outputs(&Inputs::of(&options)?, outputs)?;
        if matches!(options.value("renormalise"), "yes" | "true") {
            lowered.renormalise()?;
        }
        Ok(Architecture {
            source: ABOUT.name,
            arch: name.to_owned(),
            options: options.describe(),
            published: ABOUT.published,
            observe: ABOUT.observe,
            // Of ImageNet, by far the most frequent.
            normalisation: Normalisation::IMAGENET,
            network: Arc::new(lowered.network),
            start: lowered.start,
            notes: lowered.notes.into_iter().map(|n| n.message).collect(),
        })
    }
}
