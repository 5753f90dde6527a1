//! Locates faces.

use dlkit_files::picture::GrayPicture;
use rayon::prelude::*;
use serde::Serialize;

use super::cascade::Cascade;
use super::error::DetectorError;
use super::grouping::{Square, grouped};
use super::pyramid::Halves;
use super::scan::Scanner;

/// OpenCV's cascade for faces seen from the front; `models/README.md` has its license.
const FRONTAL: &str = include_str!("../../../../models/lbpcascade_frontalface.xml");

/// Locates upright faces, seen from the front.
#[derive(Clone, Debug, PartialEq)]
pub struct Detector {
    cascade: Cascade,
}

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DetectionConfig {
    /// Side of the smallest face, in pixels; none for the least that is possible, or 1/30 of the
    /// shorter side of large pictures.
    pub smallest: Option<usize>,
    /// Fewest windows around a face that pass the cascade.
    pub votes: usize,
}

impl Default for DetectionConfig {
    fn default() -> Self {
        Self { smallest: None, votes: 5 }
    }
}

/// A face in a picture: a square from the brows to the chin.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Detection {
    /// Left side, in pixels.
    pub x: f64,
    /// Upper side, in pixels.
    pub y: f64,
    /// Length of each side, in pixels.
    pub side: f64,
    /// Windows around the face that passed the cascade.
    pub votes: usize,
}

impl Detection {
    /// The middle of the square.
    #[must_use]
    pub fn middle(&self) -> [f64; 2] {
        [self.x + self.side / 2.0, self.y + self.side / 2.0]
    }
}

/// Each size of the window is larger than the one before by this factor.
const FACTOR: f64 = 1.1;
/// Scale from which every pixel is looked at; below it every other one.
const DENSE: f64 = 2.0;
/// Part of the shorter side of a picture that the smallest face has.
const SMALL: usize = 30;

impl Detector {
    /// The detector that comes with the library.
    ///
    /// # Errors
    /// None: a test reads the cascade.
    pub fn frontal() -> Result<Self, DetectorError> {
        Ok(Self { cascade: Cascade::from_xml(FRONTAL)? })
    }

    /// The faces of a picture, those with most votes first. Values range from 0 (black) to 1
    /// (white); others are clamped.
    ///
    /// # Errors
    /// Faces are looked for that are smaller than the cascade can see.
    pub fn detect(
        &self,
        picture: &GrayPicture,
        config: &DetectionConfig,
    ) -> Result<Vec<Detection>, DetectorError> {
        let least = self.cascade.side;
        let GrayPicture { width, height, values } = picture;
        let shorter = (*width).min(*height);
        let smallest = config.smallest.unwrap_or_else(|| least.max(shorter / SMALL));
        if smallest < least {
            return Err(DetectorError::TooSmall { given: smallest, least });
        }
        if shorter < smallest {
            return Ok(Vec::new());
        }
        let halves = Halves::of(values, *width, least);
        let found: Vec<Square> = scales(smallest, shorter, least)
            .into_par_iter()
            .flat_map(|scale| self.at_scale(&halves, scale))
            .collect();
        let groups = grouped(&found, config.votes);
        Ok(groups
            .into_iter()
            .map(|(Square { x, y, side }, votes)| Detection { x, y, side, votes })
            .collect())
    }

    /// The windows that pass when the picture is made smaller by a scale.
    fn at_scale(&self, halves: &Halves, scale: f64) -> Vec<Square> {
        let Some(level) = halves.level(scale) else { return Vec::new() };
        let step = if scale < DENSE { 2 } else { 1 };
        let side = self.cascade.side;
        let Some(last) = level.height.checked_sub(side) else { return Vec::new() };
        let scanner = Scanner::new(&self.cascade, &level);
        let rows: Vec<usize> = (0..=last).step_by(step).collect();
        #[expect(clippy::cast_precision_loss, reason = "places in a picture")]
        let square = |place: super::scan::Passed| Square {
            x: place.x as f64 * scale,
            y: place.y as f64 * scale,
            side: side as f64 * scale,
        };
        rows.into_par_iter()
            .flat_map_iter(|y| scanner.row(y, level.width, step))
            .map(square)
            .collect()
    }
}

/// The scales at which windows are from the smallest face to the whole picture.
fn scales(smallest: usize, shorter: usize, side: usize) -> Vec<f64> {
    #[expect(clippy::cast_precision_loss, reason = "sides of pictures")]
    let [mut scale, most] = [smallest, shorter].map(|length| length as f64 / side as f64);
    let mut scales = Vec::new();
    while scale <= most {
        scales.push(scale);
        scale *= FACTOR;
    }
    scales
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cascade_that_comes_with_the_library_is_read() {
        let detector = Detector::frontal().unwrap();
        let stages = &detector.cascade.stages;
        assert_eq!((detector.cascade.side, stages.len()), (24, 20));
        assert_eq!(stages.iter().map(|stage| stage.stumps.len()).sum::<usize>(), 139);
    }

    #[test]
    fn pictures_without_anything_have_no_faces() {
        let detector = Detector::frontal().unwrap();
        for (width, height) in [(1, 1), (23, 90), (24, 24), (61, 47)] {
            let picture = GrayPicture { width, height, values: vec![0.5; width * height] };
            let found = detector.detect(&picture, &DetectionConfig::default()).unwrap();
            assert!(found.is_empty(), "{width}x{height}: {found:?}");
        }
        let picture = GrayPicture { width: 90, height: 90, values: vec![0.5; 8100] };
        let config = DetectionConfig { smallest: Some(10), votes: 5 };
        let error = detector.detect(&picture, &config).unwrap_err().to_string();
        assert!(error.contains("10 pixels") && error.contains("24"), "{error}");
    }
}
