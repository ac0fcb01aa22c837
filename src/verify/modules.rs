//! The modules of an upgraded database: all of the right series, none between two states.

use serde::{Deserialize, Serialize};

use super::baseline::Module;
use crate::event::{Finding, Severity};
use crate::ident::Series;

/// What the database says about its modules.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModuleStates {
    /// Modules that are not uninstalled.
    pub modules: Vec<Module>,
    /// Installed modules with a dependency that is not installed: (module, dependency).
    pub unmet: Vec<(String, String)>,
}

/// An answer that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("failed to read the states of the modules: {source}")]
pub struct NotModuleStates {
    source: serde_json::Error,
}

/// Returns the query whose answer [`parse`] reads. The same in every series.
pub fn state_sql() -> String {
    "SELECT jsonb_build_object(
  'modules', (SELECT coalesce(jsonb_agg(jsonb_build_object(
      'name', name, 'state', state, 'version', latest_version) ORDER BY name), '[]')
    FROM ir_module_module WHERE state NOT IN ('uninstalled', 'uninstallable')),
  'unmet', (SELECT coalesce(jsonb_agg(jsonb_build_array(m.name, d.name) ORDER BY m.name, d.name), '[]')
    FROM ir_module_module m JOIN ir_module_module_dependency d ON d.module_id = m.id
    LEFT JOIN ir_module_module o ON o.name = d.name
    WHERE m.state = 'installed' AND o.state IS DISTINCT FROM 'installed'))\n"
        .to_owned()
}

/// Reads what the query of [`state_sql`] printed.
pub fn parse(json: &str) -> Result<ModuleStates, NotModuleStates> {
    serde_json::from_str(json.trim()).map_err(|source| NotModuleStates { source })
}

/// Returns what is wrong with the modules of a database that should be of this series.
pub fn findings(states: &ModuleStates, series: Series) -> Vec<Finding> {
    let mut all = Vec::new();
    for module in &states.modules {
        if module.state != "installed" {
            all.push(transient(module, series));
            continue;
        }
        let version = module.version.as_deref().unwrap_or_default();
        if Series::of_version(version) != Some(series) {
            all.push(finding(
                "module-of-another-series",
                &module.name,
                format!(
                    "the module {} is installed with version `{version}`, which is not of {series}",
                    module.name
                ),
                format!(
                    "give the hop code of {} for {series}, or the fate `uninstall`",
                    module.name
                ),
                Vec::new(),
            ));
        }
    }
    for (module, on) in &states.unmet {
        // A dependency between two states is already a finding of its own.
        if states.modules.iter().any(|other| other.name == *on) {
            continue;
        }
        all.push(finding(
            "module-dependency-unmet",
            module,
            format!("the module {module} is installed and depends on {on}, which is not"),
            format!("install {on}, or uninstall {module}"),
            Vec::new(),
        ));
    }
    all
}

fn transient(module: &Module, series: Series) -> Finding {
    let remedy = match module.state.as_str() {
        "to upgrade" => format!(
            "the hop found no code of {} for {series}: add a repository that has it, or give it the fate `uninstall`",
            module.name
        ),
        "to install" => format!(
            "something depends on {}, whose code was not found or whose own dependencies are missing",
            module.name
        ),
        _ => format!(
            "the removal of {} did not come to its end; its log says why",
            module.name
        ),
    };
    finding(
        "module-between-states",
        &module.name,
        format!(
            "the module {} is left `{}` (its data is of version {})",
            module.name,
            module.state,
            module.version.as_deref().unwrap_or("unknown")
        ),
        remedy,
        Vec::new(),
    )
}

fn finding(code: &str, module: &str, message: String, remedy: String, evidence: Vec<String>) -> Finding {
    Finding {
        severity: Severity::Error,
        code: code.into(),
        area: "modules".into(),
        subject: module.into(),
        message,
        remedy,
        evidence,
        since: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states(state: &str, version: &str) -> ModuleStates {
        parse(&format!(
            r#"{{"modules": [{{"name": "acme", "state": "{state}", "version": "{version}"}}], "unmet": []}}"#
        ))
        .unwrap()
    }

    fn codes(states: &ModuleStates) -> Vec<String> {
        let found = findings(states, Series::NEWEST);
        found.into_iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn a_module_of_the_series_is_fine() {
        assert_eq!(codes(&states("installed", "19.0.1.0.0")), Vec::<String>::new());
    }

    #[test]
    fn a_module_left_to_upgrade_is_found_once() {
        let mut left = states("to upgrade", "18.0.1.0.0");
        left.unmet.push(("other".into(), "acme".into()));
        assert_eq!(codes(&left), ["module-between-states"]);
    }

    #[test]
    fn an_installed_module_of_the_old_series_is_found() {
        assert_eq!(codes(&states("installed", "18.0.1.0.0")), ["module-of-another-series"]);
    }

    #[test]
    fn a_dependency_that_is_not_there_is_found() {
        let mut lonely = states("installed", "19.0.1.0");
        lonely.unmet.push(("acme".into(), "gone".into()));
        assert_eq!(codes(&lonely), ["module-dependency-unmet"]);
    }
}
