//! Against scipy's values, and the rules of the edge cases.

use super::*;
use serde_json::Value;

/// A case of `tests/golden/stats.json`, by scipy.
struct Case {
    name: String,
    x: Vec<f64>,
    y: Vec<f64>,
    ranks: Vec<f64>,
    spearman: Option<f64>,
    kendall: Option<f64>,
}

fn cases() -> Vec<Case> {
    let text = include_str!("../../tests/golden/stats.json");
    let all: Value = serde_json::from_str(text).unwrap();
    let list = |v: &Value| {
        let numbers = v.as_array().unwrap().iter();
        numbers.map(|x| x.as_f64().unwrap()).collect::<Vec<_>>()
    };
    let rows = all["cases"].as_array().unwrap().iter();
    rows.map(|c| Case {
        name: c["name"].as_str().unwrap().to_owned(),
        x: list(&c["x"]),
        y: list(&c["y"]),
        ranks: list(&c["ranks"]),
        spearman: c["spearman"].as_f64(),
        kendall: c["kendall"].as_f64(),
    })
    .collect()
}

fn close(found: Option<f64>, right: Option<f64>) -> bool {
    match (found, right) {
        (Some(f), Some(r)) => (f - r).abs() <= 1e-12,
        (None, None) => true,
        _ => false,
    }
}

/// Two correlated columns of `n` rows; `values` of them distinct at most.
fn sample(n: usize, values: f64) -> (Vec<f64>, Vec<f64>) {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let mut uniform = || f64::from(rng.next_u32()) / 4_294_967_296.0;
    let pair = |_| {
        let (common, a, b) = (uniform(), uniform(), uniform());
        (
            ((common + 0.4 * a) * values).floor(),
            ((common + 0.4 * b) * values).floor(),
        )
    };
    (0..n).map(pair).unzip()
}

#[test]
fn equals_scipy() {
    let cases = cases();
    assert!(cases.len() >= 12);
    let mut wrong = Vec::new();
    for c in &cases {
        let right = close(spearman(&c.x, &c.y), c.spearman)
            && close(spearman(&c.y, &c.x), c.spearman)
            && close(kendall_tau_b(&c.x, &c.y), c.kendall)
            && close(kendall_tau_b(&c.y, &c.x), c.kendall)
            && ranks(&c.x) == c.ranks;
        if !right {
            wrong.push(format!(
                "{}: ρ {:?}, scipy {:?}; τ {:?}, scipy {:?}",
                c.name,
                spearman(&c.x, &c.y),
                c.spearman,
                kendall_tau_b(&c.x, &c.y),
                c.kendall
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn undefined_is_none() {
    for (a, b) in [
        (&[][..], &[][..]),
        (&[1.0][..], &[2.0][..]),
        (&[1.0, 2.0][..], &[3.0, 3.0][..]),
        (&[1.0, 2.0][..], &[3.0, 4.0, 5.0][..]),
    ] {
        assert_eq!(spearman(a, b), None, "{a:?} {b:?}");
        assert_eq!(kendall_tau_b(a, b), None, "{a:?} {b:?}");
        assert_eq!(correlate(a, b), None, "{a:?} {b:?}");
        assert_eq!(paired_difference(a, a, b), None, "{a:?} {b:?}");
    }
    assert!(ranks(&[]).is_empty());
    assert_eq!(bootstrap(0, 10, 0, |_| Some(1.0)), None);
    assert_eq!(bootstrap(3, 0, 0, |_| Some(1.0)), None);
    assert_eq!(bootstrap(3, 10, 0, |_| None), None);
}

#[test]
fn order_alone_counts() {
    let (x, y) = sample(200, 1000.0);
    let bent: Vec<f64> = x.iter().map(|v| (v / 300.0).exp()).collect();
    assert_eq!(correlate(&x, &y), correlate(&bent, &y));
    let perfect = correlate(&x, &bent).unwrap();
    assert_eq!((perfect.spearman, perfect.kendall), (1.0, 1.0));
    let one = Interval {
        low: 1.0,
        high: 1.0,
    };
    assert_eq!(perfect.spearman_interval, Some(one));
    assert_eq!(perfect.kendall_interval, Some(one));
}

/// A resample through the counts is the same as its rows written out.
#[test]
fn resamples_are_ranked_without_sorting() {
    for values in [1e6, 8.0] {
        let (x, y) = sample(60, values);
        let (mut a, mut b) = (Column::new(&x), Column::new(&y));
        let mut pairs = Pairs::new(&a, &b);
        resample(60, 50, 3, |rows| {
            a.take(rows);
            b.take(rows);
            pairs.take(rows);
            let [x, y] = [&x, &y].map(|v| rows.iter().map(|&r| v[r]).collect::<Vec<_>>());
            assert_eq!(rho(&a, &b, rows.iter().copied()), spearman(&x, &y));
            assert_eq!(pairs.tau(&a, &b), kendall_tau_b(&x, &y));
        });
    }
}

#[test]
fn intervals_are_repeatable_and_around_the_value() {
    let (x, y) = sample(300, 1e6);
    let c = correlate(&x, &y).unwrap();
    assert_eq!(c, correlate(&x, &y).unwrap());
    assert_eq!(c.n, 300);
    let (s, k) = (c.spearman_interval.unwrap(), c.kendall_interval.unwrap());
    assert!(s.low < c.spearman && c.spearman < s.high, "{c:?}");
    assert!(k.low < c.kendall && c.kendall < k.high, "{c:?}");
    // Fisher's approximation: ±1.96 (1 − ρ²) √(1.06 / n).
    let half = 1.96 * (1.0 - c.spearman.powi(2)) * (1.06f64 / 300.0).sqrt();
    assert!((s.high - s.low) / 2.0 > 0.7 * half, "{c:?}, {half}");
    assert!((s.high - s.low) / 2.0 < 1.4 * half, "{c:?}, {half}");
    // The general bootstrap with the same seed draws the same rows.
    let general = bootstrap(300, RESAMPLES, SEED, |rows| {
        let [x, y] = [&x, &y].map(|v| rows.iter().map(|&r| v[r]).collect::<Vec<_>>());
        spearman(&x, &y)
    });
    assert_eq!(general, c.spearman_interval);
    assert_ne!(
        bootstrap(300, 200, 1, |rows| Some(rows[0] as f64)),
        bootstrap(300, 200, 2, |rows| Some(rows[0] as f64))
    );
}

#[test]
fn rows_are_drawn_evenly() {
    let mut count = [0u32; 7];
    resample(7, 10_000, 0, |rows| {
        for &row in rows {
            count[row] += 1;
        }
    });
    assert!(count.iter().all(|c| c.abs_diff(10_000) < 500), "{count:?}");
}

#[test]
fn quantiles_are_interpolated() {
    let mut next = 0.0;
    let found = bootstrap(1, 101, 0, |_| {
        next += 1.0;
        Some(next - 1.0)
    });
    let found = found.unwrap();
    assert!((found.low - 2.5).abs() < 1e-9 && (found.high - 97.5).abs() < 1e-9);
}

#[test]
fn a_difference_is_paired() {
    let (x, y) = sample(400, 1e6);
    // Nearly the same score: the difference is small, its interval is far
    // narrower than that of either correlation.
    let near: Vec<f64> = x.iter().zip(&y).map(|(a, b)| a + 0.02 * (b - a)).collect();
    let d = paired_difference(&near, &x, &y).unwrap();
    let i = d.interval.unwrap();
    assert!(
        0.0 < i.low && i.low < d.spearman && d.spearman < i.high,
        "{d:?}"
    );
    let alone = correlate(&x, &y).unwrap().spearman_interval.unwrap();
    assert!(
        i.high - i.low < 0.2 * (alone.high - alone.low),
        "{d:?} {alone:?}"
    );
    let back = paired_difference(&x, &near, &y).unwrap();
    assert_eq!(back.spearman, -d.spearman);
    let same = paired_difference(&x, &x, &y).unwrap();
    let zero = Interval {
        low: 0.0,
        high: 0.0,
    };
    assert_eq!((same.spearman, same.interval), (0.0, Some(zero)));
}

#[test]
fn best_rows() {
    let truth = [3.0, 1.0, 3.0, 2.0, 3.0];
    assert_eq!(within_best(&truth, 0.4), [0, 2]);
    assert_eq!(within_best(&truth, 0.5), [0, 2, 4]);
    assert_eq!(within_best(&truth, 0.1), [0]);
    assert!(within_best(&truth, 0.0).is_empty());
    assert_eq!(within_best(&truth, 1.0), [0, 1, 2, 3, 4]);
    assert_eq!(within_best(&truth, 7.0), [0, 1, 2, 3, 4]);
    assert!(within_best(&[], 0.5).is_empty());
    assert_eq!(within_best(&[1.0; 100], 0.07).len(), 7);
    assert_eq!(within_best(&[1.0; 3001], 0.1).len(), 301);
}
