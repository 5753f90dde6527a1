//! What can go wrong with eigenfaces.

use thiserror::Error;

/// Why there are no eigenfaces, or why they cannot be used.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum EigenfacesError {
    /// A picture without pixels, or values that are not a whole number of pictures.
    #[error("{values} values are no pictures of {width}x{height} pixels")]
    Shape {
        /// Values given.
        values: usize,
        /// Width of a picture.
        width: usize,
        /// Height of a picture.
        height: usize,
    },
    /// More than can be worked on in memory.
    #[error(
        "{pictures} pictures of {pixels} pixels are {} values; at most {limit} are taken; choose a \
         smaller --size WxH",
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
    /// A pixel that is infinite or NaN.
    #[error("picture {picture}, counted from 1, has pixels that are infinite or undefined")]
    NotFinite {
        /// Which picture, from 1.
        picture: usize,
    },
    /// A picture, given alone, with a pixel that is infinite or NaN.
    #[error("the picture has pixels that are infinite or undefined")]
    PictureNotFinite,
    /// A matrix that would take too much memory.
    #[error(
        "--method {method}: its matrix of {side} x {side} is too large, {limit} values are taken; \
         leave --method out for the smaller matrix, or choose a smaller --size WxH"
    )]
    MatrixTooLarge {
        /// The method asked for.
        method: &'static str,
        /// Rows of the matrix.
        side: usize,
        /// Most values.
        limit: usize,
    },
    /// Fewer pictures than a mean and a direction need.
    #[error("{given} picture{} given; eigenfaces need 2 or more", if *given == 1 { " is" } else { "s are" })]
    TooFewPictures {
        /// Pictures given.
        given: usize,
    },
    /// Nothing varies.
    #[error(
        "all {pictures} pictures are identical{}, so there is no direction in which they vary; give \
         pictures that differ",
        if *normalized { " once their contrast is normalized" } else { "" }
    )]
    NoVariance {
        /// Pictures given.
        pictures: usize,
        /// Whether their contrast was normalized.
        normalized: bool,
    },
    /// More components than vary.
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
    /// Text that says no number of components.
    #[error(
        "`{0}` is no number of components; give a whole number from 1, a share of the variance \
         between 0 and 1 such as 0.95, or kaiser"
    )]
    Components(String),
    /// The randomized method finds only a number of components given.
    #[error(
        "the randomized method finds as many components as are asked for, and a share or the Kaiser \
         rule needs all; give --components N, or another --method"
    )]
    RandomizedNeedsNumber,
    /// The eigenvalue iteration did not end.
    #[error("the eigenvalues cannot be computed: the iteration does not converge")]
    NoConvergence,
    /// A picture of another size than the model's.
    #[error("a picture of {given} pixels is given; the model takes {needed}")]
    OtherSize {
        /// Pixels given.
        given: usize,
        /// Pixels needed.
        needed: usize,
    },
    /// A reconstruction from more components than the model has.
    #[error("--components {wanted}: the model has {available}; choose from 0 to {available}")]
    MissingComponents {
        /// Components wanted.
        wanted: usize,
        /// Components the model has.
        available: usize,
    },
    /// Nothing can be measured.
    #[error("{0}")]
    NothingToEvaluate(String),
    /// A number of folds that leaves nothing to train on or to test.
    #[error("--folds {folds}: from 2 to {most} are possible with {pictures} pictures")]
    Folds {
        /// Folds wanted.
        folds: usize,
        /// Most folds.
        most: usize,
        /// Pictures that are cut into folds.
        pictures: usize,
    },
}
