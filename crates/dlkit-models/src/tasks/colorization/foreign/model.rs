//! A model of others, loaded and run.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::path::{Component, Path, PathBuf};

use dlkit_files::guard;
use dlkit_files::regular::read_regular;
use image::DynamicImage;
use image::imageops::FilterType;
use rten::{Model, ModelOptions, NodeId, Value};

use super::error::ForeignError;
use super::kind::ForeignKind;
use super::signature::{LONGEST_SIDE, Port, Signature};
use crate::freeze::read_model;
use crate::graph::onnx::{EXTERNAL, GraphProto, TensorProto};
use crate::tasks::colorization::picture::painted;
use crate::tasks::colorization::samples::Source;
use crate::tasks::colorization::scan::{Preparation, Prepared};

/// Most bytes of the weights in other files.
const LARGEST_WEIGHTS: u64 = 1 << 31;

/// A colorizer of others, ready to run.
pub struct ForeignColorizer {
    path: PathBuf,
    model: Model,
    signature: Signature,
    kind: ForeignKind,
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
        let (bytes, proto) = read_model(path)?;
        let graph = proto.graph.unwrap_or_default();
        let unknown = |found| ForeignError::Unknown { path: path.to_owned(), found };
        let signature = Signature::of(&graph).map_err(unknown)?;
        let mut options = ModelOptions::with_all_ops();
        for (name, weights) in weights_beside(path, &graph)? {
            options.external_data(&name, weights);
        }
        let bytes: Vec<u8> = bytes.into();
        let model = guard(|| options.load(bytes)).map_err(failed(path))?.map_err(failed(path))?;
        let mut opened = Self {
            path: path.to_owned(),
            model,
            signature,
            kind: kind.unwrap_or(ForeignKind::Zhang),
        };
        let found = match kind {
            Some(kind) if opened.signature.fits(kind) => Some(kind),
            Some(_) => None,
            None => opened.told_apart()?,
        };
        let Signature { picture, output, .. } = &opened.signature;
        opened.kind = found.ok_or_else(|| {
            unknown(format!("it makes {} of {}", output.shape(), picture.shape()))
        })?;
        Ok(opened)
    }

    /// What it takes and gives.
    #[must_use]
    pub const fn kind(&self) -> ForeignKind {
        self.kind
    }

    /// Gives a picture colors. Size, lightness, opacity and bits per sample stay what they are, as with
    /// networks of dlkit.
    ///
    /// # Errors
    /// The runtime fails, or the model gives undefined colors.
    pub fn colorize(
        &self,
        picture: &DynamicImage,
        preparation: Preparation,
    ) -> Result<DynamicImage, ForeignError> {
        let full = [picture.height() as usize, picture.width() as usize];
        let size = self.size(full);
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
        let Given { sizes: [channels, rows, columns], values } = self.run(&plane, size)?;
        let expected = self.kind.channels()[1];
        if channels != expected {
            return Err(failed(&self.path)(format!("it gave {channels} channels, not {expected}")));
        }
        if values.iter().any(|value| !value.is_finite()) {
            return Err(failed(&self.path)("it gave colors that are undefined or infinite"));
        }
        let area = rows * columns;
        let color = |place: usize| {
            let parts = [0, 1, 2].map(|part| values[part.min(channels - 1) * area + place]);
            self.kind.color(&parts[..channels])
        };
        let colors: Vec<[f32; 2]> = (0..area).map(color).collect();
        Ok(painted(picture, &prepared.frame, &colors, [rows, columns]))
    }

    /// The height and width that the model takes of a picture of these.
    fn size(&self, picture: [usize; 2]) -> [usize; 2] {
        let usual = self.kind.size(picture);
        [0, 1].map(|axis| self.signature.picture.sizes[2 + axis].unwrap_or(usual[axis]))
    }

    /// The kind that inputs and outputs show, if any.
    fn told_apart(&mut self) -> Result<Option<ForeignKind>, ForeignError> {
        let all = [ForeignKind::Zhang, ForeignKind::DdColor, ForeignKind::DeOldify];
        let fitting: Vec<ForeignKind> =
            all.into_iter().filter(|kind| self.signature.fits(*kind)).collect();
        let Some(first) = fitting.first() else { return Ok(None) };
        self.kind = *first;
        // Of a size that every model takes.
        let size = self.size([256; 2]);
        let mean = |value: f32| -> Result<(usize, f32), ForeignError> {
            let Given { sizes, values } = self.run(&vec![value; size[0] * size[1]], size)?;
            #[expect(clippy::cast_precision_loss, reason = "some hundred thousand values")]
            Ok((sizes[0], values.iter().sum::<f32>() / values.len().max(1) as f32))
        };
        let (channels, bright) = mean(128.0)?;
        if channels != 3 {
            return Ok(fitting.into_iter().find(|kind| kind.channels()[1] == channels));
        }
        let (_, dark) = mean(0.5)?;
        // The range in which gray stays near gray.
        let is_web = (dark - 0.5).abs() / 0.5 < (bright - 128.0).abs() / 128.0;
        let kind = if is_web { ForeignKind::DeOldifyWeb } else { ForeignKind::DeOldify };
        Ok(self.signature.fits(kind).then_some(kind))
    }

    /// Runs the model on one plane, which every channel of the picture is given.
    fn run(&self, plane: &[f32], [height, width]: [usize; 2]) -> Result<Given, ForeignError> {
        let Signature { picture, hints, output } = &self.signature;
        let channels = picture.sizes[1].unwrap_or(1);
        let mut inputs = vec![(
            self.node(picture)?,
            self.value([1, channels, height, width], plane.repeat(channels))?,
        )];
        for hint in hints {
            let sizes = [1, hint.sizes[1].unwrap_or(1), height, width];
            let zeros = vec![0.0; sizes.iter().product()];
            inputs.push((self.node(hint)?, self.value(sizes, zeros)?));
        }
        let inputs = inputs.into_iter().map(|(node, value)| (node, value.into())).collect();
        let output = self.node(output)?;
        let found =
            guard(|| self.model.run(inputs, &[output], None)).map_err(failed(&self.path))?;
        let found = found.map_err(failed(&self.path))?.pop();
        let shaped = found.and_then(|value| value.into_shape_vec::<f32, 4>().ok());
        match shaped {
            Some(([1, channels, rows, columns], values))
                if rows.max(columns) <= LONGEST_SIDE && channels > 0 && rows > 0 && columns > 0 =>
            {
                Ok(Given { sizes: [channels, rows, columns], values })
            }
            _ => Err(failed(&self.path)("its output is not one picture of single precision")),
        }
    }

    fn node(&self, port: &Port) -> Result<NodeId, ForeignError> {
        self.model.node_id(&port.name).map_err(failed(&self.path))
    }

    fn value(&self, sizes: [usize; 4], values: Vec<f32>) -> Result<Value, ForeignError> {
        Value::from_shape(sizes, values).map_err(failed(&self.path))
    }
}

fn failed<E: Display>(path: &Path) -> impl Fn(E) -> ForeignError + '_ {
    move |reason| ForeignError::Run { path: path.to_owned(), reason: reason.to_string() }
}

/// The files beside a model that hold its weights, by the names it has for them.
fn weights_beside(path: &Path, graph: &GraphProto) -> Result<Vec<(String, Vec<u8>)>, ForeignError> {
    let unread = |reason: String| ForeignError::Weights { path: path.to_owned(), reason };
    let outside: Vec<&TensorProto> =
        graph.initializer.iter().filter(|weight| weight.data_location == EXTERNAL).collect();
    let entry = |weight: &TensorProto, key: &str| {
        let found = weight.external_data.iter().find(|entry| entry.key == key);
        found.map(|entry| entry.value.clone())
    };
    let names: BTreeSet<String> =
        outside.iter().filter_map(|weight| entry(weight, "location")).collect();
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut files = Vec::new();
    let mut left = LARGEST_WEIGHTS;
    for name in names {
        let mut parts = Path::new(&name).components();
        if !matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None)) {
            return Err(unread(format!("`{name}`: not a file beside the model")));
        }
        let bytes = read_regular(&folder.join(&name), left)
            .map_err(|error| unread(format!("{}: {error}", folder.join(&name).display())))?;
        let length = bytes.len() as u64;
        left = left.saturating_sub(length);
        for weight in
            outside.iter().filter(|weight| entry(weight, "location").as_ref() == Some(&name))
        {
            let number =
                |key| entry(weight, key).map_or(Some(0), |value| value.parse::<u64>().ok());
            let end = number("offset").and_then(|offset| offset.checked_add(number("length")?));
            if end.is_none_or(|end| end > length) {
                return Err(unread(format!(
                    "{name}: it has {length} bytes, but `{}` lies beyond",
                    weight.name
                )));
            }
        }
        files.push((name, bytes));
    }
    Ok(files)
}
