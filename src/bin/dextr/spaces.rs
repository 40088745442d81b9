//! `dextr spaces`: what the search spaces are and how to write their architectures.

use serde::Serialize;

use dextr::architecture::{About, Example, OptionInfo};
use dextr::network::POLICIES;
use dextr::proxy::dextr::PROTOCOLS;
use dextr::sources::spaces::all;

use crate::End;
use crate::args::{CatalogueArgs, Format};
use crate::failure::Failure;
use crate::output::{Output, csv_line, json_line};
use crate::readable;

/// Lists the spaces.
pub(crate) fn run(args: &CatalogueArgs) -> Result<End, Failure> {
    let mut output = Output::Standard;
    if args.format == Format::Csv {
        output.write(&csv_line(&[
            "space",
            "title",
            "size",
            "columns",
            "options",
            "protocols",
            "policies",
            "observe",
            "example",
        ]))?;
    }
    for &space in all() {
        let told = Told::of(space.about());
        output.write(&match args.format {
            Format::Table => told.table().into_bytes(),
            Format::Csv => told.csv(),
            Format::Json => json_line(&told),
        })?;
    }
    Ok(End::Done)
}

/// A space for reading; the fields are the keys of its JSON object.
#[derive(Serialize)]
struct Told {
    space: &'static str,
    title: &'static str,
    size: u64,
    columns: &'static [&'static str],
    options: &'static [OptionInfo],
    protocols: Vec<&'static str>,
    policies: [&'static str; 3],
    observe: &'static str,
    operations: &'static [&'static str],
    edges: &'static [(usize, usize)],
    examples: &'static [Example],
}

impl Told {
    fn of(about: &About) -> Self {
        Self {
            space: about.name,
            title: about.title,
            size: about.size.unwrap_or_default(),
            columns: about.columns,
            options: about.options,
            protocols: PROTOCOLS[usize::from(!about.published)..].to_vec(),
            policies: POLICIES,
            observe: about.observe.name(),
            operations: about.operations,
            edges: about.edges,
            examples: about.examples,
        }
    }

    fn table(&self) -> String {
        let mut text = format!("{}: {}\n", self.space, self.title);
        let mut fact = |name: &str, value: &str| {
            text.push_str(&format!("  {name:<17}{value}\n"));
        };
        fact("architectures", &readable::grouped(self.size));
        fact("input columns", &self.columns.join(", "));
        fact("protocols", &self.protocols.join(", "));
        let policies = format!("{}  (default {})", self.policies.join(", "), self.observe);
        fact("policies", &policies);
        if !self.operations.is_empty() {
            fact("operations", &self.operations.join(", "));
        }
        for (i, option) in self.options.iter().enumerate() {
            let name = if i == 0 { "options (--set)" } else { "" };
            let OptionInfo {
                name: option,
                default,
                values,
                help,
            } = option;
            let pair = format!("{option}={default}");
            let words = match values.len() {
                0 => String::new(),
                _ => format!("  ({})", values.join(" | ")),
            };
            fact(name, &format!("{pair:<16} {help}{words}"));
        }
        for (i, example) in self.examples.iter().enumerate() {
            let name = if i == 0 { "examples" } else { "" };
            fact(name, &format!("{}  ({})", example.arch, example.title));
        }
        text.push('\n');
        text
    }

    fn csv(&self) -> Vec<u8> {
        let options = self
            .options
            .iter()
            .map(|o| format!("{}={}", o.name, o.default));
        csv_line(&[
            self.space.to_owned(),
            self.title.to_owned(),
            self.size.to_string(),
            self.columns.join(" "),
            options.collect::<Vec<_>>().join(" "),
            self.protocols.join(" "),
            self.policies.join(" "),
            self.observe.to_owned(),
            self.examples.first().map_or("", |e| e.arch).to_owned(),
        ])
    }
}
