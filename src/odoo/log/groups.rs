//! Warnings and errors that say the same thing, told once.

use std::collections::{BTreeMap, HashMap};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fingerprint::pattern;
use super::place::Place;
use super::record::{Level, Record};

/// Groups that are told apart; what is new after that goes into one group for the rest.
const MOST: usize = 400;
/// Places told of a group.
const PLACES: usize = 5;
/// Places counted of a group.
const MOST_PLACES: usize = 200;
/// Characters of an example's headline.
const HEADLINE: usize = 400;

/// Warnings or errors that differ in numbers, ids and names only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LogGroup {
    /// How loud.
    pub level: Level,
    /// Who speaks: `odoo.modules.loading`.
    pub logger: String,
    /// What all of them say; numbers are `#`, names `…`.
    pub pattern: String,
    /// The headline of the first, at most 400 characters.
    pub example: String,
    /// The line that names the exception, where the first came with a traceback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<String>,
    /// How many there are.
    pub times: u64,
    /// The line of the log in which the first begins, from 1.
    pub line: u64,
    /// What they are about, the commonest first; at most 5.
    pub places: Vec<PlaceCount>,
}

/// A place, and how often a group speaks of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlaceCount {
    /// What it is about.
    pub place: Place,
    /// How often.
    pub times: u64,
}

/// Collects groups while a log is read.
#[derive(Debug, Default)]
pub struct Groups {
    groups: HashMap<Key, Gathered>,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    level: Level,
    logger: String,
    pattern: String,
}

#[derive(Debug)]
struct Gathered {
    group: LogGroup,
    places: BTreeMap<Place, u64>,
}

impl Groups {
    /// Adds a record that begins in this line of the log.
    pub fn add(&mut self, record: &Record, place: Place, line: u64) {
        let exception = exception(&record.message);
        let mut key = Key {
            level: record.level,
            logger: record.logger.clone(),
            pattern: pattern(record.headline()),
        };
        if let Some(exception) = exception {
            key.pattern.push_str(": ");
            key.pattern.push_str(&pattern(exception));
        }
        if self.groups.len() >= MOST && !self.groups.contains_key(&key) {
            key.logger.clear();
            key.pattern = "…".into();
        }
        let gathered = self.groups.entry(key).or_insert_with_key(|key| Gathered {
            group: LogGroup {
                level: key.level,
                logger: key.logger.clone(),
                pattern: key.pattern.clone(),
                example: record.headline().chars().take(HEADLINE).collect(),
                exception: exception.map(|text| text.chars().take(HEADLINE).collect()),
                times: 0,
                line,
                places: Vec::new(),
            },
            places: BTreeMap::new(),
        });
        gathered.group.times += 1;
        let places = &mut gathered.places;
        if !place.is_nowhere() && (places.len() < MOST_PLACES || places.contains_key(&place)) {
            *places.entry(place).or_default() += 1;
        }
    }

    /// Returns the groups, the loudest first, of equals the most frequent.
    pub fn finish(self) -> Vec<LogGroup> {
        let mut groups: Vec<LogGroup> = self.groups.into_values().map(Gathered::finish).collect();
        groups.sort_by(|a, b| {
            b.level
                .cmp(&a.level)
                .then(b.times.cmp(&a.times))
                .then(a.line.cmp(&b.line))
        });
        groups
    }
}

impl Gathered {
    fn finish(self) -> LogGroup {
        let mut group = self.group;
        group.places = self
            .places
            .into_iter()
            .map(|(place, times)| PlaceCount { place, times })
            .collect();
        // Stable: places of the same count stay in alphabetical order.
        group.places.sort_by_key(|place| std::cmp::Reverse(place.times));
        group.places.truncate(PLACES);
        group
    }
}

/// Returns the line that names the exception of the last traceback in a record.
fn exception(text: &str) -> Option<&str> {
    let (_, last) = text.rsplit_once("Traceback (most recent call last):\n")?;
    last.lines().find(|line| !line.is_empty() && !line.starts_with(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(level: &str, text: &str) -> Record {
        Record::begin(&format!("2026-11-22 18:32:40,447 8 {level} acme odoo.x: {text}")).unwrap()
    }

    fn about(module: &str) -> Place {
        Place {
            module: Some(module.into()),
            ..Place::default()
        }
    }

    #[test]
    fn what_differs_in_names_and_numbers_is_one_group_and_errors_come_first() {
        let mut groups = Groups::default();
        groups.add(&record("WARNING", "field a_b has 3 values"), about("sale"), 1);
        groups.add(&record("WARNING", "field c_d has 4 values"), about("stock"), 2);
        groups.add(&record("WARNING", "field e_f has 4 values"), about("stock"), 5);
        let mut failed = record("ERROR", "Failed");
        failed
            .message
            .push_str("\nTraceback (most recent call last):\n  File x\nKeyError: 'k'\n");
        groups.add(&failed, Place::default(), 9);
        let groups = groups.finish();
        assert_eq!(groups.len(), 2);
        assert_eq!(groups[0].level, Level::Error);
        assert_eq!(groups[0].pattern, "Failed: KeyError: '…'");
        assert_eq!(groups[0].exception.as_deref(), Some("KeyError: 'k'"));
        assert_eq!(groups[0].places, []);
        let fields = &groups[1];
        assert_eq!((fields.times, fields.line), (3, 1));
        assert_eq!(fields.pattern, "field … has # values");
        assert_eq!(fields.example, "field a_b has 3 values");
        assert_eq!(fields.places[0].place, about("stock"));
        assert_eq!(fields.places[0].times, 2);
    }

    #[test]
    fn a_log_that_never_says_the_same_twice_does_not_fill_the_memory() {
        let words = ["ett", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio", "tio"];
        let mut groups = Groups::default();
        let mut line = 0;
        for a in words {
            for b in words {
                for c in words {
                    line += 1;
                    groups.add(&record("WARNING", &format!("{a} {b} {c}")), Place::default(), line);
                }
            }
        }
        let groups = groups.finish();
        assert_eq!(groups.len(), MOST + 1);
        assert_eq!(groups.iter().map(|group| group.times).sum::<u64>(), 1000);
        assert_eq!(groups[0].pattern, "…");
    }
}
