//! Byte ranges that become another text.

use std::collections::BTreeSet;
use std::ops::Range;

/// A range of a text and what stands there afterwards. An empty range is an insertion.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// The bytes that go.
    pub start: usize,
    /// Where they end.
    pub end: usize,
    /// What comes instead.
    pub with: String,
}

impl Edit {
    /// Stands after every other.
    const NEVER: Edit = Edit {
        start: usize::MAX,
        end: usize::MAX,
        with: String::new(),
    };

    /// Replaces a range.
    pub fn replace(range: Range<usize>, with: impl Into<String>) -> Edit {
        Edit {
            start: range.start,
            end: range.end,
            with: with.into(),
        }
    }

    /// Removes a range.
    pub fn remove(range: Range<usize>) -> Edit {
        Edit::replace(range, "")
    }

    /// Inserts a text.
    pub fn insert(at: usize, text: impl Into<String>) -> Edit {
        Edit::replace(at..at, text)
    }
}

/// Edits that want the same bytes. None of them was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collision {
    /// The first byte they want.
    pub start: usize,
    /// How many changes were left out for it.
    pub changes: usize,
}

/// Makes changes, in any order, and returns the new text, how many were made, and what was left out.
///
/// A change is one edit or several that belong together: all of it is made, or nothing. An edit that several changes
/// hold in `shared` is made once. Changes that overlap are not guessed at: all of the knot are left out. Ranges must lie
/// within the text on the borders of characters; insertions at one place stand in the order they were given.
pub fn apply(text: &str, changes: &[Vec<Edit>], shared: &[Edit]) -> (String, usize, Vec<Collision>) {
    let mut out = vec![false; changes.len()];
    let mut collisions = Vec::new();
    let mut edits: Vec<(&Edit, usize)> = Vec::new();
    for (number, change) in changes.iter().enumerate() {
        edits.extend(change.iter().map(|edit| (edit, number)));
    }
    edits.sort_by_key(|(edit, number)| (edit.start, edit.end, *number));
    edits.dedup_by(|(b, _), (a, _)| a == b && a.start != a.end);
    let mut knot: Vec<(&Edit, usize)> = Vec::new();
    let mut end = 0;
    for &(edit, number) in edits.iter().chain([&(&Edit::NEVER, usize::MAX)]) {
        if edit.start >= end {
            if let [(first, _), _, ..] = knot.as_slice() {
                let numbers: BTreeSet<usize> = knot.iter().map(|(_, number)| *number).collect();
                collisions.push(Collision {
                    start: first.start,
                    changes: numbers.len(),
                });
                for number in numbers {
                    out[number] = true;
                }
            }
            knot.clear();
        }
        knot.push((edit, number));
        end = end.max(edit.end);
    }
    let made = out.iter().filter(|out| !**out).count();
    let mut edits: Vec<&Edit> = (edits.into_iter())
        .filter_map(|(edit, number)| (!out[number]).then_some(edit))
        .collect();
    if made > 0 || changes.is_empty() {
        let mut once: Vec<&Edit> = shared.iter().collect();
        once.sort();
        once.dedup();
        edits.extend(once);
        edits.sort_by_key(|edit| (edit.start, edit.end));
    }
    let mut new = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for edit in edits {
        // What is shared gives way to what is not.
        if edit.start >= at {
            new.push_str(&text[at..edit.start]);
            new.push_str(&edit.with);
            at = edit.end;
        }
    }
    new.push_str(&text[at..]);
    (new, made, collisions)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn edits_are_made_in_any_order_and_once() {
        let changes = [
            vec![Edit::replace(4..7, "drei")],
            vec![Edit::insert(0, ">")],
            vec![Edit::replace(4..7, "drei")],
        ];
        assert_eq!(apply("one two", &changes, &[]), (">one drei".to_owned(), 3, vec![]));
    }

    #[test]
    fn changes_that_overlap_are_all_left_out_with_all_their_edits() {
        let changes = [
            vec![Edit::remove(0..2), Edit::remove(5..6)],
            vec![Edit::remove(1..3)],
            vec![Edit::remove(4..5)],
        ];
        let left = vec![Collision { start: 0, changes: 2 }];
        assert_eq!(apply("abcdef", &changes, &[]), ("abcdf".to_owned(), 1, left));
    }

    #[test]
    fn what_is_shared_is_made_once_and_only_with_a_change() {
        let import = Edit::insert(0, "import x\n");
        let changes = [vec![Edit::replace(0..1, "b")]];
        let shared = [import.clone(), import.clone()];
        assert_eq!(apply("a", &changes, &shared).0, "import x\nb");
        let knot = [vec![Edit::replace(0..1, "b")], vec![Edit::replace(0..1, "c")]];
        assert_eq!(apply("a", &knot, &shared).0, "a");
    }

    proptest! {
        #[test]
        fn what_no_edit_names_keeps_its_bytes(text in "[a-zåäö\n]{0,60}", marks in prop::collection::vec(0usize..60, 0..6)) {
            let mut marks: Vec<usize> = (marks.into_iter())
                .filter(|&mark| mark <= text.len() && text.is_char_boundary(mark))
                .collect();
            marks.sort_unstable();
            marks.dedup();
            let changes: Vec<Vec<Edit>> = (marks.chunks_exact(2))
                .map(|pair| vec![Edit::replace(pair[0]..pair[1], "#")])
                .collect();
            let (new, made, left) = apply(&text, &changes, &[]);
            prop_assert_eq!((made, left.len()), (changes.len(), 0));
            let mut kept = String::new();
            let mut at = 0;
            for change in &changes {
                kept.push_str(&text[at..change[0].start]);
                at = change[0].end;
            }
            kept.push_str(&text[at..]);
            prop_assert_eq!(new.replace('#', ""), kept);
        }
    }
}
