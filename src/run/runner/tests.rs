//! The order of jobs and results.

use super::*;
use proptest::prelude::*;

/// Keys of one letter; what is upper-case cannot be worked out.
fn runner(candidates: &str) -> Runner<char, String> {
    Runner::new(candidates.chars().map(|c| match c.is_uppercase() {
        true => Err(c.to_string()),
        false => Ok(c),
    }))
}

fn keys(jobs: &[Job<char>]) -> String {
    jobs.iter().map(|job| job.key).collect()
}

fn done(key: char) -> Told<String> {
    Told::Done(key.to_string())
}

fn texts(ready: &[(usize, String)]) -> String {
    ready.iter().map(|(_, text)| text.as_str()).collect()
}

#[test]
fn equal_candidates_are_one_job_and_results_keep_the_order() {
    let mut runner = runner("XabYac");
    assert_eq!(texts(&runner.ready()), "X");
    let jobs = runner.ask(10);
    assert_eq!((keys(&jobs), runner.total()), ("abc".to_owned(), 3));
    assert!(runner.tell(jobs[2].index, done('c')));
    assert!(runner.ready().is_empty());
    assert!(runner.tell(jobs[0].index, done('a')));
    assert_eq!(texts(&runner.ready()), "a");
    assert!(runner.ask(10).is_empty());
    assert!(runner.tell(jobs[1].index, done('b')));
    let last: Vec<usize> = runner.ready().iter().map(|(i, _)| *i).collect();
    assert_eq!(last, [2, 3, 4, 5]);
    assert!(runner.is_done());
}

#[test]
fn what_breaks_is_tried_again_once_and_alone() {
    let mut runner = runner("abc");
    let jobs = runner.ask(2);
    // Both go down together; the second was not its own fault.
    assert!(!runner.tell(jobs[0].index, Told::Broke("?".to_owned())));
    assert!(runner.ask(2).is_empty(), "its neighbour is under way");
    assert!(!runner.tell(jobs[1].index, Told::Broke("?".to_owned())));
    let again = runner.ask(2);
    assert_eq!(keys(&again), "a");
    assert!(runner.ask(2).is_empty(), "it is alone");
    assert!(runner.tell(again[0].index, Told::Broke("!".to_owned())));
    let again = runner.ask(2);
    assert_eq!(keys(&again), "b");
    assert!(runner.tell(again[0].index, done('b')));
    assert_eq!(keys(&runner.ask(2)), "c");
    assert_eq!(texts(&runner.ready()), "!b");
    // What is told twice, or was never asked for, changes nothing.
    assert!(!runner.tell(again[0].index, done('x')) && !runner.tell(9, done('x')));
}

/// The lists that the package runs too (`tests/node`).
#[test]
fn lists_are_as_the_package_runs_them() {
    #[derive(serde::Deserialize)]
    struct List {
        candidates: Vec<String>,
        computed: Vec<String>,
        rows: Vec<String>,
    }
    let lists: Vec<List> = serde_json::from_str(include_str!("../../../tests/lists.json")).unwrap();
    for list in lists {
        let mut runner = Runner::new(list.candidates.iter().map(|c| match c.starts_with('?') {
            true => Err("error".to_owned()),
            false => Ok(c.to_lowercase()),
        }));
        let jobs = runner.ask(usize::MAX);
        let mut rows = runner.ready();
        for job in jobs.iter().rev() {
            assert!(runner.tell(job.index, Told::Done(job.key.clone())));
            rows.extend(runner.ready());
        }
        let keys: Vec<&str> = jobs.iter().map(|job| job.key.as_str()).collect();
        assert_eq!(keys, list.computed);
        assert!(rows.iter().map(|(i, _)| *i).eq(0..list.rows.len()));
        assert!(rows.iter().map(|(_, row)| row).eq(&list.rows) && runner.is_done());
    }
}

#[test]
fn more_candidates_come_after_the_others() {
    let mut runner = runner("a");
    let first = runner.ask(1);
    runner.extend([Ok('a'), Ok('b')]);
    assert_eq!(keys(&runner.ask(2)), "b");
    runner.tell(first[0].index, done('a'));
    assert_eq!(texts(&runner.ready()), "aa");
    // What was handed out is not kept.
    runner.extend([Ok('a')]);
    assert_eq!(keys(&runner.ask(2)), "a");
}

proptest! {
    #[test]
    fn any_order_of_answers_gives_every_result_once_and_in_order(
        candidates in "[a-eX]{0,12}",
        choices in prop::collection::vec((0..4usize, any::<bool>()), 200),
    ) {
        let mut runner = runner(&candidates);
        let (mut under_way, mut results) = (Vec::new(), String::new());
        for (pick, breaks) in choices {
            results += &texts(&runner.ready());
            under_way.extend(runner.ask(3 - under_way.len()));
            if under_way.is_empty() {
                break;
            }
            let job: Job<char> = under_way.remove(pick % under_way.len());
            let result = job.key.to_string();
            let told = if breaks { Told::Broke(result) } else { Told::Done(result) };
            runner.tell(job.index, told);
        }
        prop_assert!(runner.is_done());
        prop_assert_eq!(results, candidates);
    }
}

#[test]
fn what_is_stopped_begins_nothing_more_and_ends_with_what_is_under_way() {
    let mut runner = runner("abXcd");
    let jobs = runner.ask(2);
    runner.stop();
    assert!(runner.ask(9).is_empty());
    assert!(runner.tell(jobs[1].index, done('b')));
    assert!(runner.ready().is_empty() && !runner.is_done());
    assert!(runner.tell(jobs[0].index, done('a')));
    // What there was nothing to work out for is told too, up to the gap.
    assert_eq!(texts(&runner.ready()), "abX");
    assert!(runner.is_done());
}

#[test]
fn what_broke_is_not_tried_again_once_it_is_stopped() {
    let mut runner = runner("ab");
    let jobs = runner.ask(2);
    assert!(!runner.tell(jobs[0].index, Told::Broke("?".to_owned())));
    runner.stop();
    assert!(runner.is_done() && runner.ask(9).is_empty());
    assert!(runner.tell(jobs[1].index, done('b')));
    assert!(runner.ready().is_empty());
}
