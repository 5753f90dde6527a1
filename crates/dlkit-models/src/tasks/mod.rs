//! The tasks, each in a folder of its own: how samples become batches, what is measured, reports.
//!
//! A [`Session`] is an experiment with its data, for any task. A task adds its facts
//! ([`TaskFacts`]), its metrics ([`TaskReport`]), its batches and its loss.

mod checkup;
pub mod classification;
pub mod colorization;
mod error;
mod evaluation;
mod foreign;
mod imported;
mod input;
mod learning;
mod lifecycle;
mod proposal;
pub mod regression;
mod report;
mod session;
mod start;
mod table;
mod trained;

pub use crate::data::Part;
pub use crate::facts::TaskFacts;
pub use checkup::diagnose;
pub use error::TaskError;
pub use evaluation::Evaluation;
pub use foreign::ForeignModelError;
pub use imported::ImportedRun;
pub use input::{PictureReading, read_batch};
pub use lifecycle::{Command, Conclusion, Job, LifecycleError, Resumed, Resumption};
pub use proposal::propose;
pub use report::TaskReport;
pub use session::Session;
pub use start::Start;
pub use table::{RowOutputs, Skipped};
pub use trained::{AnyPredictor, KeptRun, NetworkPath, TrainedNetwork};

pub(crate) use learning::{Learning, Prepared, Samples, evaluation_batch};
