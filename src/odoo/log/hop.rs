//! What the log of a hop says, as progress while it grows and as a summary at its end.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::cause::{self, Blame, Cause};
use super::notice::{self, CannotRender, Notice};
use super::reader::{LogEvent, LogReader};
use super::record::{Level, Record};

/// Errors and remarkable warnings kept in full; more are only counted.
const KEPT: usize = 200;

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
}

/// What is done with a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Its code is read, its tables and data are brought up to date.
    Loading,
    /// A migration script of this stage runs: `pre`, `post` or `end`.
    Script(&'static str),
    /// It is done.
    Loaded,
    /// All are; what nothing defines any more is deleted. About 40 % of a hop's time.
    CleaningUp,
}

/// Folds the log of a hop.
#[derive(Debug, Default)]
pub struct HopLog {
    reader: LogReader,
    fold: Fold,
}

/// What the log of a hop says.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct HopLogSummary {
    /// Whether `Modules loaded.` was said: without it a hop has failed, whatever its exit code.
    pub modules_loaded: bool,
    /// Whether Odoo took its leave. Without it the process was killed.
    pub shut_down: bool,
    /// Records at ERROR and CRITICAL; the first 200.
    pub errors: Vec<Record>,
    /// How many there were.
    pub error_count: usize,
    /// How many records at WARNING.
    pub warnings: usize,
    /// Warnings that are normal for an upgrade, counted by rule.
    pub noise: BTreeMap<&'static str, usize>,
    /// The other warnings; the first 200.
    pub remarkable: Vec<Record>,
    /// Modules without code that can be installed: absent, or of another series.
    pub not_installable: Vec<String>,
    /// Modules left in a transient state.
    pub inconsistent: Vec<String>,
    /// Saved filters that OpenUpgrade switched off, in its own words.
    pub filters_disabled: Vec<String>,
    /// The module and the Python package or program it cannot do without.
    pub missing_dependency: Option<(String, String)>,
    /// Views that could not be rendered at some moment.
    pub cannot_render: Vec<CannotRender>,
    /// Each module with its seconds and its queries, in order.
    pub modules: Vec<(String, f64, u64)>,
    /// The root cause of a failure in words.
    pub cause: Option<String>,
    /// What the cause lies in.
    pub blame: Blame,
    /// What to do about the cause.
    pub hints: Vec<String>,
    /// The lines that show the cause.
    pub excerpt: Vec<String>,
    /// How many lines the log has.
    pub lines: u64,
}

#[derive(Debug, Default)]
struct Fold {
    summary: HopLogSummary,
    progress: Option<ModuleProgress>,
    not_installable: BTreeSet<String>,
    inconsistent: BTreeSet<String>,
    cannot_render: BTreeMap<(String, String), CannotRender>,
    cause: Option<Cause>,
}

impl HopLog {
    /// Takes the next bytes; returns where the hop is when that changed.
    pub fn feed(&mut self, chunk: &[u8]) -> Option<ModuleProgress> {
        let before = self.fold.progress.clone();
        let fold = &mut self.fold;
        self.reader.push(chunk, &mut |event| fold.event(&event));
        if let Some(notice) = self.reader.pending().and_then(notice::notice) {
            self.fold.advance(&notice);
        }
        (self.fold.progress != before)
            .then(|| self.fold.progress.clone())
            .flatten()
    }

    /// Returns what the whole log says.
    pub fn finish(mut self) -> HopLogSummary {
        let fold = &mut self.fold;
        self.reader.finish(&mut |event| fold.event(&event));
        self.fold.summary.lines = self.reader.lines();
        self.fold.finish()
    }
}

impl Fold {
    fn event(&mut self, event: &LogEvent) {
        let LogEvent::Record(record) = event else {
            return;
        };
        let notice = notice::notice(record);
        if record.level >= Level::Warning {
            self.complaint(record, notice.as_ref());
        }
        if let Some(notice) = notice {
            self.advance(&notice);
            self.note(notice);
        }
    }

    fn complaint(&mut self, record: &Record, notice: Option<&Notice>) {
        if record.level == Level::Warning {
            self.summary.warnings += 1;
            if notice.is_none() && self.summary.remarkable.len() < KEPT {
                self.summary.remarkable.push(record.clone());
            }
            return;
        }
        self.summary.error_count += 1;
        if self.summary.errors.len() < KEPT {
            self.summary.errors.push(record.clone());
        }
        let found = cause::of_record(record);
        if found.rank() > self.cause.as_ref().map_or(0, Cause::rank) {
            self.cause = Some(found);
        }
    }

    /// Moves the progress; saying the same thing twice changes nothing.
    fn advance(&mut self, notice: &Notice) {
        let progress = self.progress.get_or_insert(ModuleProgress {
            module: String::new(),
            index: 0,
            total: 0,
            phase: Phase::Loading,
        });
        match *notice {
            Notice::GraphBegins { total } => progress.total = total,
            Notice::ModuleBegins { module, index, total } => {
                *progress = ModuleProgress {
                    module: module.into(),
                    index,
                    total,
                    phase: Phase::Loading,
                };
            }
            Notice::Script { module, stage } => {
                progress.module = module.into();
                progress.phase = Phase::Script(stage);
            }
            Notice::ModuleDone { .. } => progress.phase = Phase::Loaded,
            Notice::CleaningUp if progress.index >= progress.total => {
                progress.module.clear();
                progress.phase = Phase::CleaningUp;
            }
            _ => {}
        }
    }

    fn note(&mut self, notice: Notice) {
        match notice {
            Notice::ModuleDone {
                module,
                seconds,
                queries,
            } => self.summary.modules.push((module.into(), seconds, queries)),
            Notice::ModulesLoaded => self.summary.modules_loaded = true,
            Notice::ShutDown => self.summary.shut_down = true,
            Notice::NotInstallable(module) => {
                self.not_installable.insert(module.into());
            }
            Notice::Inconsistent(modules) => {
                self.inconsistent.extend(modules.into_iter().map(Into::into));
            }
            Notice::CannotRender { view, model, reason } => {
                self.cannot_render
                    .entry((view.into(), reason.into()))
                    .and_modify(|seen| seen.times += 1)
                    .or_insert_with(|| CannotRender {
                        view: view.into(),
                        model: model.into(),
                        reason: reason.into(),
                        times: 1,
                    });
                *self.summary.noise.entry("view-not-rendered-yet").or_default() += 1;
            }
            Notice::FilterDisabled(text) => self.summary.filters_disabled.push(text.into()),
            Notice::Noise(rule) => *self.summary.noise.entry(rule).or_default() += 1,
            Notice::GraphBegins { .. } | Notice::ModuleBegins { .. } | Notice::Script { .. } | Notice::CleaningUp => {}
        }
    }

    fn finish(self) -> HopLogSummary {
        let mut summary = self.summary;
        summary.not_installable = self.not_installable.into_iter().collect();
        summary.inconsistent = self.inconsistent.into_iter().collect();
        summary.cannot_render = self.cannot_render.into_values().collect();
        let cause = if summary.modules_loaded {
            cause::of_unfinished_modules(&summary)
        } else {
            self.cause
                .or_else(|| (!summary.shut_down).then(|| cause::cut_off(self.progress.as_ref())))
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
