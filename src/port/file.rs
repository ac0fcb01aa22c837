//! A file of a module: its text, and what the text is.

/// What a file is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `__manifest__.py`, or `__openerp__.py` of old.
    Manifest,
    /// Python.
    Python,
    /// Records, views, `QWeb` and OWL templates.
    Xml,
    /// A table of records; the file's name is the model's.
    Csv,
    /// `JavaScript`.
    Script,
    /// Anything else. It is kept and not looked at.
    Other,
}

impl Kind {
    /// Tells by a path inside a module.
    pub fn of(path: &str) -> Kind {
        let (folder, name) = path
            .rsplit_once('/')
            .map_or(("", path), |(folder, name)| (folder, name));
        match name.rsplit_once('.').map(|(_, ending)| ending) {
            Some("py") if folder.is_empty() && matches!(name, "__manifest__.py" | "__openerp__.py") => Kind::Manifest,
            Some("py") => Kind::Python,
            Some("xml") => Kind::Xml,
            Some("csv") => Kind::Csv,
            // Libraries of others are not ported, they are replaced.
            Some("js") if !name.ends_with(".min.js") && !folder.split('/').any(|part| part == "lib") => Kind::Script,
            _ => Kind::Other,
        }
    }
}

/// A file whose bytes are not UTF-8. It is left alone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("byte {at} is not UTF-8")]
pub struct NotText {
    /// The first byte that is not, from 0.
    pub at: usize,
}

/// A file of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Where it lies in the module, with `/`.
    pub path: String,
    /// What it says, after the byte order mark.
    pub text: String,
    /// Whether it begins with a byte order mark.
    mark: bool,
}

const MARK: &str = "\u{feff}";

impl SourceFile {
    /// Reads bytes.
    pub fn read(path: impl Into<String>, bytes: Vec<u8>) -> Result<SourceFile, NotText> {
        let mut text = String::from_utf8(bytes).map_err(|error| NotText {
            at: error.utf8_error().valid_up_to(),
        })?;
        let mark = text.starts_with(MARK);
        if mark {
            text.drain(..MARK.len());
        }
        Ok(SourceFile {
            path: path.into(),
            text,
            mark,
        })
    }

    /// Returns what it is.
    pub fn kind(&self) -> Kind {
        Kind::of(&self.path)
    }

    /// Returns the bytes of another text of this file: the byte order mark stays.
    pub fn bytes_of(&self, text: &str) -> Vec<u8> {
        let mark = if self.mark { MARK } else { "" };
        [mark.as_bytes(), text.as_bytes()].concat()
    }
}

/// Returns how lines end in a text: as the first of them does.
pub(crate) fn newline(text: &str) -> &'static str {
    match memchr::memchr(b'\n', text.as_bytes()) {
        Some(at) if at > 0 && text.as_bytes()[at - 1] == b'\r' => "\r\n",
        _ => "\n",
    }
}

/// Returns the line of a byte, from 1, and the column in characters, from 1.
pub(crate) fn place(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(at.min(text.len()))];
    let line = memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (line, before[start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_no_text_and_stays() {
        let file = SourceFile::read("a.py", b"\xef\xbb\xbfx = 1\r\n".to_vec()).unwrap();
        assert_eq!(file.text, "x = 1\r\n");
        assert_eq!(newline(&file.text), "\r\n");
        assert_eq!(file.bytes_of("x = 2\r\n"), b"\xef\xbb\xbfx = 2\r\n");
    }

    #[test]
    fn what_is_not_utf_8_says_where() {
        assert_eq!(SourceFile::read("a.py", b"ab\xe5".to_vec()), Err(NotText { at: 2 }));
    }

    #[test]
    fn a_file_is_known_by_its_name_and_place() {
        assert_eq!(Kind::of("__manifest__.py"), Kind::Manifest);
        assert_eq!(Kind::of("models/__manifest__.py"), Kind::Python);
        assert_eq!(Kind::of("static/lib/chart/chart.js"), Kind::Other);
        assert_eq!(Kind::of("static/src/js/a.js"), Kind::Script);
    }

    #[test]
    fn a_place_counts_characters() {
        assert_eq!(place("å\nåb", 5), (2, 2));
    }
}
