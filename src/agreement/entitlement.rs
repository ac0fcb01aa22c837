//! Whether a piece of work is included on a day, why, and from when.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::month::add_months;
use super::terms::YEAR;
use super::{Category, Kind, Terms};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What kind of work.
    pub category: Category,
    /// Of a bug fix: what it corrects deviates from the specification.
    pub deviates: bool,
    /// Of a bug fix: it was reproduced in a standard test instance.
    pub reproducible: bool,
}

/// The verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Entitlement {
    /// Whether it is included.
    pub included: bool,
    /// Why.
    pub reason: Reason,
    /// From which day on it is, or was, included. Nothing where no passing of time includes it.
    #[schemars(with = "Option<String>")]
    pub from: Option<Date>,
    /// Of an upgrade: when the last one was delivered, as far as anybody knows.
    #[schemars(with = "Option<String>")]
    pub last_upgrade: Option<Date>,
}

/// Why work is included, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The maintenance agreement includes it.
    Maintenance,
    /// The patch agreement includes it.
    Patches,
    /// No upgrade is known yet: the agreement's first is included.
    FirstUpgrade,
    /// Twelve months have passed since the last upgrade.
    TwelveMonthsPassed,
    /// Less than twelve months have passed since the last upgrade.
    WithinTwelveMonths,
    /// There is no agreement.
    NoAgreement,
    /// The agreement has not begun.
    NotBegun,
    /// The agreement has ended.
    Ended,
    /// Only a maintenance agreement includes it.
    NeedsMaintenance,
    /// Only a patch agreement includes it.
    NeedsPatches,
    /// Maintenance holds only while patches are current, and there is no patch agreement.
    PatchesNotCurrent,
    /// It does not deviate from the specification: no program error.
    NoDeviation,
    /// It was not reproduced in a standard test instance: no program error.
    NotReproduced,
    /// The contract names it among what is never included.
    Excluded,
    /// Nothing in the contract includes it.
    NotNamed,
}

impl Claim {
    /// Returns the claim for work that needs no proof.
    pub fn of(category: Category) -> Claim {
        Claim {
            category,
            deviates: false,
            reproducible: false,
        }
    }
}

/// Judges a piece of work on a day.
///
/// `upgraded` are the days on which upgrades were delivered, as [`super::upgrades`] knows them; later ones do not matter.
pub fn entitlement(terms: &Terms, upgraded: &[Date], claim: Claim, day: Date) -> Entitlement {
    match claim.category {
        Category::Upgrade => upgrade(terms, upgraded, day),
        Category::BugFix if !claim.deviates => never(Reason::NoDeviation),
        Category::BugFix if !claim.reproducible => never(Reason::NotReproduced),
        Category::BugFix | Category::Support => maintained(terms, day).unwrap_or(Entitlement {
            included: true,
            reason: Reason::Maintenance,
            from: terms.since,
            last_upgrade: None,
        }),
        Category::Patch | Category::HotFix => patched(terms, day),
        Category::Other => never(Reason::NotNamed),
        Category::TrainingAndTesting
        | Category::GoLive
        | Category::Infrastructure
        | Category::ImportExport
        | Category::DataCleaning
        | Category::NewFunction
        | Category::TransactionalService
        | Category::ExternalApplication
        | Category::BackupRestore
        | Category::Licence
        | Category::DatabaseCorrection
        | Category::NewInstance
        | Category::OutsideVm => never(Reason::Excluded),
    }
}

/// One upgrade is included per twelve months, rolling from the last one.
fn upgrade(terms: &Terms, upgraded: &[Date], day: Date) -> Entitlement {
    let last_upgrade = upgraded.iter().copied().filter(|date| *date <= day).max();
    let next = last_upgrade.map(|last| add_months(last, YEAR));
    let from = terms.since.max(next);
    if let Some(refused) = maintained(terms, day) {
        // An agreement that begins before the twelve months have passed does not shorten them.
        let from = refused.from.and(from);
        return Entitlement {
            from,
            last_upgrade,
            ..refused
        };
    }
    let (included, reason) = match next {
        None => (true, Reason::FirstUpgrade),
        Some(next) if next <= day => (true, Reason::TwelveMonthsPassed),
        Some(_) => (false, Reason::WithinTwelveMonths),
    };
    let holds = |from: &Date| included || terms.holds(*from);
    Entitlement {
        included,
        reason,
        from: from.filter(holds),
        last_upgrade,
    }
}

/// Returns why maintenance includes nothing on a day, when it does not.
fn maintained(terms: &Terms, day: Date) -> Option<Entitlement> {
    match terms.kind {
        Kind::None => Some(never(Reason::NoAgreement)),
        Kind::Operations => Some(never(Reason::NeedsMaintenance)),
        Kind::Maintenance if !terms.patch_agreement => Some(never(Reason::PatchesNotCurrent)),
        Kind::Maintenance => out_of_force(terms, day),
    }
}

fn patched(terms: &Terms, day: Date) -> Entitlement {
    let refused = match terms.kind {
        Kind::None => Some(never(Reason::NoAgreement)),
        Kind::Maintenance if !terms.patch_agreement => Some(never(Reason::NeedsPatches)),
        Kind::Maintenance | Kind::Operations => out_of_force(terms, day),
    };
    refused.unwrap_or(Entitlement {
        included: true,
        reason: Reason::Patches,
        from: terms.since,
        last_upgrade: None,
    })
}

fn out_of_force(terms: &Terms, day: Date) -> Option<Entitlement> {
    if terms.holds(day) {
        return None;
    }
    if terms.end().is_some_and(|end| end < day) {
        return Some(never(Reason::Ended));
    }
    Some(Entitlement {
        from: terms.since,
        ..never(Reason::NotBegun)
    })
}

/// Not included, and no passing of time changes that.
fn never(reason: Reason) -> Entitlement {
    Entitlement {
        included: false,
        reason,
        from: None,
        last_upgrade: None,
    }
}

#[cfg(test)]
mod tests;
