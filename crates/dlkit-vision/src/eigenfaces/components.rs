//! How many eigenfaces are kept.

use std::fmt;
use std::str::FromStr;

use super::error::EigenfacesError;
use super::spectrum::Spectrum;

/// How many eigenfaces are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Components {
    /// This many.
    Number(usize),
    /// As few as explain this share of the variance, between 0 and 1.
    Share(f64),
    /// Those whose eigenvalue is above the mean of the `min(pictures - 1, pixels)` eigenvalues that
    /// can differ from 0. Scaled to a mean of 1, that is the rule "eigenvalue above 1".
    Kaiser,
}

impl Default for Components {
    fn default() -> Self {
        Self::Share(0.95)
    }
}

impl FromStr for Components {
    type Err = EigenfacesError;

    fn from_str(text: &str) -> Result<Self, EigenfacesError> {
        let refused = || EigenfacesError::Components(text.to_owned());
        if text.eq_ignore_ascii_case("kaiser") {
            return Ok(Self::Kaiser);
        }
        if let Ok(number) = text.parse::<usize>() {
            return if number == 0 { Err(refused()) } else { Ok(Self::Number(number)) };
        }
        let share = match text.strip_suffix('%') {
            Some(percent) => percent.trim_end().parse::<f64>().map(|percent| percent / 100.0),
            None => text.parse(),
        };
        let share = share.map_err(|_| refused())?;
        if share > 0.0 && share < 1.0 { Ok(Self::Share(share)) } else { Err(refused()) }
    }
}

impl fmt::Display for Components {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(formatter, "{number}"),
            Self::Share(share) => write!(formatter, "{share}"),
            Self::Kaiser => formatter.write_str("kaiser"),
        }
    }
}

impl Components {
    /// The number of components to keep of a spectrum.
    ///
    /// # Errors
    /// The number exceeds the number of directions in which the pictures vary.
    pub(super) fn of(self, spectrum: &Spectrum) -> Result<usize, EigenfacesError> {
        let rank = spectrum.eigenvalues.len();
        let number = match self {
            Self::Number(wanted) if wanted > rank => {
                let Spectrum { pictures, pixels, .. } = *spectrum;
                return Err(EigenfacesError::BeyondRank { wanted, pictures, pixels, rank });
            }
            Self::Number(wanted) => wanted,
            Self::Share(share) => spectrum.reaching(share).unwrap_or(rank),
            Self::Kaiser => spectrum.above_mean().unwrap_or(rank),
        };
        Ok(number.clamp(1, rank.max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_shares_and_kaiser_are_read() {
        for (text, expected) in [
            ("1", Components::Number(1)),
            ("16", Components::Number(16)),
            ("0.95", Components::Share(0.95)),
            ("50%", Components::Share(0.5)),
            ("Kaiser", Components::Kaiser),
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
        for text in ["0", "-1", "1.0", "1.5", "0.0", "NaN", "100%", "all", ""] {
            let message = text.parse::<Components>().unwrap_err().to_string();
            for fact in [&*format!("`{text}`"), "number of components", "0.95", "kaiser"] {
                assert!(message.contains(fact), "{fact}: {message}");
            }
        }
    }
}
