//! `dextr score`: architectures → rows, in order, as soon as they are ready.

use dextr::engine::Device;
use dextr::run::{Runner, Scored, all_columns};

use crate::End;
use crate::args::{Format, ScoreArgs};
use crate::failure::Failure;
use crate::input::{Candidate, Candidates};
use crate::measure;
use crate::output::Output;
use crate::render::Render;
use crate::resume;
use crate::rows::Rows;
use crate::setup::Setup;
use crate::stream;
use crate::target::Target;

/// Scores what the arguments name.
pub(crate) fn run(args: &ScoreArgs) -> Result<End, Failure> {
    let target = Target::of(args.format, args.out.as_deref(), args.details)?;
    let setup = Setup::of(args)?;
    if stream::is_asked(args) {
        return stream::run(args, &setup, target.format);
    }
    target.begin()?;
    let input = Candidates::read(&args.input, args.shard)?;
    let device = pollster::block_on(Device::open(args.measure.device))?;
    let base = setup.base(args, &device)?;
    let columns = all_columns(&base.proxies, &input.columns);
    let render = Render::new(
        target.format,
        columns,
        args.details,
        widest(&input.all),
        setup.settings.seeds,
    );

    let begun = match &target.out {
        Some(path) => Some(resume::open(path, &render, false, |rows| {
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
    let work = setup.work(args, &device, &base);
    let mut rows = Rows::new(&render, candidates, &base, output, runner.total());
    work.run(&mut runner, |news| rows.hear(news))?;

    let (total, failed) = (input.all.len(), failed + rows.failed());
    if target.format == Format::Table {
        measure::footer(&device, &setup.settings, rows.seconds());
    }
    measure::ended(&target, &render.columns, total as u64, there, failed)
}

/// The longest architecture, in characters.
fn widest(candidates: &[Candidate]) -> usize {
    let archs = candidates
        .iter()
        .map(|c| c.arch.as_ref().unwrap_or(&c.given));
    archs.map(|a| a.chars().count()).max().unwrap_or(0)
}
