//! What the log of a hop says, as progress while it grows and as a summary at its end.

use std::collections::{BTreeMap, BTreeSet};

use super::cause::{self, Cause};
use super::expect::Expectation;
use super::groups::Groups;
use super::lines::{Line, Lines};
use super::notice::{self, CannotRender, Complaint, Notice};
use super::place::Place;
use super::reader::continue_with;
use super::record::{Head, Level, Record};
use super::rules::{self, NoiseRule};
use super::times::Times;

pub(super) use super::summary::HopLogSummary;
use super::summary::LISTED;

/// Errors kept in full; more are only counted.
const KEPT: usize = 50;
/// Views told apart that could not be rendered.
const VIEWS: usize = 5000;

/// How far a hop has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleProgress {
    /// The module at work, empty while cleaning up.
    pub module: String,
    /// Its place in the order, from 1.
    pub index: u32,
    /// How many there are.
    pub total: u32,
    /// What is done with it.
    pub phase: Phase,
    /// What exactly: a script (`19.0.1.3/pre-migration`), a field that is computed, what is deleted. Empty for nothing
    /// that would need words.
    pub detail: String,
}

impl std::fmt::Display for ModuleProgress {
    /// Writes where the hop is without the count: `stock: 19.0.1.1/post-migration`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ModuleProgress { module, detail, .. } = self;
        match self.phase {
            Phase::CleaningUp => write!(f, "deleting what is obsolete: {detail} records"),
            Phase::Finishing => f.write_str("checking fields and views"),
            Phase::Computing => write!(f, "{module}: computing {detail}"),
            Phase::Script(_) => write!(f, "{module}: {detail}"),
            Phase::Loading | Phase::Loaded => f.write_str(module),
        }
    }
}

/// What is done with a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Its code is read, its tables and data are brought up to date.
    Loading,
    /// A migration script of this stage runs: `pre`, `post` or `end`.
    Script(&'static str),
    /// Stored fields are computed anew.
    Computing,
    /// It is done.
    Loaded,
    /// All are; what nothing defines any more is deleted. About 40 % of a hop's time.
    CleaningUp,
    /// Fields and views are checked once more.
    Finishing,
}

/// Folds the log of a hop.
#[derive(Debug, Default)]
pub struct HopLog {
    lines: Lines,
    fold: Fold,
}

#[derive(Debug)]
struct Fold {
    summary: HopLogSummary,
    at: ModuleProgress,
    /// What was last told of it.
    told: ModuleProgress,
    /// Whether every module is loaded.
    all_loaded: bool,
    /// Whether Odoo itself says what it deletes; up to 16.0 OpenUpgrade has it keep quiet.
    says_deletions: bool,
    times: Times,
    expected: Expectation,
    groups: Groups,
    /// The newest loud record: its continuation may be on its way.
    pending: Option<Pending>,
    noise: BTreeMap<&'static str, usize>,
    not_installable: BTreeSet<String>,
    inconsistent: BTreeSet<String>,
    cannot_render: BTreeMap<String, CannotRender>,
    cause: Option<Cause>,
}

#[derive(Debug)]
struct Pending {
    record: Record,
    line: u64,
    rule: Option<&'static NoiseRule>,
}

impl HopLog {
    /// Returns the log of a hop of which an earlier one is known: what its parts took then tells how much is done now.
    pub fn after(earlier: Option<&HopLogSummary>) -> HopLog {
        let mut log = HopLog::default();
        if let Some(earlier) = earlier {
            log.fold.expected = Expectation::from(earlier);
        }
        log
    }

    /// Takes the next bytes; returns where the hop is when that changed.
    pub fn feed(&mut self, chunk: &[u8]) -> Option<ModuleProgress> {
        let fold = &mut self.fold;
        self.lines.push(chunk, &mut |number, line| fold.line(number, line));
        if fold.told == fold.at {
            return None;
        }
        fold.told = fold.at.clone();
        Some(fold.at.clone())
    }

    /// Returns how much of the hop's work is done, from 0 to 1, by what its parts took in an earlier hop; without one
    /// every module counts the same. Never less than before.
    pub fn share(&mut self) -> f64 {
        let fold = &mut self.fold;
        fold.expected.share(&fold.at, fold.summary.deleted)
    }

    /// Returns what the whole log says.
    pub fn finish(mut self) -> HopLogSummary {
        let fold = &mut self.fold;
        self.lines.finish(&mut |number, line| fold.line(number, line));
        fold.summary.lines = self.lines.count();
        self.fold.finish()
    }
}

impl Default for Fold {
    fn default() -> Fold {
        let at = ModuleProgress {
            module: String::new(),
            index: 0,
            total: 0,
            phase: Phase::Loading,
            detail: String::new(),
        };
        Fold {
            summary: HopLogSummary::default(),
            told: at.clone(),
            at,
            all_loaded: false,
            says_deletions: false,
            times: Times::default(),
            expected: Expectation::default(),
            groups: Groups::default(),
            pending: None,
            noise: BTreeMap::new(),
            not_installable: BTreeSet::new(),
            inconsistent: BTreeSet::new(),
            cannot_render: BTreeMap::new(),
            cause: None,
        }
    }
}

impl Fold {
    fn line(&mut self, number: u64, line: Line<'_>) {
        match line {
            Line::Begins(mut head) => {
                head.level = rules::level(&head);
                if self
                    .pending
                    .as_ref()
                    .is_some_and(|error| rules::is_taken_back(&error.record, &head))
                {
                    self.pending = None;
                    self.summary.error_count -= 1;
                }
                self.settle();
                self.times.tick(head.stamp, head.logger);
                if self.at.phase == Phase::Computing && !self.times.computes() {
                    self.at.phase = Phase::Loading;
                    self.at.detail.clear();
                }
                if head.level >= Level::Warning {
                    self.loud(number, head);
                } else if let Some(notice) = notice::notice(&head) {
                    self.says_deletions |= matches!(notice, Notice::CleaningUp);
                    self.course(&head, &notice);
                }
            }
            Line::Continues(text) => {
                if let Some(pending) = &mut self.pending {
                    continue_with(&mut pending.record.message, text);
                }
            }
        }
    }

    /// Follows the course of the upgrade.
    fn course(&mut self, head: &Head<'_>, notice: &Notice<'_>) {
        self.times.hear(head.stamp, notice, &self.at.module, self.all_loaded);
        match *notice {
            Notice::GraphBegins { total } => {
                self.at.total = total;
                self.all_loaded = false;
            }
            Notice::GraphDone => self.all_loaded = self.at.total > 1,
            Notice::ModuleBegins { module, index, total } => {
                self.all_loaded = false;
                (self.at.index, self.at.total) = (index, total);
                self.turn_to(module, Phase::Loading);
            }
            Notice::Tables => {
                self.at.phase = Phase::Loading;
                self.at.detail.clear();
            }
            Notice::Script {
                module,
                stage,
                version,
                name,
            } => {
                self.turn_to(module, Phase::Script(stage));
                self.at.detail = format!("{version}/{name}");
            }
            Notice::Computing { field } => {
                self.at.phase = Phase::Computing;
                self.at.detail.clear();
                self.at.detail.push_str(field);
            }
            Notice::ModuleDone { module, .. } => {
                self.expected.module_done(module);
                self.turn_to(module, Phase::Loaded);
            }
            Notice::CleaningUp if self.all_loaded => {
                self.summary.deleted += 1;
                self.turn_to("", Phase::CleaningUp);
                self.at.detail = self.summary.deleted.to_string();
            }
            Notice::Verifying if self.all_loaded => self.turn_to("", Phase::Finishing),
            Notice::CleaningUp | Notice::Verifying => {}
            Notice::ModulesLoaded => {
                self.summary.modules_loaded = true;
                self.turn_to("", Phase::Finishing);
            }
            Notice::ShutDown => self.summary.shut_down = true,
        }
    }

    fn turn_to(&mut self, module: &str, phase: Phase) {
        self.at.module.clear();
        self.at.module.push_str(module);
        self.at.phase = phase;
        self.at.detail.clear();
    }

    /// Takes a warning or an error.
    fn loud(&mut self, number: u64, head: Head<'_>) {
        match notice::complaint(&head) {
            Some(Complaint::NotInstallable(module)) => {
                self.not_installable.insert(module.into());
            }
            Some(Complaint::Inconsistent(modules)) => self.inconsistent.extend(modules.into_iter().map(Into::into)),
            None => {}
        }
        let rule = rules::noise(&head);
        if head.level == Level::Warning {
            self.summary.warnings += 1;
        } else {
            self.summary.error_count += 1;
        }
        if let Some(rule) = rule {
            *self.noise.entry(rule.id).or_default() += 1;
            if rule.id == rules::COLUMN_KEPT && self.all_loaded && !self.says_deletions {
                self.course(&head, &Notice::CleaningUp);
            }
            if rule.id == rules::FILTER_DISABLED && self.summary.filters_disabled.len() < KEPT {
                self.summary.filters_disabled.push(head.message.into());
            }
            if rule.id != rules::VIEW_NOT_RENDERED_YET {
                return;
            }
        }
        self.pending = Some(Pending {
            record: head.to_record(),
            line: number,
            rule,
        });
    }

    /// Judges the newest loud record, which is complete now.
    fn settle(&mut self) {
        let Some(Pending { record, line, rule }) = self.pending.take() else {
            return;
        };
        if rule.is_some() {
            self.not_rendered(&record.message);
            return;
        }
        let place = Place::of(&record, &self.at.module, self.times.script().as_deref());
        self.groups.add(&record, place, line);
        if record.level == Level::Warning {
            return;
        }
        let found = cause::of_record(&record);
        if found.rank() > self.cause.as_ref().map_or(0, Cause::rank) {
            self.cause = Some(found);
        }
        if self.summary.errors.len() < KEPT {
            self.summary.errors.push(record);
        }
    }

    fn not_rendered(&mut self, message: &str) {
        if let Some(seen) = self.cannot_render.get_mut(message) {
            seen.times += 1;
        } else if self.cannot_render.len() < VIEWS
            && let Some((view, model, reason)) = notice::cannot_render(message)
        {
            let view = CannotRender {
                view: view.into(),
                model: model.into(),
                reason: reason.into(),
                times: 1,
            };
            self.cannot_render.insert(message.into(), view);
        }
    }

    fn finish(mut self) -> HopLogSummary {
        self.settle();
        let mut summary = self.summary;
        (
            summary.phases,
            summary.modules,
            summary.scripts,
            summary.fields,
            summary.seconds,
        ) = self.times.finish();
        summary.groups = self.groups.finish();
        summary.group_count = summary.groups.len();
        summary.groups.truncate(LISTED);
        summary.noise = self.noise.into_iter().map(|(id, times)| (id.into(), times)).collect();
        summary.not_installable = self.not_installable.into_iter().collect();
        summary.inconsistent = self.inconsistent.into_iter().collect();
        summary.cannot_render = self.cannot_render.into_values().collect();
        let cause = if summary.modules_loaded {
            cause::of_unfinished_modules(&summary)
        } else {
            self.cause
                .or_else(|| (!summary.shut_down).then(|| cause::cut_off(Some(&self.at))))
        };
        if let Some(cause) = cause {
            summary.missing_dependency.clone_from(&cause.dependency);
            summary.blame = cause.blame;
            summary.cause = Some(cause.message);
            summary.hints = cause.hints;
            summary.excerpt = cause.excerpt;
        }
        summary
    }
}
