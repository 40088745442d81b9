//! The arguments of each command, and the help text.

mod merge;
mod search;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use dextr::engine::{Choice, DEVICES};
use dextr::network::{POLICIES, Policy};
use dextr::proxy::Size;
use dextr::proxy::dextr::{PROTOCOLS, Protocol};
use dextr::run::list::Decimal;
use dextr::run::{COLUMNS, PROXY, Shard};
use dextr::sources::spaces::{self, Space};

pub(crate) use merge::MergeArgs;
pub(crate) use search::SearchArgs;

/// Scores neural architectures before training.
#[derive(Parser)]
#[command(name = "dextr", version, about, max_term_width = 100)]
#[command(after_help = "\
Examples:
  dextr score --space nasbench201 '|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|'
  dextr score --space nasbench201 --input cells.csv --seeds 3 --out scores.csv
  dextr score resnet.onnx vit.onnx
  dextr correlate scores.csv --score score --truth test_accuracy
  dextr score --space nasbench201 --input cells.csv --shard 3/16 --out part3.csv
  dextr merge part*.csv --input cells.csv --space nasbench201 --out scores.parquet
  dextr search --space autoformer-tiny --candidates 400 --max-params 6M --out search.csv
  dextr spaces

Exit status: 0 when all went well, 1 when a row has the status `error` or is
missing (the other rows are there), 2 when the command cannot be carried out,
143 when SIGTERM ended it early: the rows that were under way are there.")]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Score architectures: one row each, with the evidence and all it takes to repeat it
    Score(ScoreArgs),
    /// Join files of rows: parts of a list, or runs that were begun again
    Merge(Box<MergeArgs>),
    /// Find architectures of a space: strategies under limits, one row a candidate
    Search(Box<SearchArgs>),
    /// Write an architecture as an ONNX file, with the weights of a seed
    Export(ExportArgs),
    /// List a network's layers: shapes, parameters, MACs, observed maps; nothing is scored
    Inspect(InspectArgs),
    /// Say how a score column ranks a column of known accuracies, beside #params and MACs
    Correlate(CorrelateArgs),
    /// List the search spaces: size, options, input columns, examples
    Spaces(CatalogueArgs),
    /// List the proxies: what each measures, what it needs, where it comes from
    Proxies(CatalogueArgs),
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Aligned columns, for reading
    Table,
    /// Comma-separated values with a header
    Csv,
    /// One JSON object a line
    Json,
}

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RowFormat {
    /// Aligned columns, for reading
    Table,
    /// Comma-separated values with a header
    Csv,
    /// One JSON object a line
    Json,
    /// Apache Parquet, for data engines: a file alone
    Parquet,
}

/// A list of architectures.
#[derive(Args)]
pub(crate) struct ListArgs {
    /// A file of architectures, `-` for standard input
    ///
    /// CSV with a header that has a column `arch` or the space's own columns
    /// (see `dextr spaces`); Parquet with such columns; JSON, either one object a line or an array of
    /// objects; or a plain list, one architecture a line, where empty lines
    /// and lines starting with # are skipped. The other columns are copied to
    /// the result. Other names, other signs between cells, decimal commas, a
    /// missing header and nested JSON are recognised: what a list was read as
    /// is told on standard error, and the options below set it.
    #[arg(short, long, value_name = "FILE|-")]
    pub(crate) input: Option<String>,

    /// The column of the input with the architectures, by name or by number from 1
    #[arg(long, value_name = "COLUMN")]
    pub(crate) column: Option<String>,

    /// The sign between the input's cells: comma, semicolon, tab
    #[arg(long, value_name = "SIGN", value_parser = delimiter)]
    pub(crate) delimiter: Option<char>,

    /// Whether the input's first row names its columns
    #[arg(long, value_name = "yes|no", value_parser = yes_or_no)]
    pub(crate) header: Option<bool>,

    /// How the input writes decimals: point or comma
    #[arg(long, value_name = "point|comma", value_parser = decimal)]
    pub(crate) decimal: Option<Decimal>,

    /// The order in which six numbers are meant, where they do not say it by a
    /// prefix (`naslib:(4, 0, 3, 1, 4, 3)`): nats or naslib
    #[arg(long, value_name = "READING", value_parser = reading_parser())]
    pub(crate) reading: Option<String>,

    /// The search space (required, but for model files)
    #[arg(short, long, value_name = "SPACE", value_parser = space_parser())]
    pub(crate) space: Option<&'static dyn Space>,
}

/// Where architectures come from.
#[derive(Args)]
pub(crate) struct InputArgs {
    /// Architectures in the space's notation (quote them: they contain `|`), or
    /// model files ending in .onnx
    #[arg(value_name = "ARCH")]
    pub(crate) archs: Vec<String>,

    #[command(flatten)]
    pub(crate) list: ListArgs,

    /// An option of the space, as name=value; may be repeated (model files have
    /// height, width, weights, outputs, renormalise and length)
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub(crate) options: Vec<String>,

    /// Weights of model files: drawn anew by seed, or those of the file
    #[arg(long, value_name = "SOURCE", value_parser = ["seed", "file"])]
    pub(crate) weights: Option<String>,

    /// Put a batch norm behind every convolution of a model file that has a bias,
    /// where an exporter folded it away
    #[arg(long)]
    pub(crate) renormalise: bool,

    /// Take only the rows of the input whose COLUMN is exactly VALUE; may be repeated
    #[arg(long = "where", value_name = "COLUMN=VALUE")]
    pub(crate) filters: Vec<String>,
}

fn swap_size(text: &str) -> Result<Size, String> {
    text.parse().map_err(|error: dextr::Error| error.hint())
}

fn shard(text: &str) -> Result<Shard, String> {
    text.parse().map_err(|error: dextr::Error| error.hint())
}

fn delimiter(text: &str) -> Result<char, String> {
    match text {
        "comma" | "," => Ok(','),
        "semicolon" | ";" => Ok(';'),
        "tab" | "\\t" | "\t" => Ok('\t'),
        _ => Err("give comma, semicolon or tab".to_owned()),
    }
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err("give yes or no".to_owned()),
    }
}

fn decimal(text: &str) -> Result<Decimal, String> {
    match text {
        "point" => Ok(Decimal::Point),
        "comma" => Ok(Decimal::Comma),
        _ => Err("give point or comma".to_owned()),
    }
}

fn reading_parser() -> PossibleValuesParser {
    let readings = spaces::all().iter().flat_map(|s| s.about().readings);
    PossibleValuesParser::new(readings.map(|r| r.name))
}

impl InputArgs {
    /// All `name=value` pairs.
    pub(crate) fn pairs(&self) -> Vec<String> {
        let weights = self.weights.iter().map(|w| format!("weights={w}"));
        let norms = self.renormalise.then(|| "renormalise=yes".to_owned());
        let given = self.options.iter().cloned();
        given.chain(weights).chain(norms).collect()
    }
}

/// How every architecture is measured.
#[derive(Args)]
pub(crate) struct MeasureArgs {
    /// Number of weight seeds; the score is their mean
    #[arg(long, default_value_t = 1, allow_negative_numbers = true)]
    pub(crate) seeds: u32,

    /// Seed of the noise image
    #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
    pub(crate) image_seed: u64,

    /// Seed of the curves
    #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
    pub(crate) curve_seed: u64,

    /// A picture (PNG or JPEG) instead of the noise image
    #[arg(long, value_name = "FILE")]
    pub(crate) image: Option<String>,

    /// Token ids instead of drawn ones, where the network takes ids: whole numbers,
    /// or a file of them; the option length follows
    #[arg(long, value_name = "IDS|FILE", conflicts_with = "image")]
    pub(crate) ids: Option<String>,

    /// `published` (parity with the published code) or `refined`
    #[arg(long, default_value = "refined", value_parser = protocol_parser())]
    pub(crate) protocol: Protocol,

    /// Which maps are observed [default: the space's own, see `dextr spaces`;
    /// modules for the published protocol]
    #[arg(long, value_parser = policy_parser())]
    pub(crate) observe: Option<Policy>,

    /// Number of curves [default: 4 up to 64 pixels, 1 above; 1 for the published protocol]
    #[arg(long, allow_negative_numbers = true)]
    pub(crate) curves: Option<usize>,

    /// The size by which the proxy swap is regularised, MEAN/SPREAD in thousands of
    /// parameters, as in 1000/40000: × exp(−(P − MEAN)²/SPREAD) [default: none]
    #[arg(long, value_name = "MEAN/SPREAD", value_parser = swap_size)]
    pub(crate) swap_size: Option<Size>,

    /// Where to compute
    #[arg(long, default_value = "auto", value_parser = device_parser())]
    pub(crate) device: Choice,

    /// Architectures scored at a time on the CPU [default: all cores]
    #[arg(long, allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
}

#[derive(Args)]
#[command(after_help = score_help())]
pub(crate) struct ScoreArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,

    /// First weight seed
    #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
    pub(crate) seed: u64,

    /// Proxies (see `dextr proxies`), separated by commas; the first one is the
    /// score, the others are columns of their own
    #[arg(long, value_name = "NAMES", default_value = PROXY)]
    pub(crate) proxy: String,

    #[command(flatten)]
    pub(crate) measure: MeasureArgs,

    /// How rows are printed [default: table; with --out by its extension]
    #[arg(short, long, value_enum)]
    pub(crate) format: Option<RowFormat>,

    /// Every observed map with its singular values (table and json)
    #[arg(long)]
    pub(crate) details: bool,

    /// Take one part of the input of several, as in 3/16: for several machines
    ///
    /// A part is told by a hash of each architecture's canonical text, so that
    /// it depends neither on the order nor on what else is in the list. `dextr
    /// merge` joins the parts' files.
    #[arg(long, value_name = "PART/PARTS", value_parser = shard)]
    pub(crate) shard: Option<Shard>,

    /// Write rows to a file (csv, json or parquet) instead of standard output
    ///
    /// If the file exists, the run goes on after its last whole row; it is
    /// refused when the file was begun with other settings or another input.
    /// With `--input - --out -` (JSON lines) each line is scored as it comes and
    /// its row is written at once, until the input ends.
    #[arg(short, long, value_name = "FILE|-")]
    pub(crate) out: Option<String>,
}

#[derive(Args)]
#[command(after_help = "\
Examples:
  dextr inspect --space nasbench201 '(3, 3, 3, 1, 3, 3)'
  dextr inspect --space nasbench201 --set size=64 --input cells.csv --format json

`csv` has one row a layer, `json` one object an architecture.")]
pub(crate) struct InspectArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,

    /// The observation policy by which maps are counted [default: the space's own]
    #[arg(long, value_parser = policy_parser())]
    pub(crate) observe: Option<Policy>,

    /// How layers are printed
    #[arg(short, long, value_enum, default_value = "table")]
    pub(crate) format: Format,
}

#[derive(Args)]
#[command(after_help = "\
Example:
  dextr correlate scores.csv --score score --truth cifar10_test_accuracy

For the score, for s and k where the file has them, and always for params and
macs, on the same rows: Spearman's rho and Kendall's tau-b with 95 % intervals
(percentile bootstrap, 2,000 resamples, fixed seed), over all rows and within
the half and the tenth that are best by truth. Rows with the status `error`,
and rows without a number for score or truth, are left out and counted;
disconnected rows keep their score of 0.")]
pub(crate) struct CorrelateArgs {
    /// A result file of `dextr score` (CSV, JSON or Parquet), `-` for standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: String,

    /// The column that ranks
    #[arg(long, value_name = "COLUMN")]
    pub(crate) score: String,

    /// The column of known accuracies
    #[arg(long, value_name = "COLUMN")]
    pub(crate) truth: String,

    /// Take only the rows whose COLUMN is exactly VALUE; may be repeated
    #[arg(long = "where", value_name = "COLUMN=VALUE")]
    pub(crate) filters: Vec<String>,

    /// How the numbers are printed
    #[arg(short, long, value_enum, default_value = "table")]
    pub(crate) format: Format,
}

#[derive(Args)]
#[command(after_help = "\
Example:
  dextr export --space nasbench201 '(3, 3, 3, 1, 3, 3)' --seed 0 --out cell.onnx
  dextr score cell.onnx --weights file

The file is of opset 17, for a batch of one image. Scored with --weights file
and --observe flow, it scores what the text scores with that seed and policy.")]
pub(crate) struct ExportArgs {
    /// The architecture, in the space's notation
    #[arg(value_name = "ARCH")]
    pub(crate) arch: String,

    /// The search space
    #[arg(short, long, value_name = "SPACE", value_parser = space_parser())]
    pub(crate) space: &'static dyn Space,

    /// An option of the space, as name=value; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub(crate) options: Vec<String>,

    /// The order in which six numbers are meant: nats or naslib
    #[arg(long, value_name = "READING", value_parser = reading_parser())]
    pub(crate) reading: Option<String>,

    /// The weight seed
    #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
    pub(crate) seed: u64,

    /// The file to write; one that is there is replaced
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: String,
}

#[derive(Args)]
pub(crate) struct CatalogueArgs {
    /// How they are printed
    #[arg(short, long, value_enum, default_value = "table")]
    pub(crate) format: Format,
}

pub(crate) fn space_parser() -> impl TypedValueParser<Value = &'static dyn Space> {
    let names = spaces::all().iter().map(|s| s.name());
    PossibleValuesParser::new(names).try_map(|name| spaces::by_name(&name))
}

fn protocol_parser() -> impl TypedValueParser<Value = Protocol> {
    PossibleValuesParser::new(PROTOCOLS).try_map(|name| name.parse::<Protocol>())
}

fn policy_parser() -> impl TypedValueParser<Value = Policy> {
    PossibleValuesParser::new(POLICIES).try_map(|name| name.parse::<Policy>())
}

fn device_parser() -> impl TypedValueParser<Value = Choice> {
    PossibleValuesParser::new(DEVICES).try_map(|name| name.parse::<Choice>())
}

const SCORE_HELP: &str = "\
Examples:
  # networks of your own, at 160 pixels
  dextr score resnet.onnx vit.onnx --set height=160 --set width=160
  # one cell, to read
  dextr score --space nasbench201 '(3, 3, 3, 1, 3, 3)' --details
  # a table of cells, three weight seeds each, to a file; run it again to go on
  # where it stopped
  dextr score --space nasbench201 --input cells.csv --seeds 3 --out scores.csv
  # a smaller network, from a pipe
  head -100 cells.txt | dextr score --space nasbench201 --set cells=1 --input - --format json

Status: ok; disconnected (the output does not depend on the input: the score is
0); single-output, non-finite and unsuited (no score); error (see the message).";

/// The examples, then a row's columns.
fn score_help() -> String {
    let columns = COLUMNS
        .iter()
        .map(|c| format!("  {:<11}{}\n", c.name, c.help));
    format!(
        "{SCORE_HELP}\n\nColumns:\n{}then one for each other proxy, then the input's other columns, prefixed with\n`input_` where the name is taken.",
        columns.collect::<String>()
    )
}
