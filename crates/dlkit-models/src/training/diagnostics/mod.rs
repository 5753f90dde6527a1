//! Why a network does not learn: gradients, weights, updates and dead units of every layer.

mod config;
mod diagnosis;
mod finding;
mod layer_diagnosis;
mod layer_findings;
mod look;
mod measure;
mod probe;

pub use config::DiagnosticsConfig;
pub use diagnosis::Diagnosis;
pub use finding::{Finding, Symptom};
pub use layer_diagnosis::LayerDiagnosis;
pub(crate) use layer_findings::share_of_usual_weights;
pub(crate) use look::{InputRange, Look};
pub use measure::LayerMeasure;
pub(crate) use probe::{DeadUnits, Probe};
