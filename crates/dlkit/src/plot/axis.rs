//! Axes: the range, the scale and the ticks that map values to pixels.

use super::ticks::{self, Tick};

/// How an axis spaces its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scale {
    /// Equal differences have equal lengths.
    Linear,
    /// Equal ratios have equal lengths; the chart omits values at or below 0.
    Log10,
}

impl Scale {
    /// Whether an axis of this scale can show `value`.
    pub(super) fn shows(self, value: f64) -> bool {
        // Beyond these, differences and ratios of values leave the range of f64.
        const LARGEST: f64 = 1e150;
        const SMALLEST: f64 = 1e-150;
        value.abs() < LARGEST && (self == Self::Linear || value > SMALLEST)
    }

    fn forward(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Log10 => value.log10(),
        }
    }
}

/// Maps a range of values to a range of pixels.
pub(super) struct Axis {
    scale: Scale,
    low: f64,
    high: f64,
    start: f64,
    end: f64,
}

impl Axis {
    /// A vertical axis: covers all `values` with some room, and starts at 0 if they come near it.
    pub(super) fn of_values(scale: Scale, values: impl Iterator<Item = f64>) -> Self {
        let Some((low, high)) = extent(scale, values) else {
            return Self::new(scale, 1.0, 10.0);
        };
        match scale {
            Scale::Log10 if is_constant(low, high) => Self::new(scale, low / 2.0, high * 2.0),
            Scale::Log10 => {
                let room = (high / low).powf(0.04);
                Self::new(scale, low / room, high * room)
            }
            Scale::Linear if is_constant(low, high) => {
                let room = if high == 0.0 { 1.0 } else { high.abs() * 0.1 };
                let low = if high == 0.0 { 0.0 } else { low - room };
                Self::new(scale, low, high + room)
            }
            Scale::Linear => {
                // The axis starts at 0 if `low` is below this share of `high`.
                const NEAR_ZERO: f64 = 0.15;
                let room = (high - low) * 0.05;
                let from_zero = low >= 0.0 && low < NEAR_ZERO * high;
                let low = if from_zero { 0.0 } else { low - room };
                Self::new(scale, low, high + room)
            }
        }
    }

    /// A horizontal axis: covers all `values` with a little room.
    pub(super) fn of_positions(values: impl Iterator<Item = f64>) -> Self {
        let scale = Scale::Linear;
        let (low, high) = extent(scale, values).unwrap_or((0.0, 1.0));
        let room = if is_constant(low, high) {
            0.5_f64.max(high.abs() * 1e-6)
        } else {
            (high - low) * 0.02
        };
        Self::new(scale, low - room, high + room)
    }

    fn new(scale: Scale, low: f64, high: f64) -> Self {
        Self { scale, low, high, start: 0.0, end: 1.0 }
    }

    /// Places the axis from pixel `start` (its low end) to pixel `end`.
    pub(super) fn laid(self, start: f64, end: f64) -> Self {
        Self { start, end, ..self }
    }

    /// Pixel of `value`; clamps values beyond the range to its end.
    pub(super) fn pixel(&self, value: f64) -> f64 {
        let place = |v| self.scale.forward(v);
        let value = value.clamp(self.low, self.high);
        let share = (place(value) - place(self.low)) / (place(self.high) - place(self.low));
        self.start + share * (self.end - self.start)
    }

    /// Whether this axis can show `value`.
    pub(super) fn shows(&self, value: f64) -> bool {
        self.scale.shows(value)
    }

    /// Ticks about `spacing` or more pixels apart on a length of `length` pixels. With `integer`, only
    /// whole numbers get ticks.
    pub(super) fn ticks(&self, length: f64, spacing: f64, integer: bool) -> Vec<Tick> {
        let most = (length / spacing).max(1.0);
        match self.scale {
            Scale::Linear => ticks::linear(self.low, self.high, most, integer),
            Scale::Log10 => ticks::log10(self.low, self.high, most),
        }
    }
}

/// The smallest and the largest value that `scale` can show.
fn extent(scale: Scale, values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.filter(|value| scale.shows(*value)).fold(None, |range, value| {
        let (low, high) = range.unwrap_or((value, value));
        Some((value.min(low), value.max(high)))
    })
}

/// Whether a range is too small, compared with its numbers, to hold ticks.
fn is_constant(low: f64, high: f64) -> bool {
    const DISTINCT: f64 = 1e-9;
    high - low <= DISTINCT * low.abs().max(high.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(scale: Scale, values: &[f64]) -> (f64, f64) {
        let axis = Axis::of_values(scale, values.iter().copied());
        (axis.low, axis.high)
    }

    #[test]
    fn range_leaves_room_and_starts_at_zero_where_near() {
        assert_eq!(range(Scale::Linear, &[10.0, 30.0, 20.0]), (9.0, 31.0));
        assert_eq!(range(Scale::Linear, &[0.1, 2.1]), (0.0, 2.2));
        assert_eq!(range(Scale::Linear, &[-1.0, 1.0]), (-1.1, 1.1));
    }

    #[test]
    fn constant_values_get_a_range() {
        assert_eq!(range(Scale::Linear, &[0.0, 0.0]), (0.0, 1.0));
        assert_eq!(range(Scale::Linear, &[-20.0]), (-22.0, -18.0));
        assert_eq!(range(Scale::Log10, &[3.0, 3.0]), (1.5, 6.0));
    }

    #[test]
    fn ignores_what_the_scale_cannot_show() {
        let values = [f64::NAN, 10.0, f64::INFINITY, 30.0, f64::NEG_INFINITY];
        assert_eq!(range(Scale::Linear, &values), (9.0, 31.0));
        assert_eq!(range(Scale::Log10, &[-5.0, 0.0, 3.0]), (1.5, 6.0));
        assert_eq!(range(Scale::Linear, &[]), (1.0, 10.0));
    }

    #[test]
    fn pixels_run_from_start_to_end() {
        let axis = Axis::new(Scale::Linear, 0.0, 4.0).laid(200.0, 100.0);
        let pixels: Vec<f64> = [0.0, 1.0, 4.0, 9.0].map(|v| axis.pixel(v)).to_vec();
        assert_eq!(pixels, [200.0, 175.0, 100.0, 100.0]);
        let axis = Axis::new(Scale::Log10, 0.1, 1000.0).laid(0.0, 40.0);
        assert!((axis.pixel(10.0) - 20.0).abs() < 1e-9);
    }

    #[test]
    fn a_single_epoch_has_one_tick() {
        let axis = Axis::of_positions([1.0].into_iter());
        let ticks = axis.ticks(600.0, 60.0, true);
        assert_eq!(ticks.len(), 1);
        assert_eq!(ticks[0].label, "1");
    }
}
