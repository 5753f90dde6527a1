//! Option values that are a size or one of a few words.

use std::fmt;
use std::str::FromStr;

use clap::ValueEnum;
use dlkit_vision::homography::{FULL_FRAME_DIAGONAL, PaperFormat};
use dlkit_vision::warp::CanvasChoice;
use serde::Serialize;

/// `--order`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum OrderName {
    /// x, to the right, then y, down.
    Xy,
    /// Row, then column.
    RowCol,
}

/// `--method`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum MethodName {
    Dlt,
    Ransac,
}

/// `--refine`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RefinementName {
    Forward,
    Backward,
    Symmetric,
    None,
}

/// `--interpolation`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum InterpolationName {
    Nearest,
    Bilinear,
    Bicubic,
    Lanczos,
}

/// `--size`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum SizeWord {
    Auto,
    Pixels {
        width: u32,
        height: u32,
    },
    /// Proportions, in any unit.
    Ratio {
        width: f64,
        height: f64,
    },
    Format(PaperFormat),
}

/// `--focal`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum FocalWord {
    Pixels(f64),
    /// Millimeters in 35 mm equivalent.
    Millimeters(f64),
}

/// `--canvas`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CanvasWord(pub(super) CanvasChoice);

impl FromStr for SizeWord {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const KINDS: &str = "use auto, a format (a4, letter, a3, a5, legal or card), proportions such as 3:2, \
             millimeters such as 90x50mm, or width x height in pixels, such as 640x480";
        if text == "auto" {
            return Ok(Self::Auto);
        }
        if let Some(format) = PaperFormat::named(text) {
            return Ok(Self::Format(format));
        }
        let millimeters = text.strip_suffix("mm").and_then(|sides| sides.split_once(['x', 'X']));
        if let Some((width, height)) = text.split_once(':').or(millimeters) {
            let side = |side: &str| positive(side).ok_or(KINDS);
            return Ok(Self::Ratio { width: side(width)?, height: side(height)? });
        }
        let (width, height) = size(text).ok_or(KINDS)?;
        if width < 2 || height < 2 {
            return Err("a page needs 2 pixels or more on each side".to_owned());
        }
        Ok(Self::Pixels { width, height })
    }
}

impl FromStr for FocalWord {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |unit: &str| text.strip_suffix(unit).and_then(positive);
        number("mm").map(Self::Millimeters).or_else(|| number("px").map(Self::Pixels)).ok_or_else(
            || {
                "use millimeters in 35 mm equivalent, such as 28mm, or pixels, such as 3000px"
                    .to_owned()
            },
        )
    }
}

impl fmt::Display for FocalWord {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pixels(pixels) => write!(formatter, "{pixels}px"),
            Self::Millimeters(millimeters) => write!(formatter, "{millimeters}mm"),
        }
    }
}

impl FocalWord {
    /// The focal length in pixels of a picture of this width and height.
    pub(super) fn pixels(self, (width, height): (u32, u32)) -> f64 {
        match self {
            Self::Pixels(pixels) => pixels,
            Self::Millimeters(millimeters) => {
                millimeters / FULL_FRAME_DIAGONAL * f64::from(width).hypot(f64::from(height))
            }
        }
    }
}

/// Parses a number above 0 whose quotients with others of its kind are finite.
fn positive(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number| (1e-3..=1e6).contains(number))
}

impl FromStr for CanvasWord {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "fit" => Ok(Self(CanvasChoice::Fit)),
            "source" => Ok(Self(CanvasChoice::Source)),
            _ => size(text)
                .map(|(width, height)| Self(CanvasChoice::Size { width, height }))
                .ok_or_else(|| {
                    "use fit, source, or width x height in pixels, such as 640x480".to_owned()
                }),
        }
    }
}

/// Parses two whole numbers with an x between them.
fn size(text: &str) -> Option<(u32, u32)> {
    let (width, height) = text.split_once(['x', 'X'])?;
    Some((width.trim().parse().ok()?, height.trim().parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_words_proportions_or_pixels() {
        let ratio = |text: &str| match text.parse() {
            Ok(SizeWord::Ratio { width, height }) => width / height,
            other => panic!("{text}: {other:?}"),
        };
        assert!((ratio("3:2") - 1.5).abs() < 1e-12);
        assert!((ratio("90x50mm") - 1.8).abs() < 1e-12);
        assert!((ratio("1:1.5") - 1.0 / 1.5).abs() < 1e-12);
        assert!(matches!("A4".parse(), Ok(SizeWord::Format(PaperFormat { name: "a4", .. }))));
        assert_eq!("640x480".parse(), Ok(SizeWord::Pixels { width: 640, height: 480 }));
        for wrong in ["0:1", "1:-1", "9", "3x2in", "nan:1", "x", "inf:1", "a9", "1x5", "1e300:1"] {
            assert!(wrong.parse::<SizeWord>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn focal_lengths_have_a_unit() {
        let pixels = |text: &str| text.parse::<FocalWord>().unwrap().pixels((4000, 3000));
        assert!((pixels("3000px") - 3000.0).abs() < 1e-9);
        assert!((pixels("26mm") - 26.0 / 43.266_615_305_567_87 * 5000.0).abs() < 1e-6);
        for wrong in ["28", "0mm", "-3px", "mm", "nanpx", "28 in"] {
            let message = wrong.parse::<FocalWord>().unwrap_err();
            assert!(message.contains("28mm") && message.contains("3000px"), "{wrong}: {message}");
        }
    }
}
