//! The bar that says which color stands for which value.

use super::color::{AXIS, Rgb};
use super::svg::{Rect, Stroke, Svg};

/// Colors of a bar.
const STEPS: u32 = 101;

/// Which way a bar's values rise.
#[derive(Clone, Copy)]
pub(super) enum Rising {
    /// To the right.
    Right,
    /// Upwards.
    Up,
}

/// Draws a bar over `frame`; `color` gives that of each place, from 0 (the low end) to 1.
pub(super) fn draw_color_bar(
    svg: &mut Svg,
    frame: Rect,
    rising: Rising,
    color: impl Fn(f64) -> Rgb,
) {
    for step in 0..STEPS {
        // Each slice reaches to the end of the bar, so that no seam shows between two.
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
