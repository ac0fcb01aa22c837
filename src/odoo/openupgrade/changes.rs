//! What a release says of fields, models and XML ids: `upgrade_analysis.txt` and the lists of renames in scripts.
//! Read as text, never run.

use std::collections::{BTreeMap, BTreeSet};

/// What becomes of fields, models and XML ids at a hop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Fields that have another name, by model: old to new.
    pub renamed_fields: BTreeMap<String, BTreeMap<String, String>>,
    /// Fields whose place another one took that means something else, by model: old to new.
    pub replaced_fields: BTreeMap<String, BTreeMap<String, String>>,
    /// Fields that are gone, by model; renamed ones among them.
    pub removed_fields: BTreeMap<String, BTreeSet<String>>,
    /// Modules that are gone; renamed and merged ones may be among them.
    pub removed_modules: BTreeSet<String>,
    /// Models that are gone; renamed ones among them.
    pub removed_models: BTreeSet<String>,
    /// XML ids that have another name or module.
    pub renamed_ids: BTreeMap<String, String>,
    /// XML ids that are gone, renamed ones among them.
    pub removed_ids: BTreeSet<String>,
}

/// Reads what the files of a release say, in any order: path and text.
#[derive(Debug, Default)]
pub(super) struct Reader {
    changes: Changes,
    came: BTreeSet<(String, String)>,
    came_ids: BTreeSet<String>,
}

impl Reader {
    /// Takes a file by its name.
    pub(super) fn add(&mut self, file: &str, text: &str) {
        match file {
            "upgrade_analysis.txt" => self.analysis(text),
            _ if is_script(file) => self.script(text),
            _ => {}
        }
    }

    /// Returns what was read. What came back in another module is not gone.
    pub(super) fn done(mut self) -> Changes {
        for (model, field) in &self.came {
            if let Some(fields) = self.changes.removed_fields.get_mut(model) {
                fields.remove(field);
            }
        }
        self.changes.removed_fields.retain(|_, fields| !fields.is_empty());
        for id in &self.came_ids {
            self.changes.removed_ids.remove(id);
        }
        self.changes
    }

    fn analysis(&mut self, text: &str) {
        for line in text.lines().map(str::trim) {
            if let Some(rest) = line.strip_prefix("obsolete model ") {
                let model = rest.split(' ').next().unwrap_or(rest);
                self.changes.removed_models.insert(model.to_owned());
            } else if let Some((_, id)) = line.strip_prefix("DEL ").and_then(|rest| rest.split_once(": ")) {
                self.removed_id(id);
            } else if let Some((_, id)) = line.strip_prefix("NEW ").and_then(|rest| rest.split_once(": ")) {
                self.came_ids.insert(id.split(' ').next().unwrap_or(id).to_owned());
            } else if let Some((model, field, what)) = field(line) {
                if what.starts_with("DEL") {
                    let fields = self.changes.removed_fields.entry(model.to_owned()).or_default();
                    fields.insert(field.to_owned());
                } else if what.starts_with("NEW") || what.starts_with("module is now") || what.starts_with("previously")
                {
                    self.came.insert((model.to_owned(), field.to_owned()));
                }
            }
        }
    }

    /// `sale_async_emails.async_emails [renamed to sale module] (noupdate)`
    fn removed_id(&mut self, text: &str) {
        let id = text.split(' ').next().unwrap_or(text);
        let to = text
            .split_once("[renamed to ")
            .and_then(|(_, rest)| rest.split_once(" module]"));
        if let (Some((module, _)), Some((_, name))) = (to, id.split_once('.')) {
            self.changes
                .renamed_ids
                .insert(id.to_owned(), format!("{module}.{name}"));
        }
        self.changes.removed_ids.insert(id.to_owned());
    }

    fn script(&mut self, text: &str) {
        for list in lists(text, &["renamed_fields", "rename_fields("]) {
            if let [model, _, old, new] = list.as_slice() {
                let fields = self.changes.renamed_fields.entry((*model).to_owned()).or_default();
                fields.insert((*old).to_owned(), (*new).to_owned());
            }
        }
        for list in lists(text, &["renamed_field_references", "rename_field_references("]) {
            if let [model, old, new] = list.as_slice() {
                let fields = self.changes.replaced_fields.entry((*model).to_owned()).or_default();
                fields.insert((*old).to_owned(), (*new).to_owned());
            }
        }
        for list in lists(text, &["renamed_xmlids", "rename_xmlids("]) {
            if let [old, new] = list.as_slice() {
                self.changes.renamed_ids.insert((*old).to_owned(), (*new).to_owned());
            }
        }
    }
}

/// Says whether a file of a release is a script whose lists are read.
pub(super) fn is_script(file: &str) -> bool {
    file.starts_with("pre-") && file.rsplit('.').next() == Some("py")
}

/// Reads `module / model / field (type): what`.
fn field(line: &str) -> Option<(&str, &str, &str)> {
    let mut parts = line.splitn(3, '/');
    let (_, model, rest) = (parts.next()?, parts.next()?.trim(), parts.next()?);
    let (left, what) = rest.split_once(')')?;
    let (field, _) = left.split_once('(')?;
    let what = what.trim_start().strip_prefix(':')?.trim();
    // An override that is gone is no field that is gone.
    (!what.contains("mode: modify")).then_some((model, field.trim(), what))
}

/// Returns the tuples of texts in the lists that follow these words: `_renamed_fields = [("a", "b"), …]`.
fn lists<'t>(text: &'t str, words: &[&str]) -> Vec<Vec<&'t str>> {
    let mut found = Vec::new();
    for word in words {
        for (at, _) in text.match_indices(word) {
            let rest = &text[at + word.len()..];
            let Some(open) = rest.find('[') else { continue };
            // Between the word and its list stands a sign or an argument, no other statement.
            if rest[..open].contains(['(', ')', ':', ']']) || rest[..open].matches('=').count() > 1 {
                continue;
            }
            found.extend(tuples(&rest[open + 1..]));
        }
    }
    found
}

/// Reads tuples of texts up to the end of their list; one that holds something else is left out.
fn tuples(text: &str) -> Vec<Vec<&str>> {
    let (mut found, mut tuple): (Vec<Vec<&str>>, Option<Vec<&str>>) = (Vec::new(), None);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match first {
            '(' => tuple = Some(Vec::new()),
            ')' => found.extend(tuple.take()),
            ']' => break,
            '#' => {
                rest = rest.find('\n').map_or("", |end| &rest[end..]);
                continue;
            }
            '"' | '\'' => {
                let Some(len) = rest[1..].find(first) else { break };
                if let Some(tuple) = &mut tuple {
                    tuple.push(&rest[1..=len]);
                }
                rest = &rest[len + 2..];
                continue;
            }
            _ => {}
        }
        rest = &rest[first.len_utf8()..];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_analysis_and_a_script_say_what_is_gone_and_what_it_became() {
        let mut reader = Reader::default();
        reader.add(
            "upgrade_analysis.txt",
            "---Models in module 'sale'---\nobsolete model sale.cancel [transient]\n---Fields in module 'sale'---\n\
             sale         / sale.order.line          / tax_id (many2many)            : DEL relation: account.tax\n\
             sale         / sale.order.line          / tax_ids (many2many)           : NEW relation: account.tax\n\
             sale         / res.partner              / sale_warn (selection)         : DEL selection_keys: ['a']\n\
             ---XML records in module 'sale'---\nDEL ir.ui.view: sale.old_view\n\
             DEL ir.cron: mails.cron [renamed to sale module] (noupdate)\n",
        );
        reader.add(
            "upgrade_analysis.txt",
            "sale_warn / res.partner / sale_warn (selection) : NEW selection_keys: ['a']\n",
        );
        reader.add(
            "pre-migration.py",
            "_renamed_fields = [\n    (\n        \"sale.order.line\",  # why\n        \"sale_order_line\",\n        'tax_id', 'tax_ids'),\n]\n\
             def migrate(env, version):\n    openupgrade.rename_fields(env, _renamed_fields)\n    openupgrade.rename_xmlids(env.cr, [(\"a.b\", \"c.d\")])\n",
        );
        let changes = reader.done();
        assert_eq!(changes.renamed_fields["sale.order.line"]["tax_id"], "tax_ids");
        assert_eq!(changes.removed_fields["sale.order.line"], ["tax_id".to_owned()].into());
        assert!(!changes.removed_fields.contains_key("res.partner"));
        assert!(changes.removed_models.contains("sale.cancel"));
        assert!(changes.removed_ids.contains("sale.old_view"));
        assert_eq!(changes.renamed_ids["mails.cron"], "sale.cron");
        assert_eq!(changes.renamed_ids["a.b"], "c.d");
    }
}
