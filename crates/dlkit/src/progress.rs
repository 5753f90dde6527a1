//! Progress of a training: a bar on terminals, and a line for each epoch.

use std::time::Duration;

use dlkit_models::run::{Best, EpochRecord};
use dlkit_models::training::{Observer, StepProgress};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::console::Console;
use crate::report::epoch_line;

/// Shows a bar for the samples of an epoch, and prints a line after the epoch.
pub(crate) struct TrainingProgress {
    console: Console,
    bar: ProgressBar,
    epochs: usize,
}

impl TrainingProgress {
    pub(crate) fn new(console: Console, epochs: usize) -> Self {
        let target = if console.shows_progress() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        let template = "{prefix} {wide_bar} {pos}/{len} samples, {eta} left, loss {msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { console, bar, epochs }
    }
}

impl Observer for TrainingProgress {
    fn step(&mut self, progress: &StepProgress<'_>) {
        if progress.part != "train" {
            return;
        }
        self.bar.set_length(progress.samples_total as u64);
        self.bar.set_prefix(format!("epoch {}/{}", progress.epoch, progress.epochs));
        self.bar.set_message(format!("{:.4}", progress.measured.loss()));
        self.bar.set_position(progress.samples as u64);
    }

    fn epoch(&mut self, record: &EpochRecord, best: Option<Best>) {
        let line = epoch_line(record, self.epochs, best);
        self.bar.suspend(|| {
            // A closed terminal must not end the training.
            let _ = self.console.line(line);
        });
        self.bar.reset();
    }
}

impl Drop for TrainingProgress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
