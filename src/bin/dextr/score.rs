//! `dextr score`: architectures → rows, in order, as soon as they are ready.

use std::num::NonZero;
use std::thread::available_parallelism;

use dextr::architecture::Options;
use dextr::engine::{Device, Kind, Reason};
use dextr::proxy::dextr::Protocol;
use dextr::proxy::{self, Settings};
use dextr::run::{Row, Runner, Scored, all_columns};
use dextr::sources::Source;
use dextr::stimulus::Picture;

use crate::End;
use crate::args::{Format, ScoreArgs};
use crate::failure::{Failure, say};
use crate::input::{self, Candidates};
use crate::output::Output;
use crate::render::Render;
use crate::resume;
use crate::rows::Rows;
use crate::work::Work;

/// Scores what the arguments name.
pub(crate) fn run(args: &ScoreArgs) -> Result<End, Failure> {
    let format = format(args)?;
    let settings = settings(args)?;
    let source = input::source(&args.input)?;
    let options = options(&args.input.pairs())?;
    // Both are said before any work.
    source.example(&options)?;
    defined(source, settings.protocol)?;
    let input = Candidates::read(&args.input)?;
    let device = pollster::block_on(Device::open(args.device))?;
    let base = Row::of_run(source, &options, &settings, &device)?;
    let columns = all_columns(&base.proxies, &input.columns);
    let render = Render::new(format, columns, args.details, &input.all, settings.seeds);

    let begun = match &args.out {
        Some(path) => Some(resume::open(path, &render, &base, &input.all)?),
        None => None,
    };
    let (there, failed, fresh) = begun
        .as_ref()
        .map_or((0, 0, true), |b| (b.rows, b.failed, b.fresh));
    let mut output = begun.map_or(Output::Standard, Output::from);
    if fresh {
        output.write(&render.header())?;
    }
    let candidates = &input.all[there..];
    #[expect(
        clippy::result_large_err,
        reason = "no error of this program: the row of what cannot be scored"
    )]
    let mut runner = Runner::new(candidates.iter().map(|candidate| match &candidate.arch {
        Ok(arch) => Ok(arch.as_str()),
        Err(message) => Err(Scored::from(candidate.row(&base).failed(message))),
    }));
    let work = Work {
        source,
        options: &options,
        settings: &settings,
        device: &device,
        threads: threads(args.threads, &device),
        base: &base,
    };
    let mut rows = Rows::new(&render, candidates, output, runner.total());
    work.run(&mut runner, |news| rows.hear(news))?;

    let (total, failed) = (input.all.len(), failed + rows.failed());
    if format == Format::Table {
        footer(&device, &settings, rows.seconds());
    }
    if let Some(path) = &args.out {
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

/// Refuses the published protocol where it is not defined.
fn defined(source: Source, protocol: Protocol) -> Result<(), Failure> {
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

/// The format asked for, or the one that the file's name says.
fn format(args: &ScoreArgs) -> Result<Format, Failure> {
    let extension = args
        .out
        .as_deref()
        .and_then(|o| o.rsplit_once('.'))
        .map(|(_, e)| e);
    let format = match (args.format, &args.out, extension) {
        (Some(format), _, _) => format,
        (None, None, _) => Format::Table,
        (None, _, Some("csv")) => Format::Csv,
        (None, _, Some("json" | "jsonl" | "ndjson")) => Format::Json,
        (None, Some(path), _) => {
            return Err(Failure::new(
                format!("--out {path}: its name does not say its format"),
                "add --format csv or --format json",
            ));
        }
    };
    if format == Format::Table && args.out.is_some() {
        return Err(Failure::new(
            "--out does not take a table: a table cannot be gone on with",
            "use --format csv or --format json",
        ));
    }
    if format == Format::Csv && args.details {
        return Err(Failure::new(
            "--details does not fit into csv: a row has many layers",
            "use --format json or --format table",
        ));
    }
    Ok(format)
}

fn settings(args: &ScoreArgs) -> Result<Settings, Failure> {
    let image = match &args.image {
        Some(path) => {
            let bytes = std::fs::read(path).map_err(|e| Failure::file("read", path, &e))?;
            Some(Picture::decode(&bytes).map_err(|e| Failure::from(e).at(path))?)
        }
        None => None,
    };
    let settings = Settings {
        seed: args.seed,
        seeds: args.seeds,
        image_seed: args.image_seed,
        curve_seed: args.curve_seed,
        image,
        protocol: args.protocol,
        observe: args.observe,
        curves: args.curves,
        proxies: proxy::by_names(&args.proxy)?,
    };
    settings.check()?;
    Ok(settings)
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
fn threads(asked: Option<u16>, device: &Device) -> usize {
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

fn footer(device: &Device, settings: &Settings, seconds: f64) {
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
