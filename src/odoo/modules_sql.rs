//! Uninstalling before a hop, without the code of the source series.
//!
//! A module in the state `to remove` whose code is absent is removed by the hop itself: its views and external ids go,
//! its tables and columns stay as OpenUpgrade leaves all of them.

use serde::{Deserialize, Serialize};

/// An installed module that depends on one to be removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependent {
    /// The installed module.
    pub module: String,
    /// What it depends on.
    pub on: String,
}

/// A name that no module can have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is not the name of a module")]
pub struct NotAModule {
    name: String,
}

/// Returns the query that lists, as JSON, installed modules that depend on `modules` without being among them
/// (see [`Dependent`]). When the list is empty the modules may go.
pub fn dependents_sql(modules: &[String]) -> Result<String, NotAModule> {
    let names = names(modules)?;
    Ok(format!(
        "SELECT coalesce(jsonb_agg(jsonb_build_object('module', m.name, 'on', d.name) ORDER BY m.name, d.name), '[]')
FROM ir_module_module m JOIN ir_module_module_dependency d ON d.module_id = m.id
WHERE m.state IN ('installed', 'to upgrade') AND d.name IN ({names}) AND m.name NOT IN ({names})\n"
    ))
}

/// Returns the statement that marks installed modules for removal by the hop. It prints, as JSON, the names of those
/// it marked: one that was not installed is not among them.
///
/// OpenUpgrade from 18.0 on installs whatever installs itself, code or no code: these no longer do. Where there is code,
/// its manifest says so again.
pub fn mark_sql(modules: &[String]) -> Result<String, NotAModule> {
    let names = names(modules)?;
    Ok(format!(
        "WITH marked AS (
  UPDATE ir_module_module SET state = 'to remove', auto_install = false
  WHERE name IN ({names}) AND state IN ('installed', 'to upgrade', 'to remove') RETURNING name)
SELECT coalesce(jsonb_agg(name ORDER BY name), '[]') FROM marked;\n"
    ))
}

fn names(modules: &[String]) -> Result<String, NotAModule> {
    let mut quoted = Vec::with_capacity(modules.len());
    for name in modules {
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if name.is_empty() || !plain {
            return Err(NotAModule { name: name.clone() });
        }
        quoted.push(format!("'{name}'"));
    }
    // `IN ()` is no SQL, and no module has an empty name.
    if quoted.is_empty() {
        quoted.push("''".into());
    }
    Ok(quoted.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_quotes() {
        let bad = ["x'; DROP TABLE res_users; --".to_owned()];
        assert!(mark_sql(&bad).is_err());
        assert!(dependents_sql(&[String::new()]).is_err());
    }

    #[test]
    fn nothing_to_remove_is_still_a_query() {
        assert!(mark_sql(&[]).unwrap().contains("IN ('')"));
    }
}
