//! Rates of thresholds: promised by a fit, and what became of them.

use dlkit_vision::eigenfaces::{
    Compared, ErrorKind, FaceSet, FeatureConfig, FeatureKind, Judged, Promise, Rate, Threshold,
    ThresholdRule,
};

use super::figures::{counted, figure, optional_percent, percent};
use super::text_table::{Align, TextTable};

/// Length of an interval above which it is said to be long.
const LONG: f64 = 0.2;

/// A rate with its interval.
pub(super) fn rate_text(rate: &Rate) -> String {
    format!("{} ({:.1} to {:.1})", percent(rate.share), 100.0 * rate.low, 100.0 * rate.high)
}

fn optional_rate(rate: Option<Rate>) -> String {
    rate.map_or_else(|| "-".to_owned(), |rate| rate_text(&rate))
}

/// Thresholds with their promised rates. `folds` are those of pictures and of people.
pub(super) fn thresholds_table(
    thresholds: &[(&str, Option<Threshold>)],
    folds: [usize; 2],
) -> String {
    let mut table = TextTable::new(&[
        ("threshold", Align::Left),
        ("value", Align::Right),
        ("known people rejected", Align::Right),
        ("new people rejected", Align::Right),
        ("new people accepted", Align::Right),
        ("others accepted", Align::Right),
        ("because", Align::Left),
    ]);
    for (name, threshold) in thresholds {
        let Some(threshold) = threshold else { continue };
        let rates = [
            threshold.known_rejected,
            threshold.new_rejected,
            threshold.new_accepted,
            threshold.others_accepted,
        ];
        let cells = rates.map(optional_rate);
        let head = [(*name).to_owned(), figure(threshold.value, 4)];
        table.row(head.into_iter().chain(cells).chain([because(threshold).to_owned()]));
    }
    let people = match folds[1] {
        0 => String::new(),
        folds => format!(" and people in {}", counted(folds, "fold")),
    };
    let mut text = format!(
        "thresholds and what they promise, measured on pictures held out in {}{people}, with 95 % \
         intervals:\n{table}",
        counted(folds[0], "fold")
    );
    if let Some(note) = few_note(thresholds) {
        text.push('\n');
        text.push_str(&note);
    }
    text
}

/// A note if the rates are worth little.
fn few_note(thresholds: &[(&str, Option<Threshold>)]) -> Option<String> {
    let rates = thresholds.iter().filter_map(|(_, threshold)| *threshold).flat_map(|threshold| {
        [threshold.known_rejected, threshold.new_rejected, threshold.new_accepted]
    });
    let longest = rates.flatten().max_by(|a, b| a.width().total_cmp(&b.width()))?;
    (longest.width() > LONG).then(|| {
        format!(
            "few people: {} of {} tell these rates only roughly; pictures of more people narrow the \
             intervals",
            counted(longest.pictures, "picture"),
            people(longest.people)
        )
    })
}

fn people(count: usize) -> String {
    if count == 1 { "1 person".to_owned() } else { format!("{count} people") }
}

const fn because(threshold: &Threshold) -> &'static str {
    match threshold.rule {
        ThresholdRule::EqualError => "equal error rate",
        ThresholdRule::AcceptsMost => "accepts 95 %; nothing was there to reject",
        ThresholdRule::AcceptsFew => "accepts 5 % of strangers; nobody has two pictures",
        ThresholdRule::AcceptRate => "--accept-rate",
        ThresholdRule::Given => "given",
    }
}

/// What became of promises.
pub(super) fn promises_table(promises: &[Promise]) -> String {
    let mut table = TextTable::new(&[
        ("threshold", Align::Left),
        ("error", Align::Left),
        ("promised", Align::Right),
        ("measured", Align::Right),
        ("pictures", Align::Right),
        ("people", Align::Right),
        ("measured lies", Align::Left),
    ]);
    for promise in promises {
        let by = match promise.by {
            Judged::Face => "face score".to_owned(),
            Judged::Known(metric) => format!("known: {}", metric.name()),
        };
        let error = match promise.error {
            ErrorKind::KnownRejected => "known people rejected",
            ErrorKind::NewRejected => "new people rejected",
            ErrorKind::NewAccepted => "new people accepted",
            ErrorKind::OthersAccepted => "others accepted",
        };
        let Promise { promised, low, high, real, .. } = promise;
        let place = match real.share {
            share if share > *high => "above the interval",
            share if share < *low => "below the interval",
            _ => "within",
        };
        table.row([
            by,
            error.to_owned(),
            format!("{} ({:.1} to {:.1})", percent(*promised), 100.0 * low, 100.0 * high),
            rate_text(real),
            real.pictures.to_string(),
            real.people.to_string(),
            place.to_owned(),
        ]);
    }
    format!(
        "promises of fits without some of the people and pictures, and what these showed:\n{table}"
    )
}

/// Table of ways to tell faces apart; the least errors are marked.
pub(crate) fn compared_table(compared: &[Compared]) -> String {
    let mut table = TextTable::new(&[
        ("normalization", Align::Left),
        ("features", Align::Left),
        ("distance", Align::Left),
        ("correct person", Align::Right),
        ("known, unknown: equal error", Align::Right),
        ("face, not a face: equal error", Align::Right),
    ]);
    let best =
        |of: fn(&Compared) -> Option<f64>| compared.iter().filter_map(of).min_by(f64::total_cmp);
    let wrong = |one: &Compared| one.correct.map(|correct| 1.0 - correct);
    let least = [best(wrong), best(|one| one.known_error), best(|one| one.face_error)];
    let marked = |value: Option<f64>, error: Option<f64>, least: Option<f64>| {
        let is_least = error.is_some() && error == least;
        format!("{}{}", optional_percent(value), if is_least { " *" } else { "  " })
    };
    for one in compared {
        table.row([
            one.normalization.name().to_owned(),
            features_name(one.features),
            one.metric.name().to_owned(),
            marked(one.correct, wrong(one), least[0]),
            marked(one.known_error, one.known_error, least[1]),
            marked(one.face_error, one.face_error, least[2]),
        ]);
    }
    format!("{table}\n* least errors on held-out pictures and people")
}

/// The name of features.
pub(super) fn features_name(features: FeatureConfig) -> String {
    let FeatureConfig { kind, skip, whiten } = features;
    let mut name = match kind {
        FeatureKind::Eigenfaces => "eigenfaces".to_owned(),
        FeatureKind::Fisherfaces => "fisherfaces".to_owned(),
    };
    if skip > 0 {
        name = format!("{name} without the first {skip}");
    }
    if whiten {
        name.push_str(", whitened");
    }
    name
}

/// Most groups of copies named in a note.
const MOST_NAMED: usize = 3;

/// A note on copies among faces: which they are, and whose.
pub(crate) fn copies_note(faces: &FaceSet) -> Vec<String> {
    let groups = faces.copies().groups();
    let whose = |picture: usize| faces.person_of()[picture];
    let (several, one): (Vec<_>, Vec<_>) = groups.into_iter().partition(|group| {
        faces.is_labeled() && group.iter().any(|p| whose(*p) != whose(group[0]))
    });
    let named = |groups: &[Vec<usize>]| {
        let of = |group: &Vec<usize>| {
            let names: Vec<&str> =
                group.iter().map(|picture| faces.names()[*picture].as_str()).collect();
            names.join(" = ")
        };
        let mut text = groups.iter().take(MOST_NAMED).map(of).collect::<Vec<_>>().join(", ");
        if groups.len() > MOST_NAMED {
            text = format!("{text} and {} more", groups.len() - MOST_NAMED);
        }
        text
    };
    let mut notes = Vec::new();
    if !one.is_empty() {
        let pictures: usize = one.iter().map(Vec::len).sum();
        notes.push(format!(
            "{} are copies of each other and are held out together: {}",
            counted(pictures, "picture"),
            named(&one)
        ));
    }
    if !several.is_empty() {
        notes.push(format!(
            "the same picture under several people: {}; these people are held out together; remove \
             the pictures that are wrong",
            named(&several)
        ));
    }
    notes
}
