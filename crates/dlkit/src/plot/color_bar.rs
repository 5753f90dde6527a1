//! Color bars, which show the value of each color.

use super::color::{AXIS, Rgb};
use super::svg::{Rect, Stroke, Svg};

/// Number of colors in a bar.
const STEPS: u32 = 101;

/// Direction in which the values of a bar rise.
#[derive(Clone, Copy)]
pub(super) enum Rising {
    /// To the right.
    Right,
    /// Upwards.
    Up,
}

/// Draws a bar in `frame`; `color` maps a position, from 0 (the low end) to 1, to its color.
pub(super) fn draw_color_bar(
    svg: &mut Svg,
    frame: Rect,
    rising: Rising,
    color: impl Fn(f64) -> Rgb,
) {
    for step in 0..STEPS {
        // Each slice reaches to the end of the bar, which hides seams.
        let from = f64::from(step) / f64::from(STEPS);
        let place = f64::from(step) / f64::from(STEPS - 1);
        let (slice, place) = match rising {
            Rising::Right => {
                let left = frame.width * from;
                (Rect { x: frame.x + left, width: frame.width - left, ..frame }, place)
            }
            Rising::Up => {
                let top = frame.height * from;
                (Rect { y: frame.y + top, height: frame.height - top, ..frame }, 1.0 - place)
            }
        };
        svg.rect(slice, &color(place).css(), "");
    }
    svg.outline(frame, Stroke::solid(AXIS, 0.8));
}
