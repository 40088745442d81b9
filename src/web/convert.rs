//! JavaScript values ↔ Rust values.

use std::collections::BTreeMap;

use js_sys::Object;
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};

use crate::architecture::{About, Architecture, Example, OptionInfo, Options, Reading};
use crate::engine::{Device, Reason};
use crate::error::{Error, Result};
use crate::network::{Layer, Network, Policy};
use crate::proxy::{self, Class, Settings};
use crate::run::Row;
use crate::sources::Source;
use crate::sources::onnx::Model;
use crate::stats::{Correlation, Difference, Interval};
use crate::stimulus::{Given, Ids, Picture};

/// What a page asks for; all but `space` and `arch` has a default.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request {
    space: String,
    arch: String,
    #[serde(default)]
    options: BTreeMap<String, OptionValue>,
    #[serde(default)]
    seed: u64,
    seeds: Option<u32>,
    #[serde(default)]
    image_seed: u64,
    #[serde(default)]
    curve_seed: u64,
    image: Option<Pixels>,
    /// Token ids instead of drawn ones.
    ids: Option<IdsValue>,
    protocol: Option<String>,
    observe: Option<String>,
    curves: Option<usize>,
    /// `mean/spread`, both in thousands of parameters.
    swap_size: Option<String>,
    /// Names separated by commas.
    proxies: Option<String>,
    /// What a text means that may mean several architectures.
    reading: Option<String>,
}

/// Option values come as text, numbers or booleans.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum OptionValue {
    Flag(bool),
    Number(f64),
    Text(String),
}

impl OptionValue {
    fn text(&self) -> String {
        match self {
            Self::Flag(flag) => flag.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

/// Token ids come as numbers, or as the text that a tokenizer prints.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum IdsValue {
    Numbers(Vec<u32>),
    Text(String),
}

impl IdsValue {
    fn read(&self) -> Result<Ids> {
        match self {
            Self::Numbers(ids) => Ids::new(ids.clone()),
            Self::Text(text) => text.parse(),
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
struct Pixels {
    width: u32,
    height: u32,
    #[serde(with = "serde_bytes")]
    rgba: Vec<u8>,
}

/// The fields of a [`Request`], as JavaScript writes them.
const FIELDS: [&str; 15] = [
    "space",
    "arch",
    "options",
    "seed",
    "seeds",
    "imageSeed",
    "curveSeed",
    "image",
    "ids",
    "protocol",
    "observe",
    "curves",
    "swapSize",
    "proxies",
    "reading",
];

/// Refuses an object with other keys: serde-wasm-bindgen looks at those it knows alone.
pub(super) fn only(value: &JsValue, known: &[&str]) -> std::result::Result<(), JsValue> {
    let Some(object) = value.dyn_ref::<Object>() else {
        return Ok(());
    };
    let keys = Object::keys(object);
    let mut keys = keys.iter().filter_map(|key| key.as_string());
    match keys.find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(thrown(Error::unknown("setting", &key, known))),
        None => Ok(()),
    }
}

impl Request {
    pub(super) fn read(value: JsValue) -> std::result::Result<Self, JsValue> {
        only(&value, &FIELDS)?;
        serde_wasm_bindgen::from_value(value).map_err(|e| {
            thrown(Error::Usage {
                message: format!("the request cannot be read: {e}"),
                cure: "give { space, arch } and the settings that the documentation lists"
                    .to_owned(),
            })
        })
    }

    /// What is meant: an architecture of a space, or the model that came with
    /// the request.
    pub(super) fn architecture(&self, model: Option<&Model>) -> Result<Architecture> {
        let source = self.source(model)?;
        source.build(&self.arch, &self.options(source)?, |name| {
            model.ok_or_else(|| Error::Usage {
                message: format!("the model file '{name}' is not in the request"),
                cure: "open the file and give it as `model`".to_owned(),
            })
        })
    }

    /// The row of what cannot be scored, as far as it can be known.
    pub(super) fn unscored(&self, model: Option<&Model>, device: &Device) -> Result<Row> {
        let settings = self.settings()?;
        if let Ok(arch) = self.architecture(model) {
            return Ok(Row::begin(&arch, &settings, device));
        }
        let source = self.source(model)?;
        let row = Row::of_run(source, &self.options(source)?, &settings, device)?;
        Ok(Row {
            arch: self.arch.clone(),
            ..row
        })
    }

    fn source(&self, model: Option<&Model>) -> Result<Source> {
        match model {
            Some(_) => Ok(Source::Models),
            None => Source::by_name(&self.space),
        }
    }

    fn options(&self, source: Source) -> Result<Options> {
        let mut options = Options::new();
        for (name, value) in &self.options {
            options.set(name, &value.text());
        }
        if let Some(reading) = &self.reading {
            options.read_as(reading);
        }
        if let Some(ids) = &self.ids {
            source.fit_length(&mut options, ids.read()?.len());
        }
        Ok(options)
    }

    pub(super) fn settings(&self) -> Result<Settings> {
        let default = Settings::default();
        let image = match (&self.image, &self.ids) {
            (Some(p), _) => {
                let picture = Picture::from_rgba(p.width, p.height, p.rgba.clone())?;
                Some(Given::Picture(picture))
            }
            (None, Some(ids)) => Some(Given::Ids(ids.read()?)),
            (None, None) => None,
        };
        let settings = Settings {
            seed: self.seed,
            seeds: self.seeds.unwrap_or(default.seeds),
            image_seed: self.image_seed,
            curve_seed: self.curve_seed,
            image,
            protocol: self
                .protocol
                .as_deref()
                .map_or(Ok(default.protocol), str::parse)?,
            observe: self.observe.as_deref().map(str::parse).transpose()?,
            curves: self.curves,
            swap_size: self.swap_size.as_deref().map(str::parse).transpose()?,
            proxies: match &self.proxies {
                Some(names) => proxy::by_names(names)?,
                None => default.proxies,
            },
        };
        settings.check()?;
        Ok(settings)
    }
}

#[derive(Serialize)]
pub(super) struct SpaceInfo {
    name: &'static str,
    title: &'static str,
    /// Rounded where a JavaScript number is.
    size: f64,
    options: &'static [OptionInfo],
    examples: &'static [Example],
    operations: &'static [&'static str],
    edges: &'static [(usize, usize)],
    columns: &'static [&'static str],
    readings: &'static [Reading],
    observe: &'static str,
}

impl From<&About> for SpaceInfo {
    fn from(about: &About) -> Self {
        Self {
            name: about.name,
            title: about.title,
            size: about.size.unwrap_or_default() as f64,
            options: about.options,
            examples: about.examples,
            operations: about.operations,
            edges: about.edges,
            columns: about.columns,
            readings: about.readings,
            observe: about.observe.name(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct Inspection {
    pub(super) arch: String,
    pub(super) space: &'static str,
    pub(super) params: u64,
    pub(super) macs: u64,
    pub(super) layers: Vec<LinkedLayer>,
    /// What there is to know about how a file was understood.
    pub(super) notes: Vec<String>,
}

/// A layer with where its operands come from, as indices of layers.
#[derive(Serialize)]
pub(super) struct LinkedLayer {
    #[serde(flatten)]
    layer: Layer,
    inputs: Vec<usize>,
}

impl LinkedLayer {
    pub(super) fn all(network: &Network, policy: Policy) -> Vec<Self> {
        let layers = network.layers(policy).into_iter();
        let nodes = network.nodes().iter();
        let linked = layers.zip(nodes).map(|(layer, node)| Self {
            layer,
            inputs: node.inputs.clone(),
        });
        linked.collect()
    }
}

#[derive(Serialize)]
pub(super) struct DeviceInfo<'a> {
    pub(super) kind: &'static str,
    pub(super) name: &'a str,
    pub(super) reason: Option<&'static str>,
    pub(super) message: Option<&'a str>,
}

#[derive(Serialize)]
struct Thrown {
    code: &'static str,
    message: String,
    #[serde(rename = "where")]
    place: Option<String>,
    hint: String,
}

/// A correlation as JavaScript has it.
#[derive(Serialize)]
pub(super) struct Correlated {
    n: usize,
    spearman: Estimate,
    kendall: Estimate,
}

/// A number with its interval.
#[derive(Serialize)]
pub(super) struct Estimate {
    value: f64,
    low: Option<f64>,
    high: Option<f64>,
}

impl Correlated {
    pub(super) fn of(found: Correlation) -> Self {
        Self {
            n: found.n,
            spearman: Estimate::of(found.spearman, found.spearman_interval),
            kendall: Estimate::of(found.kendall, found.kendall_interval),
        }
    }
}

impl Estimate {
    fn of(value: f64, interval: Option<Interval>) -> Self {
        Self {
            value,
            low: interval.map(|i| i.low),
            high: interval.map(|i| i.high),
        }
    }

    /// Of a difference.
    pub(super) fn less(found: Difference) -> Self {
        Self::of(found.spearman, found.interval)
    }
}

/// An error as the object that JavaScript catches.
pub(super) fn thrown(error: Error) -> JsValue {
    let object = Thrown {
        code: error.code(),
        message: error.to_string(),
        place: error.place(),
        hint: error.hint(),
    };
    to_js(&object).unwrap_or_else(|e| e)
}

/// A Rust value as plain objects, arrays and numbers.
pub(super) fn to_js(value: &impl Serialize) -> std::result::Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value
        .serialize(&serializer)
        .map_err(|e| JsValue::from_str(&e.to_string()))
}

/// Why the page knows that there is no GPU.
pub(super) fn reason(name: &str) -> Result<Reason> {
    let all = [
        Reason::Asked,
        Reason::NoWebGpu,
        Reason::InsecureContext,
        Reason::NoAdapter,
        Reason::FailedProof,
        Reason::SlowAdapter,
    ];
    let names = all.map(Reason::name);
    let found = all.into_iter().find(|r| r.name() == name);
    found.ok_or_else(|| Error::unknown("reason", name, &names))
}

/// A seed that came as a JavaScript number.
pub(super) fn seed(number: f64) -> Result<u64> {
    // 2⁵³: above it a number has no last digit.
    if number >= 0.0 && number.fract() == 0.0 && number <= 9_007_199_254_740_992.0 {
        return Ok(number as u64);
    }
    Err(Error::Option {
        name: "seed".to_owned(),
        value: number.to_string(),
        expected: "a whole number from 0 to 2^53".to_owned(),
    })
}

/// A proxy as JavaScript has it.
#[derive(Serialize)]
pub(super) struct Described {
    #[serde(flatten)]
    about: &'static proxy::About,
    cost: Class,
    /// The parts that have columns of their own.
    parts: &'static [&'static str],
}

impl Described {
    pub(super) fn of(proxy: &'static dyn proxy::Proxy) -> Self {
        let about = proxy.about();
        Self {
            about,
            cost: about.demands.class(),
            parts: proxy.parts(),
        }
    }
}
