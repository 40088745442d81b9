//! `dextr search`: a space and limits → rows of candidates, the best, the front.

use std::collections::VecDeque;

use dextr::engine::{Choice, Device, Reason};
use dextr::run::{More, News, Row, Runner, Scored, Shard, Threads, all_columns};
use dextr::search::{Candidate, Count, Measure, Plan, Search, Strategy, Wish};
use dextr::sources::Source;

use crate::args::{Format, SearchArgs};
use crate::failure::{Failure, say};
use crate::found;
use crate::known::Known;
use crate::output::Output;
use crate::progress::Progress;
use crate::render::Render;
use crate::target::Target;
use crate::told::{self, Before};
use crate::work::{INTERNAL, Work};
use crate::{End, measure, resume, signal};

/// Candidates under way for each thread, so that none waits for the slowest.
const AHEAD: usize = 4;

/// Searches as the arguments say.
pub(crate) fn run(args: &SearchArgs) -> Result<End, Failure> {
    let target = Target::of(args.format, args.out.as_deref(), false)?;
    let format = target.format;
    target.begin()?;
    let plan = plan(args)?;
    let source = Source::by_name(&plan.space)?;
    measure::defined(source, args.measure.protocol)?;
    let mut search = Search::new(plan.clone())?;
    let options = plan.options();
    let device = device(args, &plan)?;
    // A phase's rows say what it measured; the file has the columns of all.
    let phases = plan.phases();
    let settings = phases.iter().enumerate().map(|(stage, phase)| {
        let proxies = plan.proxies(stage)?;
        let mut settings = measure::settings(&args.measure, args.weight_seed, &proxies)?;
        settings.seeds = phase.seeds.unwrap_or(settings.seeds);
        settings.curve_seed = settings.curve_seed.saturating_add(phase.circle);
        settings.check()?;
        Ok(settings)
    });
    let settings = settings.collect::<Result<Vec<_>, Failure>>()?;
    let shard = shard(args, &plan)?;
    let bases = settings.iter().map(|settings| {
        let row = Row::of_run(source, &options, settings, &device)?;
        Ok::<_, Failure>(Row {
            shard: shard.map(|s| s.to_string()).unwrap_or_default(),
            ..row
        })
    });
    let bases = bases.collect::<Result<Vec<_>, _>>()?;
    let columns = all_columns(&plan.all_proxies()?, &found::columns(&plan));
    let known = known(args, &plan, source)?;
    let widest = source.about().examples.iter().map(|e| e.arch.len()).max();
    let seeds = settings.iter().map(|s| s.seeds).max().unwrap_or(1);
    let render = Render::new(format, columns, false, widest.unwrap_or(0), seeds);

    let begun = match &target.out {
        Some(path) => Some(resume::open(path, &render, plan.aim.is_told(), |rows| {
            let before = Before {
                columns: &render.columns,
                bases: &bases,
                shard,
                known: known.as_ref(),
            };
            before.replay(&mut search, rows)
        })?),
        None => None,
    };
    let (there, failed, fresh) = begun
        .as_ref()
        .map_or((0, 0, true), |b| (b.rows, b.failed, b.fresh));
    let mut output = begun.map_or(Output::Standard, Output::from);
    // What nothing meets is said before anything is written.
    let mut decided = found::decisions(&search, 0);
    let threads = measure::threads(args.measure.threads, &device);
    let ahead = threads.saturating_mul(AHEAD);
    let mut under_way: VecDeque<Candidate> = found::ask(&mut search, ahead, shard)?.into();
    if fresh {
        output.write(&render.header())?;
    }
    let works: Vec<Work<'_>> = settings
        .iter()
        .zip(&bases)
        .map(|(settings, base)| Work {
            source,
            options: &options,
            settings,
            device: &device,
            threads,
            base,
        })
        .collect();

    let key = |candidate: &Candidate| (candidate.stage, candidate.arch.clone());
    let mut runner: Runner<(usize, String), Scored> = Runner::new(None);
    runner.extend(under_way.iter().map(key).map(Ok));
    let mut progress = Progress::new(left(&search));
    let (mut rows, mut failures) = (there as u64, failed);
    let pool = Threads {
        count: threads,
        work: |(stage, arch): &(usize, String), stop: &_| works[*stage].score(arch, stop),
        panicked: |(stage, arch): &(usize, String)| {
            works[*stage].unbuilt(arch).failed(INTERNAL).into()
        },
        over: signal::over(),
    };
    let listener = |news: News<Scored>| {
        for (_, mut scored) in news.ready {
            let Some(candidate) = under_way.pop_front() else {
                break;
            };
            scored.row.shard.clone_from(&bases[candidate.stage].shard);
            rows += 1;
            failures += usize::from(scored.row.is_failed());
            progress.clear();
            let aim = told::score(&mut search, &candidate, &scored, known.as_ref())?;
            output.write(&render.row(&found::extras(&candidate, aim), &scored))?;
            progress.advance(1);
        }
        let next = found::ask(&mut search, ahead.saturating_sub(under_way.len()), shard)?;
        progress.clear();
        decided = found::decisions(&search, decided);
        let candidates = next.iter().map(key).map(Ok).collect();
        under_way.extend(next);
        progress.total_is(progress.done() + left(&search));
        progress.tell();
        Ok::<_, Failure>(More {
            candidates,
            open: false,
        })
    };
    pool.run_open(threads, &mut runner, |_| {}, listener)?;

    if let (Format::Table, Some(last)) = (format, settings.last()) {
        measure::footer(&device, last, progress.seconds());
    }
    found::tell(&search, args.best);
    if told::waits(&search, target.out.as_deref()) {
        return Ok(End::Done);
    }
    measure::ended(&target, &render.columns, rows, there, failures)
}

/// The table of accuracies, where one is given.
fn known(args: &SearchArgs, plan: &Plan, source: Source) -> Result<Option<Known>, Failure> {
    if !plan.aim.is_told() && (args.known.is_some() || args.accuracy.is_some()) {
        return Err(Failure::new(
            format!(
                "--known has accuracies, and this search goes by {}",
                plan.aim
            ),
            "add --aim accuracy or --strategy optiproxy, or leave --known out",
        ));
    }
    let read = |path: &String| Known::read(path, args.accuracy.as_deref(), source);
    args.known.as_ref().map(read).transpose()
}

/// The part of the candidates that is wanted, where parts are searches too.
fn shard(args: &SearchArgs, plan: &Plan) -> Result<Option<Shard>, Failure> {
    if args.shard.is_some() && plan.strategy != Strategy::Random {
        return Err(Failure::new(
            "--shard is for random searches: what others ask next follows from the scores of all",
            "add --strategy random, or leave --shard out",
        ));
    }
    Ok(args.shard)
}

/// How many rows are still to come.
fn left(search: &Search) -> usize {
    let progress = search.progress();
    usize::try_from(progress.total - progress.told).unwrap_or(usize::MAX)
}

/// A device, where anything but the graph is looked at.
fn device(args: &SearchArgs, plan: &Plan) -> Result<Device, Failure> {
    let sizes = plan
        .phases()
        .iter()
        .all(|phase| phase.aim.is_without_pass());
    if sizes && plan.also.is_empty() && args.measure.device == Choice::Auto {
        return Ok(Device::cpu(Reason::Asked));
    }
    Ok(pollster::block_on(Device::open(args.measure.device))?)
}

/// The plan of the arguments.
fn plan(args: &SearchArgs) -> Result<Plan, Failure> {
    let text = |given: &Option<String>| given.clone().map(Count::Text);
    let number = |given: Option<u64>| given.map(|n| Count::Text(n.to_string()));
    let options =
        measure::options_for(&args.measure, &args.options, args.space.map(Source::Space))?;
    let given = options.given();
    let stages = args.stages.join(",");
    let wish = Wish {
        space: args.space.map(|space| space.name().to_owned()),
        options: given.map(|(n, v)| (n.into(), v.into())).collect(),
        paper: args.paper.clone(),
        strategy: args.strategy.clone(),
        candidates: number(args.candidates),
        seed: args.seed,
        min_params: text(&args.min_params),
        max_params: text(&args.max_params),
        min_macs: text(&args.min_macs),
        max_macs: text(&args.max_macs),
        aim: args.aim.clone(),
        against: args.against.clone(),
        also: args.also.clone(),
        population: number(args.population),
        sample: number(args.sample),
        lag: number(args.lag),
        starts: number(args.starts),
        stages: Some(stages).filter(|stages| !stages.is_empty()),
        criterion: args.criterion.clone(),
        inputs: args.inputs.clone(),
        pool: number(args.pool),
        circles: number(args.circles),
        first: number(args.first),
        each: number(args.each),
        warm: args.warm.clone(),
        preset: args.preset.clone(),
    };
    if let Some(paper) = wish.paper()?.filter(|paper| !paper.note.is_empty()) {
        say(format_args!("note: {}", paper.note));
    }
    let settings = measure::settings(&args.measure, args.weight_seed, dextr::run::PROXY)?;
    Ok(wish.plan(Measure::of(&settings))?)
}
