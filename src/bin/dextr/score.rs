//! `dextr score`: architectures → rows, in order, as soon as they are ready.

use dextr::engine::Device;
use dextr::run::{Row, Runner, Scored, all_columns};

use crate::End;
use crate::args::{Format, ScoreArgs};
use crate::failure::Failure;
use crate::input::{self, Candidate, Candidates};
use crate::measure;
use crate::output::Output;
use crate::render::Render;
use crate::resume;
use crate::rows::Rows;
use crate::work::Work;

/// Scores what the arguments name.
pub(crate) fn run(args: &ScoreArgs) -> Result<End, Failure> {
    let format = format(args.format, args.out.as_deref(), args.details)?;
    let settings = measure::settings(&args.measure, args.seed, &args.proxy)?;
    let source = input::source(&args.input)?;
    let options = measure::options(&args.input.pairs())?;
    // Both are said before any work.
    source.example(&options)?;
    measure::defined(source, settings.protocol)?;
    let input = Candidates::read(&args.input)?;
    let device = pollster::block_on(Device::open(args.measure.device))?;
    let base = Row::of_run(source, &options, &settings, &device)?;
    let columns = all_columns(&base.proxies, &input.columns);
    let render = Render::new(
        format,
        columns,
        args.details,
        widest(&input.all),
        settings.seeds,
    );

    let begun = match &args.out {
        Some(path) => Some(resume::open(path, &render, |rows| {
            resume::compare(rows, &render.columns, &base, &input.all)
        })?),
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
        threads: measure::threads(args.measure.threads, &device),
        base: &base,
    };
    let mut rows = Rows::new(&render, candidates, output, runner.total());
    work.run(&mut runner, |news| rows.hear(news))?;

    let (total, failed) = (input.all.len(), failed + rows.failed());
    if format == Format::Table {
        measure::footer(&device, &settings, rows.seconds());
    }
    let out = args.out.as_deref();
    Ok(measure::ended(out, total as u64, there, failed))
}

/// The longest architecture, in characters.
fn widest(candidates: &[Candidate]) -> usize {
    let archs = candidates
        .iter()
        .map(|c| c.arch.as_ref().unwrap_or(&c.given));
    archs.map(|a| a.chars().count()).max().unwrap_or(0)
}

/// The format asked for, or the one that the file's name says.
pub(crate) fn format(
    asked: Option<Format>,
    out: Option<&str>,
    details: bool,
) -> Result<Format, Failure> {
    let extension = out.and_then(|o| o.rsplit_once('.')).map(|(_, e)| e);
    let format = match (asked, out, extension) {
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
    if format == Format::Table && out.is_some() {
        return Err(Failure::new(
            "--out does not take a table: a table cannot be gone on with",
            "use --format csv or --format json",
        ));
    }
    if format == Format::Csv && details {
        return Err(Failure::new(
            "--details does not fit into csv: a row has many layers",
            "use --format json or --format table",
        ));
    }
    Ok(format)
}
