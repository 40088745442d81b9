//! Every GPU proves itself once, when it is opened.

use super::data::{Curve, Inputs};
use super::device::{Device, Reason};
use super::monitor::Silent;
use super::run::Pass;
use crate::array::Array;
use crate::error::Result;
use crate::network::{Activation, Builder, Network, NodeId, Op};
use crate::start::Weights;

/// Runs a small network on the device and on the CPU and compares: a driver
/// that computes nonsense without an error must not be believed.
pub(super) async fn prove(device: &Device) -> std::result::Result<(), String> {
    let network = proof_network().map_err(|e| e.to_string())?;
    let weights = Start::default().weights(&network, 1);
    let wave = |phase: f64| {
        let values = (0..128)
            .map(|i| libm::sin(0.37 * f64::from(i) + phase) as f32)
            .collect();
        Array::f32(vec![2, 8, 8], values)
    };
    let inputs = Inputs {
        whole: true,
        image: Some(wave(0.3)),
        curves: vec![Curve {
            u: wave(1.1),
            w: wave(2.9),
        }],
    };
    let observed: Vec<NodeId> = (0..network.nodes().len())
        .filter(|&i| network.node(i).op.is_layer())
        .collect();
    let run = async |device: &Device| {
        Pass::run(&network, &weights, &inputs, &observed, device, &Silent).await
    };
    let (found, right) = match (run(device).await, run(&Device::cpu(Reason::Asked)).await) {
        (Ok(found), Ok(right)) => (found, right),
        (Err(e), _) | (_, Err(e)) => return Err(format!("the self-check failed: {e}")),
    };
    let numbers = |pass: &Pass| -> Vec<f64> {
        let ranges = pass.ranges.values().flat_map(|r| [r.min, r.max]);
        let jets = pass
            .jets
            .iter()
            .flat_map(|j| j.y.iter().chain(&j.dy).chain(&j.ddy).copied());
        ranges.chain(jets).collect()
    };
    let (found, right) = (numbers(&found), numbers(&right));
    let scale = right.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    let wrong = found.iter().zip(&right).find(|(x, y)| {
        let close = (*x - *y).abs() <= 1e-3 * scale;
        // Also where the difference is not a number.
        !close
    });
    match wrong {
        None if found.len() == right.len() => Ok(()),
        _ => Err(format!(
            "{} computed a known result wrongly ({wrong:?})",
            device.name()
        )),
    }
}

fn proof_network() -> Result<Network> {
    let mut b = Builder::new([2, 8, 8])?;
    let x = b.input();
    let conv = |out, stride| Op::conv(out, 3, stride, 1, true);
    let x = b.add("a", conv(5, 1), &[x])?;
    let x = b.add(
        "b",
        Op::BatchNorm {
            eps: 1e-5,
            affine: true,
        },
        &[x],
    )?;
    let skip = b.add("c", Op::Activate(Activation::Relu), &[x])?;
    let x = b.add("d", conv(5, 1), &[skip])?;
    let x = b.add(
        "e",
        Op::BatchNorm {
            eps: 1e-5,
            affine: false,
        },
        &[x],
    )?;
    let x = b.add("f", Op::Sum, &[x, skip])?;
    let x = b.add("g", Op::avg_pool(3, 1, 1), &[x])?;
    let x = b.add("h", conv(4, 2), &[x])?;
    let x = b.add("i", Op::GlobalAvgPool, &[x])?;
    let x = b.add("j", Op::Reshape(vec![4]), &[x])?;
    let x = b.add("k", Op::Dense { out: 3, bias: true }, &[x])?;
    Ok(b.finish(&[x]))
}
