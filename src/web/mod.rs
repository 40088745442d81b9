//! The whole JavaScript boundary: it converts and calls, and has no logic.
//!
//! Result rows have the names of the saved columns (`score_std`); what a
//! caller passes in has JavaScript's (`imageSeed`). Errors are thrown as plain
//! objects `{ code, message, where, hint }`.

mod choices;
mod convert;
mod model;
mod start;

use js_sys::{Float32Array, Float64Array, Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::array::{Array, Values};
use crate::engine::{Choice, Device, Monitor, Reason, Silent, Step};
use crate::error::Error;
use crate::proxy;
use crate::proxy::dextr::{self, Plan};
use crate::sources::spaces;
use crate::start::Weights;
use crate::stats;
use crate::stimulus;
use convert::{Request, thrown, to_js};
use model::{Model, read};

type JsResult<T = JsValue> = Result<T, JsValue>;

/// This crate's version.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// The search spaces with their options, examples, operations and edges.
#[wasm_bindgen]
pub fn spaces() -> JsResult {
    to_js(
        &spaces::all()
            .iter()
            .map(|s| convert::SpaceInfo::of(*s))
            .collect::<Vec<_>>(),
    )
}

/// An architecture's text in canonical form.
#[wasm_bindgen]
pub fn canonical(space: &str, arch: &str) -> JsResult<String> {
    spaces::by_name(space)
        .and_then(|s| s.canonical(arch))
        .map_err(thrown)
}

/// A network layer by layer, with parameters and MACs.
#[wasm_bindgen]
pub fn inspect(request: JsValue, model: Option<Model>) -> JsResult {
    let request = Request::read(request)?;
    let arch = request.architecture(read(&model)).map_err(thrown)?;
    let policy = request.settings().map_err(thrown)?.policy(arch.observe);
    to_js(&convert::Inspection {
        layers: convert::LinkedLayer::all(&arch.network, policy),
        notes: arch.notes,
        params: arch.network.params(),
        macs: arch.network.macs(),
        space: arch.source,
        arch: arch.arch,
    })
}

/// Spearman and Kendall of two columns, with bootstrap intervals; undefined
/// where they have no rank correlation.
#[wasm_bindgen]
pub fn correlate(scores: &[f64], truth: &[f64]) -> JsResult {
    to_js(&stats::correlate(scores, truth).map(convert::Correlated::of))
}

/// The default image of a size: 3·size² numbers in C, H, W order.
#[wasm_bindgen]
pub fn default_image(size: usize, seed: f64) -> JsResult<Float32Array> {
    let shape = convert::image_shape(size).map_err(thrown)?;
    let seed = convert::seed(seed).map_err(thrown)?;
    Ok(numbers(&stimulus::pink_noise(&shape, seed)))
}

/// A curve's plane at the default radius: u, then w.
#[wasm_bindgen]
pub fn curve_basis(size: usize, seed: f64, index: usize) -> JsResult<Float32Array> {
    let shape = convert::image_shape(size).map_err(thrown)?;
    let seed = convert::seed(seed).map_err(thrown)?;
    let curve = stimulus::circle(&shape, seed, index, None);
    let mut both = numbers(&curve.u).to_vec();
    both.extend(numbers(&curve.w).to_vec());
    Ok(Float32Array::from(both.as_slice()))
}

/// A weight tensor as the seed draws it.
#[wasm_bindgen]
pub fn weight(request: JsValue, tensor: &str) -> JsResult<Float32Array> {
    let request = Request::read(request)?;
    let arch = request.architecture(None).map_err(thrown)?;
    let seed = request.settings().map_err(thrown)?.seed;
    let weights = arch.start.weights(&arch.network, seed);
    Ok(numbers(weights.get(tensor).map_err(thrown)?))
}

/// An opened device.
#[wasm_bindgen]
pub struct Session {
    device: Device,
}

#[wasm_bindgen]
impl Session {
    /// Opens a device: `auto`, `webgpu` or `cpu`. `fallback_reason` is why the
    /// page already knows that there is no GPU.
    pub async fn open(device: String, fallback_reason: Option<String>) -> JsResult<Session> {
        let choice: Choice = device.parse().map_err(thrown)?;
        let reason = fallback_reason
            .as_deref()
            .map(convert::reason)
            .transpose()
            .map_err(thrown)?;
        let device = match reason {
            Some(reason) => Device::cpu(reason),
            None => Device::open(choice).await.map_err(thrown)?,
        };
        Ok(Session { device })
    }

    /// `{ kind, name, reason, message }`.
    pub fn device(&self) -> JsResult {
        to_js(&convert::DeviceInfo {
            kind: self.device.kind().name(),
            name: self.device.name(),
            reason: self.device.reason().map(Reason::name),
            message: self.device.message(),
        })
    }

    /// Scores an architecture. `step(done, total)` is called between layers
    /// and awaited; when it gives `false` the score is cancelled. With a model
    /// file, `options` are its, and `arch` is its name.
    pub async fn score(&self, request: JsValue, step: Function, model: Option<Model>) -> JsResult {
        let request = Request::read(request)?;
        let arch = request.architecture(read(&model)).map_err(thrown)?;
        drop(model);
        let settings = request.settings().map_err(thrown)?;
        let score = proxy::score(&arch, &settings, &self.device, &Listener { step }).await;
        to_js(&score.map_err(thrown)?)
    }

    /// Scores a reference case with the weights, image and curves of a file.
    pub async fn score_with(&self, request: JsValue, file: Vec<u8>) -> JsResult {
        let request = Request::read(request)?;
        let arch = request.architecture(None).map_err(thrown)?;
        let settings = request.settings().map_err(thrown)?;
        let scored = dextr::score_reference(&arch, &settings, &file, &self.device, &Silent).await;
        to_js(&scored.map_err(thrown)?.0)
    }

    /// All singular values of one observed map, largest first.
    pub async fn singular_values(
        &self,
        request: JsValue,
        map: String,
        step: Function,
        model: Option<Model>,
    ) -> JsResult<Float64Array> {
        let request = Request::read(request)?;
        let arch = request.architecture(read(&model)).map_err(thrown)?;
        let settings = request.settings().map_err(thrown)?;
        let values =
            dextr::singular_values(&arch, &settings, &map, &self.device, &Listener { step }).await;
        Ok(Float64Array::from(values.map_err(thrown)?.as_slice()))
    }

    /// The output's jet `{ y, dy, ddy }` along the first curve.
    pub async fn forward(&self, request: JsValue) -> JsResult {
        let request = Request::read(request)?;
        let arch = request.architecture(None).map_err(thrown)?;
        let settings = request.settings().map_err(thrown)?;
        let mut plan = Plan::new(&arch, &settings).map_err(thrown)?;
        plan.whole = true;
        let weights = arch.start.weights(&plan.network, settings.seed);
        let evaluation = dextr::evaluate(&plan, &weights, &self.device, &Silent)
            .await
            .map_err(thrown)?;
        to_js(&evaluation.jets.first().map(convert::Jet::of))
    }
}

/// A monitor that asks a JavaScript function.
struct Listener {
    step: Function,
}

impl Monitor for Listener {
    fn step(&self, done: usize, total: usize) -> Step<'_> {
        Box::pin(async move {
            let answer = self.step.call2(
                &JsValue::NULL,
                &JsValue::from(done as f64),
                &JsValue::from(total as f64),
            );
            let answer = answer.map_err(|_| Error::Cancelled)?;
            let answer = match answer.dyn_into::<Promise>() {
                Ok(promise) => JsFuture::from(promise)
                    .await
                    .map_err(|_| Error::Cancelled)?,
                Err(plain) => plain,
            };
            if answer == JsValue::FALSE {
                Err(Error::Cancelled)
            } else {
                Ok(())
            }
        })
    }
}

fn numbers(array: &Array) -> Float32Array {
    match &array.values {
        Values::F32(values) => Float32Array::from(values.as_slice()),
        Values::F64(values) => Float32Array::from(
            values
                .iter()
                .map(|&x| x as f32)
                .collect::<Vec<_>>()
                .as_slice(),
        ),
    }
}
