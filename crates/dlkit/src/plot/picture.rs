//! Saves charts as SVG and as PNG.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use dlkit_files::StagedFile;
use image::RgbImage;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg;

use super::error::PlotError;
use super::font;

/// Pixels of the PNG per pixel of the SVG, for sharp prints and high-density screens.
const SCALE: f32 = 2.0;

/// Saves `svg` as `stem.svg` and, rasterized, as `stem.png`. Returns both paths.
///
/// Writes and flushes both files under temporary names in the same folder, then renames them. No reader
/// finds a partial file, and an error before the renames changes nothing.
///
/// # Errors
/// `svg` is invalid or too large to rasterize, or a file cannot be written.
pub(crate) fn write_picture(svg: &str, stem: &Path) -> Result<[PathBuf; 2], PlotError> {
    let publish = |staged: StagedFile| {
        let path = staged.path().to_owned();
        staged.publish().map_err(|source| PlotError::Write { path, source })
    };
    // Both files are on disk before the first gets its name.
    let [svg, png] = stage_picture(svg, stem)?;
    Ok([publish(svg)?, publish(png)?])
}

/// Writes `svg` as SVG and PNG under temporary names; publishing names them `stem.svg` and `stem.png`.
///
/// # Errors
/// Those of [`write_picture`].
pub(crate) fn stage_picture(svg: &str, stem: &Path) -> Result<[StagedFile; 2], PlotError> {
    let png = png_from_svg(svg, SCALE)?;
    let stage = |suffix: &str, content: &[u8]| {
        let path = with_suffix(stem, suffix)?;
        let staged = StagedFile::write(&path, content);
        staged.map_err(|source| PlotError::Write { path, source })
    };
    Ok([stage(".svg", svg.as_bytes())?, stage(".png", &png)?])
}

/// Writes `svg` under a temporary name, in the format of the ending of `path`; publishing names it `path`.
///
/// # Errors
/// The ending is neither `.svg` nor `.png`, or the file cannot be written.
pub(crate) fn stage_drawing(svg: &str, path: &Path) -> Result<StagedFile, PlotError> {
    let content = match path.extension().and_then(|ending| ending.to_str()) {
        Some("svg") => svg.as_bytes().to_vec(),
        Some("png") => png_from_svg(svg, SCALE)?,
        _ => return Err(PlotError::Ending { path: path.to_owned() }),
    };
    let write = |source| PlotError::Write { path: path.to_owned(), source };
    StagedFile::write(path, &content).map_err(write)
}

/// Rasterizes `svg`, enlarged, to the bytes of a PNG file.
pub(super) fn png_from_svg(svg: &str, scale: f32) -> Result<Vec<u8>, PlotError> {
    rendered(svg, scale)?.encode_png().map_err(|error| PlotError::Png(error.into()))
}

/// Rasterizes `svg`, enlarged, as a background for pictures.
pub(super) fn pixels_from_svg(svg: &str) -> Result<RgbImage, PlotError> {
    pixels_at(svg, SCALE)
}

/// Rasterizes `svg` at a scale with the embedded fonts.
pub(super) fn pixels_at(svg: &str, scale: f32) -> Result<RgbImage, PlotError> {
    let pixels = rendered(svg, scale)?;
    let (width, height) = (pixels.width(), pixels.height());
    // Every drawing has an opaque background.
    let colors = pixels.data().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]);
    #[expect(clippy::cast_precision_loss, reason = "for a message")]
    let size = PlotError::Size { width: width as f32, height: height as f32 };
    RgbImage::from_raw(width, height, colors.collect()).ok_or(size)
}

fn rendered(svg: &str, scale: f32) -> Result<Pixmap, PlotError> {
    let options = usvg::Options {
        font_family: "Inter".to_owned(),
        fontdb: Arc::new(font::database()),
        ..usvg::Options::default()
    };
    let tree = usvg::Tree::from_str(svg, &options)?;
    let size = tree.size();
    let mut pixels = size
        .to_int_size()
        .scale_by(scale)
        .and_then(|scaled| Pixmap::new(scaled.width(), scaled.height()))
        .ok_or(PlotError::Size { width: size.width(), height: size.height() })?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    Ok(pixels)
}

/// Appends `suffix` to the file name of `stem` and keeps dots in the name.
fn with_suffix(stem: &Path, suffix: &str) -> Result<PathBuf, PlotError> {
    let no_name = || PlotError::NoFileName { path: stem.to_owned() };
    let mut name = stem.file_name().ok_or_else(no_name)?.to_owned();
    name.push(suffix);
    Ok(stem.with_file_name(name))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const SQUARE: &str = concat!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="3" height="2">"#,
        r##"<rect width="3" height="2" fill="#fff"/></svg>"##
    );

    fn names_in(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn writes_both_files_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let paths = write_picture(SQUARE, &folder.path().join("loss.v1")).unwrap();
        assert_eq!(names_in(folder.path()), ["loss.v1.png", "loss.v1.svg"]);
        assert_eq!(fs::read_to_string(&paths[0]).unwrap(), SQUARE);
        let png = fs::read(&paths[1]).unwrap();
        assert_eq!(png[..8], *b"\x89PNG\r\n\x1a\n");
        // Width and height, big-endian, in the IHDR chunk: twice 3 x 2.
        assert_eq!(png[16..24], [0, 0, 0, 6, 0, 0, 0, 4]);
    }

    #[test]
    fn an_error_leaves_the_old_files() {
        let folder = tempfile::tempdir().unwrap();
        let stem = folder.path().join("loss");
        write_picture(SQUARE, &stem).unwrap();
        let error = write_picture("<svg", &stem).unwrap_err();
        assert!(matches!(error, PlotError::Svg(_)), "{error}");
        assert_eq!(names_in(folder.path()), ["loss.png", "loss.svg"]);
        assert_eq!(fs::read_to_string(folder.path().join("loss.svg")).unwrap(), SQUARE);
    }

    #[test]
    fn a_missing_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = write_picture(SQUARE, &folder.path().join("none/loss")).unwrap_err();
        assert!(error.to_string().ends_with("none/loss.svg"), "{error}");
    }

    #[test]
    fn text_is_drawn_with_the_embedded_font() {
        let text = SQUARE.replace("</svg>", "<text y=\"2\" font-size=\"2\">α≤I</text></svg>");
        assert_ne!(png_from_svg(SQUARE, SCALE).unwrap(), png_from_svg(&text, SCALE).unwrap());
    }
}
