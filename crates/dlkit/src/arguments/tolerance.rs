//! `--tolerance`.

use dlkit_models::freeze::TOLERANCE;

/// Largest difference of outputs that count as equal.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct ToleranceArgs {
    /// Largest allowed difference, relative to an output's largest value.
    #[arg(long, value_name = "SHARE", default_value_t = TOLERANCE, value_parser = share)]
    pub(crate) tolerance: f64,
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if share.is_finite() && share >= 0.0 => Ok(share),
        _ => Err("give a non-negative number, such as 1e-5".to_owned()),
    }
}
