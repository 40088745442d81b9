//! JSON as people have it: an array, one value a line or a few, columns, and
//! objects whose keys are architectures.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::guess::is_arch_name;
use super::separated::numbered;
use super::table::{Table, text};
use crate::error::{Error, Result};

/// Deepest nesting at which architectures are looked for among keys.
const DEEPEST: usize = 4;
/// As many keys are tried.
const TRIED: usize = 20;

/// A JSON object whose keys keep their order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Object(pub Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> std::result::Result<Object, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Object(pairs))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

/// A value of a list.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Entry {
    Object(Object),
    Other(Value),
}

/// Whether a text is JSON with objects, texts or arrays in it. (A plain list
/// may begin with `[` too: `[1, 0, 0, 2, 1, 0]`.)
#[must_use]
pub fn is_json(text: &str) -> bool {
    let text = text.trim_start();
    let inner = text.strip_prefix('[').map(str::trim_start);
    text.starts_with('{') || inner.is_some_and(|i| i.starts_with(['{', '"', ']', '[']))
}

/// Reads JSON; `is_arch` says whether a text is an architecture. Gives the table,
/// and whether its rows are the file's own: an object each, or a text.
pub(super) fn read(text: &str, is_arch: &dyn Fn(&str) -> bool) -> Result<(Table, bool)> {
    let entries = match entries(text) {
        Ok(entries) => entries,
        // Some lines are broken, and the others stand.
        Err(error) => return by_lines(text).map(|t| (t, true)).ok_or(error),
    };
    if let [Entry::Object(only)] = entries.as_slice()
        && !text.trim_start().starts_with('[')
        && !is_arch(text)
        && let Some(table) = one_object(only, is_arch)
    {
        return Ok((table, false));
    }
    let mut table = Table::default();
    entries
        .into_iter()
        .for_each(|e| push(&mut table, e, is_arch));
    Ok((table, true))
}

/// The values of an array, or those that follow each other.
fn entries(text: &str) -> Result<Vec<Entry>> {
    let form = |e: serde_json::Error| Error::List {
        code: "bad-list",
        message: format!("the JSON cannot be read: {e}"),
        cure: "give an array of objects or texts, or one object a line".to_owned(),
    };
    if text.trim_start().starts_with('[') {
        // Arrays too may follow each other, one a line.
        let mut arrays = serde_json::Deserializer::from_str(text).into_iter::<Vec<Entry>>();
        let mut all = match arrays.next() {
            Some(first) => first.map_err(form)?,
            None => Vec::new(),
        };
        for more in arrays {
            all.extend(more.map_err(form)?);
        }
        return Ok(all);
    }
    let values = serde_json::Deserializer::from_str(text).into_iter::<Entry>();
    values.collect::<serde_json::Result<_>>().map_err(form)
}

/// One value a line, where at least half of the lines are such.
fn by_lines(text: &str) -> Option<Table> {
    if text.trim_start().starts_with('[') {
        return None;
    }
    let lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
    let read: Vec<(&str, serde_json::Result<Object>)> =
        lines.map(|l| (l, serde_json::from_str(l))).collect();
    let good = read.iter().filter(|(_, r)| r.is_ok()).count();
    if 2 * good < read.len() || good == 0 {
        return None;
    }
    let mut table = Table::default();
    for (line, object) in read {
        match object {
            Ok(Object(pairs)) => table.push(pairs, None),
            Err(e) => {
                let problem = format!("is not a JSON object: {e}; give one object a line");
                table.push(vec![("arch".to_owned(), Value::from(line))], Some(problem));
            }
        }
    }
    Some(table)
}

/// A value as a row. An array is a row without names, where it is no
/// architecture itself.
fn push(table: &mut Table, entry: Entry, is_arch: &dyn Fn(&str) -> bool) {
    let arch = |value: Value| vec![("arch".to_owned(), value)];
    let pairs = match entry {
        Entry::Object(Object(pairs)) => {
            let whole = serde_json::Map::from_iter(pairs.clone());
            let whole = Value::Object(whole);
            match is_arch(&whole.to_string()) {
                true => arch(whole),
                false => pairs,
            }
        }
        Entry::Other(Value::Array(cells)) if !is_arch(&Value::Array(cells.clone()).to_string()) => {
            let numbers = (1..=cells.len()).map(numbered);
            numbers.zip(cells).collect()
        }
        Entry::Other(other) => arch(other),
    };
    table.push(pairs, None);
}

/// One object that is a whole list: columns, a list under a name, or
/// architectures as keys.
fn one_object(object: &Object, is_arch: &dyn Fn(&str) -> bool) -> Option<Table> {
    columns(object, is_arch)
        .or_else(|| inner_list(object, is_arch))
        .or_else(|| keys(object, is_arch))
}

/// `{"arch": ["…", …], "acc": [1, …]}`, or with row numbers as keys, as pandas
/// writes it.
fn columns(Object(pairs): &Object, is_arch: &dyn Fn(&str) -> bool) -> Option<Table> {
    let values = |value: &Value| match value {
        Value::Array(values) => Some(values.clone()),
        Value::Object(map) if map.keys().all(|k| k.parse::<u64>().is_ok()) => {
            let mut numbered: Vec<_> = map.iter().collect();
            numbered.sort_by_key(|(key, _)| key.parse::<u64>().unwrap_or_default());
            Some(numbered.into_iter().map(|(_, v)| v.clone()).collect())
        }
        _ => None,
    };
    let all: Option<Vec<Vec<Value>>> = pairs.iter().map(|(_, value)| values(value)).collect();
    let all = all.filter(|a| a.len() > 1)?;
    let rows = all.first().map(Vec::len).filter(|n| *n > 0)?;
    // The lists of an architecture that is wrong are no columns.
    let named = pairs.iter().any(|(name, _)| is_arch_name(name));
    let holds = |column: &Vec<Value>| column.first().is_some_and(|v| is_arch(&text(v)));
    if all.iter().any(|column| column.len() != rows) || !(named || all.iter().any(holds)) {
        return None;
    }
    let mut table = Table::default();
    for row in 0..rows {
        let cells = pairs.iter().zip(&all);
        let cells = cells.map(|((name, _), column)| (name.clone(), column[row].clone()));
        table.push(cells.collect(), None);
    }
    Some(table)
}

/// `{"results": [{…}, …]}`: the one list of objects there is.
fn inner_list(Object(pairs): &Object, is_arch: &dyn Fn(&str) -> bool) -> Option<Table> {
    let lists = pairs.iter().filter_map(|(_, value)| match value {
        Value::Array(list) if list.iter().all(Value::is_object) && !list.is_empty() => Some(list),
        _ => None,
    });
    let [list] = lists.collect::<Vec<_>>()[..] else {
        return None;
    };
    let mut table = Table::default();
    for value in list {
        let Value::Object(map) = value else { continue };
        let pairs = map.clone().into_iter().collect();
        push(&mut table, Entry::Object(Object(pairs)), is_arch);
    }
    Some(table)
}

/// `{"cifar10": {"(4, 0, 3, 1, 4, 3)": {"val_accuracy": 93.1}}}`: the keys at one
/// depth are architectures. What is above becomes columns, and so does what is
/// below, under joined names.
fn keys(object: &Object, is_arch: &dyn Fn(&str) -> bool) -> Option<Table> {
    let whole = Value::Object(object.0.clone().into_iter().collect());
    let depth = (0..DEEPEST).find(|&depth| {
        let mut found = Vec::new();
        keys_at(&whole, depth, &mut found);
        let good = found.iter().filter(|k| is_arch(k)).count();
        good > 0 && 2 * good >= found.len()
    })?;
    let mut table = Table::default();
    rows_at(&whole, depth, &mut Vec::new(), &mut table);
    Some(table)
}

/// The first keys at a depth.
fn keys_at<'a>(value: &'a Value, depth: usize, found: &mut Vec<&'a str>) {
    let Value::Object(map) = value else { return };
    for (key, inner) in map {
        if found.len() >= TRIED {
            return;
        }
        match depth {
            0 => found.push(key),
            _ => keys_at(inner, depth - 1, found),
        }
    }
}

fn rows_at<'a>(value: &'a Value, depth: usize, above: &mut Vec<&'a str>, table: &mut Table) {
    let Value::Object(map) = value else { return };
    for (key, inner) in map {
        if depth > 0 {
            above.push(key);
            rows_at(inner, depth - 1, above, table);
            above.pop();
            continue;
        }
        let mut pairs = vec![("arch".to_owned(), Value::from(key.as_str()))];
        let groups = above.iter().enumerate();
        pairs.extend(groups.map(|(i, name)| {
            let column = if i == 0 {
                "group".to_owned()
            } else {
                format!("group {}", i + 1)
            };
            (column, Value::from(*name))
        }));
        flatten("", inner, &mut pairs);
        table.push(pairs, None);
    }
}

/// The values in a value, under names joined by dots.
fn flatten(name: &str, value: &Value, pairs: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                let joined = if name.is_empty() {
                    key.clone()
                } else {
                    format!("{name}.{key}")
                };
                flatten(&joined, inner, pairs);
            }
        }
        other => {
            let name = if name.is_empty() { "value" } else { name };
            let plain = match other {
                Value::Array(_) => Value::from(text(other)),
                plain => plain.clone(),
            };
            pairs.push((name.to_owned(), plain));
        }
    }
}
