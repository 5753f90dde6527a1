//! The Gaussian scale space.

use super::gaussian::blur;
use super::plane::Plane;
use super::resizing::{averaged, decimated, doubled};

/// Scales sampled in each octave (Lowe 2004, section 3.2).
pub(super) const SCALES: usize = 3;

/// Gaussian levels of an octave: extrema need one more difference on each side.
pub(super) const LEVELS: usize = SCALES + 3;

/// The blur of the first level of an octave, in its pixels (Lowe 2004, section 3.3).
pub(super) const FIRST_BLUR: f64 = 1.6;

/// The blur of a sharp picture, in its pixels (Lowe 2004, section 3.3).
const CAMERA_BLUR: f64 = 0.5;

/// Pictures of at most this many pixels are doubled first, which finds the finest features.
const DOUBLED: usize = 2_500_000;

/// Pictures of more pixels are halved first: their finest features are mostly noise.
const HALVED: usize = 8_000_000;

/// Octaves have this many rows and columns or more.
const SMALLEST_SIDE: usize = 16;

/// One octave: the picture at increasing blur, all of one size.
pub(super) struct Octave {
    /// Level i has a blur of `FIRST_BLUR * 2^(i / SCALES)` pixels of the octave.
    pub(super) levels: Vec<Plane>,
    /// Pixels of the picture for each pixel of the octave.
    pub(super) step: f64,
    /// Place of the octave's first pixel in the picture, in both directions.
    pub(super) origin: f64,
}

impl Octave {
    /// Converts a coordinate of the octave to one of the picture.
    pub(super) fn in_picture(&self, coordinate: f64) -> f64 {
        coordinate * self.step + self.origin
    }
}

/// The octaves of a picture, from the finest; each is computed when it is asked for.
pub(super) struct ScaleSpace {
    base: Option<Plane>,
    step: f64,
    origin: f64,
}

impl ScaleSpace {
    pub(super) fn of(picture: &Plane) -> Self {
        let mut halved: Option<Plane> = None;
        let mut step = 1.0;
        while halved.as_ref().unwrap_or(picture).len() > HALVED {
            halved = Some(averaged(halved.as_ref().unwrap_or(picture)));
            step *= 2.0;
        }
        // Each halving moves the first pixel by half a pixel of its size.
        let origin = (step - 1.0) / 2.0;
        let sharp = halved.as_ref().unwrap_or(picture);
        let base = if sharp.len() <= DOUBLED {
            step *= 0.5;
            blur(&doubled(sharp), added_blur(2.0 * CAMERA_BLUR, FIRST_BLUR))
        } else {
            blur(sharp, added_blur(CAMERA_BLUR, FIRST_BLUR))
        };
        Self { base: Some(base), step, origin }
    }
}

impl Iterator for ScaleSpace {
    type Item = Octave;

    fn next(&mut self) -> Option<Octave> {
        let base = self.base.take().filter(|base| base.width.min(base.height) >= SMALLEST_SIDE)?;
        let mut levels = vec![base];
        for level in 1..LEVELS {
            let next =
                blur(&levels[level - 1], added_blur(level_blur(level - 1), level_blur(level)));
            levels.push(next);
        }
        self.base = Some(decimated(&levels[SCALES]));
        let step = self.step;
        self.step *= 2.0;
        Some(Octave { levels, step, origin: self.origin })
    }
}

/// The blur of a level, in pixels of its octave.
#[expect(clippy::cast_precision_loss, reason = "there are few levels")]
fn level_blur(level: usize) -> f64 {
    blur_at(level as f64)
}

/// The blur at a fractional level, in pixels of the octave.
#[expect(clippy::cast_precision_loss, reason = "there are few scales")]
pub(super) fn blur_at(level: f64) -> f64 {
    FIRST_BLUR * (level / SCALES as f64).exp2()
}

/// The blur to add to one blur to get another.
fn added_blur(from: f64, to: f64) -> f64 {
    (to * to - from * from).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octaves_double_the_step_until_they_are_small() {
        let octaves: Vec<Octave> = ScaleSpace::of(&Plane::zeros(40, 33)).collect();
        let sizes: Vec<_> = octaves
            .iter()
            .map(|octave| (octave.levels[0].width, octave.levels[0].height, octave.step))
            .collect();
        assert_eq!(sizes, [(80, 66, 0.5), (40, 33, 1.0), (20, 17, 2.0)]);
        assert!(octaves.iter().all(|octave| octave.levels.len() == LEVELS));
        assert!(octaves.iter().all(|octave| octave.origin == 0.0));
        assert_eq!(ScaleSpace::of(&Plane::zeros(1, 1)).count(), 0);
        assert_eq!(ScaleSpace::of(&Plane::zeros(0, 0)).count(), 0);
    }

    /// A large picture is halved: the first pixel of the half is between two pixels.
    #[test]
    fn large_pictures_are_halved() {
        let mut space = ScaleSpace::of(&Plane::zeros(200_000, 44));
        let octave = space.next().unwrap();
        assert_eq!((octave.levels[0].width, octave.step, octave.origin), (200_000, 1.0, 0.5));
        assert!((octave.in_picture(3.0) - 3.5).abs() < 1e-12);
    }

    #[test]
    fn blurs_add_by_their_squares() {
        assert!((added_blur(3.0, 5.0) - 4.0).abs() < 1e-12);
        assert!((level_blur(SCALES) - 2.0 * FIRST_BLUR).abs() < 1e-12);
    }
}
