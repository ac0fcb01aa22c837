//! What is in a delivered database, in a form that two runs can be compared by.
//!
//! Read from the plain dump of a delivered zip: every table's columns, the number of its rows and a hash of what is in
//! them, whatever their order; and everything else the dump says: constraints, indexes, where sequences are. Left out is
//! what differs between any two runs of Odoo, each with its reason.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

/// What a time since the test began is replaced by: it says when something happened, and not what.
const SINCE: &str = "<since>";

/// What everything in a dump besides tables goes under.
const REST: &str = "constraints, indexes, sequences";

/// A column that differs between two runs.
struct Volatile {
    table: &'static str,
    column: &'static str,
    /// Only in rows that have this value in this column.
    only_where: Option<(&'static str, &'static str)>,
    /// Why it differs; takes its place.
    why: &'static str,
}

/// Everything that differs between two runs besides times.
const VOLATILE: [Volatile; 9] = [
    Volatile {
        table: "ir_config_parameter",
        column: "value",
        only_where: Some(("key", "database.uuid")),
        why: "the copy gets an identity of its own, a random one",
    },
    Volatile {
        table: "ir_model_data",
        column: "id",
        only_where: Some(("model", "ir.model.fields")),
        why: "Odoo names fields in an order that differs from process to process, and refers to these ids by nothing",
    },
    Volatile {
        table: "ir_model_data",
        column: "id",
        only_where: Some(("model", "ir.model")),
        why: "Odoo names models in the order in which PostgreSQL finds them, which a vacuum changes; nothing refers to these ids",
    },
    Volatile {
        table: "ir_model_data",
        column: "id",
        only_where: Some(("model", "ir.model.fields.selection")),
        why: "Odoo names values that several modules add in the order of a set, and refers to these ids by nothing",
    },
    Volatile {
        table: "ir_module_module_dependency",
        column: "id",
        only_where: None,
        why: "Odoo creates them in the order of a set, and refers to them by nothing",
    },
    Volatile {
        table: "mail_message",
        column: "message_id",
        only_where: Some(("date", SINCE)),
        why: "made of a random number, the time and the name of the container",
    },
    Volatile {
        table: "account_move",
        column: "access_token",
        only_where: None,
        why: "a random word, given to a document when its link is first asked for",
    },
    Volatile {
        table: "purchase_order",
        column: "access_token",
        only_where: None,
        why: "a random word, given to a document when its link is first asked for",
    },
    Volatile {
        table: "crm_lead_scoring_frequency_field",
        column: "color",
        only_where: None,
        why: "the new column is filled with a random number for each record",
    },
];

/// The tables of a database by name.
pub(crate) type Content = BTreeMap<String, Table>;

/// One table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Table {
    /// Its columns as the dump declares them: name, type, default, constraint.
    pub(crate) columns: Vec<String>,
    /// The names of the columns that rows have a value of.
    names: Vec<String>,
    /// Its rows, without what is volatile, sorted.
    rows: Vec<String>,
}

impl Table {
    /// Returns a column's values, as the dump writes them.
    pub(crate) fn values(&self, column: &str) -> Vec<&str> {
        let place = self.names.iter().position(|name| name == column).unwrap();
        let rows = self.rows.iter();
        rows.map(|row| row.split('\t').nth(place).unwrap()).collect()
    }

    /// Returns how many rows it has, and the hash of them.
    pub(crate) fn summary(&self) -> (usize, String) {
        let mut hash = Sha256::new();
        for row in &self.rows {
            hash.update(row.as_bytes());
            hash.update(b"\n");
        }
        (self.rows.len(), format!("{:?}", hash.finalize()))
    }
}

/// Reads the content of a zip that was delivered by a test that began at a time.
pub(crate) fn of_zip(path: &Path, began: Timestamp) -> Content {
    let began = began.strftime("%Y-%m-%d %H:%M:%S").to_string();
    let mut zip = zip::ZipArchive::new(fs_err::File::open(path).unwrap()).unwrap();
    let mut lines = BufReader::new(zip.by_name("dump.sql").unwrap())
        .lines()
        .map(Result::unwrap);
    let mut content = Content::new();
    let mut rest = Vec::new();
    while let Some(line) = lines.next() {
        if let Some(name) = line
            .strip_prefix("CREATE TABLE ")
            .and_then(|rest| rest.strip_suffix(" ("))
        {
            let columns = lines.by_ref().take_while(|line| line != ");");
            let columns = columns
                .map(|line| line.trim().trim_end_matches(',').to_owned())
                .collect();
            content.entry(name.to_owned()).or_default().columns = columns;
        } else if let Some((name, columns)) = copy(&line) {
            let rows = lines.by_ref().take_while(|line| line != "\\.");
            let mut rows: Vec<String> = rows.map(|row| lasting(name, &columns, &row, &began)).collect();
            rows.sort();
            let table = content.entry(name.to_owned()).or_default();
            table.rows = rows;
            table.names = columns.into_iter().map(str::to_owned).collect();
        } else if !line.starts_with("\\restrict ") && !line.starts_with("\\unrestrict ") {
            // These two carry a random word in every dump.
            rest.push(line);
        }
    }
    rest.sort();
    content.entry(REST.to_owned()).or_default().rows = rest;
    content
}

/// Returns what is different between two contents, for people: at most a few rows of each table.
pub(crate) fn differences(one: &Content, other: &Content) -> Vec<String> {
    let mut names: Vec<&String> = one.keys().chain(other.keys()).collect();
    names.sort();
    names.dedup();
    let empty = Table::default();
    let mut differences = Vec::new();
    for name in names {
        let table = |content: &Content| content.get(name).unwrap_or(&empty).clone();
        let (one, other) = (table(one), table(other));
        if one.columns != other.columns {
            differences.push(format!("{name}: columns {:?} and {:?}", one.columns, other.columns));
        }
        if one.summary() != other.summary() {
            let only = |a: &Table, b: &Table| {
                let rows = a.rows.iter().filter(|row| b.rows.binary_search(row).is_err());
                rows.take(3)
                    .map(|row| row.chars().take(300).collect())
                    .collect::<Vec<String>>()
            };
            differences.push(format!(
                "{name}: {} and {} rows, only in one {:#?}, only in the other {:#?}",
                one.rows.len(),
                other.rows.len(),
                only(&one, &other),
                only(&other, &one)
            ));
        }
    }
    differences
}

/// Takes `COPY public.res_partner (id, name) FROM stdin;` apart.
fn copy(line: &str) -> Option<(&str, Vec<&str>)> {
    let rest = line.strip_prefix("COPY ")?.strip_suffix(") FROM stdin;")?;
    let (name, columns) = rest.split_once(" (")?;
    Some((name, columns.split(", ").collect()))
}

/// Returns a row without what is volatile in it.
fn lasting(table: &str, columns: &[&str], row: &str, began: &str) -> String {
    let mut values: Vec<&str> = row.split('\t').collect();
    for value in &mut values {
        if is_time(value) && *value >= began {
            *value = SINCE;
        }
    }
    let place = |name: &str| columns.iter().position(|column| *column == name).unwrap();
    for volatile in VOLATILE
        .iter()
        .filter(|volatile| table.ends_with(&format!(".{}", volatile.table)))
    {
        if volatile
            .only_where
            .is_none_or(|(column, value)| values[place(column)] == value)
        {
            values[place(volatile.column)] = volatile.why;
        }
    }
    values.join("\t")
}

/// Says whether a value is a time as PostgreSQL writes it.
fn is_time(value: &str) -> bool {
    let shape = value
        .bytes()
        .take(19)
        .map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
    shape.eq(*b"0000-00-00 00:00:00")
}
