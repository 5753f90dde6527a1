//! The dashboard in the terminal, which Ctrl-C stops as it stops any training.

use dlkit_models::run::{Best, EpochRecord};
use dlkit_models::training::{Dashboard, Interrupter, Measure, Observer, StepProgress};

use crate::terminal;

/// A dashboard over the whole terminal.
pub(crate) struct TerminalDashboard(Option<Dashboard>);

impl TerminalDashboard {
    /// Takes over the terminal for a training of so many epochs, some of them done already.
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
        // The dashboard's own thread may only now have taken over the keys.
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
        // One that its user had closed at once left the settings as they were.
        terminal::release();
    }
}
