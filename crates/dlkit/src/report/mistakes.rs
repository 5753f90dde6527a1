//! The pictures of highest loss, as a sheet.

use std::path::Path;

use anyhow::Result;
use dlkit_models::data::{Origin, pictures_at};
use dlkit_models::tasks::classification::{ClassificationReport, ScoredSample};
use image::DynamicImage;
use image::imageops::FilterType;

use super::figures::{counted, figure, percent};
use crate::plot::ContactSheet;

/// Most pictures of a sheet.
const MOST: usize = 30;
/// Longer side of each picture, in pixels.
const SIDE: u32 = 200;

/// Sheet of the pictures whose loss is highest, worst first, with truth and prediction.
///
/// # Errors
/// A picture that cannot be read.
pub(crate) fn mistakes_sheet(report: &ClassificationReport, data: &str) -> Result<DynamicImage> {
    let mut samples: Vec<ScoredSample<'_>> = report.scored.samples(report.threshold).collect();
    let wrong = samples.iter().filter(|sample| sample.actual != sample.predicted).count();
    let all = samples.len();
    samples.sort_by(|left, right| right.loss.total_cmp(&left.loss));
    samples.truncate(MOST);
    let origins: Vec<&Origin> = samples.iter().map(|sample| &sample.origin).collect();
    let pictures = pictures_at(&origins)?;
    let pictures: Vec<(String, DynamicImage)> = samples
        .iter()
        .zip(pictures)
        .map(|(sample, picture)| (label(sample, report), fitted(&picture)))
        .collect();
    let title = format!(
        "Highest loss: {} of {data}; {wrong} of {} predicted wrongly",
        counted(pictures.len(), "picture"),
        counted(all, "sample")
    );
    Ok(ContactSheet { title, pictures }.draw()?)
}

/// Truth, prediction, its probability and the loss, and where the picture is.
fn label(sample: &ScoredSample<'_>, report: &ClassificationReport) -> String {
    let class = |place: usize| report.classes.get(place).map_or("?", |class| class.class.as_str());
    let score = sample.scores.get(sample.predicted).copied().unwrap_or(f64::NAN);
    let score = if report.scored.are_probabilities {
        percent(score)
    } else {
        format!("score {}", figure(score, 4))
    };
    let file = sample.origin.file.as_deref().and_then(Path::file_name);
    let place = match (sample.origin.index, file) {
        (Some(index), _) => format!("index {index}"),
        (None, Some(name)) => name.to_string_lossy().into_owned(),
        (None, None) => String::new(),
    };
    format!(
        "true {}\npredicted {}\n{score}, loss {}\n{place}",
        class(sample.actual),
        class(sample.predicted),
        figure(sample.loss, 3)
    )
}

/// A picture that fills its place; the pixels of a small one stay sharp.
fn fitted(picture: &DynamicImage) -> DynamicImage {
    let small = picture.width().max(picture.height()) < SIDE;
    let filter = if small { FilterType::Nearest } else { FilterType::Triangle };
    picture.resize(SIDE, SIDE, filter)
}
