//! What the variants of an edge have in common: the part of a pass that would
//! not have to be computed again for each.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use dextr::architecture::Options;
use dextr::network::Network;
use dextr::sources::spaces;

use crate::replay::column;

/// Each node by what it computes: its operation, its name (which draws its
/// weights) and what its operands compute.
fn computed(network: &Network) -> HashMap<u64, u64> {
    let mut keys: Vec<u64> = Vec::new();
    for (id, node) in network.nodes().iter().enumerate() {
        let mut hasher = DefaultHasher::new();
        let operands: Vec<u64> = node.inputs.iter().map(|&i| keys[i]).collect();
        (&node.name, format!("{:?}", node.op), operands, id == 0).hash(&mut hasher);
        keys.push(hasher.finish());
    }
    let macs = (0..keys.len()).map(|id| network.node_macs(id));
    keys.iter().copied().zip(macs).collect()
}

/// The share of the multiply-accumulates of a projection's variants that those of
/// the same edge have in common.
fn share(file: &Path, space: &str) -> f64 {
    let space = spaces::by_name(space).unwrap();
    let mut options = Options::new();
    if space.name() == "darts" {
        options.set("channels", "16");
    }
    let rounds = column(file, "arch", "round");
    let (mut common, mut all) = (0u64, 0u64);
    for group in rounds.chunk_by(|a, b| a.1 == b.1).filter(|g| g.len() > 2) {
        let networks = group.iter().map(|(arch, _)| {
            let arch = space.build(arch, &options).unwrap();
            computed(&arch.network)
        });
        let networks: Vec<HashMap<u64, u64>> = networks.collect();
        let mut shared: HashSet<u64> = networks[0].keys().copied().collect();
        for network in &networks {
            shared.retain(|key| network.contains_key(key));
            all += network.values().sum::<u64>();
        }
        let once: u64 = shared.iter().map(|key| networks[0][key]).sum();
        common += once * networks.len() as u64;
    }
    common as f64 / all as f64
}

pub(crate) fn report(space: &str, files: &[std::path::PathBuf]) {
    let Some(file) = files.first() else { return };
    println!(
        "\n{space}: the variants of an edge have {:.1} % of their multiply-accumulates in common.",
        100.0 * share(file, space)
    );
}
