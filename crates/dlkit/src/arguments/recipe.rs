//! Recipes as arguments.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_files::regular::{LARGEST_RECIPE, read_regular_text};
use dlkit_models::recipe::{Experiment, Override, parse_experiment};
use dlkit_models::tasks::NetworkPath;

use super::overrides::OverrideArgs;

/// A recipe and changes to it.
#[derive(Debug, clap::Args)]
pub(crate) struct RecipeArgs {
    /// Recipe.
    #[arg(value_name = "RECIPE")]
    config: PathBuf,
    #[command(flatten)]
    overrides: OverrideArgs,
}

impl RecipeArgs {
    /// Reads and checks the recipe.
    pub(crate) fn load(&self) -> Result<Experiment> {
        load_recipe(&self.config, &self.overrides.set)
    }

    /// Path of the recipe.
    pub(crate) fn path(&self) -> &Path {
        &self.config
    }
}

/// A recipe, as an argument or as `--config`.
#[derive(Debug, clap::Args)]
pub(crate) struct RecipeChoice {
    /// Recipe.
    #[arg(value_name = "RECIPE")]
    recipe: Option<PathBuf>,
    /// Recipe, as an option.
    #[arg(long, short, value_name = "RECIPE", help_heading = "Input")]
    config: Option<PathBuf>,
}

impl RecipeChoice {
    /// Path of the recipe, if given.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.recipe.as_deref().or(self.config.as_deref())
    }
}

/// Reads and checks a recipe.
pub(crate) fn load_recipe(path: &Path, overrides: &[Override]) -> Result<Experiment> {
    match NetworkPath::of(path) {
        NetworkPath::Run => bail!("{}: a directory; give a recipe", path.display()),
        NetworkPath::FrozenFile => bail!("{}: an ONNX file; give a recipe", path.display()),
        NetworkPath::Other => {}
    }
    let text = read_regular_text(path, LARGEST_RECIPE)
        .with_context(|| format!("{}: cannot be read", path.display()))?;
    Ok(parse_experiment(&text, &path.display().to_string(), overrides)?)
}

/// Makes the data path of an experiment absolute, so that the run works in any directory.
///
/// Resolves a relative path against the working directory, then against the directory of the recipe.
pub(crate) fn with_absolute_data(experiment: Experiment, recipe: &Path) -> Experiment {
    let Some(path) = experiment.config().data.path() else { return experiment };
    let beside = recipe.parent().map(|parent| parent.join(path));
    let found = [Some(path.to_owned()), beside]
        .into_iter()
        .flatten()
        .find_map(|candidate| candidate.canonicalize().ok());
    match found {
        Some(found) => experiment.with_data_path(found),
        None => experiment,
    }
}

/// Default run directory of a recipe: `runs/` with the folder and name of the recipe, and a number if it is
/// taken.
pub(crate) fn default_output(recipe: &Path) -> PathBuf {
    let part = |part: Option<&std::ffi::OsStr>| {
        part.map(|name| name.to_string_lossy().into_owned()).filter(|name| !name.is_empty())
    };
    let folder = part(recipe.parent().and_then(Path::file_name)).filter(|name| name != "configs");
    let stem = part(recipe.file_stem()).unwrap_or_else(|| "run".to_owned());
    let name = folder.map_or_else(|| stem.clone(), |folder| format!("{folder}-{stem}"));
    let runs = Path::new("runs");
    let numbered = |number: u32| {
        if number == 1 { runs.join(&name) } else { runs.join(format!("{name}-{number}")) }
    };
    // Past the last number the directory exists, and the check of a new run says so.
    let free = (1..LARGEST_NUMBER).find(|number| !numbered(*number).exists());
    numbered(free.unwrap_or(1))
}

/// Maximum number of default run directories of a recipe.
const LARGEST_NUMBER: u32 = 100_000;
