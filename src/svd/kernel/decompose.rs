//! Launches what decomposes a batch: scaling, reduction, sweeps, results.

#![allow(
    clippy::cast_possible_truncation,
    reason = "a launch's sizes were held against the kernels' limits before"
)]

use std::ops::Range;

use burn::tensor::{DType, Shape};
use burn_cubecl::cubecl::prelude::{CubeCount, CubeDim, CubeElement};
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;

use super::super::plan::{COST, FACTS, Plan, RESULTS, SWEEPS};
use super::{UNITS, reduce, reflect, rotate};

/// A batch on its way to its singular values. All buffers are the device's.
pub(super) struct Decomposition {
    plan: Plan,
    /// The scaled maps.
    work: CubeTensor,
    /// The matrices, as [`Plan::tasks`] has them.
    tasks: CubeTensor,
    /// What `scale` found of each matrix.
    facts: CubeTensor,
    /// The triangular factors, whose columns are rotated.
    factor: CubeTensor,
    /// For each matrix and sweep, whether something was rotated.
    rotated: CubeTensor,
    /// [`RESULTS`] numbers of each matrix.
    out: CubeTensor,
    /// Multiply-adds that have not been submitted.
    waiting: u64,
}

impl Decomposition {
    pub(super) fn new(work: CubeTensor, plan: Plan) -> Self {
        let count = plan.matrices.len();
        let (client, device) = (work.client.clone(), work.device.clone());
        let factors = Shape::new([plan.factors]);
        Self {
            tasks: words(&work, &plan.tasks()),
            // Zeros, which no kernel leaves as a status: one that did not run shows.
            facts: zeros(&work, count * FACTS),
            out: zeros(&work, count * RESULTS),
            factor: empty_device_contiguous_dtype(client, device, factors, DType::F32),
            rotated: words(&work, &vec![0; count * SWEEPS]),
            waiting: 0,
            plan,
            work,
        }
    }

    /// The results wait on the device.
    pub(super) fn run(mut self) -> CubeTensor {
        self.scale();
        for (steps, cost) in self.plan.reduction() {
            self.reflect(steps);
            self.spend(cost);
        }
        for rotation in self.plan.local() {
            let list = words(&self.work, &rotation.slots);
            for sweeps in self.sweeps(rotation.sweeps) {
                self.sweep_local(&list, sweeps.clone());
                self.spend(rotation.cost * sweeps.len() as u64);
            }
        }
        for rotation in self.plan.stored() {
            let list = words(&self.work, &rotation.slots);
            for sweeps in self.sweeps(rotation.sweeps) {
                self.sweep_stored(&list, sweeps.clone(), 0);
                self.spend(rotation.cost * sweeps.len() as u64);
            }
        }
        self.sweep_blocks();
        self.extremes();
        self.out
    }

    /// Sweeps of the matrices of several blocks: within the blocks, then across
    /// them.
    fn sweep_blocks(&mut self) {
        let blocks = self.plan.blocks();
        if blocks.is_empty() {
            return;
        }
        let lists = blocks.iter().map(|r| (words(&self.work, &r.slots), r.cost));
        let lists: Vec<_> = lists.collect();
        let crossed = words(&self.work, &self.plan.crossed());
        for sweep in self.sweeps(1) {
            for (list, cost) in &lists {
                self.sweep_stored(list, sweep.clone(), 0);
                self.spend(*cost);
            }
            for step in 1..self.plan.steps() {
                self.sweep_stored(&crossed, sweep.clone(), step);
                self.spend(self.plan.crossed_cost());
            }
        }
    }

    /// All sweeps, `together` at a time.
    fn sweeps(&self, together: usize) -> impl Iterator<Item = Range<usize>> + use<> {
        let all = self.plan.sweeps;
        let starts = (0..all).step_by(together);
        starts.map(move |start| start..(start + together).min(all))
    }

    /// Submits what waits before it takes much longer than one dispatch may.
    fn spend(&mut self, cost: u64) {
        self.waiting += cost;
        if self.waiting > COST {
            // What went wrong shows when the result is read.
            let _ = self.work.client.flush();
            self.waiting = 0;
        }
    }

    /// A workgroup for each matrix.
    fn one_each(&self) -> (CubeCount, CubeDim) {
        let count = self.plan.matrices.len() as u32;
        (CubeCount::Static(count, 1, 1), CubeDim::new_1d(UNITS))
    }

    fn scale(&self) {
        let (count, cube) = self.one_each();
        reduce::scale::launch(
            &self.work.client,
            count,
            cube,
            self.tasks.clone().into_buffer_arg(),
            self.work.clone().into_buffer_arg(),
            self.facts.clone().into_buffer_arg(),
        );
    }

    fn reflect(&self, steps: Range<usize>) {
        let (count, cube) = self.one_each();
        reflect::reflect::launch(
            &self.work.client,
            count,
            cube,
            self.tasks.clone().into_buffer_arg(),
            self.facts.clone().into_buffer_arg(),
            self.work.clone().into_buffer_arg(),
            self.factor.clone().into_buffer_arg(),
            steps.start as u32,
            steps.end as u32,
        );
    }

    fn sweep_local(&self, list: &CubeTensor, sweeps: Range<usize>) {
        rotate::sweep_local::launch(
            &self.work.client,
            slots(list),
            CubeDim::new_1d(UNITS),
            self.tasks.clone().into_buffer_arg(),
            list.clone().into_buffer_arg(),
            self.facts.clone().into_buffer_arg(),
            self.factor.clone().into_buffer_arg(),
            self.rotated.clone().into_buffer_arg(),
            sweeps.start as u32,
            sweeps.end as u32,
        );
    }

    fn sweep_stored(&self, list: &CubeTensor, sweeps: Range<usize>, step: usize) {
        rotate::sweep_stored::launch(
            &self.work.client,
            slots(list),
            CubeDim::new_1d(UNITS),
            self.tasks.clone().into_buffer_arg(),
            list.clone().into_buffer_arg(),
            self.facts.clone().into_buffer_arg(),
            self.factor.clone().into_buffer_arg(),
            self.rotated.clone().into_buffer_arg(),
            sweeps.start as u32,
            sweeps.end as u32,
            step as u32,
        );
    }

    fn extremes(&self) {
        let (count, cube) = self.one_each();
        rotate::extremes::launch(
            &self.work.client,
            count,
            cube,
            self.tasks.clone().into_buffer_arg(),
            self.facts.clone().into_buffer_arg(),
            self.factor.clone().into_buffer_arg(),
            self.rotated.clone().into_buffer_arg(),
            self.out.clone().into_buffer_arg(),
            self.plan.sweeps as u32,
        );
    }
}

/// A workgroup for each (matrix, block) of a list.
fn slots(list: &CubeTensor) -> CubeCount {
    CubeCount::Static((list.meta.num_elements() / 2) as u32, 1, 1)
}

/// Words on the device of `of`.
fn words(of: &CubeTensor, words: &[u32]) -> CubeTensor {
    upload(of, u32::as_bytes(words), DType::U32)
}

fn zeros(of: &CubeTensor, n: usize) -> CubeTensor {
    upload(of, f32::as_bytes(&vec![0.0; n]), DType::F32)
}

/// Numbers of 32 bits on the device of `of`.
fn upload(of: &CubeTensor, bytes: &[u8], dtype: DType) -> CubeTensor {
    let handle = of.client.create_from_slice(bytes);
    let (client, device) = (of.client.clone(), of.device.clone());
    CubeTensor::new_contiguous(client, device, Shape::new([bytes.len() / 4]), handle, dtype)
}
