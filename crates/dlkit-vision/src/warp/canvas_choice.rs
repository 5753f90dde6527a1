//! Ways to choose the part of the target plane that is drawn.

/// Which part of the target plane is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CanvasChoice {
    /// The box around the warped picture.
    #[default]
    Fit,
    /// As large as the picture, from the origin.
    Source,
    /// Of a given size, from the origin.
    Size {
        /// Columns.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// Of a given size, from a given place.
    Placed {
        /// Columns.
        width: u32,
        /// Rows.
        height: u32,
        /// Target x of the first column, in pixels.
        left: i64,
        /// Target y of the first row, in pixels.
        top: i64,
    },
}
