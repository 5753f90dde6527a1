//! The photos of an experiment and what colors they have.

use std::path::PathBuf;
use std::sync::Arc;

use dlkit_files::picture::LeftOut;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::draws::Draws;
use crate::data::{
    DataConfig, DataError, Part, PhotoFiles, PhotoStore, PhotosConfig, named_weights,
};
use crate::facts::color::{
    BinWidth, Bins, ByteColors, ColorCounts, ColorFacts, ColorizationConfig, Prior,
};
use crate::recipe::Experiment;
use crate::value::number::float;

/// The photos of an experiment, divided photo by photo.
pub(super) struct Photos {
    pub(super) train: Arc<PhotoStore>,
    pub(super) validation: Arc<PhotoStore>,
    pub(super) test: Arc<PhotoStore>,
    /// Files that were found but skipped.
    pub(super) left_out: Vec<LeftOut>,
    /// What else is to be said of them.
    pub(super) notes: Vec<String>,
}

impl Photos {
    /// Finds the photos; they are read on demand. `crop` is `[height, width]`.
    pub(super) fn find(
        config: &PhotosConfig,
        seed: u64,
        crop: [usize; 2],
    ) -> Result<Self, DataError> {
        let PhotoFiles { train, validation, test, left_out, note } =
            PhotoFiles::find(config, seed)?;
        let smallest = [crop[1], crop[0]];
        let store = |files| Arc::new(PhotoStore::new(files, config.short_side, smallest));
        let (train, validation, test) = (store(train), store(validation), store(test));
        Ok(Self { train, validation, test, left_out, notes: note.into_iter().collect() })
    }

    /// SHA-256 over the files of all parts.
    pub(super) fn fingerprint(&self) -> Result<String, DataError> {
        let mut hash = Sha256::new();
        for part in [&self.train, &self.validation, &self.test] {
            part.fingerprint(&mut hash)?;
        }
        Ok(format!("{:x}", hash.finalize()))
    }

    /// Reads the photos of all parts, so that a bad one does not end a training that has begun.
    fn read_all(&self) -> Result<(), DataError> {
        let stores = [&self.train, &self.validation, &self.test];
        let places =
            stores.iter().flat_map(|store| (0..store.len()).map(move |index| (store, index)));
        let places: Vec<_> = places.collect();
        let read = |(store, index): (&&Arc<PhotoStore>, usize)| store.photo(index).map(drop);
        DataError::every(places.into_par_iter().map(read).collect::<Vec<_>>()).map(drop)
    }

    /// How often the colors of each training photo occur.
    fn counts(&self, width: BinWidth) -> Result<Vec<ColorCounts>, DataError> {
        self.read_all()?;
        let colors = ByteColors::new();
        let count = |index: usize| {
            let photo = self.train.photo(index)?;
            let mut counts = ColorCounts::new(width);
            for &rgb in photo.rgb.as_chunks::<3>().0 {
                let [_, a, b] = colors.lab(rgb);
                counts.add([a, b]);
            }
            Ok(counts)
        };
        (0..self.train.len()).into_par_iter().map(count).collect()
    }

    /// Bins and prior of the training part, for a network with `keep` outputs, whose last convolution is
    /// the layer `last` of the recipe; and how photos are drawn, if not each once.
    pub(super) fn facts(
        &self,
        config: &ColorizationConfig,
        data: &PhotosConfig,
        keep: usize,
        last: usize,
    ) -> Result<(ColorFacts, Option<Draws>), DataError> {
        let width = config
            .width()
            .map_err(|problem| DataError::Unfit(format!("colorization: {problem}")))?;
        let photos = self.counts(width)?;
        let weights = named_weights(data, self.train.files())?;
        let learned = |weights: &[f64]| {
            let counts = total(width, &photos, weights);
            check_colorful(&counts, data)?;
            let bins = Bins::most_frequent(&counts, keep)
                .ok_or_else(|| too_few(&counts, data, keep, last))?;
            let shares = bins.counts(&counts);
            let prior = Prior::of_counts(&bins, &shares, config.prior_smoothing, config.lambda);
            Ok::<_, DataError>((bins, prior))
        };
        let (mut bins, mut prior) = learned(&weights)?;
        let mut drawn = weights;
        if data.rarity > 0.0 {
            let rarities = photos.iter().map(|counts| rarity(counts, &bins, &prior));
            for (drawn, rarity) in drawn.iter_mut().zip(rarities) {
                *drawn *= rarity.powf(data.rarity);
            }
            (bins, prior) = learned(&drawn)?;
        }
        let facts = ColorFacts {
            bin_width: width,
            bins: bins.cells().to_vec(),
            prior: prior.shares().to_vec(),
            lambda: config.lambda,
            temperature: config.temperature,
            balance: config.balance,
            short_side: data.short_side,
        };
        Ok((facts, (!are_equal(&drawn)).then(|| Draws::new(&drawn))))
    }
}

/// Whether all weights are the same to the bit.
fn are_equal(weights: &[f64]) -> bool {
    weights.windows(2).all(|pair| pair[0].to_bits() == pair[1].to_bits())
}

/// The counts of all photos, each as often as it is drawn.
fn total(width: BinWidth, photos: &[ColorCounts], weights: &[f64]) -> ColorCounts {
    /// Times that a photo of mean weight is counted where weights differ.
    const MEAN: f64 = 1000.0;
    let even = are_equal(weights);
    let mean = weights.iter().sum::<f64>() / float(weights.len());
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "weights are 0 or more; at most 1000 times the number of photos"
    )]
    let times = |weight: f64| if even { 1 } else { (MEAN * weight / mean).round() as u64 };
    let counted = photos.iter().zip(weights).map(|(counts, &weight)| (counts, times(weight)));
    counted.fold(ColorCounts::new(width), |sum, (counts, times)| {
        sum.merged(&counts.clone().times(times))
    })
}

/// The mean weight of a photo's pixels.
fn rarity(counts: &ColorCounts, bins: &Bins, prior: &Prior) -> f64 {
    let counts = bins.counts(counts);
    #[expect(clippy::cast_precision_loss, reason = "pixel counts are far below 2^52")]
    let weighed = counts.iter().zip(prior.weights()).map(|(&count, weight)| count as f64 * weight);
    #[expect(clippy::cast_precision_loss, reason = "pixel counts are far below 2^52")]
    let pixels = counts.iter().sum::<u64>() as f64;
    weighed.sum::<f64>() / pixels.max(1.0)
}

/// The number of bins of width 10 that the colors of the training photos are in. `crop` is `[height, width]`.
///
/// # Errors
/// Photos that cannot be read, or are gray.
pub(crate) fn seen_bins(
    config: &PhotosConfig,
    seed: u64,
    crop: [usize; 2],
) -> Result<usize, DataError> {
    let width = BinWidth::Ten;
    let photos = Photos::find(config, seed, crop)?.counts(width)?;
    let counts = total(width, &photos, &vec![1.0; photos.len()]);
    check_colorful(&counts, config)?;
    Ok(counts.seen())
}

/// The photo files of a part of an experiment's own data, and the fingerprint of all of it; nothing is
/// decoded.
///
/// # Errors
/// The data does not exist.
pub(crate) fn own_photos(
    experiment: &Experiment,
    part: Part,
) -> Result<(Vec<PathBuf>, Vec<LeftOut>, String), DataError> {
    let config = experiment.config();
    let DataConfig::Photos(data) = &config.data else {
        return Err(DataError::Unfit(format!(
            "data.kind: \"{}\" has no photos",
            config.data.kind()
        )));
    };
    let photos = Photos::find(data, config.seed, [1, 1])?;
    let store = match part {
        Part::Train => &photos.train,
        Part::Validation => &photos.validation,
        Part::Test => &photos.test,
    };
    Ok((store.files().to_vec(), photos.left_out.clone(), photos.fingerprint()?))
}

/// Bins that photos with colors have at least; gray ones lie in the four around the middle.
const FEWEST_COLORS: usize = 5;

fn check_colorful(counts: &ColorCounts, data: &PhotosConfig) -> Result<(), DataError> {
    if counts.seen() < FEWEST_COLORS {
        return Err(DataError::Unfit(format!(
            "{}: the photos are gray or nearly so; use color photos",
            data.path.display()
        )));
    }
    Ok(())
}

fn too_few(counts: &ColorCounts, data: &PhotosConfig, keep: usize, last: usize) -> DataError {
    let seen = counts.seen();
    DataError::Unfit(format!(
        "{}: the photos have colors in {seen} bins, but the network has {keep} outputs; reduce \
         its last convolution to {seen} filters (--set network.layers.{last}.filters={seen}), or \
         add more colorful photos",
        data.path.display()
    ))
}
