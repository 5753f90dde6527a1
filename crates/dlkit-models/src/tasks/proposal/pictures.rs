//! A recipe for pictures in folders of classes.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use super::{NO_TEST, pace, quoted};
use crate::data::{DataSummary, PartSummary};
use crate::tasks::TaskError;

/// Largest side of a network's input, in pixels.
const LARGEST_SIDE: usize = 64;
/// Sides of maps that are not halved any more.
const SMALLEST_MAP: usize = 8;

pub(super) fn propose(path: &Path, data: &DataSummary) -> Result<String, TaskError> {
    let name = path.display();
    if data.classes.len() < 2 {
        return Err(TaskError::Contradiction(format!(
            "{name}: only one class; a classification needs two or more"
        )));
    }
    let part = |name| data.parts.iter().find(|part| part.name == name);
    let samples = part("train").map_or(0, |part| part.samples);
    let input = Input::of(&data.parts);
    let (batch, epochs) = pace(samples * 9 / 10);
    let Input { channels, height, width, why } = &input;
    let mut text = format!(
        "# A recipe for {}, by `dlkit new`.\n\ntask = \"classification\"\nseed = 1\n\n[data]\nkind = \"{}\"\n\
         path = {}  # {} classes, {samples} pictures to learn from\n",
        path.file_name().unwrap_or_default().to_string_lossy().escape_debug(),
        data.kind,
        quoted(&name.to_string()),
        data.classes.len(),
    );
    if part("validation").is_none() {
        text.push_str(
            "validation = 0.1  # of the pictures to learn from; chooses the best epoch\n",
        );
    }
    if part("test").is_none() {
        text.push_str(NO_TEST);
    }
    let _ = writeln!(
        text,
        "\n[network]\ninput = [{channels}, {height}, {width}]  # {why}\nactivation = \"relu\""
    );
    let (mut side, mut filters) = ((*height).min(*width), 16);
    while side >= SMALLEST_MAP {
        let _ = writeln!(
            text,
            "\n[[network.layers]]\ntype = \"conv2d\"\nfilters = {filters}\nkernel = 3\npadding = \"same\"\n\n\
             [[network.layers]]\ntype = \"max-pool2d\"\nsize = 2"
        );
        side /= 2;
        filters = (filters * 2).min(64);
    }
    let _ = writeln!(
        text,
        "\n[[network.layers]]\ntype = \"flatten\"\n\n[[network.layers]]\ntype = \"dense\"\nunits = 64\n\n\
         [[network.layers]]\ntype = \"dropout\"\nrate = 0.2  # against learning pictures by heart\n\n\
         [[network.layers]]\ntype = \"dense\"\nunits = {}  # a score for each class\nactivation = \"none\"\n\n\
         [training]\nepochs = {epochs}  # about {} steps\nbatch_size = {batch}\nlearning_rate = 0.001\n\
         loss = \"cross-entropy\"\noptimizer = \"adam\"",
        data.classes.len(),
        epochs * (samples * 9 / 10).div_ceil(batch),
    );
    Ok(text)
}

/// The input of a network for pictures.
struct Input {
    channels: usize,
    height: usize,
    width: usize,
    why: String,
}

impl Input {
    /// The size that all pictures have, if it is small, or a square that loses little.
    fn of(parts: &[PartSummary]) -> Self {
        let sizes: BTreeSet<[usize; 3]> = parts
            .iter()
            .flat_map(|part| part.sizes.keys())
            .filter_map(|size| {
                let mut numbers = size.split('x').filter_map(|number| number.parse().ok());
                Some([numbers.next()?, numbers.next()?, numbers.next()?])
            })
            .collect();
        let sizes = Vec::from_iter(sizes);
        // One or two channels are gray, without or with opacity.
        let channels = if sizes.iter().all(|[channels, ..]| *channels <= 2) { 1 } else { 3 };
        let color =
            if channels == 1 { "all pictures are gray" } else { "some pictures have colors" };
        match &sizes[..] {
            [[_, height, width]] if (*height).max(*width) <= LARGEST_SIDE => {
                let (height, width) = (*height, *width);
                let why = format!("{color}, of this size");
                Self { channels, height, width, why }
            }
            _ => {
                let shorter = sizes.iter().map(|[_, height, width]| *(height.min(width)));
                let side = shorter.max().unwrap_or(LARGEST_SIDE).clamp(SMALLEST_MAP, LARGEST_SIDE);
                let why = format!("{color}, of several or large sizes; they are resized to this");
                Self { channels, height: side, width: side, why }
            }
        }
    }
}
