//! Finds the end of a PNM file whose samples are written as text.

use std::io::{self, BufRead, ErrorKind, Read};

/// Whether a file has as many samples as its header says. The decoder counts binary samples.
pub(super) fn pnm_ends(file: &mut impl BufRead) -> io::Result<bool> {
    let mut kind = [0; 2];
    file.read_exact(&mut kind)?;
    let (is_bitmap, channels) = match &kind {
        b"P1" => (true, 1),
        b"P2" => (false, 1),
        b"P3" => (false, 3),
        _ => return Ok(true),
    };
    let (width, height) = (number(file)?, number(file)?);
    if !is_bitmap {
        // The largest sample.
        number(file)?;
    }
    let needed = width.saturating_mul(height).saturating_mul(channels);
    let (mut found, mut within) = (0, false);
    for byte in Read::bytes(&mut *file) {
        if found >= needed {
            break;
        }
        let is_space = byte?.is_ascii_whitespace();
        // Samples of one bit need no space between them.
        if !is_space && (is_bitmap || !within) {
            found += 1;
        }
        within = !is_space;
    }
    Ok(found >= needed)
}

/// The next number of a header, in which comments last to the end of their line; 0 for other text,
/// which the decoder judges.
fn number(file: &mut impl BufRead) -> io::Result<u64> {
    let (mut digits, mut is_comment) = (String::new(), false);
    for byte in Read::bytes(&mut *file) {
        match byte? {
            b'\n' | b'\r' if is_comment => is_comment = false,
            _ if is_comment => {}
            b'#' => is_comment = true,
            space if space.is_ascii_whitespace() => {
                if !digits.is_empty() {
                    return Ok(digits.parse().unwrap_or(0));
                }
            }
            other if digits.len() < 20 => digits.push(char::from(other)),
            _ => return Ok(0),
        }
    }
    Err(ErrorKind::UnexpectedEof.into())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn samples_written_as_text_are_counted() {
        let ends = |text: &str| pnm_ends(&mut Cursor::new(text)).ok();
        assert_eq!(ends("P2\n# a 9 comment\n2 2\n255\n1 2\n3 4"), Some(true));
        assert_eq!(ends("P2 2 2 255 1 2 3"), Some(false));
        assert_eq!(ends("P3 1 1 255 1 2 3\n"), Some(true));
        assert_eq!(ends("P3 1 1 255 1 2"), Some(false));
        assert_eq!(ends("P1 3 2 101 01\n1"), Some(true));
        assert_eq!(ends("P1 3 2 10101"), Some(false));
        assert_eq!(ends("P2 2"), None);
        assert_eq!(ends("P5 9 9 255 "), Some(true));
    }
}
