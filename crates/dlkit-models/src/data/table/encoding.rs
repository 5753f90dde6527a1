//! Text of any encoding as UTF-8.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// Text, and the name of the encoding it had.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    pub(super) text: String,
    pub(super) encoding: &'static str,
}

/// Decodes bytes: by their byte order mark, else by `given`, else as UTF-8 where they are UTF-8, else as
/// Windows-1252, the usual encoding of spreadsheets in Western Europe.
///
/// # Errors
/// Bytes that the encoding does not have; zero bytes, which no text has.
pub(super) fn decode(
    mut bytes: Vec<u8>,
    given: Option<&'static Encoding>,
) -> Result<Decoded, String> {
    let marked = Encoding::for_bom(&bytes);
    if let Some((encoding, length)) = marked {
        bytes.drain(..length);
        return decode_by(bytes, encoding);
    }
    if let Some(encoding) = given {
        return decode_by(bytes, encoding);
    }
    match String::from_utf8(bytes) {
        Ok(text) if text.contains('\0') => Err(binary()),
        Ok(text) => Ok(Decoded { text, encoding: UTF_8.name() }),
        Err(error) => decode_by(error.into_bytes(), WINDOWS_1252),
    }
}

fn binary() -> String {
    "not a text file: it contains zero bytes; export the table as CSV with UTF-8".to_owned()
}

fn decode_by(bytes: Vec<u8>, encoding: &'static Encoding) -> Result<Decoded, String> {
    let text = if encoding == UTF_8 {
        String::from_utf8(bytes).map_err(|error| {
            format!(
                "not UTF-8: byte {} is not part of a character",
                error.utf8_error().valid_up_to()
            )
        })?
    } else {
        let (text, damaged) = encoding.decode_without_bom_handling(&bytes);
        if damaged {
            let name = encoding.name();
            return Err(format!("contains bytes that the encoding {name} does not have"));
        }
        text.into_owned()
    };
    if text.contains('\0') {
        return Err(binary());
    }
    Ok(Decoded { text, encoding: encoding.name() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_come_first_and_other_bytes_are_windows_1252() {
        let name = |bytes: &[u8], given| {
            decode(bytes.to_vec(), given).map(|Decoded { text, encoding }| (text, encoding))
        };
        let expected = |encoding| Ok(("größe".to_owned(), encoding));
        assert_eq!(name("größe".as_bytes(), None), expected("UTF-8"));
        assert_eq!(name("\u{feff}größe".as_bytes(), Some(WINDOWS_1252)), expected("UTF-8"));
        assert_eq!(name(b"gr\xf6\xdfe", None), expected("windows-1252"));
        let wide: Vec<u8> = "\u{feff}größe".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(name(&wide, None), expected("UTF-16LE"));
        assert!(name(b"gr\xf6\xdfe", Some(UTF_8)).unwrap_err().starts_with("not UTF-8: byte 2"));
        assert!(name(b"PK\0\x03", None).unwrap_err().contains("zero bytes"));
    }
}
