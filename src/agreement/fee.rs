//! The monthly fee: from lines to hundreds.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Count, CountError, Exclusion, LineRounding, ModuleLines, Source};
use crate::amount::Amount;

/// What a fee is calculated from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counted {
    /// Whose rules were used.
    pub rules: String,
    /// The code that was counted.
    pub sources: Vec<Source>,
    /// Every module of the count, the longest first.
    pub modules: Vec<CountedModule>,
    /// Lines of all covered modules together.
    pub lines: u64,
    /// What becomes of lines that are not a whole hundred; of the sum, not of each module.
    pub rounding: LineRounding,
    /// Hundreds of lines that are billed.
    #[schemars(with = "String")]
    pub hundreds: Amount,
    /// What was left out, and why.
    pub excluded: Vec<Exclusion>,
    /// What could not be counted: it lowers the count.
    pub errors: Vec<CountError>,
}

/// A module of the count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CountedModule {
    /// The module and its lines.
    #[serde(flatten)]
    pub module: ModuleLines,
    /// Whether the agreement covers it; only then it is billed.
    pub covered: bool,
}

/// Returns what of a count is billed: the modules that `covers` names, or all when it names none.
pub fn counted(count: &Count, covers: &[String], rounding: LineRounding) -> Counted {
    let mut modules: Vec<CountedModule> = (count.modules.iter())
        .map(|module| CountedModule {
            covered: is_covered(covers, &module.module),
            module: module.clone(),
        })
        .collect();
    modules.sort_by(|a, b| {
        let longest_first = b.module.lines.cmp(&a.module.lines);
        longest_first.then_with(|| a.module.module.cmp(&b.module.module))
    });
    let covered = modules.iter().filter(|module| module.covered);
    let lines = covered.fold(0_u64, |sum, module| sum.saturating_add(module.module.lines));
    Counted {
        rules: count.rules.clone(),
        sources: count.sources.clone(),
        modules,
        lines,
        rounding,
        hundreds: hundreds(lines, rounding),
        excluded: count.excluded.clone(),
        errors: count.errors.clone(),
    }
}

/// Returns how many hundreds are billed for so many lines.
fn hundreds(lines: u64, rounding: LineRounding) -> Amount {
    let whole = |hundreds: u64| Amount::hundredths(hundreds.saturating_mul(100));
    match rounding {
        LineRounding::Up => whole(lines.div_ceil(100)),
        LineRounding::Down => whole(lines / 100),
        LineRounding::Nearest => whole(lines.saturating_add(50) / 100),
        LineRounding::Exact => Amount::hundredths(lines),
    }
}

/// Says whether an agreement covers a module: one that `covers` names, or any when it names none.
pub fn is_covered(covers: &[String], module: &str) -> bool {
    covers.is_empty() || covers.iter().any(|pattern| matches(pattern, module))
}

/// Says whether a name fits a pattern in which `*` stands for any letters, or none.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => name
            .strip_prefix(start)
            .is_some_and(|name| (0..=name.len()).any(|at| name.get(at..).is_some_and(|name| matches(rest, name)))),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [LineRounding; 4] = [
        LineRounding::Up,
        LineRounding::Down,
        LineRounding::Nearest,
        LineRounding::Exact,
    ];

    #[test]
    fn every_rule_is_what_it_says_around_a_hundred() {
        let cases = [
            (0, ["0", "0", "0", "0"]),
            (1, ["1", "0", "0", "0.01"]),
            (49, ["1", "0", "0", "0.49"]),
            (50, ["1", "0", "1", "0.5"]),
            (99, ["1", "0", "1", "0.99"]),
            (100, ["1", "1", "1", "1"]),
            (101, ["2", "1", "1", "1.01"]),
            (149, ["2", "1", "1", "1.49"]),
            (150, ["2", "1", "2", "1.5"]),
        ];
        for (lines, expected) in cases {
            let found = ALL.map(|rounding| hundreds(lines, rounding).to_string());
            assert_eq!(found, expected, "{lines} lines");
        }
    }

    #[test]
    fn a_pattern_covers_what_fits_it() {
        let cases = [
            ("acme_*", "acme_loyalty", true),
            ("acme_*", "acme_", true),
            ("acme_*", "acme", false),
            ("acme_*", "my_acme_x", false),
            ("*_se", "l10n_se", true),
            ("*_se", "l10n_se_sie", false),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "acb", false),
            ("*", "anything", true),
            ("acme", "acme", true),
            ("acme", "acme_x", false),
            ("*å", "på", true),
        ];
        for (pattern, name, expected) in cases {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    fn count(lines: &[(&str, u64)]) -> Count {
        let module = |&(name, lines): &(&str, u64)| ModuleLines {
            module: name.into(),
            repository: None,
            lines,
        };
        Count {
            modules: lines.iter().map(module).collect(),
            ..Count::default()
        }
    }

    #[test]
    fn only_covered_modules_are_billed_and_their_sum_is_rounded_once() {
        let count = count(&[("acme_a", 60), ("web_x", 500), ("acme_b", 40)]);
        let some = counted(&count, &["acme_*".into()], LineRounding::Up);
        assert_eq!((some.lines, some.hundreds.to_string().as_str()), (100, "1"));
        let covered: Vec<(&str, bool)> = (some.modules.iter())
            .map(|counted| (counted.module.module.as_str(), counted.covered))
            .collect();
        assert_eq!(covered, [("web_x", false), ("acme_a", true), ("acme_b", true)]);
        let all = counted(&count, &[], LineRounding::Up);
        assert_eq!((all.lines, all.hundreds.to_string().as_str()), (600, "6"));
    }

    proptest! {
        #[test]
        fn more_lines_are_never_cheaper(lines in 0_u64..1_000_000, more in 0_u64..1_000) {
            for rounding in ALL {
                prop_assert!(hundreds(lines, rounding) <= hundreds(lines + more, rounding));
            }
        }

        #[test]
        fn no_rule_is_off_by_a_hundred_lines(lines in 0_u64..1_000_000) {
            let exact = hundreds(lines, LineRounding::Exact).millionths();
            for rounding in ALL {
                prop_assert!((hundreds(lines, rounding).millionths() - exact).abs() < 1_000_000);
            }
        }
    }
}
