//! Options of the estimation: its model, how long it searches, and how certain it is.

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use dlkit_vision::homography::{Model, Point};
use dlkit_vision::points::{Order, parse_points};
use dlkit_vision::ransac::RansacSettings;

/// Options of the estimation.
#[derive(Debug, clap::Args)]
pub(super) struct EstimationArgs {
    /// Map to estimate, from the most general to the plainest; the plainest that explains the pairs is
    /// named, but never chosen by itself.
    #[arg(long, help_heading = "Estimation", value_enum, default_value_t = ModelName::Homography)]
    model: ModelName,
    /// Probability that one sample has no outliers, for --method ransac and --onto [default: 0.999].
    #[arg(long, help_heading = "Estimation", value_name = "P", allow_negative_numbers = true)]
    confidence: Option<f64>,
    /// Maximum number of samples [default: 1200000 for --method ransac, 10000 for --onto].
    #[arg(long, help_heading = "Estimation", value_name = "N")]
    max_samples: Option<usize>,
    /// Standard deviation of each coordinate in pixels, for the uncertainty [default: that of the
    /// residuals].
    #[arg(long, help_heading = "Estimation", value_name = "PX", allow_negative_numbers = true)]
    noise: Option<f64>,
    /// Report the uncertainty at these points of the picture too: "x,y x,y ...".
    #[arg(long, help_heading = "Estimation", value_name = "POINTS", allow_hyphen_values = true)]
    at: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ModelName {
    /// Any view of a plane: 8 unknowns, 4 pairs.
    Homography,
    /// Parallel lines stay parallel: 6 unknowns, 3 pairs.
    Affine,
    /// Turn, scale and move: 4 unknowns, 2 pairs.
    Similarity,
    /// Turn and move: 3 unknowns, 2 pairs.
    Rigid,
    /// Move: 2 unknowns, 1 pair.
    Translation,
}

/// What the points of a call are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Given {
    Points,
    Corners,
    Pictures,
    /// Nothing is estimated.
    Matrix,
}

impl EstimationArgs {
    /// Refuses options without effect in this call.
    pub(super) fn check(&self, given: Given, robust: bool) -> Result<()> {
        let chosen = self.model != ModelName::Homography;
        if given == Given::Matrix {
            let flags = [
                ("--model", chosen),
                ("--confidence", self.confidence.is_some()),
                ("--max-samples", self.max_samples.is_some()),
                ("--noise", self.noise.is_some()),
                ("--at", self.at.is_some()),
            ];
            if let Some((flag, _)) = flags.into_iter().find(|(_, given)| *given) {
                bail!(
                    "{flag} is for --points, --corners or --onto; with only a --matrix, leave {flag} out"
                );
            }
        }
        if chosen && given != Given::Points {
            bail!("--model is for --points; --corners and --onto need a homography");
        }
        if !robust {
            let flag = self.confidence.map(|_| "--confidence");
            if let Some(flag) = flag.or(self.max_samples.map(|_| "--max-samples")) {
                bail!("{flag} is for --method ransac and --onto; add one, or leave {flag} out");
            }
        }
        if let Some(noise) = self.noise
            && !(noise.is_finite() && noise > 0.0)
        {
            bail!("--noise {noise}: must be a finite number of pixels above 0");
        }
        Ok(())
    }

    /// The option about the uncertainty, if one is given.
    pub(super) fn of_uncertainty(&self) -> Option<&'static str> {
        self.noise.map(|_| "--noise").or(self.at.as_ref().map(|_| "--at"))
    }

    /// One of these options, if any is given.
    pub(super) fn given_flag(&self) -> Option<&'static str> {
        let model = (self.model != ModelName::Homography).then_some("--model");
        let confidence = self.confidence.map(|_| "--confidence");
        let samples = self.max_samples.map(|_| "--max-samples");
        model.or(confidence).or(samples).or(self.of_uncertainty())
    }

    /// The model to estimate.
    pub(super) const fn model(&self) -> Model {
        match self.model {
            ModelName::Homography => Model::Homography,
            ModelName::Affine => Model::Affine,
            ModelName::Similarity => Model::Similarity,
            ModelName::Rigid => Model::Rigid,
            ModelName::Translation => Model::Translation,
        }
    }

    /// The settings with those that were given.
    pub(super) fn apply(&self, settings: RansacSettings) -> RansacSettings {
        RansacSettings {
            confidence: self.confidence.unwrap_or(settings.confidence),
            max_samples: self.max_samples.unwrap_or(settings.max_samples),
            ..settings
        }
    }

    /// The known standard deviation of coordinates.
    pub(super) const fn noise(&self) -> Option<f64> {
        self.noise
    }

    /// The points at which the uncertainty is asked for.
    pub(super) fn at(&self, order: Order) -> Result<Vec<Point>> {
        match &self.at {
            Some(text) => parse_points(text, order).context("--at"),
            None => Ok(Vec::new()),
        }
    }
}
