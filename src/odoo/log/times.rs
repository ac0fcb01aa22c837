//! What takes how long, measured from line to line.

use super::notice::Notice;
use super::record::Stamp;
use super::summary::{FieldTime, LISTED, ModuleTime, PhaseTime, ScriptTime, Slowest};

/// Measures modules, scripts, computed fields and the parts of a hop.
#[derive(Debug, Default)]
pub(super) struct Times {
    first: Option<Stamp>,
    latest: Option<Stamp>,
    phase: Option<(&'static str, Stamp)>,
    phases: Vec<PhaseTime>,
    modules: Vec<ModuleTime>,
    script: Option<(ScriptTime, &'static str, Stamp)>,
    scripts: Vec<ScriptTime>,
    computing: Option<(FieldTime, Stamp)>,
    fields: Vec<FieldTime>,
}

impl Times {
    /// Hears that a record begins.
    pub(super) fn tick(&mut self, stamp: Stamp, logger: &str) {
        self.latest = Some(stamp);
        if self.first.is_none() {
            self.first = Some(stamp);
            self.phase = Some(("start", stamp));
        }
        // These speak while fields are announced; whoever else does, speaks after they are computed.
        if self.computing.is_some() && logger != "odoo.models" && logger != "odoo.schema" {
            self.end_computing(stamp);
        }
    }

    /// Hears what a record tells; `module` is at work, and `cleaning` says whether all modules are loaded.
    pub(super) fn hear(&mut self, stamp: Stamp, notice: &Notice<'_>, module: &str, cleaning: bool) {
        let ends_script = match notice {
            Notice::Computing { .. } => false,
            // A script may delete records itself.
            Notice::CleaningUp => cleaning && self.script.as_ref().is_some_and(|(_, stage, _)| *stage == "end"),
            _ => true,
        };
        if ends_script {
            self.end_script(stamp);
        }
        match *notice {
            Notice::GraphBegins { total: 1 } => self.enter("base", stamp),
            Notice::GraphBegins { .. } => self.enter("modules", stamp),
            Notice::Script {
                module,
                stage,
                version,
                name,
            } => {
                if stage == "end" {
                    self.enter("end-scripts", stamp);
                }
                let script = ScriptTime {
                    module: module.into(),
                    version: version.into(),
                    name: name.into(),
                    seconds: 0.0,
                };
                self.script = Some((script, stage, stamp));
            }
            Notice::Computing { field } => self.compute(stamp, field, module),
            Notice::ModuleDone {
                module,
                seconds,
                queries,
            } => self.modules.push(ModuleTime {
                module: module.into(),
                seconds,
                queries,
            }),
            Notice::CleaningUp if cleaning => self.enter("clean-up", stamp),
            Notice::Verifying | Notice::ModulesLoaded if cleaning => self.enter("end", stamp),
            _ => {}
        }
    }

    /// Says whether stored fields are being computed.
    pub(super) fn computes(&self) -> bool {
        self.computing.is_some()
    }

    /// Returns the script that runs, as `module/version/name`.
    pub(super) fn script(&self) -> Option<String> {
        let (script, _, _) = self.script.as_ref()?;
        Some(format!("{}/{}/{}", script.module, script.version, script.name))
    }

    /// Returns what took how long: parts, modules, scripts, fields and all of it.
    pub(super) fn finish(
        mut self,
    ) -> (
        Vec<PhaseTime>,
        Slowest<ModuleTime>,
        Slowest<ScriptTime>,
        Slowest<FieldTime>,
        f64,
    ) {
        let mut seconds = 0.0;
        if let (Some(first), Some(latest)) = (self.first, self.latest) {
            seconds = latest.seconds_since(&first);
            self.end_script(latest);
            self.end_computing(latest);
            self.leave(latest);
        }
        for phase in &mut self.phases {
            phase.seconds = (phase.seconds * 1000.0).round() / 1000.0;
        }
        (
            self.phases,
            Slowest::of(self.modules, |module| module.seconds),
            Slowest::of(self.scripts, |script| script.seconds),
            Slowest::of(self.fields, |field| field.seconds),
            seconds,
        )
    }

    fn compute(&mut self, stamp: Stamp, field: &str, module: &str) {
        let (time, _) = self.computing.get_or_insert_with(|| {
            let time = FieldTime {
                module: module.into(),
                fields: Vec::new(),
                count: 0,
                seconds: 0.0,
            };
            (time, stamp)
        });
        time.count += 1;
        if time.fields.len() < LISTED {
            time.fields.push(field.into());
        }
    }

    fn end_computing(&mut self, stamp: Stamp) {
        if let Some((mut time, since)) = self.computing.take() {
            time.seconds = stamp.seconds_since(&since);
            self.fields.push(time);
        }
    }

    fn end_script(&mut self, stamp: Stamp) {
        if let Some((mut script, _, since)) = self.script.take() {
            script.seconds = stamp.seconds_since(&since);
            self.scripts.push(script);
        }
    }

    fn enter(&mut self, phase: &'static str, stamp: Stamp) {
        if self.phase.is_some_and(|(current, _)| current == phase) {
            return;
        }
        self.leave(stamp);
        self.phase = Some((phase, stamp));
    }

    fn leave(&mut self, stamp: Stamp) {
        let Some((name, since)) = self.phase.take() else {
            return;
        };
        let seconds = stamp.seconds_since(&since);
        match self.phases.iter_mut().find(|phase| phase.phase == name) {
            Some(phase) => phase.seconds += seconds,
            None => self.phases.push(PhaseTime {
                phase: name.into(),
                seconds,
            }),
        }
    }
}
