//! Where architectures come from.

use super::*;

/// The same two cells in every form that is read.
fn forms() -> Vec<(&'static str, String)> {
    let [a, b, ..] = CELLS;
    let object = |arch: &str, n: u32| format!(r#"{{"n": {n}, "arch": "{arch}"}}"#);
    vec![
        ("list", format!("# two cells\n\n{a}\r\n  333133 \n{b}\n")),
        (
            "csv",
            format!("n,arch\n1,{a}\n2,\"(3, 3, 3, 1, 3, 3)\"\n3,{b}\n"),
        ),
        ("semicolons", format!("n;arch\n1;{a}\n2;333133\n3;{b}\n")),
        (
            "byte-order mark",
            format!("\u{feff}arch,n\n{a},1\n{a},2\n{b},3\n"),
        ),
        (
            "json lines",
            [object(a, 1), object(a, 2), object(b, 3)].join("\n"),
        ),
        (
            "json array",
            format!("[{},\n{}, {}]", object(a, 1), object(a, 2), object(b, 3)),
        ),
        ("json texts", format!(r#"["{a}", "333133", "{b}"]"#)),
        (
            "six digits in brackets",
            format!("[3, 3, 3, 1, 3, 3]\n{a}\n{b}"),
        ),
    ]
}

#[test]
fn every_form_is_read_from_a_file_and_from_standard_input() {
    let [a, b, ..] = CELLS;
    for (form, text) in forms() {
        let ran = score_file("input", &text, &[]).ended(0);
        assert_eq!(column(&ran.rows(), "arch"), [a, a, b], "{form}");
        let args = [
            &[
                "score", "--device", "cpu", "--format", "csv", "--input", "-",
            ],
            &SMALL[..],
        ];
        let piped = dextr_with(&args.concat(), &text).ended(0);
        assert_eq!(
            without_seconds(piped.rows()),
            without_seconds(ran.rows()),
            "{form}"
        );
    }
}

#[test]
fn arguments_come_before_the_file() {
    let text = format!("arch,n\n{},1\n", CELLS[1]);
    let rows = score_file("input.csv", &text, &[CELLS[0]]).ended(0).rows();
    assert_eq!(column(&rows, "arch"), CELLS[..2]);
    assert_eq!(column(&rows, "n"), ["", "1"]);
}

#[test]
fn other_columns_are_copied_and_taken_names_are_prefixed() {
    let cell = CELLS[1];
    let text =
        format!("score,input_score,params,arch,note\n=1+1,-2.50,1e3,{cell},\"a, \"\"b\"\"\"\n");
    let ran = score_file("input.csv", &text, &[]).ended(0);
    let header = ran.out.lines().next().unwrap();
    // A name that is free stays with its column; the taken one looks on.
    assert!(
        header.ends_with(
            ",options,swap_size,proxies,input_input_score,input_score,input_params,note"
        ),
        "{header}"
    );
    let row = &ran.rows()[0];
    let copied =
        ["input_input_score", "input_score", "input_params", "note"].map(|c| row[c].as_str());
    assert_eq!(copied, ["=1+1", "-2.50", "1e3", "a, \"b\""]);
    assert_eq!(row["status"], "ok");
}

#[test]
fn json_values_stay_what_they_are() {
    let text = format!(
        r#"{{"arch": "{}", "acc": 93.25, "n": 12, "tags": ["x"], "none": null}}"#,
        CELLS[1]
    );
    let ran = score_file("input.json", &text, &[]).ended(0);
    let row = &ran.rows()[0];
    let copied = ["acc", "n", "tags", "none"].map(|c| row[c].as_str());
    assert_eq!(copied, ["93.25", "12", "[\"x\"]", ""]);
    let folder = Folder::new();
    let path = folder.file("input.json", &text);
    let ran = score(&["--input", &path, "--format", "json"]).ended(0);
    let row = &json_rows(&ran.out)[0];
    assert_eq!(row["acc"], 93.25);
    assert_eq!(row["tags"], serde_json::json!(["x"]));
    assert!(row["none"].is_null());
}

#[test]
fn rows_are_picked_by_their_cells() {
    let [a, b, c, ..] = CELLS;
    let text = format!("task,arch,part\nx,{a},1\ny,{b},1\nx,{c},2\n");
    let picked = |args: &[&str]| {
        let ran = score_file("input.csv", &text, args).ended(0);
        column(&ran.rows(), "arch")
            .iter()
            .map(|s| s.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(picked(&["--where", "task=x"]), [a, c]);
    assert_eq!(picked(&["--where", "task=x", "--where", "part=2"]), [c]);
    let unknown = score_file("input.csv", &text, &["--where", "nosuch=x"]).ended(2);
    assert!(unknown.err.contains("task, arch, part"), "{unknown:#?}");
    let none = score_file("input.csv", &text, &["--where", "task=X"]).ended(2);
    assert!(none.err.contains("no row has task=X"), "{none:#?}");
    score_file("input.csv", &text, &["--where", "task"]).ended(2);
}

#[test]
fn what_a_list_was_read_as_is_told_and_can_be_set() {
    let [a, b, ..] = CELLS;
    let documented = score_file("in.csv", &format!("arch,acc\n{a},1\n{b},2\n"), &[]).ended(0);
    assert!(!documented.err.contains("read as"), "{documented:#?}");
    let text = format!("nr;cell;test_acc\n1;{a};93,1\n2;{b};73,7\n");
    let ran = score_file("in.csv", &text, &[]).ended(0);
    for part in [
        "semicolons",
        "architectures in 'cell'",
        "accuracies in 'test_acc'",
        "decimal commas in 'test_acc'",
        "row numbers in 'nr'",
    ] {
        assert!(ran.err.contains(part), "{part}: {ran:#?}");
    }
    assert_eq!(column(&ran.rows(), "test_acc"), ["93.1", "73.7"]);
    let ran = score_file("in.csv", &text, &["--decimal", "point"]).ended(0);
    assert_eq!(column(&ran.rows(), "test_acc"), ["93,1", "73,7"]);
    let two = format!("x,y\n{a},{b}\n");
    let set =
        |args: &[&str]| column(&score_file("in.csv", &two, args).ended(0).rows(), "arch").join(" ");
    assert_eq!(
        (set(&[]), set(&["--column", "y"]), set(&["--column", "2"])),
        (a.to_owned(), b.to_owned(), b.to_owned())
    );
    let set = score_file(
        "in.txt",
        &format!("{a};x,y\n"),
        &[
            "--delimiter",
            "semicolon",
            "--header",
            "no",
            "--column",
            "1",
        ],
    );
    assert_eq!(column(&set.ended(0).rows(), "arch"), [a]);
    score_file("in.csv", &two, &["--column", "z"]).ended(2);
}

#[test]
fn six_numbers_say_which_reading_was_taken() {
    let tuple = "(4, 0, 3, 1, 4, 3)";
    let theirs =
        "|avg_pool_3x3~0|+|skip_connect~0|none~1|+|nor_conv_1x1~0|avg_pool_3x3~1|nor_conv_1x1~2|";
    let ran = score(&[tuple, &format!("naslib:{tuple}"), "--format", "csv"]).ended(0);
    let rows = ran.rows();
    assert!(
        rows[0]["message"].contains(theirs) && rows[0]["message"].contains("naslib:"),
        "{rows:#?}"
    );
    assert_eq!((&*rows[1]["arch"], &*rows[1]["message"]), (theirs, ""));
    let rows = score(&[tuple, "--reading", "naslib", "--format", "csv"])
        .ended(0)
        .rows();
    assert_eq!((&*rows[0]["arch"], &*rows[0]["message"]), (theirs, ""));
    score(&[tuple, "--reading", "mine"]).ended(2);
    let text = format!("[\"{tuple}\"]");
    assert_eq!(
        column(
            &score_file("in.json", &text, &["--reading", "naslib"])
                .ended(0)
                .rows(),
            "arch"
        ),
        [theirs]
    );
    let inspected = dextr(&[&["inspect", tuple, "--format", "json"], &SMALL[..]].concat()).ended(0);
    assert!(
        json_rows(&inspected.out)[0]["message"]
            .as_str()
            .unwrap()
            .contains("naslib:"),
        "{inspected:#?}"
    );
}

#[test]
fn a_text_of_another_space_says_which() {
    let rows = score(&["DARTS_V2", "--format", "csv"]).ended(1).rows();
    assert!(
        rows[0]["message"].contains("an architecture of darts"),
        "{rows:#?}"
    );
    let ran = dextr(&["score", CELLS[0]]).ended(2);
    assert!(ran.err.contains("give --space nasbench201"), "{ran:#?}");
}

#[test]
fn lists_with_nothing_in_them_are_refused() {
    let empty = ["", "\n\n", "# only a comment\n", "arch,n\n", "[]", "[ ]"];
    for text in empty {
        let ran = score_file("input", text, &[]).ended(2);
        assert!(ran.err.contains("empty"), "{text:?}: {ran:#?}");
    }
}

#[test]
fn files_that_are_no_lists_are_refused() {
    let cases: [(&[u8], &str); 3] = [
        (b"\x1f\x8b\x08\x00", "not UTF-8"),
        (b"[{\"arch\": ", "JSON cannot be read"),
        (b"{\"what\": \"resnet\"}", "no column 'arch'"),
    ];
    let folder = Folder::new();
    for (bytes, part) in cases {
        let path = folder.file("input", bytes);
        let ran = score(&["--input", &path]).ended(2);
        assert!(ran.err.contains(part), "{ran:#?}");
    }
}

#[test]
fn broken_rows_of_a_table_are_told_by_their_number() {
    let [a, b, ..] = CELLS;
    let csv = format!("arch,n\n{a},1\n{a}\n,3\n{b},4\n");
    let rows = score_file("input.csv", &csv, &[]).ended(1).rows();
    assert_eq!(column(&rows, "status"), ["ok", "error", "error", "ok"]);
    assert!(
        rows[1]["message"].starts_with("row 2: has 1 cells"),
        "{rows:#?}"
    );
    assert!(
        rows[2]["message"].starts_with("row 3: has no 'arch'"),
        "{rows:#?}"
    );

    let json = format!("{{\"arch\": \"{a}\"}}\n{{\"arch\": \n{{\"arch\": \"{b}\"}}\n");
    let rows = score_file("input.json", &json, &[]).ended(1).rows();
    assert_eq!(column(&rows, "status"), ["ok", "error", "ok"]);
    assert!(
        rows[1]["message"].starts_with("row 2: is not a JSON object"),
        "{rows:#?}"
    );
}
