//! Shapes that fit, and what to say of those that do not.

use crate::value::shape::{Shape, ShapeError};

/// A shape, or the reason why it is too large: `action` and the sizes.
pub(super) fn sized(sizes: &[usize], action: &str) -> Result<Shape, String> {
    Shape::from_sizes(sizes).map_err(|error| match error {
        ShapeError::TooLarge => format!("{action} {sizes:?}; {error}"),
        ShapeError::Axes | ShapeError::Zero => format!("{action} {sizes:?}"),
    })
}

/// What to say of features where maps are needed.
pub(super) fn needs_maps(input: Shape) -> String {
    format!(
        "this layer expects [channels, height, width] but receives {input}; add a \"reshape\" \
         layer before it"
    )
}
