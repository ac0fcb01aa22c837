//! What was counted, what was left out, and what could not be counted.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Add, AddAssign};

use serde::Serialize;

use super::{Exclusion, Rules};

/// Lines, of a file or of many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Lines of code: what a bill follows.
    pub code: u64,
    /// All lines between the first that is not blank and the last; an empty file has one.
    pub total: u64,
}

impl Count {
    /// Returns the lines that are no code: comments, blank lines, closing brackets.
    pub fn other(self) -> u64 {
        self.total.saturating_sub(self.code)
    }
}

impl Add for Count {
    type Output = Count;
    fn add(self, other: Count) -> Count {
        Count {
            code: self.code + other.code,
            total: self.total + other.total,
        }
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Count) {
        *self = *self + other;
    }
}

impl std::iter::Sum for Count {
    fn sum<I: Iterator<Item = Count>>(counts: I) -> Count {
        counts.fold(Count::default(), Count::add)
    }
}

/// Why something counts nothing although it should: it lowers the count without a word, so people must see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
pub enum Fault {
    /// Python that Python cannot parse.
    #[error("Syntax Error")]
    Syntax,
    /// A script or style with a line longer than [`Rules::max_line`].
    #[error("Max line size exceeded")]
    LineTooLong,
    /// A file larger than [`super::MAX_FILE_BYTES`].
    #[error("Max file size exceeded")]
    FileTooLarge,
    /// A file that cannot be read, and why. `odoo cloc` itself ends there with an exception.
    #[error("cannot be read: {0}")]
    Unreadable(String),
}

/// A file, or a piece of code in a database, with its lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// Its path in the module's folder, or what Odoo calls a record: `ir.actions.server/7: Send`.
    pub item: String,
    /// Its lines.
    #[serde(flatten)]
    pub count: Count,
}

/// Something that counts nothing because of a fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Faulty {
    /// As in [`Counted::item`].
    pub item: String,
    /// Why; serialised as the text that Odoo prints.
    #[serde(serialize_with = "as_text")]
    pub fault: Fault,
}

/// Something that is free by a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Excluded {
    /// As in [`Counted::item`]; with a slash at its end a folder, all of which is free.
    pub item: String,
    /// The rule.
    #[serde(serialize_with = "as_text")]
    pub by: Exclusion,
}

/// One module's share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ModuleTally {
    /// The module's technical name; `odoo/studio` for what lives in the database alone.
    pub name: String,
    /// The repository of the plan it comes from, when it comes from one.
    pub repository: Option<String>,
    /// What counts, by path.
    pub counted: Vec<Counted>,
    /// What would count and does not, by path.
    pub errors: Vec<Faulty>,
    /// What is free although its kind is counted, by path.
    pub excluded: Vec<Excluded>,
}

impl ModuleTally {
    /// Returns the lines of the module.
    pub fn count(&self) -> Count {
        self.counted.iter().map(|counted| counted.count).sum()
    }
}

/// What was counted, module by module, with the rules it was counted by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// The rules.
    pub rules: Rules,
    /// The modules, by repository and name.
    pub modules: Vec<ModuleTally>,
}

impl Tally {
    /// Puts modules together; those of the same repository and name are one, as Odoo sums them.
    pub fn new(rules: Rules, modules: impl IntoIterator<Item = ModuleTally>) -> Tally {
        let mut sorted: BTreeMap<(Option<String>, String), ModuleTally> = BTreeMap::new();
        for module in modules {
            let key = (module.repository.clone(), module.name.clone());
            match sorted.entry(key) {
                std::collections::btree_map::Entry::Vacant(place) => {
                    place.insert(module);
                }
                std::collections::btree_map::Entry::Occupied(mut place) => {
                    let same = place.get_mut();
                    same.counted.extend(module.counted);
                    same.errors.extend(module.errors);
                    same.excluded.extend(module.excluded);
                }
            }
        }
        Tally {
            rules,
            modules: sorted.into_values().collect(),
        }
    }

    /// Returns the lines of all modules.
    pub fn count(&self) -> Count {
        self.modules.iter().map(ModuleTally::count).sum()
    }
}

fn as_text<S: serde::Serializer>(value: &impl fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}
