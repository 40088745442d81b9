//! The search by a surrogate, told accuracies that follow from the text: what is
//! asked for does not depend on workers or pauses, and over seeds it finds more
//! than random draws do.

use crate::random::{Stream, fnv1a};
use crate::run::Row;
use crate::search::{Candidate, Measure, Plan, Range, Search, Told, Wish};
use crate::sources::spaces::by_name;

fn plan(json: &str) -> Plan {
    let wish: Wish = serde_json::from_str(json).unwrap();
    let mut plan = wish.plan(Measure::default()).unwrap();
    if plan.space == "nasbench201" {
        let small = [("stem_width", "4"), ("cells", "1"), ("size", "8")];
        plan.options = small.map(|(n, v)| (n.to_owned(), v.to_owned())).into();
    }
    plan
}

fn cells(more: &str) -> Plan {
    let json = r#"{"space": "nasbench201", "strategy": "optiproxy", "preset": "light", "first": 6, "each": 4"#;
    plan(&format!("{json}{more}}}"))
}

/// What a cell comes to: the more convolutions, and the later, the better; a bit of
/// it is chance.
fn accuracy(arch: &str) -> f64 {
    let of = |(i, edge): (usize, &str)| match edge {
        _ if edge.contains("3x3") && edge.contains("conv") => 4.0 + i as f64 / 2.0,
        _ if edge.contains("conv") => 2.0,
        _ if edge.contains("skip") => 1.0 + i as f64 / 3.0,
        _ => 0.0,
    };
    let edges = arch.split(['|', '+']).filter(|e| !e.is_empty());
    let chance = fnv1a(arch.bytes()) % 100;
    40.0 + edges.enumerate().map(of).sum::<f64>() + chance as f64 / 100.0
}

/// The row of a candidate that a proxy ranks.
fn row(candidate: &Candidate) -> Row {
    Row {
        arch: candidate.arch.clone(),
        space: candidate.space.clone(),
        status: "ok".to_owned(),
        proxies: candidate.proxies.clone(),
        score: Some(accuracy(&candidate.arch) + (fnv1a(candidate.arch.bytes()) % 7) as f64),
        ..Row::default()
    }
}

fn tell(search: &mut Search, candidate: &Candidate) {
    if candidate.told {
        let told = search.tell_accuracy(&candidate.arch, accuracy(&candidate.arch));
        assert_eq!(told, Ok(Told::Asked));
    } else {
        assert_eq!(search.tell(candidate.step, &row(candidate)), Ok(true));
    }
}

/// Everything that is asked for; after `pause` results the state is written and
/// read back.
fn run(plan: &Plan, workers: usize, order: u64, pause: Option<u64>) -> (Vec<Candidate>, Search) {
    let mut search = Search::new(plan.clone()).unwrap();
    let mut stream = Stream::new(order, "order");
    let (mut asked, mut open) = (Vec::<Candidate>::new(), Vec::<Candidate>::new());
    while !search.progress().done {
        for next in search.ask(workers - open.len()).unwrap() {
            let place = usize::try_from(next.step).unwrap();
            if place == asked.len() {
                asked.push(next.clone());
            }
            assert_eq!(asked[place], next);
            open.push(next);
        }
        if open.is_empty() {
            continue;
        }
        let done = open.swap_remove(stream.below(open.len()));
        tell(&mut search, &done);
        if pause == Some(search.progress().told) {
            search = Search::resume(plan, &search.state()).unwrap();
            open.clear();
        }
    }
    (asked, search)
}

#[test]
fn it_asks_for_the_same_with_any_workers_and_pauses() {
    for warm in ["", r#", "warm": "params:9""#] {
        let plan = cells(&format!(r#", "candidates": 16{warm}"#));
        let (asked, end) = run(&plan, 1, 0, None);
        assert_eq!(asked.len() as u64, plan.total());
        let mut archs: Vec<&str> = asked
            .iter()
            .filter(|c| c.told)
            .map(|c| c.arch.as_str())
            .collect();
        assert_eq!(archs.len(), 16);
        archs.sort_unstable();
        archs.dedup();
        assert_eq!(archs.len(), 16);
        // Among labels, before and between rounds, and within one.
        for (workers, pause) in [
            (3, None),
            (1, Some(4)),
            (2, Some(9)),
            (1, Some(12)),
            (7, Some(15)),
        ] {
            let (others, other) = run(&plan, workers, 1, pause);
            assert_eq!(others, asked, "{workers} {pause:?}");
            assert_eq!(other.best(5), end.best(5));
            assert_eq!(other.data.strategy, end.data.strategy);
        }
        let other = Plan { seed: 1, ..plan };
        assert_ne!(run(&other, 1, 0, None).0, asked);
    }
}

#[test]
fn rounds_have_their_sizes_and_a_warm_start_its_labels() {
    let plan = cells(r#", "candidates": 11, "warm": "params:5", "seed": 2"#);
    let (asked, _) = run(&plan, 1, 0, None);
    let rounds: Vec<u64> = asked.iter().map(|c| c.round).collect();
    assert_eq!(rounds, [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3]);
    let (labels, others) = asked.split_at(5);
    assert!(
        labels
            .iter()
            .all(|c| !c.told && c.stage == 0 && c.proxies == "params")
    );
    assert!(others.iter().all(|c| c.told && c.stage == 1));
}

/// By distribution over seeds, never by value.
#[test]
fn it_finds_more_than_random_draws() {
    let mean = |plan: &dyn Fn(u64) -> Plan| {
        let best = (0..6).map(|seed| run(&plan(seed), 1, 0, None).1.best(1)[0].aim);
        best.sum::<f64>() / 6.0
    };
    let json = r#"{"space": "nasbench201", "candidates": 40, "aim": "accuracy"}"#;
    let random = mean(&|seed| Plan { seed, ..plan(json) });
    let cold = mean(&|seed| cells(&format!(r#", "candidates": 40, "seed": {seed}"#)));
    let warm = mean(&|seed| {
        cells(&format!(
            r#", "candidates": 20, "warm": "params:60", "seed": {seed}"#
        ))
    });
    assert!(cold > random + 1.0, "{cold} {random}");
    assert!(warm > random + 1.0, "{warm} {random}");
}

#[test]
fn every_encoded_space_is_searched() {
    for space in super::encoding::SPACES {
        let json = format!(
            r#"{{"space": "{space}", "strategy": "optiproxy", "preset": "light", "candidates": 9, "first": 5, "each": 2}}"#
        );
        let plan = plan(&json);
        let (asked, _) = run(&plan, 2, 3, Some(5));
        let canonical =
            |c: &Candidate| by_name(space).unwrap().canonical(&c.arch).unwrap() == c.arch;
        assert!(asked.len() == 9 && asked.iter().all(canonical));
    }
    let wish: Wish = serde_json::from_str(r#"{"space": "pit", "strategy": "optiproxy"}"#).unwrap();
    let error = Search::new(wish.plan(Measure::default()).unwrap()).unwrap_err();
    assert!(
        error.hint().contains("nasbench101, nasbench201, darts"),
        "{error}"
    );
}

#[test]
fn an_accuracy_that_was_not_asked_for_is_taken_and_not_asked_for_again() {
    let plan = cells(r#", "candidates": 30"#);
    let (asked, _) = run(&plan, 1, 0, None);
    let later = asked[8].arch.clone();
    let mut search = Search::new(plan.clone()).unwrap();
    for candidate in search.ask(6).unwrap() {
        tell(&mut search, &candidate);
    }
    // In another notation, before the second round.
    let digits = |arch: &str| {
        let code = super::encoding::of("nasbench201").unwrap();
        let code = code
            .read(by_name("nasbench201").unwrap(), arch)
            .unwrap()
            .unwrap();
        code.operations
            .iter()
            .map(|o| o.unwrap().to_string())
            .collect::<String>()
    };
    assert_eq!(
        search.tell_accuracy(&digits(&later), 97.5),
        Ok(Told::Unasked)
    );
    assert_eq!(search.tell_accuracy(&later, 97.5), Ok(Told::Again));
    assert!(search.best(9).iter().all(|entry| entry.aim < 97.0));
    let state = search.state();
    let mut others = Vec::new();
    while !search.progress().done {
        for candidate in search.ask(1).unwrap() {
            tell(&mut search, &candidate);
            others.push(candidate.arch);
        }
    }
    assert!(!others.contains(&later));
    assert_ne!(
        others[..4],
        asked[6..10]
            .iter()
            .map(|c| c.arch.clone())
            .collect::<Vec<_>>()
    );
    // It is learned from after a pause too.
    let mut search = Search::resume(&plan, &state).unwrap();
    let next: Vec<String> = search.ask(4).unwrap().into_iter().map(|c| c.arch).collect();
    assert_eq!(next, others[..4]);
}

#[test]
fn what_is_no_accuracy_is_refused_and_what_was_told_stays() {
    let mut search = Search::new(cells(r#", "candidates": 30"#)).unwrap();
    let asked = search.ask(20).unwrap();
    assert_eq!(asked.len(), 6);
    assert_eq!(search.waiting().count(), 6);
    let arch = asked[0].arch.as_str();
    let refused = |search: &mut Search, arch: &str, accuracy: f64, part: &str| {
        let before = search.state();
        let error = search.tell_accuracy(arch, accuracy).unwrap_err();
        assert!(
            error.to_string().contains(part) && !error.hint().is_empty(),
            "{error}"
        );
        assert_eq!(search.state(), before);
    };
    for wrong in [940.0, -0.1, f64::NAN, f64::INFINITY] {
        refused(&mut search, arch, wrong, "none is below 0 or above 100");
    }
    refused(&mut search, "|nor|", 50.0, "expected");
    assert_eq!(search.tell_accuracy(arch, 94.0), Ok(Told::Asked));
    assert_eq!(search.tell_accuracy(arch, 94.0), Ok(Told::Again));
    refused(&mut search, arch, 93.0, "was told as 94, and now as 93");
    assert!(!search.is_flat());
    assert_eq!(search.tell_accuracy(&asked[1].arch, 94.0), Ok(Told::Asked));
    assert!(search.is_flat());
    let error = search.tell(asked[2].step, &row(&asked[2])).unwrap_err();
    assert!(
        error.to_string().contains("waits for its accuracy"),
        "{error}"
    );
    assert_eq!(
        search.tell(asked[2].step, &row(&asked[2]).failed("too large")),
        Ok(true)
    );
    assert_eq!(search.waiting().count(), 3);

    let json = r#"{"space": "nasbench201", "candidates": 3, "aim": "accuracy"}"#;
    let mut random = Search::new(plan(json)).unwrap();
    let first = random.ask(1).unwrap();
    let other = by_name("nasbench201")
        .unwrap()
        .neighbours(&first[0].arch)
        .unwrap();
    refused(&mut random, &other[0], 50.0, "random learns nothing");
    assert_eq!(random.tell_accuracy(&first[0].arch, 50.0), Ok(Told::Asked));
    let mut measured = Search::new(plan(r#"{"space": "nasbench201"}"#)).unwrap();
    refused(&mut measured, arch, 50.0, "goes by dextr");
}

#[test]
fn equal_accuracies_end_nothing() {
    let mut search = Search::new(cells(r#", "candidates": 14"#)).unwrap();
    while !search.progress().done {
        for candidate in search.ask(4).unwrap() {
            search.tell_accuracy(&candidate.arch, 10.0).unwrap();
        }
    }
    assert!(search.is_flat() && search.progress().told == 14);
}

#[test]
fn candidates_are_within_limits_until_there_are_no_more() {
    let mut plan = cells(r#", "candidates": 60, "warm": "params:12""#);
    // At least five 3×3 convolutions: 25 cells.
    plan.limits.params = Range {
        least: Some(4_894 + 5 * 3_024),
        most: None,
    };
    let (asked, end) = run(&plan, 3, 0, None);
    let told = asked.iter().filter(|c| c.told).count();
    assert!((12..=25).contains(&told), "{told}");
    assert_eq!(end.progress().total, asked.len() as u64);
    let space = by_name("nasbench201").unwrap();
    for candidate in asked {
        let network = space
            .build(&candidate.arch, &plan.options())
            .unwrap()
            .network;
        assert!(network.params() >= 4_894 + 5 * 3_024);
    }
}

#[test]
fn a_state_with_another_surrogate_is_refused_where_it_is_used() {
    let plan = cells(r#", "candidates": 30"#);
    let mut search = Search::new(plan).unwrap();
    for candidate in search.ask(6).unwrap() {
        tell(&mut search, &candidate);
    }
    let state = search.state();
    let (before, numbers) = state.split_once(r#""numbers":""#).unwrap();
    let damaged = format!(r#"{before}"numbers":"{}"#, &numbers[8..]);
    let mut search = Search::from_state(&damaged).unwrap();
    let error = search.ask(1).unwrap_err();
    assert_eq!(error.code(), "bad-search");
    // Nothing is lost by it.
    assert_eq!((search.progress().told, search.best(9).len()), (6, 6));
    assert_eq!(search.ask(1).unwrap_err(), error);
}
