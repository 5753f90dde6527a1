//! Reads faces and resizes them to one size.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use dlkit_files::npy::{NpyArray, NpyError, NpyKind, read_npy_array};
use dlkit_files::picture::{GrayPicture, picture_size, summary_of_left_out};
use dlkit_files::regular::read_regular;
use dlkit_vision::eigenfaces::{EigenfacesError, FaceSet, MOST_VALUES, Pictures};
use rayon::prelude::*;

use super::cutting::{Cutting, Face};
use super::folder::{is_stack, list};
use super::named_file::File;
use super::size::PictureSize;
use crate::arguments::Failures;
use crate::report::counted;

/// Pictures of one size, with their names.
pub(super) struct Gathered {
    pub(super) pictures: Pictures,
    pub(super) names: Vec<String>,
    /// The person of each picture, if folders name people.
    pub(super) people: Option<Vec<String>>,
    /// Notes for the user.
    pub(super) notes: Vec<String>,
}

impl Gathered {
    pub(super) fn into_faces(self) -> Result<FaceSet> {
        let Self { pictures, names, people, .. } = self;
        Ok(match people {
            Some(people) => FaceSet::of_people(pictures, names, &people)?,
            None => FaceSet::unlabeled(pictures, names)?,
        })
    }
}

/// An open file: the content of a stack, but only the size of a picture.
enum Opened {
    Picture(PictureSize),
    Stack(Vec<GrayPicture>),
}

impl Opened {
    fn sizes(&self) -> Vec<PictureSize> {
        match self {
            Self::Picture(size) => vec![*size],
            Self::Stack(pictures) => {
                let size = |p: &GrayPicture| PictureSize { width: p.width, height: p.height };
                pictures.iter().map(size).collect()
            }
        }
    }
}

/// All pictures of a path in one size: the given size, or the most frequent one. Unreadable files become
/// failures.
pub(super) fn gather(
    path: &Path,
    size: Option<PictureSize>,
    strict: bool,
    cutting: &Cutting,
    failures: &mut Failures,
) -> Result<Gathered> {
    let listing = list(path)?;
    let mut notes = Vec::from_iter(summary_of_left_out(&listing.left_out));
    let opened = each(listing.files, |file| file, |file| open(&file.path), failures)?;
    let sizes: Vec<PictureSize> = opened.iter().flat_map(|(_, opened)| opened.sizes()).collect();
    let target = size.or_else(|| most_frequent(&sizes)).context("no pictures")?;
    notes.extend(check_sizes(path, &sizes, target, strict)?.filter(|_| cutting.is_whole()));
    let labeled = opened.iter().all(|(file, _)| file.person.is_some());
    let read = each(
        opened,
        |(file, _)| file,
        |(file, opened)| faces(file, opened, target, cutting),
        failures,
    )?;
    let (mut names, mut people, mut flat) = (Vec::new(), Vec::new(), Vec::new());
    for ((file, _), pictures) in read {
        for picture in pictures {
            match picture {
                Ok((name, face)) => {
                    names.push(name);
                    people.push(file.person.clone().unwrap_or_default());
                    flat.extend(face.values);
                }
                Err(error) => failures.add(&file.path, &error),
            }
        }
    }
    if names.is_empty() {
        bail!("{}: no picture can be used", path.display());
    }
    let pictures = Pictures::new(target.width, target.height, flat)
        .with_context(|| format!("{}: cannot be used", path.display()))?;
    Ok(Gathered { pictures, names, people: labeled.then_some(people), notes })
}

/// Reads each file; unreadable files become failures.
///
/// # Errors
/// No file can be read.
fn each<F: Send + Sync, T: Send>(
    all: Vec<F>,
    file: impl Fn(&F) -> &File,
    read: impl Fn(&F) -> Result<T> + Sync + Send,
    failures: &mut Failures,
) -> Result<Vec<(F, T)>> {
    let results: Vec<Result<T>> = all.par_iter().map(read).collect();
    let (mut whole, mut failed) = (Vec::new(), Vec::new());
    for (one, result) in all.into_iter().zip(results) {
        match result {
            Ok(result) => whole.push((one, result)),
            Err(error) => failed.push((one, error)),
        }
    }
    let count = failed.len();
    if let (true, [_]) = (whole.is_empty(), failed.as_slice()) {
        return Err(failed.remove(0).1);
    }
    for (one, error) in &failed {
        failures.add(&file(one).path, error);
    }
    if whole.is_empty() {
        bail!("none of the {count} pictures could be read");
    }
    Ok(whole)
}

/// Note on resized pictures.
fn check_sizes(
    path: &Path,
    sizes: &[PictureSize],
    target: PictureSize,
    strict: bool,
) -> Result<Option<String>> {
    let unlike = sizes.iter().filter(|size| **size != target).count();
    let of = format!(
        "{unlike} of {} {} another size than {target}",
        counted(sizes.len(), "picture"),
        if unlike == 1 { "has" } else { "have" }
    );
    if unlike > 0 && strict {
        bail!("{}: {of}; leave --strict out to resize them, or choose --size", path.display());
    }
    let pixels = target.width * target.height;
    if pixels.saturating_mul(sizes.len()) > MOST_VALUES {
        let pictures = sizes.len();
        return Err(EigenfacesError::TooLarge { pictures, pixels, limit: MOST_VALUES }.into());
    }
    Ok((unlike > 0).then(|| {
        format!("{}: {of} and {} resized", path.display(), if unlike == 1 { "was" } else { "were" })
    }))
}

/// The faces of a file in a given size, with their names; one that cannot be used is an error of its own.
pub(super) fn read_file(
    file: &File,
    target: PictureSize,
    strict: bool,
    cutting: &Cutting,
) -> Result<Vec<Result<(String, Face)>>> {
    let opened = open(&file.path)?;
    let sizes = opened.sizes();
    if let Some(size) = sizes.iter().find(|size| strict && **size != target) {
        bail!(
            "{}: {size} pixels, but the model needs {target}; leave --strict out to resize it",
            file.path.display()
        );
    }
    faces(file, &opened, target, cutting)
}

/// Note on pictures that were resized.
pub(super) fn resized_note(resized: usize, all: usize, target: PictureSize) -> String {
    let was = if resized == 1 { "was" } else { "were" };
    format!("{resized} of {} {was} resized to {target}", counted(all, "picture"))
}

/// The largest magnitude.
pub(super) fn largest(values: impl Iterator<Item = f32>) -> f32 {
    values.fold(0.0, |largest, value| largest.max(value.abs()))
}

/// Note if the largest values suggest that the pictures and the `others` have different ranges, such as
/// 0 to 255 and 0 to 1.
pub(super) fn range_note(others: &str, known: f32, given: f32) -> Option<String> {
    /// Ratio of largest values that brightness alone cannot explain.
    const UNLIKE: f32 = 32.0;
    let ratio = given / known;
    // The range of black pictures is unknown.
    let told = known > 0.0 && given > 0.0;
    (told && !(1.0 / UNLIKE..=UNLIKE).contains(&ratio)).then(|| {
        format!(
            "pixel values reach {given:.3}, but those of the {others} reach about {known:.3}, so distances are \
             meaningless; bring them to one range (picture files and uint8 arrays are read as 0 to 1, other \
             arrays unchanged)"
        )
    })
}

fn name(file: &File, opened: &Opened, index: usize) -> String {
    match opened {
        Opened::Picture(_) => file.name.clone(),
        Opened::Stack(_) => format!("{}[{index}]", file.name),
    }
}

/// The faces of a file. A picture of a stack that has none is an error of its own.
fn faces(
    file: &File,
    opened: &Opened,
    target: PictureSize,
    cutting: &Cutting,
) -> Result<Vec<Result<(String, Face)>>> {
    let face = |index: usize, shown: &str, picture: &GrayPicture| {
        let face = cutting.face(file, shown, picture, target)?;
        Ok((name(file, opened, index), face))
    };
    let path = file.path.display();
    match opened {
        Opened::Picture(_) => {
            let read = GrayPicture::read(&file.path)?;
            Ok(vec![Ok(face(0, &path.to_string(), &read)?)])
        }
        Opened::Stack(pictures) => Ok(pictures
            .iter()
            .enumerate()
            .map(|(index, picture)| face(index, &format!("{path}[{index}]"), picture))
            .collect()),
    }
}

/// The most frequent size; the smallest of several.
fn most_frequent(sizes: &[PictureSize]) -> Option<PictureSize> {
    let mut counts: BTreeMap<PictureSize, usize> = BTreeMap::new();
    for size in sizes {
        *counts.entry(*size).or_default() += 1;
    }
    counts.into_iter().max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(&a.0))).map(|(size, _)| size)
}

fn open(path: &Path) -> Result<Opened> {
    if is_stack(path) {
        return read_stack(path).map(Opened::Stack);
    }
    let (width, height) = picture_size(path)?;
    Ok(Opened::Picture(PictureSize { width, height }))
}

/// Maximum size of a stack in bytes: the maximum number of values in double precision, and a header.
const LARGEST_STACK: u64 = 8 * MOST_VALUES as u64 + (1 << 16);

fn read_stack(path: &Path) -> Result<Vec<GrayPicture>> {
    let bytes = read_regular(path, LARGEST_STACK)
        .with_context(|| format!("{}: cannot be read", path.display()))?;
    let unusable = || format!("{}: cannot be used", path.display());
    let array = read_npy_array(&bytes).map_err(|error| match error {
        NpyError::Type(kind) => anyhow!(
            "values of type {kind}; supported are uint8 (scaled to 0 to 1, like picture files), float32 and \
             float64 (unchanged): save array.astype(\"uint8\") for values from 0 to 255"
        ),
        other => other.into(),
    });
    let NpyArray { kind, sizes, mut values } = array.with_context(unusable)?;
    let ([height, width] | [_, height, width]) = sizes[..] else {
        bail!(
            "{}: an array of shape {sizes:?}; give [pictures, height, width], or [height, width] for one \
             picture",
            path.display()
        );
    };
    if values.is_empty() {
        bail!("{}: an array of shape {sizes:?} without pictures", path.display());
    }
    // Checked before resizing, which could hide them.
    if let Some(place) = values.iter().position(|value| !value.is_finite()) {
        let picture = place / (width * height) + 1;
        return Err(EigenfacesError::NotFinite { picture }).with_context(unusable);
    }
    // Bytes have the range 0 to 255, as in picture files; other numbers stay unchanged.
    if kind == NpyKind::Uint8 {
        for value in &mut values {
            *value /= 255.0;
        }
    }
    let pictures = values.chunks_exact(width * height);
    Ok(pictures.map(|values| GrayPicture { width, height, values: values.to_vec() }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_do_not_fit_are_told() {
        for (known, given) in [(0.7, 1.0), (0.7, 0.1), (180.0, 255.0), (0.7, 0.0), (4.0, 6.0)] {
            assert_eq!(range_note("known faces", known, given), None, "{known} {given}");
        }
        for (known, given) in [(180.0, 1.0), (0.7, 255.0)] {
            let note = range_note("known faces", known, given).unwrap();
            assert!(note.contains("bring them to one range"), "{note}");
        }
        assert!((largest([0.5, -2.0, 1.0].into_iter()) - 2.0).abs() < 1e-6);
    }
}
