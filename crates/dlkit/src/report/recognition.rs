//! Results and evaluation of face recognition.

use dlkit_vision::eigenfaces::{
    Evaluation, FaceSet, Placement, Recognition, Roc, Threshold, Verdict,
};
use dlkit_vision::faces::Detection;
use serde::Serialize;

use super::comparison::quoted;
use super::face_rates::{promises_table, rate_text};
use super::figures::{counted, figure, percent};
use super::labels::Label;
use super::text_table::{Align, TextTable};
use crate::plot::{Color, LineChart, Scale, Series, Style};

/// The model's thresholds.
#[derive(Serialize)]
pub(crate) struct Thresholds {
    /// Threshold of the face score.
    pub(crate) face: Option<Threshold>,
    /// Threshold of the distance to the nearest face.
    pub(crate) known: Option<Threshold>,
    /// Threshold of the mean distance to all faces.
    pub(crate) mean_distance: Option<Threshold>,
}

/// A picture and its recognition.
#[derive(Clone, Serialize)]
pub(crate) struct Recognized {
    pub(crate) picture: String,
    pub(crate) resized: bool,
    /// Where the face was located, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) located: Option<Detection>,
    /// The person that a list names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) label: Option<Label>,
    /// Where the picture was read, if it was aligned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) placement: Option<Placement>,
    #[serde(flatten)]
    pub(crate) found: Recognition,
}

/// Table of recognized pictures, on request with the mean distance to all known faces.
pub(crate) fn recognition_table(
    pictures: &[Recognized],
    thresholds: &Thresholds,
    mean_distance: bool,
) -> String {
    let mut table = TextTable::new(&[
        ("picture", Align::Left),
        ("verdict", Align::Left),
        ("face score", Align::Right),
        ("from face space", Align::Right),
        ("from mean face", Align::Right),
        ("nearest", Align::Left),
        ("margin", Align::Right),
        ("then", Align::Left),
    ]);
    if mean_distance {
        table.column("mean distance", Align::Right);
        table.column("verdict by it", Align::Left);
    }
    let located = pictures.iter().any(|picture| picture.located.is_some());
    if located {
        table.column("face at", Align::Left);
    }
    let labeled = pictures.iter().any(|picture| picture.label.is_some());
    if labeled {
        table.column("label", Align::Left);
    }
    let aligned = pictures.iter().any(|picture| picture.placement.is_some());
    if aligned {
        table.column("read at", Align::Left);
    }
    for Recognized { picture, placement, located: at, label, found, .. } in pictures {
        let named = found
            .candidates
            .iter()
            .map(|near| format!("{} {}", near.person, distance_text(near.distance)));
        let mut named = named.collect::<Vec<_>>().into_iter();
        let mut cells = vec![
            picture.clone(),
            verdict(found),
            found.face_score.map_or_else(|| "-".to_owned(), |score| format!("{score:.2}")),
            figure(found.distances.from_face_space, 4),
            format!("{:.2}", found.distances.from_mean_face),
            named.next().unwrap_or_default(),
            found.margin.map_or_else(|| "-".to_owned(), percent),
            named.collect::<Vec<_>>().join(", "),
        ];
        if mean_distance {
            cells.push(figure(found.mean_distance, 3));
            let word = match found.known_by_mean_distance {
                Some(true) => "known",
                Some(false) => "unknown",
                None => "-",
            };
            cells.push(word.to_owned());
        }
        cells.extend(at.map(detection_text));
        if labeled {
            cells.push(label.as_ref().map_or_else(|| "-".to_owned(), label_text));
        }
        cells.extend(placement.map(placement_text));
        table.row(cells);
    }
    format!("{table}\n{}", thresholds_text(thresholds, mean_distance))
}

/// A distance: cosines need more decimals than lengths.
pub(super) fn distance_text(distance: f64) -> String {
    if distance < 10.0 { format!("{distance:.4}") } else { format!("{distance:.1}") }
}

/// Left, top and side of a located face.
pub(super) fn detection_text(face: Detection) -> String {
    format!("{:.0}, {:.0}, side {:.0}", face.x, face.y, face.side)
}

fn label_text(label: &Label) -> String {
    match label.right {
        Some(true) => format!("{} (right)", label.person),
        Some(false) => format!("{} (wrong)", label.person),
        None => label.person.clone(),
    }
}

fn placement_text(placement: Placement) -> String {
    let Placement { x, y, scale, turn } = placement;
    format!("{x:+.1}, {y:+.1} px, {scale:.2} x, {turn:+.0} degrees")
}

fn thresholds_text(thresholds: &Thresholds, mean_distance: bool) -> String {
    let threshold = |threshold: Option<Threshold>| {
        threshold.map_or_else(|| "none".to_owned(), |threshold| figure(threshold.value, 4))
    };
    let mut text = format!(
        "thresholds: face score {}, {} from the nearest",
        threshold(thresholds.face),
        threshold(thresholds.known)
    );
    if mean_distance {
        text.push_str(", ");
        text.push_str(&threshold(thresholds.mean_distance));
        text.push_str(" for the mean distance to all");
    }
    let rates = promised(thresholds);
    if !rates.is_empty() {
        text = format!("{text}\npromised, with 95 % intervals: {}", rates.join("; "));
    }
    text
}

fn promised(thresholds: &Thresholds) -> Vec<String> {
    let (face, known) = (thresholds.face, thresholds.known);
    let rates = [
        ("new people taken for known", known.and_then(|known| known.new_accepted)),
        ("known people taken for unknown", known.and_then(|known| known.known_rejected)),
        ("faces of new people rejected", face.and_then(|face| face.new_rejected)),
        ("faces of known people rejected", face.and_then(|face| face.known_rejected)),
        ("other pictures taken for faces", face.and_then(|face| face.others_accepted)),
    ];
    let text = |(what, rate): (&str, Option<_>)| Some(format!("{what} {}", rate_text(&rate?)));
    rates.into_iter().filter_map(text).collect()
}

/// CSV with a line for each picture and candidate columns for each of the nearest people.
pub(crate) fn recognition_csv(pictures: &[Recognized]) -> String {
    let most = pictures.iter().map(|picture| picture.found.candidates.len()).max().unwrap_or(0);
    let mut text =
        "picture,verdict,person,fitted,face_score,from_face_space,from_mean_face,margin,mean_distance"
            .to_owned();
    for place in 1..=most {
        text.extend([",person_", ",picture_", ",distance_"].map(|head| format!("{head}{place}")));
    }
    let columns = [
        (pictures.iter().any(|p| p.located.is_some()), ",face_x,face_y,face_side,face_votes"),
        (pictures.iter().any(|p| p.placement.is_some()), ",shift_x,shift_y,scale,turn"),
        (pictures.iter().any(|p| p.label.is_some()), ",label,right"),
    ];
    text.extend(columns.iter().filter(|(given, _)| *given).map(|(_, heads)| *heads));
    text.push('\n');
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    for Recognized { picture, found, located, placement, label, .. } in pictures {
        let word = match found.verdict {
            Verdict::NotAFace => "not-a-face",
            Verdict::Unknown => "unknown",
            Verdict::Known => "known",
            Verdict::Undecided => "undecided",
        };
        let known = found.candidates.first().filter(|_| found.verdict == Verdict::Known);
        let mut cells = vec![
            quoted(picture),
            word.to_owned(),
            known.map_or_else(String::new, |known| quoted(&known.person)),
            found.fitted.to_string(),
            number(found.face_score),
            found.distances.from_face_space.to_string(),
            found.distances.from_mean_face.to_string(),
            number(found.margin),
            found.mean_distance.to_string(),
        ];
        for place in 0..most {
            let near = found.candidates.get(place);
            cells.push(near.map_or_else(String::new, |near| quoted(&near.person)));
            cells.push(near.map_or_else(String::new, |near| quoted(&near.picture)));
            cells.push(number(near.map(|near| near.distance)));
        }
        let [places, placements, labels] = columns.map(|(given, _)| given);
        if places {
            let place = |of: fn(&Detection) -> f64| number(located.as_ref().map(of));
            cells.extend([place(|face| face.x), place(|face| face.y), place(|face| face.side)]);
            cells.push(located.map_or_else(String::new, |face| face.votes.to_string()));
        }
        if placements {
            let part = |of: fn(&Placement) -> f64| number(placement.as_ref().map(of));
            cells.extend([part(|p| p.x), part(|p| p.y), part(|p| p.scale), part(|p| p.turn)]);
        }
        if labels {
            cells.push(label.as_ref().map_or_else(String::new, |label| quoted(&label.person)));
            let right = label.as_ref().and_then(|label| label.right);
            cells.push(right.map_or_else(String::new, |right| right.to_string()));
        }
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    text
}

fn verdict(found: &Recognition) -> String {
    let nearest = found.candidates.first().map_or("", |near| near.person.as_str());
    match found.verdict {
        Verdict::NotAFace => "not a face".to_owned(),
        Verdict::Unknown => "unknown".to_owned(),
        Verdict::Known if found.fitted => format!("{nearest} (fitted)"),
        Verdict::Known => nearest.to_owned(),
        Verdict::Undecided => "undecided (no threshold)".to_owned(),
    }
}

/// For the terminal: the result of an evaluation.
pub(crate) fn recognition_text(faces: &FaceSet, evaluation: &Evaluation) -> String {
    let people = if faces.is_labeled() {
        let count = faces.people().len();
        format!(" of {count} {}", if count == 1 { "person" } else { "people" })
    } else {
        String::new()
    };
    let mut parts = vec![format!(
        "{}{people}; {} of pictures{}, {} eigenfaces each",
        counted(faces.pictures().count(), "picture"),
        counted(evaluation.folds, "fold"),
        match evaluation.folds_of_people {
            0 => String::new(),
            folds => format!(" and {folds} of people"),
        },
        evaluation.components
    )];
    if !evaluation.recognition.is_empty() {
        let mut table = TextTable::new(&[("distance", Align::Left)]);
        for column in ["faces", "correct person", "deviation over folds", "among 3", "among 5"] {
            table.column(column, Align::Right);
        }
        for rate in &evaluation.recognition {
            let among = |places: usize| {
                let share = rate.cumulative.get(places - 1);
                share.map_or_else(|| "-".to_owned(), |share| percent(*share))
            };
            table.row([
                rate.metric.name().to_owned(),
                rate.faces.to_string(),
                percent(rate.rate),
                rate.deviation.map_or_else(|| "-".to_owned(), percent),
                among(3),
                among(5),
            ]);
        }
        parts.push(table.to_string());
    }
    if !evaluation.face.is_empty() || !evaluation.known.is_empty() {
        let mut table = TextTable::new(&[("distinguished", Align::Left), ("by", Align::Left)]);
        for column in ["right", "wrong", "equal error rate", "area under ROC", "threshold"] {
            table.column(column, Align::Right);
        }
        for face in &evaluation.face {
            let counts = [face.accept, face.reject];
            table.row(separation("face, not a face", face.by.name(), counts, &face.roc));
        }
        for known in &evaluation.known {
            let counts = [known.accept, known.reject];
            table.row(separation("known, unknown", known.by.name(), counts, &known.roc));
        }
        parts.push(table.to_string());
    }
    if !evaluation.promises.is_empty() {
        parts.push(promises_table(&evaluation.promises));
    }
    parts.join("\n\n")
}

fn separation(what: &str, by: &str, counts: [usize; 2], roc: &Roc) -> [String; 7] {
    let [accept, reject] = counts.map(|count| count.to_string());
    [
        what.to_owned(),
        by.to_owned(),
        accept,
        reject,
        percent(roc.equal_error.rate),
        figure(roc.area, 4),
        figure(roc.equal_error.threshold, 4),
    ]
}

/// Chart of receiver operating characteristics; the dashed line is chance.
pub(crate) fn roc_chart(title: &str, curves: &[(&str, &Roc)]) -> LineChart {
    let line = |(index, (name, roc)): (usize, &(&str, &Roc))| {
        let point = |point: &dlkit_vision::eigenfaces::RocPoint| {
            (100.0 * point.false_accept, 100.0 * (1.0 - point.false_reject))
        };
        Series {
            name: format!("{name}: equal error {}", percent(roc.equal_error.rate)),
            points: roc.points.iter().map(point).collect(),
            style: Style::Solid,
            color: Color::Apart(index),
            band: None,
            markers: false,
        }
    };
    let mut series: Vec<Series> = curves.iter().enumerate().map(line).collect();
    series.push(Series {
        name: "chance".to_owned(),
        points: vec![(0.0, 0.0), (100.0, 100.0)],
        style: Style::Dashed,
        color: Color::Apart(6),
        band: None,
        markers: false,
    });
    LineChart {
        title: title.to_owned(),
        x_label: "false acceptances in %".to_owned(),
        y_label: "true acceptances in %".to_owned(),
        series,
        y_scale: Scale::Linear,
        integer_x: false,
    }
}
