//! What only the tests ask for: the numbers that a score is made of, and whether
//! the module was linked as it should be. Behind the feature `probe`, so that
//! the shipped module has none of it.

use std::sync::atomic::{AtomicU32, Ordering};

use dextr_loops::Convolution;
use js_sys::Float32Array;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::convert::{self, Request, thrown, to_js};
use super::{JsResult, Session};
use crate::array::{Array, Values};
use crate::engine::{OutputJet, Silent};
use crate::error::{Error, Result};
use crate::proxy::dextr::{self, Plan};
use crate::run::Scored;
use crate::stimulus::{circle, pink_noise};

static RUNS: AtomicU32 = AtomicU32::new(0);

extern "C" fn count_run() {
    RUNS.fetch_add(1, Ordering::Relaxed);
}

// SAFETY: a constructor like those that CubeCL registers by the thousand; it
// only counts, so that a test notices when constructors run again.
#[used]
#[unsafe(link_section = ".init_array")]
static COUNTER: extern "C" fn() = count_run;

/// How often the static constructors ran: once.
#[wasm_bindgen]
pub fn constructor_runs() -> u32 {
    RUNS.load(Ordering::Relaxed)
}

/// The default image of a size: 3·size² numbers in C, H, W order.
#[wasm_bindgen]
pub fn default_image(size: usize, seed: f64) -> JsResult<Float32Array> {
    let shape = image_shape(size).map_err(thrown)?;
    let seed = convert::seed(seed).map_err(thrown)?;
    Ok(numbers(&pink_noise(&shape, seed)))
}

/// A curve's plane at the default radius: u, then w.
#[wasm_bindgen]
pub fn curve_basis(size: usize, seed: f64, index: usize) -> JsResult<Float32Array> {
    let shape = image_shape(size).map_err(thrown)?;
    let seed = convert::seed(seed).map_err(thrown)?;
    let curve = circle(&shape, seed, index, None);
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

/// A convolution by the innermost loops, of `[channels, height, width]`. `window`
/// has kernel, stride, dilation and the zeros before, the same on both sides, and
/// how many windows there are down and across.
#[wasm_bindgen]
pub fn convolve(
    map: &[usize],
    out: usize,
    window: &[usize],
    x: &[f32],
    weights: &[f32],
) -> JsResult<Float32Array> {
    let (&[channels, h, w], &[kernel, stride, dilation, before, down, across]) = (map, window)
    else {
        return Err(thrown(Error::option(
            "window",
            &format!("{map:?}, {window:?}"),
            "three sides, and six numbers",
        )));
    };
    let convolution = Convolution {
        map: [channels, h, w],
        out,
        counts: [down, across],
        kernel: [kernel; 2],
        stride: [stride; 2],
        dilation: [dilation; 2],
        before: [before; 2],
    };
    let mut y = vec![f32::NAN; x.len() / (channels * h * w) * out * down * across];
    convolution.apply(x, weights, &mut y);
    Ok(Float32Array::from(y.as_slice()))
}

#[wasm_bindgen]
impl Session {
    /// Scores a reference case with the weights, image and curves of a file.
    pub async fn score_with(&self, request: JsValue, file: Vec<u8>) -> JsResult {
        let request = Request::read(request)?;
        let arch = request.architecture(None).map_err(thrown)?;
        let settings = request.settings().map_err(thrown)?;
        let scored = dextr::score_reference(&arch, &settings, &file, &self.device, &Silent).await;
        let (score, _) = scored.map_err(thrown)?;
        to_js(&Scored::of(score, &arch, &settings, &self.device))
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
        to_js(&evaluation.jets.first().map(Jet::of))
    }
}

#[derive(Serialize)]
struct Jet<'a> {
    y: &'a [f64],
    dy: &'a [f64],
    ddy: &'a [f64],
}

impl<'a> Jet<'a> {
    fn of(jet: &'a OutputJet) -> Self {
        Self {
            y: &jet.y,
            dy: &jet.dy,
            ddy: &jet.ddy,
        }
    }
}

/// The shape of a square image of three channels.
fn image_shape(size: usize) -> Result<[usize; 3]> {
    if (1..=1024).contains(&size) {
        return Ok([3, size, size]);
    }
    Err(Error::Option {
        name: "size".to_owned(),
        value: size.to_string(),
        expected: "a whole number from 1 to 1024".to_owned(),
    })
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
