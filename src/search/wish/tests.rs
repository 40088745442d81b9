//! What wishes mean, and which are refused.

use super::*;

fn plan(json: &str) -> Result<Plan> {
    let wish: Wish = serde_json::from_str(json).unwrap();
    wish.plan(Measure::default())
}

#[test]
fn what_is_not_said_has_its_default() {
    let plan = plan(r#"{"space": "darts"}"#).unwrap();
    assert_eq!((plan.candidates, plan.seed), (400, 0));
    assert_eq!(plan.strategy, Strategy::Random);
    assert_eq!(
        (plan.aim.to_string().as_str(), plan.against),
        ("dextr", None)
    );
    assert!(plan.limits.is_open());
}

#[test]
fn numbers_may_be_numbers_or_texts() {
    let json = r#"{"space": "darts", "strategy": "evolution", "candidates": "1k", "maxParams": 6e6,
        "minMacs": "0.5G", "lag": 3, "against": "macs", "aim": "meco_opt*swap"}"#;
    let plan = plan(json).unwrap();
    assert_eq!(plan.candidates, 1000);
    assert_eq!(plan.limits.params.most, Some(6_000_000));
    assert_eq!(plan.limits.macs.least, Some(500_000_000));
    let Strategy::Evolution {
        population, lag, ..
    } = plan.strategy
    else {
        panic!("{:?}", plan.strategy);
    };
    assert_eq!((population, lag), (50, 3));
}

#[test]
fn a_cascade_aims_at_what_its_last_stage_ranks_by() {
    let json = r#"{"space": "darts", "strategy": "cascade", "stages": "naswot:20,dextr*s@3"}"#;
    let plan = plan(json).unwrap();
    assert_eq!(plan.aim.to_string(), "dextr*s");
    assert_eq!(plan.strategy.stages()[1].seeds, Some(3));
}

#[test]
fn a_surrogate_goes_by_accuracies() {
    let plan = plan(
        r#"{"space": "darts", "strategy": "optiproxy", "warm": "naswot@2:80", "preset": "light"}"#,
    )
    .unwrap();
    assert_eq!(plan.aim.to_string(), "accuracy");
    assert_eq!((plan.candidates, plan.total()), (100, 180));
    assert_eq!(plan.all_proxies().unwrap(), "params,naswot");
    let phases = plan.phases();
    assert_eq!((phases.len(), phases[0].seeds), (2, Some(2)));
}

#[test]
fn what_contradicts_itself_is_refused() {
    for (json, part) in [
        (r#"{}"#, "no space"),
        (r#"{"space": "darts", "lag": 2}"#, "evolution"),
        (r#"{"space": "darts", "stages": "s"}"#, "cascade"),
        (r#"{"space": "darts", "candidates": 1.5}"#, "1.5"),
        (r#"{"space": "darts", "maxParams": "many"}"#, "max-params"),
        (
            r#"{"paper": "autoformer-tiny", "space": "darts"}"#,
            "by the strategy random",
        ),
        (r#"{"paper": "dart"}"#, "dart"),
        (r#"{"space": "darts", "pool": 2}"#, "projection"),
        (r#"{"space": "darts", "warm": "params"}"#, "optiproxy"),
        (r#"{"space": "darts", "preset": "light"}"#, "optiproxy"),
        (
            r#"{"space": "darts", "strategy": "optiproxy", "preset": "dark"}"#,
            "dark",
        ),
        (
            r#"{"space": "pit", "strategy": "projection"}"#,
            "pit has none",
        ),
    ] {
        let error = plan(json).unwrap_err();
        assert!(error.to_string().contains(part), "{json}: {error}");
    }
    assert!(serde_json::from_str::<Wish>(r#"{"budget": 3}"#).is_err());
}

#[test]
fn a_projection_asks_for_what_its_pool_comes_to() {
    let alone = plan(r#"{"space": "darts", "strategy": "projection"}"#).unwrap();
    assert_eq!(alone.candidates, 196 + 44 + 1);
    let paper = plan(r#"{"paper": "darts"}"#).unwrap();
    assert_eq!(paper.candidates, 1960 + 440 + 10);
    assert_eq!(paper.options.get("channels").unwrap(), "16");
    let json =
        r#"{"space": "nasbench201", "strategy": "projection", "circles": 3, "criterion": "s"}"#;
    let cell = plan(json).unwrap();
    assert_eq!(cell.candidates, 6 * 5 * 3 + 1);
    assert_eq!(cell.phases().len(), 4);
    assert!(cell.check().is_ok());
    for (json, part) in [
        (
            r#"{"space": "darts", "strategy": "projection", "candidates": 5}"#,
            "241",
        ),
        (
            r#"{"space": "darts", "strategy": "projection", "maxParams": "1M"}"#,
            "no limits",
        ),
        (
            r#"{"space": "darts", "strategy": "projection", "pool": 0}"#,
            "pool",
        ),
    ] {
        let error = plan(json)
            .and_then(|plan| plan.check().map(|_| ()))
            .unwrap_err();
        let said = format!("{error} {}", error.hint());
        assert!(said.contains(part), "{json}: {said}");
    }
}
