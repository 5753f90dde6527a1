//! The pictures that samples come from, as they are in their files.

use std::collections::HashMap;
use std::path::Path;

use dlkit_files::picture::open_on_white;
use image::{DynamicImage, GrayImage};

use super::error::DataError;
use super::mnist::read_images;
use super::origin::Origin;
use crate::value::Shape;

/// The pictures of some samples, upright and on white, in this order.
///
/// # Errors
/// A file that cannot be read, or has fewer pictures; a sample that is no picture.
pub fn pictures_at(origins: &[&Origin]) -> Result<Vec<DynamicImage>, DataError> {
    // One IDX file holds many pictures.
    let mut opened: HashMap<&Path, (Shape, Vec<u8>)> = HashMap::new();
    let mut pictures = Vec::with_capacity(origins.len());
    for origin in origins {
        pictures.push(match (origin.file.as_deref(), origin.row, origin.index) {
            (Some(file), None, None) => open_on_white(file)?,
            (Some(file), None, Some(index)) => {
                if !opened.contains_key(file) {
                    opened.insert(file, read_images(file)?);
                }
                let read = opened.get(file);
                read.and_then(|(shape, pixels)| entry(*shape, pixels, index)).ok_or_else(|| {
                    DataError::content(file, format!("no picture of index {index}"))
                })?
            }
            _ => return Err(DataError::Unfit("the samples are not pictures".to_owned())),
        });
    }
    Ok(pictures)
}

/// A picture among all of an IDX file.
fn entry(shape: Shape, pixels: &[u8], index: usize) -> Option<DynamicImage> {
    let Shape::Maps { height, width, .. } = shape else { return None };
    let size = height * width;
    let pixels = pixels.get(index * size..(index + 1) * size)?.to_vec();
    let [width, height] = [width, height].map(|side| u32::try_from(side).unwrap_or(0));
    GrayImage::from_raw(width, height, pixels).map(DynamicImage::from)
}
