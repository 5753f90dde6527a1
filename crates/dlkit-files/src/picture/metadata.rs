//! What picture files hold besides pixels.

/// What a file says about its picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// Exif data, which tell how the camera was held.
    pub exif: Option<Vec<u8>>,
    /// The ICC profile, if its color space is RGB.
    pub color_profile: Option<Vec<u8>>,
}
