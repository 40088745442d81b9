//! Projections by numbers that follow from the text: what is asked for, what is
//! decided, and that neither workers nor pauses change it.

use crate::random::{Stream, fnv1a};
use crate::run::Row;
use crate::search::{Candidate, Measure, Plan, Search, Wish};

fn plan(json: &str) -> Plan {
    let wish: Wish = serde_json::from_str(json).unwrap();
    wish.plan(Measure::default()).unwrap()
}

/// A made-up value; now and then none.
fn value(candidate: &Candidate) -> Option<f64> {
    let text = format!("{} {}", candidate.arch, candidate.circle);
    let hash = fnv1a(text.bytes());
    (hash % 97 > 0).then_some((hash % 1009) as f64)
}

fn row(candidate: &Candidate) -> Row {
    let row = Row {
        arch: candidate.arch.clone(),
        space: candidate.space.clone(),
        status: "ok".to_owned(),
        proxies: candidate.proxies.clone(),
        score: value(candidate),
        ..Row::default()
    };
    match value(candidate) {
        Some(_) => row,
        None => row.failed("broken"),
    }
}

fn run(plan: &Plan, workers: usize, pause: Option<u64>) -> (Vec<Candidate>, Search) {
    let mut search = Search::new(plan.clone()).unwrap();
    let mut stream = Stream::new(workers as u64, "order");
    let (mut asked, mut under_way): (Vec<Candidate>, Vec<Candidate>) = (Vec::new(), Vec::new());
    while !search.progress().done {
        let more = search.ask(workers - under_way.len()).unwrap();
        asked.extend(
            more.iter()
                .filter(|c| c.step >= asked.len() as u64)
                .cloned()
                .collect::<Vec<_>>(),
        );
        under_way.extend(more);
        let done = under_way.swap_remove(stream.below(under_way.len()));
        search.tell(done.step, &row(&done)).unwrap();
        if pause == Some(search.progress().told) {
            search = Search::resume(plan, &search.state()).unwrap();
            under_way.clear();
        }
    }
    (asked, search)
}

#[test]
fn a_projection_is_the_same_with_any_workers_and_pauses() {
    let json = r#"{"space": "nasbench201", "strategy": "projection", "pool": 3, "circles": 2}"#;
    let plan = plan(json);
    let (asked, end) = run(&plan, 1, None);
    assert_eq!(asked.len() as u64, end.progress().total);
    for (pause, workers) in (1..asked.len() as u64)
        .step_by(17)
        .zip([1, 2, 7].into_iter().cycle())
    {
        let (others, other) = run(&plan, workers, Some(pause));
        assert!(asked == others, "{pause}");
        assert_eq!(end.best(9), other.best(9));
        assert_eq!(end.decisions(), other.decisions());
    }
    let other = Plan { seed: 1, ..plan };
    assert_ne!(asked, run(&other, 1, None).0);
}

#[test]
fn the_operation_stays_whose_absence_is_worth_least_over_all_circles() {
    let json = r#"{"space": "nasbench201", "strategy": "projection", "circles": 2}"#;
    let (asked, end) = run(&plan(json), 3, None);
    let decisions = end.decisions();
    assert_eq!(decisions.len(), 6);
    let mut chosen = Vec::new();
    for (i, decision) in decisions.iter().enumerate() {
        let round = &asked[10 * i..10 * (i + 1)];
        let means = round.chunks(2).map(|pair| {
            assert_eq!(
                (&pair[0].arch, pair[0].circle, pair[1].circle),
                (&pair[1].arch, 0, 1)
            );
            Some(f64::midpoint(value(&pair[0])?, value(&pair[1])?))
        });
        let means: Vec<Option<f64>> = means.collect();
        assert_eq!(decision.values, means);
        let least = means
            .iter()
            .flatten()
            .copied()
            .fold(f64::INFINITY, f64::min);
        let place = decision.chosen.unwrap();
        assert_eq!(means[place], Some(least));
        assert!(decision.margin.unwrap() >= 0.0 && decision.error.is_some());
        chosen.push((
            decision.source.unwrap(),
            decision.target,
            decision.without[place].clone(),
        ));
    }
    let cell = &end.best(1)[0].arch;
    for (source, target, operation) in chosen {
        let group = cell.split('+').nth(target - 1).unwrap();
        assert!(group.contains(&format!("{operation}~{source}")), "{cell}");
    }
}

#[test]
fn two_edges_a_node_are_left_and_the_best_of_a_pool_wins() {
    let json = r#"{"space": "darts", "strategy": "projection", "pool": 4, "criterion": "s"}"#;
    let (asked, end) = run(&plan(json), 5, None);
    let found: Vec<&Candidate> = asked
        .iter()
        .filter(|c| c.arch.starts_with("Genotype("))
        .collect();
    assert_eq!(found.len(), 4);
    let best = found.iter().filter_map(|c| value(c)).fold(0.0, f64::max);
    assert_eq!(end.best(1)[0].aim, best);
    let proxies = |stage: usize| {
        asked
            .iter()
            .find(|c| c.stage == stage)
            .unwrap()
            .proxies
            .clone()
    };
    assert_eq!([0, 1, 2].map(proxies), ["s", "naswot", "dextr"]);
    let of_first = end.decisions().into_iter().filter(|d| d.network == 0);
    let (edges, drops): (Vec<_>, Vec<_>) = of_first.partition(|d| d.source.is_some());
    assert_eq!((edges.len(), drops.len()), (28, 12));
    // Cells take turns.
    assert!(
        edges
            .chunks(2)
            .all(|pair| pair[0].group == "normal" && pair[1].group == "reduce")
    );
    for drop in drops {
        let most = drop.values.iter().flatten().copied().fold(0.0, f64::max);
        assert_eq!(drop.values[drop.chosen.unwrap()], Some(most));
    }
}

#[test]
fn what_decides_nothing_ends_it_and_a_state_of_another_is_refused() {
    let plan = plan(r#"{"space": "nasbench201", "strategy": "projection"}"#);
    let mut search = Search::new(plan.clone()).unwrap();
    for candidate in search.ask(5).unwrap() {
        let failed = row(&candidate).failed("broken");
        search.tell(candidate.step, &failed).unwrap();
    }
    let before = search.progress().told;
    let error = search.ask(1).unwrap_err();
    assert!(error.to_string().contains("no variant of"), "{error}");
    assert_eq!(search.progress().told, before);
    let state = Search::new(plan.clone()).unwrap().state();
    let broken = state.replace("\"pool\":1", "\"pool\":2");
    assert!(Search::from_state(&broken).is_err());
    let mut search = Search::new(plan).unwrap();
    search.ask(1).unwrap();
    let broken = search.state().replace("|*~0|+|", "|*~0|?|");
    let mut broken = Search::from_state(&broken).unwrap();
    let asked = broken.ask(9).unwrap();
    for candidate in asked.into_iter().take(5) {
        broken.tell(candidate.step, &row(&candidate)).unwrap();
    }
    assert!(broken.ask(1).is_err());
}
