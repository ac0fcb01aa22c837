//! Two lists held against each other by key.

use std::collections::BTreeMap;

/// What differs under one key; `None` where a side does not have it.
pub(super) struct Difference<'a, K, T> {
    pub(super) key: K,
    pub(super) before: Option<&'a T>,
    pub(super) after: Option<&'a T>,
}

/// Returns every difference, in the order of the keys. `same` says when two things count as equal.
pub(super) fn differences<'a, K: Ord, T>(
    before: &'a [T],
    after: &'a [T],
    key: impl Fn(&'a T) -> K,
    same: impl Fn(&T, &T) -> bool,
) -> Vec<Difference<'a, K, T>> {
    let mut pairs: BTreeMap<K, (Option<&T>, Option<&T>)> = BTreeMap::new();
    for item in before {
        pairs.entry(key(item)).or_default().0 = Some(item);
    }
    for item in after {
        pairs.entry(key(item)).or_default().1 = Some(item);
    }
    pairs
        .into_iter()
        .filter(|(_, pair)| !matches!(pair, (Some(b), Some(a)) if same(b, a)))
        .map(|(key, (before, after))| Difference { key, before, after })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_list_does_not_differ_from_itself_in_any_order(mut list in prop::collection::vec(any::<u8>(), 0..20)) {
            let before = list.clone();
            list.reverse();
            prop_assert!(differences(&before, &list, |&n| n, |a, b| a == b).is_empty());
        }

        #[test]
        fn what_only_one_side_has_is_a_difference(
            before in prop::collection::btree_set(any::<u8>(), 0..20),
            after in prop::collection::btree_set(any::<u8>(), 0..20),
        ) {
            let expected = before.symmetric_difference(&after).count();
            let (before, after): (Vec<u8>, Vec<u8>) = (before.into_iter().collect(), after.into_iter().collect());
            prop_assert_eq!(differences(&before, &after, |&n| n, |a, b| a == b).len(), expected);
        }
    }
}
