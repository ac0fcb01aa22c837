//! Who makes a module, as far as the database and the tables tell.

use serde::{Deserialize, Serialize};

use super::Known;
use crate::odoo::survey::Module;

/// Who makes a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Odoo, in the Community edition.
    Core,
    /// Odoo, in the Enterprise edition.
    Enterprise,
    /// The Odoo Community Association.
    Oca,
    /// Somebody who sells or shares it.
    ThirdParty,
    /// Written for this customer, as far as anybody can tell.
    Custom,
    /// Uploaded as a zip of data: it has no code.
    Imported,
}

impl Origin {
    /// Returns the origin as people call it.
    pub fn word(self) -> &'static str {
        match self {
            Origin::Core => "Odoo",
            Origin::Enterprise => "Enterprise",
            Origin::Oca => "OCA",
            Origin::ThirdParty => "third party",
            Origin::Custom => "custom",
            Origin::Imported => "imported",
        }
    }
}

/// Tells who makes a module.
///
/// The plan's repositories know best; then what the module says of itself; then whether OpenUpgrade, which knows only
/// the Community edition, has ever met it.
pub fn origin(name: &str, module: &Module, known: &Known<'_>) -> Origin {
    if module.imported {
        return Origin::Imported;
    }
    let author = module.author.to_ascii_lowercase();
    let website = module.website.to_ascii_lowercase();
    let is_oca = author.contains("odoo community association") || website.contains("github.com/oca/");
    let mut code = known.hops.iter().flat_map(|hop| &hop.code);
    let own = code.rfind(|code| code.modules.contains_key(name));
    match own {
        _ if is_oca => return Origin::Oca,
        Some(code) if code.is_custom => return Origin::Custom,
        Some(_) => return Origin::ThirdParty,
        None => {}
    }
    let in_openupgrade = known
        .hops
        .iter()
        .filter_map(|hop| hop.release.as_ref().ok())
        .any(|release| release.lists(name) || release.gone.contains(name));
    let says_odoo = author.starts_with("odoo") || author.contains("odoo s.a") || author.contains("openerp s");
    match (says_odoo, in_openupgrade) {
        // Community's own `certificate` carries Enterprise's license: OpenUpgrade knows it, Enterprise's it does not.
        (true, false) if known.enterprise && module.license.starts_with("OEEL") => Origin::Enterprise,
        (true, _) | (false, true) => Origin::Core,
        (false, false) if module.license == "OPL-1" || website.contains("apps.odoo.com") => Origin::ThirdParty,
        (false, false) => Origin::Custom,
    }
}

/// Returns OCA's repository of a module, as its website names it: `web` of `https://github.com/OCA/web`.
pub fn oca_repository(website: &str) -> Option<&str> {
    let at = website.to_ascii_lowercase().find("github.com/oca/")?;
    let rest = &website[at + "github.com/oca/".len()..];
    let name = rest.split(['/', '#', '?']).next()?.trim_end_matches(".git");
    let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    (!name.is_empty() && is_name).then_some(name)
}
