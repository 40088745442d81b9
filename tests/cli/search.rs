//! `dextr search`: rows, resuming, the same on any number of threads, errors.

use super::*;

/// Searches small networks on the CPU.
fn search(args: &[&str]) -> Ran {
    let fixed = [&["search", "--device", "cpu"], &SMALL[..]].concat();
    dextr(&[&fixed[..], args].concat())
}

/// Each strategy at work, on candidates that take milliseconds.
const STRATEGIES: [&[&str]; 4] = [
    &["--candidates", "12", "--aim", "s"],
    &[
        "--strategy",
        "evolution",
        "--candidates",
        "16",
        "--population",
        "6",
        "--sample",
        "3",
        "--lag",
        "2",
        "--aim",
        "s*params",
        "--against",
        "macs",
    ],
    &[
        "--strategy",
        "local",
        "--candidates",
        "16",
        "--starts",
        "2",
        "--aim=-params",
    ],
    &[
        "--strategy",
        "cascade",
        "--candidates",
        "10",
        "--stages",
        "naswot:4,dextr@2",
        "--curves",
        "1",
    ],
];

#[test]
fn rows_are_those_of_a_score_with_the_search_s_columns_behind() {
    let ran = search(&["--candidates", "6", "--also", "naswot", "--format", "csv"]).ended(0);
    let rows = ran.rows();
    let header = ran.out.lines().next().unwrap();
    let archs: Vec<&str> = column(&rows, "arch");
    let scored = score(&[&["--proxy", "dextr,naswot", "--format", "csv"], &archs[..]].concat());
    let scored = scored.ended(0);
    assert_eq!(
        header,
        format!("{},step,round,aim", scored.out.lines().next().unwrap())
    );
    let strip = |rows: Vec<Row>| {
        let mut rows = without_seconds(rows);
        for row in &mut rows {
            COLUMNS.iter().for_each(|c| drop(row.remove(*c)));
        }
        rows
    };
    assert_eq!(column(&rows, "step"), ["0", "1", "2", "3", "4", "5"]);
    assert_eq!(column(&rows, "aim"), column(&rows, "score"));
    let best = rows.iter().max_by(|a, b| {
        let value = |row: &Row| row["aim"].parse::<f64>().unwrap();
        value(a).total_cmp(&value(b))
    });
    let said = ran.err.split_once("the best by dextr:").unwrap().1;
    assert!(
        said.lines()
            .nth(2)
            .unwrap()
            .starts_with(&best.unwrap()["arch"]),
        "{said}"
    );
    assert!(said.contains("the largest, for comparison:"), "{said}");
    assert_eq!(strip(rows), strip(scored.rows()));
}

const COLUMNS: [&str; 3] = ["step", "round", "aim"];

#[test]
fn a_search_is_the_same_on_any_number_of_threads() {
    for strategy in STRATEGIES {
        let of = |threads: &str| {
            let ran = search(&[strategy, &["--threads", threads, "--format", "csv"]].concat());
            let ran = ran.ended(0);
            let (_, found) = ran.err.split_once("the best by").unwrap();
            (without_seconds(ran.rows()), found.to_owned())
        };
        let alone = of("1");
        assert_eq!(alone, of("2"), "{strategy:?}");
        assert_eq!(alone, of("5"), "{strategy:?}");
    }
}

#[test]
fn a_search_cut_off_anywhere_goes_on_to_the_same_rows() {
    let folder = Folder::new();
    for (i, strategy) in STRATEGIES.iter().enumerate() {
        let whole = folder.path(&format!("whole-{i}.csv"));
        search(&[*strategy, &["--out", &whole]].concat()).ended(0);
        let text = read(&whole);
        let rows = without_seconds(csv_rows(&text));
        let ends: Vec<usize> = text.match_indices('\n').map(|(i, _)| i + 1).collect();
        // Each end of a line, and now and then in the middle of one.
        let cuts = ends.iter().flat_map(|end| [*end, end.saturating_sub(9)]);
        for (n, cut) in cuts.enumerate().filter(|(n, _)| n % 2 == 0 || n % 7 == 0) {
            let begun = folder.file("begun.csv", &text[..cut]);
            let threads = ["1", "3"][n / 2 % 2];
            let ran = search(&[*strategy, &["--out", &begun, "--threads", threads]].concat());
            ran.ended(0);
            assert_eq!(
                without_seconds(csv_rows(&read(&begun))),
                rows,
                "{strategy:?} {cut}"
            );
        }
    }
}

#[test]
fn a_longer_search_begins_as_the_shorter_one() {
    let folder = Folder::new();
    let out = folder.path("out.jsonl");
    search(&["--candidates", "4", "--aim", "params", "--out", &out]).ended(0);
    let ran = search(&["--candidates", "7", "--aim", "params", "--out", &out]).ended(0);
    assert!(
        ran.err.contains("7 rows, 4 of them were there before"),
        "{ran:#?}"
    );
    let whole = folder.path("whole.jsonl");
    search(&["--candidates", "7", "--aim", "params", "--out", &whole]).ended(0);
    let archs = |path: &str| {
        let rows = json_rows(&read(path));
        rows.iter()
            .map(|row| row["arch"].to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(archs(&out), archs(&whole));
    let ran = search(&["--candidates", "5", "--aim", "params", "--out", &out]).ended(2);
    assert!(
        ran.err.contains("7 rows, this search has 5 candidates"),
        "{ran:#?}"
    );
}

#[test]
fn the_rows_of_another_search_are_refused_and_stay() {
    let folder = Folder::new();
    let out = folder.path("out.csv");
    let begun = ["--candidates", "5", "--aim", "s", "--out", &out];
    search(&begun).ended(0);
    let bytes = fs::read(&out).unwrap();
    let others: [(&[&str], &str); 6] = [
        (&["--seed", "1"], "column arch"),
        (&["--weight-seed", "1"], "column seed"),
        (&["--max-params", "6k"], "column arch"),
        (&["--image-seed", "1"], "column image_seed"),
        (&["--also", "naswot"], "naswot"),
        (&["--set", "classes=11"], "column options"),
    ];
    for (args, part) in others {
        let ran = search(&[&begun[..], args].concat()).ended(2);
        assert!(ran.err.contains(part), "{args:?}: {ran:#?}");
    }
    let turned = search(&["--candidates", "5", "--aim=-s", "--out", &out]).ended(2);
    assert!(turned.err.contains("column aim"), "{turned:#?}");
    assert_eq!(fs::read(&out).unwrap(), bytes);
}

#[test]
fn candidates_are_within_limits_and_a_front_is_told() {
    let limits = [
        "--min-params",
        "6k",
        "--max-params",
        "0.012M",
        "--max-macs",
        "80e3",
    ];
    let aims = ["--candidates", "8", "--aim", "params", "--against", "macs"];
    let ran = search(&[&limits[..], &aims, &["--format", "csv"]].concat()).ended(0);
    for row in ran.rows() {
        let count = |name: &str| row[name].parse::<u64>().unwrap();
        assert!((6_000..=12_000).contains(&count("params")) && count("macs") <= 80_000);
    }
    assert!(
        ran.err.contains("the front of params against macs"),
        "{ran:#?}"
    );
}

#[test]
fn what_makes_no_sense_ends_with_2_and_says_what_to_do() {
    let cases: [(&[&str], &str); 13] = [
        (&["--candidates", "0"], "option candidates"),
        (&["--candidates", "-1"], "--candidates"),
        (&["--max-params", "10"], "the nearest has 4894 parameters"),
        (&["--min-macs", "1T"], "min-macs"),
        (&["--max-params", "six"], "6M"),
        (&["--max-params", "1", "--min-params", "2"], "max-params"),
        (&["--aim", "dexter"], "did you mean 'dextr'"),
        (&["--strategy", "projecting"], "possible values"),
        (&["--strategy", "cascade"], "two stages"),
        (
            &["--strategy", "cascade", "--stages", "naswot,dextr"],
            "naswot:40",
        ),
        (
            &["--population", "9"],
            "for the strategy evolution, not for random",
        ),
        (&["--strategy", "evolution", "--lag", "50"], "option lag"),
        (&["--protocol", "published", "--curves", "2"], "one curve"),
    ];
    for (args, part) in cases {
        let ran = search(args).ended(2);
        assert!(ran.err.contains(part), "{args:?}: {ran:#?}");
        assert!(ran.out.is_empty(), "{ran:#?}");
    }
    let ran = dextr(&["search"]).ended(2);
    assert!(ran.err.contains("--space"), "{ran:#?}");
    let ran = dextr(&["search", "--paper", "autoformer-tiny", "--space", "darts"]).ended(2);
    assert!(ran.err.contains("cannot be used with"), "{ran:#?}");
}

#[test]
fn a_used_up_space_ends_the_search_and_says_so() {
    let args = [
        "--min-params",
        "20014",
        "--candidates",
        "99",
        "--aim",
        "params",
    ];
    let ran = search(&[&args[..], &["--format", "csv"]].concat()).ended(0);
    assert!((1..=25).contains(&ran.rows().len()));
    assert!(ran.err.contains("no more than"), "{ran:#?}");
}

#[test]
fn the_paper_s_searches_have_its_limits() {
    let limits = [
        ("tiny", 3_000_000, 23_000_000),
        ("small", 3_000_000, 23_000_000),
        ("base", 41_000_000, 77_000_000),
    ];
    for (size, least, most) in limits {
        let paper = format!("autoformer-{size}");
        let args = [
            "search",
            "--paper",
            &paper,
            "--candidates",
            "12",
            "--aim",
            "params",
        ];
        let ran = dextr(&[&args[..], &["--format", "csv"]].concat()).ended(0);
        for row in ran.rows() {
            let params: u64 = row["params"].parse().unwrap();
            assert!((least..=most).contains(&params), "{params}");
            assert_eq!(row["space"], paper);
        }
        assert_eq!(ran.rows().len(), 12);
        assert_eq!(
            ran.err.contains("the published code accepts 3 to 23"),
            size == "base"
        );
    }
}

#[test]
fn an_exported_candidate_scores_what_its_text_scores() {
    let folder = Folder::new();
    let (out, [arch, ..]) = (folder.path("net.onnx"), CELLS);
    let small = &SMALL[..];
    let args = [&["export", arch, "--seed", "7", "--out", &out], small].concat();
    let ran = dextr(&args).ended(0);
    assert!(ran.out.is_empty() && ran.err.contains("seed 7"), "{ran:#?}");
    let rest = [
        "--observe",
        "flow",
        "--format",
        "csv",
        "--device",
        "cpu",
        "--seed",
        "7",
    ];
    let file = dextr(&[&["score", &out, "--weights", "file"], &rest[..]].concat()).ended(0);
    let text = dextr(&[&["score", arch], small, &rest].concat()).ended(0);
    let (file, text) = (&file.rows()[0], &text.rows()[0]);
    let number = |row: &Row| row["score"].parse::<f64>().unwrap();
    assert!(
        (number(file) / number(text) - 1.0).abs() < 1e-5,
        "{file:#?} {text:#?}"
    );
    assert_eq!(file["params"], text["params"]);

    let wrong = dextr(&[&["export", "|nor|", "--out", &out], small].concat()).ended(2);
    assert!(wrong.err.contains("character"), "{wrong:#?}");
    let nowhere = folder.path("none/net.onnx");
    let wrong = dextr(&[&["export", arch, "--out", &nowhere], small].concat()).ended(2);
    assert!(wrong.err.contains("cannot write"), "{wrong:#?}");
}
