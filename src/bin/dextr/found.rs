//! What a search asks for and has found: candidates, decisions, the best, the front.

use serde_json::Value;

use dextr::run::{Row, Shard};
use dextr::search::{Candidate, Decision, Entry, Plan, Search, Strategy};

use crate::failure::say;
use crate::readable;

/// A search's own columns: a candidate's number, its round, and the value that
/// it is ranked by, which is a column to be filled in where it is told.
pub(crate) fn columns(plan: &Plan) -> [String; 3] {
    let aim = if plan.aim.is_told() {
        plan.aim.to_string()
    } else {
        "aim".to_owned()
    };
    ["step".to_owned(), "round".to_owned(), aim]
}

/// The cells of a candidate in [`columns`].
pub(crate) fn extras(candidate: &Candidate, aim: Option<f64>) -> [Value; 3] {
    let Candidate { step, round, .. } = candidate;
    [Value::from(*step), Value::from(*round), Value::from(aim)]
}

/// At most `n` candidates of a shard. Those of the others are told as what has
/// no value here.
pub(crate) fn ask(
    search: &mut Search,
    n: usize,
    shard: Option<Shard>,
) -> dextr::Result<Vec<Candidate>> {
    let Some(shard) = shard else {
        return search.ask(n);
    };
    let mut own = Vec::new();
    while own.len() < n {
        let asked = search.ask(n - own.len())?;
        if asked.is_empty() {
            break;
        }
        for candidate in asked {
            if shard.has(&candidate.arch) {
                own.push(candidate);
            } else {
                let Candidate { space, arch, .. } = candidate;
                let row = Row {
                    space,
                    arch,
                    ..Row::default()
                };
                let elsewhere = row.failed("is in another shard");
                search.tell(candidate.step, &elsewhere)?;
            }
        }
    }
    Ok(own)
}

/// Tells what a projection has decided since it was last told, when there were
/// `told` decisions; how many there are now.
pub(crate) fn decisions(search: &Search, told: usize) -> usize {
    let all = search.decisions();
    let pool = match &search.plan().strategy {
        Strategy::Projection { pool, .. } => *pool,
        _ => return 0,
    };
    if all.len() > told {
        // The last one of each network is new: a round is decided at once.
        let mut last: Vec<&Decision> = Vec::new();
        for (i, decision) in all.iter().enumerate() {
            let next = all.get(i + 1);
            if next.is_none_or(|next| next.network != decision.network) {
                last.push(decision);
            }
        }
        last.into_iter()
            .for_each(|decision| say(line(decision, pool)));
    }
    all.len()
}

/// `normal 0→2: sep_conv_3x3 stays, by 0.0047 ± 0.0031`.
fn line(decision: &Decision, pool: u64) -> String {
    let Decision {
        group,
        source,
        target,
        ..
    } = decision;
    let network = match pool {
        1 => String::new(),
        _ => format!("network {}, ", decision.network + 1),
    };
    let chosen = decision
        .chosen
        .and_then(|place| decision.without.get(place));
    let chosen = chosen.map_or("", String::as_str);
    let what = match source {
        Some(source) => format!("{group} {source}→{target}: {chosen} stays"),
        None => format!("{group} node {target}: the edge from {chosen} goes"),
    };
    let margin = decision.margin.map(readable::float).unwrap_or_default();
    let error = decision.error.map(readable::float);
    let error = error.map(|error| format!(" ± {error}")).unwrap_or_default();
    format!("{network}{what}, by {margin}{error}")
}

/// Tells the best, what they must be better than, and the front.
pub(crate) fn tell(search: &Search, best: usize) {
    let plan = search.plan();
    let progress = search.progress();
    let is_projection = matches!(plan.strategy, Strategy::Projection { .. });
    if progress.total < plan.total() && !is_projection {
        say(format_args!(
            "note: no more than {} candidates were found within the limits",
            progress.total
        ));
    }
    let best = search.best(best);
    if best.is_empty() && search.waiting().next().is_some() {
        return;
    }
    if best.is_empty() {
        return say("no candidate has a value of the aim");
    }
    say(format_args!("the best by {}:", plan.aim));
    table(best);
    if let Some(largest) = search.largest() {
        say("the largest, for comparison:");
        table(std::slice::from_ref(largest));
    }
    if let Some(size) = plan.against {
        let front = search.front();
        say(format_args!(
            "the front of {} against {}: {} candidates",
            plan.aim,
            size.name(),
            front.len()
        ));
        table(front);
    }
}

fn table(entries: &[Entry]) {
    let row = |entry: &Entry| {
        vec![
            entry.arch.clone(),
            entry.step.to_string(),
            readable::float(entry.aim),
            readable::count(entry.params),
            readable::count(entry.macs),
        ]
    };
    let rows: Vec<_> = entries.iter().map(row).collect();
    let header = ["arch", "step", "aim", "#params", "MACs"];
    say(readable::aligned(&header, &rows, 1).trim_end());
}
