//! The same loop for every machine, and for those with wide vectors.

/// A loop that can be compiled for several machines.
pub(crate) trait Loop {
    /// What it makes.
    type Made;

    /// `FUSED` is whether the machine adds a product in one step; elsewhere
    /// `mul_add` would be a call for each number. To be `inline(always)`, or it
    /// would not be compiled for the machine that it runs on.
    fn run<const FUSED: bool>(self) -> Self::Made;
}

/// Runs a loop in the widest form that the machine has.
pub(crate) fn widest<L: Loop>(work: L) -> L::Made {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::is_x86_feature_detected as has;
        if has!("avx2") && has!("fma") && has!("popcnt") {
            // SAFETY: the machine has the three features that it is compiled for.
            return unsafe { on_avx2(work) };
        }
    }
    if cfg!(target_arch = "aarch64") {
        return work.run::<true>();
    }
    work.run::<false>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,popcnt")]
fn on_avx2<L: Loop>(work: L) -> L::Made {
    work.run::<true>()
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
