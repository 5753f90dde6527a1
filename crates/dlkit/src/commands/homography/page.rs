//! Options of pages, and the page that is rectified.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use dlkit_files::picture::StoredPicture;
use dlkit_vision::homography::{
    ExifFocalLength, PaperFormat, Point, Proportions, Quadrilateral, focal_length_of_exif,
};
use dlkit_vision::page::{FoundPage, find_page};
use image::DynamicImage;

use super::words::{FocalWord, SizeWord};
use crate::report::{Page, PageFocal};

#[derive(Debug, clap::Args)]
pub(super) struct PageArgs {
    /// Find the page in the picture and rectify it: a sheet, receipt, card or board, all of it visible.
    #[arg(
        long,
        help_heading = "Pages",
        value_enum,
        requires = "image",
        conflicts_with_all = ["points", "corners", "onto"]
    )]
    pub(super) page: Option<PageWord>,
    /// Proportions or size of the rectified page: auto (by the perspective), a format (a4, letter, a3, a5,
    /// legal or card; lying if that fits better), W:H, WxHmm, or WxH in pixels [default: auto].
    #[arg(long, help_heading = "Pages", value_name = "SIZE")]
    pub(super) size: Option<SizeWord>,
    /// Focal length of the photo: 28mm (35 mm equivalent) or 3000px [default: by the Exif data; else every
    /// usual one is considered].
    #[arg(long, help_heading = "Pages", value_name = "LENGTH")]
    pub(super) focal: Option<FocalWord>,
    /// HTML page on which to drag the corners by hand; it works offline and shows the command to run.
    #[arg(
        long,
        help_heading = "Pages",
        value_name = "FILE.html",
        requires = "image",
        conflicts_with_all = [
            "points", "onto", "matrix", "output", "overlay", "forward", "map", "save_matrix", "more",
            "skip_existing"
        ]
    )]
    pub(super) pick: Option<PathBuf>,
}

/// `--page`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PageWord {
    /// Find the page in the picture.
    Auto,
}

impl PageArgs {
    /// Refuses options of pages that mean nothing in this call.
    pub(super) fn check(&self, has_corners: bool, has_image: bool) -> Result<()> {
        let has_page = has_corners || self.page.is_some();
        if self.size.is_some() && self.pick.is_some() {
            bail!("--size has no effect with --pick: choose it on the page; leave --size out");
        }
        if self.size.is_some() && !has_page {
            bail!(
                "--size is for --corners and --page; with --points, set the size by --canvas WxH"
            );
        }
        let Some(focal) = &self.focal else { return Ok(()) };
        if !has_page && self.pick.is_none() {
            bail!("--focal is for --corners, --page and --pick; leave --focal out");
        }
        if !matches!(self.size, None | Some(SizeWord::Auto)) {
            bail!(
                "--focal has no effect with this --size, which says the proportions; leave --focal out"
            );
        }
        if !has_image {
            bail!(
                "--focal {focal}: give the picture, too; the middle of it is where the camera looked"
            );
        }
        Ok(())
    }
}

/// A page in a photo and what is known about it.
pub(super) struct Sheet {
    pub(super) outline: Quadrilateral,
    pub(super) page: Page,
    /// What the user should know.
    pub(super) notes: Vec<String>,
}

/// The page with the given corners.
pub(super) fn given(
    corners: &[Point],
    args: &PageArgs,
    photo: Option<(&DynamicImage, Option<ExifFocalLength>)>,
) -> Result<Sheet> {
    let outline = Quadrilateral::new(corners).context("--corners")?;
    Ok(sized(
        outline,
        args,
        photo.map(|(photo, exif)| ((photo.width(), photo.height()), exif)),
        None,
    ))
}

/// The page that is found in a photo.
pub(super) fn found(
    args: &PageArgs,
    photo: &DynamicImage,
    exif: Option<ExifFocalLength>,
) -> Result<Sheet> {
    let FoundPage { outline, confidence } = find_page(photo)?;
    Ok(sized(outline, args, Some(((photo.width(), photo.height()), exif)), Some(confidence)))
}

/// The size of the rectified page, by what is known.
fn sized(
    outline: Quadrilateral,
    args: &PageArgs,
    photo: Option<((u32, u32), Option<ExifFocalLength>)>,
    confidence: Option<f64>,
) -> Sheet {
    let mut notes = Vec::new();
    let (focal, exif) = match (&args.focal, photo) {
        (Some(focal), Some((size, _))) => (Some(("given", focal.pixels(size))), None),
        (None, Some((_, Some(ExifFocalLength::Pixels(pixels))))) => (Some(("exif", pixels)), None),
        (_, Some((_, exif))) => (None, exif),
        (_, None) => (None, None),
    };
    let proportions =
        photo.map(|(size, _)| outline.proportions(size, focal.map(|(_, pixels)| pixels)));
    let estimate = proportions.map_or_else(|| outline.ratio_of_sides(), |found| found.ratio);
    let (ratio, aspect) = match args.size.unwrap_or(SizeWord::Auto) {
        SizeWord::Pixels { width, height } => {
            let ratio = f64::from(width - 1) / f64::from(height - 1);
            let page = Page { confidence, ..Page::new((width, height), ratio, "given") };
            return Sheet { outline, page, notes };
        }
        SizeWord::Ratio { width, height } => (width / height, "given"),
        SizeWord::Format(format) => {
            let [width, height] = format.turned_like(estimate);
            (width / height, "given")
        }
        SizeWord::Auto => match (focal, proportions) {
            (Some(_), Some(_)) => (estimate, "focal-length"),
            (None, Some(_)) => (estimate, "perspective"),
            (_, None) => (estimate, "side-lengths"),
        },
    };
    let mut page = Page { confidence, ..Page::new(outline.page_size(ratio), ratio, aspect) };
    if aspect != "given" {
        if let Some(found) = proportions {
            page.estimated(&found, focal.map(|(source, _)| source));
            notes.extend(exif.and_then(cropped));
            notes.extend(doubts(&found, focal.is_some()));
        } else {
            notes.push(
                "the proportions are those of the side lengths, right only for a page seen from straight \
                 above; give the picture, too, or --size a4, letter or W:H"
                    .to_owned(),
            );
        }
    }
    Sheet { outline, page, notes }
}

/// Why the focal length of the Exif data is not used.
fn cropped(exif: ExifFocalLength) -> Option<String> {
    let ExifFocalLength::Cropped { width, height } = exif else { return None };
    Some(format!(
        "the Exif data are of a photo of {width} x {height} pixels, from which this picture was cropped, so \
         their focal length is not used; give --focal if the middle is still that of the photo"
    ))
}

/// What makes estimated proportions doubtful.
fn doubts(found: &Proportions, focal_is_known: bool) -> Vec<String> {
    /// Proportions are worth a warning if they may be off by more than this factor.
    const UNCERTAIN: f64 = 1.06;
    const MISFIT: f64 = 3.0;
    let mut doubts = Vec::new();
    if found.misfit > MISFIT {
        let camera = if focal_is_known { "this focal length" } else { "any usual focal length" };
        doubts.push(format!(
            "with {camera}, these are not the corners of a rectangle: the picture was cropped, the page is \
             bent, or a corner is wrong; the proportions may be wrong, too: give --size a4, letter or W:H"
        ));
    }
    let (low, high) = (found.ratio_range.low, found.ratio_range.high);
    if high / low.max(1e-9) > UNCERTAIN * UNCERTAIN {
        let remedy = if focal_is_known {
            "give --size a4, letter or W:H"
        } else {
            "give --focal 28mm (35 mm equivalent) or 3000px, or --size a4, letter or W:H"
        };
        let reason = if focal_is_known {
            "small errors of the corners matter much here"
        } else {
            "the focal length is unknown and the perspective does not tell it"
        };
        doubts.push(format!(
            "the proportions are uncertain, width : height from {low:.3} to {high:.3}: {reason}; {remedy}"
        ));
    }
    doubts
}

impl Page {
    /// Adds how sure estimated proportions are.
    fn estimated(&mut self, found: &Proportions, source: Option<&'static str>) {
        let (low, high) = (found.ratio_range.low, found.ratio_range.high);
        self.ratio_range = Some([low, high]);
        // A sheet is cut, and its corners are found, to about a percent.
        let fitting = PaperFormat::within(low / 1.01, high * 1.01);
        self.fits = fitting.iter().map(|format| format.name).collect();
        self.focal_length = Some(PageFocal {
            pixels: found.focal_length,
            range: [found.focal_range.low, found.focal_range.high],
            source: source.unwrap_or("perspective"),
        });
    }
}

/// The focal length by the Exif data of a picture; none if they do not tell.
pub(super) fn exif_focal(stored: &StoredPicture) -> Option<ExifFocalLength> {
    let size = (stored.picture.width(), stored.picture.height());
    focal_length_of_exif(stored.metadata.exif.as_deref()?, size)
}
