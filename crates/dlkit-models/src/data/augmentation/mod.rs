//! Training pictures that are changed at random in every epoch.

mod change;

use std::fmt;

use schemars::JsonSchema;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize};

use self::change::Change;
use crate::randomness::{Purpose, sample_generator};
use crate::value::{Problem, Shape};

/// How training pictures are changed at random, anew in every epoch. Validation and test pictures never are.
///
/// What is drawn for a sample depends on the seed, the epoch and the sample only. In this order, a picture is
/// flipped, zoomed and turned about its center, and shifted, with bilinear sampling in one step, the border
/// continued beyond the picture; then its contrast and brightness change; then a square is cut out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Augmentation {
    /// Share of the pictures that are mirrored left to right; true for half of them.
    #[serde(default, deserialize_with = "chance")]
    #[schemars(schema_with = "chance_schema")]
    pub flip_horizontal: f64,
    /// Share of the pictures that are turned upside down by a mirror; true for half of them.
    #[serde(default, deserialize_with = "chance")]
    #[schemars(schema_with = "chance_schema")]
    pub flip_vertical: f64,
    /// Largest shift along each side: a share of that side below 1, or a whole number of pixels.
    #[serde(default)]
    pub shift: f64,
    /// Largest turn in degrees, either way.
    #[serde(default)]
    pub turn: f64,
    /// Largest factor by which pictures are scaled up or down, 1 to 4.
    #[serde(default = "no_zoom")]
    pub zoom: f64,
    /// Largest change of brightness, as a share of the range from black to white, below 1.
    #[serde(default)]
    pub brightness: f64,
    /// Largest change of contrast: distances from middle gray are multiplied by 1 plus or minus at most this,
    /// below 1.
    #[serde(default)]
    pub contrast: f64,
    /// Side of the square that is cut out of every picture and becomes `data.mean`, so that the network sees
    /// zeros (DeVries and Taylor, 2017): a share of the shorter side below 1, or a whole number of pixels. Its
    /// center lies anywhere in the picture.
    #[serde(default)]
    pub cut_out: f64,
}

const fn no_zoom() -> f64 {
    1.0
}

/// Beyond this, little is left of a picture.
const LARGEST_ZOOM: f64 = 4.0;

impl Default for Augmentation {
    fn default() -> Self {
        Self {
            flip_horizontal: 0.0,
            flip_vertical: 0.0,
            shift: 0.0,
            turn: 0.0,
            zoom: no_zoom(),
            brightness: 0.0,
            contrast: 0.0,
            cut_out: 0.0,
        }
    }
}

impl Augmentation {
    pub(crate) fn check(&self) -> Result<(), Problem> {
        let Self {
            flip_horizontal,
            flip_vertical,
            shift,
            turn,
            zoom,
            brightness,
            contrast,
            cut_out,
        } = *self;
        let within = |key: &str, value: f64, ok: bool, allowed: &str| {
            let problem = || Problem::new(key, format!("must be {allowed}, not {value}"));
            if ok { Ok(()) } else { Err(problem()) }
        };
        for (key, value) in [("flip_horizontal", flip_horizontal), ("flip_vertical", flip_vertical)]
        {
            let allowed = "a share of the pictures from 0 to 1, true or false";
            within(key, value, (0.0..=1.0).contains(&value), allowed)?;
        }
        for (key, value) in [("shift", shift), ("cut_out", cut_out)] {
            let pixels = value >= 1.0 && value.is_finite() && value.fract() == 0.0;
            let allowed = "a share from 0 to below 1, or a whole number of pixels";
            within(key, value, pixels || (0.0..1.0).contains(&value), allowed)?;
        }
        within("turn", turn, (0.0..=180.0).contains(&turn), "from 0 to 180 degrees")?;
        let zooms = (1.0..=LARGEST_ZOOM).contains(&zoom);
        within("zoom", zoom, zooms, "from 1 (no zoom) to 4")?;
        for (key, value) in [("brightness", brightness), ("contrast", contrast)] {
            within(key, value, (0.0..1.0).contains(&value), "from 0 to below 1")?;
        }
        if *self == Self::default() {
            return Err(Problem::new(
                "flip_horizontal",
                "and all other keys leave pictures as they are; set one, or remove the table",
            ));
        }
        Ok(())
    }

    /// A picture as it is in an epoch, pixels channel by channel; what is cut out becomes `fill`.
    #[must_use]
    pub(crate) fn changed(
        &self,
        pixels: &[u8],
        shape: Shape,
        fill: u8,
        (seed, epoch, sample): (u64, usize, usize),
    ) -> Vec<u8> {
        let Shape::Maps { height, width, .. } = shape else { return pixels.to_vec() };
        let mut random = sample_generator(seed, Purpose::Augmentation, epoch, sample);
        Change::draw(self, (height, width), &mut random).applied(pixels, (height, width), fill)
    }
}

/// Reads a share; `true` is half, `false` none.
fn chance<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    deserializer.deserialize_any(Chance)
}

fn chance_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "anyOf": [{ "type": "boolean" }, { "type": "number", "minimum": 0, "maximum": 1 }] })
}

struct Chance;

impl Visitor<'_> for Chance {
    type Value = f64;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a share of the pictures from 0 to 1, true or false")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<f64, E> {
        Ok(if value { 0.5 } else { 0.0 })
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<f64, E> {
        Ok(value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<f64, E> {
        #[expect(clippy::cast_precision_loss, reason = "all but 0 and 1 are out of range")]
        Ok(value as f64)
    }
}

#[cfg(test)]
mod tests;
