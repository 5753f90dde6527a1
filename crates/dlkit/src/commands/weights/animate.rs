//! `dlkit weights animate`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_files::StagedFile;
use dlkit_models::Device;
use dlkit_models::network::Network;
use dlkit_models::run::RunDirectory;
use serde::Serialize;

use crate::arguments::OutputFile;
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::plot::{WeightMaps, gif_from_svgs, largest_weight};

/// Animate how the weights of a run changed in training, as a GIF
///
/// Drawn like `dlkit weights plot`, with one scale for all frames. The run must be trained with
/// training.weights_every = 1, which keeps the weights of every epoch.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit train configs/mnist/mlp.toml --set training.weights_every=1 --output runs/kept\n  dlkit weights animate runs/kept --output weights.gif --seconds 10"
)]
pub(crate) struct Args {
    /// Run directory.
    #[arg(value_name = "RUN")]
    run: PathBuf,
    #[command(flatten)]
    output: OutputFile,
    /// Maximum number of frames; with more epochs, shows evenly spaced ones.
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u16).range(2..=1000), help_heading = "Results")]
    frames: u16,
    /// Duration of the animation in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 6.0, value_parser = length, help_heading = "Results")]
    seconds: f64,
}

/// Maximum duration, and minimum time of a frame in seconds; viewers slow down faster animations.
const LONGEST: f64 = 600.0;
const SHORTEST_FRAME: f64 = 0.02;

fn length(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds <= LONGEST => Ok(seconds),
        _ => Err(format!("give a number of seconds above 0, at most {LONGEST}")),
    }
}

#[derive(Serialize)]
struct Animated {
    run: String,
    output: String,
    /// Epoch of each frame; 0 is the untrained network.
    epochs: Vec<usize>,
    seconds_per_frame: f64,
    largest: f64,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let path = &args.output.output;
    let gif = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gif"));
    if !gif {
        bail!("--output {}: the file name must end in .gif", path.display());
    }
    args.output.check()?;
    let run = RunDirectory::open(&args.run)?;
    let experiment = run.experiment()?;
    let kept = run.kept_epochs()?;
    if kept.len() < 2 {
        bail!(
            "{}: no weights of its epochs; train with --set training.weights_every=1",
            args.run.display()
        );
    }
    let epochs = spread(&kept, args.frames.into());
    let network = Network::new(experiment.network(), 0, &Device::flex());
    let delay = delay(args.seconds, epochs.len())?;
    let (bytes, largest) = drawn(&run, &args.run, &network, &epochs, delay)?;
    let staged = StagedFile::write(path, &bytes)
        .with_context(|| format!("cannot write {}", path.display()))?;
    let output = args.output.publish(staged)?;
    let seconds_per_frame = f64::from(delay) / 100.0;
    console.line(format!(
        "written: {}, {} frames of {seconds_per_frame} s",
        output.display(),
        epochs.len()
    ))?;
    console.object(&Animated {
        run: args.run.display().to_string(),
        output: output.display().to_string(),
        epochs,
        seconds_per_frame,
        largest,
    })?;
    Ok(ExitStatus::Done)
}

/// The frames on one scale, and the largest weight.
fn drawn(
    run: &RunDirectory,
    name: &Path,
    network: &Network,
    epochs: &[usize],
    delay: u16,
) -> Result<(Vec<u8>, f64)> {
    // Reads each epoch twice instead of keeping all, because the weights may be large.
    let mut largest = 0.0_f64;
    for &epoch in epochs {
        largest = largest.max(largest_weight(&run.kept_weights(epoch, network)?));
    }
    let last = epochs.last().copied().unwrap_or(0);
    let inputs = run.info()?.facts.inputs().unwrap_or_default();
    let mut unread = None;
    let drawings = epochs.iter().map_while(|&epoch| match run.kept_weights(epoch, network) {
        Ok(layers) => {
            let title = |epoch| format!("{}, epoch {epoch} of {last}", name.display());
            let maps = WeightMaps {
                title: title(epoch),
                longest_title: title(last),
                layers: &layers,
                inputs: &inputs,
                reach: largest,
            };
            Some(maps.to_svg())
        }
        Err(error) => {
            unread = Some(error);
            None
        }
    });
    let bytes = gif_from_svgs(drawings, delay);
    match unread {
        Some(error) => Err(error.into()),
        None => Ok((bytes?, largest)),
    }
}

/// At most `most` evenly spaced epochs, including the first and the last.
fn spread(epochs: &[usize], most: usize) -> Vec<usize> {
    let last = epochs.len() - 1;
    let count = most.min(epochs.len());
    let place = |frame: usize| (frame * last + (count - 1) / 2) / (count - 1);
    (0..count).filter_map(|frame| epochs.get(place(frame)).copied()).collect()
}

/// Hundredths of a second for each frame.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "600 seconds at most, so 30,000 hundredths"
)]
fn delay(seconds: f64, frames: usize) -> Result<u16> {
    let each = seconds / frames as f64;
    if each < SHORTEST_FRAME {
        bail!(
            "--seconds {seconds}: each of {frames} frames would last less than {SHORTEST_FRAME} s, the \
             minimum that viewers show; give fewer --frames or more --seconds"
        );
    }
    Ok((100.0 * each).round() as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_spread_from_first_to_last() {
        let epochs: Vec<usize> = (0..=100).collect();
        assert_eq!(spread(&epochs, 5), [0, 25, 50, 75, 100]);
        assert_eq!(spread(&epochs, 2), [0, 100]);
        assert_eq!(spread(&[0, 2, 4], 60), [0, 2, 4]);
    }

    #[test]
    fn frames_that_viewers_cannot_show_are_refused() {
        assert_eq!(delay(6.0, 60).unwrap(), 10);
        assert_eq!(delay(600.0, 2).unwrap(), 30_000);
        assert!(delay(1.0, 60).unwrap_err().to_string().contains("fewer --frames"));
    }
}
