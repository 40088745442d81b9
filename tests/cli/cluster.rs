//! What several machines need: shards, a stream, merging, Parquet.

use std::io::{BufRead, BufReader};
use std::process::Child;

use super::*;

/// Shards, and merges what they wrote, as `format`.
fn shards(folder: &Folder, input: &str, count: usize, format: &str) -> Vec<String> {
    let part = |i: usize| {
        let out = folder.path(&format!("part{i}.{format}"));
        let shard = format!("{i}/{count}");
        let run = score(&["--input", input, "--shard", &shard, "--out", &out]);
        assert!(run.code < 2, "{run:#?}");
        out
    };
    (1..=count).map(part).collect()
}

fn list() -> String {
    let [a, b, c, d, e] = CELLS;
    // A repeated cell under two notations, a broken row, a cell that is cut.
    format!("arch,acc\n{a},1\n{b},2\nbad,3\n{c},4\n'{a}',5\n{d},6\n{CUT},7\n{e},8\n")
}

fn merge(args: &[&str]) -> Ran {
    dextr(&[&["merge"], args].concat())
}

/// Rows without what differs between a whole run and its parts.
fn comparable(rows: Vec<Row>) -> Vec<Row> {
    let mut rows = without_seconds(rows);
    rows.iter_mut().for_each(|row| {
        row.remove("shard").unwrap();
    });
    rows
}

#[test]
fn shards_are_merged_to_what_one_run_gives() {
    let folder = Folder::new();
    let input = folder.file("list.csv", list());
    let whole = folder.path("whole.csv");
    score(&["--input", &input, "--out", &whole]).ended(1);
    let whole = comparable(csv_rows(&read(&whole)));
    for (format, out) in [("csv", "all.csv"), ("json", "all2.csv")] {
        let parts = shards(&folder, &input, 3, format);
        let out = folder.path(out);
        let mut args: Vec<&str> = parts.iter().map(String::as_str).collect();
        // The space of the list is that of the rows.
        args.extend(["--input", &input, "--out", &out]);
        let ran = merge(&args).ended(1);
        assert!(
            ran.err.contains("8 rows, 1 of them with an error"),
            "{ran:#?}"
        );
        let merged = csv_rows(&read(&out));
        for row in &merged {
            let part = row["shard"].split_once('/').unwrap();
            assert!(
                part.1 == "3" && ["1", "2", "3"].contains(&part.0),
                "{row:?}"
            );
        }
        assert_eq!(comparable(merged), whole);
    }
}

#[test]
fn a_shard_depends_neither_on_order_nor_on_duplicates() {
    let folder = Folder::new();
    let [a, b, c, d, e] = CELLS;
    let lists = [[a, b, c, d, e].join("\n"), [e, c, a, a, d, b, c].join("\n")];
    let of = |text: &String, shard: &str| {
        let path = folder.file("list.txt", text);
        let run = score(&["--input", &path, "--shard", shard, "--format", "csv"]).ended(0);
        let mut archs: Vec<String> = run.rows().iter().map(|r| r["arch"].clone()).collect();
        archs.sort();
        archs.dedup();
        archs
    };
    let mut all = Vec::new();
    for shard in ["1/2", "2/2"] {
        let [one, other] = lists.each_ref().map(|list| of(list, shard));
        assert_eq!(one, other, "{shard}");
        all.extend(one);
    }
    all.sort();
    let mut cells = CELLS.map(str::to_owned);
    cells.sort();
    assert_eq!(all, cells);
}

#[test]
fn what_is_no_shard_is_said_before_any_work() {
    for shard in ["0/4", "5/4", "1/0", "3", "x/4"] {
        let run = score(&["--shard", shard, CELLS[1]]).ended(2);
        assert!(run.err.contains("3/16"), "{run:#?}");
    }
}

#[test]
fn a_search_at_random_is_sharded_and_no_other() {
    let folder = Folder::new();
    let search = |shard: &[&str], out: &str| {
        let fixed = [
            "search",
            "--device",
            "cpu",
            "--candidates",
            "8",
            "--seed",
            "3",
        ];
        dextr(&[&fixed, &SMALL[..], shard, &["--out", out]].concat())
    };
    let (whole, all) = (folder.path("whole.csv"), folder.path("all.csv"));
    search(&[], &whole).ended(0);
    let (one, two) = (folder.path("one.csv"), folder.path("two.csv"));
    search(&["--shard", "1/2"], &one).ended(0);
    search(&["--shard", "2/2"], &two).ended(0);
    merge(&[&one, &two, "--out", &all]).ended(0);
    let steps = |path: &str| {
        let mut rows = comparable(csv_rows(&read(path)));
        rows.sort_by_key(|row| row["step"].parse::<u32>().unwrap());
        rows
    };
    assert_eq!(steps(&all), steps(&whole));
    let run = search(&["--strategy", "evolution", "--shard", "1/2"], &one).ended(2);
    assert!(run.err.contains("random"), "{run:#?}");
}

#[test]
fn a_merge_says_what_is_missing_and_what_is_there_twice() {
    let folder = Folder::new();
    let input = folder.file("list.csv", list());
    let parts = shards(&folder, &input, 3, "csv");
    let (out, left) = (folder.path("all.csv"), folder.path("left.txt"));
    let space = [
        "--space",
        "nasbench201",
        "--input",
        &input,
        "--out",
        &out,
        "--missing",
        &left,
    ];
    let without = [&[parts[0].as_str(), &parts[2], &parts[2]], &space[..]].concat();
    let ran = merge(&without).ended(1);
    let there = csv_rows(&read(&parts[2])).len();
    let gone = csv_rows(&read(&parts[1])).len();
    assert!(ran.err.contains("merged once"), "{ran:#?}");
    assert!(
        ran.err
            .contains(&format!("{gone} architectures of the list are missing")),
        "{ran:#?}"
    );
    assert!(there > 0 && gone > 0, "the parts must not be empty");
    assert_eq!(read(&left).lines().count(), gone);
    // What was missing is scored and joined in.
    let more = folder.path("more.csv");
    score(&["--input", &left, "--out", &more]);
    let ran = merge(&[&[out.as_str(), &more], &space[..]].concat());
    assert!(!ran.err.contains("missing:"), "{ran:#?}");
    assert_eq!(csv_rows(&read(&out)).len(), 8);
}

#[test]
fn of_a_part_without_rows_the_whole_list_is_missing() {
    let folder = Folder::new();
    let (input, empty) = (
        folder.file("list.csv", list()),
        folder.file("empty.json", ""),
    );
    let out = folder.path("all.csv");
    merge(&[&empty, "--out", &out]).ended(2);
    let of_list = ["--space", "nasbench201", "--input", &input];
    let ran = merge(&[&[empty.as_str(), "--out", &out], &of_list[..]].concat()).ended(1);
    assert!(
        ran.err.contains("8 architectures of the list are missing"),
        "{ran:#?}"
    );
}

#[test]
fn a_good_row_is_kept_before_an_error() {
    let folder = Folder::new();
    let good = folder.path("good.csv");
    score(&["--out", &good, CELLS[0], CELLS[1]]).ended(0);
    let mut rows = csv_rows(&read(&good));
    let scored = rows[0].clone();
    let header = read(&good).lines().next().unwrap().to_owned();
    for (name, cell) in [
        ("status", "error"),
        ("score", ""),
        ("curves", ""),
        ("message", "lost"),
    ] {
        rows[0].insert(name.to_owned(), cell.to_owned());
    }
    let mut bad = format!("{header}\n");
    for row in &rows {
        let cells: Vec<String> = header
            .split(',')
            .map(|name| format!("\"{}\"", row[name].replace('"', "\"\"")))
            .collect();
        bad.push_str(&format!("{}\n", cells.join(",")));
    }
    let bad = folder.file("bad.csv", bad);
    let out = folder.path("all.csv");
    for files in [[&bad, &good], [&good, &bad]] {
        merge(&[files[0].as_str(), files[1], "--out", &out]).ended(0);
        let merged = csv_rows(&read(&out));
        assert_eq!(merged.len(), 2);
        assert_eq!(merged[0], scored);
    }
}

#[test]
fn a_merge_refuses_other_settings_versions_and_files() {
    let folder = Folder::new();
    let (one, other) = (folder.path("one.csv"), folder.path("other.csv"));
    let out = folder.path("all.csv");
    score(&["--out", &one, CELLS[0]]).ended(0);
    score(&["--out", &other, "--seed", "7", CELLS[1]]).ended(0);
    let ran = merge(&[&one, &other, "--out", &out]).ended(2);
    assert!(
        ran.err
            .contains("other.csv, row 1 has '7' in the column seed"),
        "{ran:#?}"
    );
    let old = read(&one).replace(concat!(",", env!("CARGO_PKG_VERSION"), ","), ",0.0.9,");
    let old = folder.file("old.csv", old);
    let ran = merge(&[&one, &old, "--out", &out]).ended(2);
    assert!(
        ran.err.contains("0.0.9") && ran.err.contains("--mixed-versions"),
        "{ran:#?}"
    );
    merge(&[&one, &old, "--mixed-versions", "--out", &out]).ended(0);
    let list = folder.file("list.csv", list());
    let ran = merge(&[&list, "--out", &out]).ended(2);
    assert!(
        ran.err.contains("is no file of rows") && ran.err.contains("acc"),
        "{ran:#?}"
    );
    let ran = merge(&[&folder.path("none.csv"), "--out", &out]).ended(2);
    assert!(ran.err.contains("none.csv"), "{ran:#?}");
    // A last line that was cut off.
    let cut = read(&one) + &read(&one).lines().last().unwrap()[..40];
    let cut = folder.file("cut.csv", cut);
    let ran = merge(&[&cut, "--out", &out]).ended(0);
    assert!(ran.err.contains("row 2 was cut off"), "{ran:#?}");
    assert_eq!(csv_rows(&read(&out)).len(), 1);
}

#[test]
fn parquet_holds_what_csv_holds_and_is_read_everywhere() {
    let folder = Folder::new();
    let input = folder.file("list.csv", list());
    let (table, parquet) = (folder.path("all.csv"), folder.path("all.parquet"));
    score(&["--input", &input, "--out", &table]).ended(1);
    score(&["--input", &input, "--out", &parquet]).ended(1);
    assert_eq!(&fs::read(&parquet).unwrap()[..4], b"PAR1");
    assert!(!Path::new(&format!("{parquet}.jsonl")).exists());
    // What a score has begun under the name stays when a merge writes there.
    let (merged, journal) = (
        folder.path("merged.parquet"),
        folder.file("merged.parquet.jsonl", "begun"),
    );
    merge(&[&parquet, "--out", &merged]).ended(1);
    assert_eq!(read(&journal), "begun");
    assert_eq!(&fs::read(&merged).unwrap()[..4], b"PAR1");
    // Back to CSV by a merge of one file.
    let back = folder.path("back.csv");
    let of_list = ["--space", "nasbench201", "--input", &input];
    merge(&[&[parquet.as_str(), "--out", &back], &of_list[..]].concat()).ended(1);
    let (rows, expected) = (csv_rows(&read(&back)), csv_rows(&read(&table)));
    assert_eq!(without_seconds(rows), without_seconds(expected));
    // As an input, with its numbers as numbers.
    let again = score(&["--input", &parquet, "--format", "csv", "--where", "acc=4"]).ended(0);
    assert_eq!(column(&again.rows(), "arch"), [CELLS[2]]);
    let ran = dextr(&["correlate", &parquet, "--score", "score", "--truth", "acc"]).ended(0);
    assert!(
        ran.out.contains("Spearman") || ran.out.contains("rho"),
        "{ran:#?}"
    );
    let ran = score(&["--input", &input, "--out", &parquet]).ended(2);
    assert!(ran.err.contains("is there already"), "{ran:#?}");
}

/// A Parquet file that somebody has for other ends.
fn table_of_colours(path: &str) {
    use parquet::data_type::Int64Type;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;
    let schema = parse_message_type("message row { required int64 colour; }").unwrap();
    let file = fs::File::create(path).unwrap();
    let mut writer = SerializedFileWriter::new(file, schema.into(), Default::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column
        .typed::<Int64Type>()
        .write_batch(&[1, 2, 3], None, None)
        .unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
}

#[test]
fn a_line_is_named_by_its_number_in_a_list_of_several_pieces() {
    let folder = Folder::new();
    // Comments fill more than a piece of 4 MiB.
    let comments = format!("# {}\n", "a".repeat(98)).repeat(100_000);
    let text = format!("{}\n{comments}bad\n", CELLS[1]);
    let path = folder.file("list.txt", text);
    let rows = score(&["--input", &path, "--format", "csv"])
        .ended(1)
        .rows();
    assert_eq!(column(&rows, "arch"), [CELLS[1], "bad"]);
    // A table of several pieces has one header.
    let table: String = (0..60_000)
        .map(|i| format!("{},{i},{}\n", CELLS[1], "b".repeat(60)))
        .collect();
    let path = folder.file("list.csv", format!("arch,id,note\n{table}"));
    let rows = score(&["--input", &path, "--format", "csv", "--where", "id=59999"])
        .ended(0)
        .rows();
    assert_eq!(column(&rows, "id"), ["59999"]);
}

#[test]
fn a_parquet_file_without_architectures_is_named_with_its_columns() {
    let folder = Folder::new();
    let colours = folder.path("colours.parquet");
    table_of_colours(&colours);
    let ran = score(&["--input", &colours]).ended(2);
    assert!(
        ran.err.contains("no column 'arch'") && ran.err.contains("colour"),
        "{ran:#?}"
    );
    let ran = merge(&[&colours, "--out", &folder.path("all.csv")]).ended(2);
    assert!(
        ran.err.contains("is no file of rows") && ran.err.contains("colour"),
        "{ran:#?}"
    );
    let broken = folder.file("broken.parquet", b"PAR1 and no more");
    let ran = score(&["--input", &broken]).ended(2);
    assert!(
        ran.err.contains("broken.parquet") && ran.err.contains("Parquet"),
        "{ran:#?}"
    );
}

/// A stream that is kept open.
struct Stream {
    child: Child,
    rows: BufReader<std::process::ChildStdout>,
}

impl Stream {
    fn open(args: &[&str]) -> Self {
        let fixed = [
            "score", "--device", "cpu", "--input", "-", "--out", "-", "--format", "json",
        ];
        let mut child = Command::new(env!("CARGO_BIN_EXE_dextr"))
            .args([&fixed, &SMALL[..], args].concat())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let rows = BufReader::new(child.stdout.take().unwrap());
        Self { child, rows }
    }

    fn say(&mut self, line: &str) {
        let input = self.child.stdin.as_mut().unwrap();
        writeln!(input, "{line}").unwrap();
        input.flush().unwrap();
    }

    /// The next row; none once the stream has ended.
    fn row(&mut self) -> Option<serde_json::Value> {
        let mut line = String::new();
        self.rows.read_line(&mut line).unwrap();
        (!line.is_empty()).then(|| serde_json::from_str(&line).unwrap())
    }
}

#[test]
fn a_stream_answers_line_by_line_and_ends_with_its_input() {
    let alone = score(&["--format", "csv", CELLS[0], CELLS[1]])
        .ended(0)
        .rows();
    let mut stream = Stream::open(&[]);
    // Each is answered while the input stays open.
    stream.say(CELLS[0]);
    let row = stream.row().unwrap();
    assert_eq!(row["score"].to_string(), alone[0]["score"]);
    stream.say("");
    stream.say("# a comment");
    stream.say("|nor_conv_3x3~0|+|typo");
    let row = stream.row().unwrap();
    assert_eq!(row["status"], "error");
    assert!(row["message"].as_str().unwrap().contains("typo"), "{row}");
    stream.say(&format!(
        "{{\"id\": 5, \"arch\": \"{}\", \"set\": \"a\"}}",
        CELLS[1]
    ));
    let row = stream.row().unwrap();
    assert_eq!((&row["id"], &row["set"]), (&5.into(), &"a".into()));
    assert_eq!(row["score"].to_string(), alone[1]["score"]);
    stream.say("{\"id\": 6}");
    assert_eq!(stream.row().unwrap()["status"], "error");
    stream.say("{broken");
    assert_eq!(stream.row().unwrap()["status"], "error");
    drop(stream.child.stdin.take());
    assert_eq!(stream.row(), None);
    assert_eq!(stream.child.wait().unwrap().code(), Some(1));
}

#[test]
fn a_stream_takes_a_shard_and_refuses_what_it_cannot_have() {
    let text = CELLS.join("\n");
    let of = |shard: &str| {
        let fixed = ["score", "--device", "cpu", "--input", "-", "--out", "-"];
        let shard = ["--format", "json", "--shard", shard];
        json_rows(
            &dextr_with(&[&fixed, &SMALL[..], &shard].concat(), &text)
                .ended(0)
                .out,
        )
    };
    let (one, two) = (of("1/2"), of("2/2"));
    assert_eq!(one.len() + two.len(), CELLS.len());
    assert!(one.iter().all(|row| row["shard"] == "1/2"));
    let run = score(&["--input", "-", "--out", "-"]).ended(2);
    assert!(run.err.contains("--format json"), "{run:#?}");
    let args = [
        "--input", "-", "--out", "-", "--format", "json", "--where", "a=b",
    ];
    assert!(score(&args).ended(2).err.contains("--where"));
}

#[cfg(unix)]
#[test]
fn sigterm_ends_a_stream_and_a_list_after_what_is_under_way() {
    let term = |child: &Child| {
        let pid = child.id().to_string();
        let killed = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(killed.success());
    };
    let mut stream = Stream::open(&[]);
    stream.say(CELLS[0]);
    stream.row().unwrap();
    term(&stream.child);
    // The input is still open.
    assert_eq!(stream.child.wait().unwrap().code(), Some(0));

    let folder = Folder::new();
    let text: String = (0..15_625).map(|i| format!("{i}\n")).collect();
    let (input, out) = (folder.file("list.txt", text), folder.path("out.csv"));
    let fixed = ["score", "--device", "cpu", "--input", &input, "--out", &out];
    let mut child = Command::new(env!("CARGO_BIN_EXE_dextr"))
        .args([&fixed, &SMALL[..]].concat())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let rows = || fs::read_to_string(&out).map_or(0, |text| text.lines().count());
    while rows() < 5 {
        std::thread::yield_now();
        assert!(child.try_wait().unwrap().is_none());
    }
    term(&child);
    assert_eq!(child.wait().unwrap().code(), Some(143));
    let text = read(&out);
    assert!(text.ends_with('\n') && rows() < 15_625);
    // Every row is whole.
    assert!(
        csv_rows(&text)
            .iter()
            .all(|row| row["status"] == "ok" || row["status"] == "disconnected")
    );
}

#[test]
fn a_stream_whose_rows_nobody_reads_any_more_ends_quietly() {
    let mut stream = Stream::open(&[]);
    stream.say(CELLS[0]);
    stream.row().unwrap();
    let Stream { mut child, rows } = stream;
    drop(rows);
    let mut input = child.stdin.take().unwrap();
    // The next row finds the pipe closed; the input stays open.
    let _ = writeln!(input, "{}", CELLS[1]).and_then(|()| input.flush());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
