//! The header of an archive of `pg_dump`, as far as it is needed.
//!
//! Written by `WriteHead` in PostgreSQL's `pg_backup_archiver.c`; the same in custom files and in the `toc.dat` of a
//! directory. Integers are a sign byte and a stated number of bytes, lowest first.

/// What an archive of `pg_dump` says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PgHeader {
    /// The database's name.
    pub database: Option<String>,
    /// Version of the server it came from, such as `15.18`.
    pub pg_version: Option<String>,
}

/// Reads the header off the first bytes of an archive. `None` when it is none, or one older than PostgreSQL 8.
pub fn pg_header(bytes: &[u8]) -> Option<PgHeader> {
    let mut cursor = Cursor {
        rest: bytes.strip_prefix(b"PGDMP")?,
        int_size: 4,
    };
    let version = (cursor.byte()?, cursor.byte()?);
    let _revision = cursor.byte()?;
    if version < (1, 10) {
        return None;
    }
    cursor.int_size = cursor.byte()?.into();
    let _offset_size = cursor.byte()?;
    // The format is of no use: a directory's `toc.dat` says that it is part of a tar file.
    let _format = cursor.byte()?;
    // Since 1.15 the kind of compression is one byte; before, its level was an integer.
    if version >= (1, 15) {
        cursor.byte()?;
    } else {
        cursor.int()?;
    }
    for _field_of_the_time in 0..7 {
        cursor.int()?;
    }
    let database = cursor.text()?;
    let server = cursor.text()?;
    Some(PgHeader {
        database: Some(database).filter(|name| !name.is_empty()),
        pg_version: server.split_whitespace().next().map(str::to_owned),
    })
}

struct Cursor<'a> {
    rest: &'a [u8],
    int_size: usize,
}

impl Cursor<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn int(&mut self) -> Option<i64> {
        let negative = self.byte()? != 0;
        let mut value: i64 = 0;
        for index in 0..self.int_size {
            let byte = i64::from(self.byte()?);
            value = value.checked_add(byte.checked_shl(u32::try_from(index * 8).ok()?)?)?;
        }
        Some(if negative { -value } else { value })
    }

    /// Reads a text; where there is none its length is negative, and it is empty here.
    fn text(&mut self) -> Option<String> {
        let length = usize::try_from(self.int()?).unwrap_or_default();
        let (text, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(String::from_utf8_lossy(text).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn int(value: u8) -> Vec<u8> {
        vec![0, value, 0, 0, 0]
    }

    fn header(minor: u8) -> Vec<u8> {
        let mut bytes = b"PGDMP\x01".to_vec();
        bytes.extend([minor, 0, 4, 8, 1]);
        bytes.extend(if minor >= 15 { vec![1] } else { vec![1, 1, 0, 0, 0] });
        bytes.extend(int(9).repeat(7));
        for text in ["acme", "15.18 (Debian 15.18-0+deb12u1)"] {
            bytes.extend(int(u8::try_from(text.len()).unwrap()));
            bytes.extend(text.bytes());
        }
        bytes
    }

    #[test]
    fn both_generations_of_headers_are_read() {
        for minor in [14, 16] {
            let header = pg_header(&header(minor)).unwrap();
            assert_eq!(header.database.as_deref(), Some("acme"));
            assert_eq!(header.pg_version.as_deref(), Some("15.18"));
        }
    }

    #[test]
    fn a_header_cut_anywhere_is_no_header() {
        let whole = header(14);
        for length in 0..whole.len() {
            assert_eq!(pg_header(&whole[..length]), None, "{length}");
        }
    }
}
