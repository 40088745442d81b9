//! Searches by numbers that follow from the text, so that thousands of
//! candidates take no time: the order of asking and telling is what is tested.

use super::*;
use crate::random::{Stream, fnv1a};
use crate::run::Row;

/// A plan on small cells.
fn plan(strategy: Strategy, candidates: u64) -> Plan {
    let small = [("stem_width", "4"), ("cells", "1"), ("size", "8")];
    let small = small.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Plan {
        space: "nasbench201".to_owned(),
        options: small.into(),
        strategy,
        candidates,
        seed: 3,
        limits: Limits::default(),
        aim: "params".parse().unwrap(),
        against: Some(Size::Macs),
        also: String::new(),
        measure: Measure::default(),
    }
}

fn strategies() -> [Strategy; 4] {
    let cascade = ["naswot:20", "-params:7", "params"];
    let cascade = cascade.map(|stage| stage.parse().unwrap());
    [
        Strategy::Random,
        Strategy::Evolution {
            population: 12,
            sample: 4,
            lag: 3,
        },
        Strategy::Local { starts: 3 },
        Strategy::Cascade {
            stages: cascade.to_vec(),
        },
    ]
}

/// A row with made-up numbers; now and then one with an error.
fn row(candidate: &Candidate) -> Row {
    let hash = fnv1a(candidate.arch.bytes());
    let row = Row {
        arch: candidate.arch.clone(),
        space: candidate.space.clone(),
        status: "ok".to_owned(),
        proxies: candidate.proxies.clone(),
        score: Some((hash % 1009) as f64 / 7.0),
        params: Some(hash % 1009),
        macs: Some(hash / 1009 % 101),
        ..Row::default()
    };
    match hash % 29 {
        0 => row.failed("broken"),
        _ => row,
    }
}

/// Everything that a search asks for, with its end; at most `workers` are under
/// way, and which is done first is drawn. After `pause` rows its state is
/// written and read back.
fn run(plan: &Plan, workers: usize, order: u64, pause: Option<u64>) -> (Vec<Candidate>, Search) {
    let mut search = Search::new(plan.clone()).unwrap();
    let mut stream = Stream::new(order, "order");
    let mut asked: Vec<Candidate> = Vec::new();
    let mut under_way: Vec<Candidate> = Vec::new();
    while !search.progress().done {
        for next in search.ask(workers - under_way.len()).unwrap() {
            let place = usize::try_from(next.step).unwrap();
            if place == asked.len() {
                asked.push(next.clone());
            }
            assert_eq!(asked[place], next);
            under_way.push(next);
        }
        if under_way.is_empty() {
            continue;
        }
        let done = under_way.swap_remove(stream.below(under_way.len()));
        assert!(search.tell(done.step, &row(&done)).unwrap());
        if pause == Some(search.progress().told) {
            // What is under way is lost, and asked for again.
            search = Search::resume(plan, &search.state()).unwrap();
            under_way.clear();
        }
    }
    (asked, search)
}

#[test]
fn a_search_is_the_same_on_any_number_of_workers() {
    for strategy in strategies() {
        let plan = plan(strategy, 90);
        let (asked, end) = run(&plan, 1, 0, None);
        assert_eq!(asked.len() as u64, end.plan().total());
        for (workers, order) in [(2, 1), (5, 2), (5, 3), (64, 4)] {
            let (others, other) = run(&plan, workers, order, None);
            assert_eq!(asked, others, "{workers} {:?}", plan.strategy);
            assert_eq!(end.data.best, other.data.best);
            assert_eq!(end.progress(), other.progress());
        }
        let other = Plan { seed: 4, ..plan };
        assert_ne!(asked, run(&other, 1, 0, None).0);
    }
}

#[test]
fn a_search_that_is_stopped_anywhere_goes_on_as_if_it_had_not_been() {
    for strategy in strategies() {
        let plan = plan(strategy, 60);
        let (asked, end) = run(&plan, 1, 0, None);
        for pause in 1..=plan.total() {
            for workers in [1, 2, 5] {
                let (others, other) = run(&plan, workers, pause, Some(pause));
                assert_eq!(asked, others, "{workers} {pause} {:?}", plan.strategy);
                assert_eq!(end.data.best, other.data.best);
            }
        }
    }
}

#[test]
fn each_architecture_is_asked_for_once_but_in_another_stage() {
    for strategy in strategies() {
        let (asked, _) = run(&plan(strategy, 150), 4, 0, None);
        let mut all: Vec<_> = asked.iter().map(|c| (&c.arch, c.stage)).collect();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), asked.len());
    }
}

#[test]
fn a_cascade_keeps_the_best_of_each_stage() {
    let [.., cascade] = strategies();
    let (asked, end) = run(&plan(cascade, 60), 3, 0, None);
    assert_eq!(asked.len(), 60 + 20 + 7);
    let of = |stage| asked.iter().filter(move |c| c.stage == stage);
    // The values by which one stage ranks the candidates of another, best first.
    let ranked = |by: usize, stage: usize| {
        let measured = |c: &Candidate| Candidate {
            proxies: end.plan().proxies(by).unwrap(),
            ..c.clone()
        };
        let values = of(stage).filter_map(|c| end.aim(by, &row(&measured(c))));
        let mut values: Vec<f64> = values.collect();
        values.sort_by(|a, b| b.total_cmp(a));
        values
    };
    let values = |stage: usize| ranked(stage, stage);
    let again = ranked;
    assert_eq!(again(0, 1), values(0)[..20]);
    assert_eq!(again(1, 2), values(1)[..7]);
    assert!(of(0).all(|c| c.proxies == "naswot") && of(2).all(|c| c.proxies == "params"));
    // Candidates of the first stages are none of the search's best.
    assert_eq!(end.best(100).len(), values(2).len());
    assert_eq!(end.best(1)[0].aim, values(2)[0]);
    assert_eq!(end.plan().all_proxies().unwrap(), "params,naswot");
}

#[test]
fn evolution_and_local_search_find_larger_networks_than_random_search() {
    // True sizes, so that neighbours are alike.
    let found = |strategy: Strategy| {
        let mut search = Search::new(plan(strategy, 150)).unwrap();
        let space = crate::sources::spaces::by_name("nasbench201").unwrap();
        while !search.progress().done {
            for next in search.ask(4).unwrap() {
                let built = space.build(&next.arch, &search.plan().options()).unwrap();
                let row = Row {
                    params: Some(built.network.params()),
                    macs: Some(built.network.macs()),
                    ..row(&next)
                };
                let row = Row {
                    status: "ok".to_owned(),
                    score: row.params.map(|n| n as f64),
                    ..row
                };
                search.tell(next.step, &row).unwrap();
            }
        }
        let front = search.front();
        assert!(front.is_sorted_by(|a, b| a.macs < b.macs && a.aim < b.aim));
        search.best(1)[0].params
    };
    let [random, evolution, local, _] = strategies().map(|strategy| match strategy {
        Strategy::Cascade { .. } => 0,
        other => found(other),
    });
    assert!(
        evolution > random && local > random,
        "{random} {evolution} {local}"
    );
}

#[test]
fn candidates_are_within_the_limits() {
    for strategy in strategies() {
        let mut plan = plan(strategy, 40);
        plan.limits.params = Range {
            least: Some(6_000),
            most: Some(12_000),
        };
        plan.limits.macs.most = Some(80_000);
        let (asked, _) = run(&plan, 2, 0, None);
        let space = crate::sources::spaces::by_name(&plan.space).unwrap();
        for candidate in asked {
            let network = space
                .build(&candidate.arch, &plan.options())
                .unwrap()
                .network;
            assert!(
                (6_000..=12_000).contains(&network.params()),
                "{}",
                network.params()
            );
            assert!(network.macs() <= 80_000, "{}", network.macs());
        }
    }
}

#[test]
fn a_space_that_is_used_up_ends_the_search() {
    for strategy in strategies() {
        let mut plan = plan(strategy, 5_000);
        // At least five 3×3 convolutions: 25 cells.
        plan.limits.params.least = Some(4_894 + 5 * 3_024);
        let (asked, end) = run(&plan, 3, 0, None);
        let progress = end.progress();
        assert!((15..=25).contains(&asked.iter().filter(|c| c.stage == 0).count()));
        assert_eq!(progress.total, asked.len() as u64);
        assert_eq!(progress.told, progress.total);
    }
}

#[test]
fn limits_that_nothing_meets_name_the_nearest_sizes() {
    let mut plan = plan(Strategy::Random, 5);
    plan.limits.params.most = Some(10);
    let error = Search::new(plan.clone()).unwrap().ask(1).unwrap_err();
    assert_eq!(error.place().unwrap(), "option max-params");
    // The cells without convolutions, by which nothing is smaller.
    let space = crate::sources::spaces::by_name("nasbench201").unwrap();
    let cut = "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|";
    let smallest = space.build(cut, &plan.options()).unwrap().network.params();
    assert!(
        error.hint().contains(&format!("{smallest} parameters")),
        "{}",
        error.hint()
    );
    plan.limits.params = Range::default();
    plan.limits.macs.least = Some(1_000_000_000);
    let error = Search::new(plan).unwrap().ask(1).unwrap_err();
    assert_eq!(error.place().unwrap(), "option min-macs");
}

#[test]
fn plans_that_make_no_sense_are_refused() {
    let refused = |change: &dyn Fn(&mut Plan), place: Option<&str>| {
        let mut plan = plan(Strategy::Random, 5);
        change(&mut plan);
        let error = Search::new(plan).unwrap_err();
        assert_eq!(error.place().as_deref(), place, "{error}");
        assert!(!error.hint().is_empty());
    };
    refused(&|p| p.candidates = 0, Some("option candidates"));
    refused(&|p| p.candidates = u64::MAX, Some("option candidates"));
    refused(&|p| p.space = "darts2".to_owned(), Some("space"));
    refused(&|p| p.space = "onnx".to_owned(), None);
    refused(&|p| p.also = "dexter".to_owned(), Some("proxy"));
    refused(
        &|p| {
            p.options
                .insert("colour".to_owned(), "red".to_owned())
                .map_or((), drop)
        },
        Some("option"),
    );
    refused(
        &|p| {
            p.limits.macs = Range {
                least: Some(2),
                most: Some(1),
            }
        },
        Some("option max-macs"),
    );
    let cascade = |texts: &[&str]| {
        let stages = texts.iter().map(|stage| stage.parse().unwrap()).collect();
        move |p: &mut Plan| {
            p.strategy = Strategy::Cascade {
                stages: Vec::clone(&stages),
            }
        }
    };
    refused(&cascade(&["params"]), None);
    refused(&cascade(&["naswot:9", "params"]), Some("option stages"));
    refused(&cascade(&["naswot", "params"]), Some("option stages"));
    refused(&cascade(&["naswot:3", "params:2"]), Some("option stages"));
    refused(&cascade(&["naswot:3", "dextr"]), Some("option aim"));
    let evolution = |population, sample, lag| {
        move |p: &mut Plan| {
            p.strategy = Strategy::Evolution {
                population,
                sample,
                lag,
            }
        }
    };
    refused(&evolution(1, 1, 1), Some("option population"));
    refused(&evolution(5, 6, 1), Some("option sample"));
    refused(&evolution(5, 5, 5), Some("option lag"));
    let optiproxy = |text: &str| {
        let wish: Wish = serde_json::from_str(text).unwrap();
        let other = wish.plan(Measure::default()).unwrap();
        move |p: &mut Plan| *p = other.clone()
    };
    let cells = r#""space": "nasbench201", "strategy": "optiproxy""#;
    for (more, place) in [
        (r#""first": 1"#, "option first"),
        (r#""each": 0"#, "option each"),
        (r#""warm": "params:1""#, "option warm"),
    ] {
        refused(&optiproxy(&format!("{{{cells}, {more}}}")), Some(place));
    }
    // What is trained is told once.
    refused(
        &optiproxy(&format!(r#"{{{cells}, "warm": "accuracy"}}"#)),
        None,
    );
    refused(&cascade(&["accuracy:3", "params"]), None);
    refused(
        &|p| p.strategy = Strategy::Local { starts: 0 },
        Some("option starts"),
    );
    assert_eq!(
        Strategy::by_name("projecting").unwrap_err().code(),
        "unknown-name"
    );
}

#[test]
fn a_search_is_told_its_own_rows_alone() {
    let mut search = Search::new(plan(Strategy::Random, 3)).unwrap();
    let asked = search.ask(2).unwrap();
    let mut other = row(&asked[0]);
    other.arch = asked[1].arch.clone();
    assert_eq!(search.tell(0, &other).unwrap_err().code(), "bad-search");
    assert_eq!(
        search.tell(2, &row(&asked[0])).unwrap_err().code(),
        "bad-search"
    );
    assert_eq!(search.tell(0, &row(&asked[0])), Ok(true));
    assert_eq!(search.tell(0, &row(&asked[0])), Ok(false));
    assert_eq!(search.progress().told, 1);
}

#[test]
fn states_of_other_searches_and_damaged_ones_are_refused() {
    let [_, evolution, ..] = strategies();
    let plan = plan(evolution, 30);
    let mut search = Search::new(plan.clone()).unwrap();
    for candidate in search.ask(20).unwrap().iter().take(10) {
        search.tell(candidate.step, &row(candidate)).unwrap();
    }
    let state = search.state();
    assert_eq!(Search::from_state(&state).unwrap().state(), state);
    let refused = |text: &str, part: &str| {
        let error = Search::resume(&plan, text).unwrap_err();
        assert_eq!(
            (error.code(), error.place()),
            ("bad-search", Some("search".to_owned()))
        );
        assert!(error.to_string().contains(part), "{error}");
    };
    refused("", "no state");
    refused("[]", "no state");
    refused(&state[..state.len() - 1], "no state");
    refused(
        &state.replace("\"version\":1", "\"version\":2"),
        "version 2",
    );
    refused(&state.replace("dextr-search", "other"), "other");
    refused(&state.replace("\"seed\":3", "\"seed\":4"), "seed is 4");
    refused(
        &state.replace("\"candidates\":30", "\"candidates\":31"),
        "candidates is 31",
    );
    refused(&state.replace("\"told\":10", "\"told\":11"), "damaged");
    refused(
        &state.replace(
            "\"sample\":4,\"lag\":3,\"alive\"",
            "\"sample\":9,\"lag\":3,\"alive\"",
        ),
        "damaged",
    );
    refused(&state.replace("\"learned\":", "\"learnt\":"), "damaged");
    let other = Plan {
        measure: Measure::of(&crate::proxy::Settings::default()),
        ..plan.clone()
    };
    let error = Search::resume(&other, &state).unwrap_err();
    assert!(error.to_string().contains("measure"), "{error}");
}

/// What is kept of a told candidate is its hash.
#[test]
fn a_long_random_search_stays_small() {
    let mut plan = plan(Strategy::Random, 20_000);
    plan.space = "darts".to_owned();
    plan.options.clear();
    let mut search = Search::new(plan).unwrap();
    while !search.progress().done {
        for candidate in search.ask(50).unwrap() {
            search.tell(candidate.step, &row(&candidate)).unwrap();
        }
        assert!(search.data.open.is_empty() && search.data.held.is_empty());
    }
    assert_eq!(search.progress().told, 20_000);
    assert!(search.state().len() < 20_000 * 17 + 100_000);
}
