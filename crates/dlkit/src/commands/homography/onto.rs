//! The homography from one picture onto another.

use std::path::Path;

use anyhow::Result;
use dlkit_files::picture::read_picture;
use dlkit_vision::features::{GrayPicture, Registration, RegistrationConfig, register};
use dlkit_vision::homography::Refinement;
use dlkit_vision::ransac::RansacConfig;
use image::DynamicImage;

/// The picture of `--onto` and how the first picture maps to it.
pub(super) struct Onto {
    pub(super) picture: DynamicImage,
    pub(super) registration: Registration,
}

/// Reads the picture of `--onto` and registers the first picture with it.
pub(super) fn registered(
    picture: &DynamicImage,
    path: &Path,
    ransac: RansacConfig,
    refinement: Refinement,
) -> Result<Onto> {
    let target = read_picture(path)?;
    let config = RegistrationConfig { ransac, refinement, ..RegistrationConfig::default() };
    let registration = register(&GrayPicture::of(picture), &GrayPicture::of(&target), &config)?;
    Ok(Onto { picture: target, registration })
}
