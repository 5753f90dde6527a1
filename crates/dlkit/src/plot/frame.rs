//! Frames of line charts: grid, ticks and axis titles.

use super::axis::Axis;
use super::color::{AXIS, FAINT_GRID, GRID, MUTED};
use super::font::Font;
use super::svg::{Anchor, Rect, Stroke, Svg, Text};
use super::ticks::Tick;

/// Minimum distance of horizontal ticks, in pixels.
pub(super) const X_SPACING: f64 = 52.0;
/// Minimum distance of vertical ticks, in pixels.
pub(super) const Y_SPACING: f64 = 42.0;

/// Draws grid lines and tick labels of the horizontal axis below `plot`.
pub(super) fn draw_x_axis(svg: &mut Svg, plot: Rect, axis: &Axis, ticks: &[Tick]) {
    let (top, bottom) = (plot.y, plot.bottom());
    for tick in ticks {
        let x = axis.pixel(tick.value);
        svg.polyline(&[(x, top), (x, bottom)], Stroke::solid(GRID, 1.0));
        svg.polyline(&[(x, bottom), (x, bottom + 5.0)], Stroke::solid(AXIS, 1.0));
        let at = (x, bottom + 20.0);
        draw_tick_label(svg, at, Anchor::Middle, &tick.label);
    }
    svg.polyline(&[(plot.x, bottom), (plot.right(), bottom)], Stroke::solid(AXIS, 1.0));
}

/// Draws grid lines and tick labels of the vertical axis left of `plot`.
pub(super) fn draw_y_axis(svg: &mut Svg, plot: Rect, axis: &Axis, ticks: &[Tick]) {
    for tick in ticks {
        let y = axis.pixel(tick.value);
        let color = if tick.label.is_empty() { FAINT_GRID } else { GRID };
        svg.polyline(&[(plot.x, y), (plot.right(), y)], Stroke::solid(color, 1.0));
        draw_tick_label(svg, (plot.x - 8.0, y + 4.0), Anchor::End, &tick.label);
    }
}

/// Draws the title of the horizontal axis with its baseline at `baseline`.
pub(super) fn draw_x_title(svg: &mut Svg, plot: Rect, baseline: f64, title: &str) {
    draw_title(svg, (plot.x + plot.width / 2.0, baseline), 0.0, title, plot.width);
}

/// Draws the title of the vertical axis, rotated to read upwards, with its baseline at `baseline`.
pub(super) fn draw_y_title(svg: &mut Svg, plot: Rect, baseline: f64, title: &str) {
    draw_title(svg, (baseline, plot.y + plot.height / 2.0), -90.0, title, plot.height);
}

fn draw_title(svg: &mut Svg, at: (f64, f64), rotation: f64, title: &str, room: f64) {
    svg.text(&Text {
        at,
        anchor: Anchor::Middle,
        font: Font::LABEL,
        fill: MUTED,
        rotation,
        content: &Font::LABEL.shorten(title, room),
    });
}

fn draw_tick_label(svg: &mut Svg, at: (f64, f64), anchor: Anchor, label: &str) {
    if label.is_empty() {
        return;
    }
    svg.text(&Text { at, anchor, font: Font::TICK, fill: MUTED, rotation: 0.0, content: label });
}
