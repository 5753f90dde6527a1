//! Option values that are a size or a word.

use std::str::FromStr;

use dlkit_vision::warp::CanvasChoice;

/// `--size`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SizeWord {
    Auto,
    Size { width: u32, height: u32 },
}

/// `--canvas`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CanvasWord(pub(super) CanvasChoice);

impl FromStr for SizeWord {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        let (width, height) =
            size(text).ok_or("use auto, or width x height in pixels, such as 640x480")?;
        if width < 2 || height < 2 {
            return Err("a page needs 2 pixels or more on each side".to_owned());
        }
        Ok(Self::Size { width, height })
    }
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
