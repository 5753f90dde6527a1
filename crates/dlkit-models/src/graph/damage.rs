//! What is wrong with the bytes of an ONNX model.

use thiserror::Error;

/// Why bytes are no ONNX model.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Damage {
    /// Nothing there.
    #[error("is empty")]
    Empty,
    /// No regular file.
    #[error("is not a regular file")]
    NoFile,
    /// More bytes than ONNX allows.
    #[error("is larger than {most} bytes (2 GiB), the limit of an ONNX file")]
    Size {
        /// Bytes allowed.
        most: u64,
    },
    /// Bytes that cannot be decoded.
    #[error("{0}")]
    Bytes(String),
    /// Too many graphs inside each other.
    #[error("nests graphs too deeply")]
    Nested,
    /// More parts than memory is spent on.
    #[error("needs more than {most} bytes of memory besides its weights")]
    Parts {
        /// Bytes allowed.
        most: usize,
    },
    /// No graph.
    #[error("contains no graph")]
    NoGraph,
}
