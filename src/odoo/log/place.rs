//! Where in the upgrade, and about what, a record speaks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::record::Record;

/// What a record is about, as far as it says or as the moment of it tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// The module: named by the record, else the one at work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
    /// The model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The view: its external id or name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view: Option<String>,
    /// The migration script that ran, as `module/version/name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
}

impl Place {
    /// Returns what a record is about. `module` and `script` are at work when it is written, empty for none.
    pub(super) fn of(record: &Record, module: &str, script: Option<&str>) -> Place {
        let text = record.message.as_str();
        let view = view(text);
        let named = named_module(record).or_else(|| {
            let (module, _) = view.as_deref()?.split_once('.')?;
            is_name(module).then(|| module.to_owned())
        });
        Place {
            module: named.or_else(|| (!module.is_empty()).then(|| module.to_owned())),
            model: model(text),
            view,
            script: script.map(str::to_owned),
        }
    }

    /// Says whether nothing is known.
    pub fn is_nowhere(&self) -> bool {
        *self == Place::default()
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = [
            ("module", &self.module),
            ("model", &self.model),
            ("view", &self.view),
            ("script", &self.script),
        ];
        let mut first = true;
        for (name, value) in parts {
            if let Some(value) = value {
                let comma = if first { "" } else { ", " };
                write!(f, "{comma}{name} {value}")?;
                first = false;
            }
        }
        Ok(())
    }
}

fn named_module(record: &Record) -> Option<String> {
    let text = record.headline();
    let after = ["module ", "Module ", "module: ", "module `", "module \""]
        .iter()
        .filter_map(|word| text.split_once(word))
        .map(|(_, rest)| name_at_start(rest))
        .find(|name| is_name(name) && *name != "states");
    // The framework of OpenUpgrade speaks for others.
    let logger = || {
        let module = record.logger.strip_prefix("odoo.addons.")?.split('.').next()?;
        (!matches!(module, "base" | "openupgrade_framework")).then_some(module)
    };
    after
        .or_else(|| of_traceback(&record.message))
        .or_else(logger)
        .map(str::to_owned)
}

/// Returns the addon whose file a traceback names last.
fn of_traceback(text: &str) -> Option<&str> {
    text.lines().rev().find_map(|line| {
        let path = line.trim_start().strip_prefix("File \"")?.split_once('"')?.0;
        if let Some((_, rest)) = path.split_once("/openupgrade_scripts/scripts/") {
            return rest.split('/').next();
        }
        let (_, rest) = path.rsplit_once("/addons/")?;
        rest.split('/').next().filter(|name| is_name(name))
    })
}

fn model(text: &str) -> Option<String> {
    [
        "'view.model': '",
        " for model ",
        " of model ",
        "odel: ",
        "odel ",
        " model '",
    ]
    .iter()
    .filter_map(|word| text.split_once(word))
    .map(|(_, rest)| dotted_at_start(rest.trim_start_matches(['\'', '"', '`'])))
    .find(|name| name.contains('.'))
    .map(str::to_owned)
}

fn view(text: &str) -> Option<String> {
    if let Some(rest) = text.strip_prefix("Can't render custom view ") {
        let (view, _) = rest.split_once(" for model ")?;
        return (!view.is_empty()).then(|| view.to_owned());
    }
    ["'xmlid': '", "xml_id: ", "View name: ", "View `"]
        .iter()
        .filter_map(|word| text.split_once(word))
        .map(|(_, rest)| {
            let end = rest.find(['\'', '`', ',', ']', '\n']).unwrap_or(rest.len());
            rest[..end].trim()
        })
        .find(|name| !name.is_empty() && *name != "n/a")
        .map(str::to_owned)
}

fn name_at_start(text: &str) -> &str {
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(text.len());
    &text[..end]
}

fn dotted_at_start(text: &str) -> &str {
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'))
        .unwrap_or(text.len());
    text[..end].trim_end_matches('.')
}

/// Says whether a word may be the name of a module.
fn is_name(word: &str) -> bool {
    word.len() > 1
        && word
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(message: &str, module: &str, script: Option<&str>) -> String {
        let mut lines = message.splitn(2, '\n');
        let head = format!(
            "2026-11-22 18:32:40,447 8 WARNING acme {}",
            lines.next().unwrap_or_default()
        );
        let mut record = Record::begin(&head).unwrap();
        if let Some(rest) = lines.next() {
            record.message.push('\n');
            record.message.push_str(rest);
        }
        Place::of(&record, module, script).to_string()
    }

    #[test]
    fn a_record_is_attributed_to_what_it_names_and_else_to_what_was_at_work() {
        for (message, expected) in [
            (
                "odoo.modules.module_graph: module acme_loyalty: not installable, skipped",
                "module acme_loyalty",
            ),
            (
                "odoo.x: Can't render custom view mail.view_form for model ir.actions.server. Assuming you are\nError: x",
                "module mail, model ir.actions.server, view mail.view_form",
            ),
            (
                "odoo.tools.convert: View error context:\n{'file': '/x.xml', 'view.model': 'res.partner', 'xmlid': 'partner_form'}",
                "module sale, model res.partner, view partner_form",
            ),
            ("odoo.addons.stock.models.quant: odd", "module stock"),
            ("odoo.addons.base.models.ir_model: odd", "module sale"),
            (
                "odoo.registry: Failed\nTraceback (most recent call last):\n  File \"/mnt/hopp/a/addons/acme_bank/m.py\", line 1\nKeyError",
                "module acme_bank",
            ),
            (
                "odoo.fields: Model sale.order has no table.",
                "module sale, model sale.order",
            ),
        ] {
            assert_eq!(place(message, "sale", None), expected, "{message}");
        }
        assert_eq!(
            place("OpenUpgrade: odd", "", Some("sale/19.0.1.2/pre-migration")),
            "script sale/19.0.1.2/pre-migration"
        );
        assert_eq!(place("OpenUpgrade: odd", "", None), "");
    }
}
