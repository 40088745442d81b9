//! Usage errors: status 2, before any work, with a hint.

use super::*;

#[test]
fn settings_that_make_no_sense_are_refused() {
    let cell = CELLS[0];
    let cases: &[(&[&str], &str)] = &[
        (&["--space", "nosuch", cell], "nasbench201"),
        (&[cell], "--space"),
        (&["--space", "nasbench201"], "no architecture"),
        (
            &["--space", "nasbench201", "--set", "nosuch=1", cell],
            "stem_width",
        ),
        (
            &["--space", "nasbench201", "--set", "cells=x", cell],
            "whole number",
        ),
        (
            &["--space", "nasbench201", "--set", "cells", cell],
            "name=value",
        ),
        (&["--space", "nasbench201", "--set", "size=1", cell], "size"),
        (&["--space", "nasbench201", "--seeds", "0", cell], "seeds"),
        (&["--space", "nasbench201", "--seed", "-1", cell], "seed"),
        (&["--space", "nasbench201", "--curves", "0", cell], "curves"),
        (
            &["--space", "nasbench201", "--threads", "0", cell],
            "threads",
        ),
        (
            &["--space", "nasbench201", "--protocol", "nosuch", cell],
            "refined",
        ),
        (
            &["--space", "nasbench201", "--observe", "nosuch", cell],
            "flow",
        ),
        (
            &["--space", "nasbench201", "--device", "nosuch", cell],
            "webgpu",
        ),
        (
            &[
                "--space",
                "nasbench201",
                "--protocol",
                "published",
                "--observe",
                "layers",
                cell,
            ],
            "every module",
        ),
        (
            &[
                "--space",
                "nasbench201",
                "--protocol",
                "published",
                "--curves",
                "2",
                cell,
            ],
            "one curve",
        ),
        (
            &[
                "--space",
                "nasbench201",
                "--format",
                "csv",
                "--details",
                cell,
            ],
            "json",
        ),
        (
            &[
                "--space",
                "nasbench201",
                "--format",
                "table",
                "--out",
                "x.csv",
                cell,
            ],
            "csv",
        ),
        (&["--space", "nasbench201", "--out", "x", cell], "--format"),
        (
            &["--space", "nasbench201", "--input", "/nosuch/file.csv"],
            "/nosuch/file.csv",
        ),
        (
            &[
                "--space",
                "nasbench201",
                "--image",
                "/nosuch/file.png",
                cell,
            ],
            "/nosuch/file.png",
        ),
        (
            &["--space", "nasbench201", "--where", "a=1", cell],
            "--where",
        ),
        (&["model.onnx", "cell"], "is no model file"),
        (
            &["--space", "nasbench201", "--input", "model.ONNX"],
            "a model is not a list",
        ),
    ];
    for (args, part) in cases {
        let ran = dextr(&[&["score"], *args].concat()).ended(2);
        assert!(ran.out.is_empty(), "{args:?}: {ran:#?}");
        assert!(ran.err.starts_with("error: "), "{args:?}: {ran:#?}");
        assert!(ran.err.contains(part), "{args:?}: {ran:#?}");
    }
}

#[test]
fn an_error_says_where_it_is_once_and_what_to_do() {
    let ran = score(&["--set", "cells=x", CELLS[0]]).ended(2);
    let lines: Vec<&str> = ran.err.lines().collect();
    let expected = [
        "error: option cells: 'x' does not fit",
        "  hint: give a whole number from 1 to 100",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn help_has_examples() {
    for command in ["score", "search", "export", "inspect", "correlate"] {
        let ran = dextr(&[command, "--help"]).ended(0);
        assert!(ran.out.contains("Example"), "{ran:#?}");
    }
    dextr(&["--version"]).ended(0);
    dextr(&[]).ended(2);
}
