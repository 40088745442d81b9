//! Networks of token ids on the command line.

use super::*;

const ARCH: &str =
    r#"{"hidden_size": 128, "layers": [["SA", "SDP", 2, 512, 1], ["LT", "DFT", 2, 512, 1]]}"#;

fn score_ids(ids: &str, more: &[&str]) -> Ran {
    let args = ["score", ARCH, "--space", "flexibert", "--device", "cpu"];
    dextr(&[&args[..], &["--format", "csv", "--ids", ids], more].concat())
}

#[test]
fn ids_are_a_row_s_image_and_its_length() {
    let row = &score_ids("[101, 7592, 102]", &[]).ended(0).rows()[0];
    assert!(row["image"].starts_with("ids:"), "{}", row["image"]);
    assert!(row["options"].contains("length=3"), "{}", row["options"]);
    let folder = Folder::new();
    let file = folder.file("ids.txt", "101\n7592\n102\n");
    let same = &score_ids(&file, &[]).ended(0).rows()[0];
    for name in ["score", "s", "image", "options"] {
        assert_eq!(row[name], same[name], "{name}");
    }
    let other = &score_ids("101 7593 102", &[]).ended(0).rows()[0];
    assert_ne!(row["image"], other["image"]);
    assert_ne!(row["s"], other["s"]);
}

#[test]
fn ids_that_do_not_fit_are_named() {
    for (ids, more, said) in [
        ("1 2 30522", &[][..], "the id 30522 of token 2"),
        ("1 2 3", &["--set", "length=5"], "3 token ids are given"),
    ] {
        let row = &score_ids(ids, more).ended(1).rows()[0];
        assert!(row["message"].contains(said), "{}", row["message"]);
    }
    for (ids, said) in [
        ("", "0 token ids"),
        ("1 -2", "'-2' is no token id"),
        ("nowhere.txt", "cannot read nowhere.txt"),
    ] {
        let ran = score_ids(ids, &[]).ended(2);
        assert!(ran.err.contains(said), "{}", ran.err);
    }
    let image = score(&[CELLS[0], "--format", "csv", "--ids", "1 2"]).ended(1);
    let row = &image.rows()[0];
    assert!(row["message"].contains("takes none"), "{}", row["message"]);
}

#[test]
fn what_ends_in_a_norm_has_no_gradient_and_says_so() {
    let ran = score_ids("1 2 3 4", &["--proxy", "s,grad_norm,zerolm"]).ended(0);
    let row = &ran.rows()[0];
    assert_eq!(row["status"], "ok");
    assert_eq!(row["grad_norm"], "");
    assert!(
        row["message"].contains("ends in a norm"),
        "{}",
        row["message"]
    );
    // Two layers: an attention's four matrices and a transform's one, h × h, count
    // a quarter each; two feed-forward pairs of 128 and 512.
    let right = 0.25 * 5.0 + 4.0 * 2.0 * 512.0 / 640.0;
    let found: f64 = row["zerolm"].parse().unwrap();
    assert!((found - right).abs() < 1e-9, "{found} for {right}");
}
