//! Model files on the command line.

use super::*;

/// An exported network of `tests/onnx`.
fn model(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/onnx");
    folder.join(name).to_str().unwrap().to_owned()
}

fn score_models(args: &[&str]) -> Ran {
    dextr(&[&["score", "--device", "cpu", "--format", "csv"], args].concat())
}

/// A node of a model file, without attributes.
fn node(op: &str, input: &str, output: &str) -> Vec<u8> {
    wire::node(op, op, &[input], &[output])
}

/// A file whose network has convolutions with a bias and no normalisation.
fn folded() -> Vec<u8> {
    let names: Vec<String> = (0..=8).map(|i| format!("v{i}")).collect();
    let mut parts = Vec::new();
    for i in 0..8 {
        let weight: Vec<u8> = (0..9)
            .flat_map(|j| ((i * 9 + j) as f32).sin().to_le_bytes())
            .collect();
        parts.push(wire::tensor(
            &format!("c{i}.weight"),
            &[3, 3, 1, 1],
            1,
            &weight,
        ));
        parts.push(wire::tensor(&format!("c{i}.bias"), &[3], 1, &weight[..12]));
        let from = if i == 0 { "x" } else { &names[i] };
        let inputs = [from, &format!("c{i}.weight"), &format!("c{i}.bias")];
        parts.push(wire::node(
            "Conv",
            &names[i],
            &inputs,
            &[&format!("{}/c", names[i])],
        ));
        parts.push(node("Relu", &format!("{}/c", names[i]), &names[i + 1]));
    }
    parts.push(node("Flatten", &names[8], "y"));
    wire::model(&[1, 3, 8, 8], &parts)
}

#[test]
fn a_model_is_known_by_what_is_in_it() {
    let folder = Folder::new();
    let bytes = fs::read(model("residual.onnx")).unwrap();
    let named = ["net", "net.onnx.bin", "net.txt"].map(|name| folder.file(name, &bytes));
    let args: Vec<&str> = named.iter().map(String::as_str).collect();
    let rows = score_models(&args).ended(0).rows();
    assert_eq!(column(&rows, "status"), ["ok"; 3]);
    assert_eq!(column(&rows, "space"), ["onnx"; 3]);
    // Another format is refused by its name, not for a missing --space.
    let torch = folder.file("weights.bin", b"PK\x03\x04......archive/data.pkl");
    let rows = score_models(&[&torch]).ended(1).rows();
    assert!(rows[0]["message"].contains("PyTorch"), "{rows:#?}");
    // A text is no model.
    let list = folder.file("cells", "BEST\n");
    let ran = score_models(&[&list]).ended(2);
    assert!(ran.err.contains("--space"), "{ran:#?}");
    let ran = score_models(&["--input", &named[0], "--space", "darts"]).ended(2);
    assert!(ran.err.contains("not a list"), "{ran:#?}");
}

#[test]
fn files_are_scored_in_their_order() {
    let (residual, vit) = (model("residual.onnx"), model("vit.onnx"));
    let ran = score_models(&[&vit, &residual, &vit, "--seeds", "2"]).ended(0);
    let rows = ran.rows();
    assert_eq!(column(&rows, "arch"), [&vit, &residual, &vit]);
    assert_eq!(column(&rows, "status"), ["ok"; 3]);
    assert_eq!(column(&rows, "space"), ["onnx"; 3]);
    assert_eq!(column(&rows, "observe"), ["flow"; 3]);
    assert_eq!(
        rows[1]["options"],
        "height=auto width=auto weights=seed outputs=all renormalise=no"
    );
    // Even the seconds: it was computed once.
    assert_eq!(rows[0], rows[2]);
    assert!(rows.iter().all(|row| !row["score_std"].is_empty()));

    let layers = dextr(&["inspect", &residual, "--format", "csv"])
        .ended(0)
        .rows();
    for of in ["params", "macs"] {
        let sum: u64 = column(&layers, of)
            .iter()
            .map(|n| n.parse::<u64>().unwrap())
            .sum();
        assert_eq!(sum.to_string(), rows[1][of], "{of}");
    }
}

#[test]
fn options_of_files_change_what_is_scored() {
    let residual = model("residual.onnx");
    let row = |args: &[&str]| {
        let ran = score_models(&[&[residual.as_str()], args].concat());
        ran.ended(0).rows().remove(0)
    };
    let (seed, own) = (row(&[]), row(&["--weights", "file"]));
    assert_ne!(seed["score"], own["score"]);
    assert_eq!(
        own["options"],
        "height=auto width=auto weights=file outputs=all renormalise=no"
    );
    assert_eq!(
        own["score"],
        row(&["--weights", "file", "--seed", "9"])["score"]
    );
    // A network of convolutions takes any size; one with positions does not.
    let wide = row(&["--set", "width=48"]);
    assert_ne!(seed["macs"], wide["macs"]);
    assert_eq!(seed["params"], wide["params"]);
    let ran = score_models(&[&model("vit.onnx"), "--set", "width=48"]).ended(1);
    let message = &ran.rows()[0]["message"];
    assert!(message.contains("exported for"), "{ran:#?}");
    score_models(&[&residual, "--set", "depth=1"]).ended(2);
    score_models(&[&residual, "--protocol", "published"]).ended(2);
    score_models(&[&residual, CELLS[0]]).ended(2);
    score(&["--weights", "file", CELLS[0]]).ended(2);
}

#[test]
fn what_there_is_to_know_about_a_file_is_in_its_row() {
    let folder = Folder::new();
    let path = folder.file("folded.onnx", folded());
    let says = "batch norm was folded into them";
    let ran = score_models(&[&path, &model("residual.onnx")]).ended(0);
    let rows = ran.rows();
    assert_eq!(rows[0]["status"], "ok");
    assert!(rows[0]["message"].contains(says), "{rows:#?}");
    assert_eq!(rows[1]["message"], "");
    let json = dextr(&["inspect", &path, "--format", "json"]).ended(0);
    let message = &json_rows(&json.out)[0]["message"];
    assert!(message.as_str().unwrap().contains(says), "{message}");
    let table = dextr(&["inspect", &path]).ended(0);
    for part in [says, "opset 17", "inputs x [1, 3, 8, 8]", "Conv 8"] {
        assert!(table.out.contains(part), "{part}: {table:#?}");
    }
}

#[test]
fn files_that_are_no_networks_are_rows_with_the_reason() {
    let folder = Folder::new();
    let unknown = [
        node("Frobnicate", "x", "a"),
        node("Relu", "a", "b"),
        node("Frobnicate", "b", "y"),
    ];
    let files = [
        (folder.file("picture.onnx", picture(9)), "is a picture"),
        (
            folder.file("archive.onnx", b"PK\x03\x04\x14\0\0\0model.onnx"),
            "is a zip archive",
        ),
        (folder.file("empty.onnx", b""), "is an empty file"),
        (folder.file("text.onnx", b"hello, world"), "cannot be read"),
        (
            folder.file("unknown.onnx", wire::model(&[1, 3, 8, 8], &unknown)),
            "Frobnicate (domain ai.onnx, 2 nodes, first Frobnicate)",
        ),
        (folder.path("missing.onnx"), "missing.onnx"),
        (model("residual.onnx"), ""),
    ];
    let paths: Vec<&str> = files.iter().map(|f| f.0.as_str()).collect();
    let ran = score_models(&paths).ended(1);
    let rows = ran.rows();
    assert_eq!(column(&rows, "arch"), paths);
    for (row, (path, says)) in rows.iter().zip(&files) {
        let status = if says.is_empty() { "ok" } else { "error" };
        assert_eq!(row["status"], status, "{path}");
        assert!(row["message"].contains(says), "{path}: {row:#?}");
    }
    let inspected = dextr(&[&["inspect", "--format", "json"], &paths[..]].concat()).ended(1);
    let rows = json_rows(&inspected.out);
    assert_eq!(rows.len(), files.len());
    for (row, (path, says)) in rows.iter().zip(&files) {
        let message = row["message"].as_str().unwrap();
        assert!(message.contains(says), "{path}: {message}");
    }
    // Where there is nothing to read, the table says so, too.
    dextr(&["inspect", paths[0]]).ended(1);
}
