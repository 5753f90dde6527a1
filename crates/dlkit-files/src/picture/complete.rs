//! Checks that the end of a picture file is present. Without it, decoders invent the missing pixels
//! or report an unclear error.

use std::io::{self, BufRead, ErrorKind, Read, Seek, SeekFrom};

use image::ImageFormat;

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
    // Within coded pixels, 0xff is followed by 0 or by the number of a restart.
    let mut marker = false;
    for byte in file.bytes() {
        let byte = byte?;
        if marker && byte == END_OF_IMAGE {
            return Ok(true);
        }
        marker = byte == 0xff;
    }
    Ok(false)
}

/// Reads a JPEG file up to its first coded pixels; `false` if its segments do not follow each
/// other.
fn scan_begins(file: &mut impl BufRead) -> io::Result<bool> {
    let mut pair = [0; 2];
    file.read_exact(&mut pair)?;
    loop {
        file.read_exact(&mut pair)?;
        let [0xff, kind] = pair else { return Ok(false) };
        if kind == START_OF_SCAN {
            return Ok(true);
        }
        file.read_exact(&mut pair)?;
        let length = u64::from(u16::from_be_bytes(pair)).saturating_sub(2);
        if io::copy(&mut file.take(length), &mut io::sink())? < length {
            return Err(ErrorKind::UnexpectedEof.into());
        }
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
