//! Photos in folders, scaled to the size for training.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use image::imageops::{FilterType, crop_imm, resize};
use image::{DynamicImage, ImageBuffer, Rgb};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use dlkit_files::picture::{LeftOut, Listing, open_on_white, picture_files};

use super::error::DataError;
use super::files::require_directory;
use super::group::{GroupPattern, PictureGroups};
use super::layout::{Layout, Part};
use super::split::Split;
use super::strata::Strata;
use crate::value::Problem;
use crate::value::number::float;

/// How photos are read and cut into crops.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PhotosConfig {
    /// Directory, relative to the working directory, else to the recipe. It contains photos, or
    /// `train/` and optionally `validation/` and `test/`.
    pub path: PathBuf,
    /// Validation part without a folder `validation`, chosen from the other photos by seed: a share
    /// below 1, or a number of photos. 0 for none.
    #[serde(default = "validation")]
    pub validation: f64,
    /// Regular expression in the path of each photo within the directory, such as "roll([0-9]+)". Photos with
    /// equal text in its parentheses stay together: all in training or all in validation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Larger photos are scaled down to this many pixels on the shorter side; 0 keeps all sizes.
    #[serde(default = "short_side")]
    pub short_side: u32,
    /// Crops per photo and epoch, each of the size of the network's input.
    #[serde(default = "crops")]
    pub crops: usize,
    /// Whether training crops are flipped horizontally with probability 0.5.
    #[serde(default = "flip")]
    pub flip: bool,
    /// Training crops are scaled up or down by a random factor of at most this; 1 for none.
    #[serde(default = "zoom")]
    pub zoom: f64,
    /// Training crops are stretched along one side by a random factor of at most this; 1 for none.
    #[serde(default = "stretch")]
    pub stretch: f64,
    /// Strength of random lightness changes in training crops; 0 for none. Contrast about 50
    /// changes by up to this share, lightness by up to 50 times it.
    #[serde(default)]
    pub lightness_jitter: f64,
    /// How many times as often photos are drawn in training whose path within the training folder begins
    /// with a name, such as `{ "sea/" = 0.3 }`; of several names the longest counts. An epoch draws as
    /// many photos as there are. Default: each photo once.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub weights: BTreeMap<String, f64>,
    /// How much more often photos of rare colors are drawn in training: the power of the mean weight of
    /// their pixels. 0 for no more often.
    #[serde(default)]
    pub rarity: f64,
}

const fn stretch() -> f64 {
    1.0
}

const fn validation() -> f64 {
    0.1
}

const fn short_side() -> u32 {
    256
}

const fn crops() -> usize {
    16
}

const fn flip() -> bool {
    true
}

const fn zoom() -> f64 {
    1.0
}

/// Largest zoom: a crop shows at most this many times more or fewer pixels along a side.
const LARGEST_ZOOM: f64 = 4.0;
/// Largest stretch: one side shows at most twice as much as the other.
const LARGEST_STRETCH: f64 = 2.0;
/// Largest weight of a photo, and largest power of the weight of its colors.
const LARGEST_WEIGHT: f64 = 1e6;
const LARGEST_RARITY: f64 = 4.0;
/// Most crops of one photo in an epoch.
const MOST_CROPS: usize = 1 << 20;

impl PhotosConfig {
    /// The defaults for a directory.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            validation: validation(),
            group: None,
            short_side: short_side(),
            crops: crops(),
            flip: flip(),
            zoom: zoom(),
            stretch: stretch(),
            lightness_jitter: 0.0,
            weights: BTreeMap::new(),
            rarity: 0.0,
        }
    }

    pub(crate) fn check(&self) -> Result<(), Problem> {
        if let Some(group) = &self.group {
            GroupPattern::new(group)?;
        }
        let crops = self.crops;
        if !(1..=MOST_CROPS).contains(&crops) {
            let reason = format!("must be from 1 to {MOST_CROPS}, not {crops}");
            return Err(Problem::new("crops", reason));
        }
        let zoom = self.zoom;
        if !(1.0..=LARGEST_ZOOM).contains(&zoom) {
            let reason = format!("must be from 1 (no zoom) to {LARGEST_ZOOM}, not {zoom}");
            return Err(Problem::new("zoom", reason));
        }
        let stretch = self.stretch;
        if !(1.0..=LARGEST_STRETCH).contains(&stretch) {
            let reason = format!("must be from 1 (none) to {LARGEST_STRETCH}, not {stretch}");
            return Err(Problem::new("stretch", reason));
        }
        for (name, weight) in &self.weights {
            if !(0.0..=LARGEST_WEIGHT).contains(weight) {
                let reason =
                    format!("of \"{name}\" must be from 0 to {LARGEST_WEIGHT}, not {weight}");
                return Err(Problem::new("weights", reason));
            }
        }
        let rarity = self.rarity;
        if !(0.0..=LARGEST_RARITY).contains(&rarity) {
            let reason = format!("must be from 0 (none) to {LARGEST_RARITY}, not {rarity}");
            return Err(Problem::new("rarity", reason));
        }
        let jitter = self.lightness_jitter;
        if !(0.0..1.0).contains(&jitter) {
            let reason = format!("must be from 0 (no jitter) to below 1, not {jitter}");
            return Err(Problem::new("lightness_jitter", reason));
        }
        Ok(())
    }
}

/// The photo files of each part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PhotoFiles {
    /// Training part.
    pub train: Vec<PathBuf>,
    /// Validation part.
    pub validation: Vec<PathBuf>,
    /// Test part.
    pub test: Vec<PathBuf>,
    /// Files that were found but skipped.
    pub left_out: Vec<LeftOut>,
    /// What else is to be said of them.
    pub note: Option<String>,
}

impl PhotoFiles {
    /// Finds the photos of a directory and divides them, photo by photo.
    ///
    /// # Errors
    /// The directory does not exist or contains no photos; the validation part leaves none.
    pub fn find(config: &PhotosConfig, seed: u64) -> Result<Self, DataError> {
        let path = &config.path;
        require_directory(path)?;
        let layout = Layout::find(path)?;
        let learned = layout.learned(path)?.to_owned();
        let Layout { validation, test, mut left_out, .. } = layout;
        let train = photos_in(&learned, &mut left_out)?;
        let mut part = |folder: Option<PathBuf>| {
            folder.map(|folder| photos_in(&folder, &mut left_out)).transpose()
        };
        let (validation, test) = (part(validation)?, part(test)?.unwrap_or_default());
        let held_out = [validation.clone().unwrap_or_default(), test.clone()].concat();
        let groups = config.group.as_deref();
        let groups =
            groups.map(|group| PictureGroups::of(group, path, &train, &held_out)).transpose()?;
        let (groups, note) = groups.map(|groups| (groups.of_each, groups.note)).unzip();
        let note = note.flatten();
        if let Some(validation) = validation {
            return Ok(Self { train, validation, test, left_out, note });
        }
        let strata = Strata::plain(train.len()).in_groups(groups.as_deref());
        let split = Split::of(&strata, config.validation, seed, None)?;
        let chosen = |indices: &[usize]| {
            indices.iter().filter_map(|&index| train.get(index).cloned()).collect()
        };
        let (train, validation) = (chosen(&split.train), chosen(&split.validation));
        Ok(Self { train, validation, test, left_out, note })
    }
}

/// The photos of a folder and of all folders within it.
fn photos_in(folder: &Path, left_out: &mut Vec<LeftOut>) -> Result<Vec<PathBuf>, DataError> {
    let Listing { files, left_out: within } = picture_files(&[folder.to_owned()]);
    left_out.extend(within);
    Ok(files.into_iter().collect::<Result<_, _>>()?)
}

/// The photos of a directory or of a part of it.
pub(crate) struct FoundPhotos {
    pub(crate) files: Vec<PathBuf>,
    /// Files that were found but skipped.
    pub(crate) left_out: Vec<LeftOut>,
}

/// The photos of one part's folder, or all photos of a directory without a part. `None` if that
/// folder does not exist.
///
/// # Errors
/// The directory does not exist or contains no photos.
pub(crate) fn photos_of(
    directory: &Path,
    part: Option<Part>,
) -> Result<Option<FoundPhotos>, DataError> {
    require_directory(directory)?;
    let layout = Layout::find(directory)?;
    let mut left_out = layout.left_out.clone();
    let folders = layout.folders(directory, part);
    if folders.is_empty() {
        return Ok(None);
    }
    let mut files = Vec::new();
    for folder in folders {
        files.extend(photos_in(folder, &mut left_out)?);
    }
    Ok(Some(FoundPhotos { files, left_out }))
}

/// A photo in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Photo {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Red, green, blue of each pixel, row by row.
    pub rgb: Vec<u8>,
}

impl Photo {
    /// The color of a pixel; beyond the border, that of the nearest pixel.
    #[must_use]
    pub fn pixel(&self, x: i64, y: i64) -> [u8; 3] {
        let within = |place: i64, size: usize| {
            usize::try_from(place.max(0)).unwrap_or(0).min(size.saturating_sub(1))
        };
        let at = 3 * (within(y, self.height) * self.width + within(x, self.width));
        [self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]]
    }

    /// A part, made larger or smaller. Places and sizes are those of rows, then of columns.
    #[must_use]
    pub fn resized_part(&self, place: [usize; 2], part: [usize; 2], size: [usize; 2]) -> Self {
        let narrow = |sizes: [usize; 2]| sizes.map(|size| u32::try_from(size).unwrap_or(u32::MAX));
        let ([top, left], [height, width]) = (narrow(place), narrow(part));
        let [rows, columns] = narrow(size);
        let [photo_height, photo_width] = narrow([self.height, self.width]);
        let pixels = ImageBuffer::from_raw(photo_width, photo_height, self.rgb.as_slice());
        let Some(pixels): Option<ImageBuffer<Rgb<u8>, _>> = pixels else {
            return self.clone();
        };
        let part = crop_imm(&pixels, left, top, width, height);
        let rgb = resize(&*part, columns, rows, FilterType::Triangle).into_raw();
        Self { width: size[1], height: size[0], rgb }
    }
}

/// Reads a photo and scales it, keeping its aspect ratio. Its shorter side has at most `short_side`
/// pixels, but `smallest`, a width and a height, must fit into it.
///
/// # Errors
/// A file that is missing or no picture.
pub fn read_photo(path: &Path, short_side: u32, smallest: [usize; 2]) -> Result<Photo, DataError> {
    let picture = open_on_white(path)?;
    let rgb = resized(&picture, short_side, smallest).unwrap_or(picture).into_rgb8();
    let [width, height] = [rgb.width(), rgb.height()].map(|size| size as usize);
    Ok(Photo { width, height, rgb: rgb.into_raw() })
}

/// A picture scaled as in [`read_photo`]; `None` if it has that size already.
pub(crate) fn resized(
    picture: &DynamicImage,
    short_side: u32,
    smallest: [usize; 2],
) -> Option<DynamicImage> {
    let sizes = [picture.width(), picture.height()];
    let factor = sizes_factor(sizes, short_side, smallest);
    let [width, height] = [0, 1].map(|axis| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "positive; casts saturate"
        )]
        let size = (f64::from(sizes[axis]) * factor).round() as u32;
        size.max(u32::try_from(smallest[axis]).unwrap_or(1)).max(1)
    });
    (sizes != [width, height]).then(|| picture.resize_exact(width, height, FilterType::CatmullRom))
}

/// Factor that scales sizes.
fn sizes_factor(sizes: [u32; 2], short_side: u32, smallest: [usize; 2]) -> f64 {
    let shorter = f64::from(sizes[0].min(sizes[1]).max(1));
    let shrink = if short_side == 0 { 1.0 } else { (f64::from(short_side) / shorter).min(1.0) };
    let needed = [0, 1].map(|axis| float(smallest[axis]) / f64::from(sizes[axis].max(1)));
    shrink.max(needed[0]).max(needed[1])
}

#[cfg(test)]
mod tests {
    use image::RgbImage;

    use super::*;

    fn folder(names: &[&str]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        for name in names {
            let path = directory.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            RgbImage::new(4, 3).save(path).unwrap();
        }
        directory
    }

    fn found(directory: &tempfile::TempDir, validation: f64) -> Result<[usize; 3], String> {
        let config = PhotosConfig { validation, ..PhotosConfig::new(directory.path().to_owned()) };
        PhotoFiles::find(&config, 1)
            .map(|files| [files.train.len(), files.validation.len(), files.test.len()])
            .map_err(|error| error.to_string())
    }

    #[test]
    fn parts_are_folders_or_divided_by_seed() {
        let parts = folder(&["train/a.png", "train/b/c.png", "validation/d.png", "test/e.png"]);
        assert_eq!(found(&parts, 0.5), Ok([2, 1, 1]));
        let flat = folder(&["a.png", "b.png", "c/d.png", "c/e.png"]);
        assert_eq!(found(&flat, 0.25), Ok([3, 1, 0]));
        let headless = folder(&["a.png", "b.png", "validation/e.png"]);
        assert!(found(&headless, 0.25).unwrap_err().contains("no training part"));
        let two = folder(&["train/a.png", "train/b.png", "test/e.png"]);
        assert_eq!(found(&two, 0.5), Ok([1, 1, 1]));
        assert!(found(&folder(&[]), 0.5).unwrap_err().contains("no pictures"));
    }

    #[test]
    fn photos_shrink_to_the_short_side_and_grow_to_the_crop() {
        assert!((sizes_factor([400, 200], 100, [32, 32]) - 0.5).abs() < 1e-12);
        assert!((sizes_factor([400, 200], 0, [32, 32]) - 1.0).abs() < 1e-12);
        assert!((sizes_factor([20, 200], 256, [32, 32]) - 1.6).abs() < 1e-12);
        let directory = folder(&["a.png"]);
        let path = directory.path().join("a.png");
        let photo = read_photo(&path, 256, [8, 7]).unwrap();
        assert_eq!((photo.width, photo.height), (9, 7));
        let photo = read_photo(&path, 2, [1, 1]).unwrap();
        assert_eq!((photo.width, photo.height, photo.rgb.len()), (3, 2, 18));
    }

    #[test]
    fn beyond_the_border_lies_the_nearest_pixel() {
        let photo = Photo { width: 2, height: 2, rgb: (0..12).collect() };
        assert_eq!(photo.pixel(-3, 5), [6, 7, 8]);
        assert_eq!(photo.pixel(1, 0), [3, 4, 5]);
        assert_eq!(photo.pixel(9, 1), [9, 10, 11]);
    }

    #[test]
    fn rejects_no_crops_and_changes_out_of_range() {
        let message = |change: fn(&mut PhotosConfig)| {
            let mut config = PhotosConfig::new(PathBuf::new());
            change(&mut config);
            config.check().unwrap_err().to_string()
        };
        assert_eq!(message(|it| it.crops = 0), "`crops` must be from 1 to 1048576, not 0");
        assert_eq!(message(|it| it.stretch = 3.0), "`stretch` must be from 1 (none) to 2, not 3");
        assert!(message(|it| it.rarity = -1.0).contains("`rarity`"));
        let negative = message(|it| it.weights = [("sea/".to_owned(), -1.0)].into());
        assert_eq!(negative, "`weights` of \"sea/\" must be from 0 to 1000000, not -1");
        assert_eq!(message(|it| it.zoom = 0.5), "`zoom` must be from 1 (no zoom) to 4, not 0.5");
        assert!(message(|it| it.zoom = f64::NAN).contains("1 (no zoom) to 4"));
        let text = message(|it| it.lightness_jitter = 1.0);
        assert_eq!(text, "`lightness_jitter` must be from 0 (no jitter) to below 1, not 1");
    }
}
