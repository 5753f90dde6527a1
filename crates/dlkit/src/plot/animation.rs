//! Animations: drawings as the frames of a GIF.

use std::collections::HashMap;

use gif::{Encoder, Frame, Repeat};

use super::color::{INK_RGB, Rgb};
use super::error::PlotError;
use super::picture::pixels_at;

/// Number of tones of blue, of orange and of gray.
const TONES: u8 = 84;

/// Encodes drawings of one size as a GIF that repeats forever. Each frame lasts `delay` hundredths of a
/// second.
///
/// All frames share one palette, the diverging ramp and gray, so a color has one meaning in all of them.
pub(crate) fn gif_from_svgs(
    drawings: impl Iterator<Item = String>,
    delay: u16,
) -> Result<Vec<u8>, PlotError> {
    let palette = palette();
    let mut nearest = Nearest { palette: &palette, known: HashMap::new() };
    let flat: Vec<u8> = palette.iter().flatten().copied().collect();
    let mut encoder: Option<(Encoder<Vec<u8>>, [u16; 2])> = None;
    for drawing in drawings {
        let pixels = pixels_at(&drawing, 1.0)?;
        let (width, height) = pixels.dimensions();
        #[expect(clippy::cast_precision_loss, reason = "for a message")]
        let size = || PlotError::Size { width: width as f32, height: height as f32 };
        let (Ok(width), Ok(height)) = (u16::try_from(width), u16::try_from(height)) else {
            return Err(size());
        };
        let indices: Vec<u8> = pixels.pixels().map(|pixel| nearest.index(pixel.0)).collect();
        let encoder = match &mut encoder {
            Some((encoder, first)) if *first == [width, height] => encoder,
            Some((_, first)) => {
                return Err(PlotError::Frames { first: *first, other: [width, height] });
            }
            none => {
                let mut new = Encoder::new(Vec::new(), width, height, &flat)?;
                new.set_repeat(Repeat::Infinite)?;
                &mut none.insert((new, [width, height])).0
            }
        };
        let mut frame = Frame::from_indexed_pixels(width, height, indices, None);
        frame.delay = delay;
        encoder.write_frame(&frame)?;
    }
    let Some((encoder, _)) = encoder else {
        return Err(PlotError::Size { width: 0.0, height: 0.0 });
    };
    Ok(encoder.into_inner()?)
}

fn palette() -> Vec<[u8; 3]> {
    let tones = || (1..=TONES).map(|tone| f64::from(tone) / f64::from(TONES));
    let signed = tones().flat_map(|share| [Rgb::of_signed(share), Rgb::of_signed(-share)]);
    let gray = tones().map(|share| INK_RGB.map(|ink| share_of(ink, share)));
    std::iter::once([255; 3]).chain(signed.map(Rgb::bytes)).chain(gray).collect()
}

/// Blends white with ink: 0 is white, 1 is ink.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between the ink's value and 255"
)]
fn share_of(ink: u8, share: f64) -> u8 {
    (255.0 + share * (f64::from(ink) - 255.0)).round() as u8
}

/// Finds the nearest color of a palette and remembers the answer.
struct Nearest<'a> {
    palette: &'a [[u8; 3]],
    known: HashMap<[u8; 3], u8>,
}

impl Nearest<'_> {
    fn index(&mut self, color: [u8; 3]) -> u8 {
        let Self { palette, known } = self;
        *known.entry(color).or_insert_with(|| {
            let distance = |other: &[u8; 3]| -> u32 {
                color.iter().zip(other).map(|(one, two)| u32::from(one.abs_diff(*two)).pow(2)).sum()
            };
            let places = (0..=u8::MAX).zip(palette.iter());
            places.min_by_key(|(_, other)| distance(other)).map_or(0, |(place, _)| place)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawing(fill: &str) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"3\" height=\"2\">\
             <rect width=\"3\" height=\"2\" fill=\"{fill}\"/></svg>"
        )
    }

    #[test]
    fn frames_keep_their_colors_and_their_time() {
        let fills = [Rgb::of_signed(0.5), Rgb::of_signed(-1.0), Rgb::of_signed(0.0)];
        let bytes = gif_from_svgs(fills.iter().map(|fill| drawing(&fill.css())), 7).unwrap();
        let mut options = gif::DecodeOptions::new();
        options.set_color_output(gif::ColorOutput::RGBA);
        let mut decoder = options.read_info(bytes.as_slice()).unwrap();
        assert_eq!((decoder.width(), decoder.height()), (3, 2));
        for fill in fills {
            let frame = decoder.read_next_frame().unwrap().unwrap();
            assert_eq!(frame.delay, 7);
            let pixel = [frame.buffer[0], frame.buffer[1], frame.buffer[2]];
            let far = pixel.iter().zip(fill.bytes()).map(|(one, two)| one.abs_diff(two)).max();
            assert!(far.unwrap() <= 2, "{pixel:?} {:?}", fill.bytes());
        }
        assert!(decoder.read_next_frame().unwrap().is_none());
    }

    #[test]
    fn the_palette_fits_and_frames_are_needed_and_of_one_size() {
        assert!(palette().len() <= 256);
        assert!(gif_from_svgs(std::iter::empty(), 7).is_err());
        let wider = drawing("red").replace("width=\"3\"", "width=\"4\"");
        assert!(gif_from_svgs([drawing("red"), wider].into_iter(), 7).is_err());
    }
}
