//! Rows of `dextr score`.

use std::io::{BufRead, BufReader};

use super::*;

#[test]
fn a_row_has_the_columns_in_their_order() {
    let ran = score(&[CELLS[0], "--format", "csv", "--seed", "7"]).ended(0);
    let header = "arch,space,status,score,score_std,s,k,curvature,ratio_sum,params,macs,seed,seeds,\
        protocol,observe,device,version,shard,seconds,message,image_seed,curve_seed,curves,image,options,swap_size,proxies";
    assert_eq!(ran.out.lines().next(), Some(header));
    let row = &ran.rows()[0];
    let fixed = [
        ("arch", CELLS[0]),
        ("space", "nasbench201"),
        ("status", "ok"),
        ("score_std", ""),
        ("seed", "7"),
        ("seeds", "1"),
        ("protocol", "refined"),
        ("observe", "layers"),
        ("device", "cpu"),
        ("version", env!("CARGO_PKG_VERSION")),
        ("shard", ""),
        ("message", ""),
        ("image_seed", "0"),
        ("curve_seed", "0"),
        ("curves", "4"),
        ("image", "pink"),
        (
            "options",
            "stem_width=4 cells=1 classes=10 size=8 bias=true affine=false",
        ),
        ("swap_size", ""),
        ("proxies", "dextr"),
    ];
    for (name, value) in fixed {
        assert_eq!(row[name], value, "{name}");
    }
    let number = |name: &str| row[name].parse::<f64>().unwrap();
    let (s, k) = (number("s"), number("k"));
    assert!((number("score") - s * k / (s + k)).abs() < 1e-12);
    assert!((s - number("ratio_sum").ln_1p()).abs() < 1e-12);
    assert!(number("params") > 0.0 && number("macs") > 0.0 && number("seconds") > 0.0);
}

#[test]
fn every_proxy_asked_for_has_its_number() {
    let args = [
        CELLS[0],
        "bad",
        "--format",
        "csv",
        "--proxy",
        "meco,dextr,params",
    ];
    let ran = score(&args).ended(1);
    let header = ran.out.lines().next().unwrap();
    assert!(
        header.ends_with(",options,swap_size,proxies,meco,dextr"),
        "{header}"
    );
    let (rows, alone) = (
        ran.rows(),
        score(&[CELLS[0], "--format", "csv"]).ended(0).rows(),
    );
    assert_eq!(rows[0]["score"], rows[0]["meco"]);
    assert_eq!(rows[0]["dextr"], alone[0]["score"]);
    assert_eq!(rows[0]["params"], alone[0]["params"]);
    assert_eq!(
        (rows[1]["status"].as_str(), rows[1]["meco"].as_str()),
        ("error", "")
    );
    assert_eq!(rows[1]["proxies"], "meco,dextr,params");
    let unknown = score(&[CELLS[0], "--proxy", "nosuch"]).ended(2);
    assert!(unknown.err.contains("synflow"), "{unknown:#?}");
}

#[test]
fn help_names_every_column() {
    let ran = dextr(&["score", "--help"]).ended(0);
    for column in dextr::run::COLUMNS {
        let line = format!("  {:<11}{}", column.name, column.help);
        assert!(ran.out.contains(&line), "{line}: {ran:#?}");
    }
}

#[test]
fn json_has_the_same_keys_and_values() {
    let csv = score(&[CELLS[0], "--format", "csv"]).ended(0);
    let json = score(&[CELLS[0], "--format", "json"]).ended(0);
    let order: Vec<&str> = csv.out.lines().next().unwrap().split(',').collect();
    let places: Vec<usize> = order
        .iter()
        .map(|c| json.out.find(&format!("\"{c}\":")).unwrap())
        .collect();
    assert!(places.is_sorted());
    let object = &json_rows(&json.out)[0];
    assert_eq!(object.as_object().unwrap().len(), order.len());
    assert_eq!(object["score"].to_string(), csv.rows()[0]["score"]);
    assert!(object["score_std"].is_null());
}

#[test]
fn details_are_every_layer_and_where_the_time_went() {
    let ran = score(&[CELLS[0], "bad", "--format", "json", "--details"]).ended(1);
    let rows = json_rows(&ran.out);
    let layers = rows[0]["layers"].as_array().unwrap();
    let ratios = layers
        .iter()
        .map(|l| l["ratio"].as_f64().unwrap() * l["count"].as_f64().unwrap());
    let sum: f64 = ratios.sum();
    assert!((sum - rows[0]["ratio_sum"].as_f64().unwrap()).abs() < 1e-9);
    assert!(rows[0]["phases"]["convolution"].is_number());
    assert!(rows[1]["layers"].is_null());

    let table = score(&[CELLS[0], "--details"]).ended(0);
    assert!(table.out.contains("red0.a.relu"), "{table:#?}");
}

#[test]
fn a_table_is_for_reading() {
    let ran = score(&[CELLS[0], CUT, "--seeds", "2"]).ended(0);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].starts_with("arch") && lines[0].contains("score"));
    assert!(
        lines[1].contains(" ± ") && lines[1].ends_with("  ok"),
        "{ran:#?}"
    );
    assert!(lines[2].contains("disconnected"), "{ran:#?}");
    assert!(
        ran.err.contains("device: cpu") && ran.err.contains("weights 0…1"),
        "{ran:#?}"
    );
}

#[test]
fn scores_are_the_same_on_every_run_and_with_any_threads() {
    let run = |threads| {
        let ran = score(&[&CELLS[..], &["--format", "csv", "--threads", threads]].concat());
        without_seconds(ran.ended(0).rows())
    };
    let once = run("1");
    assert_eq!(once, run("1"));
    assert_eq!(once, run("2"));
    assert_eq!(column(&once, "arch"), CELLS);
}

#[test]
fn rows_keep_the_order_of_the_input_and_a_broken_one_does_not_stop_the_others() {
    let archs = [CELLS[0], "|bad", CELLS[1], CUT, "", CELLS[2]];
    let ran = score(&[&archs[..], &["--format", "csv", "--threads", "2"]].concat()).ended(1);
    let rows = ran.rows();
    assert_eq!(column(&rows, "arch"), archs);
    let statuses = ["ok", "error", "ok", "disconnected", "error", "ok"];
    assert_eq!(column(&rows, "status"), statuses);
    assert!(
        rows[1]["message"].starts_with("character 2: found 'bad'"),
        "{rows:#?}"
    );
    assert_eq!(
        (rows[1]["score"].as_str(), rows[1]["seed"].as_str()),
        ("", "0")
    );
    assert_eq!(
        (rows[1]["curves"].as_str(), rows[1]["device"].as_str()),
        ("4", "cpu")
    );
    assert_eq!(rows[3]["score"], "0");
    assert!(ran.err.contains("2 of 6 rows"), "{ran:#?}");
}

#[test]
fn identical_architectures_give_identical_rows() {
    let six = "nats:(3, 3, 3, 1, 3, 3)";
    let rows = score(&[CELLS[0], six, CELLS[1], "nats:333133", "--format", "csv"])
        .ended(0)
        .rows();
    // Even the seconds: it was computed once.
    assert_eq!(rows[0], rows[1]);
    assert_eq!(rows[0], rows[3]);
    assert_ne!(rows[0], rows[2]);
}

#[test]
fn seeds_and_settings_change_the_score() {
    let value = |args: &[&str]| {
        let ran = score(&[&[CELLS[0], "--format", "csv"], args].concat()).ended(0);
        ran.rows()[0]["score"].clone()
    };
    let base = value(&[]);
    let changes: [&[&str]; 7] = [
        &["--seed", "1"],
        &["--seeds", "2"],
        &["--image-seed", "1"],
        &["--curve-seed", "1"],
        &["--curves", "2"],
        &["--observe", "flow"],
        &["--protocol", "published"],
    ];
    for change in changes {
        assert_ne!(base, value(change), "{change:?}");
    }
    let mean = (value(&[]).parse::<f64>().unwrap()
        + value(&["--seed", "1"]).parse::<f64>().unwrap())
        / 2.0;
    assert!((mean - value(&["--seeds", "2"]).parse::<f64>().unwrap()).abs() < 1e-12);
}

#[test]
fn a_picture_is_the_input_image() {
    let folder = Folder::new();
    let row = |args: &[&str]| {
        let ran = score(&[&[CELLS[0], "--format", "csv"], args].concat()).ended(0);
        ran.rows().remove(0)
    };
    let noise = row(&[]);
    let one = row(&["--image", &folder.file("one.png", picture(200))]);
    let other = row(&["--image", &folder.file("other.png", picture(201))]);
    assert_ne!(noise["score"], one["score"]);
    assert!(one["image"].starts_with("picture:"), "{one:#?}");
    assert_eq!(one["image"].len(), "picture:".len() + 8);
    assert_ne!(one["image"], other["image"]);

    let text = folder.file("text.png", "not a picture");
    let ran = score(&[CELLS[0], "--image", &text]).ended(2);
    assert!(
        ran.err.contains("text.png") && ran.err.contains("PNG or JPEG"),
        "{ran:#?}"
    );
}

#[test]
fn a_closed_pipe_ends_the_run_quietly() {
    let list = (0..400).map(|i| format!("{:?}", [i % 5, i / 5 % 5, i / 25 % 5, i / 125, 3, 3]));
    let folder = Folder::new();
    let path = folder.file("list.txt", list.collect::<Vec<_>>().join("\n"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_dextr"))
        .args([
            "score", "--device", "cpu", "--format", "csv", "--input", &path,
        ])
        .args(SMALL)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut reader = BufReader::with_capacity(16, child.stdout.take().unwrap());
    reader.read_line(&mut line).unwrap();
    drop(reader);
    let output = child.wait_with_output().unwrap();
    assert!(line.starts_with("arch,"));
    assert_eq!(output.status.code(), Some(0));
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn swap_is_regularised_by_the_size_that_is_given() {
    let of = |args: &[&str]| {
        let fixed = ["--proxy", "dextr,swap", "--format", "csv", CELLS[0]];
        let rows = score(&[&fixed, args].concat()).ended(0).rows();
        let number = |name: &str| rows[0][name].parse::<f64>().unwrap();
        (
            number("swap"),
            number("params"),
            rows[0]["swap_size"].clone(),
        )
    };
    let (plain, params, said) = of(&[]);
    assert!(plain > 0.0 && said.is_empty());
    let (regular, _, said) = of(&["--swap-size", "10/40.5"]);
    assert_eq!(said, "10/40.5");
    let off = params / 1000.0 - 10.0;
    let expected = plain * (-off * off / 40.5).exp();
    assert!(
        (regular / expected - 1.0).abs() < 1e-12,
        "{regular} {expected}"
    );
    // What is made of the patterns otherwise stays.
    let concord = |args: &[&str]| {
        let fixed = ["--proxy", "concord,swap", "--format", "csv", CELLS[0]];
        score(&[&fixed, args].concat()).ended(0).rows()[0]["score"].clone()
    };
    assert_eq!(concord(&["--swap-size", "10/40"]), concord(&[]));
    for wrong in ["10", "10/0", "a/b", "1/inf"] {
        let ran = score(&["--proxy", "swap", "--swap-size", wrong, CELLS[0]]).ended(2);
        assert!(ran.err.contains("1000/40000"), "{ran:#?}");
    }
    let ran = score(&["--swap-size", "10/40", CELLS[0]]).ended(2);
    assert!(ran.err.contains("swap is not asked for"), "{ran:#?}");
}

#[test]
fn s_alone_runs_no_circles_and_has_the_same_value() {
    let archs = [&CELLS[..], &[CUT]].concat();
    let of = |proxies: &str| {
        let fixed = [&["--proxy", proxies, "--format", "csv"], &archs[..]].concat();
        score(&fixed).ended(0).rows()
    };
    let (beside, alone) = (of("dextr,s"), of("s"));
    for (beside, alone) in beside.iter().zip(&alone) {
        assert_eq!(alone["score"], beside["s"]);
        assert_eq!(alone["s"], beside["s"]);
        assert_eq!(alone["status"], beside["status"]);
        assert_eq!((alone["k"].as_str(), alone["curvature"].as_str()), ("", ""));
    }
    // With K beside it the circles are there.
    assert!(of("s,k")[0]["k"].parse::<f64>().is_ok());
}
