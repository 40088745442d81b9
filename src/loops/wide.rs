//! The same loop for every machine, and for those with wide vectors.

/// A loop that can be compiled for several machines.
pub(crate) trait Loop {
    /// What it makes.
    type Made;

    /// `FUSED` is whether the machine adds a product in one step; elsewhere
    /// `mul_add` would be a call for each number. `VECTOR` is how many numbers of
    /// single precision a vector has. To be `inline(always)`, or it would not be
    /// compiled for the machine that it runs on.
    fn run<const FUSED: bool, const VECTOR: usize>(self) -> Self::Made;
}

/// A kind of machine that loops are compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Machine {
    Any,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Machine {
    /// The one with the widest vectors that this machine is.
    pub(crate) fn widest() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected as has;
            if has!("avx2") && has!("fma") && has!("popcnt") {
                return if has!("avx512f") {
                    Self::Avx512
                } else {
                    Self::Avx2
                };
            }
        }
        Self::Any
    }

    /// All that this machine is.
    #[cfg(test)]
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        #[cfg(target_arch = "x86_64")]
        let all = [Self::Any, Self::Avx2, Self::Avx512];
        #[cfg(not(target_arch = "x86_64"))]
        let all = [Self::Any];
        let last = all.iter().position(|&one| one == Self::widest());
        all.into_iter().take(last.map_or(0, |last| last + 1))
    }

    /// Runs a loop as it is compiled for this one, which this machine must be.
    pub(crate) fn run<L: Loop>(self, work: L) -> L::Made {
        match self {
            Self::Any if cfg!(target_arch = "aarch64") => work.run::<true, 4>(),
            Self::Any => work.run::<false, 4>(),
            // SAFETY: the machine has what it is compiled for.
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => unsafe { on_avx2(work) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => unsafe { on_avx512(work) },
        }
    }
}

/// Runs a loop in the widest form that the machine has.
pub(crate) fn widest<L: Loop>(work: L) -> L::Made {
    Machine::widest().run(work)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,popcnt")]
fn on_avx2<L: Loop>(work: L) -> L::Made {
    work.run::<true, 8>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx2,fma,popcnt")]
fn on_avx512<L: Loop>(work: L) -> L::Made {
    work.run::<true, 16>()
}

/// a·b + c.
#[inline(always)]
pub(crate) fn multiply_add<const FUSED: bool>(a: f64, b: f64, c: f64) -> f64 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}

/// Whether the machine has wide vectors.
#[cfg(target_arch = "x86_64")]
pub(crate) fn is_wide() -> bool {
    std::arch::is_x86_feature_detected!("avx2")
}

/// A function that is a generic one (`inline(always)`, as [`Loop::run`]) for every
/// machine, and for those with wide vectors.
macro_rules! wide {
    (fn $name:ident($($argument:ident: $type:ty),*) -> $made:ty = $form:path) => {
        fn $name($($argument: $type),*) -> $made {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn wide($($argument: $type),*) -> $made {
                    $form($($argument),*)
                }
                if $crate::wide::is_wide() {
                    // SAFETY: the machine has what it is compiled for.
                    return unsafe { wide($($argument),*) };
                }
            }
            $form($($argument),*)
        }
    };
}
pub(crate) use wide;
