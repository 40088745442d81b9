//! Whether an adapter that says nothing about itself is slower than the CPU:
//! both do the same work in the same minute.

use web_time::Instant;

use super::data::{Curve, Inputs};
use super::device::{Device, Reason};
use super::monitor::Silent;
use super::observe::Watch;
use super::run::Pass;
use super::walk::Run;
use crate::array::Array;
use crate::error::Result;
use crate::network::{Builder, Network, Op};
use crate::start::Start;

/// How many times as long as the CPU is a clear loss. Software takes twenty
/// times as long and more; the weakest GPUs about as long.
const CLEAR: f64 = 4.0;

/// Seconds that a browser may take to notice that a GPU has ended. Firefox looks
/// ten times a second, and says nothing of how fast the GPU is.
const NOTICING: f64 = 0.25;

/// Layers of the work, from little to enough: software has lost before it takes
/// long, and a GPU is told from software where starting and reading are little
/// beside the work (2 to 50 ms of one core).
const LAYERS: [usize; 3] = [1, 4, 16];

/// Passes of the CPU over one work; the first one may still be compiled.
const CPU_PASSES: usize = 2;

/// Passes of the GPU over one work until it has lost; the first one compiles.
const GPU_PASSES: usize = 3;

/// The shortest time that is told from none, in seconds.
const TICK: f64 = 1e-3;

/// How many times as long as the CPU the GPU takes, where it clearly loses: by
/// the best pass of each, in seconds, since what else the machine does only ever
/// adds to one.
fn clear_loss(gpu: &[f64], cpu: &[f64]) -> Option<f64> {
    let best = |passes: &[f64]| passes.iter().copied().reduce(f64::min);
    let (gpu, cpu) = (best(gpu)?, best(cpu)?);
    (gpu > CLEAR * cpu + NOTICING).then(|| gpu / cpu.max(TICK))
}

/// How many times as long as the CPU a GPU takes for some convolutions, where it
/// clearly loses. What does not lose is asked once for each work.
///
/// # Errors
/// Those of [`Pass::run`].
pub(super) async fn slower_than_cpu(gpu: &Device) -> Result<Option<f64>> {
    let cpu = Device::cpu(Reason::Asked);
    for layers in LAYERS {
        let network = work(layers)?;
        let mut on_cpu = Vec::new();
        for _ in 0..CPU_PASSES {
            on_cpu.push(seconds(&network, &cpu).await?);
        }
        let mut on_gpu = Vec::new();
        let mut loss = None;
        for _ in 0..GPU_PASSES {
            on_gpu.push(seconds(&network, gpu).await?);
            loss = clear_loss(&on_gpu, &on_cpu);
            if loss.is_none() {
                break;
            }
        }
        if loss.is_some() {
            return Ok(loss);
        }
    }
    Ok(None)
}

/// How long one pass takes with an image and a curve.
async fn seconds(network: &Network, device: &Device) -> Result<f64> {
    let weights = Start::default().weights(network, 1);
    let ramp = |step: f32| {
        let values = (0..SIDE * SIDE).scan(0.0, |x, _| {
            *x = (*x + step) % 1.0;
            Some(*x)
        });
        Array::f32(vec![1, SIDE, SIDE], values.collect())
    };
    let inputs = Inputs {
        images: vec![ramp(0.37)],
        curves: vec![Curve {
            u: ramp(0.61),
            w: ramp(0.83),
        }],
        ..Inputs::default()
    };
    let goes = Run {
        network,
        weights: &weights,
        inputs: &inputs,
    };
    let start = Instant::now();
    Pass::run(goes, &[Watch::Jets { whole: true }], device, &Silent).await?;
    Ok(start.elapsed().as_secs_f64())
}

/// Pixels of the work's image along a side, and channels of its layers.
const SIDE: usize = 32;

/// Some convolutions, of 38 million multiplications each in the four rows of an
/// image and a curve.
fn work(layers: usize) -> Result<Network> {
    let mut b = Builder::new([1, SIDE, SIDE])?;
    let mut x = b.input();
    for layer in 0..=layers {
        x = b.add(
            &format!("conv{layer}"),
            Op::conv(SIDE, 3, 1, 1, false),
            &[x],
        )?;
    }
    let x = b.add("mean", Op::GlobalAvgPool, &[x])?;
    let x = b.add("out", Op::Reshape(vec![SIDE]), &[x])?;
    Ok(b.finish(&[x]))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_loss_counts() {
        // Software: every pass takes seconds.
        assert_eq!(clear_loss(&[3.5, 2.0, 2.5], &[0.1, 0.125]), Some(20.0));
        // A real GPU whose first pass compiles, and that is looked at ten times a second.
        assert_eq!(clear_loss(&[2.0, 0.11], &[0.06, 0.05]), None);
        assert_eq!(clear_loss(&[0.205], &[0.012]), None);
        // A slow one, three times behind.
        assert_eq!(clear_loss(&[0.3, 0.31], &[0.1]), None);
        // Disturbed passes count neither for one nor for the other.
        assert_eq!(clear_loss(&[5.0, 0.08], &[0.1, 0.1]), None);
        assert_eq!(clear_loss(&[2.0, 2.0], &[9.0, 0.1]), Some(20.0));
    }

    #[test]
    fn a_coarse_clock_decides_nothing_by_itself() {
        // In steps of a tenth of a second the CPU may take none.
        assert_eq!(clear_loss(&[0.2], &[0.0, 0.0]), None);
        assert_eq!(clear_loss(&[1.0], &[0.0]), Some(1000.0));
        assert_eq!(clear_loss(&[], &[0.1]), None);
        assert_eq!(clear_loss(&[1.0], &[]), None);
        assert_eq!(clear_loss(&[f64::NAN], &[0.1]), None);
    }

    #[test]
    fn the_work_is_as_much_as_it_says() {
        for layers in LAYERS {
            let millions = work(layers).unwrap().macs() / 1_000_000;
            let expected = 9 * layers as u64;
            assert!((expected..=expected + layers as u64).contains(&millions));
        }
    }
}
