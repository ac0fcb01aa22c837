//! This machine: locale, tools, folders that must be writable.

use std::path::Path;

use super::{Check, Level, Surroundings};
use crate::journal::StateFolder;
use crate::spec::Plan;

/// Looks at this machine.
pub(super) fn examine(around: &Surroundings, state: Option<&StateFolder>) -> Vec<Check> {
    let mut checks = vec![locale(around.locale.as_deref()), pg_restore(around.plan.as_ref())];
    checks.push(writable("hopp's cache", &around.settings.cache));
    checks.extend(state.map(|state| writable("the state folder", state.root())));
    let from = around
        .plan
        .as_ref()
        .map(|plan| (plan, plan.source_series.unwrap_or(plan.target)));
    checks.extend(from.map(|(plan, from)| results(&plan.deliver_folder(from))));
    checks
}

fn locale(name: Option<&str>) -> Check {
    let check = Check::pass("machine", "locale", name.unwrap_or("none is set"));
    let utf8 = name.is_some_and(|name| {
        let name = name.to_ascii_lowercase();
        name.ends_with("utf-8") || name.ends_with("utf8")
    });
    if utf8 {
        check
    } else {
        check.warn("export LANG=C.UTF-8, or names with å, ä and ö are not shown as they are")
    }
}

/// Looks for the one program of others that hopp runs here.
fn pg_restore(plan: Option<&Plan>) -> Check {
    let check = |message: &str| Check::pass("machine", "pg_restore", message);
    let series_known = plan.is_some_and(|plan| plan.source_series.is_some());
    match which::which("pg_restore") {
        Ok(path) => check(&path.to_string_lossy()),
        Err(_) if series_known => check("not installed; the plan says the backup's series"),
        Err(_) => check("not installed").warn(
            "install postgresql-client where backups are custom or directory dumps: it reads their series and modules",
        ),
    }
}

/// Looks whether the results can be written at the end of a run, which may be hours away.
pub(in crate::steps) fn results(folder: &Path) -> Check {
    // They come beside the folder first, and take its place when they are complete.
    let beside = writable("delivered files", folder.parent().unwrap_or(folder));
    if beside.level == Level::Pass {
        return beside;
    }
    let message = format!(
        "the results cannot be written to {}: {}",
        folder.display(),
        beside.message
    );
    Check { message, ..beside }.fail("name another folder under `deliver.to` in the plan")
}

/// Tries to write into a folder; where it does not exist yet, into the one that it will be made in.
fn writable(what: &str, path: &Path) -> Check {
    let check = |message: String| Check::pass("machine", what, message);
    let there = path.ancestors().find(|path| path.exists()).unwrap_or(path);
    match tempfile::tempfile_in(there) {
        Ok(_) => check(format!("{} is writable", path.display())),
        Err(error) => check(format!("{} cannot be written to: {error}", path.display()))
            .fail("give this user the right to write there; XDG_CACHE_HOME moves the cache"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_utf_8_locale_passes() {
        for (name, level) in [
            (Some("sv_SE.UTF-8"), Level::Pass),
            (Some("C.utf8"), Level::Pass),
            (Some("C"), Level::Warn),
            (None, Level::Warn),
        ] {
            assert_eq!(locale(name).level, level, "{name:?}");
        }
    }

    #[test]
    fn a_folder_below_a_file_is_not_writable() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(writable("x", &file.path().join("below")).level, Level::Fail);
    }
}
