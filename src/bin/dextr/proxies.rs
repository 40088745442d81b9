//! `dextr proxies`: what each proxy is, what it needs and costs, and which variant it is.

use serde::Serialize;

use dextr::proxy::{About, all};

use crate::End;
use crate::args::{CatalogueArgs, Format};
use crate::failure::Failure;
use crate::output::{Output, csv_line, json_line};

/// A proxy as JSON has it.
#[derive(Serialize)]
struct Line {
    #[serde(flatten)]
    about: &'static About,
    cost: &'static str,
}

/// Lists the proxies.
pub(crate) fn run(args: &CatalogueArgs) -> Result<End, Failure> {
    let mut output = Output::Standard;
    if args.format == Format::Csv {
        output.write(&csv_line(&[
            "name", "title", "cost", "needs", "variant", "paper",
        ]))?;
    }
    for proxy in all() {
        let about = proxy.about();
        let About {
            name,
            title,
            paper,
            needs,
            variant,
            demands,
        } = about;
        let cost = demands.class().words();
        output.write(&match args.format {
            Format::Table => {
                let facts = [
                    ("cost", cost),
                    ("needs", needs),
                    ("variant", variant),
                    ("paper", paper),
                ];
                let facts = facts.iter().filter(|(_, text)| !text.is_empty());
                let facts = facts.map(|(fact, text)| format!("  {fact:<9}{text}\n"));
                format!("{name}: {title}\n{}\n", facts.collect::<String>()).into_bytes()
            }
            Format::Csv => csv_line(&[name, title, cost, needs, variant, paper]),
            Format::Json => json_line(&Line { about, cost }),
        })?;
    }
    Ok(End::Done)
}
