//! What single messages mean. The texts are those of Odoo 14.0 to 19.0 and of OpenUpgrade's framework.

use serde::{Deserialize, Serialize};

use super::record::{Head, Level};

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
    /// `99 modules loaded in 91.94s, …`: a graph ends.
    GraphDone,
    /// `Loading module sale (12/99)`.
    ModuleBegins { module: &'a str, index: u32, total: u32 },
    /// `module sale: creating or updating database tables`, and the fields that come with them.
    Tables,
    /// `module sale: Running migration [>19.0.1.2] pre-migration`.
    Script {
        module: &'a str,
        stage: &'static str,
        version: &'a str,
        name: &'a str,
    },
    /// `Prepare computation of res.partner.name` (15.0 and newer), `Storing computed values of …` (14.0).
    Computing { field: &'a str },
    /// `Module sale loaded in 1.25s, 822 queries (+822 other)`.
    ModuleDone {
        module: &'a str,
        seconds: f64,
        queries: u64,
    },
    /// A record of the old series that nothing defines any more is deleted; they go one by one.
    CleaningUp,
    /// `verifying fields for every extended model`: the last checks begin.
    Verifying,
    /// `Modules loaded.`
    ModulesLoaded,
    /// `Initiating shutdown`.
    ShutDown,
}

/// Reads what a quiet record (INFO) tells about the course of the upgrade, `None` when it is nothing special.
pub(super) fn notice<'a>(head: &Head<'a>) -> Option<Notice<'a>> {
    let message = head.message;
    match head.logger {
        "odoo.modules.loading" => loading(message),
        "odoo.modules.migration" => script(message),
        "odoo.models" => computing(message).map(|field| Notice::Computing { field }),
        // Up to 18.0, and 19.0.
        "odoo.modules.registry" | "odoo.registry" => match message {
            "verifying fields for every extended model" => Some(Notice::Verifying),
            _ => message
                .ends_with(": creating or updating database tables")
                .then_some(Notice::Tables),
        },
        "odoo.addons.base.models.ir_model" => message.starts_with("Deleting ").then_some(Notice::CleaningUp),
        "odoo.service.server" => (message == "Initiating shutdown").then_some(Notice::ShutDown),
        _ => None,
    }
}

fn loading(message: &str) -> Option<Notice<'_>> {
    if let Some(rest) = message.strip_prefix("Loading module ") {
        let (module, rest) = rest.split_once(" (")?;
        let (index, total) = rest.split_once(')')?.0.split_once('/')?;
        return Some(Notice::ModuleBegins {
            module,
            index: index.parse().ok()?,
            total: total.parse().ok()?,
        });
    }
    if let Some(rest) = message.strip_prefix("loading ") {
        let total = rest.strip_suffix(" modules...")?;
        return total.parse().ok().map(|total| Notice::GraphBegins { total });
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
    match message {
        "Modules loaded." => Some(Notice::ModulesLoaded),
        "verifying fields for every extended model" => Some(Notice::Verifying),
        _ => message.contains(" modules loaded in ").then_some(Notice::GraphDone),
    }
}

fn script(message: &str) -> Option<Notice<'_>> {
    let (module, rest) = message.strip_prefix("module ")?.split_once(": Running migration [")?;
    let (brackets, name) = rest.split_once(']')?;
    let stage = match brackets.as_bytes().first()? {
        b'>' => "pre",
        b'$' => "end",
        _ => "post",
    };
    Some(Notice::Script {
        module,
        stage,
        version: brackets.trim_matches(['>', '$']),
        name: name.trim(),
    })
}

fn computing(message: &str) -> Option<&str> {
    if let Some(field) = message.strip_prefix("Prepare computation of ") {
        return Some(field);
    }
    let field = message.strip_prefix("Storing computed values of ")?;
    // Some builds say the model twice: `res.partner.res.partner.name`.
    let (names, _) = field.rsplit_once('.')?;
    let half = names.len() / 2;
    let doubled = names.len() % 2 == 1 && names.as_bytes()[half] == b'.' && names[..half] == names[half + 1..];
    Some(if doubled { &field[half + 1..] } else { field })
}

/// What a complaint means to us.
#[derive(Debug, PartialEq)]
pub(super) enum Complaint<'a> {
    /// A module has no code that can be installed.
    NotInstallable(&'a str),
    /// Modules are left in a transient state.
    Inconsistent(Vec<&'a str>),
}

/// Reads what a loud record (WARNING or more) says about modules.
pub(super) fn complaint<'a>(head: &Head<'a>) -> Option<Complaint<'a>> {
    debug_assert!(head.level >= Level::Warning, "only loud records complain");
    let message = head.message;
    if let Some((module, what)) = message.strip_prefix("module ").and_then(|rest| rest.split_once(": "))
        && (what.starts_with("not installable") || what.starts_with("manifest not found"))
    {
        return Some(Complaint::NotInstallable(module));
    }
    if let Some(rest) = message.strip_prefix("The module ")
        && let Some((module, _)) = rest.split_once(" has an incompatible version")
    {
        return Some(Complaint::NotInstallable(module));
    }
    message
        .split_once("some dependencies may be missing: ")
        .or_else(|| message.split_once("Some modules are not loaded, some dependencies or manifest may be missing: "))
        .map(|(_, names)| Complaint::Inconsistent(listed(names)))
}

/// Reads the view, the model and the reason of `Can't render custom view V for model M. …`, a whole message.
pub(super) fn cannot_render(message: &str) -> Option<(&str, &str, &str)> {
    let rest = message.strip_prefix("Can't render custom view ")?;
    let (view, rest) = rest.split_once(" for model ")?;
    let (model, rest) = rest.split_once(". Assuming")?;
    let reason = rest.split_once('\n').map_or("", |(_, reason)| reason);
    let reason = reason.lines().next().unwrap_or_default();
    Some((view, model, reason.strip_prefix("Error: ").unwrap_or(reason).trim()))
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

    fn line(level: &str, rest: &str) -> String {
        format!("2026-11-22 18:32:40,447 8 {level} acme {rest}")
    }

    #[test]
    fn progress_is_read_from_the_loading_lines() {
        for (rest, expected) in [
            (
                "odoo.modules.loading: Loading module uom (2/99)",
                Some(Notice::ModuleBegins {
                    module: "uom",
                    index: 2,
                    total: 99,
                }),
            ),
            (
                "odoo.modules.loading: Module uom loaded in 0.44s (incl. 0.10s test), 444 queries (+444 other)",
                Some(Notice::ModuleDone {
                    module: "uom",
                    seconds: 0.44,
                    queries: 444,
                }),
            ),
            (
                "odoo.modules.loading: loading 99 modules...",
                Some(Notice::GraphBegins { total: 99 }),
            ),
            (
                "odoo.modules.loading: 99 modules loaded in 91.94s, 58133 queries (+58133 extra)",
                Some(Notice::GraphDone),
            ),
            ("odoo.modules.loading: loading sale/views/a.xml", None),
            ("odoo.addons.sale: Modules loaded.", None),
        ] {
            let line = line("INFO", rest);
            assert_eq!(notice(&Head::parse(&line).unwrap()), expected, "{rest}");
        }
    }

    #[test]
    fn the_stage_of_a_script_is_in_its_brackets() {
        for (brackets, stage) in [(">19.0.1.0", "pre"), ("19.0.1.0>", "post"), ("$19.0.1.0", "end")] {
            let line = line(
                "INFO",
                &format!("odoo.modules.migration: module uom: Running migration [{brackets}] {stage}-x"),
            );
            assert_eq!(
                notice(&Head::parse(&line).unwrap()),
                Some(Notice::Script {
                    module: "uom",
                    stage,
                    version: "19.0.1.0",
                    name: &format!("{stage}-x"),
                })
            );
        }
    }

    #[test]
    fn a_computed_field_is_named_in_the_words_of_every_series() {
        for (words, expected) in [
            (
                "Storing computed values of res.partner.display_name",
                "res.partner.display_name",
            ),
            (
                "Storing computed values of res.partner.res.partner.display_name",
                "res.partner.display_name",
            ),
            ("Prepare computation of uom.uom.sequence", "uom.uom.sequence"),
        ] {
            assert_eq!(computing(words), Some(expected), "{words}");
        }
        assert_eq!(computing("Computing parent_path for table uom_uom..."), None);
    }

    #[test]
    fn inconsistent_modules_are_listed() {
        let line = line(
            "ERROR",
            "odoo.modules.loading: Some modules have inconsistent states, some dependencies may be missing: ['acme_loyalty', 'acme_sale_note']",
        );
        assert_eq!(
            complaint(&Head::parse(&line).unwrap()),
            Some(Complaint::Inconsistent(vec!["acme_loyalty", "acme_sale_note"]))
        );
    }
}
