//! The areas that a verification may be limited to.

use std::collections::BTreeSet;

/// Every area, in the order in which reports tell them.
pub const ALL: [&str; 10] = [
    "books",
    "tax",
    "stock",
    "documents",
    "people",
    "structure",
    "modules",
    "views",
    "running",
    "checks",
];

/// Some of the areas, or all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Areas {
    only: BTreeSet<String>,
}

impl Areas {
    /// Returns these areas; none named means all.
    pub fn only<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Areas {
        Areas {
            only: names.into_iter().map(Into::into).collect(),
        }
    }

    /// Says whether an area is looked at.
    pub fn contains(&self, area: &str) -> bool {
        self.only.is_empty() || self.only.contains(area)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_named_means_all() {
        assert!(ALL.iter().all(|area| Areas::default().contains(area)));
        let books = Areas::only(["books"]);
        assert!(books.contains("books") && !books.contains("tax"));
    }
}
