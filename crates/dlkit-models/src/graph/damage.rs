//! What is wrong with the bytes of an ONNX model.

use thiserror::Error;

/// Why bytes are no ONNX model.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Damage {
    /// Nothing there.
    #[error("is empty")]
    Empty,
    /// No regular file.
    #[error("is no regular file")]
    NoFile,
    /// More bytes than ONNX allows.
    #[error("is larger than {most} bytes (2 GiB), the most an ONNX file may have")]
    Size {
        /// Bytes allowed.
        most: u64,
    },
    /// Bytes that cannot be decoded.
    #[error("{0}")]
    Bytes(String),
    /// Too many graphs inside each other.
    #[error("has graphs inside graphs, more than can be read")]
    Nested,
    /// More parts than memory is spent on.
    #[error("would take more than {most} bytes of memory for its parts, weights aside")]
    Parts {
        /// Bytes allowed.
        most: usize,
    },
    /// No graph.
    #[error("holds no graph")]
    NoGraph,
}
