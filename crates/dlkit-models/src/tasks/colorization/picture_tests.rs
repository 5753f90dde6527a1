//! Tiles without seams, and what stays as it was.

use burn::tensor::{Device, Tensor, TensorData};
use image::{DynamicImage, GrayAlphaImage, GrayImage, ImageBuffer, Luma, LumaA, Rgb, Rgba};

use super::*;
use crate::network::{Network, NetworkSpec};

/// An untrained colorizer, whose weights are drawn from a seed.
fn colorizer(layers: &str) -> Colorizer {
    balanced(layers, 1.0).unwrap()
}

/// The same with a balance of rare colors.
fn balanced(layers: &str, balance: f64) -> Result<Colorizer, String> {
    let config = format!(
        "input = [1, 64, 64]\nactivation = \"relu\"\nlayers = [{layers}, {{ type = \"conv2d\", \
         filters = 6, kernel = 1 }}]"
    );
    let spec = NetworkSpec::new(&toml::from_str(&config).unwrap()).unwrap();
    let facts = ColorFacts {
        bin_width: BinWidth::Ten,
        // Centers from (-35, -35) to (65, 65).
        bins: vec![7 * 22 + 7, 9 * 22 + 13, 11 * 22 + 11, 13 * 22 + 8, 14 * 22 + 17, 17 * 22 + 17],
        prior: vec![0.1, 0.2, 0.3, 0.2, 0.1, 0.1],
        lambda: 0.5,
        temperature: 0.38,
        balance,
        short_side: 0,
    };
    let device = Device::flex();
    Colorizer::new(Network::new(&spec, 3, &device), facts, device)
}

const VALID: &str = r#"
    { type = "conv2d", filters = 8, kernel = 3 }, { type = "conv2d", filters = 8, kernel = 3 },
    { type = "conv2d", filters = 8, kernel = 3 }"#;

const STRIDED: &str = r#"
    { type = "conv2d", filters = 8, kernel = 3, stride = 2, padding = 1 },
    { type = "conv2d", filters = 8, kernel = 3, padding = "same", batch_norm = true },
    { type = "max-pool2d", size = 2 },
    { type = "conv2d", filters = 8, kernel = 3, dilation = 2, padding = "same" }"#;

const ENLARGED: &str = r#"
    { type = "conv2d", filters = 8, kernel = 4, stride = 2 },
    { type = "conv2d", filters = 8, kernel = 3 },
    { type = "upsample", factor = 2, mode = "bilinear" },
    { type = "conv2d", filters = 8, kernel = 3 }"#;

/// Branches that are joined need inputs whose sizes are multiples of two.
const BRANCHED: &str = r#"
    { type = "conv2d", filters = 8, kernel = 3, padding = "same", name = "top" },
    { type = "conv2d", filters = 8, kernel = 3, stride = 2, padding = 1 },
    { type = "conv2d", filters = 8, kernel = 3, padding = "same" },
    { type = "conv-transpose2d", filters = 8, kernel = 2, stride = 2, name = "up" },
    { type = "concat", from = ["top", "up"] }"#;

/// Groups, and pixels that channels become.
const GROUPED: &str = r#"
    { type = "conv2d", filters = 8, kernel = 3, stride = 2, padding = 1 },
    { type = "conv2d", filters = 8, kernel = 3, groups = 8, padding = "same" },
    { type = "conv2d", filters = 16, kernel = 1, groups = 2 },
    { type = "pixel-shuffle", factor = 2 },
    { type = "conv2d", filters = 8, kernel = 5, padding = "same" }"#;

/// Sums and gates.
const JOINED: &str = r#"
    { type = "conv2d", filters = 8, kernel = 3, padding = "same", name = "a" },
    { type = "conv2d", filters = 8, kernel = 3, padding = "same", name = "b" },
    { type = "add", from = ["a", "b"], name = "c" },
    { type = "conv2d", filters = 8, kernel = 1, activation = "sigmoid", from = "a", name = "gate" },
    { type = "multiply", from = ["c", "gate"] }"#;

/// The mean of the whole picture as a bias, as a gate and beside the maps.
const WHOLE: &str = r#"
    { type = "conv2d", filters = 8, kernel = 3, stride = 2, padding = 1, name = "a" },
    { type = "global-avg-pool", name = "mean" },
    { type = "conv2d", filters = 8, kernel = 1, name = "bias" },
    { type = "add", from = ["a", "bias"], name = "b" },
    { type = "multiply", from = ["b", "mean"], name = "c" },
    { type = "concat", from = ["c", "mean"] },
    { type = "conv2d", filters = 8, kernel = 3, padding = "same" },
    { type = "upsample", factor = 2, mode = "bilinear" }"#;

fn gray(x: u32, y: u32) -> u8 {
    let value = 128.0 + 60.0 * (f64::from(x) * 0.31).sin() + 60.0 * (f64::from(y) * 0.17).cos();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "8 to 248")]
    let value = value as u8;
    value
}

#[test]
fn tiles_join_without_seams() {
    let size = [61, 83];
    let lightness = |row: usize, column: usize| {
        let place = [column, row].map(|place| u32::try_from(place).unwrap());
        f32::from(gray(place[0], place[1])) / 2.55
    };
    let temperatures = [0.05, 0.38, 1.0].map(|value| Temperature::new(value).unwrap());
    for layers in [VALID, STRIDED, ENLARGED, BRANCHED, GROUPED, JOINED, WHOLE] {
        let colorizer = colorizer(layers);
        let all = |tile: usize| {
            let mut colors = vec![vec![[0.0; 2]; size[0] * size[1]]; temperatures.len()];
            for region in colorizer.regions(size, tile) {
                let found = colorizer.colors(size, &region, &lightness, &temperatures);
                for (all, found) in colors.iter_mut().zip(found) {
                    for (line, row) in found.chunks(region.columns.len()).zip(region.rows.clone()) {
                        let start = row * size[1] + region.columns.start;
                        all[start..start + line.len()].copy_from_slice(line);
                    }
                }
            }
            colors
        };
        let whole = all(100);
        let distinct: std::collections::BTreeSet<_> =
            whole[2].iter().map(|ab| ab.map(f32::to_bits)).collect();
        assert!(distinct.len() > 500, "{layers}: {}", distinct.len());
        for tile in [16, 17, 40] {
            let largest = all(tile)
                .iter()
                .flatten()
                .zip(whole.iter().flatten())
                .map(|(tiled, whole)| color_error(*tiled, *whole))
                .fold(0.0, f32::max);
            // In units of ab, which reaches over 220.
            assert!(largest < 1e-4 * 220.0, "{layers}, {tile}: {largest}");
            assert!(largest < 1e-2, "{layers}, {tile}: {largest}");
        }
    }
}

/// Tiles of 16 pixels of the picture as it is.
const SMALL_TILES: Viewing = Viewing { tile: 16, short_side: 0, preparation: Preparation::None };

fn painted(picture: &DynamicImage) -> DynamicImage {
    let temperature = Temperature::new(0.38).unwrap();
    let mut done = Vec::new();
    let mut results =
        colorizer(VALID).colorize(picture, &[temperature], SMALL_TILES, |pixels| done.push(pixels));
    assert_eq!(done.last(), Some(&((picture.width() * picture.height()) as usize)));
    results.remove(0)
}

/// The largest difference of L over all pixels.
fn lightness_difference(left: &DynamicImage, right: &DynamicImage) -> f32 {
    let lightness = |picture: &DynamicImage| -> Vec<f32> {
        let pixels = picture.to_rgb16();
        pixels
            .pixels()
            .map(|pixel| lab_from_rgb(pixel.0.map(|v| f32::from(v) / 65_535.0))[0])
            .collect()
    };
    let pairs = lightness(left).into_iter().zip(lightness(right));
    pairs.map(|(left, right)| (left - right).abs()).fold(0.0, f32::max)
}

#[test]
fn size_lightness_and_opacity_stay() {
    let luma = GrayImage::from_fn(37, 21, |x, y| Luma([gray(x, y)]));
    let alpha = GrayAlphaImage::from_fn(37, 21, |x, y| LumaA([gray(x, y), gray(y, x)]));
    let deep = ImageBuffer::from_fn(37, 21, |x, y| {
        Rgba([u16::from(gray(x, y)) * 257, 9_000, 40_000, u16::from(gray(y, x)) * 200])
    });
    let rgb = ImageBuffer::from_fn(37, 21, |x, y| Rgb([gray(x, y), 40, 90]));
    let pictures: [(DynamicImage, f32); 4] =
        [(luma.into(), 0.5), (alpha.clone().into(), 0.5), (rgb.into(), 0.5), (deep.into(), 0.02)];
    for (picture, tolerance) in &pictures {
        let result = painted(picture);
        assert_eq!((result.width(), result.height()), (37, 21));
        assert_eq!(result.color().has_alpha(), picture.color().has_alpha());
        assert_eq!(
            result.color().bytes_per_pixel() / result.color().channel_count(),
            picture.color().bytes_per_pixel() / picture.color().channel_count()
        );
        assert!(result.color().has_color());
        let difference = lightness_difference(picture, &result);
        assert!(difference < *tolerance, "{:?}: {difference}", picture.color());
        let (given, found) = (picture.to_rgba16(), result.to_rgba16());
        assert!(given.pixels().zip(found.pixels()).all(|(given, found)| given.0[3] == found.0[3]));
        let colored = found.pixels().filter(|pixel| pixel.0[0].abs_diff(pixel.0[2]) > 1_000);
        assert!(colored.count() > 100);
    }
}

#[test]
fn the_colors_of_a_colored_picture_do_not_matter() {
    let luma = DynamicImage::from(GrayImage::from_fn(20, 20, |x, y| Luma([gray(x, y)])));
    assert_eq!(painted(&luma), painted(&luma.to_rgb8().into()));
}

#[test]
fn pictures_are_looked_at_as_small_as_those_learned_from() {
    use image::imageops::FilterType;
    let picture = DynamicImage::from(GrayImage::from_fn(60, 45, |x, y| Luma([gray(x, y)])));
    let small = picture.resize_exact(20, 15, FilterType::CatmullRom).into_luma8();
    let lightness = |row: usize, column: usize| {
        let [x, y] = [column, row].map(|place| u32::try_from(place).unwrap());
        lab_from_rgb([f32::from(small.get_pixel(x, y).0[0]) / 255.0; 3])[0]
    };
    let temperature = Temperature::new(0.38).unwrap();
    for layers in [VALID, STRIDED] {
        let colorizer = colorizer(layers);
        let whole = tiles::Region { rows: 0..15, columns: 0..20 };
        let colors = colorizer.colors([15, 20], &whole, &lightness, &[temperature]).remove(0);
        let painted = |tile| {
            let viewing = Viewing { tile, short_side: 15, preparation: Preparation::None };
            let mut results = colorizer.colorize(&picture, &[temperature], viewing, |_| ());
            results.remove(0).into_rgb8()
        };
        let result = painted(100);
        assert_eq!(result.dimensions(), (60, 45));
        // The center of a small pixel is that of the middle one of nine, which has its color.
        for (pixel, &[a, b]) in colors.iter().enumerate() {
            let [x, y] =
                [pixel % 20, pixel / 20].map(|place| u32::try_from(3 * place + 1).unwrap());
            let found = result.get_pixel(x, y).0.map(|value| f32::from(value) / 255.0);
            let lightness = lab_from_rgb(found)[0];
            let expected = rgb_within_gamut([lightness, a, b]);
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 0.01, "{layers}, {pixel}: {found} {expected}");
            }
        }
        let seams =
            painted(6).iter().zip(result.iter()).filter(|(l, r)| l.abs_diff(**r) > 1).count();
        assert_eq!(seams, 0, "{layers}");
    }
}

#[test]
fn one_pixel_is_enough() {
    let picture = DynamicImage::from(GrayImage::from_pixel(1, 1, Luma([120])));
    for layers in [VALID, STRIDED, ENLARGED, BRANCHED, GROUPED, JOINED, WHOLE] {
        let temperature = Temperature::new(0.38).unwrap();
        let result =
            colorizer(layers).colorize(&picture, &[temperature], SMALL_TILES, |_| ()).remove(0);
        assert_eq!((result.width(), result.height()), (1, 1));
        assert!(lightness_difference(&picture, &result) < 0.5);
    }
}

#[test]
fn a_network_that_looks_at_everything_is_given_pictures_as_they_begin() {
    let colorizer = colorizer(WHOLE);
    assert!(colorizer.sees_whole_pictures());
    let size = [9, 12];
    let lightness = |row: usize, column: usize| {
        let [x, y] = [column, row].map(|place| u32::try_from(place).unwrap());
        f32::from(gray(x, y)) / 2.55
    };
    let temperature = Temperature::new(1.0).unwrap();
    let regions = colorizer.regions(size, 4);
    assert_eq!(regions, [tiles::Region { rows: 0..9, columns: 0..12 }]);
    let found = colorizer.colors(size, &regions[0], &lightness, &[temperature]).remove(0);
    // By the definition: nothing around the picture but the padding of the layers themselves.
    let values: Vec<f32> = (0..108)
        .map(|pixel| (lightness(pixel / 12, pixel % 12) - LIGHTNESS_MEAN) / LIGHTNESS_DEVIATION)
        .collect();
    let input = TensorData::new(values, [1, 1, 9, 12]);
    let scores = colorizer.network().forward(Tensor::from_data(input, &Device::flex()));
    assert_eq!(scores.dims(), [1, 6, 10, 12]);
    let scores: Vec<f32> = scores.into_data().iter::<f32>().collect();
    let colors = annealed_mean(&scores, colorizer.bins().centers(), temperature);
    // Outputs lie half a pixel before the pixels, so each pixel lies in the middle of four.
    for (row, column) in [(0, 0), (4, 7), (8, 11)] {
        let at = |row: usize, column: usize| colors[12 * row + column.min(11)];
        let four =
            [at(row, column), at(row, column + 1), at(row + 1, column), at(row + 1, column + 1)];
        let expected = [0, 1].map(|axis| four.iter().map(|color| color[axis]).sum::<f32>() / 4.0);
        let found = found[12 * row + column];
        assert!(color_error(found, expected) < 1e-3, "{row}, {column}: {found:?} {expected:?}");
    }
}

#[test]
fn less_balance_gives_less_to_rare_colors() {
    let gray = |_: usize, _: usize| 50.0;
    let region = tiles::Region { rows: 0..9, columns: 0..9 };
    let temperature = Temperature::new(1.0).unwrap();
    let decoded = |balance: f64| {
        let colorizer = balanced(VALID, balance).unwrap();
        colorizer.colors([9, 9], &region, &gray, &[temperature])[0][40]
    };
    // By the definition: the scores without the logarithms of the weights.
    let whole = colorizer(VALID);
    let stretches = [0, 1].map(|axis| tiles::Stretch::new(&whole.alignment, axis, &(0..9)));
    let (places, scores) = whole.scores([9, 9], &stretches, &gray);
    let scores: Vec<f32> = scores.chunks(places).map(|scores| scores[40]).collect();
    for balance in [0.0_f64, 0.4, 1.0] {
        let weights = whole.prior().weights();
        let shifted = scores.iter().zip(weights).map(|(score, weight)| {
            #[expect(clippy::cast_possible_truncation, reason = "scores are single precision")]
            let log = weight.ln() as f32;
            #[expect(clippy::cast_possible_truncation, reason = "scores are single precision")]
            let part = (1.0 - balance) as f32;
            score - part * log
        });
        let shifted: Vec<f32> = shifted.collect();
        let expected = annealed_mean(&shifted, whole.bins().centers(), temperature)[0];
        assert!(color_error(decoded(balance), expected) < 1e-3, "{balance}");
    }
    assert!(color_error(decoded(0.0), decoded(1.0)) > 0.5);
    assert!(balanced(VALID, -0.1).is_err());
}

#[test]
fn facts_must_fit_the_network() {
    let colorizer = colorizer(VALID);
    let facts = ColorFacts { bins: vec![1], prior: vec![1.0], ..colorizer.facts().clone() };
    let spec = NetworkSpec::new(
        &toml::from_str(
            "input = [1, 8, 8]\nlayers = [{ type = \"conv2d\", filters = 2, kernel = 3 }]",
        )
        .unwrap(),
    )
    .unwrap();
    let device = Device::flex();
    let message = Colorizer::new(Network::new(&spec, 0, &device), facts, device).unwrap_err();
    assert_eq!(message, "the network has 2 outputs, but there are 1 bins");
}
