//! Pictures over temperatures, and beside their original.

use std::path::Path;

use anyhow::Result;
use dlkit_models::tasks::colorization::Temperature;
use image::DynamicImage;

use crate::plot::ContactSheet;

/// The picture without colours and its results over temperatures.
pub(super) fn sheet<'a>(
    input: &Path,
    picture: &DynamicImage,
    results: impl Iterator<Item = (&'a Temperature, DynamicImage)>,
) -> Result<DynamicImage> {
    let mut pictures = vec![("grey".to_owned(), grey(picture))];
    pictures.extend(
        results.map(|(temperature, picture)| {
            (format!("temperature {}", temperature.value()), picture)
        }),
    );
    Ok(ContactSheet { title: name(input), pictures }.draw()?)
}

/// Grey, result and original side by side.
pub(super) fn compared(
    input: &Path,
    picture: &DynamicImage,
    result: &DynamicImage,
    temperature: Temperature,
) -> Result<DynamicImage> {
    let pictures = vec![
        ("grey".to_owned(), grey(picture)),
        (format!("colorized, temperature {}", temperature.value()), result.clone()),
        ("original".to_owned(), picture.clone()),
    ];
    Ok(ContactSheet { title: name(input), pictures }.draw()?)
}

fn grey(picture: &DynamicImage) -> DynamicImage {
    if picture.color().has_alpha() {
        picture.to_luma_alpha8().into()
    } else {
        picture.to_luma8().into()
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
