//! Why a training went as it did: its curves, its recipe, and a second look at network and data.

mod curves;
mod doubt;
mod evidence;
mod neighbors;
mod outcome;
mod setup;
mod skill;

use burn::tensor::Device;

pub(super) use self::doubt::doubt;
use self::evidence::Evidence;
use super::error::TaskError;
use super::session::Session;
use super::trained::load_network;
use crate::run::{RunDirectory, Which};
use crate::training::{Diagnosis, Finding, Symptom};

/// A rule that looks for one cause.
type Rule = fn(&Evidence<'_>) -> Option<Finding>;

/// Causes that explain what is seen elsewhere, in the order in which they are named.
const CAUSES: [Rule; 12] = [
    setup::constant_inputs,
    setup::unscaled_inputs,
    setup::batch_of_one,
    setup::long_warm_up,
    setup::equal_units,
    setup::tight_clipping,
    outcome::strong_penalty,
    setup::rectified_output,
    outcome::unrelated_labels,
    curves::high_learning_rate,
    setup::saturated_units,
    outcome::imbalanced_classes,
];

/// What is said where no cause is found by then, as it may follow from one.
const CONSEQUENCES: [Rule; 7] = [
    outcome::narrow_layer,
    curves::strong_dropout,
    curves::lagging_statistics,
    curves::overfitting,
    curves::low_learning_rate,
    curves::few_epochs,
    outcome::at_chance,
];

/// Findings in the layers that follow from causes that are found already.
fn follows(symptom: Symptom, causes: &[Finding]) -> bool {
    let found = |cause: Symptom| causes.iter().any(|finding| finding.symptom == cause);
    match symptom {
        Symptom::SmallWeights | Symptom::NoGradient | Symptom::SmallUpdates => {
            found(Symptom::StrongPenalty) || found(Symptom::EqualUnits)
        }
        Symptom::VanishingGradient | Symptom::ExplodingGradient => {
            found(Symptom::StrongPenalty) || found(Symptom::UnrelatedLabels)
        }
        Symptom::LargeUpdates => found(Symptom::HighLearningRate),
        _ => false,
    }
}

/// Diagnoses a run at its last checkpoint, with diagnostics or without: by the figures of its epochs, its recipe,
/// and a second look at network and data. Where the data cannot be read, that look is left out, and the diagnosis says
/// so.
///
/// # Errors
/// No finished epoch; a checkpoint or figures that cannot be read.
pub fn diagnose(run: &RunDirectory, device: &Device) -> Result<Diagnosis, TaskError> {
    let (experiment, info) = (run.experiment()?, run.info()?);
    let (records, diverged) = (run.epochs()?, run.diverged()?);
    let Some(last) = diverged.as_ref().or(records.last()) else {
        let path = run.path().display();
        return Err(TaskError::Contradiction(match info.epochs {
            0 => format!("{path}: no finished epoch"),
            epochs => format!("{path}: {epochs} epochs, but metrics.jsonl is empty or missing"),
        }));
    };
    let mut evidence = Evidence::new(&experiment, &records);
    let mut notes = Vec::new();
    if diverged.is_none() {
        let load = |device: &Device| load_network(&experiment, run, Which::Last, device);
        // A checkpoint that cannot be read is an error, with or without data.
        let networks = (load(&device.clone().autodiff())?, load(device)?);
        let looked = Session::prepare_own(&experiment, &info, run)
            .and_then(|session| evidence.look_at(&session, networks, device));
        notes.extend(looked.err().map(|error| format!("the data was not looked at: {error}")));
    }
    let mut measured = last.clone();
    for (name, value) in evidence.look.iter().flat_map(|look| &look.figures) {
        measured.metrics.entry(name.clone()).or_insert(*value);
    }
    let diagnosis = Diagnosis::new(experiment.network(), &measured)
        .unwrap_or_else(|| Diagnosis::without_layers(last.epoch));
    notes.extend(evidence.summary());
    let findings = findings(&evidence, &diagnosis.findings);
    Ok(Diagnosis { findings, notes, ..diagnosis })
}

/// All that stands out, causes first.
fn findings(evidence: &Evidence<'_>, of_layers: &[Finding]) -> Vec<Finding> {
    let causes: Vec<Finding> = CAUSES.iter().filter_map(|rule| rule(evidence)).collect();
    let others = of_layers.iter().filter(|finding| !follows(finding.symptom, &causes));
    let mut findings: Vec<Finding> = causes.iter().chain(others).cloned().collect();
    if findings.is_empty() {
        findings.extend(CONSEQUENCES.iter().find_map(|rule| rule(evidence)));
    }
    for finding in &mut findings {
        finding.remedies.retain(|remedy| !evidence.has(remedy));
    }
    findings
}
