//! A Python package or a program that a module wants and the image lacks.

use super::{Cause, place};

/// Reads what is missing, and who wants it.
pub(super) fn missing(text: &str) -> Option<Cause> {
    let (module, name) = if let Some((_, rest)) = text.split_once("Unable to upgrade module \"") {
        declared(rest)?
    } else if let Some((_, rest)) = text.split_once("Unable to install module \"") {
        declared(rest)?
    } else if let Some((_, rest)) = text.rsplit_once("ModuleNotFoundError: No module named '") {
        let name = rest.split_once('\'')?.0;
        if name == "odoo" || name.starts_with("odoo.") {
            return None;
        }
        (place::module(text).unwrap_or("odoo"), name)
    } else {
        return None;
    };
    let mut cause = Cause::known(
        format!("the module {module} cannot do without `{name}`, which the image does not have"),
        &["add it under `images.pip` (a Python package) or `images.apt` (a program) of the plan, for this series"],
    );
    cause.dependency = Some((module.into(), name.into()));
    Some(cause)
}

fn declared(rest: &str) -> Option<(&str, &str)> {
    let (module, rest) = rest.split_once('"')?;
    let name = rest.split_once("is not met: ")?.1.lines().next()?.trim();
    Some((module, name))
}
