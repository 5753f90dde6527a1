//! Comparison of runs, grouped by the differences of their recipes; groups pool all seeds.

mod group;
mod key;
mod measured;
mod runs;
#[cfg(test)]
mod tests;

pub use group::{Comparison, ComparisonError, Group, PairedDifference};
pub use measured::{ComparedRun, Metric};
pub use runs::{FoundDirectory, FoundRun, find_runs, read_runs, run_directories};
