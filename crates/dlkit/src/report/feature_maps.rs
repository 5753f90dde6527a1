//! Values and weights of a layer, as pictures.

use dlkit_models::network::{Shape, TracedValue};

use super::figures::counted;
use crate::plot::{Map, MapGrid};

/// More maps than can be told apart in one picture.
const MOST_MAPS: usize = 144;
/// Features of a vector are drawn in rows of about a square.
const WIDEST_VECTOR: usize = 32;

/// A larger matrix is drawn by the means of its blocks.
const LARGEST_MATRIX: usize = 128;

/// Weights: kernels side by side, a matrix as one map (inputs down, units across), a vector in rows.
pub(crate) fn weight_maps(name: &str, shape: &[usize], values: &[f32]) -> MapGrid {
    let (maps, note) = match *shape {
        [filters, channels, height, width] => {
            let kernels = values.chunks(height * width).take(MOST_MAPS).enumerate();
            let maps = kernels.map(|(index, values)| Map {
                name: if channels == 1 {
                    index.to_string()
                } else {
                    format!("{}, {}", index / channels, index % channels)
                },
                width,
                values: values.to_vec(),
            });
            let all = filters * channels;
            let shown = if all > MOST_MAPS {
                format!(", the first {MOST_MAPS} shown")
            } else {
                String::new()
            };
            let note = format!("{filters} filters of {channels} channels{shown}; filter, channel");
            (maps.collect(), note)
        }
        [inputs, units] => {
            let (block, matrix, width) = block_means(values, inputs, units);
            let means = if block == [1, 1] {
                String::new()
            } else {
                format!(", means of {}x{} blocks", block[0], block[1])
            };
            let map = Map { name: String::new(), width, values: matrix };
            (vec![map], format!("{inputs} inputs down, {units} units across{means}"))
        }
        _ => {
            let map = vector_map(values);
            let note = format!("{} values, row by row, {} in a row", values.len(), map.width);
            (vec![map], note)
        }
    };
    MapGrid { title: name.to_owned(), note, maps, common_scale: true }
}

/// The matrix, or the means of its blocks where it is larger than can be drawn: block size, means
/// and their number in a row.
fn block_means(values: &[f32], rows: usize, columns: usize) -> ([usize; 2], Vec<f32>, usize) {
    let block = [rows, columns].map(|size| size.div_ceil(LARGEST_MATRIX).max(1));
    let width = columns.div_ceil(block[1]);
    let mean = |index: usize| {
        let (top, left) = (index / width * block[0], index % width * block[1]);
        let part = values
            .chunks(columns)
            .skip(top)
            .take(block[0])
            .flat_map(|row| row.iter().skip(left).take(block[1]).copied());
        let (sum, count) = part.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
        sum / count
    };
    let means = (0..rows.div_ceil(block[0]) * width).map(mean).collect();
    (block, means, width)
}

/// A vector in rows of about a square.
fn vector_map(values: &[f32]) -> Map {
    let square = (1..=WIDEST_VECTOR).find(|width| width * width >= values.len());
    // Few values, such as the scores of classes, stand side by side.
    let width = if values.len() <= WIDEST_VECTOR {
        values.len().max(1)
    } else {
        square.unwrap_or(WIDEST_VECTOR)
    };
    Map { name: String::new(), width, values: values.to_vec() }
}

/// The maps of the first input; a vector is one map of several rows.
pub(crate) fn feature_maps(value: &TracedValue, common_scale: bool) -> MapGrid {
    let first = value.values.get(..value.shape.values()).unwrap_or_default();
    let (maps, what) = match value.shape {
        Shape::Features(features) => {
            let map = vector_map(first);
            let note = format!("{features} features, row by row, {} in a row", map.width);
            (vec![map], note)
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
            (maps.collect(), format!("{} of {height}x{width}{cut}", counted(channels, "map")))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_matrices_are_kept_and_large_ones_averaged() {
        let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        assert_eq!(block_means(&values, 2, 3), ([1, 1], values.to_vec(), 3));
        // 129 rows make blocks of two; the last has one row.
        let tall: Vec<f32> = (0..129_u8).map(f32::from).collect();
        let (block, means, width) = block_means(&tall, 129, 1);
        assert_eq!((block, means.len(), width), ([2, 1], 65, 1));
        assert!((means[0] - 0.5).abs() + (means[64] - 128.0).abs() < 1e-6);
    }
}
