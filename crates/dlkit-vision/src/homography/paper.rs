//! Standard sizes of sheets.

/// A standard size of a sheet, upright.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PaperFormat {
    /// Its name, in lower case.
    pub name: &'static str,
    /// Width and height in millimeters, the width is smaller.
    pub millimeters: [f64; 2],
}

/// The sizes that are known by name: ISO 216, ANSI/ASME Y14.1 and ISO/IEC 7810.
pub const FORMATS: [PaperFormat; 6] = [
    PaperFormat { name: "a4", millimeters: [210.0, 297.0] },
    PaperFormat { name: "letter", millimeters: [215.9, 279.4] },
    PaperFormat { name: "a3", millimeters: [297.0, 420.0] },
    PaperFormat { name: "a5", millimeters: [148.0, 210.0] },
    PaperFormat { name: "legal", millimeters: [215.9, 355.6] },
    PaperFormat { name: "card", millimeters: [53.98, 85.6] },
];

impl PaperFormat {
    /// The format of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        FORMATS.into_iter().find(|format| format.name.eq_ignore_ascii_case(name))
    }

    /// Width over height, in millimeters, upright or lying: whichever is nearer to a ratio.
    #[must_use]
    pub fn turned_like(&self, ratio: f64) -> [f64; 2] {
        let [width, height] = self.millimeters;
        let distance = |own: f64| (own / ratio).ln().abs();
        if distance(height / width) < distance(width / height) {
            [height, width]
        } else {
            [width, height]
        }
    }

    /// The formats whose ratio, upright or lying, is in a range of ratios; of several with the same
    /// ratio, the first.
    #[must_use]
    pub fn within(low: f64, high: f64) -> Vec<Self> {
        let mut fitting: Vec<Self> = Vec::new();
        for format in FORMATS {
            let [width, height] = format.turned_like((low * high).sqrt());
            let same = |other: &Self| {
                let [a, b] = other.millimeters;
                let [c, d] = format.millimeters;
                (a / b - c / d).abs() < 0.003
            };
            if (low..=high).contains(&(width / height)) && !fitting.iter().any(same) {
                fitting.push(format);
            }
        }
        fitting
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_turned_and_told_apart() {
        let names = |low, high| -> Vec<&str> {
            PaperFormat::within(low, high).iter().map(|format| format.name).collect()
        };
        assert_eq!(names(0.69, 0.72), ["a4"]);
        assert_eq!(names(1.25, 1.45), ["a4", "letter"]);
        assert_eq!(names(1.55, 1.70), ["legal", "card"]);
        assert!(names(0.95, 1.05).is_empty());
        let lying = PaperFormat::named("A4").unwrap().turned_like(1.2);
        assert_eq!(lying.map(f64::to_bits), [297.0, 210.0].map(f64::to_bits));
        assert_eq!(PaperFormat::named("tabloid"), None);
    }
}
