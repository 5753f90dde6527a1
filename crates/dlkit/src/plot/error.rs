//! Errors of charts and their files.

use std::path::PathBuf;

use resvg::usvg;

/// An error while drawing or saving a chart.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlotError {
    /// A confusion matrix has no classes.
    #[error("a confusion matrix needs at least one class")]
    NoClasses,
    /// The counts of a confusion matrix do not have shape [classes, classes].
    #[error(
        "a confusion matrix of {classes} classes needs {classes} rows of {classes} counts; \
         row {row} has {found}"
    )]
    RaggedMatrix {
        /// Number of class names.
        classes: usize,
        /// First row of wrong length, from 0; a missing row has length 0.
        row: usize,
        /// Number of counts in that row.
        found: usize,
    },
    /// A confusion matrix has more rows than class names.
    #[error("a confusion matrix of {classes} classes has {rows} rows of counts")]
    ExtraRows {
        /// Number of class names.
        classes: usize,
        /// Number of rows.
        rows: usize,
    },
    /// SVG text is invalid.
    #[error("invalid SVG")]
    Svg(#[from] usvg::Error),
    /// A drawing is empty or too large to rasterize.
    #[error("a chart of {width} x {height} pixels cannot be rasterized")]
    Size {
        /// Width of the SVG.
        width: f32,
        /// Height of the SVG.
        height: f32,
    },
    /// The PNG encoder failed.
    #[error("the chart cannot be encoded as PNG")]
    Png(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The GIF encoder failed.
    #[error("the drawings cannot be encoded as GIF")]
    Gif(#[from] gif::EncodingError),
    /// The frames of an animation differ in size.
    #[error("a frame of {} x {} pixels does not fit an animation of {} x {}", other[0], other[1], first[0], first[1])]
    Frames {
        /// Width and height of the first frame.
        first: [u16; 2],
        /// Width and height of the frame that differs.
        other: [u16; 2],
    },
    /// The format of a picture is unknown.
    #[error("{}: the file name must end in .svg or .png", path.display())]
    Ending {
        /// The path given.
        path: PathBuf,
    },
    /// A picture path names a folder or nothing.
    #[error("{}: not a file name", path.display())]
    NoFileName {
        /// The path given.
        path: PathBuf,
    },
    /// A file cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}
