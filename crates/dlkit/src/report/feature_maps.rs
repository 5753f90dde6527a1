//! The value after a layer, as a picture.

use dlkit_models::network::{Shape, TracedValue};

use crate::plot::{Map, MapGrid};

/// More maps than can be told apart in one picture.
const MOST_MAPS: usize = 144;
/// Features of a vector are drawn in rows of about a square.
const WIDEST_VECTOR: usize = 32;

/// The maps of the first input; a vector is one map of several rows.
pub(crate) fn feature_maps(value: &TracedValue, common_scale: bool) -> MapGrid {
    let first = value.values.get(..value.shape.values()).unwrap_or_default();
    let (maps, what) = match value.shape {
        Shape::Features(features) => {
            let width = (1..=WIDEST_VECTOR).find(|width| width * width >= features);
            let width = width.unwrap_or(WIDEST_VECTOR).min(features);
            let map = Map { name: String::new(), width, values: first.to_vec() };
            (vec![map], format!("{features} features, row by row, {width} in a row"))
        }
        Shape::Maps { channels, height, width } => {
            let maps = first.chunks(height * width).take(MOST_MAPS).enumerate();
            let maps = maps.map(|(index, values)| Map {
                name: index.to_string(),
                width,
                values: values.to_vec(),
            });
            let cut = if channels > MOST_MAPS {
                format!(", the first {MOST_MAPS} shown")
            } else {
                String::new()
            };
            (maps.collect(), format!("{channels} maps of {height}x{width}{cut}"))
        }
    };
    let first_of = if value.batch > 1 { ", first input" } else { "" };
    MapGrid {
        title: format!("{}: {}", value.layer, value.kind),
        note: format!("{what}{first_of}"),
        maps,
        common_scale,
    }
}
