//! The samples of pictures, of 8 and 16 bits.

use std::sync::Arc;

use moxcms::{CmsError, ColorProfile, Layout, TransformExecutor, TransformOptions};

/// A sample of a picture.
pub(super) trait Sample: Copy + Default + Send + Sync {
    /// The largest level.
    const LARGEST: u16;

    /// All samples, from the smallest.
    fn all() -> impl Iterator<Item = Self>;

    /// The sample as a number.
    fn level(self) -> u16;

    /// The sample nearest to a value from 0 to 1.
    fn nearest(value: f32) -> Self;

    /// The conversion from one profile to another.
    fn transform(
        from: &ColorProfile,
        to: &ColorProfile,
        options: TransformOptions,
    ) -> Result<Arc<dyn TransformExecutor<Self> + Send + Sync>, CmsError>;
}

impl Sample for u8 {
    const LARGEST: u16 = 255;

    fn all() -> impl Iterator<Item = Self> {
        0..=Self::MAX
    }

    fn level(self) -> u16 {
        self.into()
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 255")]
    fn nearest(value: f32) -> Self {
        (value * 255.0).round() as Self
    }

    fn transform(
        from: &ColorProfile,
        to: &ColorProfile,
        options: TransformOptions,
    ) -> Result<Arc<dyn TransformExecutor<Self> + Send + Sync>, CmsError> {
        from.create_transform_8bit(Layout::Rgb, to, Layout::Rgb, options)
    }
}

impl Sample for u16 {
    const LARGEST: u16 = Self::MAX;

    fn all() -> impl Iterator<Item = Self> {
        0..=Self::MAX
    }

    fn level(self) -> u16 {
        self
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 65535")]
    fn nearest(value: f32) -> Self {
        (value * 65_535.0).round() as Self
    }

    fn transform(
        from: &ColorProfile,
        to: &ColorProfile,
        options: TransformOptions,
    ) -> Result<Arc<dyn TransformExecutor<Self> + Send + Sync>, CmsError> {
        from.create_transform_16bit(Layout::Rgb, to, Layout::Rgb, options)
    }
}
