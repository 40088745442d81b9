//! `dextr spaces`: what the search spaces are and how to write their architectures.

use serde::Serialize;

use dextr::architecture::{Known, Options};
use dextr::network::POLICIES;
use dextr::proxy::dextr::PROTOCOLS;
use dextr::sources::spaces::{Example, Space, all};

use crate::End;
use crate::args::{Format, SpacesArgs};
use crate::failure::Failure;
use crate::output::{Output, csv_line, json_line};
use crate::readable;

/// Lists the spaces.
pub(crate) fn run(args: &SpacesArgs) -> Result<End, Failure> {
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
        let about = About::of(space);
        output.write(&match args.format {
            Format::Table => about.table().into_bytes(),
            Format::Csv => about.csv(),
            Format::Json => json_line(&about),
        })?;
    }
    Ok(End::Done)
}

/// A space for reading; the fields are the keys of its JSON object.
#[derive(Serialize)]
struct About {
    space: &'static str,
    title: &'static str,
    size: u64,
    columns: &'static [&'static str],
    options: &'static [Known],
    protocols: Vec<&'static str>,
    policies: [&'static str; 3],
    observe: &'static str,
    operations: Vec<&'static str>,
    edges: &'static [(usize, usize)],
    examples: &'static [Example],
}

impl About {
    fn of(space: &dyn Space) -> Self {
        let mut examples = space.examples().iter();
        let published = examples.any(|e| {
            let built = space.build(e.arch, &Options::new());
            built.is_ok_and(|a| a.published)
        });
        Self {
            space: space.name(),
            title: space.title(),
            size: space.size(),
            columns: space.columns(),
            options: space.options(),
            protocols: PROTOCOLS[usize::from(!published)..].to_vec(),
            policies: POLICIES,
            observe: space.observe().name(),
            operations: space.operations(),
            edges: space.edges(),
            examples: space.examples(),
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
            let Known {
                name: option,
                default,
                help,
            } = option;
            let pair = format!("{option}={default}");
            fact(name, &format!("{pair:<16} {help}"));
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
