//! `dextr score --input - --out -`: lines in, rows out, for whoever keeps one
//! process warm.
//!
//! Each line is scored as it comes, and its row is written and flushed as soon
//! as it and those before it are there. No more lines are read than the threads
//! need next, so that neither side runs ahead of the other.

use std::collections::VecDeque;
use std::io::BufRead;
use std::sync::mpsc::{self, SyncSender, TryRecvError};
use std::thread;

use dextr::engine::Device;
use dextr::run::{More, News, Scored, Waker, all_columns};

use crate::End;
use crate::args::{Format, ScoreArgs};
use crate::failure::{Failure, say};
use crate::input::Candidate;
use crate::output::Output;
use crate::render::Render;
use crate::rows::finished;
use crate::setup::Setup;

/// Lines under way for each thread, so that none waits for the slowest.
const AHEAD: usize = 4;

/// A line of standard input, or why there are no more.
type Line = std::io::Result<Vec<u8>>;

/// Whether the arguments ask for a stream.
pub(crate) fn is_asked(args: &ScoreArgs) -> bool {
    args.input.list.input.as_deref() == Some("-") && args.out.as_deref() == Some("-")
}

/// Scores lines until standard input ends, or SIGTERM comes.
pub(crate) fn run(args: &ScoreArgs, setup: &Setup, format: Format) -> Result<End, Failure> {
    check(args, format)?;
    let device = pollster::block_on(Device::open(args.measure.device))?;
    let base = setup.base(args, &device)?;
    let work = setup.work(args, &device, &base);
    let ahead = work.threads.saturating_mul(AHEAD);
    let (send, lines) = mpsc::sync_channel::<Line>(ahead);
    let seeds = setup.settings.seeds;
    let renders = |columns: &[String]| {
        let columns = all_columns(&base.proxies, columns);
        Render::new(Format::Json, columns, args.details, 0, seeds)
    };
    // Objects have the same keys one after the other.
    let mut render = (Vec::new(), renders(&[]));
    let mut under_way: VecDeque<(Vec<String>, Candidate)> = VecDeque::new();
    let mut output = Output::Standard;
    let mut failed = 0usize;
    let listener = |news: News<Scored>| {
        for (_, scored) in news.ready {
            let Some((columns, candidate)) = under_way.pop_front() else {
                break;
            };
            if columns != render.0 {
                render = (columns.clone(), renders(&columns));
            }
            let scored = finished(scored, &candidate, &base);
            failed += usize::from(scored.row.is_failed());
            output.write(&render.1.row(&candidate.extras, &scored))?;
        }
        let mut candidates = Vec::new();
        let mut open = true;
        while under_way.len() < ahead {
            let line = match lines.try_recv() {
                Ok(line) => line.map_err(|e| Failure::file("read", "standard input", &e))?,
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => {
                    open = false;
                    break;
                }
            };
            let line = String::from_utf8_lossy(&line);
            let Some(new) = Candidate::of_line(&line, &args.input.list, setup.source) else {
                continue;
            };
            if args.shard.is_some_and(|shard| !shard.has(new.1.text())) {
                continue;
            }
            candidates.push(match &new.1.arch {
                Ok(arch) => Ok(arch.clone()),
                Err(message) => Err(Scored::from(new.1.row(&base).failed(message))),
            });
            under_way.push_back(new);
        }
        Ok(More { candidates, open })
    };
    work.run_open(|waker| read(send, waker), listener)?;
    if failed == 0 {
        return Ok(End::Done);
    }
    say(format_args!(
        "{failed} rows have the status error; see their message"
    ));
    Ok(End::RowsFailed)
}

/// Refuses what a stream cannot have.
fn check(args: &ScoreArgs, format: Format) -> Result<(), Failure> {
    if format != Format::Json {
        return Err(Failure::new(
            "a stream (--input - --out -) is written as JSON lines alone",
            "add --format json, or leave --out out",
        ));
    }
    if !args.input.archs.is_empty() || !args.input.filters.is_empty() {
        return Err(Failure::new(
            "a stream (--input - --out -) has neither architectures as arguments nor --where",
            "send the architectures that are wanted as lines",
        ));
    }
    Ok(())
}

/// Reads standard input on a thread of its own, few lines before they are wanted.
/// The thread ends with the process: nothing ends a read from outside.
fn read(lines: SyncSender<Line>, waker: Waker<Scored>) {
    thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        loop {
            let mut line = Vec::new();
            let next = match input.read_until(b'\n', &mut line) {
                Ok(0) => break,
                Ok(_) => Ok(line),
                Err(error) => Err(error),
            };
            let failed = next.is_err();
            if lines.send(next).is_err() || failed {
                break;
            }
            waker.wake();
        }
        // Heard with the end of the lines.
        drop(lines);
        waker.wake();
    });
}
