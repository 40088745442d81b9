//! Decimal commas: `93,1` in a table that a German or French spreadsheet saved.

use serde_json::Value;

use super::table::Table;

/// How decimals are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decimal {
    /// `93.1`
    Point,
    /// `93,1`
    Comma,
}

/// Writes the numbers of columns with decimal commas with points. Gives these
/// columns, and those that may have them and may not: `1,234` in a table whose
/// cells commas separate.
pub(super) fn convert(
    table: &mut Table,
    delimiter: char,
    asked: Option<Decimal>,
    skip: &[usize],
) -> (Vec<usize>, Vec<usize>) {
    let (mut converted, mut unsure) = (Vec::new(), Vec::new());
    if asked == Some(Decimal::Point) {
        return (converted, unsure);
    }
    for column in (0..table.columns.len()).filter(|c| !skip.contains(c)) {
        let texts = || {
            table
                .rows
                .iter()
                .filter_map(|row| row.cells[column].as_str())
        };
        let commas: Vec<&str> = texts().filter(|t| is_decimal(t)).collect();
        let others = texts().filter(|t| !t.trim().is_empty() && !is_decimal(t) && !is_whole(t));
        // A note among the numbers is no reason to leave them.
        if commas.is_empty() || 2 * others.count() > commas.len() {
            continue;
        }
        let grouped = commas.iter().all(|t| is_grouped(t));
        if asked.is_none() && grouped && delimiter == ',' {
            unsure.push(column);
            continue;
        }
        for row in &mut table.rows {
            if let Some(number) = row.cells[column].as_str().filter(|t| is_decimal(t)) {
                row.cells[column] = Value::from(number.trim().replace(',', "."));
            }
        }
        converted.push(column);
    }
    (converted, unsure)
}

/// `93,1`, and `9,31e1`.
fn is_decimal(text: &str) -> bool {
    let number = text.trim();
    number.matches(',').count() == 1
        && !number.contains('.')
        && number.replace(',', ".").parse::<f64>().is_ok()
        && number.contains(|c: char| c.is_ascii_digit())
}

fn is_whole(text: &str) -> bool {
    text.trim().parse::<i64>().is_ok()
}

/// `1,234`, which may be a thousand.
fn is_grouped(text: &str) -> bool {
    let number = text.trim().trim_start_matches(['+', '-']);
    number.split_once(',').is_some_and(|(before, after)| {
        after.len() == 3 && (1..=3).contains(&before.len()) && !before.starts_with('0')
    })
}
