//! Finding the installed modules in a plain dump, in one pass.

use super::Contents;

/// The table that tells an Odoo database, as `pg_dump` names it.
const TABLE: &[u8] = b"public.ir_module_module ";
/// States in which a module's tables and data are in the database.
const INSTALLED: [&str; 3] = ["installed", "to upgrade", "to remove"];

/// Reads a plain dump line by line until it knows the installed modules.
#[derive(Debug, Default)]
pub struct ModuleScan {
    contents: Contents,
    inside: Inside,
    columns: Columns,
    /// Whether the last piece ended before its line did.
    continued: bool,
    table: Table,
    ended: bool,
}

/// What was seen of the table of modules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Table {
    #[default]
    Nothing,
    Exists,
    AllRows,
}

/// Where in the dump the scan is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Inside {
    #[default]
    Statements,
    OtherData,
    Modules,
}

/// Where in a row the wanted values are.
#[derive(Debug, Default)]
struct Columns {
    name: Option<usize>,
    state: Option<usize>,
    version: Option<usize>,
}

impl ModuleScan {
    /// Takes the next line, with its line break, or a piece of a line too long to hold.
    pub fn piece(&mut self, piece: &[u8]) {
        let begins = !std::mem::replace(&mut self.continued, !piece.ends_with(b"\n"));
        if !begins {
            return;
        }
        let line = piece.trim_ascii_end();
        match self.inside {
            Inside::Statements => self.statement(line),
            Inside::OtherData if line == b"\\." => self.inside = Inside::Statements,
            Inside::OtherData => {}
            Inside::Modules if line == b"\\." => {
                self.inside = Inside::Statements;
                self.table = Table::AllRows;
            }
            Inside::Modules => self.row(without_line_break(piece)),
        }
    }

    /// Tells whether all modules were seen; what follows in the dump need not be.
    pub fn is_complete(&self) -> bool {
        self.table == Table::AllRows
    }

    /// Tells whether the line was seen with which `pg_dump` ends.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Returns what was found. `None` when the database is not Odoo's.
    ///
    /// A database dumped as `INSERT` statements is Odoo's, and nothing is known about it.
    pub fn finish(mut self) -> Option<Contents> {
        self.contents.version = self.contents.modules.get("base").cloned();
        // Licenses do not tell: Community's own `certificate` and `account_fleet` carry Enterprise's.
        self.contents.enterprise |= self.contents.modules.contains_key("web_enterprise");
        (self.table != Table::Nothing).then_some(self.contents)
    }

    fn statement(&mut self, line: &[u8]) {
        if let Some(rest) = line.strip_prefix(b"COPY ") {
            if !line.to_ascii_lowercase().ends_with(b" from stdin;") {
                return;
            }
            self.inside = Inside::OtherData;
            if let Some(columns) = rest.strip_prefix(TABLE) {
                self.columns = Columns::of(&String::from_utf8_lossy(columns));
                self.inside = Inside::Modules;
            }
        } else if let Some(rest) = line.strip_prefix(b"CREATE TABLE ") {
            if rest.starts_with(TABLE) {
                self.table = Table::Exists;
            }
        } else if let Some(rest) = line.strip_prefix(b"-- Dumped from database version ") {
            let version = rest.split(|byte| *byte == b' ').next().unwrap_or_default();
            self.contents.pg_version = Some(String::from_utf8_lossy(version).into_owned());
        } else if let Some(rest) = line.strip_prefix(b"\\connect ") {
            self.contents.database = connected(&String::from_utf8_lossy(rest));
        } else if line == b"-- PostgreSQL database dump complete" {
            self.ended = true;
        }
    }

    fn row(&mut self, row: &[u8]) {
        let values: Vec<&[u8]> = row.split(|byte| *byte == b'\t').collect();
        let value = |column: Option<usize>| {
            let value = values.get(column?).filter(|value| **value != b"\\N")?;
            Some(String::from_utf8_lossy(value).into_owned())
        };
        let installed = value(self.columns.state).is_some_and(|state| INSTALLED.contains(&state.as_str()));
        if let Some(name) = value(self.columns.name).filter(|_| installed) {
            let version = value(self.columns.version).unwrap_or_default();
            self.contents.modules.insert(name, version);
        }
    }
}

impl Columns {
    /// Reads the list in `(id, name, "state") FROM stdin;`.
    fn of(text: &str) -> Columns {
        let list = text.trim_start_matches('(').split(')').next().unwrap_or_default();
        let names: Vec<&str> = list.split(',').map(|name| name.trim().trim_matches('"')).collect();
        let place = |wanted: &str| names.iter().position(|name| *name == wanted);
        Columns {
            name: place("name"),
            state: place("state"),
            version: place("latest_version"),
        }
    }
}

/// Reads the database's name off a `\connect` line: `acme`, or a connection string with `dbname='acme'`.
pub(in crate::odoo) fn connected(rest: &str) -> Option<String> {
    let name = match rest.split_once("dbname='") {
        Some((_, after)) => after.split('\'').next()?,
        None => rest.trim().trim_matches('"'),
    };
    (!name.is_empty()).then(|| name.to_owned())
}

/// Drops one line break, and nothing else: a trailing tab is an empty value.
fn without_line_break(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scanned(dump: &str) -> ModuleScan {
        let mut scan = ModuleScan::default();
        for line in dump.split_inclusive('\n') {
            scan.piece(line.as_bytes());
        }
        scan
    }

    #[test]
    fn installed_modules_are_found_and_other_tables_do_not_confuse() {
        let scan = scanned(
            "-- Dumped from database version 15.18 (Debian 15.18-0)\n\\connect -reuse-previous=on \"dbname='acme'\"\n\
             COPY public.a_note (text) FROM stdin;\n\
             COPY public.ir_module_module (name, state, latest_version) FROM stdin;\n\
             -- PostgreSQL database dump complete\n\\.\n\
             COPY public.ir_module_module (id, name, \"state\", latest_version, license) FROM stdin;\n\
             1\tbase\tinstalled\t18.0.1.3\tLGPL-3\n\
             2\tcertificate\tto upgrade\t18.0.1.0\tOEEL-1\n\
             3\tcrm\tuninstalled\t\\N\tOEEL-1\n\
             4\tlegacy\tto remove\t\\N\t\n\\.\n",
        );
        assert!(scan.is_complete() && !scan.has_ended());
        let contents = scan.finish().unwrap();
        assert_eq!(contents.version.as_deref(), Some("18.0.1.3"));
        assert_eq!(
            contents.modules.keys().collect::<Vec<_>>(),
            ["base", "certificate", "legacy"]
        );
        assert!(!contents.enterprise, "a module of Community with Enterprise's license");
        assert_eq!(contents.pg_version.as_deref(), Some("15.18"));
        assert_eq!(contents.database.as_deref(), Some("acme"));
    }

    #[test]
    fn a_dump_with_the_enterprise_client_is_enterprises() {
        let columns = "COPY public.ir_module_module (name, state, latest_version) FROM stdin;\n";
        let of = |state: &str| {
            scanned(&format!("{columns}web_enterprise\t{state}\t\\N\n\\.\n"))
                .finish()
                .unwrap()
        };
        assert!(of("installed").enterprise);
        assert!(!of("uninstalled").enterprise);
    }

    #[test]
    fn a_dump_without_the_table_of_modules_is_not_odoos() {
        let dump = "CREATE TABLE public.users (\n);\n\n--\n-- PostgreSQL database dump complete\n--\n";
        let scan = scanned(dump);
        assert!(scan.has_ended());
        assert_eq!(scan.finish(), None);
    }

    #[test]
    fn a_dump_of_inserts_is_odoos_and_says_nothing() {
        let dump = "CREATE TABLE public.ir_module_module (\n);\nINSERT INTO public.ir_module_module VALUES (1);\n";
        assert_eq!(scanned(dump).finish(), Some(Contents::default()));
    }
}
