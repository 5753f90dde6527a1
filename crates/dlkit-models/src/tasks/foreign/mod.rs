//! ONNX models of other projects: read, judged by what they would take, and run by the second runtime.
//!
//! A model is not run if its sizes tell that it would take too much memory or time, if it computes with whole
//! numbers, or if its weights lie elsewhere than beside it. A panic of the runtime is an error of the file.

mod error;
mod model;
mod port;
mod weights;

pub use error::ForeignModelError;
pub(crate) use model::{ForeignModel, Opened};
pub(crate) use port::Port;
