//! Runs beside each other: grouped by what differs in their recipes, seeds taken together.

mod group;
mod key;
mod measured;
mod runs;
#[cfg(test)]
mod tests;

pub use group::{Comparison, ComparisonError, Group, PairedDifference};
pub use measured::{ComparedRun, Metric};
pub use runs::{FoundDirectory, FoundRun, find_runs};
