//! Finds the end of the first picture of a TIFF file.

use std::io::{self, BufRead, ErrorKind, Seek, SeekFrom};

/// Tags of the places and lengths of strips, and of tiles (TIFF 6.0, sections 8 and 15).
const PLACES: [u16; 2] = [273, 324];
const LENGTHS: [u16; 2] = [279, 325];

/// The tag of the color profile.
const PROFILE: u16 = 34_675;

/// Most strips or tiles that are looked at.
const MOST_STRIPS: u64 = 1 << 20;

/// Whether all strips or tiles of the first picture lie within the file, and its color profile.
pub(super) fn tiff_ends(file: &mut (impl BufRead + Seek)) -> io::Result<bool> {
    let size = file.seek(SeekFrom::End(0))?;
    file.rewind()?;
    let mut tiff = Tiff::open(file)?;
    let (mut places, mut lengths) = (Vec::new(), Vec::new());
    for Entry { tag, values } in tiff.entries()? {
        if PLACES.contains(&tag) {
            places = tiff.numbers(&values)?;
        } else if LENGTHS.contains(&tag) {
            lengths = tiff.numbers(&values)?;
        } else if tag == PROFILE && values.place.saturating_add(values.count) > size {
            return Ok(false);
        }
    }
    Ok(places.iter().zip(&lengths).all(|(place, length)| place.saturating_add(*length) <= size))
}

/// An open file and how its numbers are written.
struct Tiff<'a, F> {
    file: &'a mut F,
    is_little_endian: bool,
    /// `BigTIFF`, whose places have 8 bytes.
    is_big: bool,
}

/// A tag and its values.
struct Entry {
    tag: u16,
    values: Values,
}

struct Values {
    /// Bytes of each number; 0 of other kinds.
    width: usize,
    count: u64,
    place: u64,
}

impl<'a, F: BufRead + Seek> Tiff<'a, F> {
    /// Reads the header, and goes to the first directory.
    fn open(file: &'a mut F) -> io::Result<Self> {
        let mut order = [0; 2];
        file.read_exact(&mut order)?;
        let mut tiff = Self { file, is_little_endian: &order == b"II", is_big: false };
        tiff.is_big = tiff.number(2)? == 43;
        if tiff.is_big {
            // The width of places, 8, and two bytes of 0.
            tiff.number(4)?;
        }
        let directory = tiff.place()?;
        tiff.file.seek(SeekFrom::Start(directory))?;
        Ok(tiff)
    }

    /// The entries of a directory.
    fn entries(&mut self) -> io::Result<Vec<Entry>> {
        let count = self.number(if self.is_big { 8 } else { 2 })?;
        (0..count.min(u64::from(u16::MAX))).map(|_| self.entry()).collect()
    }

    fn entry(&mut self) -> io::Result<Entry> {
        let tag = self.number(2)?;
        // Numbers of the types SHORT, LONG and LONG8.
        let width = match self.number(2)? {
            3 => 2,
            4 => 4,
            16 => 8,
            _ => 0,
        };
        let count = self.place()?;
        let place = self.file.stream_position()?;
        let inline = self.place_width() as u64;
        let length = count.saturating_mul(width.max(1) as u64);
        // Values that fit lie in the entry itself.
        let values = self.place()?;
        let place = if length <= inline { place } else { values };
        let tag = u16::try_from(tag).unwrap_or(u16::MAX);
        Ok(Entry { tag, values: Values { width, count, place } })
    }

    fn numbers(&mut self, values: &Values) -> io::Result<Vec<u64>> {
        if values.width == 0 {
            return Ok(Vec::new());
        }
        self.file.seek(SeekFrom::Start(values.place))?;
        (0..values.count.min(MOST_STRIPS)).map(|_| self.number(values.width)).collect()
    }

    fn place(&mut self) -> io::Result<u64> {
        self.number(self.place_width())
    }

    const fn place_width(&self) -> usize {
        if self.is_big { 8 } else { 4 }
    }

    /// A number of at most 8 bytes.
    fn number(&mut self, width: usize) -> io::Result<u64> {
        let mut bytes = [0; 8];
        let bytes = bytes.get_mut(..width).ok_or(ErrorKind::InvalidInput)?;
        self.file.read_exact(bytes)?;
        if self.is_little_endian {
            bytes.reverse();
        }
        Ok(bytes.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// A little-endian file of one strip of 10 bytes at byte 26, written as `head` and `entries`.
    fn file(head: &[u8], entries: &[&[u8]], end: &[u8], data: usize) -> Vec<u8> {
        [head, &entries.concat(), end, &vec![7; data]].concat()
    }

    #[test]
    fn a_strip_that_reaches_beyond_the_file_is_missing() {
        let head = b"II\x2a\0\x08\0\0\0\x02\0";
        let places: &[u8] = &[17, 1, 4, 0, 1, 0, 0, 0, 38, 0, 0, 0];
        let lengths: &[u8] = &[23, 1, 3, 0, 1, 0, 0, 0, 10, 0, 0, 0];
        let whole = |data| file(head, &[places, lengths], &[0; 4], data);
        assert_eq!(whole(0).len(), 38);
        let ends = |bytes: &[u8]| tiff_ends(&mut Cursor::new(bytes)).ok();
        assert_eq!(ends(&whole(10)), Some(true));
        assert_eq!(ends(&whole(9)), Some(false));
        // Within the directory.
        assert_eq!(ends(&whole(10)[..20]), None);
    }

    #[test]
    fn places_of_8_bytes_are_read() {
        let head = b"MM\0\x2b\0\x08\0\0\0\0\0\0\0\0\0\x10\0\0\0\0\0\0\0\x02";
        let entry = |tag: u16, value: u64| {
            let count = 1_u64.to_be_bytes();
            [&tag.to_be_bytes()[..], &[0, 16], &count, &value.to_be_bytes()].concat()
        };
        let whole = |data| file(head, &[&entry(324, 64), &entry(325, 5)], &[], data);
        assert_eq!(whole(0).len(), 64);
        let ends = |bytes: &[u8]| tiff_ends(&mut Cursor::new(bytes)).ok();
        assert_eq!((ends(&whole(5)), ends(&whole(4))), (Some(true), Some(false)));
    }
}
