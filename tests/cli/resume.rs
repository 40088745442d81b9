//! `--out`: files that are gone on with.

use super::*;

/// The input of these runs: a broken row, a repeated cell, a cell with a line
/// break and quotes.
fn table() -> String {
    let [a, b, c, ..] = CELLS;
    format!("arch,note\n{a},1\nbad,2\n{b},\"two \"\"lines\"\"\n,and one\"\n{a},4\n{c},5\n")
}

fn run(folder: &Folder, out: &str, args: &[&str]) -> Ran {
    let input = folder.file("input.csv", table());
    score(&[&["--input", &input, "--out", out], args].concat())
}

#[test]
fn a_run_cut_off_anywhere_goes_on_to_the_same_file() {
    let folder = Folder::new();
    let read_rows = |path: &str| match path.ends_with(".csv") {
        true => without_seconds(csv_rows(&read(path))),
        false => json_rows(&read(path))
            .iter()
            .map(|row| row.as_object().unwrap().iter())
            .map(|pairs| pairs.map(|(k, v)| (k.clone(), v.to_string())).collect())
            .map(|row| without_seconds(vec![row]).remove(0))
            .collect(),
    };
    for name in ["whole.csv", "whole.json"] {
        let whole = folder.path(name);
        let ran = run(&folder, &whole, &[]).ended(1);
        assert!(ran.out.is_empty());
        let (bytes, rows) = (fs::read(&whole).unwrap(), read_rows(&whole));
        assert_eq!(rows.len(), 5);
        // Every seventh cut, each end of a line, and the end.
        let ends = |i: &usize| bytes[*i - 1] == b'\n';
        let mut cuts: Vec<usize> = (0..bytes.len()).step_by(97).collect();
        cuts.extend((1..=bytes.len()).filter(ends));
        cuts.extend((1..=bytes.len()).filter(ends).map(|i| i - 1));
        for cut in cuts {
            let begun = folder.file(&format!("begun-{name}"), &bytes[..cut]);
            run(&folder, &begun, &[]).ended(1);
            assert_eq!(read_rows(&begun), rows, "{name} cut after {cut} bytes");
        }
    }
}

#[test]
fn a_whole_file_is_left_alone() {
    let folder = Folder::new();
    let out = folder.path("out.csv");
    run(&folder, &out, &[]).ended(1);
    let bytes = fs::read(&out).unwrap();
    let again = run(&folder, &out, &[]).ended(1);
    assert_eq!(fs::read(&out).unwrap(), bytes);
    assert!(
        again.err.contains("5 of them were there before"),
        "{again:#?}"
    );
}

#[test]
fn other_settings_or_input_are_refused_and_the_file_stays() {
    let folder = Folder::new();
    let out = folder.path("out.csv");
    run(&folder, &out, &[]).ended(1);
    let bytes = fs::read(&out).unwrap();
    let settings: [(&[&str], &str); 10] = [
        (&["--seed", "1"], "seed"),
        (&["--seeds", "2"], "seeds"),
        (&["--image-seed", "1"], "image_seed"),
        (&["--curve-seed", "1"], "curve_seed"),
        (&["--curves", "1"], "curves"),
        (&["--protocol", "published"], "protocol"),
        (&["--observe", "flow"], "observe"),
        (&["--set", "classes=11"], "options"),
        (&["--proxy", "s"], "proxies"),
        (&["--format", "json"], "JSON"),
    ];
    for (args, part) in settings {
        let ran = run(&folder, &out, args).ended(2);
        assert!(ran.err.contains(part), "{args:?}: {ran:#?}");
    }
    let [a, b, c, ..] = CELLS;
    let inputs = [
        ("another arch", table().replace(a, c), "arch"),
        ("another cell", table().replace(",4\n", ",5\n"), "note"),
        ("another error", table().replace("bad", "worse"), "arch"),
        ("fewer rows", format!("arch,note\n{a},1\n"), "5 rows"),
        (
            "another column",
            table().replace("note", "remark"),
            "remark",
        ),
        (
            "another order",
            format!("arch,note\n{b},1\n{a},2\n"),
            "arch",
        ),
    ];
    for (what, text, part) in inputs {
        let input = folder.file("other.csv", text);
        let ran = score(&["--input", &input, "--out", &out]).ended(2);
        assert!(ran.err.contains(part), "{what}: {ran:#?}");
    }
    assert_eq!(fs::read(&out).unwrap(), bytes);
    // More rows are no other input.
    let longer = folder.file("longer.csv", format!("{}{b},6\n", table()));
    score(&["--input", &longer, "--out", &out]).ended(1);
    assert_eq!(csv_rows(&read(&out)).len(), 6);
}

#[test]
fn files_of_another_kind_are_refused() {
    let folder = Folder::new();
    for (name, text) in [
        ("out.csv", "a,b\n1,2\n"),
        ("out.json", "a,b\n"),
        ("out.json", "{}\n"),
    ] {
        let out = folder.file(name, text);
        run(&folder, &out, &[]).ended(2);
        assert_eq!(read(&out), text);
    }
}

#[test]
fn details_go_on_too() {
    let folder = Folder::new();
    let out = folder.path("out.jsonl");
    run(&folder, &out, &["--details"]).ended(1);
    let text = read(&out);
    let cut = text.len() / 2;
    folder.file("out.jsonl", &text[..cut]);
    run(&folder, &out, &[]).ended(2);
    run(&folder, &out, &["--details"]).ended(1);
    let rows = json_rows(&read(&out));
    assert_eq!(rows.len(), 5);
    assert!(rows[4]["layers"].is_array());
}

#[test]
fn another_picture_is_another_setting() {
    let folder = Folder::new();
    let out = folder.path("out.csv");
    let (one, other) = (
        folder.file("one.png", picture(200)),
        folder.file("other.png", picture(201)),
    );
    run(&folder, &out, &["--image", &one]).ended(1);
    run(&folder, &out, &["--image", &one]).ended(1);
    let ran = run(&folder, &out, &["--image", &other]).ended(2);
    assert!(ran.err.contains("column image"), "{ran:#?}");
}

/// A page writes null for nothing, whole numbers without a fraction, and may
/// put everything in quotation marks.
#[test]
fn a_file_that_a_page_has_saved_is_gone_on_with() {
    let folder = Folder::new();
    let (csv, json) = (folder.path("own.csv"), folder.path("own.jsonl"));
    run(&folder, &csv, &[]).ended(1);
    run(&folder, &json, &[]).ended(1);
    let page = read(&json).replace(":\"\"", ":null").replace(".0,", ",");
    assert_ne!(page, read(&json));
    // The page saved three rows and one that it wrote in another way.
    let lines: Vec<&str> = page.lines().take(3).collect();
    let saved = folder.file("page.jsonl", lines.join("\n") + "\n");
    let again = run(&folder, &saved, &[]).ended(1);
    assert!(
        again.err.contains("5 rows, 3 of them were there before"),
        "{again:#?}"
    );
    let named = |text: &str| {
        let rows = json_rows(text);
        rows.iter()
            .map(|r| r["arch"].to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(named(&read(&saved)), named(&read(&json)));
    // Every text in quotation marks is the same CSV.
    let quoted = read(&csv).lines().next().unwrap().replace(',', "\",\"");
    let rows = read(&csv).split_once('\n').unwrap().1.to_owned();
    let saved = folder.file("page.csv", format!("\"{quoted}\"\n{rows}"));
    let again = run(&folder, &saved, &[]).ended(1);
    assert!(
        again.err.contains("5 of them were there before"),
        "{again:#?}"
    );
    for file in [&saved, &json] {
        let args = [
            "correlate",
            file,
            "--score",
            "score",
            "--truth",
            "note",
            "--format",
            "json",
        ];
        let report = &json_rows(&dextr(&args).ended(0).out)[0];
        let columns: Vec<&str> = report["correlations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| e["column"].as_str().unwrap())
            .collect();
        assert_eq!(columns[..5], ["score", "s", "k", "params", "macs"]);
    }
}
