//! A CSV file as rules see it: fields with their bytes.

use std::ops::Range;

use super::facts::Facts;

/// A field: its bytes between the quotes, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its bytes, quotes left out.
    pub range: Range<usize>,
    /// What it says, doubled quotes undone.
    pub value: String,
}

/// A table of records. The file's name is the model's, the first row names the fields.
pub struct Table<'a> {
    /// Where it lies in its module.
    pub path: &'a str,
    /// What it says.
    pub text: &'a str,
    /// Its rows, the head among them; empty lines are none.
    pub rows: Vec<Vec<Field>>,
    /// What is known of all modules and of the hop.
    pub facts: &'a Facts,
    /// The name of its module.
    pub module: &'a str,
}

impl<'a> Table<'a> {
    /// Splits a text. A quote that is never closed is told with its byte.
    pub(super) fn parse(
        path: &'a str,
        module: &'a str,
        text: &'a str,
        facts: &'a Facts,
    ) -> Result<Table<'a>, (usize, String)> {
        Ok(Table {
            path,
            text,
            rows: rows(text)?,
            facts,
            module,
        })
    }

    /// Returns the model of its records.
    pub fn model(&self) -> &'a str {
        let name = self.path.rsplit('/').next().unwrap_or(self.path);
        let name = name.strip_suffix(".csv").unwrap_or(name);
        // `account.tax-se.csv` is the table of a chart template.
        name.split('-').next().unwrap_or(name)
    }

    /// Returns the number of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.rows.first()?.iter().position(|field| field.value == name)
    }

    /// Returns the records: every row but the head.
    pub fn records(&self) -> &[Vec<Field>] {
        self.rows.get(1..).unwrap_or_default()
    }
}

fn rows(text: &str) -> Result<Vec<Vec<Field>>, (usize, String)> {
    let bytes = text.as_bytes();
    let (mut rows, mut row) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < bytes.len() {
        let field = if bytes[at] == b'"' {
            let start = at + 1;
            let mut end = start;
            loop {
                match bytes.get(end) {
                    Some(b'"') if bytes.get(end + 1) == Some(&b'"') => end += 2,
                    Some(b'"') => break,
                    Some(_) => end += 1,
                    None => return Err((at, "a quote that is never closed".to_owned())),
                }
            }
            at = end + 1;
            while !matches!(bytes.get(at), None | Some(b',' | b'\n' | b'\r')) {
                at += 1;
            }
            Field {
                range: start..end,
                value: text[start..end].replace("\"\"", "\""),
            }
        } else {
            let start = at;
            at += bytes[at..]
                .iter()
                .position(|byte| matches!(byte, b',' | b'\n' | b'\r'))
                .unwrap_or(bytes.len() - at);
            Field {
                range: start..at,
                value: text[start..at].to_owned(),
            }
        };
        row.push(field);
        if bytes.get(at) == Some(&b',') {
            at += 1;
            if at == bytes.len() {
                row.push(Field {
                    range: at..at,
                    value: String::new(),
                });
            }
            continue;
        }
        while matches!(bytes.get(at), Some(b'\r' | b'\n')) {
            at += 1;
        }
        let row = std::mem::take(&mut row);
        if !matches!(row.as_slice(), [only] if only.value.is_empty()) {
            rows.push(row);
        }
    }
    if !row.is_empty() {
        rows.push(row);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_commas_and_line_ends_are_read_and_places_kept() {
        let text = "id,name\r\na,\"x, \"\"y\"\"\nz\"\r\n\r\nb,\r\n";
        let facts = Facts::default();
        let table = Table::parse("data/res.partner.csv", "m", text, &facts).unwrap();
        assert_eq!(table.model(), "res.partner");
        assert_eq!(table.column("name"), Some(1));
        let values: Vec<Vec<&str>> = (table.records().iter())
            .map(|row| row.iter().map(|field| field.value.as_str()).collect())
            .collect();
        assert_eq!(values, [["a", "x, \"y\"\nz"], ["b", ""]]);
        assert_eq!(&text[table.rows[1][0].range.clone()], "a");
    }

    #[test]
    fn a_quote_that_never_ends_is_named() {
        assert!(rows("a,\"b").is_err());
    }
}
