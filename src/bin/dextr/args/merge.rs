//! The arguments of `dextr merge`.

use clap::Args;

use super::{ListArgs, RowFormat};

#[derive(Args)]
#[command(after_help = "\
Examples:
  dextr merge part*.csv --out scores.csv
  dextr merge part*.csv --space nasbench201 --input cells.csv --missing left.txt --out scores.parquet

Of rows of the same architecture (and the same other columns) the first good one
stands, the first error where there is none. Files may be of different formats
and faces; rows of other settings or versions are refused. Exit status: 1 when
an architecture of the input is missing, or a row has the status `error`.")]
pub(crate) struct MergeArgs {
    /// Files of rows (csv, json or parquet), as `dextr score` or the page wrote them
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<String>,

    #[command(flatten)]
    pub(crate) list: ListArgs,

    /// Write the architectures that are missing to a file, one a line, to be
    /// scored again
    #[arg(long, value_name = "FILE")]
    pub(crate) missing: Option<String>,

    /// Take rows of different versions of dextr as well
    #[arg(long)]
    pub(crate) mixed_versions: bool,

    /// How rows are printed [default: by the extension of --out]
    #[arg(short, long, value_enum)]
    pub(crate) format: Option<RowFormat>,

    /// Where the rows go; a file that exists is replaced once all is read
    #[arg(short, long, value_name = "FILE|-")]
    pub(crate) out: String,
}
