//! The dashboard in the terminal, which also reacts to Ctrl-C.

use dlkit_models::run::{Best, EpochRecord};
use dlkit_models::training::{Dashboard, Interrupter, Measure, Observer, StepProgress};

use crate::terminal;

/// A dashboard that fills the terminal.
pub(crate) struct TerminalDashboard(Option<Dashboard>);

impl TerminalDashboard {
    /// Opens the dashboard for a training with a total number of epochs, some already finished.
    pub(crate) fn open(
        measures: &[Measure],
        [done, epochs]: [usize; 2],
        interrupter: Interrupter,
    ) -> Self {
        terminal::keep();
        Self(Some(Dashboard::open(measures, epochs, done, interrupter)))
    }
}

impl Observer for TerminalDashboard {
    fn step(&mut self, progress: &StepProgress<'_>) {
        // The thread of the dashboard may have captured the keys only now.
        terminal::let_keys_interrupt();
        if let Some(dashboard) = &mut self.0 {
            dashboard.step(progress);
        }
    }

    fn epoch(&mut self, record: &EpochRecord, best: Option<Best>) {
        if let Some(dashboard) = &mut self.0 {
            dashboard.epoch(record, best);
        }
    }
}

impl Drop for TerminalDashboard {
    fn drop(&mut self) {
        drop(self.0.take());
        // A dashboard closed at once left the settings unchanged.
        terminal::release();
    }
}
