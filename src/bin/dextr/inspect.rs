//! `dextr inspect`: a network layer by layer, without scoring it.

use serde::ser::{Serialize, SerializeMap, Serializer};

use dextr::architecture::{Architecture, Options};
use dextr::network::{Layer, Policy};
use dextr::run::FAILED;
use dextr::sources::Source;

use crate::End;
use crate::args::{Format, InspectArgs};
use crate::failure::{Failure, row_message, say};
use crate::input::{self, Candidate, Candidates};
use crate::measure::options;
use crate::models;
use crate::output::{Output, csv_line, json_line};
use crate::readable;

/// The columns of `csv`: one row a layer.
const COLUMNS: [&str; 12] = [
    "arch", "space", "status", "layer", "kind", "shape", "params", "macs", "live", "observed",
    "options", "message",
];

/// Lists what the arguments name.
pub(crate) fn run(args: &InspectArgs) -> Result<End, Failure> {
    let source = input::source(&args.input)?;
    let options = options(&args.input.pairs())?;
    source.example(&options)?;
    let input = Candidates::read(&args.input, None)?;
    let mut output = Output::Standard;
    if args.format == Format::Csv {
        output.write(&csv_line(&COLUMNS))?;
    }
    let mut failed = 0;
    for item in &input.all {
        let inspected = Inspected::new(source, item, &options, args.observe);
        failed += usize::from(inspected.network.is_err());
        if args.format == Format::Table && source == Source::Models {
            output.write(models::describe(&item.given).as_bytes())?;
        }
        output.write(&match args.format {
            Format::Table => inspected.table().into_bytes(),
            Format::Csv => inspected.csv(),
            Format::Json => json_line(&JsonObject {
                inspected: &inspected,
                others: &input.columns,
            }),
        })?;
    }
    if failed == 0 {
        return Ok(End::Done);
    }
    let rows = input.all.len();
    say(format_args!(
        "{failed} of {rows} architectures have the status error; see their message"
    ));
    Ok(End::RowsFailed)
}

/// An architecture's network, or why it has none.
struct Inspected<'a> {
    item: &'a Candidate,
    space: &'static str,
    network: Result<(Architecture, Vec<Layer>), String>,
}

impl<'a> Inspected<'a> {
    fn new(source: Source, item: &'a Candidate, options: &Options, policy: Option<Policy>) -> Self {
        let network = item.arch.clone().and_then(|arch| {
            let built = source.build(&arch, options, models::open);
            let built = built.map_err(|e| row_message(&e))?;
            let mut built = built;
            // It is built from the canonical text, which needs no reading.
            built.notes.extend(item.note.clone());
            let layers = built.network.layers(policy.unwrap_or(built.observe));
            Ok((built, layers))
        });
        Self {
            item,
            space: source.name(),
            network,
        }
    }

    fn table(&self) -> String {
        let (built, layers) = match &self.network {
            Ok(network) => network,
            Err(message) => return format!("{}\n{FAILED}: {message}\n\n", self.item.given),
        };
        let rows: Vec<Vec<String>> = layers
            .iter()
            .map(|layer| {
                vec![
                    layer.name.clone(),
                    layer.kind.to_owned(),
                    readable::shape(&layer.shape),
                    readable::grouped(layer.params),
                    readable::grouped(layer.macs),
                    if layer.live { "yes" } else { "no" }.to_owned(),
                    layer.observed.to_string(),
                ]
            })
            .collect();
        let header = [
            "layer", "kind", "shape", "#params", "MACs", "live", "observed",
        ];
        let notes = built.notes.iter();
        let notes: String = notes.map(|n| format!("note: {n}\n")).collect();
        format!(
            "{}\n{} parameters, {} MACs, {} observed maps, {}\n{notes}{}\n",
            built.arch,
            readable::grouped(built.network.params()),
            readable::grouped(built.network.macs()),
            observed(layers),
            built.options,
            readable::aligned(&header, &rows, 3),
        )
    }

    fn csv(&self) -> Vec<u8> {
        let (built, layers) = match &self.network {
            Ok(network) => network,
            Err(message) => {
                let mut cells = [""; COLUMNS.len()];
                cells[..3].copy_from_slice(&[&self.item.given, self.space, FAILED]);
                cells[COLUMNS.len() - 1] = message;
                return csv_line(&cells);
            }
        };
        let lines = layers.iter().map(|layer| {
            csv_line(&[
                built.arch.clone(),
                self.space.to_owned(),
                "ok".to_owned(),
                layer.name.clone(),
                layer.kind.to_owned(),
                readable::shape(&layer.shape).replace('×', "x"),
                layer.params.to_string(),
                layer.macs.to_string(),
                layer.live.to_string(),
                layer.observed.to_string(),
                built.options.clone(),
                notes(built),
            ])
        });
        lines.flatten().collect()
    }
}

/// What there is to know about how a network was understood.
fn notes(built: &Architecture) -> String {
    built.notes.join("; ")
}

/// How many maps are observed.
fn observed(layers: &[Layer]) -> usize {
    layers.iter().map(|l| l.observed).sum()
}

/// An inspected architecture as one object, the input's other columns in `input`.
struct JsonObject<'a> {
    inspected: &'a Inspected<'a>,
    others: &'a [String],
}

impl Serialize for JsonObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Inspected {
            item,
            space,
            network,
        } = self.inspected;
        let mut map = serializer.serialize_map(None)?;
        match network {
            Ok((built, layers)) => {
                map.serialize_entry("arch", &built.arch)?;
                map.serialize_entry("space", space)?;
                map.serialize_entry("status", "ok")?;
                map.serialize_entry("params", &built.network.params())?;
                map.serialize_entry("macs", &built.network.macs())?;
                map.serialize_entry("observed", &observed(layers))?;
                map.serialize_entry("options", &built.options)?;
                map.serialize_entry("message", &notes(built))?;
                map.serialize_entry("layers", layers)?;
            }
            Err(message) => {
                map.serialize_entry("arch", &item.given)?;
                map.serialize_entry("space", space)?;
                map.serialize_entry("status", FAILED)?;
                map.serialize_entry("message", message)?;
            }
        }
        if !self.others.is_empty() {
            let others = self.others.iter().zip(&item.extras);
            let object: serde_json::Map<_, _> = others
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            map.serialize_entry("input", &object)?;
        }
        map.end()
    }
}
