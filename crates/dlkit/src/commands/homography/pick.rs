//! The page on which corners are picked by hand.

use std::path::Path;

use anyhow::{Context, Result, bail};
use dlkit_files::StagedFile;
use dlkit_files::overwrite::{check_distinct, check_file, publish};
use dlkit_files::picture::StoredPicture;
use dlkit_vision::homography::{ExifFocalLength, FORMATS, Point, Quadrilateral};
use dlkit_vision::page::find_page;
use image::DynamicImage;
use serde::Serialize;

use super::mapping::corners;
use super::page::exif_focal;
use super::{Args, refuse_estimation};
use crate::arguments::check_no_run;
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::plot::escape;
use crate::report::{PICTURE_PAGE_STYLE, at_most, check_html, document, embedded};

/// Longer side of the photo on the page, in pixels.
const LARGEST: u32 = 1800;

/// Distance of the first corners from the border, as a share of the photo's sides.
const INSET: f64 = 0.15;

const STYLE: &str = include_str!("pick.css");
const SCRIPT: &str = include_str!("pick.js");
const BODY: &str = include_str!("pick.html");

/// The result of `dlkit homography --pick`.
#[derive(Debug, Serialize)]
struct PickReport {
    /// Corners on the page, in pixels: top left, top right, bottom right, bottom left.
    corners: [Point; 4],
    /// Where they come from: given, found, or default.
    source: &'static str,
    /// How sure it is that there is a page, 0.5 to 1, if it was found; no probability.
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<f64>,
    written: Vec<String>,
}

/// What the script of the page knows.
#[derive(Serialize)]
struct Facts {
    width: u32,
    height: u32,
    corners: [[f64; 2]; 4],
    /// Focal length in pixels, if it is known.
    focal: Option<f64>,
    /// The same as given on the command line, for the command that the page shows.
    given_focal: Option<String>,
    file: String,
    output: String,
    formats: Vec<FormatFacts>,
}

#[derive(Serialize)]
struct FormatFacts {
    name: &'static str,
    width: f64,
    height: f64,
}

/// The focal length that the page computes with.
struct Focal {
    /// In pixels, if it is known.
    pixels: Option<f64>,
    /// The value of `--focal`.
    given: Option<String>,
}

/// The corners that the page shows first.
struct Start {
    outline: Quadrilateral,
    source: &'static str,
    confidence: Option<f64>,
}

/// Refuses options that mean nothing with `--pick`, and names of files that cannot be written.
pub(super) fn check(args: &Args) -> Result<()> {
    refuse_estimation(args, "--pick")?;
    if let Some(flag) = args.estimation.given_flag().or(args.units.given_flag()) {
        bail!("{flag} has no effect with --pick, which writes a page only; leave {flag} out");
    }
    let more =
        [("--invert", args.invert), ("--matches", args.matches.is_some()), ("--blend", args.blend)];
    if let Some((flag, _)) = args.of_warping().into_iter().chain(more).find(|(_, given)| *given) {
        bail!("{flag} has no effect with --pick, which writes a page only; leave {flag} out");
    }
    let (Some(picture), Some(path)) = (args.image.as_deref(), args.of_page.pick.as_deref()) else {
        bail!("--pick needs a picture");
    };
    check_html("--pick", path)?;
    let corners = args.corners.as_deref().map(Path::new).filter(|path| path.exists());
    let inputs = [("the picture", Some(picture)), ("--corners", corners)];
    check_distinct(&inputs, &[("--pick", Some(path))])?;
    check_no_run("--pick", path)?;
    Ok(check_file("--pick", path, args.force.is_given())?)
}

/// Writes the page.
pub(super) fn run(
    args: &Args,
    path: &Path,
    stored: StoredPicture,
    console: Console,
) -> Result<ExitStatus> {
    let exif = match exif_focal(&stored) {
        Some(ExifFocalLength::Pixels(pixels)) => Some(pixels),
        Some(ExifFocalLength::Cropped { .. }) | None => None,
    };
    let (photo, _) = stored.upright();
    let given = args.of_page.focal;
    let focal = Focal {
        pixels: given.map(|focal| focal.pixels((photo.width(), photo.height()))).or(exif),
        given: given.map(|focal| focal.to_string()),
    };
    let start = start(args, &photo)?;
    let picture = args.image.as_deref().context("no picture")?;
    let html = html(picture, &photo, &start, &focal)?;
    let file = StagedFile::write(path, html.as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))?;
    let written = publish("--pick", file, args.force.is_given())?;
    let written = written.display().to_string();
    let found = match start.confidence {
        Some(confidence) => format!("page found, confidence {confidence:.2}"),
        None if start.source == "given" => "corners as given".to_owned(),
        None => "no page found: drag the corners from their places near the border".to_owned(),
    };
    console.line(format!(
        "{found}\nwritten: {written}\nopen it in a browser, drag the corners, copy the command"
    ))?;
    let Start { outline, source, confidence } = start;
    console.object(&PickReport {
        corners: *outline.corners(),
        source,
        confidence,
        written: vec![written],
    })?;
    Ok(ExitStatus::Done)
}

/// The corners given, or those of the page that is found; otherwise a rectangle, unless a page was
/// asked for.
fn start(args: &Args, photo: &DynamicImage) -> Result<Start> {
    if let Some(text) = &args.corners {
        let corners = corners(text, args.order.into())?;
        let outline = Quadrilateral::new(&corners).context("--corners")?;
        return Ok(Start { outline, source: "given", confidence: None });
    }
    match find_page(photo) {
        Ok(page) => {
            let confidence = Some(page.confidence);
            Ok(Start { outline: page.outline, source: "found", confidence })
        }
        Err(error) if args.of_page.page.is_some() => Err(error.into()),
        Err(_) => {
            let [width, height] = [photo.width(), photo.height()].map(f64::from);
            let place = |(x, y): (f64, f64)| Point::new(x * width - 0.5, y * height - 0.5);
            let far = 1.0 - INSET;
            let corners = [(INSET, INSET), (far, INSET), (far, far), (INSET, far)].map(place);
            let outline = Quadrilateral::new(&corners).context("the picture is too small")?;
            Ok(Start { outline, source: "default", confidence: None })
        }
    }
}

/// The page as HTML text.
fn html(picture: &Path, photo: &DynamicImage, start: &Start, focal: &Focal) -> Result<String> {
    let name = picture.file_name().unwrap_or(picture.as_os_str()).to_string_lossy();
    let stem = picture.file_stem().unwrap_or(picture.as_os_str()).to_string_lossy();
    let format = |format: dlkit_vision::homography::PaperFormat| {
        let [width, height] = format.millimeters;
        FormatFacts { name: format.name, width, height }
    };
    let facts = Facts {
        width: photo.width(),
        height: photo.height(),
        corners: start.outline.corners().map(|corner| [corner.x, corner.y].map(tenths)),
        focal: focal.pixels,
        given_focal: focal.given.clone(),
        file: picture.display().to_string(),
        output: format!("{stem}-page.png"),
        formats: FORMATS.into_iter().map(format).collect(),
    };
    // The end of a script cannot stand within one.
    let facts_text =
        serde_json::to_string(&facts).context("cannot write the page")?.replace('<', "\\u003c");
    let how = match start.source {
        "found" => "The corners are where a page was found.",
        "given" => "The corners are those given.",
        _ => "No page was found.",
    };
    let names = std::iter::once("auto").chain(FORMATS.iter().map(|format| format.name));
    let sizes = names.map(|name| format!("<option>{name}</option>")).collect::<Vec<_>>().concat();
    let body = BODY
        .replace("{how}", how)
        .replace("{width}", &photo.width().to_string())
        .replace("{height}", &photo.height().to_string())
        .replace("{sizes}", &sizes)
        .replace("{photo}", &embedded(&at_most(photo, LARGEST))?)
        .replace("{points}", &escape(&format!("{stem}-points.csv")))
        .replace("{name}", &escape(&name));
    let body = format!(
        "{body}<script type=\"application/json\" id=\"facts\">{facts_text}</script>\n\
         <script>\n{SCRIPT}</script>\n"
    );
    let title = format!("Corners of the page in {name}");
    Ok(document(&title, &[PICTURE_PAGE_STYLE, STYLE], &body))
}

fn tenths(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_holds_all_it_needs_and_escapes_names() {
        let photo = DynamicImage::new_rgb8(60, 40);
        let corners = [(5.0, 5.0), (50.0, 6.0), (51.0, 33.0), (4.25, 35.0)];
        let outline = Quadrilateral::new(&corners.map(|(x, y)| Point::new(x, y))).unwrap();
        let start = Start { outline, source: "given", confidence: None };
        let name = Path::new("x/{photo}</script><b>&.png");
        let focal = Focal { pixels: Some(70.0), given: Some("70px".to_owned()) };
        let html = html(name, &photo, &start, &focal).unwrap();
        assert_eq!(html.matches("data:image/jpeg;base64,/9j/").count(), 1);
        assert_eq!(html.matches("</script>").count(), 2, "{html}");
        assert!(html.contains("&lt;b&gt;&amp;.png") && html.contains("viewBox=\"0 0 60 40\""));
        assert!(html.contains("[4.3,35.0]") && html.contains("\"focal\":70.0"));
        assert!(html.contains("\"given_focal\":\"70px\""), "{html}");
        assert!(!html.contains("http://") && !html.contains("https://"), "needs no other files");
    }
}
