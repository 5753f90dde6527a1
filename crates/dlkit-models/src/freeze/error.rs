//! What can be wrong with a frozen file, and with freezing.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::graph::{Damage, OutOfRange};

/// Why a network cannot be frozen, or a frozen file not be used.
#[derive(Debug, Error)]
pub enum FreezeError {
    /// Reading or writing failed.
    #[error("{path}: cannot {action}: {source}", path = .path.display())]
    Io {
        /// `read` or `write`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The bytes are no ONNX model.
    #[error("{path}: not a readable ONNX file: it {damage}", path = .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        damage: Damage,
    },
    /// An ONNX model of another program.
    #[error(
        "{path}: not frozen by dlkit, so it cannot be used{}; show its content with dlkit inspect \
         {path}",
        not_known(unknown),
        path = .path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The first operators of its graph that no frozen file has.
        unknown: Vec<String>,
    },
    /// A frozen file that this version of dlkit cannot read, or will not run.
    #[error("{path}: cannot be used: {reason}", path = .path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What was found and what is expected.
        reason: String,
    },
    /// A frozen file whose graph is not that of the network in its metadata.
    #[error("{path}: cannot be used: {reason}", path = .path.display())]
    Mismatch {
        /// The file.
        path: PathBuf,
        /// What was found and what is expected.
        reason: String,
        /// The first layer of its network that its graph does not have as it should, if it is the
        /// graph.
        layer: Option<String>,
    },
    /// Weights or metadata are not those that were frozen.
    #[error(
        "{path}: changed since it was frozen: the SHA-256 of its content is {found}, not \
         {expected}; freeze the run again, or find the difference with dlkit verify RUN {path}",
        path = .path.display()
    )]
    Changed {
        /// The file.
        path: PathBuf,
        /// SHA-256 of metadata and weights in the file.
        found: String,
        /// The value in the file.
        expected: String,
    },
    /// Probabilities of a network that does not output any.
    #[error(
        "--with-softmax: the network does not output probabilities; it needs training.loss = \
         \"cross-entropy\" or a softmax as the last layer"
    )]
    NoProbabilities,
    /// A program for a network that needs more than a short one.
    #[error(
        "--python: writes programs for classifiers and regressions; a colorizer needs more than a short one \
         (tiles, colors between bins), so use dlkit colorize"
    )]
    NoScript,
    /// A constant that exceeds single precision.
    #[error("layer `{layer}`: cannot be frozen: {what} {value:e} exceeds single precision")]
    Constant {
        /// The layer.
        layer: String,
        /// Which constant.
        what: &'static str,
        /// Its value.
        value: f64,
    },
    /// A network with more weights than an ONNX file can store.
    #[error(
        "the network needs {bytes} bytes, but an ONNX file must be smaller than {most} (2 GiB)"
    )]
    TooLarge {
        /// Bytes needed.
        bytes: u64,
        /// Bytes allowed.
        most: u64,
    },
    /// Metadata that cannot be written as text.
    #[error("the metadata cannot be written: {0}")]
    Metadata(String),
    /// The second runtime could not run the file.
    #[error("the file cannot be verified: {0}")]
    Referee(String),
}

/// What to say of operators that are not known, if any.
fn not_known(unknown: &[String]) -> String {
    match unknown {
        [] => String::new(),
        names => format!("; unknown operators: `{}`", names.join("`, `")),
    }
}

impl From<OutOfRange> for FreezeError {
    fn from(constant: OutOfRange) -> Self {
        let OutOfRange { layer, what, value } = constant;
        Self::Constant { layer, what, value }
    }
}

impl FreezeError {
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }

    pub(super) fn damaged(path: &Path) -> impl FnOnce(Damage) -> Self {
        let path = path.to_owned();
        move |damage| Self::Damaged { path, damage }
    }
}
