//! What HTML pages have in common: their frame, and pictures within them.

use std::path::Path;

use anyhow::{Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dlkit_files::picture::PictureFormat;
use image::DynamicImage;
use image::imageops::FilterType;

use crate::plot::escape;

/// Colors and text of pages that show pictures, light and dark: `--text`, `--quiet`, `--ground`.
pub(crate) const PICTURE_PAGE_STYLE: &str = include_str!("picture_page.css");

/// A page with a title, styles, and a body of HTML text; it needs no other files.
pub(crate) fn document(title: &str, styles: &[&str], body: &str) -> String {
    let (title, style) = (escape(title), styles.concat());
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
}

/// Checks that the path of an option has the name of a page.
pub(crate) fn check_html(flag: &str, path: &Path) -> Result<()> {
    let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
    if ending != "html" && ending != "htm" {
        bail!("{flag} {}: the name must end in .html", path.display());
    }
    Ok(())
}

/// A picture with no side longer than `longest` pixels.
pub(crate) fn at_most(picture: &DynamicImage, longest: u32) -> DynamicImage {
    if picture.width().max(picture.height()) <= longest {
        return picture.clone();
    }
    picture.resize(longest, longest, FilterType::Triangle)
}

/// A picture as the address of an image within a page, as JPEG.
pub(crate) fn embedded(picture: &DynamicImage) -> Result<String> {
    let jpeg = PictureFormat::of(Path::new("picture.jpg"))?;
    let bytes = jpeg.encode(&DynamicImage::from(picture.to_rgb8()))?;
    Ok(format!("data:image/jpeg;base64,{}", STANDARD.encode(bytes)))
}
