//! How what the arguments of `dextr score` name is scored, list or stream.

use dextr::architecture::Options;
use dextr::engine::Device;
use dextr::proxy::Settings;
use dextr::run::Row;
use dextr::sources::Source;

use crate::args::ScoreArgs;
use crate::failure::Failure;
use crate::input;
use crate::measure;
use crate::work::Work;

/// How what the arguments name is scored.
pub(crate) struct Setup {
    /// What architectures are read by.
    pub(crate) source: Source,
    /// The source's options.
    pub(crate) options: Options,
    /// The settings of a score.
    pub(crate) settings: Settings,
}

impl Setup {
    pub(crate) fn of(args: &ScoreArgs) -> Result<Self, Failure> {
        let settings = measure::settings(&args.measure, args.seed, &args.proxy)?;
        let source = input::source(&args.input)?;
        let options = measure::options_for(&args.measure, &args.input.pairs(), Some(source))?;
        // Both are said before any work.
        source.example(&options)?;
        measure::defined(source, settings.protocol)?;
        Ok(Self {
            source,
            options,
            settings,
        })
    }

    /// The row that all rows of the run begin as.
    pub(crate) fn base(&self, args: &ScoreArgs, device: &Device) -> Result<Row, Failure> {
        Ok(Row {
            shard: args.shard.map(|s| s.to_string()).unwrap_or_default(),
            ..Row::of_run(self.source, &self.options, &self.settings, device)?
        })
    }

    /// The work on a device.
    pub(crate) fn work<'a>(
        &'a self,
        args: &ScoreArgs,
        device: &'a Device,
        base: &'a Row,
    ) -> Work<'a> {
        Work {
            source: self.source,
            options: &self.options,
            settings: &self.settings,
            device,
            threads: measure::threads(args.measure.threads, device),
            base,
        }
    }
}
