//! `hopp logs`: what a step printed.

use std::collections::BTreeMap;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use console::Style;

use super::failure::{Failure, exit};
use super::gather::state_of;
use crate::ident::{RunId, StepId};
use crate::journal::StateFolder;
use crate::odoo::log::{Groups, Level, LogGroup, LogSieve, NoiseRule, Sieved, noise_rules};
use crate::report::StepLine;
use crate::{ui, words};

/// Print what a step printed
///
/// With `--level`, `--module` or `--grouped` the log is read as Odoo's: records are kept whole, tracebacks with them.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plan file
    plan: PathBuf,
    /// The step, as `hopp plan` names it; when not said, the one that runs or failed, else the longest hop
    step: Option<String>,
    /// Which run; the last one in which the step printed anything when not said
    #[arg(long, value_name = "ID")]
    run: Option<String>,
    /// Go on as the log grows, until the step ends
    #[arg(long, short)]
    follow: bool,
    /// Only Odoo's records of at least this level
    #[arg(long, value_enum)]
    level: Option<LevelArg>,
    /// Only what Odoo says of this module, or while it is at work
    #[arg(long, value_name = "NAME")]
    module: Option<String>,
    /// What differs in numbers, ids and names only is told once (warnings and errors, when no level is said)
    #[arg(long, conflicts_with = "follow")]
    grouped: bool,
    /// Show warnings that are normal for an upgrade as well
    #[arg(long)]
    noise: bool,
}

/// A level to begin with.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum LevelArg {
    Debug,
    Info,
    Warning,
    Error,
    Critical,
}

impl From<LevelArg> for Level {
    fn from(level: LevelArg) -> Level {
        match level {
            LevelArg::Debug => Level::Debug,
            LevelArg::Info => Level::Info,
            LevelArg::Warning => Level::Warning,
            LevelArg::Error => Level::Error,
            LevelArg::Critical => Level::Critical,
        }
    }
}

pub(super) async fn run(args: &Args) -> Result<u8, Failure> {
    let (state, _) = state_of(&args.plan)?;
    let step = match &args.step {
        Some(step) => StepId::new(step),
        None => chosen(args, &state)?,
    };
    let (run, path) = find(&args.plan, &state, &step, args.run.as_deref())?;
    if args.step.is_none() {
        ui::say(&format!("run {run}, log {}", path.display()));
    }
    let mut view = View::new(args);
    let mut offset = 0;
    loop {
        let over = !args.follow || ended(&state, &run, &step);
        offset = read_from(&path, offset, &mut |bytes| view.take(bytes))?;
        if over {
            view.finish();
            return Ok(exit::DONE);
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

/// Picks the step whose log a person wants who names none, and says so.
fn chosen(args: &Args, state: &StateFolder) -> Result<StepId, Failure> {
    let run = super::report::choose(&args.plan, state, args.run.as_deref())?;
    let report = super::report::load(state, &run)?;
    let has_log = |step: &&StepLine| find(&args.plan, state, &StepId::new(&step.id), args.run.as_deref()).is_ok();
    let steps: Vec<&StepLine> = report.steps.iter().filter(has_log).collect();
    let (step, why) = pick(&steps).ok_or_else(|| Failure::new(exit::USAGE, "no step of the run has a log"))?;
    ui::say(&format!("{}: {why}", step.id));
    Ok(StepId::new(&step.id))
}

/// Picks the step that runs or failed, a hop before others, else the longest hop, else the longest step.
fn pick<'a>(steps: &[&'a StepLine]) -> Option<(&'a StepLine, &'static str)> {
    let is_hop = |step: &&&StepLine| step.id.ends_with("/upgrade");
    let with = |status: &'static str| {
        let mut of = steps.iter().filter(|step| step.status == status);
        of.clone().find(is_hop).or_else(|| of.next())
    };
    let longest = |of: &mut dyn Iterator<Item = &&'a StepLine>| of.max_by_key(|step| step.elapsed_ms).copied();
    if let Some(step) = with("running") {
        return Some((step, "it runs"));
    }
    if let Some(step) = with("failed") {
        return Some((step, "it failed"));
    }
    if let Some(step) = with("stopped") {
        return Some((step, "it was stopped"));
    }
    if let Some(step) = longest(&mut steps.iter().filter(is_hop)) {
        return Some((step, "the longest hop"));
    }
    longest(&mut steps.iter()).map(|step| (step, "the longest step"))
}

fn find(plan: &Path, state: &StateFolder, step: &StepId, run: Option<&str>) -> Result<(RunId, PathBuf), Failure> {
    let path = |run: &RunId| state.run(run).join("logs").join(format!("{}.log", step.file_name()));
    let chosen = super::report::choose(plan, state, run)?;
    let runs = if run.is_some() { vec![chosen] } else { state.runs() };
    let found = runs.iter().rev().find(|run| path(run).is_file());
    if let Some(run) = found {
        return Ok((run.clone(), path(run)));
    }
    let steps: Vec<String> = runs
        .last()
        .and_then(|run| super::report::load(state, run).ok())
        .map(|report| report.steps.into_iter().map(|step| step.id).collect())
        .unwrap_or_default();
    Err(Failure::new(exit::USAGE, format!("there is no log of a step `{step}`"))
        .hint(format!("the last run's steps are {}", steps.join(", "))))
}

/// Hands on a file's content from an offset on, in pieces; returns how far it was read.
fn read_from(path: &Path, mut offset: u64, on: &mut dyn FnMut(&[u8])) -> Result<u64, Failure> {
    let failed = |error: std::io::Error| Failure::environment(error.to_string());
    let mut file = fs_err::File::open(path).map_err(failed)?;
    file.seek(SeekFrom::Start(offset)).map_err(failed)?;
    let mut piece = vec![0; 64 << 10];
    loop {
        let length = file.read(&mut piece).map_err(failed)?;
        if length == 0 {
            return Ok(offset);
        }
        on(&piece[..length]);
        offset += length as u64;
    }
}

/// Says whether a step of a run goes on no more.
fn ended(state: &StateFolder, run: &RunId, step: &StepId) -> bool {
    super::report::load(state, run).is_ok_and(|report| {
        report.ended.is_some()
            || report
                .steps
                .iter()
                .any(|line| line.id == step.as_str() && line.status != "running")
    })
}

/// What is made of a log.
enum View {
    /// As it is.
    Raw,
    /// Records that pass.
    Records(LogSieve, Show),
    /// Records that say the same, together.
    Grouped(LogSieve, Box<Groups>, Show),
}

/// How records are shown, and what was kept back.
struct Show {
    noise: bool,
    kept_back: BTreeMap<&'static str, usize>,
}

impl View {
    fn new(args: &Args) -> View {
        let show = Show {
            noise: args.noise,
            kept_back: BTreeMap::new(),
        };
        let level = args.level.map(Level::from);
        if args.grouped {
            let sieve = LogSieve::new(level.unwrap_or(Level::Warning), args.module.as_deref());
            View::Grouped(sieve, Box::default(), show)
        } else if level.is_some() || args.module.is_some() {
            View::Records(
                LogSieve::new(level.unwrap_or(Level::Debug), args.module.as_deref()),
                show,
            )
        } else {
            View::Raw
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        match self {
            View::Raw => ui::raw(bytes),
            View::Records(sieve, show) => sieve.push(bytes, &mut |sieved| show.record(sieved)),
            View::Grouped(sieve, groups, show) => sieve.push(bytes, &mut |sieved| show.group(groups, sieved)),
        }
    }

    fn finish(self) {
        match self {
            View::Raw => {}
            View::Records(sieve, mut show) => {
                sieve.finish(&mut |sieved| show.record(sieved));
                let kept_back: usize = show.kept_back.values().sum();
                if kept_back > 0 {
                    let verb = if kept_back == 1 { "is" } else { "are" };
                    ui::say(&format!(
                        "{} {verb} normal for an upgrade and not shown (`--noise` shows such)",
                        words::count(kept_back, "warning")
                    ));
                }
            }
            View::Grouped(sieve, mut groups, mut show) => {
                sieve.finish(&mut |sieved| show.group(&mut groups, sieved));
                let groups = groups.finish();
                if groups.is_empty() {
                    ui::say("nothing to tell");
                }
                groups.iter().for_each(|group| ui::out(&told(group)));
                if !show.kept_back.is_empty() {
                    ui::out(&normal(&show.kept_back));
                }
            }
        }
    }
}

impl Show {
    /// Says whether a record is shown; what is not is counted.
    fn passes(&mut self, noise: Option<&'static NoiseRule>) -> bool {
        let kept_back = noise.filter(|_| !self.noise);
        if let Some(rule) = kept_back {
            *self.kept_back.entry(rule.id).or_default() += 1;
        }
        kept_back.is_none()
    }

    fn record(&mut self, sieved: Sieved) {
        if !self.passes(sieved.noise) {
            return;
        }
        let Sieved { record, place, .. } = sieved;
        let mut lines = record.message.lines();
        let mut text = format!(
            "{} {} {}: {}",
            record.at.strftime("%H:%M:%S"),
            coloured(record.level),
            record.logger,
            lines.next().unwrap_or_default()
        );
        if record.level >= Level::Warning && !place.is_nowhere() {
            text.push_str(&Style::new().dim().apply_to(format!(" ({place})")).to_string());
        }
        for line in lines {
            text.push('\n');
            text.push_str(line);
        }
        ui::out(&text);
    }

    fn group(&mut self, groups: &mut Groups, sieved: Sieved) {
        if self.passes(sieved.noise) {
            groups.add(&sieved.record, sieved.place, sieved.line);
        }
    }
}

/// Returns what is told of a group.
fn told(group: &LogGroup) -> String {
    let mut text = format!(
        "{:>6}× {} {}: {}",
        group.times,
        coloured(group.level),
        group.logger,
        group.example
    );
    let mut more = |line: &str| {
        text.push_str("\n        ");
        text.push_str(line);
    };
    if let Some(exception) = &group.exception {
        more(exception);
    }
    for place in &group.places {
        let times = if group.times > 1 {
            format!("{}× ", place.times)
        } else {
            String::new()
        };
        more(&format!("{times}{}", place.place));
    }
    more(&format!("first in line {}", group.line));
    text
}

/// Returns what is told of warnings that are normal.
fn normal(kept_back: &BTreeMap<&'static str, usize>) -> String {
    let sum = words::count(kept_back.values().sum(), "warning");
    let rules = kept_back.iter().map(|(id, times)| {
        let why = noise_rules()
            .iter()
            .find(|rule| rule.id == *id)
            .map_or("", |rule| rule.why);
        format!("\n{times:>6}× {id}: {why}")
    });
    format!("normal for an upgrade: {sum}{}", rules.collect::<String>())
}

fn coloured(level: Level) -> console::StyledObject<&'static str> {
    let style = match level {
        Level::Debug | Level::Info => Style::new(),
        Level::Warning => Style::new().yellow(),
        Level::Error | Level::Critical => Style::new().red(),
    };
    style.apply_to(level.word())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: &str, status: &str, elapsed_ms: u64) -> StepLine {
        StepLine {
            id: id.into(),
            title: String::new(),
            hop: None,
            status: status.into(),
            elapsed_ms: Some(elapsed_ms),
            attempts: Vec::new(),
            reused_from: None,
            result: serde_json::Value::Null,
            failure: None,
            log: None,
        }
    }

    #[test]
    fn who_names_no_step_means_what_runs_or_failed_or_took_longest() {
        let mut steps = vec![
            line("restore", "done", 90),
            line("18.0/upgrade", "done", 70),
            line("19.0/upgrade", "done", 50),
        ];
        let picked = |steps: &[StepLine]| {
            let steps: Vec<&StepLine> = steps.iter().collect();
            pick(&steps).map(|(step, why)| format!("{} {why}", step.id))
        };
        assert_eq!(picked(&steps[..1]).unwrap(), "restore the longest step");
        assert_eq!(picked(&steps).unwrap(), "18.0/upgrade the longest hop");
        steps.push(line("verify", "stopped", 1));
        assert_eq!(picked(&steps).unwrap(), "verify it was stopped");
        steps[2].status = "failed".into();
        assert_eq!(picked(&steps).unwrap(), "19.0/upgrade it failed");
        steps[0].status = "running".into();
        assert_eq!(picked(&steps).unwrap(), "restore it runs");
        assert_eq!(picked(&[]), None);
    }
}
