//! Why no sheet was found.

use thiserror::Error;

/// Why no sheet was found.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum PageError {
    /// The picture is too small.
    #[error(
        "{width} x {height} pixels; a sheet is looked for in pictures of {least} x {least} or more"
    )]
    TooSmall {
        /// Columns of the picture.
        width: u32,
        /// Rows of the picture.
        height: u32,
        /// Columns and rows needed.
        least: u32,
    },
    /// Nothing looks enough like a sheet.
    #[error(
        "no page found{}; all four sides must be visible and stand out from what is around, or give the \
         corners with --corners",
        best.map_or_else(String::new, |best| format!(" (the likeliest outline has a confidence of {best:.2}, \
         below {least})"))
    )]
    NotFound {
        /// The confidence of the likeliest outline, if there is one.
        best: Option<f64>,
        /// The confidence needed.
        least: f64,
    },
}
