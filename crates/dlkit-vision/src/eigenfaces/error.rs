//! What can go wrong with eigenfaces.

use thiserror::Error;

/// Why eigenfaces cannot be computed or used.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum EigenfacesError {
    /// The pictures have no pixels, or the values do not make whole pictures.
    #[error("{values} values do not make whole pictures of {width}x{height} pixels")]
    Shape {
        /// Values given.
        values: usize,
        /// Width of a picture.
        width: usize,
        /// Height of a picture.
        height: usize,
    },
    /// There are more values than memory can hold.
    #[error(
        "{pictures} pictures of {pixels} pixels have {} values, more than the limit of {limit}; \
         choose a smaller --size WxH",
        pictures.saturating_mul(*pixels)
    )]
    TooLarge {
        /// Pictures given.
        pictures: usize,
        /// Pixels of each.
        pixels: usize,
        /// Most values.
        limit: usize,
    },
    /// A picture has a pixel that is infinite or NaN.
    #[error("picture {picture}, counted from 1, has infinite or NaN pixels; leave it out")]
    NotFinite {
        /// Which picture, from 1.
        picture: usize,
    },
    /// The only picture given has a pixel that is infinite or NaN.
    #[error("the picture has infinite or NaN pixels")]
    PictureNotFinite,
    /// The matrix of a method would take too much memory.
    #[error(
        "--method {method}: its matrix of {side} x {side} exceeds the limit of {limit} values; \
         leave out --method to use a smaller matrix, or choose a smaller --size WxH"
    )]
    MatrixTooLarge {
        /// The method given.
        method: &'static str,
        /// Rows of the matrix.
        side: usize,
        /// Most values.
        limit: usize,
    },
    /// There are fewer pictures than a mean and a direction need.
    #[error("eigenfaces need 2 or more pictures, not {given}; add pictures")]
    TooFewPictures {
        /// Pictures given.
        given: usize,
    },
    /// All pictures are the same.
    #[error(
        "all {pictures} pictures are identical{}; give pictures that differ",
        if *normalized { " after contrast normalization" } else { "" }
    )]
    NoVariance {
        /// Pictures given.
        pictures: usize,
        /// Whether their contrast was normalized.
        normalized: bool,
    },
    /// More components are wanted than the pictures vary in.
    #[error(
        "--components {wanted}: {pictures} pictures of {pixels} pixels vary in {rank} direction{}; \
         choose from 1 to {rank}",
        if *rank == 1 { "" } else { "s" }
    )]
    BeyondRank {
        /// Components wanted.
        wanted: usize,
        /// Pictures given.
        pictures: usize,
        /// Pixels of each.
        pixels: usize,
        /// Directions in which they vary.
        rank: usize,
    },
    /// The text does not give a number of components.
    #[error(
        "`{0}`: not a number of components; give a whole number from 1, a share of the variance \
         between 0 and 1 such as 0.95, or kaiser"
    )]
    Components(String),
    /// The randomized method needs a number of components.
    #[error(
        "the randomized method needs a number of components, not a share or the Kaiser rule; give \
         --components N, or another --method"
    )]
    RandomizedNeedsNumber,
    /// The eigenvalue iteration did not converge.
    #[error("the eigenvalue iteration did not converge; try another --method")]
    NoConvergence,
    /// A picture has another size than the model.
    #[error("the picture has {given} pixels; the model expects {needed}")]
    OtherSize {
        /// Pixels given.
        given: usize,
        /// Pixels needed.
        needed: usize,
    },
    /// A reconstruction needs more components than the model has.
    #[error("--components {wanted}: the model has {available}; choose from 0 to {available}")]
    MissingComponents {
        /// Components wanted.
        wanted: usize,
        /// Components the model has.
        available: usize,
    },
    /// There is nothing to measure.
    #[error("{0}")]
    NothingToEvaluate(String),
    /// The number of folds leaves nothing to fit or to test.
    #[error("--folds {folds}: not possible with {pictures} pictures; choose from 2 to {most}")]
    Folds {
        /// Folds wanted.
        folds: usize,
        /// Most folds.
        most: usize,
        /// Pictures to divide into folds.
        pictures: usize,
    },
    /// No eigenfaces remain.
    #[error(
        "--skip {skip}: leaves none of {components} eigenfaces; choose fewer than {components}"
    )]
    Skip {
        /// Eigenfaces to leave out.
        skip: usize,
        /// Eigenfaces kept.
        components: usize,
    },
    /// Nothing tells how the pictures of a person differ.
    #[error(
        "fisherfaces need two or more people, one of them with two different pictures; here are \
         {people} with {pictures} pictures; give one folder per person, or leave out --method \
         fisherfaces"
    )]
    Fisherfaces {
        /// People given.
        people: usize,
        /// Pictures given.
        pictures: usize,
    },
    /// A threshold is not a number.
    #[error("a threshold must be a finite number, not {value}")]
    Threshold {
        /// The threshold given.
        value: f64,
    },
    /// The model has no face scores.
    #[error(
        "the model has no thresholds, because it was fitted to too few pictures; fit 4 or more"
    )]
    Uncalibrated,
    /// The share is not possible.
    #[error("--accept-rate {share}: choose a share of strangers above 0 and below 1, such as 0.01")]
    AcceptRate {
        /// The share given.
        share: f64,
    },
    /// No person was held out.
    #[error(
        "--accept-rate: the model does not know how strangers score, because no person was held \
         out of its fit; fit two or more people, or give --known-threshold"
    )]
    NobodyHeldOut,
    /// A cosine of single numbers.
    #[error(
        "--metric cosine: the model compares faces by a single number, whose cosine is the same for \
         every face; give --metric euclidean, or fit more people or components"
    )]
    CosineOfOne,
    /// The range of a search is too large.
    #[error(
        "--search {pixels}: choose from 1 to {most} pixels, half of the shorter side of the model"
    )]
    Search {
        /// Pixels asked for.
        pixels: usize,
        /// Most pixels.
        most: usize,
    },
}
