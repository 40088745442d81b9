//! What the columns of a list are for.

use serde_json::Value;

use super::table::{Table, text};
use crate::run::number;
use crate::sources::Source;

/// The column that always wins.
pub(super) const ARCH: &str = "arch";
/// The column that names each row's space.
pub(super) const SPACE: &str = "space";
/// As many rows are looked at.
pub(super) const SAMPLE: usize = 40;

/// What people call the column of architectures, letters and digits alone.
const ARCH_NAMES: [&str; 16] = [
    "arch",
    "architecture",
    "architectures",
    "archstr",
    "archstring",
    "architecturestring",
    "cell",
    "cellstr",
    "genotype",
    "genotypes",
    "model",
    "modelspec",
    "network",
    "net",
    "structure",
    "encoding",
];

/// What people call a column that counts rows.
const INDEX_NAMES: [&str; 12] = [
    "",
    "index",
    "idx",
    "id",
    "no",
    "nr",
    "number",
    "row",
    "rank",
    "unnamed0",
    "archid",
    "archindex",
];

/// Letters and digits alone, small.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.collect::<String>().to_lowercase()
}

/// Whether a column of this name has architectures, as a rule.
pub(super) fn is_arch_name(name: &str) -> bool {
    ARCH_NAMES.contains(&plain(name).as_str())
}

/// The name of a column of architectures that was meant, for one that is not there.
pub(super) fn nearest_column(columns: &[String]) -> Option<&str> {
    let near = |name: &&String| crate::spelling::nearest(name, &ARCH_NAMES).is_some();
    columns.iter().find(near).map(String::as_str)
}

/// Whether a text is an architecture of a source. Digits alone may be any number.
pub(super) fn is_arch(source: Source, text: &str) -> bool {
    let Source::Space(space) = source else {
        return false;
    };
    space.canonical(text).is_ok()
}

fn is_plain_number(text: &str) -> bool {
    text.trim().parse::<f64>().is_ok()
}

/// The space's own columns, where a header has all of them.
fn own_columns(header: &[String], source: Source) -> Option<Vec<usize>> {
    let names = source.about().columns;
    let find = |name: &&str| header.iter().position(|h| h == name);
    let own = names.iter().map(find).collect::<Option<Vec<_>>>();
    own.filter(|o| !o.is_empty())
}

/// The columns that an architecture is read from, by their names alone.
pub(super) fn by_name(header: &[String], source: Source) -> Option<Vec<usize>> {
    let arch = header.iter().position(|h| h == ARCH);
    arch.map(|c| vec![c])
        .or_else(|| own_columns(header, source))
}

/// The column most of whose cells are architectures of the source.
pub(super) fn by_content(rows: &[Vec<String>], source: Source) -> Option<usize> {
    let width = rows.iter().map(Vec::len).max().unwrap_or_default();
    let share = |column: usize| {
        let cells = rows.iter().filter_map(|r| r.get(column));
        let filled: Vec<&String> = cells.filter(|c| !c.is_empty()).collect();
        let good = |c: &&&String| !is_plain_number(c) && is_arch(source, c);
        let good = filled.iter().filter(good).count();
        (good > 0 && 2 * good >= filled.len()).then_some(good)
    };
    // Of equal ones the first.
    (0..width)
        .filter_map(|c| share(c).map(|good| (good, width - c, c)))
        .max()
        .map(|(_, _, column)| column)
}

/// The same of any space, the source first.
pub(super) fn by_any_content(rows: &[Vec<String>], source: Source) -> Option<usize> {
    by_content(rows, source).or_else(|| others(source).find_map(|s| by_content(rows, s)))
}

/// The other spaces.
pub(super) fn others(source: Source) -> impl Iterator<Item = Source> {
    let is_space = |s: &Source| matches!(s, Source::Space(_));
    Source::all().filter(move |s| is_space(s) && *s != source)
}

/// The spaces whose own columns a header has.
pub(super) fn spaces_of(header: &[String], source: Source) -> Vec<&'static str> {
    let fitting = others(source).filter(|s| {
        own_columns(header, *s).is_some_and(|own| own.iter().all(|&c| header[c] != ARCH))
    });
    fitting.map(Source::name).collect()
}

/// The columns that an architecture is read from: by name, by what is in them,
/// or by a name that others give them.
pub(super) fn arch_columns(
    header: &[String],
    rows: &[Vec<String>],
    source: Source,
) -> Option<Vec<usize>> {
    let content = by_any_content(rows, source);
    if let Some(named) = by_name(header, source) {
        // A column may be called `arch` and have numbers of a table in it.
        let is_single = named.len() == 1;
        let fits = |column: usize| {
            let cells = rows.iter().filter_map(|r| r.get(column));
            cells
                .into_iter()
                .any(|c| is_arch(source, c) && !is_plain_number(c))
        };
        return match content {
            Some(other) if is_single && other != named[0] && !fits(named[0]) => Some(vec![other]),
            _ => Some(named),
        };
    }
    let called = || header.iter().position(|name| is_arch_name(name));
    content.or_else(called).map(|c| vec![c])
}

/// Whether a first row is a header: one of its names is known, or no cell of it
/// is a number or an architecture while the rows below have such.
pub(super) fn is_header(first: &[String], rows: &[Vec<String>], source: Source) -> bool {
    if by_name(first, source).is_some() || first.iter().any(|name| is_arch_name(name)) {
        return true;
    }
    let arch = by_any_content(rows, source);
    let is_name = |name: &String| name.is_empty() || !is_plain_number(name);
    match arch.and_then(|c| first.get(c)) {
        Some(cell) => {
            let known = std::iter::once(source).chain(others(source));
            !known.into_iter().any(|s| is_arch(s, cell)) && looks_like_name(cell)
        }
        None => first.iter().all(is_name) && first.iter().all(|n| looks_like_name(n)),
    }
}

/// Letters first, then what names are made of.
pub(super) fn looks_like_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters
        .next()
        .is_some_and(|c| c.is_alphabetic() || c == '_')
        && letters.all(|c| c.is_alphanumeric() || "_ .%/-()".contains(c))
}

/// The columns that count rows: by their names, or the first one where it goes
/// up by one from 0 or 1.
pub(super) fn index_columns(table: &Table, skip: &[usize]) -> Vec<usize> {
    let counts = |column: &usize| {
        let name = &table.columns[*column];
        let cells = table.rows.iter().take(SAMPLE).map(|r| &r.cells[*column]);
        let numbers: Vec<f64> = cells.filter_map(number).collect();
        let whole = !numbers.is_empty() && numbers.iter().all(|n| n.fract() == 0.0);
        let start = numbers.first().is_some_and(|n| *n == 0.0 || *n == 1.0);
        let up = numbers.windows(2).all(|pair| pair[1] - pair[0] == 1.0);
        let counted = *column == 0 && start && up && numbers.len() > 1;
        whole && (counted || INDEX_NAMES.contains(&plain(name).as_str())) && likely(name) == 0
    };
    let columns = (0..table.columns.len()).filter(|c| !skip.contains(c));
    columns.filter(counts).collect()
}

/// How much a name says that a column has accuracies; 0 for not at all.
fn likely(name: &str) -> usize {
    let name = name.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|w| name.contains(w));
    let accuracy = has(&["acc", "top-1", "top1", "top_1"]);
    match () {
        () if accuracy && has(&["test"]) => 4,
        () if accuracy => 3,
        () if has(&["glue", "truth"]) => 2,
        () if has(&["perf", "metric", "target", "fitness"]) => 1,
        () => 0,
    }
}

/// The column of known accuracies: by its name, or the one column of numbers.
pub(super) fn truth_column(table: &Table, skip: &[usize]) -> Option<usize> {
    let numeric = |column: &usize| {
        let cells = table.rows.iter().map(|r| &r.cells[*column]);
        let filled: Vec<&Value> = cells.filter(|c| !text(c).trim().is_empty()).collect();
        let numbers = filled.iter().filter(|c| number(c).is_some()).count();
        numbers > 1 && 2 * numbers > filled.len()
    };
    let columns = (0..table.columns.len()).filter(|c| !skip.contains(c));
    let numeric: Vec<usize> = columns.filter(numeric).collect();
    let best = numeric.iter().map(|&c| likely(&table.columns[c])).max()?;
    match best {
        0 => <[usize; 1]>::try_from(numeric).ok().map(|[only]| only),
        _ => numeric
            .into_iter()
            .find(|&c| likely(&table.columns[c]) == best),
    }
}
