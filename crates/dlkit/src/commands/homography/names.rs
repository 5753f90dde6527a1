//! Option values that are one of a few names.

use clap::ValueEnum;
use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum OrderName {
    /// x, to the right, then y, down.
    Xy,
    /// Row, then column.
    RowCol,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum MethodName {
    Dlt,
    Ransac,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RefinementName {
    Forward,
    Backward,
    Symmetric,
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum InterpolationName {
    Nearest,
    Bilinear,
    Bicubic,
    Lanczos,
}
