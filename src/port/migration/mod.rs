//! What a customer's data must follow when a module's fields and models are other than they were: a script that renames
//! what was renamed, and findings about what nobody can decide from the code alone.
//!
//! Works on any two states of a module: before and after its rules, or the same module in two branches.

mod declared;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::file::place;
use super::{Finding, Level, SourceFile};
use declared::{Declared, Field};

/// The name under which findings about data go.
pub const RULE: &str = "data";

/// What a script does about values that are gone.
const REPLACE: &str = "    for table, column, old, new in _lost_values:
        if new is not None:
            query = f\"UPDATE {table} SET {column} = %s WHERE {column} = %s\"
            openupgrade.logged_query(env.cr, query, (new, old))
";

/// What a module's data needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Migration {
    /// A script that renames what was renamed: its path in the module, and its text.
    pub script: Option<(String, String)>,
    /// What a human must decide.
    pub findings: Vec<Finding>,
}

/// Compares two states of a module, the later of which is for the series `to`.
pub fn migration(before: &[SourceFile], after: &[SourceFile], to: u8) -> Migration {
    let (old, new) = (declared::of(before), declared::of(after));
    let mut work = Work {
        after,
        findings: Vec::new(),
        renamed_models: Vec::new(),
        renamed_fields: Vec::new(),
        lost_values: Vec::new(),
    };
    for (model, was) in &old {
        let same = new.get(model);
        let renamed = || was.owns.then(|| work_model(model, was, &old, &new)).flatten();
        match same.map(|now| (model, now)).or_else(renamed) {
            Some((name, now)) => {
                if name != model {
                    work.renamed_models.push((model.clone(), name.clone()));
                }
                work.fields(name, was, now);
                work.constraints(name, was, now);
            }
            None if was.owns => work.say(
                was,
                format!("the model `{model}` is gone; its table stays, and nothing reads it"),
                "rename it in a pre-migration script when another model took its place, or say that its data may go",
            ),
            // What was an extension is no data of this module alone.
            None => {}
        }
    }
    Migration {
        script: work.script(to),
        findings: work.findings,
    }
}

/// Returns the model that took another's place: new, and with most of its fields.
fn work_model<'a>(
    model: &str,
    was: &Declared,
    old: &BTreeMap<String, Declared>,
    new: &'a BTreeMap<String, Declared>,
) -> Option<(&'a String, &'a Declared)> {
    let alike = |now: &Declared| {
        was.fields
            .keys()
            .filter(|field| now.fields.contains_key(*field))
            .count()
    };
    (new.iter())
        .filter(|(name, now)| *name != model && now.owns && !old.contains_key(*name))
        .filter(|(_, now)| was.fields.len() > 1 && alike(now) * 2 > was.fields.len())
        .max_by_key(|(_, now)| alike(now))
}

struct Work<'a> {
    after: &'a [SourceFile],
    findings: Vec<Finding>,
    renamed_models: Vec<(String, String)>,
    /// Model, its table, old name, new name.
    renamed_fields: Vec<(String, String, String, String)>,
    /// Table, column, value that is gone.
    lost_values: Vec<(String, String, String)>,
}

impl Work<'_> {
    fn fields(&mut self, model: &str, was: &Declared, now: &Declared) {
        let gone = |(name, field): &(&String, &Field)| field.stored && !now.fields.contains_key(*name);
        let gone: Vec<(&String, &Field)> = was.fields.iter().filter(gone).collect();
        let come = |(name, field): &(&String, &Field)| field.stored && !was.fields.contains_key(*name);
        let come: Vec<(&String, &Field)> = now.fields.iter().filter(come).collect();
        for (name, field) in &gone {
            let like = |other: &&(&String, &Field)| other.1.kind == field.kind && other.1.comodel == field.comodel;
            let rivals = gone.iter().filter(like).count();
            let candidates: Vec<&(&String, &Field)> = come.iter().filter(like).collect();
            let same = candidates.iter().find(|other| other.1.arguments == field.arguments);
            let only = (candidates.len() == 1 && rivals == 1).then(|| candidates[0]);
            match same.copied().or(only) {
                Some((new_name, _)) => {
                    self.renamed_fields.push((
                        model.to_owned(),
                        now.table(model),
                        (*name).clone(),
                        (*new_name).clone(),
                    ));
                }
                None => self.say(
                    now,
                    format!("`{model}.{name}` is gone; its column stays, and nothing reads it"),
                    "move its values in a migration script where something took its place, or say that they may go",
                ),
            }
        }
        for (name, field) in &was.fields {
            let Some(kept) = now.fields.get(name) else { continue };
            let lost: Vec<&str> = (field.selection.iter())
                .filter(|value| !kept.selection.is_empty() && !kept.selection.contains(*value))
                .map(String::as_str)
                .collect();
            if !lost.is_empty() {
                if kept.stored {
                    let row = |value: &&str| (now.table(model), name.clone(), (*value).to_owned());
                    self.lost_values.extend(lost.iter().map(row));
                }
                self.at(
                    kept,
                    format!(
                        "`{model}.{name}` cannot be `{}` any more; records may hold it",
                        lost.join("`, `")
                    ),
                    "give such records another value in a pre-migration script",
                );
            }
            if field.stored && kept.stored && field.kind != kept.kind {
                self.at(
                    kept,
                    format!(
                        "`{model}.{name}` was {} and is {}; its column changes its type",
                        field.kind, kept.kind
                    ),
                    "see that Odoo can convert the values, or convert them in a pre-migration script",
                );
            }
        }
    }

    fn constraints(&mut self, model: &str, was: &Declared, now: &Declared) {
        for (name, definition) in &now.constraints {
            if was.constraints.get(name) != Some(definition) {
                self.say(
                    now,
                    format!("the constraint `{name}` of `{model}` is new or another: {definition}"),
                    "records that break it keep Odoo from creating it, with a warning only: look for them first",
                );
            }
        }
    }

    fn say(&mut self, about: &Declared, message: String, remedy: &str) {
        self.found(&about.path, about.at, message, remedy);
    }

    fn at(&mut self, field: &Field, message: String, remedy: &str) {
        self.found(&field.path, field.at, message, remedy);
    }

    fn found(&mut self, path: &str, at: usize, message: String, remedy: &str) {
        let text = self.after.iter().find(|file| file.path == path);
        let (line, column) = text.map_or((0, 0), |file| place(&file.text, at));
        self.findings.push(Finding {
            rule: RULE,
            level: Level::Warning,
            path: path.to_owned(),
            line,
            column,
            message,
            remedy: remedy.to_owned(),
        });
    }

    /// Writes the script that renames what was renamed.
    fn script(&self, to: u8) -> Option<(String, String)> {
        if self.renamed_models.is_empty() && self.renamed_fields.is_empty() && self.lost_values.is_empty() {
            return None;
        }
        let mut text = String::from("from openupgradelib import openupgrade\n");
        let mut calls = String::new();
        if !self.renamed_models.is_empty() {
            text.push_str("\n_renamed_models = [\n");
            for (old, new) in &self.renamed_models {
                writeln!(text, "    (\"{old}\", \"{new}\"),").ok();
            }
            text.push_str("]\n\n_renamed_tables = [\n");
            for (old, new) in &self.renamed_models {
                let table = |model: &str| model.replace('.', "_");
                writeln!(text, "    (\"{}\", \"{}\"),", table(old), table(new)).ok();
            }
            text.push_str("]\n");
            calls.push_str("    openupgrade.rename_models(env.cr, _renamed_models)\n");
            calls.push_str("    openupgrade.rename_tables(env.cr, _renamed_tables)\n");
        }
        if !self.renamed_fields.is_empty() {
            text.push_str("\n_renamed_fields = [\n");
            for (model, table, old, new) in &self.renamed_fields {
                writeln!(text, "    (\"{model}\", \"{table}\", \"{old}\", \"{new}\"),").ok();
            }
            text.push_str("]\n");
            calls.push_str("    openupgrade.rename_fields(env, _renamed_fields)\n");
        }
        if !self.lost_values.is_empty() {
            text.push_str(
                "\n# Values that are gone and that records may still hold: say what takes the place of each.\n",
            );
            text.push_str("_lost_values = [\n");
            for (table, column, value) in &self.lost_values {
                writeln!(text, "    (\"{table}\", \"{column}\", \"{value}\", None),").ok();
            }
            text.push_str("]\n");
            calls.push_str(REPLACE);
        }
        text.push_str("\n\n@openupgrade.migrate()\ndef migrate(env, version):\n");
        text.push_str(&calls);
        Some((format!("migrations/{to}.0.1.0.0/pre-migration.py"), text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(text: &str) -> Vec<SourceFile> {
        vec![SourceFile::read("models/book.py", text.as_bytes().to_vec()).unwrap()]
    }

    fn compared(before: &str, after: &str) -> (String, Vec<String>) {
        let migration = migration(&module(before), &module(after), 19);
        let said = migration
            .findings
            .iter()
            .map(|it| format!("{}: {}", it.line, it.message))
            .collect();
        (migration.script.map(|(_, text)| text).unwrap_or_default(), said)
    }

    #[test]
    fn a_field_that_was_renamed_is_renamed_in_the_database() {
        let before = "class Book(models.Model):\n    _inherit = 'sale.order.line'\n    shelf = fields.Many2one('shelf')\n    note = fields.Char()\n    sum = fields.Float(compute='_sum')\n";
        let after = "class Book(models.Model):\n    _inherit = 'sale.order.line'\n    shelf_id = fields.Many2one('shelf')\n    note = fields.Char()\n";
        let (script, said) = compared(before, after);
        assert!(
            script.contains("    (\"sale.order.line\", \"sale_order_line\", \"shelf\", \"shelf_id\"),\n"),
            "{script}"
        );
        assert!(script.ends_with("def migrate(env, version):\n    openupgrade.rename_fields(env, _renamed_fields)\n"));
        assert_eq!(said, Vec::<String>::new());
        assert_eq!(compared(before, before), (String::new(), vec![]));
    }

    #[test]
    fn of_two_that_are_alike_none_is_guessed() {
        let before =
            "class Book(models.Model):\n    _name = 'book'\n    a = fields.Char('A')\n    b = fields.Char('B')\n";
        let after =
            "class Book(models.Model):\n    _name = 'book'\n    c = fields.Char('C')\n    d = fields.Char('B')\n";
        let (script, said) = compared(before, after);
        assert!(
            script.contains("(\"book\", \"book\", \"b\", \"d\")") && !script.contains("\"a\""),
            "{script}"
        );
        assert_eq!(said, ["1: `book.a` is gone; its column stays, and nothing reads it"]);
    }

    #[test]
    fn a_model_keeps_its_table_under_a_new_name() {
        let before =
            "class Book(models.Model):\n    _name = 'shelf.book'\n    a = fields.Char()\n    b = fields.Integer()\n";
        let after = before.replace("shelf.book", "library.book");
        let (script, _) = compared(before, &after);
        assert!(script.contains("(\"shelf.book\", \"library.book\")"), "{script}");
        assert!(script.contains("(\"shelf_book\", \"library_book\")"), "{script}");
        let (script, said) = compared(before, "");
        assert_eq!(script, "");
        assert_eq!(
            said,
            ["1: the model `shelf.book` is gone; its table stays, and nothing reads it"]
        );
    }

    #[test]
    fn what_records_may_still_hold_is_told() {
        let before = "class Book(models.Model):\n    _name = 'book'\n    state = fields.Selection([('new', 'New'), ('lost', 'Lost')])\n    _sql_constraints = [('name_uniq', 'unique(name)', 'Once')]\n";
        let after = "class Book(models.Model):\n    _name = 'book'\n    state = fields.Selection([('new', 'New')])\n    _name_uniq = models.Constraint('unique(name)', 'Once')\n    _pages = models.Constraint('CHECK(pages > 0)', 'Some')\n";
        let (script, said) = compared(before, after);
        assert!(
            script.contains("    (\"book\", \"state\", \"lost\", None),\n"),
            "{script}"
        );
        assert!(
            script.ends_with("openupgrade.logged_query(env.cr, query, (new, old))\n"),
            "{script}"
        );
        assert_eq!(
            said,
            [
                "3: `book.state` cannot be `lost` any more; records may hold it",
                "1: the constraint `pages` of `book` is new or another: CHECK(pages > 0)"
            ]
        );
    }

    #[test]
    fn nothing_is_kept_of_a_wizard() {
        let wizard = "class Ask(models.TransientModel):\n    _name = 'ask'\n    a = fields.Char()\n";
        assert_eq!(compared(wizard, ""), (String::new(), vec![]));
    }
}
