//! A recipe that learns the colors of photos.

use std::path::Path;

use super::{NO_TEST, STEPS, quoted};
use crate::data::{PhotoFiles, PhotosConfig};
use crate::tasks::TaskError;
use crate::tasks::colorization::seen_bins;

/// Most colors of the network, as many as the shipped ones have.
const MOST_COLORS: usize = 120;
/// Fewest photos of which a tenth is one.
const FEWEST_DIVIDED: usize = 5;
/// Seed of the recipe, which divides the photos.
const SEED: u64 = 1;
/// Side of the network's input.
const SIDE: usize = 32;
const CROPS: usize = 16;
const BATCH: usize = 32;

pub(super) fn propose(path: &Path) -> Result<String, TaskError> {
    let name = path.display();
    let whole = PhotosConfig { validation: 0.0, ..PhotosConfig::new(path.to_owned()) };
    let files = PhotoFiles::find(&whole, SEED)?;
    let divided = files.validation.is_empty() && files.train.len() >= FEWEST_DIVIDED;
    let config = PhotosConfig { validation: if divided { 0.1 } else { 0.0 }, ..whole };
    let train = PhotoFiles::find(&config, SEED)?.train.len();
    let colors = seen_bins(&config, SEED, [SIDE, SIDE])?.min(MOST_COLORS);
    let validation = match (divided, files.validation.is_empty()) {
        (true, _) => "validation = 0.1  # of the photos; chooses the best epoch\n",
        (false, true) => {
            "validation = 0  # too few photos to set one aside; give more for a result that can be judged\n"
        }
        (false, false) => "",
    };
    let test = if files.test.is_empty() { NO_TEST } else { "" };
    let steps = (train * CROPS).div_ceil(BATCH);
    let epochs = STEPS.div_ceil(steps.max(1)).clamp(5, 300);
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    Ok(format!(
        "# A recipe for {}, by `dlkit new`.\n\ntask = \"colorization\"  # photos without folders of classes\n\
         seed = {SEED}\n\n[data]\nkind = \"photos\"\npath = {}  # {train} photos to learn from\n\
         {validation}{test}crops = {CROPS}  # random parts of each photo in an epoch\n\n\
         [colorization]\nencoding = \"nearest\"\nlambda = 0.5  # rare colors count more\n\n\
         [network]\ninput = [1, {SIDE}, {SIDE}]  # lightness of a part; the network learns textures of 17 x 17 pixels\n\
         activation = \"relu\"\ninitializer = \"he-normal\"\nlayers = [\n    \
         {{ type = \"conv2d\", filters = 16, kernel = 3 }},\n    \
         {{ type = \"conv2d\", filters = 32, kernel = 3 }},\n    \
         {{ type = \"conv2d\", filters = 48, kernel = 3 }},\n    \
         {{ type = \"conv2d\", filters = 64, kernel = 3 }},\n    \
         {{ type = \"conv2d\", filters = 64, kernel = 3 }},\n    \
         {{ type = \"conv2d\", filters = 96, kernel = 3 }},\n    \
         {{ type = \"conv2d\", filters = 96, kernel = 3 }},\n    \
         {{ type = \"conv2d\", filters = {colors}, kernel = 3 }},  # the {colors} most frequent colors\n]\n\n\
         [training]\nepochs = {epochs}  # about {} steps\nbatch_size = {BATCH}\nlearning_rate = 0.001\n\
         optimizer = \"adam\"\n",
        file.escape_debug(),
        quoted(&name.to_string()),
        epochs * steps,
    ))
}
