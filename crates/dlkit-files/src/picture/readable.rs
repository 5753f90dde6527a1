//! The names of the formats that are read.

/// The formats, for messages.
pub const READABLE: &str = "PNG, JPEG, WebP, BMP, TIFF, GIF, PGM or PPM";

/// The extensions of their files.
pub(super) const EXTENSIONS: [&str; 12] =
    ["png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff", "gif", "pgm", "ppm", "pnm", "pbm"];
