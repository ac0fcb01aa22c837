//! Module manifests (`__manifest__.py`), and which modules a folder of code offers.

mod content;
mod offer;

use std::collections::BTreeMap;

use crate::ident::Series;
use crate::odoo::literal::{self, LiteralError, Node, Place, Value};

pub use content::contents;
pub use offer::{Offer, Offered, Unreadable, is_manifest, modules_in};

/// The name of the file that makes a folder a module.
pub const FILE: &str = "__manifest__.py";

/// What a module says about itself. Keys hopp has no use for are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Its title.
    pub name: String,
    /// Its version as written; `1.0` and `18.0.1.0.0` are both usual.
    pub version: Option<String>,
    /// The modules it needs.
    pub depends: Vec<String>,
    /// Installs itself once these modules are installed (`auto_install: True` names all of `depends`).
    pub auto_install: Option<Vec<String>>,
    /// Whether it may be installed at all.
    pub installable: bool,
    /// Whether it is an application in the eyes of users.
    pub application: bool,
    /// The Python packages it imports, by their distribution or import name.
    pub external_python: Vec<String>,
    /// The programs it runs.
    pub external_bin: Vec<String>,
    /// Debian packages, by the Python package they hold.
    pub external_apt: BTreeMap<String, String>,
    /// Its license, such as `AGPL-3`.
    pub license: Option<String>,
    /// Who wrote it; several names joined with `, `.
    pub author: Option<String>,
    /// Where it is told about.
    pub website: Option<String>,
    /// Its category.
    pub category: Option<String>,
    /// One sentence about it.
    pub summary: Option<String>,
    /// Data files, in the order they are loaded.
    pub data: Vec<String>,
    /// Files with demonstration data.
    pub demo: Vec<String>,
}

/// A manifest that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct ManifestError {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

impl From<LiteralError> for ManifestError {
    fn from(error: LiteralError) -> Self {
        ManifestError::at(error.at, error.message)
    }
}

impl ManifestError {
    fn at(place: Place, message: impl Into<String>) -> Self {
        ManifestError {
            line: place.line,
            column: place.column,
            message: message.into(),
        }
    }

    fn expected(what: &str, key: &str, found: &Node) -> Self {
        ManifestError::at(found.at, format!("`{key}` must be {what}, not {}", found.value.kind()))
    }
}

impl Manifest {
    /// Returns the version as Odoo stores it for an installed module: with the series in front, `1.0` when there is none.
    pub fn stored_version(&self, series: Series) -> String {
        stored_version(self.version.as_deref().unwrap_or("1.0"), series)
    }

    /// Reads the text of a manifest. Nothing in it is executed.
    pub fn parse(text: &str) -> Result<Manifest, ManifestError> {
        let root = literal::parse(text)?;
        let Value::Dict(pairs) = root.value else {
            let message = format!("a manifest must be a dictionary, not {}", root.value.kind());
            return Err(ManifestError::at(root.at, message));
        };
        let keys = Keys(pairs);
        let depends = keys.texts("depends")?;
        let external = match keys.get("external_dependencies") {
            None => Keys(Vec::new()),
            Some(node) => match &node.value {
                Value::Dict(pairs) => Keys(pairs.clone()),
                _ => return Err(ManifestError::expected("a dictionary", "external_dependencies", node)),
            },
        };
        Ok(Manifest {
            name: keys.text("name")?.unwrap_or_default(),
            version: keys.text("version")?,
            auto_install: keys.auto_install(&depends)?,
            depends,
            installable: keys.truth("installable", true)?,
            application: keys.truth("application", false)?,
            external_python: external.texts("python")?,
            external_bin: external.texts("bin")?,
            external_apt: external.names("apt"),
            license: keys.text("license")?,
            author: keys.joined("author")?,
            website: keys.text("website")?,
            category: keys.text("category")?,
            summary: keys.text("summary")?,
            data: keys.texts("data")?,
            demo: keys.texts("demo")?,
        })
    }

    /// Returns the series the module was written for, when its version tells: `18.0.1.0.0` does, `1.0` does not.
    pub fn series_of(&self) -> Option<Series> {
        let version = self.version.as_deref()?;
        (version.split('.').count() >= 4)
            .then(|| Series::of_version(version))
            .flatten()
    }
}

/// Returns a manifest's version as Odoo stores it: with the series in front.
pub fn stored_version(version: &str, series: Series) -> String {
    let prefix = format!("{series}.");
    if version.starts_with(&prefix) {
        version.to_owned()
    } else {
        format!("{prefix}{version}")
    }
}

/// The keys of a dictionary. Of a key given twice the last one counts, and `None` is as good as absent.
struct Keys(Vec<(Node, Node)>);

impl Keys {
    fn get(&self, key: &str) -> Option<&Node> {
        let is_it = |node: &Node| matches!(&node.value, Value::Str(text) if text == key);
        let (_, node) = self.0.iter().rev().find(|(name, _)| is_it(name))?;
        (node.value != Value::None).then_some(node)
    }

    fn text(&self, key: &str) -> Result<Option<String>, ManifestError> {
        match self.get(key) {
            None => Ok(None),
            Some(node) => match &node.value {
                Value::Str(text) | Value::Number(text) => Ok(Some(text.clone())),
                _ => Err(ManifestError::expected("a string", key, node)),
            },
        }
    }

    fn texts(&self, key: &str) -> Result<Vec<String>, ManifestError> {
        let Some(node) = self.get(key) else {
            return Ok(Vec::new());
        };
        let (Value::List(items) | Value::Tuple(items) | Value::Set(items)) = &node.value else {
            return Err(ManifestError::expected("a list", key, node));
        };
        let text = |item: &Node| match &item.value {
            Value::Str(text) => Ok(text.clone()),
            _ => Err(ManifestError::expected("a list of strings", key, item)),
        };
        items.iter().map(text).collect()
    }

    fn joined(&self, key: &str) -> Result<Option<String>, ManifestError> {
        match self.get(key).map(|node| &node.value) {
            Some(Value::List(_) | Value::Tuple(_)) => Ok(Some(self.texts(key)?.join(", "))),
            _ => self.text(key),
        }
    }

    /// Reads a truth value the way Python sees any value.
    fn truth(&self, key: &str, when_absent: bool) -> Result<bool, ManifestError> {
        match self.get(key) {
            None => Ok(when_absent),
            Some(node) => match &node.value {
                Value::Bool(truth) => Ok(*truth),
                Value::Number(text) => Ok(text != "0"),
                Value::Str(text) => Ok(!text.is_empty()),
                _ => Err(ManifestError::expected("True or False", key, node)),
            },
        }
    }

    fn auto_install(&self, depends: &[String]) -> Result<Option<Vec<String>>, ManifestError> {
        match self.get("auto_install").map(|node| &node.value) {
            Some(Value::List(_) | Value::Tuple(_) | Value::Set(_)) => self.texts("auto_install").map(Some),
            _ => Ok(self.truth("auto_install", false)?.then(|| depends.to_vec())),
        }
    }

    fn names(&self, key: &str) -> BTreeMap<String, String> {
        let Some(Value::Dict(pairs)) = self.get(key).map(|node| &node.value) else {
            return BTreeMap::new();
        };
        pairs
            .iter()
            .filter_map(|(name, value)| match (&name.value, &value.value) {
                (Value::Str(name), Value::Str(value)) => Some((name.clone(), value.clone())),
                _ => None,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_tells_what_the_module_needs() {
        let manifest = Manifest::parse(
            "{'name': 'Tills', 'version': '18.0.1.2.0', 'depends': ('base', 'sale',), 'auto_install': True,
              'author': ['Acme', 'OCA'], 'data': ['a.xml'], 'license': 'AGPL-3', 'unknown': {1: 2},
              'external_dependencies': {'python': ['phonenumbers'], 'bin': ['pdftk'],
                                        'apt': {'phonenumbers': 'python3-phonenumbers'}}}",
        )
        .unwrap();
        assert_eq!(manifest.series_of(), Series::from_major(18));
        assert_eq!(manifest.depends, ["base", "sale"]);
        assert_eq!(
            manifest.auto_install.as_deref(),
            Some(&["base".into(), "sale".into()][..])
        );
        assert_eq!(manifest.author.as_deref(), Some("Acme, OCA"));
        assert_eq!(manifest.external_python, ["phonenumbers"]);
        assert_eq!(manifest.external_bin, ["pdftk"]);
        assert_eq!(manifest.external_apt["phonenumbers"], "python3-phonenumbers");
        assert!(manifest.installable && !manifest.application);
    }

    #[test]
    fn only_long_versions_name_a_series() {
        let series = |version: &str| {
            Manifest::parse(&format!("{{'version': '{version}'}}"))
                .unwrap()
                .series_of()
        };
        assert_eq!(series("19.0.1.0.0"), Series::from_major(19));
        assert_eq!(series("18.0.1"), None);
        assert_eq!(series("1.0"), None);
        assert_eq!(Manifest::parse("{}").unwrap().series_of(), None);
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_shown_where_it_is() {
        let error = |text: &str| Manifest::parse(text).unwrap_err().to_string();
        assert_eq!(
            error("{'depends':\n  'base'}"),
            "2:3: `depends` must be a list, not a string"
        );
        assert_eq!(
            error("{'data': ['a', 1]}"),
            "1:16: `data` must be a list of strings, not a number"
        );
        assert_eq!(error("[]"), "1:1: a manifest must be a dictionary, not a list");
        assert_eq!(error("{'name': _('x')}"), "1:10: `_` would have to be computed");
    }
}
