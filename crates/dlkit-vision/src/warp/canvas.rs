//! The part of the target plane that is drawn.

use serde::{Deserialize, Serialize};

use super::canvas_choice::CanvasChoice;
use super::error::WarpError;
use crate::homography::{Homography, Point};

/// A part of the target plane; the center of its first pixel is at (`left`, `top`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Canvas {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Target x of the first column, in pixels.
    pub left: i64,
    /// Target y of the first row, in pixels.
    pub top: i64,
}

/// Default limit on the pixels of a canvas: 400 MB of RGBA.
pub const DEFAULT_MAX_PIXELS: u64 = 100_000_000;

/// A warped edge this close to the border of a pixel does not reach into the next pixel.
const BORDER: f64 = 1e-6;

impl From<Canvas> for CanvasChoice {
    fn from(Canvas { width, height, left, top }: Canvas) -> Self {
        Self::Placed { width, height, left, top }
    }
}

impl Canvas {
    /// The canvas for a picture of `size` (width, height) under a homography.
    ///
    /// # Errors
    /// The canvas has no pixels or more than `max_pixels`, or should fit a picture that is partly
    /// at infinity.
    pub fn choose(
        choice: CanvasChoice,
        homography: &Homography,
        size: (u32, u32),
        max_pixels: u64,
    ) -> Result<Self, WarpError> {
        let canvas = match choice {
            CanvasChoice::Fit => Self::around(homography, size, max_pixels)?,
            CanvasChoice::Source => Self { width: size.0, height: size.1, left: 0, top: 0 },
            CanvasChoice::Size { width, height } => Self { width, height, left: 0, top: 0 },
            CanvasChoice::Placed { width, height, left, top } => Self { width, height, left, top },
        };
        let Self { width, height, .. } = canvas;
        if width == 0 || height == 0 {
            return Err(WarpError::Empty { width, height });
        }
        check_size(choice, u64::from(width), u64::from(height), max_pixels)?;
        Ok(canvas)
    }

    /// The canvas for a warped picture of `size` and another that stays where it is.
    ///
    /// # Errors
    /// As [`Canvas::choose`] with [`CanvasChoice::Fit`].
    pub(super) fn around_both(
        homography: &Homography,
        size: (u32, u32),
        other: (u32, u32),
        max_pixels: u64,
    ) -> Result<Self, WarpError> {
        let warped = Self::around(homography, size, max_pixels)?;
        let end = |start: i64, count: u32| start.saturating_add(i64::from(count));
        let (left, top) = (warped.left.min(0), warped.top.min(0));
        let right = end(warped.left, warped.width).max(end(0, other.0));
        let bottom = end(warped.top, warped.height).max(end(0, other.1));
        let [columns, rows] = [right.abs_diff(left), bottom.abs_diff(top)];
        check_size(CanvasChoice::Fit, columns, rows, max_pixels)?;
        let (Ok(width), Ok(height)) = (u32::try_from(columns), u32::try_from(rows)) else {
            return Err(WarpError::TooLarge {
                choice: CanvasChoice::Fit,
                width: columns,
                height: rows,
                pixels: u128::from(columns) * u128::from(rows),
                limit: max_pixels,
            });
        };
        if width == 0 || height == 0 {
            return Err(WarpError::Empty { width, height });
        }
        Ok(Self { width, height, left, top })
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturates, and saturated values are above every limit"
    )]
    fn around(
        homography: &Homography,
        (width, height): (u32, u32),
        max_pixels: u64,
    ) -> Result<Self, WarpError> {
        let corners = outer_corners(width, height);
        let depth = homography.depth(corners[0]);
        let beyond = |corner: &&Point| homography.depth(**corner) * depth <= 0.0;
        let horizon =
            |corner: &Point| WarpError::Horizon { width, height, x: corner.x, y: corner.y };
        if let Some(corner) = corners.iter().find(beyond) {
            return Err(horizon(corner));
        }
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for corner in &corners {
            let mapped = homography.map(*corner).ok_or_else(|| horizon(corner))?;
            for (axis, place) in [mapped.x, mapped.y].into_iter().enumerate() {
                low[axis] = low[axis].min(place);
                high[axis] = high[axis].max(place);
            }
        }
        // A pixel covers its center and half a pixel around it.
        let first = low.map(|edge| (edge + 0.5 + BORDER).floor());
        let last = high.map(|edge| (edge + 0.5 - BORDER).ceil() - 1.0);
        let [columns, rows] = [0, 1].map(|axis| (last[axis] - first[axis]).max(0.0) as u64);
        let [columns, rows] = [columns, rows].map(|count| count.saturating_add(1));
        check_size(CanvasChoice::Fit, columns, rows, max_pixels)?;
        let too_large = |_| WarpError::TooLarge {
            choice: CanvasChoice::Fit,
            width: columns,
            height: rows,
            pixels: u128::from(columns) * u128::from(rows),
            limit: max_pixels,
        };
        Ok(Self {
            width: u32::try_from(columns).map_err(too_large)?,
            height: u32::try_from(rows).map_err(too_large)?,
            left: first[0] as i64,
            top: first[1] as i64,
        })
    }

    /// Checks that memory has room for a picture of this size, so that the process does not abort.
    ///
    /// # Errors
    /// The system refuses the memory.
    pub(super) fn check_memory(&self, bytes_per_pixel: u8) -> Result<(), WarpError> {
        let Self { width, height, .. } = *self;
        let bytes = u128::from(width) * u128::from(height) * u128::from(bytes_per_pixel);
        // Reserved and freed at once: untouched memory costs nothing.
        let room = usize::try_from(bytes)
            .is_ok_and(|bytes| Vec::<u8>::new().try_reserve_exact(bytes).is_ok());
        if room { Ok(()) } else { Err(WarpError::Memory { width, height, bytes }) }
    }

    /// The homography from the picture to pixels of the canvas.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "canvases are nearer than 2^52 pixels")]
    pub fn place(&self, homography: &Homography) -> Homography {
        homography.then(&Homography::translation(-self.left as f64, -self.top as f64))
    }
}

/// The corners of the outermost pixels.
pub(super) fn outer_corners(width: u32, height: u32) -> [Point; 4] {
    let (right, bottom) = (f64::from(width) - 0.5, f64::from(height) - 0.5);
    [(-0.5, -0.5), (right, -0.5), (right, bottom), (-0.5, bottom)].map(|(x, y)| Point::new(x, y))
}

fn check_size(choice: CanvasChoice, width: u64, height: u64, limit: u64) -> Result<(), WarpError> {
    let pixels = u128::from(width) * u128::from(height);
    if pixels > u128::from(limit) {
        return Err(WarpError::TooLarge { choice, width, height, pixels, limit });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(rows: [[f64; 3]; 3], size: (u32, u32)) -> Result<Canvas, WarpError> {
        let homography = Homography::from_rows(rows).unwrap();
        Canvas::choose(CanvasChoice::Fit, &homography, size, DEFAULT_MAX_PIXELS)
    }

    #[test]
    fn a_picture_that_stays_keeps_its_size() {
        let identity = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        assert_eq!(fit(identity, (7, 5)), Ok(Canvas { width: 7, height: 5, left: 0, top: 0 }));
        let moved = [[1.0, 0.0, -3.0], [0.0, 1.0, 4.0], [0.0, 0.0, 1.0]];
        assert_eq!(fit(moved, (7, 5)), Ok(Canvas { width: 7, height: 5, left: -3, top: 4 }));
    }

    #[test]
    fn a_quarter_turn_swaps_the_sides() {
        // (x, y) -> (-y, x): columns 0..=6 become rows, rows 0..=4 become columns -4..=0.
        let turn = [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]];
        assert_eq!(fit(turn, (7, 5)), Ok(Canvas { width: 5, height: 7, left: -4, top: 0 }));
    }

    #[test]
    fn doubling_covers_twice_as_many_pixels() {
        // x = -0.5..6.5 becomes -1..13: pixels -1 (half covered) to 13.
        let double = [[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 1.0]];
        assert_eq!(fit(double, (7, 5)), Ok(Canvas { width: 15, height: 11, left: -1, top: -1 }));
    }

    #[test]
    fn infinity_in_the_picture_is_refused() {
        // W = 1 - x / 3 is 0 in column 3.
        let rows = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [-1.0 / 3.0, 0.0, 1.0]];
        assert!(matches!(fit(rows, (7, 5)), Err(WarpError::Horizon { x: 6.5, .. })));
        // At the edge of the last pixel.
        let rows = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [-1.0 / 6.5, 0.0, 1.0]];
        assert!(matches!(fit(rows, (7, 5)), Err(WarpError::Horizon { .. })));
    }

    #[test]
    fn canvases_that_are_too_large_or_empty_are_refused() {
        let large = [[1e5, 0.0, 0.0], [0.0, 1e5, 0.0], [0.0, 0.0, 1.0]];
        let message = fit(large, (7, 5)).unwrap_err().to_string();
        for fact in ["100000000", "--canvas source or WxH", "--max-pixels"] {
            assert!(message.contains(fact), "{fact}: {message}");
        }
        let identity = Homography::translation(0.0, 0.0);
        for (choice, advice) in [
            (CanvasChoice::Source, "a smaller --canvas WxH"),
            (CanvasChoice::Size { width: 99, height: 9 }, "a smaller size"),
        ] {
            let error = Canvas::choose(choice, &identity, (7, 5), 34).unwrap_err().to_string();
            assert!(error.contains(advice), "{error}");
        }
        let huge = [[1e30, 0.0, 0.0], [0.0, 1e30, 0.0], [0.0, 0.0, 1.0]];
        assert!(matches!(fit(huge, (7, 5)), Err(WarpError::TooLarge { .. })));
        let endless = Canvas { width: u32::MAX, height: u32::MAX, left: 0, top: 0 };
        let message = endless.check_memory(3).unwrap_err().to_string();
        assert!(message.contains("not enough memory"), "{message}");
        let choice = CanvasChoice::Size { width: 0, height: 4 };
        let error = Canvas::choose(choice, &identity, (7, 5), 100).unwrap_err();
        assert_eq!(error, WarpError::Empty { width: 0, height: 4 });
    }
}
