//! Which modules an update has something to do for: those whose code is not what the database has.

use super::Workshop;
use crate::engine::Stop;
use crate::ident::Series;
use crate::odoo::manifest::stored_version;
use crate::verify::baseline::Module;

/// What is known of a module in one of the repositories.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Own {
    /// The version Odoo would store for it now.
    version: String,
    /// Whether production runs the very same content; false also when that is not known.
    deployed: bool,
}

/// Returns the modules of a series that have to be updated. What depends on them Odoo finds itself.
pub(super) fn changed(workshop: &Workshop, series: Series, modules: &[Module]) -> Result<Vec<String>, Stop> {
    let image = workshop.image(series)?;
    let own = |name: &str| {
        let code = workshop
            .facts
            .code_for(series)
            .find(|code| code.modules.contains_key(name))?;
        let version = code.modules.get(name)?.stored_version(series);
        let content = workshop.facts.deployed(&code.repository, name);
        let deployed = content.is_some() && content == code.contents.get(name);
        Some(Own { version, deployed })
    };
    let offered = |name: &str| {
        let module = image.probe.modules.get(name)?;
        Some(stored_version(&module.version, series))
    };
    Ok(to_update(modules, own, offered))
}

/// Picks the modules whose code is not what the database was last updated with, and those that wait to be updated.
///
/// Odoo's own modules tell by their version. Repositories change code without a new version: their modules are left
/// alone only where production is known to run the same content, and the database says it was updated with it.
fn to_update(
    modules: &[Module],
    own: impl Fn(&str) -> Option<Own>,
    offered: impl Fn(&str) -> Option<String>,
) -> Vec<String> {
    let wanted = modules.iter().filter(|module| match module.state.as_str() {
        "installed" => {
            let has = |version: &str| module.version.as_deref() == Some(version);
            match own(&module.name) {
                Some(own) => !own.deployed || !has(&own.version),
                None => offered(&module.name).is_some_and(|version| !has(&version)),
            }
        }
        // To name it would keep it.
        "to remove" => false,
        _ => true,
    });
    wanted.map(|module| module.name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moved_on_or_waits_or_is_not_known_is_updated_and_what_production_has_or_is_leaving_is_not() {
        let module = |name: &str, state: &str, version: &str| Module {
            name: name.into(),
            state: state.into(),
            version: Some(version.into()),
        };
        let modules = [
            module("base", "installed", "14.0.1.3"),
            module("mail", "installed", "14.0.1.7"),
            module("shelf", "installed", "14.0.1.0.0"),
            module("same", "installed", "14.0.1.0.0"),
            module("never_updated", "installed", "14.0.1.0.0"),
            module("attic", "to remove", "14.0.1.0.0"),
            module("cellar", "to upgrade", "14.0.1.0.0"),
            module("elsewhere", "installed", "14.0.1.0.0"),
        ];
        let series: Series = "14.0".parse().unwrap();
        let own = |name: &str| {
            let (version, deployed) = match name {
                "shelf" | "attic" => ("14.0.1.0.0", false),
                "same" => ("14.0.1.0.0", true),
                // Production has fetched the code, and nobody has updated the module with it.
                "never_updated" => ("14.0.1.1.0", true),
                _ => return None,
            };
            let version = version.to_owned();
            Some(Own { version, deployed })
        };
        let offered = |name: &str| match name {
            "base" => Some(stored_version("1.3", series)),
            "mail" => Some(stored_version("14.0.1.8", series)),
            _ => None,
        };
        let picked = to_update(&modules, own, offered);
        assert_eq!(picked, ["mail", "shelf", "never_updated", "cellar"]);
    }
}
