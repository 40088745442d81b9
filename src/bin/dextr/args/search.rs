//! The arguments of `dextr search`.

use clap::Args;
use clap::builder::PossibleValuesParser;

use dextr::run::Shard;
use dextr::search::{PAPERS, Preset, STRATEGIES};
use dextr::sources::spaces::Space;

use super::{MeasureArgs, RowFormat, shard, space_parser};

#[derive(Args)]
#[command(after_help = "\
Examples:
  # the best of 400 random networks under 6 million parameters, all cores; run it
  # again to go on where it stopped
  dextr search --space autoformer-tiny --strategy random --candidates 400 --max-params 6M --seed 0 --out search.csv
  # evolution by a product of proxies, with the Pareto front against parameters
  dextr search --space nasbench201 --strategy evolution --aim 'meco_opt*swap' --against params --out front.csv
  # 2,000 by NASWOT, the best 100 by Dextr, the best 10 with five weight seeds
  dextr search --space darts --strategy cascade --candidates 2000 --stages naswot:100,dextr:10,dextr@5
  # an edge of the DARTS supernet after another; four sets of circles say how sure
  # each choice is
  dextr search --space darts --set channels=16 --strategy projection --circles 4 --out projection.csv
  # by a surrogate that learns accuracies: those of a table, or those that you fill
  # into the file for the architectures it asks you to train, before you run it again
  dextr search --space nasbench201 --strategy optiproxy --known results.csv --out found.csv
  dextr search --space nasbench201 --strategy optiproxy --warm params --out train.csv
  # the paper's searches
  dextr search --paper darts --out pool.csv
  dextr search --paper autoformer-tiny --out paper.csv

Rows are those of `dextr score`, one a candidate in the order of asking, with
the columns step, round and aim (or accuracy) behind them. The best and the front stand on
standard error at the end. The same seed is the same search on any number of
threads, with or without a pause.")]
pub(crate) struct SearchArgs {
    /// The search space
    #[arg(short, long, value_name = "SPACE", value_parser = space_parser(), required_unless_present = "paper")]
    pub(crate) space: Option<&'static dyn Space>,

    /// An option of the space, as name=value; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub(crate) options: Vec<String>,

    /// A search of the paper: its space, strategy, number of candidates and limits
    #[arg(long, conflicts_with_all = ["space", "strategy"], value_parser = PossibleValuesParser::new(PAPERS.map(|p| p.name)))]
    pub(crate) paper: Option<String>,

    /// How candidates are found: `random` draws; aging `evolution`; `local` walks
    /// to the best neighbour; a `cascade` of proxies; `projection`, which decides
    /// the edges of a supernet; `optiproxy`, a surrogate that learns accuracies
    /// [default: random]
    #[arg(long, value_parser = PossibleValuesParser::new(STRATEGIES))]
    pub(crate) strategy: Option<String>,

    /// How many candidates are scored; of a cascade, by its first stage; not for a
    /// projection, whose --pool and --circles say it [default: 400; of optiproxy 100]
    #[arg(short = 'n', long, allow_negative_numbers = true)]
    pub(crate) candidates: Option<u64>,

    /// The seed of everything that the search draws
    #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
    pub(crate) seed: u64,

    /// Least number of parameters: 3M, 800k, 6e6
    #[arg(long, value_name = "COUNT", allow_hyphen_values = true)]
    pub(crate) min_params: Option<String>,

    /// Most parameters
    #[arg(long, value_name = "COUNT", allow_hyphen_values = true)]
    pub(crate) max_params: Option<String>,

    /// Least number of multiply-accumulates: 1.5G
    #[arg(long, value_name = "COUNT", allow_hyphen_values = true)]
    pub(crate) min_macs: Option<String>,

    /// Most multiply-accumulates
    #[arg(long, value_name = "COUNT", allow_hyphen_values = true)]
    pub(crate) max_macs: Option<String>,

    /// What is to be large: a proxy, a product (`meco_opt*swap`), or with - before
    /// it what is to be small; or accuracy, which you or --known say [default: dextr;
    /// of a cascade, its last stage; of optiproxy, accuracy]
    #[arg(long, value_name = "AIM", allow_hyphen_values = true)]
    pub(crate) aim: Option<String>,

    /// What is to be small besides, params or macs: keeps the Pareto front
    #[arg(long, value_name = "SIZE", value_parser = PossibleValuesParser::new(["params", "macs"]))]
    pub(crate) against: Option<String>,

    /// More proxies to measure, separated by commas, as columns of their own
    #[arg(long, value_name = "NAMES", default_value = "")]
    pub(crate) also: String,

    /// Of evolution: architectures that are alive [default: 50]
    #[arg(long, allow_negative_numbers = true)]
    pub(crate) population: Option<u64>,

    /// Of evolution: how many are drawn for a tournament [default: 10]
    #[arg(long, allow_negative_numbers = true)]
    pub(crate) sample: Option<u64>,

    /// Of evolution: how many results a child may be ahead of; as many threads
    /// have work at most [default: 8]
    #[arg(long, allow_negative_numbers = true)]
    pub(crate) lag: Option<u64>,

    /// Of local search: random architectures at each start [default: 10]
    #[arg(long, allow_negative_numbers = true)]
    pub(crate) starts: Option<u64>,

    /// Of a cascade: what ranks and how many of the best go on, with @ a number
    /// of weight seeds: naswot:100,dextr:10,dextr@5
    #[arg(
        long,
        value_name = "STAGES",
        value_delimiter = ',',
        allow_hyphen_values = true
    )]
    pub(crate) stages: Vec<String>,

    /// Of a projection: what decides an edge, a proxy or a product; the operation
    /// stays whose absence makes it least [default: dextr]
    #[arg(long, value_name = "AIM", allow_hyphen_values = true)]
    pub(crate) criterion: Option<String>,

    /// Of a projection: what decides which edges a node keeps [default: naswot]
    #[arg(long, value_name = "AIM", allow_hyphen_values = true)]
    pub(crate) inputs: Option<String>,

    /// Of a projection: how many networks are found, of which the best one by
    /// --aim wins [default: 1]
    #[arg(long, allow_negative_numbers = true)]
    pub(crate) pool: Option<u64>,

    /// Of a projection: under how many sets of circles each variant is measured;
    /// with two or more each choice has its error [default: 1]
    #[arg(long, allow_negative_numbers = true)]
    pub(crate) circles: Option<u64>,

    /// Of optiproxy: how many are asked for at first [default: 10]
    #[arg(long, allow_negative_numbers = true)]
    pub(crate) first: Option<u64>,

    /// Of optiproxy: how many are asked for in each round after that [default: 5]
    #[arg(long, allow_negative_numbers = true)]
    pub(crate) each: Option<u64>,

    /// Of optiproxy: a proxy whose ranks the surrogate learns before it asks for
    /// anything, with the number of random architectures that it ranks: params:500
    #[arg(long, value_name = "PROXY", allow_hyphen_values = true)]
    pub(crate) warm: Option<String>,

    /// Of optiproxy: the published surrogate, or a smaller one that is fitted for
    /// less long [default: published]
    #[arg(long, value_parser = PossibleValuesParser::new(Preset::NAMES))]
    pub(crate) preset: Option<String>,

    /// Of the aim accuracy: a table that has them; what it does not have is waited for
    #[arg(long, value_name = "FILE")]
    pub(crate) known: Option<String>,

    /// The column of accuracies of --known, where its name does not say it
    #[arg(long, value_name = "COLUMN", requires = "known")]
    pub(crate) accuracy: Option<String>,

    /// How many of the best are told at the end
    #[arg(long, default_value_t = 5)]
    pub(crate) best: usize,

    /// First weight seed of every score
    #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
    pub(crate) weight_seed: u64,

    #[command(flatten)]
    pub(crate) measure: MeasureArgs,

    /// Score one part of the candidates of several, as in 3/16: for several
    /// machines that search at random with the same seed; `dextr merge` joins
    /// their files
    #[arg(long, value_name = "PART/PARTS", value_parser = shard)]
    pub(crate) shard: Option<Shard>,

    /// How rows are printed [default: table; with --out by its extension]
    #[arg(short, long, value_enum)]
    pub(crate) format: Option<RowFormat>,

    /// Write rows to a file (csv, json or parquet) instead of standard output
    ///
    /// If the file exists, the search goes on after its last whole row; it is
    /// refused when the file was begun as another search.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: Option<String>,
}
