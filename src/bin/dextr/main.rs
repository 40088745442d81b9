//! The command line: `dextr score | search | export | inspect | correlate | spaces | proxies`.
//!
//! ```text
//! args ─→ input (table) ─→ score ─→ work ─→ rows ─→ render ─→ output
//!                            └─→ resume       └─→ progress
//! search ─→ found (replays what is there) ─→ work, render, output
//! ```
//!
//! Results go to standard output (or `--out`), everything else to standard
//! error. Exit status: 0; 1 when a row has the status `error`; 2 when the
//! command cannot be carried out.

mod args;
mod correlate;
mod export;
mod failure;
mod found;
mod input;
mod inspect;
mod measure;
mod models;
mod output;
mod progress;
mod proxies;
mod readable;
mod render;
mod report;
mod resume;
mod rows;
mod score;
mod search;
mod spaces;
mod table;
mod usable;
mod work;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};
use failure::Failure;

/// What a command that ran to its end has to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Everything is there.
    Done,
    /// Some rows have the status `error`.
    RowsFailed,
}

fn main() -> ExitCode {
    let end = match Arguments::parse().command {
        Command::Score(args) => score::run(&args),
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
        Err(Failure::Told(told)) => {
            told.print();
            ExitCode::from(2)
        }
    }
}
