//! `dextr correlate` against numbers worked out by hand.

use serde_json::Value;

use super::*;

/// Ten rows, best last. The five best have the scores 1 3 2 5 4, so within
/// the best half Σd² = 4, ρ = 1 − 6·4/(5·24) = 0.8, and 2 of 10 pairs are
/// discordant, τ = 0.6. Over all rows the five worst come first in order, but
/// their scores are equal: ranks 3 for each.
fn table() -> String {
    let mut text = "arch,status,score,params,acc,task\n".to_owned();
    let scores = [0, 0, 0, 0, 0, 1, 3, 2, 5, 4];
    for (i, score) in scores.iter().enumerate() {
        let status = if *score == 0 { "disconnected" } else { "ok" };
        text.push_str(&format!("a,{status},{score},{},{},x\n", 100 - i, 10 * i));
    }
    text
}

fn correlate(text: &str, args: &[&str]) -> Ran {
    let folder = Folder::new();
    let path = folder.file("rows", text);
    dextr(
        &[
            &["correlate", &path, "--score", "score", "--truth", "acc"],
            args,
        ]
        .concat(),
    )
}

fn json(text: &str) -> Value {
    let ran = correlate(text, &["--format", "json"]).ended(0);
    json_rows(&ran.out).remove(0)
}

/// One correlation of a report.
fn entry<'a>(report: &'a Value, rows: &str, column: &str) -> &'a Value {
    let entries = report["correlations"].as_array().unwrap();
    let found = |e: &&Value| e["rows"] == rows && e["column"] == column;
    entries.iter().find(found).unwrap()
}

#[track_caller]
fn close(value: &Value, expected: f64) {
    let value = value.as_f64().unwrap();
    assert!((value - expected).abs() < 1e-9, "{value} is not {expected}");
}

#[test]
fn the_numbers_are_right() {
    let report = json(&table());
    let half = entry(&report, "best half", "score");
    assert_eq!(half["n"], 5);
    close(&half["spearman"], 0.8);
    close(&half["kendall"], 0.6);
    let all = entry(&report, "all rows", "score");
    assert_eq!(all["n"], 10);
    // Ranks 3 3 3 3 3 6 8 7 10 9: Σ(r−5.5)² = 72.5, of the truth 82.5,
    // products −2.5·(−4.5−3.5−2.5−1.5−0.5) + 0.5·0.5 + 2.5·1.5 + 1.5·2.5 + 4.5·3.5 + 3.5·4.5.
    let products = 31.25 + 0.25 + 3.75 + 3.75 + 15.75 + 15.75;
    close(&all["spearman"], products / (72.5_f64 * 82.5).sqrt());
    // 45 pairs, 10 tied in the score, 2 of the others discordant.
    close(&all["kendall"], (33.0 - 2.0) / (35.0_f64 * 45.0).sqrt());
    let interval = &all["spearman_interval"];
    let end = |name: &str| interval[name].as_f64().unwrap();
    assert!(
        end("low") < all["spearman"].as_f64().unwrap() && end("high") <= 1.0,
        "{all}"
    );
    close(&entry(&report, "all rows", "params")["spearman"], -1.0);
    // One row has no correlation.
    let tenth = entry(&report, "best tenth", "score");
    assert_eq!(tenth["n"], 1);
    assert!(tenth["spearman"].is_null() && tenth["message"] != "");
}

#[test]
fn rows_without_numbers_are_left_out_and_counted() {
    let broken = "a,error,,,50,x\na,ok,,1,50,x\na,ok,nan,1,50,x\na,ok,1,1,,x\na,ok,1,1,?,x\n";
    let report = json(&format!("{}{broken}", table()));
    assert_eq!(
        (&report["rows"], &report["used"]),
        (&Value::from(15), &Value::from(10))
    );
    let left_out = &report["left_out"];
    let counts = ["errors", "no_score", "no_truth"].map(|c| left_out[c].as_u64().unwrap());
    assert_eq!(counts, [1, 2, 2]);
    assert_eq!(json(&table())["correlations"], report["correlations"]);

    let ran = correlate(&format!("{}{broken}", table()), &[]).ended(0);
    assert!(ran.out.contains("10 of 15 rows"), "{ran:#?}");
    assert!(ran.out.contains("1 with the status error"), "{ran:#?}");
    // No row at all is left.
    correlate("score,acc,status\n1,1,error\n", &[]).ended(2);
}

#[test]
fn size_stands_beside_the_score_or_is_said_to_be_missing() {
    let report = json(&table());
    assert_eq!(report["missing_columns"], serde_json::json!(["macs"]));
    let macs = entry(&report, "all rows", "macs");
    assert!(macs["spearman"].is_null());
    let ran = correlate(&table(), &[]).ended(0);
    assert!(ran.out.contains("no such column"), "{ran:#?}");
    // s and k only where the file has them.
    let entries = report["correlations"].as_array().unwrap();
    assert!(entries.iter().all(|e| e["column"] != "s"));
    let with_s = table().replace("params", "s");
    close(&entry(&json(&with_s), "all rows", "s")["spearman"], -1.0);
}

#[test]
fn csv_has_the_same_numbers() {
    let rows = correlate(&table(), &["--format", "csv"]).ended(0).rows();
    let half = rows
        .iter()
        .find(|r| r["rows"] == "best half" && r["column"] == "score")
        .unwrap();
    assert_eq!(half["n"], "5");
    assert!((half["spearman"].parse::<f64>().unwrap() - 0.8).abs() < 1e-9);
}

#[test]
fn columns_that_are_not_there_are_named() {
    let folder = Folder::new();
    let path = folder.file("rows.csv", "arch,score,input_acc\na,1,2\n");
    let run = |score: &str, truth: &str| {
        dextr(&["correlate", &path, "--score", score, "--truth", truth]).ended(2)
    };
    let missing = run("score", "accuracy");
    assert!(
        missing.err.contains("arch, score, input_acc"),
        "{missing:#?}"
    );
    let renamed = run("score", "acc");
    assert!(renamed.err.contains("saved as input_acc"), "{renamed:#?}");
    run("nosuch", "input_acc");
    dextr(&["correlate", "/nosuch.csv", "--score", "a", "--truth", "b"]).ended(2);
}

#[test]
fn rows_are_picked_and_standard_input_is_read() {
    let text = format!("{}a,ok,9,1,0,y\n", table());
    let args = [
        "correlate",
        "-",
        "--score",
        "score",
        "--truth",
        "acc",
        "--format",
        "json",
    ];
    let picked = dextr_with(&[&args[..], &["--where", "task=x"]].concat(), &text).ended(0);
    assert_eq!(json_rows(&picked.out)[0], json(&table()));
    let all = dextr_with(&args, &text).ended(0);
    assert_eq!(json_rows(&all.out)[0]["used"], 11);
}

#[test]
fn results_of_score_can_be_correlated() {
    let folder = Folder::new();
    let rows = CELLS.iter().enumerate().map(|(i, c)| format!("{c},{i}\n"));
    let input = folder.file(
        "in.csv",
        format!("arch,params\n{}", rows.collect::<String>()),
    );
    for out in [folder.path("out.csv"), folder.path("out.json")] {
        score(&["--input", &input, "--out", &out]).ended(0);
        let args = [
            "--score",
            "score",
            "--truth",
            "input_params",
            "--format",
            "json",
        ];
        let report = &json_rows(
            &dextr(&[&["correlate", &out], &args[..]].concat())
                .ended(0)
                .out,
        )[0];
        for column in ["score", "s", "k", "params", "macs"] {
            assert_eq!(entry(report, "all rows", column)["n"], 5);
        }
    }
}

#[test]
fn az_nas_has_its_parts_as_columns_and_its_value_in_the_file_s_pool() {
    let folder = Folder::new();
    let truth = [4, 2, 3, 1, 5];
    let lines = CELLS.iter().zip(truth).map(|(c, t)| format!("{c},{t}\n"));
    let input = folder.file(
        "list.csv",
        format!("arch,truth\n{}", lines.collect::<String>()),
    );
    let out = folder.path("out.csv");
    score(&["--input", &input, "--proxy", "dextr,az_nas", "--out", &out]).ended(0);
    let rows = csv_rows(&read(&out));
    let parts = [
        "az_expressivity",
        "az_progressivity",
        "az_trainability",
        "az_complexity",
    ];
    for row in &rows {
        assert_eq!(row["az_nas"], "");
        assert_eq!(row["az_complexity"], row["macs"]);
        assert!(row["az_expressivity"].parse::<f64>().is_ok(), "{row:?}");
    }
    let ran = dextr(&[
        "correlate",
        &out,
        "--score",
        "az_nas",
        "--truth",
        "truth",
        "--format",
        "json",
    ])
    .ended(0);
    let report = &json_rows(&ran.out)[0];
    let of = |column: &str| {
        let all = report["correlations"].as_array().unwrap();
        let own = all
            .iter()
            .find(|e| e["column"] == column && e["rows"] == "all rows");
        own.unwrap()["n"].as_u64().unwrap()
    };
    assert_eq!(of("az_nas"), 5);
    assert_eq!(of("az_expressivity"), 5);
    // Σ ln(rank/5) over the parts; what has no trainability is the worst by it.
    let number = |row: &Row, part: &str| row[part].parse().unwrap_or(f64::NEG_INFINITY);
    let rank = |part: &str, row: &Row| {
        let own: f64 = number(row, part);
        let below = rows.iter().filter(|r| number(r, part) < own).count();
        let equal = rows.iter().filter(|r| number(r, part) == own).count();
        below as f64 + 0.5 * (equal + 1) as f64
    };
    let values: Vec<f64> = rows
        .iter()
        .map(|row| parts.iter().map(|part| (rank(part, row) / 5.0).ln()).sum())
        .collect();

    let truths = truth.map(f64::from);
    let expected = ::dextr::stats::correlate(&values, &truths)
        .unwrap()
        .spearman;
    let found = report["correlations"][0]["spearman"].as_f64().unwrap();
    assert!((found - expected).abs() < 1e-12, "{found} {expected}");
}
