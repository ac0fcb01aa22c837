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

/// What came of changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The new text.
    pub text: String,
    /// How many changes were made.
    pub changes: usize,
    /// The edits that were made, in the order of the text; none of them overlaps another.
    pub edits: Vec<Edit>,
    /// What was left out.
    pub collisions: Vec<Collision>,
}

/// Makes changes, in any order.
///
/// A change is one edit or several that belong together: all of it is made, or nothing. An edit that several changes
/// hold in `shared` is made once. Changes that overlap are not guessed at: all of the knot are left out. Ranges must lie
/// within the text on the borders of characters; insertions at one place stand in the order they were given.
pub fn apply(text: &str, changes: &[Vec<Edit>], shared: &[Edit]) -> Made {
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
    let mut kept = Vec::with_capacity(edits.len());
    for edit in edits {
        // What is shared gives way to what is not.
        if edit.start >= at {
            new.push_str(&text[at..edit.start]);
            new.push_str(&edit.with);
            at = edit.end;
            kept.push(edit.clone());
        }
    }
    new.push_str(&text[at..]);
    Made {
        text: new,
        changes: made,
        edits: kept,
        collisions,
    }
}

/// Returns where a byte of the old text is in the new one. Of what was replaced that is the beginning of what came.
pub(super) fn after(edits: &[Edit], at: usize) -> usize {
    let (mut gone, mut come) = (0, 0);
    for edit in edits.iter().take_while(|edit| edit.start <= at) {
        if at < edit.end {
            return edit.start - gone + come;
        }
        gone += edit.end - edit.start;
        come += edit.with.len();
    }
    at - gone + come
}

/// Returns where a byte of the new text was in the old one: the reverse of [`after`].
pub(super) fn before(edits: &[Edit], at: usize) -> usize {
    let (mut gone, mut come) = (0, 0);
    for edit in edits {
        let start = edit.start - gone + come;
        if at < start {
            break;
        }
        if at < start + edit.with.len() {
            return edit.start;
        }
        gone += edit.end - edit.start;
        come += edit.with.len();
    }
    at - come + gone
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
        let made = apply("one two", &changes, &[]);
        assert_eq!((made.text.as_str(), made.changes), (">one drei", 3));
        assert_eq!(made.edits, [Edit::insert(0, ">"), Edit::replace(4..7, "drei")]);
    }

    #[test]
    fn changes_that_overlap_are_all_left_out_with_all_their_edits() {
        let changes = [
            vec![Edit::remove(0..2), Edit::remove(5..6)],
            vec![Edit::remove(1..3)],
            vec![Edit::remove(4..5)],
        ];
        let made = apply("abcdef", &changes, &[]);
        assert_eq!((made.text.as_str(), made.changes), ("abcdf", 1));
        assert_eq!(made.collisions, [Collision { start: 0, changes: 2 }]);
    }

    #[test]
    fn what_is_shared_is_made_once_and_only_with_a_change() {
        let import = Edit::insert(0, "import x\n");
        let changes = [vec![Edit::replace(0..1, "b")]];
        let shared = [import.clone(), import.clone()];
        assert_eq!(apply("a", &changes, &shared).text, "import x\nb");
        let knot = [vec![Edit::replace(0..1, "b")], vec![Edit::replace(0..1, "c")]];
        assert_eq!(apply("a", &knot, &shared).text, "a");
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
            let Made { text: new, changes: made, edits, collisions } = apply(&text, &changes, &[]);
            prop_assert_eq!((made, collisions.len()), (changes.len(), 0));
            // A byte that stays is found again, forth and back.
            for at in (0..text.len()).filter(|at| !edits.iter().any(|edit| (edit.start..edit.end).contains(at))) {
                prop_assert_eq!(new.as_bytes()[after(&edits, at)], text.as_bytes()[at]);
                prop_assert_eq!(before(&edits, after(&edits, at)), at);
            }
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
