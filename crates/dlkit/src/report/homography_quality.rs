//! How certain a homography is, and which model explains its pairs.

use dlkit_vision::homography::{Model, ModelScore, Point, Reach, Side, Uncertainty};
use serde::Serialize;

/// The quality of an estimate beyond the residuals of its pairs.
#[derive(Debug, Serialize)]
pub(crate) struct Quality {
    /// The family of maps that was estimated.
    model: Model,
    /// The unit of the targets.
    target_unit: String,
    /// None if as many pairs are mapped exactly as the model needs, and the noise is not given.
    certainty: Option<Certainty>,
    /// All models that the pairs determine.
    models: Vec<ModelScore>,
    /// The model with the least criterion, if it is another one.
    better_model: Option<Model>,
}

/// How uncertain mapped points are.
#[derive(Debug, Serialize)]
pub(crate) struct Certainty {
    /// Standard deviation of each inexact coordinate, in pixels at the sources or in target units.
    noise: f64,
    /// Degrees of freedom of the noise; none if it was given.
    degrees_of_freedom: Option<f64>,
    /// The unit of the noise and of all regions.
    unit: String,
    /// Known corners of the picture.
    corners: Vec<Place>,
    /// Points that were asked for.
    asked: Vec<Place>,
    /// Boxes around the inliers.
    boxes: Vec<Reach>,
}

/// The 95 % region of a mapped point; none of its axes are known if it is infinite.
#[derive(Clone, Copy, Debug, Serialize)]
struct Place {
    x: f64,
    y: f64,
    /// Half axes of the region.
    major: Option<f64>,
    minor: Option<f64>,
    /// Direction of the longer axis, in radians, from x towards y.
    angle: Option<f64>,
}

/// More uncertain points are warned of, in pixels: more than a few.
const UNCERTAIN: f64 = 5.0;

impl Certainty {
    pub(crate) fn new(
        found: &Uncertainty,
        target_unit: &str,
        corners: &[Point],
        asked: &[Point],
        boxes: Vec<Reach>,
    ) -> Self {
        let place = |point: &Point| {
            let region = found.at(*point);
            Place {
                x: point.x,
                y: point.y,
                major: region.map(|region| region.major),
                minor: region.map(|region| region.minor),
                angle: region.map(|region| region.angle),
            }
        };
        let unit = if found.side() == Side::Source { "px" } else { target_unit };
        Self {
            noise: found.noise(),
            degrees_of_freedom: found.freedom(),
            unit: unit.to_owned(),
            corners: corners.iter().map(place).collect(),
            asked: asked.iter().map(place).collect(),
            boxes,
        }
    }

    fn lines(&self) -> Vec<String> {
        let unit = &self.unit;
        let source = match self.degrees_of_freedom {
            Some(freedom) => format!("from the residuals, {freedom:.0} degrees of freedom"),
            None => "as given".to_owned(),
        };
        let mut lines = vec![format!("noise: {:.3} {unit} ({source})", self.noise)];
        if let [near, wide, ..] = &self.boxes[..] {
            lines.push(format!(
                "uncertainty (95 %): up to {} in the box around the points, {} in a box twice as wide",
                length(near.uncertainty, unit),
                length(wide.uncertainty, unit)
            ));
        }
        let at =
            |place: &Place| format!("{} at ({}, {})", length(place.major, unit), place.x, place.y);
        for (name, places) in [("corners", &self.corners), ("points", &self.asked)] {
            if !places.is_empty() {
                let places: Vec<String> = places.iter().map(at).collect();
                lines.push(format!("uncertainty (95 %), {name}: {}", places.join(", ")));
            }
        }
        lines
    }

    /// The most uncertain of the corners and of the points that were asked for, if it is a warning.
    fn warning(&self) -> Option<String> {
        let size = |place: &Place| place.major.unwrap_or(f64::INFINITY);
        let places = self.corners.iter().chain(&self.asked);
        let worst = places.max_by(|a, b| size(a).total_cmp(&size(b)))?;
        if self.unit != "px" || size(worst) <= UNCERTAIN {
            return None;
        }
        let far = format!("{} at ({}, {})", length(worst.major, &self.unit), worst.x, worst.y);
        let near = self.boxes.first().and_then(|near| near.uncertainty);
        let near = near.filter(|near| *near <= UNCERTAIN && *near < size(worst));
        Some(match near {
            Some(_) => format!(
                "uncertain away from the points: {far}, but {} or less among the points (95 %); \
                 spread the points over the picture",
                length(near, &self.unit)
            ),
            None => format!(
                "the points hardly determine the result: its uncertainty is {far} (95 %); check the \
                 points, and give more of them"
            ),
        })
    }
}

/// Three significant digits, or the word for a region that reaches to infinity.
fn length(length: Option<f64>, unit: &str) -> String {
    match length {
        None => "unbounded".to_owned(),
        Some(length) if length >= 100.0 => format!("{length:.0} {unit}"),
        Some(length) if length >= 10.0 => format!("{length:.1} {unit}"),
        Some(length) => format!("{length:.2} {unit}"),
    }
}

impl Quality {
    pub(crate) fn new(
        model: Model,
        target_unit: &str,
        certainty: Option<Certainty>,
        models: Vec<ModelScore>,
    ) -> Self {
        let best = models.iter().min_by(|a, b| a.criterion.total_cmp(&b.criterion));
        let better_model = best.map(|best| best.model).filter(|best| *best != model);
        Self { model, target_unit: target_unit.to_owned(), certainty, models, better_model }
    }

    /// The unit of the targets.
    pub(crate) fn target_unit(&self) -> &str {
        &self.target_unit
    }

    /// What must be said about the uncertainty.
    pub(crate) fn warning(&self) -> Option<String> {
        self.certainty.as_ref()?.warning()
    }

    /// For the terminal.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = match &self.certainty {
            Some(certainty) => certainty.lines(),
            None => vec![
                "uncertainty: unknown, because the pairs are mapped exactly; give more pairs, or \
                 their noise with --noise PX"
                    .to_owned(),
            ],
        };
        lines.extend(self.proposal());
        lines
    }

    /// The plainest model that explains the pairs, if it is another one.
    fn proposal(&self) -> Option<String> {
        let score = |model: Model| self.models.iter().find(|score| score.model == model);
        let better = score(self.better_model?)?;
        let chosen = score(self.model)?;
        let reason = if better.model.unknowns() < chosen.model.unknowns() {
            "is enough"
        } else {
            "explains the pairs better"
        };
        Some(format!(
            "model: {} {reason}: residuals of {:.3} px with {} unknowns, {:.3} px with {}; \
             --model {} estimates it",
            better.model.described(),
            better.root_mean_square,
            better.model.unknowns(),
            chosen.root_mean_square,
            chosen.model.unknowns(),
            better.model.name()
        ))
    }
}
