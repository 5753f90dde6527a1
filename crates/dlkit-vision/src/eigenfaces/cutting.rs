//! How faces were cut out of pictures before a model was fitted to them.

use serde::{Deserialize, Serialize};

use crate::faces::EyePlaces;

/// How faces were cut out of pictures.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Alignment {
    /// A detector located them; they stand as in [`FaceFrame::usual`](crate::faces::FaceFrame::usual).
    Located,
    /// Their eyes were known, and brought to these places.
    Eyes(EyePlaces),
}

impl Alignment {
    /// Whether a file may hold it.
    pub(super) fn is_sound(self, width: usize, height: usize) -> bool {
        let Self::Eyes(EyePlaces { left, right }) = self else { return true };
        #[expect(clippy::cast_precision_loss, reason = "sides of pictures")]
        let size = [width as f64, height as f64];
        let inside =
            |eye: [f64; 2]| eye.iter().zip(size).all(|(place, side)| (-1.0..=side).contains(place));
        inside(left) && inside(right) && left[0] < right[0]
    }
}
