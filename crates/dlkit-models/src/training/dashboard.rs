//! Burn's dashboard in the terminal.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use burn::train::Interrupter;
use burn::train::logger::TrainingProgressLogger;
use burn::train::metric::{
    MetricDefinition, MetricEntry, MetricId, NumericAttributes, NumericEntry, SerializedEntry,
};
use burn::train::renderer::tui::TuiMetricsRendererWrapper;
use burn::train::renderer::{MetricState, MetricsRenderer, MetricsRendererTraining};

use super::monitor::Measure;
use super::observer::{Observer, StepProgress};
use super::record::EpochRecord;
use super::state::Best;

/// Shows a training in the whole terminal: metrics, curves, progress. The key `q` asks whether to
/// stop; training then stops after its current step.
pub struct Dashboard {
    /// None once the user had it closed.
    terminal: Option<TuiMetricsRendererWrapper>,
    interrupter: Interrupter,
    part: Option<&'static str>,
}

impl Dashboard {
    /// Takes over the terminal for a training with this many epochs, some already done.
    #[must_use]
    pub fn open(
        measures: &[Measure],
        epochs: usize,
        done: usize,
        interrupter: Interrupter,
    ) -> Self {
        let resumed = (done > 0).then_some(done);
        let terminal = Some(TuiMetricsRendererWrapper::new(interrupter.clone(), resumed));
        let mut dashboard = Self { terminal, interrupter, part: None };
        dashboard.show(|terminal| {
            for measure in measures {
                let attributes =
                    NumericAttributes { unit: None, higher_is_better: measure.higher_is_better };
                terminal.register_metric(MetricDefinition {
                    metric_id: identity(measure.name),
                    name: Arc::new(measure.name.to_owned()),
                    description: None,
                    attributes: attributes.into(),
                });
            }
            terminal.start(epochs, done, None, None);
        });
        dashboard
    }

    /// Draws. On "stop immediately", Burn's terminal panics in its own thread and at the next
    /// drawing. Such a panic stops the training like Ctrl-C, and drawing ends.
    fn show(&mut self, draw: impl FnOnce(&mut TuiMetricsRendererWrapper)) {
        let Some(mut terminal) = self.terminal.take() else { return };
        if catch_unwind(AssertUnwindSafe(|| draw(&mut terminal))).is_ok() {
            self.terminal = Some(terminal);
        } else {
            self.interrupter.stop(Some("stopped by the user"));
            // Closing it would panic again.
            std::mem::forget(terminal);
        }
    }
}

impl Observer for Dashboard {
    fn step(&mut self, progress: &StepProgress<'_>) {
        let StepProgress { part, samples, samples_total, measured, means, .. } = *progress;
        let begins = self.part.replace(part) != Some(part);
        self.show(|terminal| {
            if begins {
                terminal.start_split(part, samples_total);
            }
            for (name, value) in &measured.values {
                let mean = means.get(name).copied().unwrap_or(f64::NAN);
                let text = SerializedEntry::new(
                    format!("epoch {mean:.4} - batch {value:.4}"),
                    value.to_string(),
                );
                let entry = MetricEntry::new(identity(name), text);
                let state = MetricState::Numeric(entry, Some(NumericEntry::Value(*value)));
                if part == "train" {
                    terminal.update_train(state);
                } else {
                    terminal.update_valid(state);
                }
            }
            terminal.update_split(samples);
            if samples == samples_total {
                terminal.end_split();
            }
        });
    }

    fn epoch(&mut self, record: &EpochRecord, _: Option<Best>) {
        self.part = None;
        self.show(|terminal| terminal.update_epoch(record.epoch));
    }
}

fn identity(name: &str) -> MetricId {
    MetricId::new(Arc::new(name.to_owned()))
}
