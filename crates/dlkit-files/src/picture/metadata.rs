//! What picture files hold besides pixels.

/// What a file says about its picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// Exif data, which tell how the camera was held.
    pub exif: Option<Vec<u8>>,
    /// The ICC profile of sRGB, if the file has a profile that can be used. The pixels are then sRGB,
    /// whatever profile it was.
    pub color_profile: Option<Vec<u8>>,
}
