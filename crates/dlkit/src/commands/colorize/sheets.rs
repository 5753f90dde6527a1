//! Contact sheets over temperatures, and comparisons with the original.

use std::path::Path;

use anyhow::Result;
use dlkit_models::tasks::colorization::{
    Colorizer, Temperature, Viewing, lab_from_rgb, rgb_from_lab,
};
use image::DynamicImage;

use crate::plot::{ContactSheet, reduced};

/// Contact sheet of the gray picture and its results over temperatures.
///
/// Colorizes the picture at the size of the sheet, unless the network has to see a larger one.
pub(super) fn sheet(
    input: &Path,
    picture: &DynamicImage,
    colorizer: &Colorizer,
    temperatures: &[Temperature],
    viewing: Viewing,
) -> Result<DynamicImage> {
    let small = reduced(picture);
    let is_enough = (1..=small.width().min(small.height())).contains(&viewing.short_side);
    let colored = if is_enough { &small } else { picture };
    let results = colorizer.colorize(colored, temperatures, viewing, |_| ());
    let mut pictures = vec![("gray".to_owned(), gray(small))];
    pictures.extend(
        temperatures.iter().zip(results).map(|(temperature, picture)| {
            (format!("temperature {}", temperature.value()), picture)
        }),
    );
    Ok(ContactSheet { title: name(input), pictures }.draw()?)
}

/// Contact sheet of gray picture, result and original.
pub(super) fn compared(
    input: &Path,
    picture: &DynamicImage,
    result: &DynamicImage,
    temperature: Option<Temperature>,
) -> Result<DynamicImage> {
    let original = reduced(picture);
    let title = temperature.map_or_else(
        || "colorized".to_owned(),
        |temperature| format!("colorized, temperature {}", temperature.value()),
    );
    let pictures = vec![
        ("gray".to_owned(), gray(original.clone())),
        (title, reduced(result)),
        ("original".to_owned(), original),
    ];
    Ok(ContactSheet { title: name(input), pictures }.draw()?)
}

/// The lightness of the picture, the input of the network.
pub(super) fn gray(picture: DynamicImage) -> DynamicImage {
    let mut picture = picture.into_rgba8();
    for pixel in picture.pixels_mut() {
        let [red, green, blue, _] = pixel.0;
        let [lightness, ..] =
            lab_from_rgb([red, green, blue].map(|value| f32::from(value) / 255.0));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to 255; casts saturate"
        )]
        let gray = rgb_from_lab([lightness, 0.0, 0.0]).map(|value| (255.0 * value).round() as u8);
        pixel.0[..3].copy_from_slice(&gray);
    }
    picture.into()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use image::{Rgba, RgbaImage};

    use super::*;

    #[test]
    fn gray_is_as_light_as_the_color() {
        // L of red is 53.24, which is gray of 127 (0.4976 of 255 in sRGB).
        let red = RgbaImage::from_pixel(2, 1, Rgba([255, 0, 0, 9]));
        assert_eq!(gray(red.into()).into_rgba8().get_pixel(1, 0).0, [127, 127, 127, 9]);
    }
}
