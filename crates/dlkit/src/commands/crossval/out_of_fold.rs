//! Predictions for each sample by the network that did not learn from it, and labels that are likely wrong.

use std::path::PathBuf;

use anyhow::{Result, bail};
use dlkit_models::crossval::{FoldScore, likelier_labels};
use dlkit_models::tasks::TaskReport;
use dlkit_models::tasks::classification::{ClassificationReport, ScoredSample};
use serde::Serialize;

use crate::arguments::PredictionFile;
use crate::console::Console;
use crate::report::{Align, Field, SampleTable, TextTable, counted, percent};

/// The file of predictions.
#[derive(Debug, clap::Args)]
pub(super) struct OutOfFoldArgs {
    /// File with a line for each sample, predicted by the network that did not learn from it (of the best
    /// value): truth, prediction, loss, probabilities, and whether its label is likely wrong.
    #[arg(long, value_name = "FILE.csv|FILE.jsonl", help_heading = "Results")]
    predictions: Option<PathBuf>,
}

/// What was written.
#[derive(Serialize)]
pub(super) struct Written {
    predictions: String,
    /// Number of samples whose label is likely wrong, of a classification with probabilities.
    #[serde(skip_serializing_if = "Option::is_none")]
    suspected_label_errors: Option<usize>,
}

/// A sample whose label is likely wrong.
struct Suspect {
    place: String,
    label: String,
    likelier: String,
    /// Probability of the label.
    confidence: f64,
}

/// Most suspects that are printed.
const MOST_SHOWN: usize = 10;

impl OutOfFoldArgs {
    /// Whether predictions are asked for.
    pub(super) const fn is_given(&self) -> bool {
        self.predictions.is_some()
    }

    fn file(&self, force: bool) -> Option<PredictionFile<'_>> {
        let path = self.predictions.as_deref();
        path.map(|path| PredictionFile { flag: "--predictions", path, force })
    }

    /// Checks the path before slow work starts.
    pub(super) fn check(&self, inputs: &[PathBuf], force: bool) -> Result<()> {
        self.file(force).map_or(Ok(()), |file| file.check(inputs))
    }

    /// Writes the predictions of all folds, if asked for, and prints the suspects.
    pub(super) fn write(
        &self,
        folds: &[FoldScore],
        force: bool,
        console: Console,
    ) -> Result<Option<Written>> {
        let Some(file) = self.file(force) else { return Ok(None) };
        let reports: Option<Vec<&ClassificationReport>> = folds
            .iter()
            .map(|fold| match &fold.report {
                TaskReport::Classification(report) => Some(report),
                TaskReport::Colorization(_) | TaskReport::Regression(_) => None,
            })
            .collect();
        let scored = |reports: &Vec<&ClassificationReport>| {
            likelier_labels(&reports.iter().map(|report| &report.scored).collect::<Vec<_>>())
        };
        let likelier = reports.as_ref().and_then(scored);
        let path = joined(folds, likelier.as_deref())?.write(file)?;
        let mut suspected_label_errors = None;
        if let (Some(reports), Some(likelier)) = (&reports, &likelier) {
            let found = suspects(reports, likelier);
            let samples: usize = folds.iter().map(|fold| fold.samples.len()).sum();
            say(&found, samples, console)?;
            suspected_label_errors = Some(found.len());
        }
        Ok(Some(Written { predictions: path, suspected_label_errors }))
    }
}

impl Written {
    /// The file.
    pub(super) fn path(&self) -> &str {
        &self.predictions
    }
}

/// One table of all folds, in the order of the data.
fn joined(folds: &[FoldScore], likelier: Option<&[Vec<Option<usize>>]>) -> Result<SampleTable> {
    let mut whole: Option<SampleTable> = None;
    for (index, fold) in folds.iter().enumerate() {
        let mut table = SampleTable::new(&fold.report);
        if let (Some(likelier), TaskReport::Classification(report)) =
            (likelier.and_then(|likelier| likelier.get(index)), &fold.report)
        {
            let class = |place: usize| report.classes.get(place).map(|class| class.class.clone());
            table.add(
                ["label_error", "likelier_label"],
                likelier.iter().map(|found| {
                    let name = found.and_then(class).unwrap_or_default();
                    [Field::Mark(found.is_some()), Field::Text(name)]
                }),
            );
        }
        let number = u64::try_from(index + 1)?;
        let place = |&sample: &usize| [Field::Whole(number), Field::Whole(sample as u64)];
        table.add(["fold", PLACE], fold.samples.iter().map(place));
        match &mut whole {
            None => whole = Some(table),
            Some(whole) => whole.append(table),
        }
    }
    match whole {
        Some(whole) => Ok(whole.sorted_by_last()),
        None => bail!("no fold was measured"),
    }
}

/// Column of places in the data, by which lines are sorted.
const PLACE: &str = "sample";

/// The suspects, those whose label is least probable first.
fn suspects(reports: &[&ClassificationReport], likelier: &[Vec<Option<usize>>]) -> Vec<Suspect> {
    let mut found = Vec::new();
    for (report, likelier) in reports.iter().zip(likelier) {
        let class = |place: usize| {
            report.classes.get(place).map(|class| class.class.clone()).unwrap_or_default()
        };
        let suspect = |(sample, likelier): (ScoredSample<'_>, &Option<usize>)| {
            let place = sample.origin.parts();
            // A table or an IDX file is the same for all.
            let place = match &place[..] {
                [(_, file)] => file.clone(),
                parts => {
                    let parts = parts.iter().filter(|(name, _)| *name != "file");
                    parts
                        .map(|(name, text)| format!("{name} {text}"))
                        .collect::<Vec<_>>()
                        .join(", ")
                }
            };
            Some(Suspect {
                place,
                label: class(sample.actual),
                likelier: class((*likelier)?),
                confidence: sample.scores.get(sample.actual).copied().unwrap_or(f64::NAN),
            })
        };
        found.extend(report.scored.samples(report.threshold).zip(likelier).filter_map(suspect));
    }
    found.sort_by(|left, right| left.confidence.total_cmp(&right.confidence));
    found
}

fn say(suspects: &[Suspect], samples: usize, console: Console) -> Result<()> {
    let samples = counted(samples, "sample");
    console.line(format!("\nsuspected label errors: {} of {samples}", suspects.len()))?;
    if suspects.is_empty() {
        return Ok(());
    }
    let left = Align::Left;
    let mut table = TextTable::new(&[
        ("sample", left),
        ("label", left),
        ("likelier", left),
        ("probability of the label", Align::Right),
    ]);
    for Suspect { place, label, likelier, confidence } in suspects.iter().take(MOST_SHOWN) {
        table.row([place.clone(), label.clone(), likelier.clone(), percent(*confidence)]);
    }
    console.line(table)?;
    match suspects.len().saturating_sub(MOST_SHOWN) {
        0 => Ok(()),
        more => console.line(format!("and {more} more, marked in the file")),
    }
}
