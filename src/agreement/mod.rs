//! The contract with a customer: what is included, from when, and what the rest costs. Pure; dates are arguments.
//!
//! - [`Terms`] is the contract as a plan writes it, [`Category`] what work can be.
//! - [`entitlement`] judges one piece of work on one day, and says why and from when.
//! - [`upgrades`] folds runs into upgrades; [`Count`] is the code as it was counted, [`WorkItem`] work that was logged.
//! - [`bill`] puts a month together: every sum of it is rounded once, and the rest is additions.

mod bill;
mod category;
mod count;
mod entitlement;
mod fee;
mod money;
mod month;
mod project;
mod terms;
mod work;

pub use bill::{Bill, BillError, Facts, Item, ItemKind, Unit, WorkLine, bill};
pub use category::Category;
pub use count::{Count, CountError, Exclusion, ModuleLines, Source};
pub use entitlement::{Claim, Entitlement, Reason, entitlement};
pub use fee::{Counted, CountedModule, counted, is_covered};
pub use money::{Currency, Money};
pub use month::Month;
pub use project::{Project, RunFact, upgrades};
pub use terms::{Kind, LineRounding, Price, StepWork, Terms};
pub use work::{Entry, LogError, WorkItem, fold_log};
