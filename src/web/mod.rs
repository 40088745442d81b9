//! The whole JavaScript boundary: it converts and calls, and has no logic.
//!
//! Result rows have the names of the saved columns (`score_std`); what a
//! caller passes in has JavaScript's (`imageSeed`). Errors are thrown as plain
//! objects `{ code, message, where, hint }`.

mod choices;
mod convert;
mod list;
mod model;
#[cfg(feature = "probe")]
mod probe;
mod runner;
mod search;
mod start;

use js_sys::{Float64Array, Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::architecture::Architecture;
use crate::engine::{Choice, Device, Monitor, Reason, Step};
use crate::error::Error;
use crate::proxy::{self, Settings, dextr};
use crate::sources::{onnx, spaces};
use crate::{run, stats};
use convert::{Request, thrown, to_js};
use model::{OpenModel, read};

type JsResult<T = JsValue> = Result<T, JsValue>;

/// This crate's version.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// The search spaces with their options, examples, operations and edges.
#[wasm_bindgen]
pub fn spaces() -> JsResult {
    let all = spaces::all().iter();
    to_js(
        &all.map(|s| s.about().into())
            .collect::<Vec<convert::SpaceInfo>>(),
    )
}

/// What a row is: its columns in order, `{ name, kind, role, empty, help }`.
#[wasm_bindgen]
pub fn columns() -> JsResult {
    to_js(&run::COLUMNS)
}

/// An architecture's text in canonical form.
#[wasm_bindgen]
pub fn canonical(space: &str, arch: &str) -> JsResult<String> {
    spaces::by_name(space)
        .and_then(|s| s.canonical(arch))
        .map_err(thrown)
}

/// An architecture's text as it is understood: `{ arch, readings, note }`. With
/// `reading`, what may mean several things means that one.
#[wasm_bindgen]
pub fn parse(space: &str, arch: &str, reading: Option<String>) -> JsResult {
    let parsed = spaces::by_name(space).and_then(|s| s.parse(arch, reading.as_deref()));
    to_js(&parsed.map_err(thrown)?)
}

/// What a request asks for. The model file is let go: a pass needs its room.
fn asked(request: JsValue, model: Option<OpenModel>) -> JsResult<(Architecture, Settings)> {
    let request = Request::read(request)?;
    let arch = request.architecture(read(&model)).map_err(thrown)?;
    drop(model);
    Ok((arch, request.settings().map_err(thrown)?))
}

/// A network layer by layer, with parameters and MACs.
#[wasm_bindgen]
pub fn inspect(request: JsValue, model: Option<OpenModel>) -> JsResult {
    let (arch, settings) = asked(request, model)?;
    let policy = settings.policy(arch.observe);
    to_js(&convert::Inspection {
        layers: convert::LinkedLayer::all(&arch.network, policy),
        notes: arch.notes,
        params: arch.network.params(),
        macs: arch.network.macs(),
        space: arch.source,
        arch: arch.arch,
    })
}

/// An architecture of a space as the bytes of an ONNX file, with the weights of
/// the request's seed.
#[wasm_bindgen]
pub fn export_onnx(request: JsValue) -> JsResult<Vec<u8>> {
    let (arch, settings) = asked(request, None)?;
    onnx::export(&arch, settings.seed).map_err(thrown)
}

/// Spearman and Kendall of two columns, with bootstrap intervals; undefined
/// where they have no rank correlation.
#[wasm_bindgen]
pub fn correlate(scores: &[f64], truth: &[f64]) -> JsResult {
    to_js(&stats::correlate(scores, truth).map(convert::Correlated::of))
}

/// How much better one column ranks than another: `{ value, low, high }`, or nothing.
#[wasm_bindgen]
pub fn compare(a: &[f64], b: &[f64], truth: &[f64]) -> JsResult {
    to_js(&stats::paired_difference(a, b, truth).map(convert::Estimate::less))
}

/// AZ-NAS of each network of a pool, from the four parts of each, one after the
/// other; a part that is not there is not a number.
#[wasm_bindgen]
pub fn pooled(parts: &[f64]) -> Vec<f64> {
    let pool: Vec<[Option<f64>; 4]> = parts
        .as_chunks()
        .0
        .iter()
        .map(|own: &[f64; 4]| own.map(Some))
        .collect();
    proxy::AzNas::pooled(&pool)
}

/// The proxies, as `dextr proxies` lists them.
#[wasm_bindgen]
pub fn proxies() -> JsResult {
    let all = proxy::all().iter();
    let all: Vec<_> = all.map(|p| convert::Described::of(*p)).collect();
    to_js(&all)
}

/// An opened device.
#[wasm_bindgen]
pub struct Session {
    device: Device,
}

#[wasm_bindgen]
impl Session {
    /// Opens a device: `auto`, `webgpu` or `cpu`. `fallback_reason` is why the
    /// page already knows that there is no GPU, `called` what its adapter says of
    /// itself.
    pub async fn open(
        device: String,
        fallback_reason: Option<String>,
        called: Option<String>,
    ) -> JsResult<Session> {
        let choice: Choice = device.parse().map_err(thrown)?;
        let reason = fallback_reason
            .as_deref()
            .map(convert::reason)
            .transpose()
            .map_err(thrown)?;
        let device = match reason {
            Some(reason) => Device::cpu(reason),
            None => Device::open_called(choice, &called.unwrap_or_default())
                .await
                .map_err(thrown)?,
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
    pub async fn score(
        &self,
        request: JsValue,
        step: Function,
        model: Option<OpenModel>,
    ) -> JsResult {
        let (arch, settings) = asked(request, model)?;
        let scored = run::score(&arch, &settings, &self.device, &Listener { step }).await;
        to_js(&scored.map_err(thrown)?)
    }

    /// The row of a request that cannot be scored: its settings, and nothing found.
    pub fn unscored(&self, request: JsValue, model: Option<OpenModel>) -> JsResult {
        let request = Request::read(request)?;
        let row = request.unscored(read(&model), &self.device);
        to_js(&row.map_err(thrown)?)
    }

    /// All singular values of one observed map, largest first.
    pub async fn singular_values(
        &self,
        request: JsValue,
        map: String,
        step: Function,
        model: Option<OpenModel>,
    ) -> JsResult<Float64Array> {
        let (arch, settings) = asked(request, model)?;
        let values =
            dextr::singular_values(&arch, &settings, &map, &self.device, &Listener { step }).await;
        Ok(Float64Array::from(values.map_err(thrown)?.as_slice()))
    }

    /// Every layer's rank and ratio, and where rank is lost.
    pub async fn survey(
        &self,
        request: JsValue,
        step: Function,
        model: Option<OpenModel>,
    ) -> JsResult {
        let (arch, settings) = asked(request, model)?;
        let layers = dextr::survey(&arch, &settings, &self.device, &Listener { step }).await;
        to_js(&layers.map_err(thrown)?)
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
