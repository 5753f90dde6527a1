//! Finds the requested homography.

use std::path::Path;

use anyhow::{Context, Result, bail};
use dlkit_vision::features::{FeatureMatch, RegistrationConfig};
use dlkit_vision::homography::{
    Correspondence, Estimate, ExifFocalLength, Homography, HomographyConfig, Method, Point,
    Refinement, estimate,
};
use dlkit_vision::matrix_files::{Frame, MatrixFile, read_matrix_file};
use dlkit_vision::points::{Order, parse_pairs, parse_points, read_corners, read_pairs};
use dlkit_vision::ransac::{RansacConfig, RansacSettings};
use image::DynamicImage;

use super::Args;
use super::kept::Kept;
use super::onto::{Onto, registered};
use super::page::{self, Sheet};
use super::units::Unit;
use super::words::{MethodName, OrderName, RefinementName};
use crate::report::Page;

/// A homography and its source.
pub(super) struct Mapping {
    pub(super) homography: Homography,
    /// The pairs of the estimate; empty for a matrix file.
    pub(super) pairs: Vec<Correspondence>,
    pub(super) estimate: Option<Estimate>,
    /// The rectified page.
    pub(super) page: Option<Page>,
    /// The picture of --onto and its matches.
    pub(super) onto: Option<Onto>,
    /// The settings of the estimate.
    pub(super) config: HomographyConfig,
    /// The unit of the targets.
    pub(super) unit: Unit,
    /// What must be said about the page or the units.
    pub(super) notes: Vec<String>,
    /// What the matrix file keeps besides the matrix.
    pub(super) kept: Kept,
    /// How the canvas lies in the target plane.
    pub(super) frame: Frame,
}

/// Finds the requested homography; `exif` is the focal length by the picture's Exif data.
pub(super) fn find_mapping(
    args: &Args,
    picture: Option<&DynamicImage>,
    exif: Option<ExifFocalLength>,
) -> Result<Mapping> {
    let mut config = config(args)?;
    if let (Some(path), Some(picture), Method::Ransac(ransac)) =
        (&args.onto, picture, config.method)
    {
        let onto = registered(picture, path, ransac, config.refinement)?;
        let estimate = onto.registration.estimate.clone();
        return Ok(Mapping {
            homography: estimate.homography.clone(),
            pairs: onto.registration.matches.iter().map(FeatureMatch::pair).collect(),
            estimate: Some(estimate),
            page: None,
            onto: Some(onto),
            config,
            unit: Unit::Pixels,
            notes: Vec::new(),
            kept: Kept::default(),
            frame: Frame::default(),
        });
    }
    let (pairs, sheet) = if let Some(text) = &args.points {
        (pairs(text, args.order.into())?, None)
    } else if let Some(sheet) = sheet(args, picture, exif)? {
        (sheet.outline.onto_page(sheet.page.width, sheet.page.height), Some(sheet))
    } else if let Some(path) = &args.files.matrix {
        let MatrixFile { homography, canvas, picture, target_unit, frame } =
            read_matrix_file(path)?;
        return Ok(Mapping {
            homography,
            pairs: Vec::new(),
            estimate: None,
            page: None,
            onto: None,
            config,
            unit: target_unit.map_or(Unit::Pixels, Unit::Named),
            notes: Vec::new(),
            kept: Kept { canvas, picture, frame },
            frame: args.units.frame(frame),
        });
    } else {
        bail!("give --points, --corners, --page, --onto or --matrix");
    };
    let unit = if sheet.is_some() { Unit::Pixels } else { args.units.unit(&pairs) };
    if unit != Unit::Pixels {
        config.refinement = backward(args, &unit)?;
    }
    let mut estimate = estimate(&pairs, &config)?;
    let notes = args.units.adjust(&mut estimate, &unit);
    let homography = estimate.homography.clone();
    let (page, of_page) = sheet.map(|Sheet { page, notes, .. }| (page, notes)).unzip();
    Ok(Mapping {
        homography,
        pairs,
        estimate: Some(estimate),
        page,
        onto: None,
        config,
        unit,
        notes: of_page.into_iter().flatten().chain(notes).collect(),
        kept: Kept::default(),
        frame: args.units.frame(Frame::default()),
    })
}

/// The error to minimize if the targets are not pixels.
fn backward(args: &Args, unit: &Unit) -> Result<Refinement> {
    match args.refine {
        None | Some(RefinementName::Backward) => Ok(Refinement::Backward),
        Some(RefinementName::Forward | RefinementName::Symmetric | RefinementName::None) => bail!(
            "--refine: the targets are not pixels ({}), so distances are minimized at the sources; \
             leave --refine out, or say --target-unit px",
            unit.name()
        ),
    }
}

/// Pairs from a file or from the command line.
fn pairs(text: &str, order: Order) -> Result<Vec<Correspondence>> {
    let path = Path::new(text);
    if path.exists() {
        return Ok(read_pairs(path, order)?);
    }
    if !text.contains([',', ';', ' ']) {
        bail!("--points {text}: no such file; pairs have the form \"x,y u,v; x,y u,v; ...\"");
    }
    parse_pairs(text, order).context("--points: neither a file nor pairs (\"x,y u,v; ...\")")
}

/// Corners from a file or from the command line.
pub(super) fn corners(text: &str, order: Order) -> Result<Vec<Point>> {
    let path = Path::new(text);
    if path.exists() {
        return Ok(read_corners(path, order)?);
    }
    if !text.contains([',', ';', ' ']) {
        bail!("--corners {text}: no such file; corners have the form \"x,y x,y x,y x,y\"");
    }
    parse_points(text, order).context("--corners: neither a file nor points (\"x,y x,y x,y x,y\")")
}

/// The page whose corners are given or found; none if it is not about a page.
fn sheet(
    args: &Args,
    picture: Option<&DynamicImage>,
    exif: Option<ExifFocalLength>,
) -> Result<Option<Sheet>> {
    if let Some(text) = &args.corners {
        let photo = picture.map(|picture| (picture, exif));
        let corners = corners(text, args.order.into())?;
        return page::given(&corners, &args.of_page, photo).map(Some);
    }
    match (args.of_page.page, picture) {
        (Some(_), Some(picture)) => page::found(&args.of_page, picture, exif).map(Some),
        _ => Ok(None),
    }
}

fn config(args: &Args) -> Result<HomographyConfig> {
    let method = match args.method {
        // Some matches are always wrong.
        MethodName::Dlt if args.onto.is_none() => Method::Dlt,
        MethodName::Dlt | MethodName::Ransac => {
            let defaults = match args.onto {
                Some(_) => *RegistrationConfig::default().ransac.settings(),
                None => RansacSettings::default(),
            };
            let settings = RansacSettings {
                threshold: args.threshold.unwrap_or(defaults.threshold),
                seed: args.seed.unwrap_or(defaults.seed),
                ..defaults
            };
            Method::Ransac(RansacConfig::try_from(args.estimation.apply(settings))?)
        }
    };
    let refinement = match args.refine {
        None | Some(RefinementName::Forward) => Refinement::Forward,
        Some(RefinementName::Backward) => Refinement::Backward,
        Some(RefinementName::Symmetric) => Refinement::Symmetric,
        Some(RefinementName::None) => Refinement::None,
    };
    Ok(HomographyConfig { method, refinement, model: args.estimation.model() })
}

impl Mapping {
    /// The homography that is applied to the picture.
    pub(super) fn applied(&self, invert: bool) -> Homography {
        if invert { self.homography.inverse() } else { self.homography.clone() }
    }

    /// The homography that is applied to a picture: onto the canvas or, for the inverse, from it. A picture of
    /// the canvas of the matrix file begins where that does.
    pub(super) fn applied_to(&self, picture: &DynamicImage, invert: bool) -> Result<Homography> {
        let applied = self.applied(invert);
        let shown = self.kept.canvas.filter(|canvas| {
            invert && (canvas.width, canvas.height) == (picture.width(), picture.height())
        });
        if self.frame.is_plain() && shown.is_none() {
            return Ok(applied);
        }
        let frame = self.frame.onto_canvas().context("--scale")?;
        Ok(match shown {
            _ if !invert => applied.then(&frame),
            Some(canvas) => canvas.place(&frame).inverse().then(&applied),
            None => frame.inverse().then(&applied),
        })
    }

    /// A point of the picture that must be visible: the first inlier, if any.
    pub(super) fn front(&self, invert: bool) -> Option<Point> {
        let index = self.inliers().iter().position(|inlier| *inlier)?;
        let pair = self.pairs.get(index)?;
        Some(if invert { pair.target } else { pair.source })
    }

    /// Whether each pair is an inlier; empty without pairs.
    pub(super) fn inliers(&self) -> &[bool] {
        self.estimate.as_ref().map_or(&[], |estimate| &estimate.inliers)
    }
}

impl From<OrderName> for Order {
    fn from(name: OrderName) -> Self {
        match name {
            OrderName::Xy => Self::Xy,
            OrderName::RowCol => Self::RowColumn,
        }
    }
}
