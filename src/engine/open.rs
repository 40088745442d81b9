//! Opening a device: which one, and its proof. Every GPU proves itself once.

#![allow(
    clippy::cast_possible_truncation,
    reason = "counts are far below the types' ranges, and f32 is the passes' precision"
)]

use burn::tensor::Device as BurnDevice;

use super::data::{Curve, Inputs};
use super::device::{Choice, Device, Reason};
use super::monitor::Silent;
use super::observe::{Found, Watch};
use super::run::{Pass, Run};
use crate::array::Array;
use crate::error::{Error, Result};
use crate::network::{Activation, Builder, Network, Op};
use crate::start::Start;

/// Dispatches of a submission. Each submission costs the host as much as some
/// twenty dispatches in a browser, and each dispatch is bounded by itself.
const TASKS: usize = 128;

impl Device {
    /// Opens the device asked for. `Auto` falls back to the CPU and says why.
    ///
    /// # Errors
    /// [`Error::Device`] when WebGPU is asked for and cannot be had.
    pub async fn open(choice: Choice) -> Result<Self> {
        if choice == Choice::Cpu {
            return Ok(Self::cpu(Reason::Asked));
        }
        let gpu = Self::open_webgpu(choice == Choice::WebGpu).await;
        match (gpu, choice) {
            (Err(Error::Device { code, message, .. }), Choice::Auto) => {
                let reason = match code {
                    "failed-proof" => Reason::FailedProof,
                    _ => Reason::NoAdapter,
                };
                Ok(Self::cpu_after(reason, message))
            }
            (gpu, _) => gpu,
        }
    }

    async fn open_webgpu(accept_software: bool) -> Result<Self> {
        let refused = |code, message: String| Error::Device {
            code,
            message,
            cure: "update the browser or the graphics driver, or use the CPU (device cpu)"
                .to_owned(),
        };
        let options = BurnDevice::wgpu_options().tasks_max(TASKS);
        let opened = options.init_with_setup_async().await;
        let (burn, setup) =
            opened.map_err(|e| refused("no-adapter", format!("no WebGPU device: {e}")))?;
        let info = setup.adapter.get_info();
        let name = if info.name.is_empty() {
            info.driver.clone()
        } else {
            info.name.clone()
        };
        if info.device_type == burn::tensor::wgpu::wgpu::DeviceType::Cpu && !accept_software {
            return Err(refused(
                "no-adapter",
                format!("the only adapter is software ({name}), slower than the CPU"),
            ));
        }
        let limits = setup.device.limits();
        let largest_buffer = limits
            .max_buffer_size
            .min(limits.max_storage_buffer_binding_size);
        let name = if name.is_empty() {
            "WebGPU".to_owned()
        } else {
            name
        };
        let device = Self::gpu(burn, name, largest_buffer);
        prove(&device)
            .await
            .map_err(|message| refused("failed-proof", message))?;
        Ok(device)
    }
}

/// Runs a small network on the device and on the CPU and compares: a driver
/// that computes nonsense without an error must not be believed.
async fn prove(device: &Device) -> std::result::Result<(), String> {
    let network = proof_network().map_err(|e| e.to_string())?;
    let weights = Start::default().weights(&network, 1);
    let wave = |phase: f64| {
        let values = (0..128)
            .map(|i| libm::sin(0.37 * f64::from(i) + phase) as f32)
            .collect();
        Array::f32(vec![2, 8, 8], values)
    };
    let inputs = Inputs {
        images: vec![wave(0.3)],
        curves: vec![Curve {
            u: wave(1.1),
            w: wave(2.9),
        }],
        ..Inputs::default()
    };
    let layers = (0..network.nodes().len()).filter(|&i| network.node(i).op.is_layer());
    let mut watches = vec![Watch::Jets { whole: true }];
    watches.extend(layers.map(Watch::Range));
    let goes = Run {
        network: &network,
        weights: &weights,
        inputs: &inputs,
    };
    let run = async |device: &Device| Pass::run(goes, &watches, device, &Silent).await;
    let (found, right) = match (run(device).await, run(&Device::cpu(Reason::Asked)).await) {
        (Ok(found), Ok(right)) => (found, right),
        (Err(e), _) | (_, Err(e)) => return Err(format!("the self-check failed: {e}")),
    };
    let numbers = |pass: &Pass| -> Vec<f64> {
        let of = |found: &Found| match found {
            Found::Range(range) => vec![range.min, range.max],
            Found::Jets(jets) => {
                let parts = jets.iter().flat_map(|j| [&j.y, &j.dy, &j.ddy]);
                parts.flatten().copied().collect()
            }
            _ => Vec::new(),
        };
        pass.found.iter().flat_map(of).collect()
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

/// The GPU of all unit tests: a process can open it only once.
#[cfg(test)]
pub(crate) fn webgpu() -> &'static Device {
    static DEVICE: std::sync::OnceLock<Device> = std::sync::OnceLock::new();
    DEVICE.get_or_init(|| {
        pollster::block_on(Device::open(Choice::WebGpu))
            .expect("these tests need a WebGPU adapter: set VK_ICD_FILENAMES, see build.sh")
    })
}
