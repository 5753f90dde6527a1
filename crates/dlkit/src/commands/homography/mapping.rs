//! Finds the requested homography.

use std::path::Path;

use anyhow::{Context, Result, bail};
use dlkit_vision::features::FeatureMatch;
use dlkit_vision::homography::{
    Correspondence, Estimate, ExifFocalLength, Homography, HomographyConfig, Method, Point,
    Refinement, estimate,
};
use dlkit_vision::points::{Order, parse_pairs, read_pairs};
use dlkit_vision::ransac::{RansacConfig, RansacSettings};
use image::DynamicImage;

use super::onto::{Onto, registered};
use super::page::{self, Sheet};
use super::{Args, MethodName, OrderName, RefinementName, matrix_file};
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
    /// What the user should know.
    pub(super) notes: Vec<String>,
}

/// Finds the requested homography; `exif` is the focal length by the picture's Exif data.
pub(super) fn find_mapping(
    args: &Args,
    picture: Option<&DynamicImage>,
    exif: Option<ExifFocalLength>,
) -> Result<Mapping> {
    let config = config(args)?;
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
            notes: Vec::new(),
        });
    }
    let (pairs, sheet) = if let Some(text) = &args.points {
        (pairs(text, args.order.into())?, None)
    } else if let Some(sheet) = sheet(args, picture, exif)? {
        (sheet.outline.onto_page(sheet.page.width, sheet.page.height), Some(sheet))
    } else if let Some(path) = &args.matrix {
        let homography = matrix_file::read(path)?;
        return Ok(Mapping {
            homography,
            pairs: Vec::new(),
            estimate: None,
            page: None,
            onto: None,
            notes: Vec::new(),
        });
    } else {
        bail!("give --points, --corners, --page, --onto or --matrix");
    };
    let estimate = estimate(&pairs, &config)?;
    let homography = estimate.homography.clone();
    let (page, notes) = sheet.map(|Sheet { page, notes, .. }| (page, notes)).unzip();
    let notes = notes.unwrap_or_default();
    Ok(Mapping { homography, pairs, estimate: Some(estimate), page, onto: None, notes })
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

/// The page whose corners are given or found; none if it is not about a page.
fn sheet(
    args: &Args,
    picture: Option<&DynamicImage>,
    exif: Option<ExifFocalLength>,
) -> Result<Option<Sheet>> {
    if let Some(corners) = &args.corners {
        let photo = picture.map(|picture| (picture, exif));
        return page::given(corners, args.order.into(), &args.of_page, photo).map(Some);
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
            let defaults = RansacSettings::default();
            let settings = RansacSettings {
                threshold: args.threshold.unwrap_or(defaults.threshold),
                seed: args.seed.unwrap_or(defaults.seed),
                ..defaults
            };
            Method::Ransac(RansacConfig::try_from(settings)?)
        }
    };
    let refinement = match args.refine {
        RefinementName::Forward => Refinement::Forward,
        RefinementName::Symmetric => Refinement::Symmetric,
        RefinementName::None => Refinement::None,
    };
    Ok(HomographyConfig { method, refinement })
}

impl Mapping {
    /// The homography that is applied to the picture.
    pub(super) fn applied(&self, invert: bool) -> Homography {
        if invert { self.homography.inverse() } else { self.homography.clone() }
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
