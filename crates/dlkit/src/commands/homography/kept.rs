//! What a matrix file says about pictures.

use dlkit_vision::matrix_files::{Frame, PictureSize};
use dlkit_vision::warp::{Canvas, CanvasChoice};
use image::DynamicImage;

/// What a matrix file keeps besides the matrix.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Kept {
    /// The part of the target plane that was drawn.
    pub(super) canvas: Option<Canvas>,
    /// The picture that the matrix was made for.
    pub(super) picture: Option<PictureSize>,
    /// How the canvas lies in the target plane.
    pub(super) frame: Frame,
}

impl Kept {
    /// The canvas for a picture: that of the file or, for the inverse, the frame of the first picture.
    pub(super) fn choice(self, is_inverted: bool) -> Option<CanvasChoice> {
        if is_inverted {
            let size = |PictureSize { width, height }| CanvasChoice::Size { width, height };
            return self.picture.map(size);
        }
        self.canvas.map(CanvasChoice::from)
    }

    /// A note if a picture differs in size from the one that the matrix was made for.
    pub(super) fn note(self, picture: &DynamicImage, is_inverted: bool) -> Option<String> {
        let (made_for, what) = if is_inverted {
            (self.canvas.map(|canvas| (canvas.width, canvas.height)), "draws")
        } else {
            (self.picture.map(|picture| (picture.width, picture.height)), "was made for")
        };
        let (width, height) = made_for?;
        let own = (picture.width(), picture.height());
        ((width, height) != own).then(|| {
            format!(
                "the matrix {what} pictures of {width} x {height} pixels, but this one has {} x {}; points \
                 do not fit if it was scaled",
                own.0, own.1
            )
        })
    }
}
