//! `dextr search --strategy optiproxy`, and any search that is told accuracies: by a
//! table, or by the person who fills the file in.

use super::*;

/// A search that is told; its surrogate is the light one, its rounds are small.
fn told(args: &[&str]) -> Ran {
    let fixed = ["search", "--device", "cpu", "--strategy", "optiproxy"];
    let light = ["--preset", "light", "--first", "4", "--each", "3"];
    dextr(&[&fixed[..], &SMALL[..], &light, args].concat())
}

/// What a cell comes to.
fn accuracy(arch: &str) -> f64 {
    let worth = |(name, by): (&str, f64)| by * arch.matches(name).count() as f64;
    let all = [
        ("conv_3x3", 8.25),
        ("conv_1x1", 4.0),
        ("skip", 2.0),
        ("~1", 0.5),
    ];
    30.0 + all.into_iter().map(worth).sum::<f64>()
}

/// A table of all cells.
fn table() -> String {
    let operations = [
        "none",
        "skip_connect",
        "nor_conv_1x1",
        "nor_conv_3x3",
        "avg_pool_3x3",
    ];
    let cell = |i: usize| {
        let op = |edge: u32| operations[i / 5usize.pow(edge) % 5];
        let arch = format!(
            "|{}~0|+|{}~0|{}~1|+|{}~0|{}~1|{}~2|",
            op(0),
            op(1),
            op(2),
            op(3),
            op(4),
            op(5)
        );
        format!("{arch},{i},{}\n", accuracy(&arch))
    };
    let rows: String = (0..15_625).map(cell).collect();
    format!("arch,other,test_accuracy\n{rows}")
}

/// The file with accuracies filled in, as a person does it: of the first `some` rows
/// that have none.
fn filled(text: &str, some: usize) -> String {
    let mut left = some;
    let line = |line: &str| match line.strip_suffix(',') {
        Some(open) if left > 0 => {
            left -= 1;
            format!("{open},{}\n", accuracy(line.split(',').next().unwrap()))
        }
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

const WISH: [&str; 2] = ["--candidates", "10"];

#[test]
fn a_table_and_a_person_lead_to_the_same_rows() {
    let folder = Folder::new();
    let known = folder.file("known.csv", table());
    let by_table = folder.path("table.csv");
    let ran = told(&[&WISH[..], &["--known", &known, "--out", &by_table]].concat()).ended(0);
    assert!(ran.err.contains("the best by accuracy:"), "{}", ran.err);
    let rows = without_seconds(csv_rows(&read(&by_table)));
    assert_eq!(rows.len(), 10);
    assert_eq!(
        column(&rows, "round"),
        ["0", "0", "0", "0", "1", "1", "1", "2", "2", "2"]
    );
    for row in &rows {
        assert_eq!(
            row["accuracy"].parse::<f64>().unwrap(),
            accuracy(&row["arch"])
        );
        assert!(row["params"].parse::<u64>().unwrap() > 0);
    }
    let out = folder.path("person.csv");
    let mut sittings = 0;
    loop {
        let ran = told(&[&WISH[..], &["--out", &out]].concat()).ended(0);
        let text = read(&out);
        let open = text.lines().filter(|line| line.ends_with(',')).count();
        if open == 0 {
            assert!(!ran.err.contains("to be trained"), "{}", ran.err);
            break;
        }
        assert!(
            ran.err
                .contains(&format!("{open} architectures wait to be trained:"))
                || ran.err.contains("1 architecture waits to be trained:"),
            "{}",
            ran.err
        );
        assert!(
            ran.err.contains("fill the column accuracy of"),
            "{}",
            ran.err
        );
        // Some now, the others later: a round begins when all are told.
        fs::write(&out, filled(&text, 2)).unwrap();
        sittings += 1;
    }
    assert_eq!(sittings, 6);
    assert_eq!(without_seconds(csv_rows(&read(&out))), rows);
}

#[test]
fn a_file_that_a_spreadsheet_has_saved_is_gone_on_with() {
    let folder = Folder::new();
    let known = folder.file("known.csv", table());
    let whole = folder.path("whole.csv");
    told(&[&WISH[..], &["--known", &known, "--out", &whole]].concat()).ended(0);
    let out = folder.path("out.csv");
    told(&[&WISH[..], &["--out", &out]].concat()).ended(0);
    // Other line ends, all in quotation marks, empty rows, no end of the last line.
    let text = filled(&read(&out), 4);
    let quoted = text.lines().map(|line| {
        let cells = line.split(',').map(|cell| format!("\"{cell}\""));
        cells.collect::<Vec<_>>().join(",")
    });
    let empty = ",".repeat(text.lines().next().unwrap().matches(',').count());
    let saved = format!(
        "{}\r\n{empty}\r\n{empty}",
        quoted.collect::<Vec<_>>().join("\r\n")
    );
    fs::write(&out, saved).unwrap();
    told(&[&WISH[..], &["--known", &known, "--out", &out]].concat()).ended(0);
    let rows = |path: &str| without_seconds(csv_rows(&read(path)));
    assert_eq!(rows(&out), rows(&whole));
    // As JSON lines too.
    let lines = folder.path("out.jsonl");
    told(&[&WISH[..], &["--out", &lines]].concat()).ended(0);
    let edited = json_rows(&read(&lines)).into_iter().map(|row| {
        let arch = row["arch"].as_str().unwrap().to_owned();
        let line = row_in_order(&read(&lines), &arch);
        line.replace(
            "\"accuracy\":null",
            &format!("\"accuracy\":{}", accuracy(&arch)),
        )
    });
    let edited: String = edited.collect();
    fs::write(&lines, edited).unwrap();
    told(&[&WISH[..], &["--known", &known, "--out", &lines]].concat()).ended(0);
    let found: Vec<_> = json_rows(&read(&lines))
        .iter()
        .map(|row| row["arch"].clone())
        .collect();
    assert_eq!(found, column(&rows(&whole), "arch"));
}

/// The line of an architecture.
fn row_in_order(text: &str, arch: &str) -> String {
    let line = text.lines().find(|line| line.contains(arch)).unwrap();
    format!("{line}\n")
}

#[test]
fn a_table_fills_in_what_waits() {
    let folder = Folder::new();
    let known = folder.file("known.csv", table());
    let whole = folder.path("whole.csv");
    told(&[&WISH[..], &["--known", &known, "--out", &whole]].concat()).ended(0);
    let out = folder.path("out.csv");
    told(&[&WISH[..], &["--out", &out]].concat()).ended(0);
    told(&[&WISH[..], &["--known", &known, "--out", &out]].concat()).ended(0);
    let rows = |path: &str| without_seconds(csv_rows(&read(path)));
    assert_eq!(rows(&out), rows(&whole));
}

#[test]
fn what_was_not_asked_for_is_taken_and_said() {
    let folder = Folder::new();
    let out = folder.path("out.csv");
    told(&[&WISH[..], &["--out", &out]].concat()).ended(0);
    let text = filled(&read(&out), 4);
    let asked = csv_rows(&text);
    let commas = text.lines().next().unwrap().matches(',').count() - 1;
    let cell = CELLS
        .iter()
        .find(|cell| asked.iter().all(|row| row["arch"] != **cell))
        .unwrap();
    fs::write(
        &out,
        format!("{text}{cell}{}97.5\n", ",".repeat(commas + 1)),
    )
    .unwrap();
    let ran = told(&[&WISH[..], &["--out", &out]].concat()).ended(0);
    assert!(ran.err.contains("row 5 was not asked for"), "{}", ran.err);
    let rows = csv_rows(&read(&out));
    assert_eq!(
        (
            rows.len(),
            rows[4]["step"].as_str(),
            rows[5]["step"].as_str()
        ),
        (8, "", "4")
    );
    // It goes on so the next time.
    fs::write(&out, filled(&read(&out), 3)).unwrap();
    let ran = told(&[&WISH[..], &["--out", &out]].concat()).ended(0);
    assert!(ran.err.contains("3 architectures wait"), "{}", ran.err);
}

#[test]
fn wrong_accuracies_name_the_row_and_leave_the_file() {
    let folder = Folder::new();
    let out = folder.path("out.csv");
    told(&[&WISH[..], &["--out", &out]].concat()).ended(0);
    let begun = read(&out);
    let whole = filled(&begun, 4);
    let first = csv_rows(&begun)[0]["arch"].clone();
    let value = accuracy(&first).to_string();
    let commas = ",".repeat(whole.lines().next().unwrap().matches(',').count());
    let cases = [
        (
            whole.replacen(&format!(",{value}\n"), ",940\n", 1),
            "row 1: the accuracy of",
        ),
        (
            whole.replacen(&format!(",{value}\n"), ",good\n", 1),
            "'good' is no accuracy",
        ),
        (
            format!("{whole}{first}{commas}50\n"),
            "row 5: the accuracy of",
        ),
        (format!("{whole}{}{commas}\n", CELLS[0]), "has no accuracy"),
        (format!("{whole}|nor|{commas}50\n"), "row 5: character 2"),
    ];
    for (text, part) in cases {
        fs::write(&out, &text).unwrap();
        let ran = told(&[&WISH[..], &["--out", &out]].concat()).ended(2);
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
        assert_eq!(read(&out), text);
    }
    // An accuracy that is taken away again.
    fs::write(&out, &whole).unwrap();
    told(&[&WISH[..], &["--out", &out]].concat()).ended(0);
    let text = read(&out).replacen(&format!(",{value}\n"), ",\n", 1);
    fs::write(&out, &text).unwrap();
    let ran = told(&[&WISH[..], &["--out", &out]].concat()).ended(2);
    assert!(ran.err.contains("row 5 was asked for when"), "{}", ran.err);
}

#[test]
fn wrong_tables_are_refused() {
    let folder = Folder::new();
    let [a, b, ..] = CELLS;
    let flat = format!("arch,acc\n{a},10\n{b},10\n");
    let high = format!("arch,acc\n{a},10\n{b},940\n");
    let twice = format!("arch,acc\n{a},90\n{b},91\n{a},92\n");
    let none = format!("arch,one,two\n{a},1,x\n{b},2,y\n{a},3,z\n");
    let cases: [(&str, &[&str], &str); 6] = [
        (&flat, &[], "are 10: nothing can be learned"),
        (&high, &[], "row 2, column acc: '940'"),
        (&twice, &[], "row 3, column acc"),
        (&none, &["--accuracy", "three"], "no column 'three'"),
        ("arch,acc\nnone,4\nnil,5\n", &[], "no row has"),
        (&none, &["--aim", "params"], "--known has accuracies"),
    ];
    for (i, (text, more, part)) in cases.into_iter().enumerate() {
        let known = folder.file(&format!("{i}.csv"), text);
        let ran = told(&[&WISH[..], &["--known", &known], more].concat()).ended(2);
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
        assert!(ran.out.is_empty(), "{ran:#?}");
    }
    let ran = dextr(&["search", "--space", "pit", "--strategy", "optiproxy"]).ended(2);
    assert!(ran.err.contains("has no encoding of pit"), "{ran:#?}");
}

#[test]
fn any_strategy_may_be_told_and_a_warm_start_is_measured() {
    let folder = Folder::new();
    let known = folder.file("known.csv", table());
    let told_by = |args: &[&str]| {
        let fixed = [
            &[
                "search", "--device", "cpu", "--format", "csv", "--known", &known,
            ],
            &SMALL[..],
        ];
        dextr(&[&fixed.concat()[..], args].concat()).ended(0).rows()
    };
    let local = told_by(&[
        "--strategy",
        "local",
        "--starts",
        "2",
        "--aim",
        "accuracy",
        "--candidates",
        "20",
    ]);
    assert!(
        local
            .iter()
            .all(|row| row["accuracy"] == accuracy(&row["arch"]).to_string())
    );
    let cascade = [
        "--strategy",
        "cascade",
        "--candidates",
        "12",
        "--stages",
        "params:3,accuracy",
    ];
    let cascade = told_by(&cascade);
    assert_eq!(cascade.len(), 15);
    assert!(
        cascade[12..]
            .iter()
            .all(|row| row["accuracy"] == accuracy(&row["arch"]).to_string())
    );
    let warm = [
        "--strategy",
        "optiproxy",
        "--preset",
        "light",
        "--warm",
        "params:9",
        "--candidates",
        "4",
    ];
    let warm = told_by(&[&warm[..], &["--first", "4"]].concat());
    assert_eq!(warm.len(), 13);
    assert!(warm[..9].iter().all(|row| row["accuracy"] == row["params"]));
}
