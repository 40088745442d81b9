//! How architectures are measured: settings, options, threads, and what is
//! said of them.

use std::num::NonZero;
use std::thread::available_parallelism;

use dextr::architecture::Options;
use dextr::engine::{Device, Kind, Reason};
use dextr::proxy::dextr::Protocol;
use dextr::proxy::{self, Settings};
use dextr::sources::Source;
use dextr::stimulus::{Given, Ids, Picture};

use crate::End;
use crate::args::MeasureArgs;
use crate::failure::{Failure, say};
use crate::signal;
use crate::target::Target;

/// Refuses the published protocol where it is not defined.
pub(crate) fn defined(source: Source, protocol: Protocol) -> Result<(), Failure> {
    if protocol == Protocol::Refined || source.about().published {
        return Ok(());
    }
    Err(Failure::new(
        format!(
            "the published protocol is not defined for {}",
            source.name()
        ),
        "use the refined protocol",
    ))
}

/// The settings of a measurement.
pub(crate) fn settings(args: &MeasureArgs, seed: u64, proxies: &str) -> Result<Settings, Failure> {
    let settings = Settings {
        seed,
        seeds: args.seeds,
        image_seed: args.image_seed,
        curve_seed: args.curve_seed,
        image: given(args)?,
        protocol: args.protocol,
        observe: args.observe,
        curves: args.curves,
        swap_size: args.swap_size,
        proxies: proxy::by_names(proxies)?,
    };
    settings.check()?;
    Ok(settings)
}

/// What is given in the place of noise.
fn given(args: &MeasureArgs) -> Result<Option<Given>, Failure> {
    if let Some(ids) = &args.ids {
        return Ok(Some(Given::Ids(read_ids(ids)?)));
    }
    let Some(path) = &args.image else {
        return Ok(None);
    };
    let bytes = std::fs::read(path).map_err(|e| Failure::file("read", path, &e))?;
    let picture = Picture::decode(&bytes).map_err(|e| Failure::from(e).at(path))?;
    Ok(Some(Given::Picture(picture)))
}

/// Token ids, or those of a file: what has letters in it is a path.
fn read_ids(text: &str) -> Result<Ids, Failure> {
    if !text.contains(char::is_alphabetic) {
        return Ok(text.parse()?);
    }
    let ids = std::fs::read_to_string(text).map_err(|e| Failure::file("read", text, &e))?;
    ids.parse().map_err(|e| Failure::from(e).at(text))
}

/// The options of a measurement: those of `pairs`, and as many tokens as ids.
pub(crate) fn options_for(
    args: &MeasureArgs,
    pairs: &[String],
    source: Option<Source>,
) -> Result<Options, Failure> {
    let mut options = options(pairs)?;
    if let (Some(ids), Some(source)) = (&args.ids, source) {
        source.fit_length(&mut options, read_ids(ids)?.len());
    }
    Ok(options)
}

/// The options of a space from `name=value` pairs. Several may stand in one
/// text, as in the column `options`.
pub(crate) fn options(pairs: &[String]) -> Result<Options, Failure> {
    let mut options = Options::new();
    for pair in pairs.iter().flat_map(|p| p.split_whitespace()) {
        options.set_pair(pair)?;
    }
    Ok(options)
}

/// How many architectures are scored at a time.
pub(crate) fn threads(asked: Option<u16>, device: &Device) -> usize {
    match (device.kind(), asked) {
        (Kind::Cpu, Some(threads)) => usize::from(threads),
        (Kind::Cpu, None) => available_parallelism().map_or(1, NonZero::get),
        (Kind::WebGpu, asked) => {
            if asked.is_some_and(|t| t > 1) {
                say(
                    "note: --threads is for the CPU; on WebGPU architectures are scored one by one",
                );
            }
            1
        }
    }
}

/// Leaves the run's file as it was asked for, and says how the run ended: rows
/// that were `there` before, those that failed.
pub(crate) fn ended(
    target: &Target,
    columns: &[String],
    total: u64,
    there: usize,
    failed: usize,
) -> Result<End, Failure> {
    if signal::is_over() {
        let out = target.out.as_deref().unwrap_or("standard output");
        say(format_args!(
            "ended by SIGTERM: what was under way is in {out}; run it again to go on"
        ));
        return Ok(End::Stopped);
    }
    target.finish(columns)?;
    if let Some(path) = target.shown() {
        say(format_args!(
            "{path}: {total} rows, {there} of them were there before"
        ));
    }
    if failed == 0 {
        return Ok(End::Done);
    }
    say(format_args!(
        "{failed} of {total} rows have the status error; see their message"
    ));
    Ok(End::RowsFailed)
}

/// What the numbers of a table were measured by.
pub(crate) fn footer(device: &Device, settings: &Settings, seconds: f64) {
    let mut line = format!("device: {} ({})", device.kind().name(), device.name());
    if let Some(reason) = device.reason().map(Reason::name) {
        line.push_str(&format!(", {reason}"));
    }
    if let Some(message) = device.message() {
        line.push_str(&format!(": {message}"));
    }
    let Settings {
        seed,
        seeds,
        image_seed,
        curve_seed,
        ..
    } = settings;
    let last = seed + u64::from(seeds - 1);
    let weights = if *seeds == 1 {
        format!("{seed}")
    } else {
        format!("{seed}…{last}")
    };
    say(format_args!(
        "{line} · seeds: weights {weights}, image {image_seed}, curves {curve_seed} · {seconds:.1} s"
    ));
}
