//! The command line: `dextr score | merge | search | export | inspect | correlate | spaces | proxies`.
//!
//! ```text
//! args ─→ input (table, pieces) ─→ score ─→ work ─→ rows ─→ render ─→ output
//!                                    ├─→ stream   └─→ progress
//!                                    └─→ resume
//! merge ─→ files, order ─→ render, output
//! search ─→ known, found and told (replay what is there) ─→ work, render, output
//! ```
//!
//! Results go to standard output (or `--out`), everything else to standard
//! error. Exit status: 0; 1 when a row has the status `error` or is missing; 2
//! when the command cannot be carried out; 143 when SIGTERM ended it early.

mod args;
mod correlate;
mod export;
mod failure;
mod found;
mod input;
mod inspect;
mod known;
mod measure;
mod merge;
mod models;
mod output;
mod parquet;
mod pieces;
mod progress;
mod proxies;
mod readable;
mod render;
mod report;
mod resume;
mod rows;
mod score;
mod search;
mod setup;
mod signal;
mod spaces;
mod stream;
mod table;
mod target;
mod told;
mod usable;
mod work;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};
use failure::Failure;

/// A pass takes and gives back megabytes at every layer: the system's allocator
/// hands each back to the kernel, which clears it again, a sixth of a score's time.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What a command that ran to its end has to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Everything is there.
    Done,
    /// Some rows have the status `error`, or are missing.
    RowsFailed,
    /// SIGTERM has come before the end.
    Stopped,
}

fn main() -> ExitCode {
    let end = match Arguments::parse().command {
        Command::Score(args) => score::run(&args),
        Command::Merge(args) => merge::run(&args),
        Command::Search(args) => search::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Correlate(args) => correlate::run(&args),
        Command::Spaces(args) => spaces::run(&args),
        Command::Proxies(args) => proxies::run(&args),
    };
    match end {
        Ok(End::Done) | Err(Failure::Closed) => ExitCode::SUCCESS,
        Ok(End::RowsFailed) => ExitCode::from(1),
        Ok(End::Stopped) => ExitCode::from(signal::STATUS),
        Err(Failure::Told(told)) => {
            told.print();
            ExitCode::from(2)
        }
    }
}
