//! `dextr spaces` and `dextr inspect`.

use super::*;

#[test]
fn spaces_are_listed_in_every_format() {
    let table = dextr(&["spaces"]).ended(0);
    for part in [
        "nasbench201",
        "15,625",
        "stem_width=16",
        "input columns",
        "nor_conv_3x3",
    ] {
        assert!(table.out.contains(part), "{part}: {table:#?}");
    }
    let csv = dextr(&["spaces", "--format", "csv"]).ended(0).rows();
    assert!(column(&csv, "space").contains(&"nasbench201"));
    let json = json_rows(&dextr(&["spaces", "--format", "json"]).ended(0).out);
    let space = json.iter().find(|s| s["space"] == "nasbench201").unwrap();
    assert_eq!(space["size"], 15_625);
    assert_eq!(space["options"][0]["name"], "stem_width");
    assert_eq!(
        space["protocols"],
        serde_json::json!(["published", "refined"])
    );
    // What it shows can be scored.
    score(&[space["examples"][0]["arch"].as_str().unwrap()]).ended(0);
}

#[test]
fn inspect_adds_up_to_what_a_score_says() {
    let inspect = |args: &[&str]| dextr(&[&["inspect"], &SMALL[..], args].concat());
    let scored = score(&[CELLS[0], "--format", "csv"]).ended(0).rows();
    let sum = |rows: &[Row], name: &str| -> u64 {
        column(rows, name)
            .iter()
            .map(|n| n.parse::<u64>().unwrap())
            .sum()
    };
    let layers = inspect(&["333133", "--format", "csv"]).ended(0).rows();
    assert_eq!(column(&layers, "arch")[0], CELLS[0]);
    assert_eq!(sum(&layers, "params").to_string(), scored[0]["params"]);
    assert_eq!(sum(&layers, "macs").to_string(), scored[0]["macs"]);
    assert!(sum(&layers, "observed") > 0);

    let json = json_rows(&inspect(&["333133", "--format", "json"]).ended(0).out);
    assert_eq!(json[0]["params"].to_string(), scored[0]["params"]);
    assert_eq!(json[0]["layers"].as_array().unwrap().len(), layers.len());
    assert_eq!(json[0]["layers"][1]["shape"], serde_json::json!([4, 8, 8]));

    let table = inspect(&["333133", "--observe", "layers"]).ended(0);
    assert!(
        table.out.contains("stem.conv") && table.out.contains("4×8×8"),
        "{table:#?}"
    );

    let broken = inspect(&["333133", "bad", "--format", "csv"])
        .ended(1)
        .rows();
    let last = broken.last().unwrap();
    assert_eq!(
        (last["arch"].as_str(), last["status"].as_str()),
        ("bad", "error")
    );
    inspect(&["model.onnx"]).ended(2);
}

#[test]
fn inspect_carries_the_inputs_columns_in_json() {
    let folder = Folder::new();
    let path = folder.file("input.csv", format!("arch,acc\n{},93.5\n", CELLS[0]));
    let args = ["inspect", "--input", &path, "--format", "json"];
    let ran = dextr(&[&args, &SMALL[..]].concat()).ended(0);
    assert_eq!(json_rows(&ran.out)[0]["input"]["acc"], "93.5");
}

#[test]
fn every_proxy_says_what_it_needs() {
    let rows = dextr(&["proxies", "--format", "csv"]).ended(0).rows();
    let json = json_rows(&dextr(&["proxies", "--format", "json"]).ended(0).out);
    assert_eq!(rows.len(), json.len());
    assert_eq!(rows[0]["name"], dextr::run::PROXY);
    for (row, object) in rows.iter().zip(&json) {
        for (column, text) in row {
            assert_eq!(object[column], **text, "{column}");
            // What is counted has no paper.
            let may_be_empty = column == "paper" && row["needs"] == "the graph alone";
            assert!(may_be_empty || !text.is_empty(), "{column}: {row:?}");
        }
    }
    let table = dextr(&["proxies"]).ended(0).out;
    assert!(table.contains("\nsynflow: "), "{table}");
}
