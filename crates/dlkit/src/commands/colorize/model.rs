//! The colorizer of a command.

use anyhow::{Context, Result, bail};
use dlkit_models::Device;
use dlkit_models::freeze::{FreezeError, FrozenNetwork};
use dlkit_models::tasks::colorization::{Colorizer, ForeignColorizer};
use dlkit_models::tasks::{TaskError, TrainedNetwork};

use super::Args;

/// The model that comes with dlkit.
const SHIPPED: &[u8] = include_bytes!("../../../../../models/colorizer.onnx");
/// Its name in reports.
const SHIPPED_NAME: &str = "models/colorizer.onnx, which comes with dlkit";

/// Refuses `--checkpoint` without a run, and `--model-kind` and `--hints` without a model.
pub(super) fn check(args: &Args) -> Result<()> {
    if args.model_kind.is_some() && args.model.is_none() {
        bail!("--model-kind is for a model of another project; give it with --model FILE.onnx");
    }
    if args.hints.is_given() && args.model.is_none() {
        bail!(
            "--hints is for a model of another project that takes hints; give it with --model FILE.onnx"
        );
    }
    if args.checkpoint.chosen().is_some() && args.model.is_none() {
        bail!("--checkpoint is for runs; give a run with --model RUN");
    }
    Ok(())
}

/// A network of dlkit, or a model of another project.
pub(super) enum AnyColorizer {
    Own(Box<Colorizer>),
    Foreign(Box<ForeignColorizer>),
}

/// Name and model of `--model`, or of the one that comes with dlkit.
pub(super) fn load(args: &Args, device: &Device) -> Result<(String, AnyColorizer)> {
    let own = |trained: TrainedNetwork| -> Result<AnyColorizer> {
        let colorizer = args.decoding.applied(trained)?.colorizer(device)?;
        Ok(AnyColorizer::Own(Box::new(colorizer)))
    };
    let Some(path) = &args.model else {
        let frozen = FrozenNetwork::from_bytes(SHIPPED_NAME.as_ref(), SHIPPED)?;
        return Ok((SHIPPED_NAME.to_owned(), own(TrainedNetwork::of_frozen(frozen))?));
    };
    let name = path.display().to_string();
    match TrainedNetwork::open(path, args.checkpoint.chosen()) {
        Ok(_) if args.hints.is_given() => bail!(
            "--hints is for models of other projects, but {name} is dlkit's, which takes no hints; leave it out"
        ),
        Ok(trained) if args.model_kind.is_none() => Ok((name, own(trained)?)),
        Ok(_) => bail!(
            "--model-kind is for models of other projects, but {name} is dlkit's; leave it out"
        ),
        Err(TaskError::Frozen(FreezeError::Foreign { .. })) => {
            check_foreign(args)?;
            let foreign = ForeignColorizer::open(path, args.model_kind.map(Into::into))?;
            if args.hints.is_given() {
                foreign.check_hints().context("--hints")?;
            }
            Ok((name, AnyColorizer::Foreign(Box::new(foreign))))
        }
        Err(error) => Err(error.into()),
    }
}

/// Refuses options that mean nothing to a model of another project.
fn check_foreign(args: &Args) -> Result<()> {
    let given = [
        ("--temperature", args.decoding.temperature.is_some()),
        ("--balance", args.decoding.balance.is_some()),
        ("--sheet", !args.sheet.is_empty()),
        ("--tile", args.tile.is_some()),
        ("--short-side", args.short_side.is_some()),
        ("--palette", args.palette.is_some()),
    ];
    if let Some((flag, _)) = given.iter().find(|(_, given)| *given) {
        bail!(
            "{flag} is for networks of dlkit; a model of another project gives one color and has one size; leave it out"
        );
    }
    Ok(())
}
