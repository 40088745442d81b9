//! `dextr search --strategy projection`, and supernets as architectures.

use super::*;

/// A small supernet's projection; 31 candidates of some milliseconds.
fn projection(args: &[&str]) -> Ran {
    let fixed = ["search", "--device", "cpu", "--strategy", "projection"];
    let fixed = [&fixed[..], &SMALL[..], &["--curves", "1"]].concat();
    dextr(&[&fixed[..], args].concat())
}

#[test]
fn a_projection_tells_its_edges_and_is_the_same_on_any_number_of_threads() {
    let of = |threads: &str| {
        let args = ["--circles", "2", "--threads", threads, "--format", "csv"];
        projection(&args).ended(0)
    };
    let alone = of("1");
    let rows = without_seconds(alone.rows());
    assert_eq!(rows.len(), 6 * 5 * 2 + 1);
    assert_eq!(rows, without_seconds(of("5").rows()));
    // Both sets of circles of a variant, and all variants of an edge, see one image.
    assert_eq!(column(&rows[..4], "curve_seed"), ["0", "1", "0", "1"]);
    assert_eq!(rows[0]["arch"], rows[1]["arch"]);
    assert!(rows.iter().all(|row| row["image_seed"] == "0"));
    let decided: Vec<&str> = alone
        .err
        .lines()
        .filter(|l| l.contains(" stays, by "))
        .collect();
    assert_eq!(decided.len(), 6, "{}", alone.err);
    assert!(
        decided
            .iter()
            .all(|line| line.starts_with("cell ") && line.contains(" ± "))
    );
    // What stays on each edge is the cell that is found.
    let found = &rows[60]["arch"];
    for line in decided {
        let (edge, rest) = line["cell ".len()..].split_once(": ").unwrap();
        let (source, target) = edge.split_once('→').unwrap();
        let group = found
            .split('+')
            .nth(target.parse::<usize>().unwrap() - 1)
            .unwrap();
        let operation = rest.split_once(' ').unwrap().0;
        assert!(
            group.contains(&format!("|{operation}~{source}|")),
            "{line}: {found}"
        );
    }
    assert!(alone.err.contains("the best by dextr:"), "{}", alone.err);
}

#[test]
fn a_projection_cut_off_goes_on_to_the_same_rows() {
    let folder = Folder::new();
    let whole = folder.path("whole.csv");
    projection(&["--criterion", "s", "--out", &whole]).ended(0);
    let text = read(&whole);
    let ends: Vec<usize> = text.match_indices('\n').map(|(i, _)| i + 1).collect();
    for end in [ends[3], ends[5], ends[17] + 20, ends[30]] {
        let cut = folder.path(&format!("cut-{end}.csv"));
        std::fs::write(&cut, &text[..end]).unwrap();
        projection(&["--criterion", "s", "--out", &cut]).ended(0);
        let rows = without_seconds(csv_rows(&read(&cut)));
        assert_eq!(rows, without_seconds(csv_rows(&text)));
    }
    let other = projection(&["--criterion", "k", "--out", &whole]).ended(2);
    assert!(other.err.contains("proxies"), "{}", other.err);
}

#[test]
fn what_a_projection_cannot_heed_is_named() {
    for (args, parts) in [
        (&["--candidates", "5"][..], &["31"][..]),
        (&["--max-params", "1M"], &["limits"]),
        (&["--pool", "0"], &["pool"]),
        (&["--criterion", "dexter"], &["dexter"]),
        (&["--lag", "2"], &["lag", "evolution"]),
    ] {
        let ran = projection(args).ended(2);
        let named = parts.iter().all(|part| ran.err.contains(part));
        assert!(named && ran.out.is_empty(), "{args:?}: {}", ran.err);
    }
    let of = |args: &[&str]| {
        dextr(&[&["search", "--device", "cpu"], args].concat())
            .ended(2)
            .err
    };
    let without = of(&["--space", "pit", "--strategy", "projection"]);
    assert!(without.contains("pit has none"), "{without}");
    assert!(without.contains("nasbench201, darts"), "{without}");
    let pool = of(&["--space", "darts", "--pool", "2"]);
    assert!(pool.contains("projection"), "{pool}");
}

#[test]
fn a_supernet_is_scored_like_any_architecture() {
    let whole = "|*~0|+|*~0|*~1|+|*~0|*~1|*~2|";
    let partly = "|*-none~0|+|*~0|nor_conv_3x3/skip_connect~1|+|*~0|*~1|none~2|";
    let ran = score(&["--format", "csv", whole, partly]).ended(0);
    let rows = ran.rows();
    assert!(rows.iter().all(|row| row["status"] == "ok"));
    assert_eq!(
        rows[1]["arch"],
        partly.replace("nor_conv_3x3/skip_connect", "skip_connect/nor_conv_3x3")
    );
    let wrong = score(&["|*~0|+|*-non~0|*~1|+|*~0|*~1|*~2|"]);
    assert!(
        wrong.err.contains("none") || wrong.out.contains("none"),
        "{} {}",
        wrong.err,
        wrong.out
    );
}
