//! Lists as people have them: what each form is read as, and what is said where
//! it cannot be read.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use dextr::Error;
use dextr::run::list::{self, Decimal, List, Wishes, text};
use dextr::sources::Source;

const A: &str =
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|none~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|";
const B: &str = "|none~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|skip_connect~1|nor_conv_1x1~2|";
const C: &str =
    "|avg_pool_3x3~0|+|skip_connect~0|none~1|+|nor_conv_1x1~0|avg_pool_3x3~1|nor_conv_1x1~2|";

fn source(name: &str) -> Source {
    Source::by_name(name).unwrap()
}

fn read_as(text: &str, space: &str, wishes: &Wishes) -> Result<List, Error> {
    list::read(text, source(space), wishes)
}

fn read(text: &str) -> Result<List, Error> {
    read_as(text, "nasbench201", &Wishes::default())
}

/// The texts of a list's architectures; what is wrong stands in their place.
fn archs(list: &List) -> Vec<String> {
    let rows = list.table.rows.iter().map(|row| list.architecture(row));
    rows.map(|(arch, wrong)| wrong.unwrap_or(arch)).collect()
}

/// The name of the accuracies, and what stands there.
fn truth(list: &List) -> Option<(String, Vec<String>)> {
    let column = list.layout.truth?;
    let cells = list.table.rows.iter().map(|row| text(&row.cells[column]));
    Some((list.table.columns[column].clone(), cells.collect()))
}

/// A form with its name, and what the accuracies are called in it.
fn forms() -> Vec<(&'static str, String, &'static str)> {
    let json = |name: &str| {
        let row =
            |arch: &str, acc: f64| format!("{{\n  \"{name}\": \"{arch}\",\n  \"acc\": {acc}\n}}");
        [row(A, 93.1), row(B, 73.7), row(C, 86.2)]
    };
    vec![
        (
            "the documented one",
            format!("arch,acc\n{A},93.1\n{B},73.7\n{C},86.2\n"),
            "acc",
        ),
        (
            "an index and another name",
            format!("index,arch_str,acc\n0,{A},93.1\n1,{B},73.7\n2,{C},86.2\n"),
            "acc",
        ),
        (
            "pandas' nameless index",
            format!(",Cell,val accuracy\n0,{A},93.1\n1,{B},73.7\n2,{C},86.2\n"),
            "val accuracy",
        ),
        (
            "a name that nobody knows",
            format!("top1,what it is\n93.1,{A}\n73.7,{B}\n86.2,{C}\n"),
            "top1",
        ),
        (
            "no header",
            format!("{A},93.1\n{B},73.7\n{C},86.2\n"),
            "column 2",
        ),
        (
            "no header, an index",
            format!("0,{A},93.1\n1,{B},73.7\n2,{C},86.2\n"),
            "column 3",
        ),
        (
            "semicolons and decimal commas",
            format!("\u{feff}arch;test_acc\r\n{A};93,1\r\n{B};73,7\r\n{C};86,2\r\n"),
            "test_acc",
        ),
        (
            "semicolons without a header",
            format!("{A};93,1\n{B};73,7\n{C};86,2\n"),
            "column 2",
        ),
        (
            "tabs, quoted cells",
            format!("genotype\tperformance\n\"{A}\"\t93.1\n\"{B}\"\t73.7\n\"{C}\"\t86.2\n"),
            "performance",
        ),
        (
            "quoted decimal commas",
            format!("arch,acc\n{A},\"93,1\"\n{B},\"73,7\"\n{C},\"86,2\"\n"),
            "acc",
        ),
        (
            "JSON lines",
            json("cell").map(|r| r.replace('\n', " ")).join("\n"),
            "acc",
        ),
        ("JSON over several lines", json("arch").join("\n"), "acc"),
        (
            "a JSON array",
            format!("[{}]", json("architecture").join(",")),
            "acc",
        ),
        (
            "a list under a name",
            format!(
                "{{\"version\": 1, \"results\": [{}]}}",
                json("arch").join(",")
            ),
            "acc",
        ),
        (
            "columns in JSON",
            format!("{{\"arch\": [\"{A}\", \"{B}\", \"{C}\"], \"acc\": [93.1, 73.7, 86.2]}}"),
            "acc",
        ),
        (
            "pandas' columns in JSON",
            format!(
                "{{\"arch\": {{\"0\": \"{A}\", \"1\": \"{B}\", \"2\": \"{C}\"}}, \"acc\": {{\"0\": 93.1, \"1\": 73.7, \"2\": 86.2}}}}"
            ),
            "acc",
        ),
        (
            "arrays in JSON",
            format!("[[\"{A}\", 93.1], [\"{B}\", 73.7], [\"{C}\", 86.2]]"),
            "column 2",
        ),
    ]
}

#[test]
fn every_form_has_the_same_architectures_and_accuracies() {
    for (what, text, name) in forms() {
        let list = read(&text).unwrap_or_else(|e| panic!("{what}: {e}"));
        assert_eq!(archs(&list), [A, B, C], "{what}");
        let right = ["93.1", "73.7", "86.2"].map(str::to_owned).to_vec();
        assert_eq!(truth(&list), Some((name.to_owned(), right)), "{what}");
        // What is as documented needs no word.
        let documented = ["the documented one", "JSON over several lines"];
        assert_eq!(
            list.layout.guessed,
            !documented.contains(&what),
            "{what}: {}",
            list.describe()
        );
    }
}

#[test]
fn keys_of_nested_json_are_architectures() {
    let text = r#"{"cifar10": {
        "(4, 0, 3, 1, 4, 3)": {"snip": {"score": 1.0, "time": 0.1}, "val_accuracy": 93.1},
        "(2, 2, 0, 2, 0, 3)": {"snip": {"score": 2.0, "time": 0.1}, "val_accuracy": 73.7}}}"#;
    let list = read(text).unwrap();
    let mut found = archs(&list);
    found.sort();
    assert_eq!(found, ["(2, 2, 0, 2, 0, 3)", "(4, 0, 3, 1, 4, 3)"]);
    assert_eq!(
        list.table.columns,
        ["arch", "group", "snip.score", "snip.time", "val_accuracy"]
    );
    assert_eq!(truth(&list).unwrap().0, "val_accuracy");
    assert!(
        list.items(source("nasbench201"))
            .iter()
            .all(|i| i.ambiguous)
    );
}

#[test]
fn json_that_is_no_list_is_one_error() {
    for (text, part) in [
        ("{\n \"arch\": \"x\",\n \"acc\": }\n", "line 3"),
        ("[{\"arch\": ", "line 1"),
        (
            "{\"name\": \"resnet\",\n \"depth\": 18}",
            "its columns are: name, depth",
        ),
    ] {
        let error = read(text).unwrap_err();
        assert!(error.to_string().contains(part), "{text}: {error}");
        assert!(!error.hint().is_empty());
    }
    // One broken line among others is a row.
    let list = read(&format!(
        "{{\"arch\": \"{A}\"}}\n{{\"arch\":\n{{\"arch\": \"{B}\"}}\n"
    ))
    .unwrap();
    let found = archs(&list);
    assert!(found[1].starts_with("is not a JSON object"), "{found:?}");
    assert_eq!([&found[0], &found[2]], [A, B]);
}

#[test]
fn a_table_without_architectures_is_one_error_with_its_columns() {
    let error = read("id,achitecture,acc\n0,resnet,93.1\n1,vgg,90\n").unwrap_err();
    assert_eq!(error.code(), "no-arch-column");
    assert!(
        error.to_string().contains("id, achitecture, acc"),
        "{error}"
    );
    assert!(error.hint().contains("'achitecture'"), "{}", error.hint());
    let error =
        read("adjacency_7x7_rowmajor,op0,op1,op2,op3,op4,op5,op6\n0,1,2,3,4,5,6,7\n").unwrap_err();
    assert!(error.hint().contains("nasbench101"), "{}", error.hint());
}

#[test]
fn plain_lists_are_read_line_by_line_and_over_lines() {
    let spec = "ModelSpec(\n  matrix=[[0, 1, 0],   # input\n          [0, 0, 1],\n          [0, 0, 0]],\n  ops=[INPUT, MAXPOOL3X3, OUTPUT])";
    let list = read_as(
        &format!("# two\n{spec}\n\n{spec}\n"),
        "nasbench101",
        &Wishes::default(),
    )
    .unwrap();
    let canonical: Vec<String> = archs(&list)
        .iter()
        .map(|a| source("nasbench101").parse(a, None).unwrap().arch)
        .collect();
    assert_eq!(canonical, ["010001000 input,maxpool3x3,output"; 2]);
    let places: Vec<String> = list.table.rows.iter().map(|r| list.place(r)).collect();
    assert_eq!(places, ["line 2", "line 8"]);

    let list = read("(4, 0, 3, 1, 4, 3)\nnonsense\n6111\n").unwrap();
    assert_eq!(archs(&list), ["(4, 0, 3, 1, 4, 3)", "nonsense", "6111"]);
    // Tuples in JSON's brackets.
    assert_eq!(
        archs(&read("[[4, 0, 3, 1, 4, 3], [2, 2, 0, 2, 0, 3]]").unwrap()),
        ["[4,0,3,1,4,3]", "[2,2,0,2,0,3]"]
    );
}

#[test]
fn an_index_is_neither_an_architecture_nor_an_accuracy() {
    let list = read(&format!(
        "arch,arch_str,acc\n6111,{A},1\n14,{B},2\n9930,{C},4\n"
    ))
    .unwrap();
    assert_eq!(archs(&list), [A, B, C]);
    assert_eq!(truth(&list).unwrap().0, "acc");
    let list = read(&format!("row,cell\n0,{A}\n1,{B}\n2,{C}\n")).unwrap();
    assert_eq!(
        (truth(&list), list.layout.index.as_slice()),
        (None, &[0][..])
    );
    // A column of the benchmark's numbers, where there is nothing else.
    let list = read("arch,acc\n6111,90\n14,80\n").unwrap();
    assert_eq!(archs(&list), ["6111", "14"]);
    // A list with several numbers, none of which says that it is an accuracy.
    let list = read(&format!("arch,x,y\n{A},0.5,0.1\n{B},0.2,0.4\n")).unwrap();
    assert_eq!(truth(&list), None);
}

#[test]
fn commas_that_may_be_thousands_are_left_and_told() {
    let text = format!("arch,acc\n{A},\"93,125\"\n{B},\"73,700\"\n");
    let list = read(&text).unwrap();
    assert_eq!(truth(&list), None);
    assert!(list.notes[0].contains("acc"), "{:?}", list.notes);
    let decimal = |decimal| Wishes {
        decimal: Some(decimal),
        ..Wishes::default()
    };
    let list = read_as(&text, "nasbench201", &decimal(Decimal::Comma)).unwrap();
    assert_eq!(truth(&list).unwrap().1, ["93.125", "73.700"]);
    let text = format!("arch;acc\n{A};93,1\n");
    let list = read_as(&text, "nasbench201", &decimal(Decimal::Point)).unwrap();
    assert_eq!(text_of(&list, 0, 1), "93,1");
}

fn text_of(list: &List, row: usize, column: usize) -> String {
    text(&list.table.rows[row].cells[column])
}

#[test]
fn each_part_of_the_guess_can_be_set() {
    let two = format!("mine,theirs\n{A},{B}\n{B},{C}\n");
    let wishes = |arch: &str| Wishes {
        arch: Some(arch.to_owned()),
        ..Wishes::default()
    };
    let of = |wishes| archs(&read_as(&two, "nasbench201", &wishes).unwrap());
    assert_eq!(of(Wishes::default()), [A, B]);
    assert_eq!(of(wishes("theirs")), [B, C]);
    assert_eq!(of(wishes("2")), [B, C]);
    let error = read_as(&two, "nasbench201", &wishes("others")).unwrap_err();
    assert!(error.hint().contains("mine, theirs"), "{}", error.hint());
    let headless = Wishes {
        header: Some(false),
        arch: Some("1".to_owned()),
        ..Wishes::default()
    };
    assert_eq!(of(headless), ["mine", A, B]);
    let semicolons = Wishes {
        delimiter: Some(';'),
        ..wishes("1")
    };
    assert_eq!(
        archs(
            &read_as(
                &format!("{A};x,y\n"),
                "nasbench201",
                &Wishes {
                    header: Some(false),
                    ..semicolons
                }
            )
            .unwrap()
        ),
        [A]
    );
    let truth_of = |name: &str| {
        let wishes = Wishes {
            truth: Some(name.to_owned()),
            ..Wishes::default()
        };
        truth(
            &read_as(
                &format!("arch,acc,time\n{A},1,2\n{B},2,3\n"),
                "nasbench201",
                &wishes,
            )
            .unwrap(),
        )
        .map(|t| t.0)
    };
    assert_eq!(truth_of("time").as_deref(), Some("time"));
    assert_eq!(truth_of(""), None);
}

#[test]
fn rows_of_other_spaces_are_told_by_their_space() {
    let list = read(&format!("{A}\nDARTS_V2\n8:16:24:32:40\nnonsense\n")).unwrap();
    let items = list.items(source("nasbench201"));
    let spaces: Vec<&str> = items.iter().map(|i| i.space.as_str()).collect();
    assert_eq!(spaces, ["nasbench201", "darts", "nats-size", "nasbench201"]);
    let list = read(&format!("space,arch\nnasbench201,{A}\ndarts,DARTS_V1\n")).unwrap();
    let items = list.items(source("pit"));
    let spaces: Vec<&str> = items.iter().map(|i| i.space.as_str()).collect();
    assert_eq!(spaces, ["nasbench201", "darts"]);
}

#[test]
fn where_a_model_file_is_picked_cells_are_of_their_space_all_the_same() {
    let text = format!("cell;acc\n{A};94,3\n\"(4, 0, 3, 1, 4, 3)\";88,1\nnet.onnx;70\n");
    let models = Source::Models;
    let list = list::read(&text, models, &Wishes::default()).unwrap();
    let items = list.items(models);
    let spaces: Vec<&str> = items.iter().map(|i| i.space.as_str()).collect();
    assert_eq!(spaces, ["nasbench201", "nasbench201", models.name()]);
    assert!(items[1].ambiguous && items.iter().all(|i| i.problem.is_none()));
}
