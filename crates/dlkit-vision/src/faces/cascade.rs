//! Cascades of boosted local binary patterns, as OpenCV's `traincascade` writes them.

use super::error::DetectorError;

/// Classifiers that a window has to pass, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cascade {
    /// Side of the square window, in pixels.
    pub(super) side: usize,
    pub(super) stages: Vec<Stage>,
}

/// A window passes if the sum of its stumps reaches the threshold.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stage {
    pub(super) threshold: f32,
    pub(super) stumps: Vec<Stump>,
}

/// A decision by one pattern.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stump {
    /// The first of 3 x 3 blocks: x, y, width and height in pixels of the window.
    pub(super) block: [usize; 4],
    /// One bit for each of 256 patterns.
    pub(super) patterns: [u32; 8],
    /// What is added if the bit of the window's pattern is set, and if not.
    pub(super) votes: [f32; 2],
}

/// As in OpenCV: sums a little below the threshold pass.
const SLACK: f32 = 1e-5;

impl Cascade {
    /// Reads the XML of OpenCV.
    ///
    /// # Errors
    /// Another kind of cascade, or values that are missing or out of range.
    pub(super) fn from_xml(xml: &str) -> Result<Self, DetectorError> {
        let damaged = |what: &str| DetectorError::Cascade(what.to_owned());
        let mut reader = Reader { rest: xml };
        if reader.value("featureType")? != "LBP" {
            return Err(damaged("another feature type than LBP"));
        }
        let height: usize = reader.number("height")?;
        let side: usize = reader.number("width")?;
        if side != height || side == 0 {
            return Err(damaged("the window is not square"));
        }
        let count: usize = reader.number("stageNum")?;
        let mut stages = Vec::new();
        let mut features = Vec::new();
        for _ in 0..count {
            let stumps: usize = reader.number("maxWeakCount")?;
            let threshold = reader.number::<f32>("stageThreshold")? - SLACK;
            let mut stage = Stage { threshold, stumps: Vec::new() };
            for _ in 0..stumps {
                // Two children, the feature, then the patterns as signed numbers.
                let nodes: Vec<i32> = reader.numbers("internalNodes")?;
                let votes: Vec<f32> = reader.numbers("leafValues")?;
                let ([0, -1, feature, signed @ ..], &[set, clear]) = (&nodes[..], &votes[..])
                else {
                    return Err(damaged("a tree is not a stump"));
                };
                let signed: [i32; 8] =
                    signed.try_into().map_err(|_| damaged("a stump without 256 patterns"))?;
                features.push(usize::try_from(*feature).unwrap_or(usize::MAX));
                let patterns = signed.map(i32::cast_unsigned);
                stage.stumps.push(Stump { block: [0; 4], patterns, votes: [set, clear] });
            }
            stages.push(stage);
        }
        let mut blocks = Vec::new();
        while let Ok(block) = reader.numbers("rect") {
            let block: [usize; 4] =
                block.try_into().map_err(|_| damaged("a block without four numbers"))?;
            let [x, y, width, height] = block;
            if width == 0 || height == 0 || x + 3 * width > side || y + 3 * height > side {
                return Err(damaged("a block outside the window"));
            }
            blocks.push(block);
        }
        let stumps = stages.iter_mut().flat_map(|stage| &mut stage.stumps);
        for (stump, feature) in stumps.zip(features) {
            stump.block = *blocks.get(feature).ok_or_else(|| damaged("a feature is missing"))?;
        }
        Ok(Self { side, stages })
    }
}

/// Reads elements of XML in the order in which they are asked for.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    /// The text of the next element of a name.
    fn value(&mut self, name: &str) -> Result<&'a str, DetectorError> {
        let missing = || DetectorError::Cascade(format!("<{name}> is missing"));
        let open = format!("<{name}>");
        let start = self.rest.find(&open).ok_or_else(missing)? + open.len();
        let text = self.rest.get(start..).ok_or_else(missing)?;
        let end = text.find("</").ok_or_else(missing)?;
        self.rest = &text[end..];
        Ok(text[..end].trim())
    }

    fn number<T: std::str::FromStr>(&mut self, name: &str) -> Result<T, DetectorError> {
        let text = self.value(name)?;
        text.parse().map_err(|_| DetectorError::Cascade(format!("<{name}> holds `{text}`")))
    }

    fn numbers<T: std::str::FromStr>(&mut self, name: &str) -> Result<Vec<T>, DetectorError> {
        let text = self.value(name)?;
        let number = |word: &str| {
            word.parse().map_err(|_| DetectorError::Cascade(format!("<{name}> holds `{word}`")))
        };
        text.split_whitespace().map(number).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "<featureType>LBP</featureType><height>24</height><width>24</width>
        <maxWeakCount>9</maxWeakCount><stageNum>1</stageNum>
        <maxWeakCount>1</maxWeakCount><stageThreshold>-0.5</stageThreshold>
        <internalNodes> 0 -1 1 -1 0 2 0 0 0 0 2147483647</internalNodes>
        <leafValues> -0.75 0.5</leafValues>
        <rect>0 0 1 1</rect><rect>3 6 7 5</rect>";

    #[test]
    fn stumps_get_their_blocks_and_patterns() {
        let xml = ONE.replace("<maxWeakCount>9</maxWeakCount>", "");
        let cascade = Cascade::from_xml(&xml).unwrap();
        assert_eq!((cascade.side, cascade.stages.len()), (24, 1));
        let stump = &cascade.stages[0].stumps[0];
        assert_eq!((stump.block, stump.votes), ([3, 6, 7, 5], [-0.75, 0.5]));
        assert_eq!((stump.patterns[0], stump.patterns[7]), (u32::MAX, 0x7fff_ffff));
    }

    #[test]
    fn other_descriptions_are_refused() {
        let xml = ONE.replace("<maxWeakCount>9</maxWeakCount>", "");
        for (from, to, expected) in [
            ("LBP", "HAAR", "another feature type"),
            ("<width>24", "<width>23", "not square"),
            ("0 -1 1", "1 -1 1", "not a stump"),
            ("0 -1 1", "0 -1 2", "feature is missing"),
            ("3 6 7 5", "4 6 7 5", "outside the window"),
            ("<stageThreshold>", "<threshold>", "<stageThreshold> is missing"),
            ("-0.75", "few", "`few`"),
        ] {
            let error = Cascade::from_xml(&xml.replace(from, to)).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
