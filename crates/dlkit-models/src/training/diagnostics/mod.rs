//! Why a network does not learn: gradients, weights, updates and dead units of every layer.

mod config;
mod diagnosis;
mod finding;
mod measure;
mod probe;

pub use config::DiagnosticsConfig;
pub use diagnosis::{Diagnosis, LayerDiagnosis};
pub use finding::{Finding, Symptom};
pub use measure::LayerMeasure;
pub(crate) use probe::{DeadUnits, Probe};
