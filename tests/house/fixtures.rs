//! Small houses: the checks fail where they have to, and only there.

use crate::{Files, check};

const TABLE: &str = "
| room | where | what it is | may use |
|---|---|---|---|
| base | `src/base.rs` | | nothing |
| low | `src/low/` | | base |
| high | `src/high/` | | low, base, `burn` |
| root | `src/lib.rs` | | all |
| ui | `www/ui/` | | nothing |
| page | `www/page/` | | ui |
";

/// What is wrong with a sound house, in which these files are put.
fn found(sources: &[(&str, &str)]) -> Vec<String> {
    let sound = [
        ("src/lib.rs", "mod base; mod low; pub mod high;"),
        ("src/base.rs", "pub struct Error;"),
        ("src/low/mod.rs", "mod graph; pub use graph::Graph;"),
        (
            "src/low/graph.rs",
            "use crate::base::Error; pub struct Graph(Error);",
        ),
        (
            "src/high/mod.rs",
            "mod run; mod walk; pub use run::run; pub use walk::walk;",
        ),
        (
            "src/high/run.rs",
            "use crate::low::Graph; use burn::Tensor; pub fn run(graph: Graph) {}",
        ),
        ("src/high/walk.rs", "pub fn walk() {}"),
        ("www/ui/dom.js", "export const h = 1;"),
        ("www/page/main.js", "import { h } from '../ui/dom.js';"),
    ];
    let files = sound.iter().chain(sources);
    let files: Files = files
        .map(|&(path, text)| (path.to_owned(), text.to_owned()))
        .collect();
    check(&files, TABLE)
}

/// The one thing that is wrong.
fn only(sources: &[(&str, &str)]) -> String {
    let found = found(sources);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.concat()
}

/// The one arrow that is wrong; circles may come with it.
fn arrow(sources: &[(&str, &str)]) -> String {
    let mut found = found(sources);
    found.retain(|wrong| !wrong.starts_with("a circle"));
    assert_eq!(found.len(), 1, "{found:#?}");
    found.concat()
}

#[test]
fn a_sound_house_is_left_alone() {
    assert_eq!(found(&[]), Vec::<String>::new());
}

#[test]
fn an_arrow_back_is_named_with_its_line() {
    let cases = [
        ("\nuse crate::high::walk;\npub struct Graph;", 2),
        (
            "use crate::{base::Error,\n    high::{walk as go}};\npub struct Graph;",
            2,
        ),
        ("pub struct Graph;\nfn f() {\n    crate::high::walk()\n}", 3),
        (
            "pub struct Graph;\nfn f() { format!(\"{}\",\n crate::high::walk()) }",
            3,
        ),
        (
            "pub struct Graph;\nimpl Graph { fn f() { use super::super::high::*; walk() } }",
            2,
        ),
        (
            "#[cfg(not(test))]\nuse crate::high::walk;\npub struct Graph;",
            2,
        ),
        (
            "pub struct Graph;\nconst A: [u8; 2] = { const fn f() {} [1; 2] };\npub use crate::high::walk;",
            3,
        ),
    ];
    for (text, line) in cases {
        let wrong = arrow(&[("src/low/graph.rs", text)]);
        let start = format!("src/low/graph.rs:{line}: the arrow low → high (");
        assert!(wrong.starts_with(&start), "{text}: {wrong}");
    }
}

#[test]
fn comments_strings_and_tests_are_no_arrows() {
    let quiet = [
        "// use crate::high::walk;\n/* /* */ use crate::high::walk; */\npub struct Graph;",
        "/// See [`crate::high::walk`].\npub struct Graph;",
        "pub struct Graph; const A: &str = \"use crate::high::walk;\"; const B: &str = r#\"\"use crate::high::walk;\"#;",
        "pub struct Graph<'a>(&'a str); const A: char = '\"'; const B: char = '\\''; // \" crate::high::walk",
        "pub struct Graph;\n#[cfg(test)]\nmod tests { use crate::high::walk; #[test] fn f() { walk() } }",
        "pub struct Graph;\n#[cfg(test)]\nuse crate::high::walk;",
        "pub struct Graph { pub(in crate::high) a: u8 }",
    ];
    for text in quiet {
        assert_eq!(
            found(&[("src/low/graph.rs", text)]),
            Vec::<String>::new(),
            "{text}"
        );
    }
    let tests = [
        (
            "src/low/graph.rs",
            "pub struct Graph;\n#[cfg(test)]\nmod tests;",
        ),
        (
            "src/low/graph/tests.rs",
            "mod cases; use crate::high::walk;",
        ),
        ("src/low/graph/tests/cases.rs", "use crate::high::walk;"),
    ];
    assert_eq!(found(&tests), Vec::<String>::new());
}

#[test]
fn a_crate_that_one_room_may_use_is_closed_to_the_others() {
    let wrong = only(&[("src/low/graph.rs", "use burn::Tensor;\npub struct Graph;")]);
    assert_eq!(
        wrong,
        "src/low/graph.rs:1: the arrow low → burn (burn::Tensor) is not in the table"
    );
}

#[test]
fn circles_are_found_through_re_exports() {
    let wrong = only(&[
        (
            "src/low/mod.rs",
            "mod graph; mod node; mod list; pub use graph::Graph; pub use node::Node; use list::List;",
        ),
        (
            "src/low/graph.rs",
            "use super::Node; pub struct Graph(Node);",
        ),
        ("src/low/node.rs", "pub struct Node(super::list::List);"),
        ("src/low/list.rs", "pub struct List(crate::low::Graph);"),
    ]);
    assert!(wrong.starts_with("a circle of files: \n    src/low/graph.rs → src/low/node.rs (src/low/graph.rs:1: super::Node)"), "{wrong}");
}

#[test]
fn a_parent_and_its_child_are_no_circle() {
    let sources = [
        (
            "src/low/mod.rs",
            "mod graph; mod node; pub use graph::Graph; pub enum Kind {} fn f() { graph::g(); node::n() }",
        ),
        (
            "src/low/graph.rs",
            "use super::Kind; use super::node::Node; pub struct Graph(Kind, Node); pub fn g() {}",
        ),
        (
            "src/low/node.rs",
            "use super::Kind; pub struct Node(Kind); pub fn n() {}",
        ),
    ];
    assert_eq!(found(&sources), Vec::<String>::new());
}

#[test]
fn a_parent_does_not_hide_a_circle() {
    let wrong = found(&[
        (
            "src/low/mod.rs",
            "mod graph; mod fold; pub use graph::Graph; pub use fold::Fold;",
        ),
        (
            "src/low/graph.rs",
            "mod shape; pub struct Graph; fn f() { shape::f() }",
        ),
        (
            "src/low/graph/shape.rs",
            "pub fn f() { super::super::fold::g() }",
        ),
        (
            "src/low/fold.rs",
            "mod sum; pub struct Fold; pub fn g() { sum::f() }",
        ),
        (
            "src/low/fold/sum.rs",
            "pub fn f() -> crate::low::Graph { super::super::graph::Graph }",
        ),
    ]);
    assert_eq!(wrong.len(), 1, "{wrong:#?}");
    assert!(wrong[0].starts_with("a circle of files: "), "{wrong:#?}");
}

#[test]
fn rooms_are_those_of_the_table() {
    let stray = only(&[("src/low/old.rs", "")]);
    assert_eq!(stray, "src/low/old.rs is named by no mod");
    let room = only(&[
        ("src/lib.rs", "mod base; mod low; pub mod high; mod more;"),
        ("src/more.rs", ""),
    ]);
    assert_eq!(room, "src/more.rs lies in no room of the table");
    let files = Files::from([("src/lib.rs".to_owned(), String::new())]);
    let wrong = check(
        &files,
        "| room | where | may use |\n|---|---|---|\n| low | `src/low/` | high |\n| high | `src/lib.rs` | nothing |",
    );
    assert_eq!(
        wrong,
        [
            "the table lets low use high, which is no room of a row above it",
            "the table names src/low/, which is not there",
        ]
    );
}

#[test]
fn javascript_is_read_too() {
    let arrows = [
        ("\nimport { a } from '../page/main.js';", 2),
        ("import {\n  a,\n} from \"../page/main.js\";", 3),
        ("import '../page/main.js';", 1),
        ("export * from '../page/main.js';", 1),
        (
            "const a = `${`'`} it's`;\nconst page = await import('../page/main.js');",
            2,
        ),
        (
            "const a = /[/'\"`]/;\nnew Worker(new URL('../page/main.js', import.meta.url));",
            2,
        ),
    ];
    for (text, line) in arrows {
        let wrong = arrow(&[("www/ui/dom.js", text), ("www/page/main.js", "")]);
        let start = format!("www/ui/dom.js:{line}: the arrow ui → page (../page/main.js)");
        assert!(wrong.starts_with(&start), "{text}: {wrong}");
    }
    let quiet = "/** @type {import('../page/main.js').Page} */\n// import '../page/main.js'\nconst a = \"import '../page/main.js'\"; fetch(new URL('../page/x.wasm', import.meta.url)); Array.from('../page/main.js');";
    assert_eq!(found(&[("www/ui/dom.js", quiet)]), Vec::<String>::new());
}

#[test]
fn circles_of_javascript_folders_are_found() {
    let wrong = only(&[
        (
            "www/page/list/grid.js",
            "import '../plot/axis.js'; import '../dom.js';",
        ),
        ("www/page/plot/axis.js", "export const axis = 1;"),
        ("www/page/plot/plot.js", "import '../list/row.js';"),
        ("www/page/list/row.js", ""),
        ("www/page/dom.js", ""),
        (
            "www/page/main.js",
            "import './list/grid.js'; import './plot/plot.js';",
        ),
    ]);
    assert!(wrong.starts_with("a circle of folders: \n    www/page/list → www/page/plot (www/page/list/grid.js:1: ../plot/axis.js)"), "{wrong}");
}
