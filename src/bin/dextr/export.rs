//! `dextr export`: an architecture → an ONNX file.

use dextr::sources::onnx::export;

use crate::End;
use crate::args::ExportArgs;
use crate::failure::{Failure, say};
use crate::measure;
use crate::readable;

/// Writes what the arguments name.
pub(crate) fn run(args: &ExportArgs) -> Result<End, Failure> {
    let mut options = measure::options(&args.options)?;
    if let Some(reading) = &args.reading {
        options.read_as(reading);
    }
    let arch = args.space.build(&args.arch, &options)?;
    let bytes = export(&arch, args.seed)?;
    let written = std::fs::write(&args.out, &bytes);
    written.map_err(|e| Failure::file("write", &args.out, &e))?;
    for note in &arch.notes {
        say(format_args!("note: {note}"));
    }
    say(format_args!(
        "{}: {} parameters of seed {}, {} bytes; `dextr score {0} --weights file` scores it with them",
        args.out,
        readable::count(arch.network.params()),
        args.seed,
        readable::grouped(bytes.len() as u64),
    ));
    Ok(End::Done)
}
