//! An OpenUpgrade that is newer than the Odoo it works on.

use super::place::Place;
use super::{Blame, Cause};

/// Reads which record a script of OpenUpgrade names that this build of Odoo does not have (LAB.md §1.5: `ref=XCG`).
pub(super) fn found(text: &str, place: Option<&Place>) -> Option<Cause> {
    if !text.contains("openupgrade_scripts/") {
        return None;
    }
    let missing = text
        .rsplit_once("External ID not found in the system: ")
        // Within an expression it is quoted: `ValueError('External ID …: payment.x') while evaluating`.
        .map(|(_, rest)| rest.split([' ', '\n', '\'', '"']).next().unwrap_or_default())
        .or_else(|| {
            let (_, rest) = text.rsplit_once("ref=")?;
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.')?;
            (end > 0).then_some(&rest[..end])
        })?;
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
