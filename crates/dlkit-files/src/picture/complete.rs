//! Checks that the end of a picture file is present. Without it, decoders invent the missing pixels
//! or report an unclear error.

use std::io::{self, BufRead, ErrorKind, Read, Seek, SeekFrom};

use image::ImageFormat;

use super::gif_ends::gif_ends;
use super::pnm_ends::pnm_ends;
use super::tiff_ends::tiff_ends;

/// Whether a file has the end that its format requires. The decoder judges damage before the end.
///
/// # Errors
/// The system refuses.
pub(super) fn is_complete<F: BufRead + Seek>(mut file: F, format: ImageFormat) -> io::Result<bool> {
    file.rewind()?;
    let complete = match format {
        ImageFormat::Jpeg => jpeg_ends(&mut file),
        ImageFormat::Png => png_ends(&mut file),
        ImageFormat::WebP => webp_ends(&mut file),
        ImageFormat::Tiff => tiff_ends(&mut file),
        ImageFormat::Gif => gif_ends(&mut file),
        ImageFormat::Pnm => pnm_ends(&mut file),
        // Its decoder reads every row.
        _ => Ok(true),
    };
    match complete {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        other => other,
    }
}

/// Markers of ITU T.81, table B.1.
const END_OF_IMAGE: u8 = 0xd9;
const START_OF_SCAN: u8 = 0xda;

fn jpeg_ends(file: &mut impl BufRead) -> io::Result<bool> {
    if !scan_begins(file)? {
        return Ok(true);
    }
    loop {
        match marker_after_pixels(file)? {
            END_OF_IMAGE => return Ok(true),
            // Scans, tables and comments may hold any bytes, also those of an end.
            0xc4 | 0xda..=0xdd | 0xe0..=0xef | 0xfe => skip_segment(file)?,
            // Damaged pixels are for the decoder to judge.
            _ => {}
        }
    }
}

/// The next marker after coded pixels, in which 0xff is followed by 0 or by the number of a restart.
fn marker_after_pixels(file: &mut impl BufRead) -> io::Result<u8> {
    let mut byte = [0];
    loop {
        file.skip_until(0xff)?;
        file.read_exact(&mut byte)?;
        // Any number of 0xff may come before the number of a marker.
        while byte == [0xff] {
            file.read_exact(&mut byte)?;
        }
        if !matches!(byte[0], 0 | 0xd0..=0xd7) {
            return Ok(byte[0]);
        }
    }
}

/// Skips the segment of a marker, whose first two bytes are its length.
fn skip_segment(file: &mut impl BufRead) -> io::Result<()> {
    let mut pair = [0; 2];
    file.read_exact(&mut pair)?;
    let length = u64::from(u16::from_be_bytes(pair)).saturating_sub(2);
    if io::copy(&mut file.take(length), &mut io::sink())? < length {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

/// Reads a JPEG file up to its first coded pixels; `false` if its segments do not follow each
/// other.
fn scan_begins(file: &mut impl BufRead) -> io::Result<bool> {
    let mut pair = [0; 2];
    file.read_exact(&mut pair)?;
    loop {
        file.read_exact(&mut pair)?;
        // Any number of 0xff may come before the number of a marker.
        while pair == [0xff, 0xff] {
            file.read_exact(&mut pair[1..])?;
        }
        let [0xff, kind] = pair else { return Ok(false) };
        if kind == START_OF_SCAN {
            return Ok(true);
        }
        skip_segment(file)?;
    }
}

/// Signature of a PNG file.
const SIGNATURE: i64 = 8;
/// Checksum of a chunk.
const CHECKSUM: i64 = 4;

/// Follows the chunks (length, type, content, checksum) to the last, of type `IEND`.
fn png_ends(file: &mut (impl BufRead + Seek)) -> io::Result<bool> {
    file.seek_relative(SIGNATURE)?;
    let mut word = [0; 4];
    loop {
        file.read_exact(&mut word)?;
        let length = i64::from(u32::from_be_bytes(word));
        file.read_exact(&mut word)?;
        if &word == b"IEND" {
            // Its checksum says nothing about the pixels.
            return Ok(true);
        }
        file.seek_relative(length + CHECKSUM)?;
    }
}

/// Compares the length of the container, which follows its first four bytes, with that of the file.
fn webp_ends(file: &mut (impl BufRead + Seek)) -> io::Result<bool> {
    let mut word = [0; 4];
    file.read_exact(&mut word)?;
    file.read_exact(&mut word)?;
    let needed = 8 + u64::from(u32::from_le_bytes(word));
    Ok(file.seek(SeekFrom::End(0))? >= needed)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn jpeg(parts: &[&[u8]]) -> bool {
        is_complete(Cursor::new(parts.concat()), ImageFormat::Jpeg).unwrap()
    }

    #[test]
    fn a_jpeg_ends_with_its_own_marker() {
        let begin: &[u8] = &[0xff, 0xd8, 0xff, 0xff, 0xff, 0xdb, 0, 4, 1, 2];
        let scan: &[u8] = &[0xff, 0xda, 0, 3, 9, 0x10, 0xff, 0, 0x20, 0xff, 0xd3, 0x30];
        // A comment between two scans that holds the bytes of an end.
        let comment: &[u8] = &[0xff, 0xfe, 0, 5, 0xff, 0xd9, 7];
        let end: &[u8] = &[0xff, 0xd9];
        assert!(jpeg(&[begin, scan, end]) && jpeg(&[begin, scan, comment, scan, end]));
        assert!(!jpeg(&[begin, scan]) && !jpeg(&[begin, scan, comment, scan]));
        assert!(!jpeg(&[begin, scan, &comment[..6]]) && jpeg(&[begin, scan, end, b"trailing"]));
    }
}
