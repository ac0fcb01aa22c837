//! What single messages mean. The texts are those of Odoo 14.0 to 19.0 and of OpenUpgrade's framework.

use serde::{Deserialize, Serialize};

use super::record::{Level, Record};

/// A view that could not be rendered at some moment of the upgrade. Most are well again when it ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CannotRender {
    /// Its external id, or its name where it has none.
    pub view: String,
    /// Its model.
    pub model: String,
    /// Odoo's reason.
    pub reason: String,
    /// How often it was said.
    pub times: usize,
}

/// What a message means to us.
#[derive(Debug, PartialEq)]
pub(super) enum Notice<'a> {
    /// `loading 99 modules...`: a graph begins.
    GraphBegins { total: u32 },
    /// `Loading module sale (12/99)`.
    ModuleBegins { module: &'a str, index: u32, total: u32 },
    /// `module sale: Running migration [>19.0.1.2] pre-migration`.
    Script { module: &'a str, stage: &'static str },
    /// `Module sale loaded in 1.25s, 822 queries (+822 other)`.
    ModuleDone {
        module: &'a str,
        seconds: f64,
        queries: u64,
    },
    /// Records of the old series that nothing defines any more are deleted, one by one.
    CleaningUp,
    /// `Modules loaded.`
    ModulesLoaded,
    /// `Initiating shutdown`.
    ShutDown,
    /// A module has no code that can be installed.
    NotInstallable(&'a str),
    /// Modules are left in a transient state.
    Inconsistent(Vec<&'a str>),
    /// A view could not be rendered.
    CannotRender {
        view: &'a str,
        model: &'a str,
        reason: &'a str,
    },
    /// A saved filter was switched off by OpenUpgrade.
    FilterDisabled(&'a str),
    /// Normal for an upgrade; counted under this name.
    Noise(&'static str),
}

/// Warnings that an upgrade without fault is full of.
const NOISE: [(&str, &str); 9] = [
    ("column-kept", "Not dropping the column"),
    ("table-kept", "Not dropping the table or view"),
    ("relation-kept", "Not dropping the relation"),
    ("obsolete-record-kept", "Could not delete obsolete record"),
    ("field-defined-already", "There's already an entry for"),
    ("model-without-access", "have no access rules"),
    ("model-without-access", "has no access rules"),
    ("option-not-boolean", "isn't a boolean option, skip"),
    ("rpc-deprecated", "endpoint is deprecated and scheduled for removal"),
];

/// Reads what a record means, `None` when it is nothing special.
pub(super) fn notice(record: &Record) -> Option<Notice<'_>> {
    let message = record.message.as_str();
    if record.level >= Level::Warning {
        return warning(message);
    }
    if let Some(rest) = message.strip_prefix("Loading module ") {
        let (module, rest) = rest.split_once(" (")?;
        let (index, total) = rest.split_once(')')?.0.split_once('/')?;
        return Some(Notice::ModuleBegins {
            module,
            index: index.parse().ok()?,
            total: total.parse().ok()?,
        });
    }
    if let Some(rest) = message.strip_prefix("Module ") {
        let (module, rest) = rest.split_once(" loaded in ")?;
        let (seconds, rest) = rest.split_once('s')?;
        let queries = rest.split_once(", ")?.1.split_once(" queries")?.0;
        return Some(Notice::ModuleDone {
            module,
            seconds: seconds.parse().ok()?,
            queries: queries.parse().ok()?,
        });
    }
    if let Some(rest) = message.strip_prefix("loading ") {
        let total = rest.strip_suffix(" modules...")?;
        return total.parse().ok().map(|total| Notice::GraphBegins { total });
    }
    if let Some(rest) = message.strip_prefix("module ") {
        let (module, rest) = rest.split_once(": Running migration ")?;
        let stage = match rest.as_bytes().get(1)? {
            b'>' => "pre",
            b'$' => "end",
            _ => "post",
        };
        return Some(Notice::Script { module, stage });
    }
    match message {
        "Modules loaded." => Some(Notice::ModulesLoaded),
        "Initiating shutdown" => Some(Notice::ShutDown),
        _ => (message.starts_with("Deleting ") && record.logger.ends_with(".ir_model")).then_some(Notice::CleaningUp),
    }
}

fn warning(message: &str) -> Option<Notice<'_>> {
    if let Some(rest) = message.strip_prefix("Can't render custom view ") {
        let (view, rest) = rest.split_once(" for model ")?;
        let (model, rest) = rest.split_once(". Assuming")?;
        let reason = rest.split_once('\n').map_or("", |(_, reason)| reason);
        let reason = reason.lines().next().unwrap_or_default();
        let reason = reason.strip_prefix("Error: ").unwrap_or(reason).trim();
        return Some(Notice::CannotRender { view, model, reason });
    }
    if let Some(module) = message
        .strip_prefix("module ")
        .and_then(|rest| rest.split_once(": "))
        .and_then(|(module, what)| {
            (what.starts_with("not installable") || what.starts_with("manifest not found")).then_some(module)
        })
    {
        return Some(Notice::NotInstallable(module));
    }
    if let Some((module, _)) = message
        .strip_prefix("The module ")
        .and_then(|rest| rest.split_once(" has an incompatible version"))
    {
        return Some(Notice::NotInstallable(module));
    }
    if let Some((_, names)) = message
        .split_once("some dependencies may be missing: ")
        .or_else(|| message.split_once("Some modules are not loaded, some dependencies or manifest may be missing: "))
    {
        return Some(Notice::Inconsistent(listed(names)));
    }
    if message.starts_with("FILTER DISABLED: ") {
        return Some(Notice::FilterDisabled(message));
    }
    NOISE
        .iter()
        .find(|(_, text)| message.contains(text))
        .map(|(rule, _)| Notice::Noise(rule))
}

/// Reads the names of a printed Python list.
fn listed(text: &str) -> Vec<&str> {
    text.split(['\'', '"'])
        .skip(1)
        .step_by(2)
        .filter(|name| !name.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(level: &str, rest: &str) -> Record {
        Record::begin(&format!("2026-11-22 18:32:40,447 8 {level} acme {rest}")).unwrap()
    }

    #[test]
    fn progress_is_read_from_the_loading_lines() {
        let line = record("INFO", "odoo.modules.loading: Loading module uom (2/99)");
        assert_eq!(
            notice(&line),
            Some(Notice::ModuleBegins {
                module: "uom",
                index: 2,
                total: 99
            })
        );
        let line = record(
            "INFO",
            "odoo.modules.loading: Module uom loaded in 0.44s (incl. 0.10s test), 444 queries (+444 other)",
        );
        assert_eq!(
            notice(&line),
            Some(Notice::ModuleDone {
                module: "uom",
                seconds: 0.44,
                queries: 444
            })
        );
        let line = record("INFO", "odoo.modules.loading: loading 99 modules...");
        assert_eq!(notice(&line), Some(Notice::GraphBegins { total: 99 }));
        let line = record("INFO", "odoo.modules.loading: loading sale/views/a.xml");
        assert_eq!(notice(&line), None);
    }

    #[test]
    fn the_stage_of_a_script_is_in_its_brackets() {
        for (brackets, expected) in [("[>19.0.1.0]", "pre"), ("[19.0.1.0>]", "post"), ("[$19.0.1.0]", "end")] {
            let line = record(
                "INFO",
                &format!("odoo.modules.migration: module uom: Running migration {brackets} x"),
            );
            assert_eq!(
                notice(&line),
                Some(Notice::Script {
                    module: "uom",
                    stage: expected
                })
            );
        }
    }

    #[test]
    fn inconsistent_modules_are_listed() {
        let line = record(
            "ERROR",
            "odoo.modules.loading: Some modules have inconsistent states, some dependencies may be missing: ['acme_loyalty', 'acme_sale_note']",
        );
        assert_eq!(
            notice(&line),
            Some(Notice::Inconsistent(vec!["acme_loyalty", "acme_sale_note"]))
        );
    }
}
