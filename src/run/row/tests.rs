//! Rows that are written and read back.

use super::*;
use crate::engine::{Reason, Silent};
use crate::sources::spaces;

const CELL: &str = "|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|";

fn small() -> Options {
    let mut options = Options::new();
    options
        .set("stem_width", "4")
        .set("cells", "1")
        .set("size", "8");
    options
}

fn rows() -> [Row; 2] {
    let (settings, device) = (Settings::default(), Device::cpu(Reason::Asked));
    let space = spaces::by_name("nasbench201").unwrap();
    let arch = space.build(CELL, &small()).unwrap();
    let run = crate::run::score(&arch, &settings, &device, &Silent);
    let good = pollster::block_on(run).unwrap().row;
    let source = Source::by_name("nasbench201").unwrap();
    let base = Row::of_run(source, &small(), &settings, &device).unwrap();
    let bad = Row {
        arch: CELL.to_owned(),
        ..base
    }
    .failed("why");
    [good, bad]
}

#[test]
fn an_error_row_has_the_settings_of_a_good_one() {
    let [good, bad] = rows();
    assert_eq!((good.status.as_str(), bad.status.as_str()), ("ok", FAILED));
    assert_eq!(good.differs(&bad), None);
    assert_eq!(bad.differs(&good), None);
    for column in COLUMNS.iter().filter(|c| c.empty == Empty::Never) {
        for row in [&good, &bad] {
            assert_ne!(row.cell(column.name), Value::Null, "{}", column.name);
            assert_ne!(row.cell(column.name), "", "{}", column.name);
        }
    }
    let scored = COLUMNS.iter().filter(|c| c.empty == Empty::Failed);
    assert!(scored.clone().all(|c| good.cell(c.name) != Value::Null));
    // Every setting decides; nothing that was found does.
    for column in COLUMNS {
        let mut other = good.clone();
        other.set(column.name, &Value::from("7")).unwrap();
        let decides = matches!(column.role, Role::Identity | Role::Run);
        assert_eq!(other.differs(&good).is_some(), decides, "{}", column.name);
    }
}

#[test]
fn a_row_is_read_back_from_json_and_from_texts() {
    for row in rows() {
        let json = serde_json::to_string(&row).unwrap();
        let keys: Vec<&str> = COLUMNS.iter().map(|c| c.name).collect();
        let places: Vec<usize> = keys
            .iter()
            .map(|k| json.find(&format!("\"{k}\":")).unwrap())
            .collect();
        assert!(places.is_sorted(), "{json}");
        assert_eq!(serde_json::from_str::<Row>(&json).unwrap(), row);
        // CSV has texts alone, and nothing for null.
        let texts: Vec<Value> = row
            .cells()
            .map(|cell| match cell {
                Value::Null => Value::from(""),
                Value::String(text) => Value::from(text),
                other => Value::from(other.to_string()),
            })
            .collect();
        assert_eq!(Row::read(keys.iter().copied().zip(&texts)).unwrap(), row);
    }
}

#[test]
fn other_proxies_have_columns_of_their_own() {
    let names = |proxies| proxy_columns(proxies).collect::<Vec<_>>();
    assert!(names("dextr").is_empty() && names("s, params").is_empty());
    assert_eq!(names("dextr,meco,k"), ["meco"]);
    assert_eq!(names("meco,dextr"), ["meco", "dextr"]);
    let row: Row = serde_json::from_str(r#"{"proxies": "dextr,meco", "meco": "0.5"}"#).unwrap();
    assert_eq!(row.values, [("meco".to_owned(), Some(0.5))]);
    assert_eq!(row.cells().count(), COLUMNS.len() + 1);
    let others = ["meco", "input_meco", "note", "layers"].map(str::to_owned);
    let all = all_columns(&row.proxies, &others);
    assert_eq!(
        all[COLUMNS.len()..],
        [
            "meco",
            "input_input_meco",
            "input_meco",
            "note",
            "input_layers"
        ]
    );
    // A file from before there were others.
    let row: Row = serde_json::from_str(r#"{"arch": "x", "acc": 1}"#).unwrap();
    assert_eq!((row.arch.as_str(), row.proxies.as_str()), ("x", PROXY));
}

#[test]
fn a_cell_that_is_no_number_is_named() {
    for (column, cell) in [
        ("seed", "1.5"),
        ("score", "high"),
        ("params", "-1"),
        ("k", "NaN"),
    ] {
        let cell = Value::from(cell);
        let error = Row::read([(column, &cell)].into_iter()).unwrap_err();
        assert_eq!(error.place(), Some(format!("column {column}")));
    }
}
