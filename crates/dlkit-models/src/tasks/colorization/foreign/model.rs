//! A model of others, loaded and run.

use std::path::Path;

use image::DynamicImage;
use image::imageops::FilterType;

use super::error::ForeignError;
use super::hints::Hints;
use super::kind::ForeignKind;
use super::signature::{LONGEST_SIDE, Signature};
use crate::tasks::colorization::picture::painted;
use crate::tasks::colorization::samples::Source;
use crate::tasks::colorization::scan::{Preparation, Prepared};
use crate::tasks::foreign::{ForeignModel, Opened};

/// Sizes of pictures that a model is tried with where it takes any: a small one, which is enough, and one
/// that all take.
const SMALL: [usize; 2] = [64; 2];
const USUAL: [usize; 2] = [256; 2];

/// A colorizer of others, ready to run.
pub struct ForeignColorizer {
    model: ForeignModel,
    signature: Signature,
    kind: ForeignKind,
}

/// What a model is given of hints: ab of every place, and which places have them.
struct Hinted {
    colors: Vec<f32>,
    places: Vec<f32>,
}

/// What a model gave: channels, rows, columns, and its values in this order.
struct Given {
    sizes: [usize; 3],
    values: Vec<f32>,
}

impl ForeignColorizer {
    /// Opens an ONNX file, with the weights that lie beside it. Where no kind is named, inputs and outputs
    /// tell; the two ranges of `DeOldify` are told apart by a gray picture in both.
    ///
    /// # Errors
    /// A file that cannot be read; inputs and outputs that are not those of a colorizer, or not those
    /// of the kind; what the runtime refuses.
    pub fn open(path: &Path, kind: Option<ForeignKind>) -> Result<Self, ForeignError> {
        let opened = Opened::read(path)?;
        let unknown = |found| ForeignError::Unknown { path: path.to_owned(), found };
        let signature = Signature::of(&opened.graph).map_err(unknown)?;
        let misfit = unknown(format!(
            "it makes {} of {}",
            signature.output.shape(),
            signature.picture.shape()
        ));
        let likely = kind.filter(|kind| signature.fits(*kind));
        let likely = if kind.is_none() { signature.kinds().next() } else { likely };
        let Some(likely) = likely else { return Err(misfit) };
        let model = opened.load(&signature.named(size(likely, &signature, USUAL)))?;
        let mut opened = Self { model, signature, kind: likely };
        opened.kind = match kind {
            Some(kind) => kind,
            None => opened.told_apart()?.ok_or(misfit)?,
        };
        Ok(opened)
    }

    /// What it takes and gives.
    #[must_use]
    pub const fn kind(&self) -> ForeignKind {
        self.kind
    }

    /// Checks that it takes hints.
    ///
    /// # Errors
    /// It does not.
    pub fn check_hints(&self) -> Result<(), ForeignError> {
        let refused = || ForeignError::NoHints { path: self.model.path().to_owned() };
        self.signature.takes_hints().then_some(()).ok_or_else(refused)
    }

    /// Gives a picture colors. Size, lightness, opacity and bits per sample stay what they are, as with
    /// networks of dlkit. Hints are those of a user; without any the model finds all colors.
    ///
    /// # Errors
    /// The runtime fails, the model would take too much memory or time for a picture of this shape or gives
    /// undefined colors; there are hints, but it takes none.
    pub fn colorize(
        &self,
        picture: &DynamicImage,
        preparation: Preparation,
        hints: Option<&Hints>,
    ) -> Result<DynamicImage, ForeignError> {
        let full = [picture.height() as usize, picture.width() as usize];
        let size = size(self.kind, &self.signature, full);
        self.model.judge(&self.signature.named(size))?;
        let hinted = hints.map(|hints| self.hinted(hints, full, size)).transpose()?;
        let [rows, columns] = size.map(|side| u32::try_from(side).unwrap_or(u32::MAX));
        let small = picture.resize_exact(columns, rows, FilterType::CatmullRom);
        let source = Source::new(&small);
        let whole = Source::new(picture);
        let prepared = Prepared::new(
            preparation,
            (full, |row, column| whole.lightness(row * full[1] + column)),
            (size, |row, column| source.lightness(row * size[1] + column)),
        );
        let places = (0..size[0]).flat_map(|row| (0..size[1]).map(move |column| (row, column)));
        let plane: Vec<f32> =
            places.map(|(row, column)| self.kind.given(prepared.lightness(row, column))).collect();
        let Given { sizes: [channels, rows, columns], values } =
            self.run(&plane, size, hinted.as_ref())?;
        let expected = self.kind.channels()[1];
        if channels != expected {
            return Err(self.failed(format!("it gave {channels} channels, not {expected}")));
        }
        if values.iter().any(|value| !value.is_finite()) {
            return Err(self.failed("it gave colors that are undefined or infinite".to_owned()));
        }
        let area = rows * columns;
        let color = |place: usize| {
            let parts = [0, 1, 2].map(|part| values[part.min(channels - 1) * area + place]);
            self.kind.color(&parts[..channels])
        };
        let colors: Vec<[f32; 2]> = (0..area).map(color).collect();
        Ok(painted(picture, &prepared.frame, &colors, [rows, columns]))
    }

    /// What the model is given of hints for a picture of a height and a width.
    fn hinted(
        &self,
        hints: &Hints,
        picture: [usize; 2],
        size: [usize; 2],
    ) -> Result<Hinted, ForeignError> {
        self.check_hints()?;
        let found = hints.seen(picture, size);
        let part = |part: usize| found.iter().map(move |ab| ab.map_or(0.0, |ab| ab[part]));
        Ok(Hinted {
            colors: part(0).chain(part(1)).collect(),
            places: found.iter().map(|ab| f32::from(u8::from(ab.is_some()))).collect(),
        })
    }

    /// The kind that inputs and outputs show, if any. The model is run only where its shapes do not tell.
    fn told_apart(&self) -> Result<Option<ForeignKind>, ForeignError> {
        if self.signature.output.sizes[1] == Some(2) {
            return Ok(Some(self.kind));
        }
        let (channels, bright) = self.mean(128.0)?;
        if channels != 3 {
            return Ok(self.signature.kinds().find(|kind| kind.channels()[1] == channels));
        }
        let (_, dark) = self.mean(0.5)?;
        // The range in which gray stays near gray.
        let is_web = (dark - 0.5).abs() / 0.5 < (bright - 128.0).abs() / 128.0;
        let kind = if is_web { ForeignKind::DeOldifyWeb } else { ForeignKind::DeOldify };
        Ok(self.signature.fits(kind).then_some(kind))
    }

    /// Channels and mean of what the model makes of a plane of one value: a small one if it takes that.
    fn mean(&self, value: f32) -> Result<(usize, f32), ForeignError> {
        let made = |usual: [usize; 2]| {
            let fixed = self.signature.picture.sizes;
            let size = [0, 1].map(|axis| fixed[2 + axis].unwrap_or(usual[axis]));
            self.model.judge(&self.signature.named(size))?;
            self.run(&vec![value; size[0] * size[1]], size, None)
        };
        let Given { sizes, values } = made(SMALL).or_else(|_| made(USUAL))?;
        #[expect(clippy::cast_precision_loss, reason = "some hundred thousand values")]
        Ok((sizes[0], values.iter().sum::<f32>() / values.len().max(1) as f32))
    }

    /// Runs the model on one plane, which every channel of the picture is given.
    fn run(
        &self,
        plane: &[f32],
        size: [usize; 2],
        hinted: Option<&Hinted>,
    ) -> Result<Given, ForeignError> {
        let mut inputs = Vec::new();
        for (place, (port, sizes)) in self.signature.inputs(size).into_iter().enumerate() {
            let values = match (place, hinted) {
                (0, _) => plane.repeat(sizes[1]),
                (_, Some(hinted)) if sizes[1] == 2 => hinted.colors.clone(),
                (_, Some(hinted)) => hinted.places.clone(),
                (_, None) => vec![0.0; sizes.iter().product()],
            };
            inputs.push((port.name.as_str(), sizes, values));
        }
        let found = self.model.run(inputs, &self.signature.output.name)?;
        let shaped = found.into_shape_vec::<f32, 4>().ok();
        match shaped {
            Some(([1, channels, rows, columns], values))
                if rows.max(columns) <= LONGEST_SIDE && channels > 0 && rows > 0 && columns > 0 =>
            {
                Ok(Given { sizes: [channels, rows, columns], values })
            }
            _ => Err(self.failed("its output is not one picture of single precision".to_owned())),
        }
    }

    fn failed(&self, reason: String) -> ForeignError {
        self.model.failed(reason).into()
    }
}

/// The height and width that a model takes of a picture of these.
fn size(kind: ForeignKind, signature: &Signature, picture: [usize; 2]) -> [usize; 2] {
    let usual = kind.size(picture);
    [0, 1].map(|axis| signature.picture.sizes[2 + axis].unwrap_or(usual[axis]))
}
