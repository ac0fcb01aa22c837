//! An OpenUpgrade that is newer than the Odoo it works on.

use super::place::Place;
use super::{Blame, Cause};

/// Reads which record a script of OpenUpgrade names that this build of Odoo does not have (LAB.md §1.5: `ref=XCG`).
pub(super) fn found(text: &str, place: Option<&Place>) -> Option<Cause> {
    if !text.contains("openupgrade_scripts/") {
        return None;
    }
    let missing = missing_record(text)
        .map(str::to_owned)
        .or_else(|| missing_method(text))?;
    let who = place.map_or_else(
        || "one of its scripts".to_owned(),
        |place| format!("{}, line {},", place.script, place.line),
    );
    let mut cause = Cause::known(
        format!("OpenUpgrade is newer than this Odoo: {who} wants `{missing}`, which this Odoo does not have"),
        &["take a newer Odoo image, or an older OpenUpgrade: one that is not newer than the Odoo in the image"],
    );
    cause.blame = Blame::OpenUpgrade;
    Some(cause)
}

/// Reads the record that is named and not there.
fn missing_record(text: &str) -> Option<&str> {
    text.rsplit_once("External ID not found in the system: ")
        // Within an expression it is quoted: `ValueError('External ID …: payment.x') while evaluating`.
        .map(|(_, rest)| rest.split([' ', '\n', '\'', '"']).next().unwrap_or_default())
        .or_else(|| {
            let (_, rest) = text.rsplit_once("ref=")?;
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.')?;
            (end > 0).then_some(&rest[..end])
        })
}

/// Reads the method that a script itself calls on a model of Odoo's, and that the model does not have:
/// `AttributeError: 'res.company' object has no attribute '_create_batch_payment_sequence'`.
fn missing_method(text: &str) -> Option<String> {
    let (trace, said) = text.rsplit_once("\nAttributeError: '")?;
    let (model, rest) = said.split_once("' object has no attribute '")?;
    let (attribute, _) = rest.split_once('\'')?;
    let last = trace.lines().rfind(|line| line.trim_start().starts_with("File \""))?;
    (model.contains('.') && last.contains("openupgrade_scripts/")).then(|| format!("{model}.{attribute}"))
}
