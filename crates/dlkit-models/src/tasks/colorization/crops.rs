//! Random crops of photos, encoded for a network.

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};
use rand::{Rng, RngExt};
use rayon::prelude::*;

use super::draws::Draws;
use crate::data::{DataError, Photo, PhotoStore};
use crate::facts::color::{ByteColors, Encoder, LIGHTNESS_DEVIATION, LIGHTNESS_MEAN};
use crate::network::Alignment;
use crate::randomness::{Purpose, sample_generator};
use crate::training::BatchSource;
use crate::value::number::{float, signed};

/// A batch of crops.
///
/// # Shapes
/// - lightness: `[batch, 1, height, width]`, as the network takes it
/// - shares: `[batch, bins, rows, columns]`, the soft encoding of each place of the output
/// - weights: `[batch, 1, rows, columns]`, of the bins the colors lie in
#[derive(Clone, Debug)]
pub struct CropBatch {
    /// What is given.
    pub lightness: Tensor<4>,
    /// What is to be found.
    pub shares: Tensor<4>,
    /// How much each place counts.
    pub weights: Tensor<4>,
}

/// Crops of photos: sample `i` is crop `i % crops` of photo `i / crops`.
#[derive(Clone)]
pub(super) struct CropSource {
    pub(super) photos: Arc<PhotoStore>,
    pub(super) crops: usize,
    pub(super) encoder: Arc<Encoder>,
    /// The weight of each bin.
    pub(super) weights: Arc<Vec<f32>>,
    pub(super) geometry: CropGeometry,
    pub(super) seed: u64,
    /// New crops in every epoch, changed at random; else the same crops always, as they are.
    pub(super) fresh: Option<Fresh>,
}

/// New crops in every epoch, and how they are changed.
#[derive(Clone)]
pub(super) struct Fresh {
    /// Whether half of them are mirrored.
    pub(super) flip: bool,
    /// Largest factor by which they are enlarged or made smaller.
    pub(super) zoom: f64,
    /// Largest factor by which one side is enlarged more than the other.
    pub(super) stretch: f64,
    /// Most that lightness is stretched and moved by.
    pub(super) lightness_jitter: f64,
    /// Which photo a sample shows, if not that of its number.
    pub(super) draws: Option<Arc<Draws>>,
}

/// Sizes of crops and where the network's outputs lie in them.
#[derive(Clone, Copy, Debug)]
pub(super) struct CropGeometry {
    /// Height and width.
    pub(super) input: [usize; 2],
    pub(super) output: [usize; 2],
    /// Pixels from one output to the next.
    pub(super) stride: [f64; 2],
    /// Where the first output lies.
    pub(super) origin: [f64; 2],
}

impl CropGeometry {
    pub(super) const fn new(alignment: &Alignment, input: [usize; 2], output: [usize; 2]) -> Self {
        Self { input, output, stride: alignment.stride(), origin: alignment.origin() }
    }
}

/// One encoded crop.
struct Crop {
    lightness: Vec<f32>,
    shares: Vec<f32>,
    weights: Vec<f32>,
}

impl BatchSource for CropSource {
    type Batch = CropBatch;

    fn samples(&self) -> usize {
        self.photos.len() * self.crops
    }

    fn batch(
        &self,
        indices: &[usize],
        epoch: usize,
        device: &Device,
    ) -> Result<CropBatch, DataError> {
        let colors = ByteColors::new();
        let crops: Vec<Crop> = indices
            .par_iter()
            .map(|&index| self.crop(index, epoch, &colors))
            .collect::<Result<_, _>>()?;
        let tensor =
            |part: fn(&Crop) -> &Vec<f32>, channels: usize, [height, width]: [usize; 2]| {
                let values: Vec<f32> = crops.iter().flat_map(part).copied().collect();
                let shape = [crops.len(), channels, height, width];
                Tensor::from_data(TensorData::new(values, shape), device)
            };
        let CropGeometry { input, output, .. } = self.geometry;
        Ok(CropBatch {
            lightness: tensor(|crop| &crop.lightness, 1, input),
            shares: tensor(|crop| &crop.shares, self.encoder.bins().len(), output),
            weights: tensor(|crop| &crop.weights, 1, output),
        })
    }
}

impl CropSource {
    fn crop(&self, index: usize, epoch: usize, colors: &ByteColors) -> Result<Crop, DataError> {
        let epoch = if self.fresh.is_some() { epoch } else { 0 };
        let mut random = sample_generator(self.seed, Purpose::Crops, epoch, index);
        let draws = self.fresh.as_ref().and_then(|fresh| fresh.draws.as_ref());
        let number = draws.map_or(index / self.crops, |draws| draws.photo(&mut random));
        let photo = self.photos.photo(number)?;
        let [height, width] = self.geometry.input;
        let zoom = self.fresh.as_ref().map_or(1.0, |fresh| fresh.zoom);
        let stretch = self.fresh.as_ref().map_or(1.0, |fresh| fresh.stretch);
        let mut factor = |most: f64| {
            if most > 1.0 { most.powf(random.random_range(-1.0..=1.0)) } else { 1.0 }
        };
        // What a crop shows of the photo is as many times its size.
        let (scale, uneven) = (factor(zoom), factor(stretch).sqrt());
        let stretched = [float(height) * uneven, float(width) / uneven];
        let shown = shown([photo.height, photo.width], stretched, scale);
        let mut place =
            |size: usize, shown: usize| random.random_range(0..=size.saturating_sub(shown));
        let (top, left) = (place(photo.height, shown[0]), place(photo.width, shown[1]));
        let flipped =
            self.fresh.as_ref().is_some_and(|fresh| fresh.flip) && random.random::<bool>();
        let jitter = self.fresh.as_ref().map_or(0.0, |fresh| fresh.lightness_jitter);
        let change = Change::drawn(jitter, &mut random);
        if shown == [height, width] {
            let view = View { photo: &photo, top, left, width, flipped };
            return Ok(self.encode(&view, change, colors));
        }
        let photo = photo.resized_part([top, left], shown, [height, width]);
        let view = View { photo: &photo, top: 0, left: 0, width, flipped };
        Ok(self.encode(&view, change, colors))
    }

    fn encode(&self, view: &View<'_>, change: Option<Change>, colors: &ByteColors) -> Crop {
        let CropGeometry { input: [height, width], output: [rows, columns], .. } = self.geometry;
        let mut lightness = Vec::with_capacity(height * width);
        for y in 0..signed(height) {
            for x in 0..signed(width) {
                let [value, _, _] = colors.lab(view.pixel(x, y));
                let value = change.map_or(value, |change| change.of(value));
                lightness.push((value - LIGHTNESS_MEAN) / LIGHTNESS_DEVIATION);
            }
        }
        let places = rows * columns;
        let mut shares = vec![0.0; self.encoder.bins().len() * places];
        let mut weights = Vec::with_capacity(places);
        for row in 0..rows {
            for column in 0..columns {
                let color = self.mean_color(view, colors, [row, column]);
                weights.push(self.weights[self.encoder.bins().of(color)]);
                let place = row * columns + column;
                self.encoder.encode(color, |bin, share| shares[bin * places + place] = share);
            }
        }
        Crop { lightness, shares, weights }
    }

    /// The mean color of the pixels that one output stands for.
    fn mean_color(&self, view: &View<'_>, colors: &ByteColors, output: [usize; 2]) -> [f32; 2] {
        let CropGeometry { stride, origin, .. } = self.geometry;
        let [rows, columns] = [0, 1]
            .map(|axis| covered(stride[axis] * float(output[axis]) + origin[axis], stride[axis]));
        let (mut sum, mut total) = ([0.0_f32; 2], 0.0_f32);
        for &(y, share_y) in &rows {
            for &(x, share_x) in &columns {
                let [_, a, b] = colors.lab(view.pixel(x, y));
                let share = share_y * share_x;
                sum = [sum[0] + share * a, sum[1] + share * b];
                total += share;
            }
        }
        sum.map(|sum| sum / total)
    }
}

/// The pixels that a stretch around a place covers, and the share of each that it covers.
fn covered(center: f64, length: f64) -> Vec<(i64, f32)> {
    let (start, end) = (center - 0.5 * length, center + 0.5 * length);
    #[expect(clippy::cast_possible_truncation, reason = "places within a crop")]
    let (first, last) = ((start + 0.5).floor() as i64, (end - 0.5).ceil() as i64);
    #[expect(clippy::cast_precision_loss, reason = "places within a crop")]
    let share = |pixel: i64| (end.min(pixel as f64 + 0.5) - start.max(pixel as f64 - 0.5)).max(0.0);
    #[expect(clippy::cast_possible_truncation, reason = "colors are single precision")]
    let pixels = (first..=last).map(|pixel| (pixel, share(pixel) as f32));
    pixels.filter(|(_, share)| *share > 0.0).collect()
}

/// Height and width of what a crop shows of a photo: as many times its size as the photo has room for.
fn shown(photo: [usize; 2], crop: [f64; 2], scale: f64) -> [usize; 2] {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positive, and far below 2^52 pixels"
    )]
    let shown = {
        let room = (0..2).map(|axis| float(photo[axis]) / crop[axis]).fold(scale, f64::min);
        crop.map(|size| ((size * room).round() as usize).max(1))
    };
    [0, 1].map(|axis| shown[axis].min(photo[axis]))
}

/// How the lightness of a crop is changed.
#[derive(Clone, Copy)]
struct Change {
    factor: f32,
    offset: f32,
}

impl Change {
    /// One that is drawn, where there is to be any.
    fn drawn(jitter: f64, random: &mut impl Rng) -> Option<Self> {
        #[expect(clippy::cast_possible_truncation, reason = "lightness is single precision")]
        let mut draw = || (jitter * random.random_range(-1.0..=1.0)) as f32;
        (jitter > 0.0).then(|| Self { factor: 1.0 + draw(), offset: 50.0 * draw() })
    }

    fn of(self, lightness: f32) -> f32 {
        ((lightness - 50.0) * self.factor + 50.0 + self.offset).clamp(0.0, 100.0)
    }
}

/// A crop's pixels in their photo.
struct View<'a> {
    photo: &'a Photo,
    top: usize,
    left: usize,
    width: usize,
    flipped: bool,
}

impl View<'_> {
    fn pixel(&self, x: i64, y: i64) -> [u8; 3] {
        let x = if self.flipped { signed(self.width) - 1 - x } else { x };
        self.photo.pixel(signed(self.left) + x, signed(self.top) + y)
    }
}

#[cfg(test)]
mod tests {
    use image::RgbImage;

    use super::*;
    use crate::facts::color::lab_from_rgb;
    use crate::facts::color::{BinWidth, Bins, ColorCounts, EncodingConfig};

    /// A photo that is red on the left and blue on the right, and bins of both colors.
    fn source(fresh: Option<Fresh>, geometry: CropGeometry) -> (CropSource, tempfile::TempDir) {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a.png");
        let red = |x: u32| if x < 3 { [255, 0, 0] } else { [0, 0, 255] };
        RgbImage::from_fn(6, 4, |x, _| image::Rgb(red(x))).save(&file).unwrap();
        let mut counts = ColorCounts::new(BinWidth::Ten);
        for rgb in [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]] {
            let [_, a, b] = lab_from_rgb(rgb);
            counts.add([a, b]);
        }
        let bins = Bins::most_frequent(&counts, 2).unwrap();
        let source = CropSource {
            photos: Arc::new(PhotoStore::new(vec![file], 0, [1, 1])),
            crops: 3,
            encoder: Arc::new(Encoder::new(EncodingConfig::Window { size: 1, sigma: 1.0 }, bins)),
            weights: Arc::new(vec![1.0, 2.0]),
            geometry,
            seed: 5,
            fresh,
        };
        (source, directory)
    }

    fn values(tensor: Tensor<4>) -> Vec<f32> {
        tensor.into_data().iter::<f32>().collect()
    }

    #[test]
    fn targets_are_the_colors_at_the_center() {
        let geometry =
            CropGeometry { input: [4, 6], output: [2, 4], stride: [1.0; 2], origin: [1.0; 2] };
        let (source, _keep) = source(None, geometry);
        let batch = source.batch(&[0], 0, &Device::flex()).unwrap();
        assert_eq!(batch.lightness.dims(), [1, 1, 4, 6]);
        // Blue has the lower cell (a = 79, b = -108 against a = 80, b = 67).
        let blue = [0.0, 0.0, 1.0, 1.0].repeat(2);
        let red = [1.0, 1.0, 0.0, 0.0].repeat(2);
        assert_eq!(values(batch.shares), [blue, red].concat());
        assert_eq!(values(batch.weights), [2.0, 2.0, 1.0, 1.0].repeat(2));
        // L of red is 53.24: (53.24 - 50) / 50.
        let lightness = values(batch.lightness);
        assert!((lightness[0] - 0.064_8).abs() < 1e-3, "{}", lightness[0]);
    }

    #[test]
    fn outputs_of_a_coarser_grid_stand_for_mean_colors() {
        let half = |share: f32| (share - 0.5).abs() < 1e-6;
        assert_eq!(covered(2.0, 1.0), [(2, 1.0)]);
        assert_eq!(covered(1.5, 4.0), [(0, 1.0), (1, 1.0), (2, 1.0), (3, 1.0)]);
        let odd = covered(2.0, 4.0);
        assert_eq!(odd.len(), 5);
        assert!(half(odd[0].1) && half(odd[4].1));
    }

    #[test]
    fn crops_are_new_in_every_epoch_and_mirrored_half_of_the_time() {
        let geometry =
            CropGeometry { input: [4, 6], output: [2, 4], stride: [1.0; 2], origin: [1.0; 2] };
        let fresh =
            Fresh { flip: true, zoom: 1.0, stretch: 1.0, lightness_jitter: 0.0, draws: None };
        let (source, _keep) = source(Some(fresh), geometry);
        assert_eq!(source.samples(), 3);
        let draw =
            |number| values(source.batch(&[0, 1, 2], number, &Device::flex()).unwrap().weights);
        assert_eq!(draw(1), draw(1));
        let first: Vec<f32> = (1..40).map(|number| draw(number)[0]).collect();
        let mirrored = first.iter().filter(|weight| **weight < 1.5).count();
        assert!((8..32).contains(&mirrored), "{mirrored}");
    }

    #[test]
    fn a_crop_shows_as_much_as_the_photo_has_room_for() {
        assert_eq!(shown([40, 60], [10.0, 20.0], 1.0), [10, 20]);
        assert_eq!(shown([40, 60], [10.0, 20.0], 2.5), [25, 50]);
        assert_eq!(shown([40, 60], [10.0, 20.0], 4.0), [30, 60]);
        assert_eq!(shown([10, 60], [10.0, 20.0], 0.25), [3, 5]);
        assert_eq!(shown([40, 60], [20.0, 10.0], 1.0), [20, 10]);
    }

    #[test]
    fn zoomed_crops_show_more_or_less_of_the_photo() {
        let geometry =
            CropGeometry { input: [2, 2], output: [2, 2], stride: [1.0; 2], origin: [0.0; 2] };
        let fresh =
            Fresh { flip: false, zoom: 2.0, stretch: 1.0, lightness_jitter: 0.0, draws: None };
        let (source, _keep) = source(Some(fresh), geometry);
        let mut mixed = 0;
        for number in 1..40 {
            let batch = source.batch(&[0], number, &Device::flex()).unwrap();
            assert_eq!(batch.lightness.dims(), [1, 1, 2, 2]);
            let lightness = values(batch.lightness);
            // Red has L 53.2, blue 32.3; where the crop shows the border in larger pixels, they mix.
            let pure = |value: &f32| (value - 0.0648).abs() < 1e-3 || (value + 0.354).abs() < 1e-3;
            mixed += usize::from(!lightness.iter().all(pure));
        }
        assert!((5..35).contains(&mixed), "{mixed}");
    }

    #[test]
    fn lightness_is_stretched_and_moved_within_bounds_but_colors_stay() {
        let geometry =
            CropGeometry { input: [4, 6], output: [4, 6], stride: [1.0; 2], origin: [0.0; 2] };
        let fresh =
            Fresh { flip: false, zoom: 1.0, stretch: 1.0, lightness_jitter: 0.2, draws: None };
        let (changed, _keep) = source(Some(fresh), geometry);
        let (plain, _keep_too) = source(None, geometry);
        let plain = plain.batch(&[0], 0, &Device::flex()).unwrap();
        let [red, blue] = [53.24_f32, 32.3].map(|lightness| (lightness - 50.0) / 50.0);
        let mut seen = [f32::MAX, f32::MIN];
        for number in 1..60 {
            let batch = changed.batch(&[0], number, &Device::flex()).unwrap();
            assert_eq!(values(batch.shares), values(plain.shares.clone()));
            let lightness = values(batch.lightness);
            let [left, right] = [lightness[0], lightness[5]];
            // factor = difference over difference, offset = what is left.
            let factor = (left - right) / (red - blue);
            let offset = left - factor * red;
            assert!((0.799..1.201).contains(&factor), "{factor}");
            assert!(offset.abs() < 0.201, "{offset}");
            seen = [seen[0].min(factor), seen[1].max(factor)];
        }
        assert!(seen[0] < 0.9 && seen[1] > 1.1, "{seen:?}");
    }
}
