//! The background around a warped picture.

use std::str::FromStr;

use thiserror::Error;

/// The color around a picture: red, green, blue and opacity, each 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Background {
    /// Red, green, blue in sRGB, and opacity.
    pub rgba: [u8; 4],
}

/// The text is not a color.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "`{0}`: not a color; use transparent, black, white, gray, red, green, blue, yellow, cyan, \
     magenta, #rgb, #rrggbb or #rrggbbaa"
)]
pub struct BackgroundError(String);

impl Background {
    /// Opaque black.
    pub const BLACK: Self = Self { rgba: [0, 0, 0, 255] };

    /// Fully transparent.
    pub const TRANSPARENT: Self = Self { rgba: [0, 0, 0, 0] };

    /// Whether the background is not fully opaque.
    #[must_use]
    pub const fn is_translucent(self) -> bool {
        self.rgba[3] < 255
    }

    /// Whether red, green and blue are equal.
    #[must_use]
    pub const fn is_gray(self) -> bool {
        self.rgba[0] == self.rgba[1] && self.rgba[1] == self.rgba[2]
    }

    /// The parts from 0 to 1 for 1 to 4 channels: gray, gray and opacity, RGB, RGB and opacity.
    pub(super) fn parts(self, channels: usize) -> [f32; 4] {
        let [red, green, blue, opacity] = self.rgba.map(|part| f32::from(part) / 255.0);
        match channels {
            1 | 2 => [red, opacity, 0.0, 0.0],
            _ => [red, green, blue, opacity],
        }
    }
}

impl FromStr for Background {
    type Err = BackgroundError;

    fn from_str(text: &str) -> Result<Self, BackgroundError> {
        let opaque = |red, green, blue| Ok(Self { rgba: [red, green, blue, 255] });
        match text.to_ascii_lowercase().as_str() {
            "transparent" => Ok(Self::TRANSPARENT),
            "black" => Ok(Self::BLACK),
            "white" => opaque(255, 255, 255),
            "grey" | "gray" => opaque(128, 128, 128),
            "red" => opaque(255, 0, 0),
            "green" => opaque(0, 128, 0),
            "blue" => opaque(0, 0, 255),
            "yellow" => opaque(255, 255, 0),
            "cyan" => opaque(0, 255, 255),
            "magenta" => opaque(255, 0, 255),
            lower => from_digits(lower).ok_or_else(|| BackgroundError(text.to_owned())),
        }
    }
}

fn from_digits(text: &str) -> Option<Background> {
    let digits: Vec<u8> = text
        .strip_prefix('#')?
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let two = |index: usize| digits[index] * 16 + digits[index + 1];
    let rgba = match digits.len() {
        3 => [digits[0] * 17, digits[1] * 17, digits[2] * 17, 255],
        6 => [two(0), two(2), two(4), 255],
        8 => [two(0), two(2), two(4), two(6)],
        _ => return None,
    };
    Some(Background { rgba })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names_and_digits() {
        for (text, rgba) in [
            ("transparent", [0, 0, 0, 0]),
            ("White", [255, 255, 255, 255]),
            ("#f80", [255, 136, 0, 255]),
            ("#010203", [1, 2, 3, 255]),
            ("#01020380", [1, 2, 3, 128]),
        ] {
            assert_eq!(text.parse(), Ok(Background { rgba }));
        }
        for text in ["", "#12", "#ggg", "blakc", "#äää"] {
            let message = text.parse::<Background>().unwrap_err().to_string();
            for fact in [&*format!("`{text}`"), "transparent", "#rrggbbaa"] {
                assert!(message.contains(fact), "{fact}: {message}");
            }
        }
    }
}
