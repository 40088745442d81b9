//! Architectures of every space, as people have them in files.

use super::*;

/// What `inspect` says of a file's architectures.
fn inspect(space: &str, file: &str, text: &str) -> Ran {
    let folder = Folder::new();
    let path = folder.file(file, text);
    dextr(&[
        "inspect", "--space", space, "--input", &path, "--format", "json",
    ])
}

/// The canonical texts among what `inspect` says.
fn archs(ran: &Ran) -> Vec<String> {
    let rows = json_rows(&ran.out).into_iter();
    rows.map(|row| row["arch"].as_str().unwrap().to_owned())
        .collect()
}

const CELL: &str = "010001000 input,maxpool3x3,output";
const GENOTYPE: &str = "Genotype(normal=[('skip_connect', 0), ('sep_conv_3x3', 1)], normal_concat=[2], reduce=[('max_pool_3x3', 0), ('none', 1)], reduce_concat=[2])";

#[test]
fn the_columns_of_a_benchmarks_table_are_read() {
    let bits = "0100000001000000000000000000000000000000000000000";
    let bits = format!("{}1{}", &bits[..13], &bits[14..]);
    let ops = "input,conv3x3-bn-relu,maxpool3x3,maxpool3x3,maxpool3x3,maxpool3x3,output";
    let header = "adjacency_7x7_rowmajor,op0,op1,op2,op3,op4,op5,op6,test_acc";
    let table = format!("{header}\n{bits},{ops},0.9\n");
    let ran = inspect("nasbench101", "cells.csv", &table).ended(0);
    assert_eq!(archs(&ran), [format!("{bits} {ops}")]);
    let table = format!("genotype,acc\n\"{GENOTYPE}\",94.5\n");
    let ran = inspect("darts", "genotypes.csv", &table).ended(0);
    assert_eq!(archs(&ran), [GENOTYPE]);
    let table = "task,arch,params\nnormal,\"(1, 0, 2, 3, 3, 3)\",1\n";
    let ran = inspect("transnasbench101", "cells.csv", table).ended(0);
    assert_eq!(archs(&ran), ["64-41414-1_02_333"]);
}

#[test]
fn json_objects_are_architectures_where_a_space_writes_them_so() {
    let cell = r#"{"matrix": [[0, 1, 0], [0, 0, 1], [0, 0, 0]], "ops": ["input", "maxpool3x3", "output"]}"#;
    let genotype = r#"{"normal": [["skip_connect", 0], ["sep_conv_3x3", 1]], "normal_concat": [2], "reduce": [["max_pool_3x3", 0], ["none", 1]], "reduce_concat": [2]}"#;
    for (space, json, right) in [("nasbench101", cell, CELL), ("darts", genotype, GENOTYPE)] {
        for (form, text) in [
            ("lines", format!("{json}\n\n{json}\n")),
            ("array", format!("[{json},\n{json}]")),
            (
                "column",
                format!("{{\"arch\": {json}, \"n\": 1}}\n{{\"arch\": {json}, \"n\": 2}}"),
            ),
        ] {
            let ran = inspect(space, "archs.json", &text).ended(0);
            assert_eq!(archs(&ran), [right, right], "{space} {form}");
        }
    }
    // A space that has no such form still asks for the column.
    let ran = inspect("nats-size", "archs.json", "{\"widths\": [8, 8, 8, 8, 8]}").ended(2);
    assert!(ran.err.contains("no column 'arch'"), "{ran:?}");
}

#[test]
fn a_misspelt_operation_is_told_with_the_right_one() {
    let wrong = GENOTYPE.replace("sep_conv_3x3", "sep_conv_3×3");
    let ran = inspect("darts", "list.txt", &format!("{GENOTYPE}\n{wrong}\n"));
    let said = format!("{}{}", ran.out, ran.err);
    assert!(said.contains("character 40"), "{said}");
    assert!(said.contains("did you mean 'sep_conv_3x3'"), "{said}");
}

#[test]
fn every_space_is_listed_with_an_example_that_can_be_inspected() {
    let listed = json_rows(&dextr(&["spaces", "--format", "json"]).ended(0).out);
    let names: Vec<&str> = listed
        .iter()
        .map(|s| s["space"].as_str().unwrap())
        .collect();
    for name in [
        "nasbench101",
        "nasbench201",
        "nats-size",
        "darts",
        "transnasbench101",
    ] {
        assert!(names.contains(&name), "{names:?}");
    }
    for space in &listed {
        let name = space["space"].as_str().unwrap();
        for example in space["examples"].as_array().unwrap() {
            let arch = example["arch"].as_str().unwrap();
            let ran = dextr(&["inspect", "--space", name, arch, "--format", "json"]).ended(0);
            assert_eq!(archs(&ran).len(), 1, "{name}: {arch}");
        }
    }
    let published: Vec<&str> = listed
        .iter()
        .filter(|s| s["protocols"][0] == "published")
        .map(|s| s["space"].as_str().unwrap())
        .collect();
    assert_eq!(published, ["nasbench201", "nats-size"]);
}
