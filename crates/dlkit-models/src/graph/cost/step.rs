//! Nodes as far as sizes depend on them.

use std::collections::{HashMap, HashSet};

use super::known::{Known, whole};
use crate::graph::onnx::{Attribute, GraphProto, NodeProto, attribute_kind};

/// A graph without its weights.
pub(super) struct Graph {
    pub(super) steps: Vec<Step>,
    /// Weights and constants.
    pub(super) weights: HashMap<String, Option<Known>>,
    /// Values that no node after each reads.
    ended: Vec<Vec<String>>,
}

/// A node.
pub(super) struct Step {
    name: String,
    pub(super) operator: String,
    pub(super) inputs: Vec<String>,
    pub(super) outputs: Vec<String>,
    settings: HashMap<String, Setting>,
    /// Graphs within.
    pub(super) branches: Vec<Graph>,
}

enum Setting {
    Numbers(Vec<f64>),
    Text(String),
    Value(Option<Known>),
}

impl Graph {
    pub(super) fn new(graph: &GraphProto) -> Self {
        let mut weights: HashMap<String, Option<Known>> = graph
            .initializer
            .iter()
            .map(|weight| (weight.name.clone(), Known::of_tensor(weight)))
            .collect();
        let mut steps = Vec::new();
        for node in &graph.node {
            let step = Step::new(node);
            match (step.operator.as_str(), step.outputs.as_slice()) {
                ("Constant", [output]) => {
                    weights.insert(output.clone(), step.constant());
                }
                _ => steps.push(step),
            }
        }
        let kept = graph.output.iter().map(|output| output.name.as_str()).collect();
        let ended = ended(&steps, kept);
        Self { steps, weights, ended }
    }

    /// The values made by nodes that the node at a place is the last to read or make.
    pub(super) fn ended(&self, place: usize) -> &[String] {
        self.ended.get(place).map_or(&[], Vec::as_slice)
    }
}

/// For each node, the values made by nodes that none after it reads; those of graphs within are kept.
fn ended(steps: &[Step], kept: HashSet<&str>) -> Vec<Vec<String>> {
    let mut seen = kept;
    for step in steps {
        for branch in &step.branches {
            seen.extend(branch.steps.iter().flat_map(|step| &step.inputs).map(String::as_str));
        }
    }
    let made: HashSet<&str> =
        steps.iter().flat_map(|step| &step.outputs).map(String::as_str).collect();
    let mut ended: Vec<Vec<String>> = steps
        .iter()
        .rev()
        .map(|step| {
            let names = step.inputs.iter().chain(&step.outputs).map(String::as_str);
            let last = names.filter(|name| made.contains(name) && seen.insert(name));
            last.map(str::to_owned).collect()
        })
        .collect();
    ended.reverse();
    ended
}

impl Step {
    fn new(node: &NodeProto) -> Self {
        let mut settings = HashMap::new();
        let mut branches = Vec::new();
        for attribute in &node.attribute {
            if let Some(graph) = &attribute.g {
                branches.push(Graph::new(graph));
            }
            if let Some(setting) = setting(attribute) {
                settings.insert(attribute.name.clone(), setting);
            }
        }
        Self {
            name: node.name.clone(),
            operator: node.op_type.clone(),
            inputs: node.input.clone(),
            outputs: node.output.clone(),
            settings,
            branches,
        }
    }

    /// The value of a constant.
    fn constant(&self) -> Option<Known> {
        if let Some(value) = self.value("value") {
            return Some(value.clone());
        }
        let of = |name: &str, is_whole| {
            self.numbers(name).map(|numbers| Known { is_whole, ..Known::list(numbers.to_vec()) })
        };
        let single = |known: Known| Known { sizes: Vec::new(), ..known };
        of("value_int", true)
            .map(single)
            .or_else(|| of("value_float", false).map(single))
            .or_else(|| of("value_ints", true))
            .or_else(|| of("value_floats", false))
    }

    /// Name and operator, for messages.
    pub(super) fn label(&self) -> String {
        let name = self.outputs.first().filter(|_| self.name.is_empty()).unwrap_or(&self.name);
        format!("node `{name}` ({})", self.operator)
    }

    /// The numbers of a setting.
    pub(super) fn numbers(&self, name: &str) -> Option<&[f64]> {
        match self.settings.get(name)? {
            Setting::Numbers(numbers) => Some(numbers),
            _ => None,
        }
    }

    /// The number of a setting.
    pub(super) fn number(&self, name: &str) -> Option<f64> {
        match self.numbers(name)? {
            [number] => Some(*number),
            _ => None,
        }
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.number(name).is_some_and(|number| number != 0.0)
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match self.settings.get(name)? {
            Setting::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn value(&self, name: &str) -> Option<&Known> {
        match self.settings.get(name)? {
            Setting::Value(value) => value.as_ref(),
            _ => None,
        }
    }
}

fn setting(attribute: &Attribute) -> Option<Setting> {
    use attribute_kind::{FLOAT, FLOATS, INT, INTS, STRING, TENSOR};
    match attribute.kind {
        FLOAT => Some(Setting::Numbers(vec![f64::from(attribute.f.unwrap_or(0.0))])),
        INT => Some(Setting::Numbers(vec![whole(attribute.i.unwrap_or(0))])),
        STRING => {
            let text = attribute.s.as_ref().map(|text| String::from_utf8_lossy(text).into_owned());
            Some(Setting::Text(text.unwrap_or_default()))
        }
        TENSOR => Some(Setting::Value(attribute.t.as_deref().and_then(Known::of_tensor))),
        FLOATS => {
            Some(Setting::Numbers(attribute.floats.iter().map(|&number| number.into()).collect()))
        }
        INTS => {
            Some(Setting::Numbers(attribute.ints.iter().map(|&number| whole(number)).collect()))
        }
        _ => None,
    }
}
