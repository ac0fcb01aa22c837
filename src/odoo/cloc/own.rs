//! Code that lives in a database alone: server actions, computed fields, and the files of imported modules.
//!
//! An [`Own`] is told the rows of a dump and says at the end which of them `odoo cloc --database` counts, under which
//! module, and how many lines each has. The modules' code on disk is not in a database, and not here.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Count, Counted, Excluded, Exclusion, Fault, Faulty, Kind, MAX_FILE_BYTES, ModuleTally, Rules, count};
use crate::odoo::dump::Row;

/// What Odoo books code under that comes from no module.
const NOBODYS: &str = "odoo/studio";
/// The module of the external ids that Studio gives.
const STUDIO: &str = "studio_customization";
/// The module of an external id that makes a record free.
const FREE: &str = "__cloc_exclude__";
/// Where Odoo keeps scripts and styles that it has put together itself. There are many, and no module's.
const BUNDLES: &str = "/web/assets/";

/// Records that may hold code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Model {
    Action,
    Field,
    View,
    Attachment,
}

/// The code of a database, as its rows come by.
#[derive(Clone, Debug, Default)]
pub struct Own {
    /// Every module, whether it is installed, and whether it was imported.
    modules: BTreeMap<String, (bool, bool)>,
    /// Whether the database can tell imported modules from others.
    knows_imported: bool,
    /// The modules of the external ids of each record.
    owners: HashMap<(Model, u64), Vec<String>>,
    actions: BTreeMap<u64, Python>,
    fields: BTreeMap<u64, Python>,
    views: BTreeMap<u64, (String, Option<String>)>,
    files: BTreeMap<u64, File>,
}

/// Code in a field of a record.
#[derive(Clone, Debug)]
struct Python {
    /// What the record is called.
    name: String,
    code: Option<String>,
    /// Of a field: whether somebody made it in the database.
    manual: bool,
}

/// An attachment that may be a file of an imported module.
#[derive(Clone, Debug)]
struct File {
    url: Option<String>,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    Here(Vec<u8>),
    /// In the filestore, under this name.
    Stored(String),
    /// Not at hand, and why.
    Missing(String),
}

impl Own {
    /// Is told whether the table of modules says which were imported.
    pub fn knows_imported(&mut self, does: bool) {
        self.knows_imported = does;
    }

    /// Takes a module.
    pub fn module(&mut self, name: &str, is_installed: bool, is_imported: bool) {
        self.modules.insert(name.to_owned(), (is_installed, is_imported));
    }

    /// Takes an external id: the module, model and record's id.
    pub fn external_id(&mut self, module: &str, model: &str, id: u64) {
        let model = match model {
            "ir.actions.server" => Model::Action,
            "ir.model.fields" => Model::Field,
            "ir.ui.view" => Model::View,
            "ir.attachment" => Model::Attachment,
            _ => return,
        };
        self.owners.entry((model, id)).or_default().push(module.to_owned());
    }

    /// Takes a server action that runs code.
    pub fn action(&mut self, id: u64, name: String, code: Option<String>) {
        let manual = true;
        self.actions.insert(id, Python { name, code, manual });
    }

    /// Takes a field that is computed.
    pub fn field(&mut self, id: u64, name: String, code: String, manual: bool) {
        let code = Some(code);
        self.fields.insert(id, Python { name, code, manual });
    }

    /// Takes a `QWeb` view. None is kept once it is known that no module was imported: the table of modules comes first.
    pub fn view(&mut self, id: u64, name: impl FnOnce() -> String, arch: impl FnOnce() -> Option<String>) {
        let knows_none = !self.modules.is_empty() && self.imported().next().is_none();
        if !knows_none {
            self.views.insert(id, (name(), arch()));
        }
    }

    /// Takes an attachment from the columns `name`, `url`, `store_fname`, `db_datas` and `file_size`.
    pub fn attachment(&mut self, id: u64, row: &Row<'_>, [name, url, stored, inside, size]: [usize; 5]) {
        let is_code = row.text(name).is_some_and(|name| {
            let extension = name.rsplit_once('.').map(|(_, extension)| extension);
            matches!(extension, Some("js" | "xml" | "css" | "scss"))
        });
        let url = row.owned(url);
        if !is_code || url.as_deref().is_some_and(|url| url.starts_with(BUNDLES)) {
            return;
        }
        let stored = row.owned(stored).filter(|name| !name.is_empty());
        let content = match (stored, row.text(inside)) {
            (Some(name), _) => Content::Stored(name),
            (None, Some(hex)) => match bytea(&hex) {
                // Of a row that is too long for the reader the end is missing.
                Some(bytes) if row.number(size).is_none_or(|size| size == bytes.len() as u64) => Content::Here(bytes),
                _ => Content::Missing("too long to be read from the dump".to_owned()),
            },
            (None, None) => Content::Missing("it has no content".to_owned()),
        };
        self.files.insert(id, File { url, content });
    }

    /// Returns the names of the files in the filestore that are needed.
    pub fn stored(&self) -> BTreeSet<String> {
        let of_imported = self.files.iter().filter(|(id, _)| {
            let owners = self.owners(Model::Attachment, **id);
            self.first(owners, |_, imported| imported).is_some()
        });
        let names = of_imported.filter_map(|(_, file)| match &file.content {
            Content::Stored(name) => Some(name.clone()),
            Content::Here(_) | Content::Missing(_) => None,
        });
        names.collect()
    }

    /// Takes files of the filestore, by their names there.
    pub fn fill(&mut self, found: &BTreeMap<String, Vec<u8>>) {
        for file in self.files.values_mut() {
            if let Content::Stored(name) = &file.content
                && let Some(bytes) = found.get(name)
            {
                file.content = Content::Here(bytes.clone());
            }
        }
    }

    /// Returns the imported modules, by name.
    pub fn imported(&self) -> impl Iterator<Item = &str> {
        let imported = self.modules.iter().filter(|(_, (_, imported))| *imported);
        imported.map(|(name, _)| name.as_str())
    }

    /// Counts everything, by the rules of a series.
    pub fn tally(&self, rules: Rules) -> Vec<ModuleTally> {
        let mut booked = Booked::default();
        for (id, action) in &self.actions {
            self.action_lines(*id, action, rules, &mut booked);
        }
        for (id, field) in &self.fields {
            self.field_lines(*id, field, rules, &mut booked);
        }
        if self.knows_imported && rules.since(16) {
            for (id, (name, arch)) in &self.views {
                self.view_lines(*id, name, arch.as_deref(), rules, &mut booked);
            }
            for (id, file) in &self.files {
                self.file_lines(*id, file, rules, &mut booked);
            }
        }
        booked.0.into_values().collect()
    }

    fn action_lines(&self, id: u64, action: &Python, rules: Rules, booked: &mut Booked) {
        let owners = self.owners(Model::Action, id);
        let counts = |owner: &&String| {
            let known = self.modules.get(*owner);
            known.is_none_or(|(installed, imported)| self.knows_imported && *installed && *imported)
        };
        if !owners.is_empty() && !owners.iter().any(|owner| counts(&owner)) {
            return;
        }
        let module = self.first(owners, |installed, imported| installed && imported);
        let item = format!("ir.actions.server/{id}: {}", action.name);
        booked.book(
            module,
            item,
            lines(action.code.as_deref(), rules),
            is_free(owners, rules),
        );
    }

    fn field_lines(&self, id: u64, field: &Python, rules: Rules, booked: &mut Booked) {
        let owners = self.owners(Model::Field, id);
        let module = self.first(owners, |installed, imported| installed && imported);
        let counts = if rules.since(15) {
            // What Studio makes besides, such as counters of buttons, has no name of Studio's.
            let is_by_product = owners.iter().any(|owner| owner == STUDIO) && !field.name.starts_with("x_studio");
            field.manual && !is_by_product
        } else {
            owners.is_empty() || module.is_some() || owners.iter().any(|owner| !self.modules.contains_key(owner))
        };
        if counts {
            let item = format!("ir.model.fields/{id}: {}", field.name);
            booked.book(
                module,
                item,
                lines(field.code.as_deref(), rules),
                is_free(owners, rules),
            );
        }
    }

    fn view_lines(&self, id: u64, name: &str, arch: Option<&str>, rules: Rules, booked: &mut Booked) {
        let owners = self.owners(Model::View, id);
        let others: Vec<String> = owners.iter().filter(|owner| *owner != STUDIO).cloned().collect();
        let Some(module) = self.first(&others, |_, imported| imported) else {
            return;
        };
        let counted = match arch {
            Some(arch) => count(&as_latin1(arch), Kind::Xml, rules),
            None => Err(Fault::Unreadable("it has no content".to_owned())),
        };
        let item = format!("/{module}/views/{name}.xml");
        booked.book(Some(module), item, counted, is_free(&others, rules));
    }

    fn file_lines(&self, id: u64, file: &File, rules: Rules, booked: &mut Booked) {
        let owners = self.owners(Model::Attachment, id);
        let Some(module) = self.first(owners, |_, imported| imported) else {
            return;
        };
        let url = file.url.as_deref().unwrap_or_default();
        let Some(kind) = rules.kind_of(url) else { return };
        let counted = match &file.content {
            // Odoo measures the base64 of it.
            Content::Here(bytes) if bytes.len().div_ceil(3) as u64 * 4 > MAX_FILE_BYTES => Err(Fault::FileTooLarge),
            Content::Here(bytes) => count(bytes, kind, rules),
            Content::Stored(name) => Err(Fault::Unreadable(format!("{name} is not in the filestore"))),
            Content::Missing(why) => Err(Fault::Unreadable(why.clone())),
        };
        booked.book(Some(module), url.to_owned(), counted, is_free(owners, rules));
    }

    fn owners(&self, model: Model, id: u64) -> &[String] {
        self.owners.get(&(model, id)).map_or(&[], Vec::as_slice)
    }

    /// Returns the first by name of the owners that are modules of a kind: installed, imported.
    fn first<'a>(&self, owners: &'a [String], is_it: impl Fn(bool, bool) -> bool) -> Option<&'a str> {
        let of_kind = owners.iter().filter(|owner| {
            let module = self.modules.get(*owner);
            module.is_some_and(|(installed, imported)| self.knows_imported && is_it(*installed, *imported))
        });
        of_kind.min().map(String::as_str)
    }
}

/// What was counted so far, by module.
#[derive(Default)]
struct Booked(BTreeMap<String, ModuleTally>);

impl Booked {
    fn book(&mut self, module: Option<&str>, item: String, counted: Result<Count, Fault>, is_free: bool) {
        let name = module.unwrap_or(NOBODYS);
        let tally = self.0.entry(name.to_owned()).or_insert_with(|| ModuleTally {
            name: name.to_owned(),
            ..ModuleTally::default()
        });
        match counted {
            Err(fault) => tally.errors.push(Faulty { item, fault }),
            Ok(_) if is_free => tally.excluded.push(Excluded {
                item,
                by: Exclusion::Xmlid,
            }),
            Ok(count) => tally.counted.push(Counted { item, count }),
        }
    }
}

fn is_free(owners: &[String], rules: Rules) -> bool {
    rules.since(15) && owners.iter().any(|owner| owner == FREE)
}

/// Counts Python of a record; what is not there cannot be parsed either.
fn lines(code: Option<&str>, rules: Rules) -> Result<Count, Fault> {
    count(&as_latin1(code.ok_or(Fault::Syntax)?), Kind::Python, rules)
}

/// Writes a text in Latin-1 so that it counts as it does in Unicode: every other character becomes one that Python
/// takes for the same kind.
fn as_latin1(text: &str) -> Vec<u8> {
    let kind = |letter: char| match letter {
        _ if letter.is_whitespace() => 0xa0,
        _ if letter.is_alphabetic() => 0xe5,
        // Digits and marks may stand in a name, and not begin it.
        _ if letter.is_alphanumeric() => 0xb7,
        _ => 0xa4,
    };
    let letters = text.chars();
    letters
        .map(|letter| u8::try_from(u32::from(letter)).unwrap_or_else(|_| kind(letter)))
        .collect()
}

/// Reads bytes as PostgreSQL writes them: `\x` and two hexadecimal digits for each.
fn bytea(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("\\x")?.as_bytes();
    let pairs = digits.chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ident::Series;

    fn rules(major: u8) -> Rules {
        Rules::of(Series::from_major(major).unwrap())
    }

    fn database() -> Own {
        let mut own = Own::default();
        own.knows_imported(true);
        own.module("sale", true, false);
        own.module("uploaded", true, true);
        own.module("withdrawn", false, true);
        own
    }

    /// Returns what counts, and what is free, as `module item lines`.
    fn booked(own: &Own, major: u8) -> Vec<String> {
        let tallies = own.tally(rules(major));
        let of = |tally: &ModuleTally| -> Vec<String> {
            let counted = tally.counted.iter();
            let counted = counted.map(|one| format!("{} {} {}", tally.name, one.item, one.count.code));
            let free = tally
                .excluded
                .iter()
                .map(|one| format!("{} {} free", tally.name, one.item));
            let errors = tally.errors.iter();
            let errors = errors.map(|one| format!("{} {} {}", tally.name, one.item, one.fault));
            counted.chain(free).chain(errors).collect()
        };
        tallies.iter().flat_map(of).collect()
    }

    #[test]
    fn an_action_counts_unless_all_its_ids_are_of_modules_with_code() {
        let mut own = database();
        for id in 1..=7 {
            own.action(id, format!("a{id}"), Some("x = 1\ny = 2".into()));
        }
        let owners = [
            (2, "sale"),
            (3, "sale"),
            (3, "__export__"),
            (4, "uploaded"),
            (5, "sale"),
            (5, "__cloc_exclude__"),
            (6, "withdrawn"),
        ];
        for (id, module) in owners {
            own.external_id(module, "ir.actions.server", id);
        }
        own.action(7, "broken".into(), None);
        let expected = [
            "odoo/studio ir.actions.server/1: a1 2",
            "odoo/studio ir.actions.server/3: a3 2",
            "odoo/studio ir.actions.server/5: a5 free",
            "odoo/studio ir.actions.server/7: broken Syntax Error",
            "uploaded ir.actions.server/4: a4 2",
        ];
        assert_eq!(booked(&own, 19), expected);
        assert!(booked(&own, 14).contains(&"odoo/studio ir.actions.server/5: a5 2".to_owned()));
    }

    #[test]
    fn a_computed_field_counts_when_it_is_manual_and_no_by_product_of_studio() {
        let mut own = database();
        let fields = [
            (1, "x_a", true),
            (2, "x_counter", true),
            (3, "x_studio_b", true),
            (4, "amount", false),
            (5, "x_c", true),
        ];
        for (id, name, manual) in fields {
            own.field(id, name.into(), "self.x = 1".into(), manual);
        }
        for (id, module) in [(2, STUDIO), (3, STUDIO), (4, "sale"), (5, "sale")] {
            own.external_id(module, "ir.model.fields", id);
        }
        let expected = [
            "odoo/studio ir.model.fields/1: x_a 1",
            "odoo/studio ir.model.fields/3: x_studio_b 1",
            "odoo/studio ir.model.fields/5: x_c 1",
        ];
        assert_eq!(booked(&own, 19), expected);
        let old = booked(&own, 14);
        assert!(!old.iter().any(|line| line.contains("x_c ")), "{old:?}");
        assert!(old.iter().any(|line| line.contains("x_counter")), "{old:?}");
    }

    #[test]
    fn views_of_imported_modules_count_from_16_on() {
        let mut own = database();
        for id in 1..=3 {
            own.view(id, || format!("v{id}"), || Some("<a>\n<!-- c -->\n</a>".into()));
        }
        own.external_id("uploaded", "ir.ui.view", 1);
        own.external_id("uploaded", "ir.ui.view", 2);
        own.external_id(FREE, "ir.ui.view", 2);
        own.external_id("sale", "ir.ui.view", 3);
        let expected = [
            "uploaded /uploaded/views/v1.xml 2",
            "uploaded /uploaded/views/v2.xml free",
        ];
        assert_eq!(booked(&own, 16), expected);
        assert!(booked(&own, 15).is_empty());
    }

    #[test]
    fn letters_of_any_script_may_be_names_in_a_database() {
        let code = |text: &str| lines(Some(text), rules(19)).map(|count| (count.code, count.total));
        assert_eq!(code("åäö = 1\n字 = '€'"), Ok((2, 2)));
        assert_eq!(code("\u{3000}x = 1"), Ok((1, 1)));
        assert_eq!(code("x = €"), Err(Fault::Syntax));
        assert_eq!(bytea("\\x61ff"), Some(vec![0x61, 0xff]));
        assert_eq!(bytea("61"), None);
    }
}
