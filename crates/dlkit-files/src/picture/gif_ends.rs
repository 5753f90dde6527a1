//! Finds the end of a GIF file.

use std::io::{self, BufRead, Seek};

/// What a block begins with.
const EXTENSION: u8 = 0x21;
const IMAGE: u8 = 0x2c;

/// Signature, then width, height, flags, background and aspect ratio.
const HEADER: [u8; 13] = [0; 13];
/// Place, size and flags of a picture.
const DESCRIPTOR: [u8; 9] = [0; 9];

/// Follows the blocks to the trailer.
pub(super) fn gif_ends(file: &mut (impl BufRead + Seek)) -> io::Result<bool> {
    let mut header = HEADER;
    file.read_exact(&mut header)?;
    skip_palette(file, header[10])?;
    loop {
        match byte(file)? {
            IMAGE => {
                let mut descriptor = DESCRIPTOR;
                file.read_exact(&mut descriptor)?;
                skip_palette(file, descriptor[8])?;
                // The size of its codes.
                byte(file)?;
            }
            // Its kind.
            EXTENSION => {
                byte(file)?;
            }
            // The trailer, 0x3b; damage is for the decoder to judge.
            _ => return Ok(true),
        }
        skip_data(file)?;
    }
}

fn byte(file: &mut impl BufRead) -> io::Result<u8> {
    let mut byte = [0];
    file.read_exact(&mut byte)?;
    Ok(byte[0])
}

/// Skips the palette that flags announce: 3 bytes for each of 2 to 256 colors.
fn skip_palette(file: &mut impl Seek, flags: u8) -> io::Result<()> {
    if flags & 0x80 == 0 {
        return Ok(());
    }
    file.seek_relative(3_i64 << ((flags & 7) + 1))
}

/// Skips pieces of data, each of which begins with its length; the last one has none.
fn skip_data(file: &mut (impl BufRead + Seek)) -> io::Result<()> {
    loop {
        match byte(file)? {
            0 => return Ok(()),
            length => file.seek_relative(i64::from(length))?,
        }
    }
}
