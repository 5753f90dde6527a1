//! What a graph takes of memory and time, told from its sizes before anything runs.
//!
//! The sizes of the inputs are given, so that nearly all others follow: sizes that a graph computes are
//! computed here, too. A value whose size does not follow counts as nothing.

mod known;
mod layers;
mod layout;
mod numbers;
mod rules;
mod step;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use thiserror::Error;

use self::known::Known;
use self::step::Graph;
use super::onnx::GraphProto;

/// Bytes of a number; what is stored with fewer takes four when it is computed with.
const NUMBER: f64 = 4.0;

/// Most that a graph may take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Most {
    /// Peak bytes of live values, without weights.
    pub(crate) memory: f64,
    /// Multiplications and other operations.
    pub(crate) operations: f64,
}

/// What a graph takes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Cost {
    /// Peak bytes of live values, without weights.
    pub(crate) memory: f64,
    /// Multiplications and other operations.
    pub(crate) operations: f64,
}

/// Why a graph is not run.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum TooMuch {
    /// Too much memory from this node on.
    #[error("{node} makes {made}, {bytes} at once; {most} are allowed")]
    Memory {
        /// The node.
        node: String,
        /// The sizes it makes.
        made: String,
        /// Bytes of live values at that node.
        bytes: String,
        /// Most allowed.
        most: String,
    },
    /// Too many operations up to this node.
    #[error("{operations} operations up to {node}; {most} are allowed")]
    Time {
        /// The node.
        node: String,
        /// All operations so far.
        operations: String,
        /// Most allowed.
        most: String,
    },
    /// A loop.
    #[error("{node} is a loop, whose end cannot be told")]
    Loop {
        /// The node.
        node: String,
    },
}

/// The nodes of a graph and the sizes of its weights, without the weights.
pub(crate) struct Judge(Graph);

impl Judge {
    /// Reads a graph, of which nothing is kept but small numbers.
    pub(crate) fn new(graph: &GraphProto) -> Self {
        Self(Graph::new(graph))
    }

    /// What the graph takes for inputs of these sizes.
    ///
    /// # Errors
    /// More than allowed.
    pub(crate) fn cost(&self, inputs: &[(&str, [usize; 4])], most: Most) -> Result<Cost, TooMuch> {
        let mut values: HashMap<String, Option<Known>> = HashMap::new();
        for (name, sizes) in inputs {
            values.insert((*name).to_owned(), Some(Known::of_sizes(sizes)));
        }
        let mut run = Run { most, cost: Cost::default(), values };
        run.graph(&self.0, 0.0)?;
        Ok(run.cost)
    }
}

/// A graph while it is followed.
struct Run {
    most: Most,
    cost: Cost,
    values: HashMap<String, Option<Known>>,
}

impl Run {
    /// Follows a graph, beside values that take some bytes.
    fn graph(&mut self, graph: &Graph, beside: f64) -> Result<(), TooMuch> {
        for (name, weight) in &graph.weights {
            self.values.insert(name.clone(), weight.clone());
        }
        let mut live = beside;
        for (place, step) in graph.steps.iter().enumerate() {
            if matches!(step.operator.as_str(), "Loop" | "Scan") {
                return Err(TooMuch::Loop { node: step.label() });
            }
            for branch in &step.branches {
                self.graph(branch, live)?;
            }
            let inputs: Vec<Option<Known>> =
                step.inputs.iter().map(|name| self.values.get(name).cloned().flatten()).collect();
            let made = rules::made(step, &inputs);
            let largest = made.values.iter().flatten().map(Known::count).fold(0.0, f64::max);
            let shown = made.values.iter().flatten().find(|value| value.count() >= largest);
            live += made.values.iter().flatten().map(Known::count).sum::<f64>() * NUMBER;
            self.cost.memory = self.cost.memory.max(live);
            self.cost.operations += made.operations;
            // Sizes that make no sense are no limit.
            if live.is_nan() || live > self.most.memory {
                return Err(TooMuch::Memory {
                    node: step.label(),
                    made: shown.map_or_else(String::new, Known::text),
                    bytes: bytes(live),
                    most: bytes(self.most.memory),
                });
            }
            if self.cost.operations > self.most.operations {
                return Err(TooMuch::Time {
                    node: step.label(),
                    operations: format!("{:.1e}", self.cost.operations),
                    most: format!("{:.1e}", self.most.operations),
                });
            }
            for (name, value) in step.outputs.iter().zip(made.values) {
                // An output that is not wanted has no name.
                if !name.is_empty() {
                    self.values.insert(name.clone(), value);
                }
            }
            for name in graph.ended(place) {
                let size = self.values.get(name).and_then(|value| value.as_ref().map(Known::count));
                live -= size.unwrap_or(0.0) * NUMBER;
            }
        }
        Ok(())
    }
}

/// Bytes as text.
fn bytes(count: f64) -> String {
    const STEP: f64 = 1024.0;
    let mut shown = count;
    for unit in ["bytes", "KiB", "MiB", "GiB", "TiB"] {
        if shown < STEP {
            return format!("{shown:.0} {unit}");
        }
        shown /= STEP;
    }
    format!("{shown:.1e} PiB")
}
