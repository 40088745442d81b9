//! Every operation against the plain loops of `network::evaluate`.

use super::cases;
use crate::engine::Device;
use crate::network::NodeId;

#[test]
fn values_are_those_of_plain_loops() {
    let device = Device::cpu_double();
    for seed in 1..=6 {
        for (name, network) in cases::all(seed) {
            let weights = cases::weights(&network);
            let find = |id: NodeId, suffix: &'static str| {
                let tensor = network.node(id).tensor(suffix);
                weights.get(&tensor).ok().map(|array| array.to_f64())
            };
            let [input, _] = cases::basis(&network);
            let plain = network.evaluate(network.outputs()[0], &input, &find);
            let (plain, found) = (plain.unwrap(), cases::run(&network, &device).y);
            assert_eq!(plain.len(), found.len(), "{name}");
            let largest = plain.iter().fold(1e-300f64, |m, x| m.max(x.abs()));
            for (a, b) in plain.iter().zip(&found) {
                assert!((a - b).abs() <= 1e-12 * largest, "{name}: {a} and {b}");
            }
        }
    }
}
