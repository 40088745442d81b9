//! Model files among the arguments, and on the disk.

use std::io::Read;
use std::path::{Component, Path};

use dextr::sources::onnx::{Dimension, Model, OPERATORS, Port, is_model_head, is_model_path};
use dextr::{Error, Result};

use crate::args::InputArgs;
use crate::failure::Failure;

/// Whether the arguments name model files, and nothing else.
pub(crate) fn asked(args: &InputArgs) -> std::result::Result<bool, Failure> {
    let is_model = |path: &String| is_model(path);
    if let Some(path) = args.list.input.as_ref().filter(|p| is_model(p)) {
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
        return Ok(false);
    }
    if let Some(other) = args.archs.iter().find(|a| !is_model(a)) {
        return Err(Failure::new(
            format!("'{other}' is no model file, and others are"),
            "score model files and architectures of a space in runs of their own",
        ));
    }
    if args.list.space.is_some() || args.list.input.is_some() {
        return Err(Failure::new(
            "model files stand for themselves: no --space, no --input",
            "leave --space and --input out",
        ));
    }
    Ok(true)
}

/// Whether an argument names a model file: by its ending, or by what is in it.
fn is_model(path: &str) -> bool {
    is_model_path(path) || head(path).is_some_and(|head| is_model_head(&head))
}

/// The first bytes of a file, where an argument is the path of one.
fn head(path: &str) -> Option<Vec<u8>> {
    /// Formats are told apart by so many bytes.
    const HEAD: u64 = 4096;
    let path = Path::new(path);
    // A pipe would be read empty.
    if !path.is_file() {
        return None;
    }
    let mut head = Vec::new();
    let file = std::fs::File::open(path).ok()?;
    file.take(HEAD).read_to_end(&mut head).ok()?;
    Some(head)
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

/// Reads a file, and the data files beside it that it names.
pub(crate) fn open(path: &str) -> Result<Model> {
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
