//! Pictures of the values and weights of a layer.

use dlkit_models::network::{Shape, TracedValue};

use super::figures::counted;
use crate::plot::{Map, MapGrid};

/// Maximum number of maps in a picture.
const MOST_MAPS: usize = 144;
/// Maximum length of a vector in one row, such as the scores of classes.
const LONGEST_ROW: usize = 32;

/// Maximum side of a matrix; a larger one is drawn as means of its blocks.
const LARGEST_MATRIX: usize = 128;

/// Draws weights: kernels side by side, a matrix as one map (inputs down, units across), a vector in rows.
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
            let (filters, of) = (counted(filters, "filter"), counted(channels, "channel"));
            let named = if channels == 1 { "filter" } else { "filter, channel" };
            let note = format!("{filters} of {of}{shown}; {named}");
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
            let (inputs, units) = (counted(inputs, "input"), counted(units, "unit"));
            (vec![map], format!("{inputs} down, {units} across{means}"))
        }
        _ => {
            let (map, note) = vector_map(values, "value");
            (vec![map], note)
        }
    };
    MapGrid { title: name.to_owned(), note, maps, common_scale: true }
}

/// Block size, means of the blocks and their number in a row. The blocks of a small matrix are single
/// values.
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
        mean_of(part)
    };
    let means = (0..rows.div_ceil(block[0]) * width).map(mean).collect();
    (block, means, width)
}

/// Mean of at least one value, in double precision because the sum may be large.
fn mean_of(values: impl Iterator<Item = f32>) -> f32 {
    let add = |(sum, count), value| (sum + f64::from(value), count + 1.0);
    let (sum, count) = values.fold((0.0, 0.0), add);
    #[expect(clippy::cast_possible_truncation, reason = "between single precision numbers")]
    let mean = (sum / count) as f32;
    mean
}

/// A vector in rows that form about a square, and a note on it. A long vector is drawn as means of
/// consecutive values.
fn vector_map(values: &[f32], noun: &str) -> (Map, String) {
    let block = values.len().div_ceil(LARGEST_MATRIX * LARGEST_MATRIX).max(1);
    let shown: Vec<f32> = values.chunks(block).map(|part| mean_of(part.iter().copied())).collect();
    let width = if shown.len() <= LONGEST_ROW {
        shown.len().max(1)
    } else {
        (1..=LARGEST_MATRIX).find(|width| width * width >= shown.len()).unwrap_or(LARGEST_MATRIX)
    };
    let means = if block == 1 { String::new() } else { format!(", means of {block}") };
    let rows = if width == shown.len() {
        String::new()
    } else {
        format!(", row by row, {width} in a row")
    };
    let note = format!("{}{means}{rows}", counted(values.len(), noun));
    (Map { name: String::new(), width, values: shown }, note)
}

/// Draws the maps of the first input; a vector is one map of several rows.
pub(crate) fn feature_maps(value: &TracedValue, common_scale: bool) -> MapGrid {
    let first = value.values.get(..value.shape.values()).unwrap_or_default();
    let (maps, what) = match value.shape {
        Shape::Features(_) => {
            let (map, note) = vector_map(first, "feature");
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

    #[test]
    fn vectors_are_about_square_and_the_longest_averaged() {
        let drawn = |length: usize| {
            let (map, note) = vector_map(&vec![1e38; length], "feature");
            assert!(map.values.iter().all(|&value| value > 0.9e38 && value < 1.1e38));
            (map.width, map.values.len(), note)
        };
        assert_eq!(drawn(1), (1, 1, "1 feature".to_owned()));
        assert_eq!(drawn(10), (10, 10, "10 features".to_owned()));
        assert_eq!(drawn(33), (6, 33, "33 features, row by row, 6 in a row".to_owned()));
        assert_eq!(drawn(9_216), (96, 9_216, "9,216 features, row by row, 96 in a row".to_owned()));
        let long = "40,000 features, means of 3, row by row, 116 in a row";
        assert_eq!(drawn(40_000), (116, 13_334, long.to_owned()));
    }
}
