//! Cuts faces out of the pictures of files.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_files::picture::GrayPicture;
use dlkit_vision::eigenfaces::{Alignment, Eigenfaces};
use dlkit_vision::faces::{Detection, DetectionConfig, Detector, EyePlaces, FaceFrame};

use super::eye_table::EyeTable;
use super::named_file::File;
use super::size::PictureSize;
use crate::report::counted;

/// Options that cut faces out of pictures.
#[derive(Debug, clap::Args)]
pub(super) struct CuttingOptions {
    /// Locate the face in each picture and cut it out. A picture without a face, or with several, is
    /// reported and left out.
    #[arg(long, conflicts_with_all = ["eyes", "strict"], help_heading = "Input")]
    align: bool,
    /// Line faces up by the eyes: a table with picture;x,y;x,y on each line, in pixels of the picture, the
    /// eye on its left first. Its first line may name the columns, such as picture;left eye;right eye. A
    /// picture without eyes is reported and left out.
    #[arg(long, value_name = "FILE.csv", conflicts_with = "strict", help_heading = "Input")]
    eyes: Option<PathBuf>,
}

/// How faces are cut out of pictures.
pub(super) enum Cutting {
    /// Not at all: the picture is the face.
    Whole,
    /// Where a detector locates them.
    Located { detector: Detector, frame: FaceFrame },
    /// Where their eyes are.
    Eyes { table: EyeTable, places: EyePlaces },
}

/// The pixels of a face.
pub(super) struct Face {
    pub(super) values: Vec<f32>,
    /// Whether the picture had another size, and was resized as a whole.
    pub(super) resized: bool,
    /// Where the face was located.
    pub(super) located: Option<Detection>,
}

/// The size of faces that are cut out, unless another is given.
const FACE_SIZE: PictureSize = PictureSize { width: 64, height: 80 };
/// Of faces in one picture, those with fewer votes than this part of the most are taken for chance.
const CHANCE: usize = 4;
/// What is looked for in a picture that shows a face.
const CONFIG: DetectionConfig = DetectionConfig { smallest: None, votes: 3 };

impl CuttingOptions {
    /// The size of the faces of a fit; none if it is that of the pictures.
    pub(super) fn size(&self, asked: Option<PictureSize>) -> Option<PictureSize> {
        asked.or_else(|| (self.align || self.eyes.is_some()).then_some(FACE_SIZE))
    }

    /// How a fit to faces of a path cuts them.
    pub(super) fn for_fit(&self, faces: &Path, size: Option<PictureSize>) -> Result<Cutting> {
        let PictureSize { width, height } = self.size(size).unwrap_or(FACE_SIZE);
        self.cutting(
            &[faces.to_owned()],
            || Ok(FaceFrame::usual(width, height)),
            || Ok(EyePlaces::usual(width, height)),
        )
    }

    /// How faces are cut out of inputs for a model.
    ///
    /// # Errors
    /// The model does not say where located faces, or eyes, belong.
    pub(super) fn for_model(&self, model: &Eigenfaces, inputs: &[PathBuf]) -> Result<Cutting> {
        let frame = || {
            model.face_frame(&Detector::frontal()?).context(
                "--align: no face can be located in most fitted pictures of the model, so that the margin \
                 around a face is unknown; fit the model with --align",
            )
        };
        let places = || match model.alignment() {
            Some(Alignment::Eyes(places)) => Ok(places),
            _ => bail!(
                "--eyes: the model was fitted without --eyes, so that the places of the eyes are unknown; fit it with --eyes"
            ),
        };
        self.cutting(inputs, frame, places)
    }

    fn cutting(
        &self,
        inputs: &[PathBuf],
        frame: impl Fn() -> Result<FaceFrame>,
        places: impl Fn() -> Result<EyePlaces>,
    ) -> Result<Cutting> {
        if self.align {
            return Ok(Cutting::Located { detector: Detector::frontal()?, frame: frame()? });
        }
        let Some(path) = &self.eyes else { return Ok(Cutting::Whole) };
        Ok(Cutting::Eyes { places: places()?, table: EyeTable::read(path, inputs)? })
    }
}

impl Cutting {
    /// What a model remembers.
    pub(super) const fn alignment(&self) -> Option<Alignment> {
        match self {
            Self::Whole => None,
            Self::Located { .. } => Some(Alignment::Located),
            Self::Eyes { places, .. } => Some(Alignment::Eyes(*places)),
        }
    }

    /// Whether pictures of another size are resized as a whole.
    pub(super) const fn is_whole(&self) -> bool {
        matches!(self, Self::Whole)
    }

    /// The face of a picture in a given size.
    ///
    /// # Errors
    /// There is no face, or there are several; the eyes are not known.
    pub(super) fn face(
        &self,
        file: &File,
        name: &str,
        picture: &GrayPicture,
        target: PictureSize,
    ) -> Result<Face> {
        let PictureSize { width, height } = target;
        match self {
            Self::Whole => {
                let resized = (picture.width, picture.height) != (width, height);
                let picture = picture
                    .resized(width, height)
                    .with_context(|| format!("{name}: cannot be resized to {target}"))?;
                Ok(Face { values: picture.values, resized, located: None })
            }
            Self::Located { detector, frame } => {
                let face =
                    only_face(detector, picture).with_context(|| format!("{name}: left out"))?;
                let values = frame.cut(&face, width, height).read(picture, width, height);
                Ok(Face { values, resized: false, located: Some(face) })
            }
            Self::Eyes { table, places } => {
                let eyes = table.eyes(file).with_context(|| {
                    format!("{name}: left out, because {} has no line for it", table.name())
                })?;
                let size = (picture.width, picture.height);
                let cut = places
                    .cut(eyes, size, (width, height))
                    .with_context(|| format!("{name}: left out; its line in {}", table.name()))?;
                let values = cut.read(picture, width, height);
                Ok(Face { values, resized: false, located: None })
            }
        }
    }
}

/// The face of a picture that shows one. A picture that is hardly larger than its face gets a margin, where
/// it continues with the pixels of its border.
fn only_face(detector: &Detector, picture: &GrayPicture) -> Result<Detection> {
    let mut faces = detector.detect(picture, &CONFIG)?;
    if faces.is_empty() {
        let margin = picture.width.min(picture.height) / 4;
        faces = detector.detect(&widened(picture, margin), &CONFIG)?;
        #[expect(clippy::cast_precision_loss, reason = "sides of pictures")]
        let margin = margin as f64;
        for face in &mut faces {
            *face = Detection { x: face.x - margin, y: face.y - margin, ..*face };
        }
    }
    let most = faces.first().map_or(0, |face| face.votes);
    faces.retain(|face| CHANCE * face.votes >= most);
    match faces.as_slice() {
        [face] => Ok(*face),
        [] => bail!(
            "no face was located; cut the face out by hand, or give its eyes with --eyes (faces need 24 \
             pixels from brows to chin, upright, seen from the front)"
        ),
        several => bail!(
            "{} were located, but one is needed; `dlkit eigenfaces locate` shows them, cut one out",
            counted(several.len(), "face")
        ),
    }
}

/// A picture with a margin on each side.
fn widened(picture: &GrayPicture, margin: usize) -> GrayPicture {
    let (width, height) = (picture.width + 2 * margin, picture.height + 2 * margin);
    let within = |place: usize, side: usize| place.saturating_sub(margin).min(side - 1);
    let value = |index: usize| {
        let (x, y) = (index % width, index / width);
        picture.values[within(y, picture.height) * picture.width + within(x, picture.width)]
    };
    GrayPicture { width, height, values: (0..width * height).map(value).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_continue_the_border() {
        let picture = GrayPicture { width: 2, height: 1, values: vec![1.0, 2.0] };
        let wide = widened(&picture, 1);
        assert_eq!((wide.width, wide.height), (4, 3));
        assert_eq!(wide.values, [1.0, 1.0, 2.0, 2.0].repeat(3));
    }
}
