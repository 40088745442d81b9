//! Model files in the place of a space: an architecture is a file's path.

use std::path::{Component, Path};
use std::sync::Arc;

use dextr::architecture::{Architecture, Known, Normalisation, Options};
use dextr::network::{Builder, Policy};
use dextr::sources::onnx::{Dimension, Model, ModelOptions, OPERATORS, OPTIONS, Port};
use dextr::sources::spaces::{Choice, Example, Space};
use dextr::start::Start;
use dextr::{Error, Result};

use crate::args::InputArgs;
use crate::failure::Failure;

/// The name in the column `space`.
pub(crate) const NAME: &str = "onnx";

/// Model files.
struct Models;

/// The space of model files, if the arguments name any.
pub(crate) fn space(args: &InputArgs) -> std::result::Result<Option<&'static dyn Space>, Failure> {
    let is_model = |path: &String| path.to_ascii_lowercase().ends_with(".onnx");
    if let Some(path) = args.input.as_ref().filter(|p| is_model(p)) {
        return Err(Failure::new(
            format!("--input {path}: a model is not a list of architectures"),
            "give the model file without --input",
        ));
    }
    if !args.archs.iter().any(is_model) {
        if args.weights.is_some() {
            return Err(Failure::new(
                "--weights is for model files",
                "leave it out: a space's weights are drawn by seed",
            ));
        }
        return Ok(None);
    }
    if let Some(other) = args.archs.iter().find(|a| !is_model(a)) {
        return Err(Failure::new(
            format!("'{other}' is no model file, and others are"),
            "score model files and architectures of a space in runs of their own",
        ));
    }
    if args.space.is_some_and(|s| s.name() != NAME) || args.input.is_some() {
        return Err(Failure::new(
            "model files stand for themselves: no --space, no --input",
            "leave --space and --input out",
        ));
    }
    Ok(Some(&Models))
}

/// Stands for the files where only the options matter.
pub(crate) fn example(options: &Options) -> std::result::Result<Architecture, Failure> {
    let network = Builder::new([3, 8, 8])?.finish(&[0]);
    Ok(Architecture {
        source: NAME,
        arch: String::new(),
        options: read_options(options)?.describe(),
        published: false,
        observe: Policy::Flow,
        normalisation: Normalisation::NONE,
        network: Arc::new(network),
        start: Start::default(),
        notes: Vec::new(),
    })
}

/// What a file says of itself, for reading.
pub(crate) fn describe(path: &str) -> String {
    let Ok(model) = open(path) else {
        return String::new();
    };
    let info = model.info();
    let ports = |ports: &[Port]| {
        let all: Vec<String> = ports.iter().map(port).collect();
        all.join(", ")
    };
    let operators: Vec<String> = info
        .operators
        .iter()
        .map(|o| {
            let known = o.domain.is_empty() && OPERATORS.contains(&o.operator.as_str());
            let mark = if known { "" } else { "*" };
            format!("{}{mark} {}", o.operator, o.count)
        })
        .collect();
    format!(
        "graph {}, opset {}, written by {}\ninputs {}\noutputs {}\n{} nodes (* on constants alone, or not supported): {}\n",
        info.name,
        info.opset,
        info.producer,
        ports(&info.inputs),
        ports(&info.outputs),
        info.nodes,
        operators.join(", ")
    )
}

fn port(port: &Port) -> String {
    let Some(shape) = &port.shape else {
        return port.name.clone();
    };
    let dims: Vec<String> = shape
        .iter()
        .map(|d| match d {
            Dimension::Fixed(n) => n.to_string(),
            Dimension::Named(name) => name.clone(),
            Dimension::Unknown(()) => "?".to_owned(),
        })
        .collect();
    format!("{} [{}]", port.name, dims.join(", "))
}

fn read_options(options: &Options) -> Result<ModelOptions> {
    let mut read = ModelOptions::default();
    for (name, value) in options.given() {
        read.set(name, value)?;
    }
    Ok(read)
}

/// Reads a file, and the data files beside it that it names.
fn open(path: &str) -> Result<Model> {
    let unreadable = |what: &str, error: &std::io::Error| Error::Model {
        code: "bad-model",
        place: "file".to_owned(),
        message: format!("{what} cannot be read: {error}"),
        cure: "check the path".to_owned(),
    };
    let bytes = std::fs::read(path).map_err(|e| unreadable(path, &e))?;
    let mut model = Model::from_vec(bytes)?;
    for name in model.data_files() {
        // A model names files in its own folder or below, and nothing else.
        let inside = |part| matches!(part, Component::Normal(_) | Component::CurDir);
        if !Path::new(&name).components().all(inside) {
            continue;
        }
        let beside = Path::new(path).with_file_name(&name);
        // One that is missing is an error only where its numbers are needed.
        if let Ok(bytes) = std::fs::read(beside) {
            model.attach_vec(&name, bytes);
        }
    }
    Ok(model)
}

impl Space for Models {
    fn name(&self) -> &'static str {
        NAME
    }

    fn title(&self) -> &'static str {
        "Networks from ONNX files"
    }

    fn size(&self) -> u64 {
        0
    }

    fn options(&self) -> &'static [Known] {
        &OPTIONS
    }

    fn columns(&self) -> &'static [&'static str] {
        &[]
    }

    fn examples(&self) -> &'static [Example] {
        &[]
    }

    fn observe(&self) -> Policy {
        Policy::Flow
    }

    fn canonical(&self, text: &str) -> Result<String> {
        Ok(text.to_owned())
    }

    fn choices(&self, _: &str) -> Result<Vec<Choice>> {
        Ok(Vec::new())
    }

    fn choose(&self, _: &str, index: usize, _: &str) -> Result<String> {
        Err(Error::Option {
            name: "choice".to_owned(),
            value: index.to_string(),
            expected: "left out: a file has nothing to choose".to_owned(),
        })
    }

    fn sample(&self, _: u64) -> String {
        String::new()
    }

    fn build(&self, text: &str, options: &Options) -> Result<Architecture> {
        let options = read_options(options)?;
        open(text)?.architecture(text, &options)
    }
}
