//! Matches between the features of two pictures.

use std::collections::HashSet;

use super::descriptor::LENGTH;
use super::detection::detect_features;
use super::gray_picture::GrayPicture;
use super::keypoint::{Feature, Keypoint};
use super::nearest::{Candidates, nearest};
use crate::homography::Correspondence;

/// Settings of matching.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MatchConfig {
    /// Most features of each picture; the strongest are kept.
    pub most_features: usize,
    /// A match must be nearer than this share of the distance to the second nearest feature. From 0
    /// (no matches) to 1 (all mutual nearest neighbors).
    pub ratio: f64,
}

impl Default for MatchConfig {
    /// 20,000 features; 0.8, which keeps 95 % of right matches and leaves out 90 % of wrong ones
    /// (Lowe 2004, section 7.1).
    fn default() -> Self {
        Self { most_features: 20_000, ratio: 0.8 }
    }
}

/// Two features that look alike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FeatureMatch {
    /// The keypoint in the first picture.
    pub source: Keypoint,
    /// The keypoint in the second picture.
    pub target: Keypoint,
    /// The distance of the descriptors: 0 (equal) to about 1.4 (nothing in common).
    pub distance: f64,
    /// That distance as a share of the distance to the second nearest feature: 0 to 1.
    pub ratio: f64,
}

impl FeatureMatch {
    /// The two places.
    #[must_use]
    pub const fn pair(&self) -> Correspondence {
        Correspondence { source: self.source.place, target: self.target.place }
    }
}

/// The matches of two pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct Matches {
    /// Number of features of the first and of the second picture.
    pub features: [usize; 2],
    /// The matches, the most distinct (lowest ratio) first. No two have the same two places.
    pub matches: Vec<FeatureMatch>,
}

/// Detects the features of two pictures and matches them.
#[must_use]
pub fn match_pictures(first: &GrayPicture, second: &GrayPicture, config: &MatchConfig) -> Matches {
    let features = [first, second].map(|picture| detect_features(picture, config.most_features));
    let matches = match_features(&features[0], &features[1], config.ratio);
    Matches { features: features.map(|features| features.len()), matches }
}

/// Matches features: two match if each is the nearest of the other, and the nearest is nearer than
/// `ratio` times the second nearest at another place (Lowe 2004, section 7.1).
#[must_use]
pub fn match_features(first: &[Feature], second: &[Feature], ratio: f64) -> Vec<FeatureMatch> {
    let [forward, backward] = nearest(&Candidates::of(first), &Candidates::of(second));
    let mut matches: Vec<FeatureMatch> = forward
        .into_iter()
        .enumerate()
        .filter(|(index, nearest)| {
            backward.get(nearest.index).is_some_and(|back| back.index == *index)
        })
        .map(|(index, nearest)| {
            let (distance, second_distance) =
                (f64::from(nearest.first).sqrt(), f64::from(nearest.second).sqrt());
            FeatureMatch {
                source: first[index].keypoint,
                target: second[nearest.index].keypoint,
                distance: distance / f64::from(LENGTH),
                ratio: if nearest.has_rival() { distance / second_distance } else { 1.0 },
            }
        })
        .filter(|pair| pair.ratio < ratio)
        .collect();
    matches.sort_by(|a, b| a.ratio.total_cmp(&b.ratio));
    let mut seen = HashSet::new();
    let bits = |keypoint: &Keypoint| [keypoint.place.x.to_bits(), keypoint.place.y.to_bits()];
    matches.retain(|pair| seen.insert([bits(&pair.source), bits(&pair.target)]));
    matches
}
