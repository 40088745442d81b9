//! The normalisation of pictures.

/// How a picture's channels are normalised: (x − mean) / deviation, x in 0…1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Normalisation {
    /// Mean of each channel.
    pub mean: [f32; 3],
    /// Standard deviation of each channel.
    pub deviation: [f32; 3],
}

impl Normalisation {
    /// CIFAR-10's, as its benchmarks normalise.
    pub const CIFAR: Self = Self {
        mean: [0.4914, 0.4822, 0.4465],
        deviation: [0.2470, 0.2435, 0.2616],
    };
    /// ImageNet's.
    pub const IMAGENET: Self = Self {
        mean: [0.485, 0.456, 0.406],
        deviation: [0.229, 0.224, 0.225],
    };
    /// None: a picture's numbers stay as they are, 0…1.
    pub const NONE: Self = Self {
        mean: [0.0; 3],
        deviation: [1.0; 3],
    };
}
