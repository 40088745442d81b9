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
use super::pace::slower_than_cpu;
use super::run::{Pass, Running};
use super::walk::Run;
use crate::array::Array;
use crate::error::{Error, Result};
use crate::network::{Activation, Builder, Network, Op};
use crate::start::Start;

/// Dispatches of a submission. Each submission costs the host as much as some
/// twenty dispatches in a browser, and each dispatch is bounded by itself.
const TASKS: usize = 128;

/// The name of an adapter that says none.
const UNNAMED: &str = "WebGPU";

impl Device {
    /// Opens the device asked for. `Auto` falls back to the CPU and says why.
    ///
    /// # Errors
    /// [`Error::Device`] when WebGPU is asked for and cannot be had.
    pub async fn open(choice: Choice) -> Result<Self> {
        Self::open_called(choice, "").await
    }

    /// The same, where the caller knows what the adapter says of itself: a browser
    /// tells that to JavaScript alone. `called` is empty where it says nothing.
    ///
    /// # Errors
    /// Those of [`Device::open`].
    #[must_use]
    pub fn open_called(choice: Choice, called: &str) -> Running<'_, Self> {
        Box::pin(Self::find(choice, called))
    }

    async fn find(choice: Choice, called: &str) -> Result<Self> {
        if choice == Choice::Cpu {
            return Ok(Self::cpu(Reason::Asked));
        }
        let gpu = Self::open_webgpu(choice == Choice::WebGpu, called).await;
        match (gpu, choice) {
            (Err(Error::Device { code, message, .. }), Choice::Auto) => {
                let reason = match code {
                    "failed-proof" => Reason::FailedProof,
                    "slow-adapter" => Reason::SlowAdapter,
                    _ => Reason::NoAdapter,
                };
                Ok(Self::cpu_after(reason, message))
            }
            (gpu, _) => gpu,
        }
    }

    async fn open_webgpu(accept_software: bool, called: &str) -> Result<Self> {
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
        let said = [called, &info.name, &info.driver];
        let name = said.into_iter().find(|name| !name.is_empty());
        if info.device_type == burn::tensor::wgpu::wgpu::DeviceType::Cpu && !accept_software {
            return Err(refused(
                "no-adapter",
                format!(
                    "the only adapter is software ({}), slower than the CPU",
                    name.unwrap_or(UNNAMED)
                ),
            ));
        }
        let limits = setup.device.limits();
        let largest_buffer = limits
            .max_buffer_size
            .min(limits.max_storage_buffer_binding_size);
        let device = Self::gpu(burn, name.unwrap_or(UNNAMED).to_owned(), largest_buffer);
        prove(&device)
            .await
            .map_err(|message| refused("failed-proof", message))?;
        // Only where nothing is said: a name tells software from a GPU at once,
        // and no GPU that is known by name is given up for a slow minute.
        if name.is_none() && !accept_software {
            let loss = slower_than_cpu(&device).await;
            let loss =
                loss.map_err(|e| refused("failed-proof", format!("the self-check failed: {e}")))?;
            if let Some(times) = loss {
                return Err(refused(
                    "slow-adapter",
                    format!(
                        "the only adapter does not say what it is and took {times:.0} times as long as the CPU for the same work, as software does"
                    ),
                ));
            }
        }
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
        // What the CPU had to decide says nothing good of the GPU.
        (Ok(found), Ok(_)) if !found.notes.is_empty() => {
            let notes = found.notes.join("; ");
            return Err(format!("the self-check failed: {notes}"));
        }
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
