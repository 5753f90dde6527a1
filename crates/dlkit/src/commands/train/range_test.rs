//! `dlkit train --find-learning-rate`.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use dlkit_files::overwrite::{check_file, publish};
use dlkit_models::Device;
use dlkit_models::tasks::Session;
use dlkit_models::training::{Interrupter, RangeStep, RangeTest};
use serde::Serialize;

use crate::arguments::{ForceArgs, check_no_run};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::interrupt::StopOnCtrlC;
use crate::plot::stage_drawing;
use crate::report::{Align, TextTable, figure, range_chart};

/// The learning rate range test instead of a training.
#[derive(Debug, clap::Args)]
pub(super) struct RangeTestArgs {
    /// Range test instead of a training: at most 150 steps with a growing learning rate. Proposes the one at which
    /// the loss falls fastest (Smith, 2017); no run is kept.
    #[arg(long, conflicts_with_all = ["resume", "init", "epochs", "dashboard", "output"], help_heading = "Training")]
    find_learning_rate: bool,
    /// Drawing of the loss over the learning rate, with --find-learning-rate.
    #[arg(
        long,
        value_name = "FILE.png|FILE.svg",
        requires = "find_learning_rate",
        help_heading = "Results"
    )]
    curve: Option<PathBuf>,
    #[command(flatten)]
    force: ForceArgs,
}

#[derive(Serialize)]
struct Answer<'a> {
    /// The rate of the recipe.
    learning_rate: f64,
    #[serde(flatten)]
    test: &'a RangeTest,
    #[serde(skip_serializing_if = "Option::is_none")]
    curve: Option<String>,
}

#[derive(Serialize)]
struct Interrupted {
    error: &'static str,
}

const CURVE: &str = "--curve";

impl RangeTestArgs {
    pub(super) const fn is_given(&self) -> bool {
        self.find_learning_rate
    }

    /// Checks the path before slow work starts.
    pub(super) fn check(&self) -> Result<()> {
        let Some(path) = &self.curve else {
            if self.force.is_given() {
                bail!(
                    "--force overwrites the file of {CURVE}; give one (runs are never overwritten)"
                );
            }
            return Ok(());
        };
        if !matches!(ending(path).as_deref(), Some("png" | "svg")) {
            bail!("{CURVE} {}: the file name must end in .png or .svg", path.display());
        }
        check_no_run(CURVE, path)?;
        Ok(check_file(CURVE, path, self.force.is_given())?)
    }

    /// Tests, prints and draws.
    pub(super) fn run(
        &self,
        session: &Session,
        device: &Device,
        console: Console,
    ) -> Result<ExitStatus> {
        let interrupter = Interrupter::new();
        let _listening = StopOnCtrlC::new(interrupter.clone());
        let Some(test) = session.range_test(device, &interrupter)? else {
            console.line("interrupted; nothing was written")?;
            console.object(&Interrupted { error: "interrupted" })?;
            return Ok(ExitStatus::Interrupted);
        };
        let learning_rate = session.experiment().config().training.learning_rate;
        console.line(table(&test.steps))?;
        match test.proposal {
            Some(proposal) => console.line(format!(
                "the loss falls fastest at a learning rate of {0}; try --set training.learning_rate={0} \
                 (the recipe has {1})",
                rounded(proposal),
                rounded(learning_rate)
            ))?,
            None => console.line("the loss does not fall at any learning rate; check data and network")?,
        }
        let mut curve = None;
        if let Some(path) = &self.curve {
            let staged = stage_drawing(&range_chart(&test), path)?;
            let path = publish(CURVE, staged, self.force.is_given())?.display().to_string();
            console.line(format!("written: {path}"))?;
            curve = Some(path);
        }
        let status = if test.proposal.is_some() { ExitStatus::Done } else { ExitStatus::No };
        console.object(&Answer { learning_rate, test: &test, curve })?;
        Ok(status)
    }
}

fn ending(path: &Path) -> Option<String> {
    Some(path.extension()?.to_str()?.to_owned())
}

/// Most lines of the table.
const MOST_LINES: usize = 16;

/// Steps at equal distances, and the last.
fn table(steps: &[RangeStep]) -> TextTable {
    let right = Align::Right;
    let mut table =
        TextTable::new(&[("learning rate", right), ("loss", right), ("smoothed", right)]);
    let distance = steps.len().div_ceil(MOST_LINES).max(1);
    let last = steps.len().saturating_sub(1);
    for (_, step) in
        steps.iter().enumerate().filter(|(index, _)| index % distance == 0 || *index == last)
    {
        let figures = [step.loss, step.smoothed].map(|value| figure(value, 4));
        table.row([rounded(step.learning_rate)].into_iter().chain(figures));
    }
    table
}

/// A learning rate to two digits: what a test can tell.
fn rounded(rate: f64) -> String {
    let text = format!("{rate:.1e}");
    text.parse::<f64>()
        .map_or(text, |rate| if rate < 1e-4 { format!("{rate:e}") } else { rate.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_have_two_digits_and_read_back() {
        assert_eq!([0.003_234, 0.999, 4.56e-6].map(rounded), ["0.0032", "1", "4.6e-6"]);
    }
}
