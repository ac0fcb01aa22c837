//! What a person asked for of a log: records from a level on, of one module, whole.

use super::lines::{Line, Lines};
use super::notice::{self, Notice};
use super::place::Place;
use super::reader::continue_with;
use super::record::{Head, Level, Record};
use super::rules::{self, NoiseRule};
use super::times::Times;

/// A record that passed.
#[derive(Clone, Debug, PartialEq)]
pub struct Sieved {
    /// The record, its traceback with it.
    pub record: Record,
    /// What it is about.
    pub place: Place,
    /// The line it begins in, from 1.
    pub line: u64,
    /// The rule by which it is normal for an upgrade, when it is.
    pub noise: Option<&'static NoiseRule>,
}

/// Lets through what a person wants to see.
#[derive(Debug)]
pub struct LogSieve {
    lines: Lines,
    filter: Filter,
}

#[derive(Debug)]
struct Filter {
    level: Level,
    module: Option<String>,
    /// The module at work.
    at: String,
    times: Times,
    pending: Option<Pending>,
}

#[derive(Debug)]
struct Pending {
    record: Record,
    line: u64,
    noise: Option<&'static NoiseRule>,
    at: String,
    script: Option<String>,
}

impl LogSieve {
    /// Returns a sieve for records of at least this level, of a module when one is named: records that speak of it, and
    /// those written while it was at work.
    pub fn new(level: Level, module: Option<&str>) -> LogSieve {
        LogSieve {
            lines: Lines::default(),
            filter: Filter {
                level,
                module: module.map(str::to_owned),
                at: String::new(),
                times: Times::default(),
                pending: None,
            },
        }
    }

    /// Takes the next bytes and hands on every record they complete. The newest is held back until the next begins.
    pub fn push(&mut self, chunk: &[u8], on: &mut dyn FnMut(Sieved)) {
        let filter = &mut self.filter;
        self.lines
            .push(chunk, &mut |number, line| filter.line(number, line, on));
    }

    /// Hands on what is still held back; the log has ended.
    pub fn finish(mut self, on: &mut dyn FnMut(Sieved)) {
        let filter = &mut self.filter;
        self.lines.finish(&mut |number, line| filter.line(number, line, on));
        filter.settle(on);
    }
}

impl Filter {
    fn line(&mut self, number: u64, line: Line<'_>, on: &mut dyn FnMut(Sieved)) {
        match line {
            Line::Begins(head) => {
                self.settle(on);
                self.follow(&head);
                if head.level >= self.level {
                    self.pending = Some(Pending {
                        record: head.to_record(),
                        line: number,
                        noise: rules::noise(&head),
                        at: self.at.clone(),
                        script: self.times.script(),
                    });
                }
            }
            Line::Continues(text) => {
                if let Some(pending) = &mut self.pending {
                    continue_with(&mut pending.record.message, text);
                }
            }
        }
    }

    /// Follows which module and script are at work.
    fn follow(&mut self, head: &Head<'_>) {
        self.times.tick(head.stamp, head.logger);
        let Some(notice) = (head.level < Level::Warning).then(|| notice::notice(head)).flatten() else {
            return;
        };
        self.times.hear(head.stamp, &notice, &self.at, false);
        match notice {
            Notice::ModuleBegins { module, .. } | Notice::Script { module, .. } => module.clone_into(&mut self.at),
            Notice::GraphDone | Notice::Verifying | Notice::ModulesLoaded => self.at.clear(),
            _ => {}
        }
    }

    fn settle(&mut self, on: &mut dyn FnMut(Sieved)) {
        let Some(pending) = self.pending.take() else {
            return;
        };
        let place = Place::of(&pending.record, &pending.at, pending.script.as_deref());
        let wanted = self
            .module
            .as_ref()
            .is_none_or(|module| place.module.as_ref() == Some(module) || pending.at == *module);
        if wanted {
            on(Sieved {
                record: pending.record,
                place,
                line: pending.line,
                noise: pending.noise,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
2026-11-22 18:32:39,000 8 INFO acme odoo.modules.loading: Loading module sale (2/3) \n\
2026-11-22 18:32:39,100 8 WARNING acme odoo.fields: strange \n\
2026-11-22 18:32:39,200 8 WARNING acme odoo.modules.module_graph: module stock: not installable, skipped \n\
2026-11-22 18:32:40,000 8 INFO acme odoo.modules.loading: Loading module stock (3/3) \n\
2026-11-22 18:32:40,100 8 ERROR acme odoo.sql_db: bad query\n\
Traceback (most recent call last):\n\
\x20 File x\n\
KeyError: 1\n\
2026-11-22 18:32:41,000 8 INFO acme odoo: bye";

    fn sieve(level: Level, module: Option<&str>) -> Vec<(u64, String)> {
        let mut seen = Vec::new();
        let mut sieve = LogSieve::new(level, module);
        let mut on = |sieved: Sieved| seen.push((sieved.line, sieved.record.message));
        for chunk in LOG.as_bytes().chunks(7) {
            sieve.push(chunk, &mut on);
        }
        sieve.finish(&mut on);
        seen
    }

    #[test]
    fn what_passes_is_whole() {
        let errors = sieve(Level::Error, None);
        assert_eq!(
            errors,
            [(
                5,
                "bad query\nTraceback (most recent call last):\n  File x\nKeyError: 1".to_owned()
            )]
        );
        assert_eq!(sieve(Level::Info, None).len(), 6);
    }

    #[test]
    fn a_module_has_what_is_said_of_it_and_what_is_said_at_its_work() {
        let lines = |module| -> Vec<u64> {
            sieve(Level::Warning, Some(module))
                .into_iter()
                .map(|one| one.0)
                .collect()
        };
        assert_eq!(lines("sale"), [2, 3]);
        assert_eq!(lines("stock"), [3, 5]);
        assert_eq!(lines("mrp"), [0; 0]);
    }
}
