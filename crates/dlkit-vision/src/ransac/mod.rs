//! Robust estimation: finds a model that most data agree with, by random samples (RANSAC).

mod config;
mod driver;
mod error;
mod estimator;

pub use config::{RansacConfig, RansacSettings};
pub use driver::{Consensus, find_consensus};
pub(crate) use error::Pixels;
pub use error::RansacError;
pub use estimator::Estimator;
