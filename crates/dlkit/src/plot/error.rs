//! What can go wrong between a chart and its files.

use std::path::PathBuf;

use resvg::usvg;

/// Why a chart could not be drawn or saved.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlotError {
    /// A confusion matrix without classes.
    #[error("a confusion matrix needs at least one class")]
    NoClasses,
    /// A confusion matrix whose counts are not classes by classes.
    #[error(
        "a confusion matrix of {classes} classes needs {classes} rows of {classes} counts; \
         row {row} has {found}"
    )]
    RaggedMatrix {
        /// Number of class names.
        classes: usize,
        /// First row, from 0, of another length; a missing row has length 0.
        row: usize,
        /// Counts in that row.
        found: usize,
    },
    /// More rows of counts than class names.
    #[error("a confusion matrix of {classes} classes has {rows} rows of counts")]
    ExtraRows {
        /// Number of class names.
        classes: usize,
        /// Rows of counts.
        rows: usize,
    },
    /// SVG text that does not parse.
    #[error("invalid SVG")]
    Svg(#[from] usvg::Error),
    /// A drawing without area, or one too large to rasterize.
    #[error("a chart of {width} x {height} pixels cannot be rasterized")]
    Size {
        /// Width of the SVG.
        width: f32,
        /// Height of the SVG.
        height: f32,
    },
    /// The PNG encoder refused the pixels.
    #[error("the chart cannot be encoded as PNG")]
    Png(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The GIF encoder refused the pixels.
    #[error("the drawings cannot be encoded as GIF")]
    Gif(#[from] gif::EncodingError),
    /// Frames of an animation of several sizes.
    #[error("a frame of {} x {} pixels does not fit an animation of {} x {}", other[0], other[1], first[0], first[1])]
    Frames {
        /// Width and height of the first.
        first: [u16; 2],
        /// Of the one that differs.
        other: [u16; 2],
    },
    /// A picture of no known kind.
    #[error("`{}` ends in neither .svg nor .png, which say what kind of picture it is", path.display())]
    Ending {
        /// The path given.
        path: PathBuf,
    },
    /// A picture path that names a folder or nothing.
    #[error("`{}` does not end in a file name", path.display())]
    NoFileName {
        /// The path given.
        path: PathBuf,
    },
    /// A file could not be written.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// The file to be written.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}
