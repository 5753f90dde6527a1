//! How certain the estimate of a call is, and which model explains its pairs.

use anyhow::Result;
use dlkit_vision::homography::{Point, Uncertainty, compare_models, picture_corners};

use super::Args;
use super::estimation::Given;
use super::mapping::Mapping;
use crate::report::{Certainty, Quality};

impl Mapping {
    /// The quality of the estimate; none if nothing was estimated, or only four corners of a page
    /// whose uncertainty is not asked for. `size` is that of the picture.
    pub(super) fn quality(&self, args: &Args, size: Option<(u32, u32)>) -> Result<Option<Quality>> {
        let asked = args.estimation.at(args.order.into())?;
        let noise = args.estimation.noise();
        let Some(estimate) = &self.estimate else { return Ok(None) };
        if args.given() == Given::Corners && noise.is_none() && asked.is_empty() {
            return Ok(None);
        }
        let certainty = Uncertainty::of(&self.pairs, estimate, &self.config, noise).map(|found| {
            let reach = found.reaches(&self.pairs, &estimate.inliers);
            Certainty::new(&found, self.unit.name(), &self.corners(size), &asked, reach)
        });
        let models = if args.given() == Given::Points {
            compare_models(&self.pairs, estimate, &self.config, noise)
        } else {
            Vec::new()
        };
        Ok(Some(Quality::new(estimate.model, self.unit.name(), certainty, models)))
    }

    /// The corners of the picture, as far as they are known: without a picture the first, if the
    /// coordinates are those of pixels.
    fn corners(&self, size: Option<(u32, u32)>) -> Vec<Point> {
        match size {
            Some(size) => picture_corners(size).to_vec(),
            None if self.pairs.iter().all(|pair| pair.source.x >= 0.0 && pair.source.y >= 0.0) => {
                vec![Point::new(0.0, 0.0)]
            }
            None => Vec::new(),
        }
    }
}
