//! What a network is given.

/// Subtracted from L, which runs from 0 to 100.
pub const LIGHTNESS_MEAN: f32 = 50.0;
/// Divides L after the mean was subtracted.
pub const LIGHTNESS_DEVIATION: f32 = 50.0;
