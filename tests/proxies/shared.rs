//! What several proxies share, and what each says where it has no value.

use super::*;

#[test]
fn together_or_alone_every_proxy_has_the_same_value() {
    let arch = cell(CELL);
    let names: Vec<&str> = proxy::all().iter().map(|p| p.about().name).collect();
    let together = score(&arch, &settings(&names.join(",")));
    for (name, together) in names.iter().zip(&together.measurements) {
        let alone = score(&arch, &settings(name));
        assert_eq!(together.name, *name);
        assert_eq!(together.value, alone.score, "{name}");
        // S asked for alone runs no circles, so it lacks the parts that come of them.
        let mut expected = together.parts.clone();
        if *name == "s" {
            expected.retain(|(part, _)| !["k", "curvature"].contains(part));
            assert_eq!(expected.len() + 2, together.parts.len());
        }
        assert_eq!(expected, alone.measurements[0].parts, "{name}");
        assert_eq!(together.status, Status::Ok, "{name}: {}", together.message);
        if *name == "az_nas" {
            assert_eq!((together.value, together.parts.len()), (None, 4));
            continue;
        }
        let deviates = !["params", "macs", "zerolm"].contains(name);
        assert_eq!(together.deviation.unwrap() > 0.0, deviates, "{name}");
    }
    assert_eq!(together.score, together.measurements[0].value);
    assert_eq!(together.s, together.measurements[1].value);
    assert_eq!(together.k, together.measurements[2].value);
}

#[test]
fn a_proxy_that_cannot_judge_says_why_and_the_others_stand() {
    // A network without norms and activations, of which Dextr has a score.
    let mut b = Builder::new([3, 8, 8]).unwrap();
    let conv = b.add("conv", Op::conv(4, 3, 1, 1, true), &[0]).unwrap();
    let arch = Architecture {
        network: Arc::new(b.finish(&[conv])),
        observe: dextr::network::Policy::Layers,
        ..cell(CELL)
    };
    let score = score(&arch, &settings("dextr,naswot,zen,meco"));
    assert_eq!(score.status, Status::Ok, "{}", score.message);
    let status: Vec<Status> = score.measurements.iter().map(|m| m.status).collect();
    assert_eq!(
        status,
        [Status::Ok, Status::Unsuited, Status::Unsuited, Status::Ok]
    );
    assert!(
        score
            .message
            .contains("naswot: the network has no activations")
    );
    assert!(
        score
            .message
            .contains("zen: the network has no global pool")
    );
    assert!(score.measurements[1].value.is_none() && score.measurements[3].value.is_some());
}

#[test]
fn unknown_proxies_are_named_with_those_that_exist() {
    let error = proxy::by_names("dextr,mecco").unwrap_err();
    assert_eq!(error.to_string(), "unknown proxy 'mecco'");
    assert!(error.hint().contains("meco, meco_opt"), "{}", error.hint());
    assert!(proxy::by_names(" , ").is_err());
}

#[test]
fn a_disconnected_cell_has_no_flow() {
    let none = "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|";
    let arch = cell(none);
    let score = score(&arch, &settings("dextr,synflow"));
    assert_eq!(score.measurements[1].value, Some(0.0));
    assert_eq!(score.measurements[1].status, Status::Disconnected);
    let about = proxy::all().iter().map(|p: &&dyn Proxy| p.about());
    assert!(about.into_iter().all(|a| !a.needs.is_empty()));
}

#[test]
fn a_saturated_output_has_no_flow_to_rank_by() {
    let space = spaces::by_name("transnasbench101").unwrap();
    let of = |task| {
        let mut options = Options::new();
        options.set("task", task);
        options.set("size", "64");
        let arch = space.build("64-41414-1_02_333", &options).unwrap();
        score(&arch, &settings("dextr,synflow"))
    };
    // The pictures that `normal` has as output end in tanh.
    let (flows, saturated) = (of("segmentsemantic"), of("normal"));
    assert_eq!(flows.measurements[1].status, Status::Ok);
    assert!(flows.measurements[1].value.is_some_and(|flow| flow > 0.0));
    let synflow = &saturated.measurements[1];
    assert_eq!((synflow.status, synflow.value), (Status::Unsuited, None));
    assert!(synflow.message.contains("tanh"), "{}", synflow.message);
    assert!(saturated.score.is_some());
}

#[test]
fn two_equal_images_are_said_to_have_no_determinant() {
    let golden = golden();
    let case = &golden.cases[0];
    let mut images = golden.images("x", 0..4);
    images.push(images[0].clone());
    let own = Origin::Given(Arc::new(case.weights.clone()));
    let trial = Naswot::trial_of(&case.network, own, images);
    let device = Device::cpu(Reason::Asked);
    let (verdict, _) = pollster::block_on(run_trial(trial, &device, &Silent)).unwrap();
    assert_eq!((verdict.status, verdict.value), (Status::NonFinite, None));
    assert!(
        verdict.message.contains("two images"),
        "{}",
        verdict.message
    );
}

#[test]
fn more_images_than_a_pattern_holds_are_refused() {
    let golden = golden();
    let case = &golden.cases[0];
    let images = vec![golden.images("x", 0..1).remove(0); 65];
    let own = Origin::Given(Arc::new(case.weights.clone()));
    let trial = Swap::trial_of(&case.network, own, images, None);
    let device = Device::cpu(Reason::Asked);
    let error = pollster::block_on(run_trial(trial, &device, &Silent)).unwrap_err();
    assert!(error.to_string().contains("65 images"), "{error}");
}

#[test]
fn a_disconnected_cell_has_no_gradients() {
    let arch = cell("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|");
    let names = "grad_norm,snip,zico,lswag,jacob_cov,az_nas";
    for measured in score(&arch, &settings(names)).measurements {
        assert_eq!(measured.status, Status::Disconnected, "{}", measured.name);
        let value = measured.value;
        assert!(
            value.is_none_or(|x| x == 0.0),
            "{}: {value:?}",
            measured.name
        );
    }
}

#[test]
fn a_cell_that_passes_its_input_on_has_no_trainability() {
    let skip = "|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|";
    let score = score(&cell(skip), &settings("az_nas"));
    let names: Vec<&str> = score.measurements[0]
        .parts
        .iter()
        .map(|(n, _)| *n)
        .collect();
    assert_eq!(
        names,
        ["az_expressivity", "az_progressivity", "az_complexity"]
    );
    assert!(
        score.message.contains("passes its input on"),
        "{}",
        score.message
    );
}

#[test]
fn networks_without_weights_or_with_bad_labels_are_named() {
    let mut b = Builder::new([3, 8, 8]).unwrap();
    let relu = b.add("relu", Op::relu(), &[0]).unwrap();
    let arch = Architecture {
        network: Arc::new(b.finish(&[relu])),
        ..cell(CELL)
    };
    let score = score(
        &arch,
        &settings("params,l2_norm,grad_norm,zico,lswag,zerolm"),
    );
    for measured in &score.measurements[1..] {
        assert_eq!(measured.status, Status::Unsuited, "{}", measured.name);
        assert!(measured.message.contains("no convolution or dense layer"));
    }
    let golden = golden();
    let case = &golden.cases[0];
    let own = Origin::Given(Arc::new(case.weights.clone()));
    let loss = Loss::CrossEntropy([0, 10].into());
    let trial = GradNorm::trial_of(&case.network, &own, golden.images("x", 0..2), loss);
    let device = Device::cpu(Reason::Asked);
    let error = pollster::block_on(run_trial(trial, &device, &Silent)).unwrap_err();
    assert!(error.to_string().contains("label 10"), "{error}");
}
