//! Values of `--size`.

use std::str::FromStr;

/// Width and height, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PictureSize {
    pub(super) width: usize,
    pub(super) height: usize,
}

impl FromStr for PictureSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const LARGEST: usize = 1 << 16;
        let side =
            |text: &str| text.trim().parse().ok().filter(|side| (1..=LARGEST).contains(side));
        text.split_once(['x', 'X'])
            .and_then(|(width, height)| Some(Self { width: side(width)?, height: side(height)? }))
            .ok_or_else(|| {
                format!("use width x height in pixels, such as 46x56, up to {LARGEST} each")
            })
    }
}

impl std::fmt::Display for PictureSize {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}x{}", self.width, self.height)
    }
}
