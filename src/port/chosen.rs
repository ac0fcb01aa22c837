//! The rules of a hop that were asked for, and which of them a text may concern.

use aho_corasick::AhoCorasick;

use super::rules::{self, Look, Rule};
use super::{Kind, Options};

/// Rules in their order, with one automaton that looks for the words of all of them at once.
pub(super) struct Chosen {
    pub(super) rules: Vec<&'static Rule>,
    /// Every word once; without one when no rule has words.
    words: Option<AhoCorasick>,
    /// The rules that ask for a word, by word.
    asking: Vec<Vec<usize>>,
}

impl Chosen {
    pub(super) fn new(to: u8, options: &Options) -> Chosen {
        let rules: Vec<&'static Rule> = rules::of_hop(to).filter(|rule| options.wants(rule)).collect();
        let mut words: Vec<&str> = rules.iter().flat_map(|rule| rule.words).copied().collect();
        words.sort_unstable();
        words.dedup();
        let asks = |word: &&str| {
            let numbers = rules.iter().enumerate().filter(|(_, rule)| rule.words.contains(word));
            numbers.map(|(number, _)| number).collect()
        };
        Chosen {
            asking: words.iter().map(asks).collect(),
            words: AhoCorasick::new(&words).ok().filter(|_| !words.is_empty()),
            rules,
        }
    }

    /// Says of each rule whether it may have something to do in a file.
    pub(super) fn concerned(&self, kind: Kind, text: &str) -> Vec<bool> {
        let mut concerned: Vec<bool> = (self.rules.iter())
            .map(|rule| rule.words.is_empty() || self.words.is_none())
            .collect();
        let mut left = self.asking.len();
        let mut seen = vec![false; left];
        for found in self.words.iter().flat_map(|words| words.find_overlapping_iter(text)) {
            let word = found.pattern().as_usize();
            if !std::mem::replace(&mut seen[word], true) {
                self.asking[word].iter().for_each(|rule| concerned[*rule] = true);
                left -= 1;
                if left == 0 {
                    break;
                }
            }
        }
        for (concerned, rule) in concerned.iter_mut().zip(&self.rules) {
            *concerned = *concerned && rule.looks.iter().any(|look| concerns(look, kind));
        }
        concerned
    }
}

/// Says whether a look is at files of this kind.
pub(super) fn concerns(look: &Look, kind: Kind) -> bool {
    match look {
        Look::Python(_) => kind == Kind::Python,
        Look::Xml(_) => kind == Kind::Xml,
        Look::Csv(_) => kind == Kind::Csv,
        Look::Manifest(_) => kind == Kind::Manifest,
        Look::Script(_) => kind == Kind::Script,
        Look::Module(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_looks_at_files_of_its_kind_that_hold_one_of_its_words() {
        let chosen = Chosen::new(19, &Options::default());
        let concerned = |kind, text| -> Vec<&str> {
            let flags = chosen.concerned(kind, text);
            let rules = chosen.rules.iter().zip(flags);
            rules.filter(|(_, flag)| *flag).map(|(rule, _)| rule.id).collect()
        };
        assert!(concerned(Kind::Python, "x = fields.Many2one(auto_join=True)").contains(&"19.6"));
        assert!(!concerned(Kind::Xml, "auto_join").contains(&"19.6"));
        assert!(!concerned(Kind::Python, "x = 1").contains(&"19.6"));
        assert!(concerned(Kind::Manifest, "").contains(&"A1"));
    }
}
