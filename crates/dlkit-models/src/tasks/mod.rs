//! What can be learnt; one folder per task, all alike: batch, model, report, prediction.
//!
//! A [`Session`] is an experiment with its data, whatever the task. What a task adds is small: its
//! facts ([`TaskFacts`]), its figures ([`TaskReport`]), and in its folder how samples become batches
//! and outputs a loss.

pub mod classification;
pub mod colorization;
mod error;
mod learning;
mod load;
pub mod regression;
mod report;
mod session;

pub use crate::facts::TaskFacts;
pub use error::TaskError;
pub use load::{PictureReading, load_network, network_of_weights, read_batch};
pub use report::TaskReport;
pub use session::{Part, Session};

pub(crate) use learning::{Learning, Prepared, Samples, evaluation_batch};
