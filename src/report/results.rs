//! What a report takes out of the steps' results. A result is in its step's own terms and grows with hopp, so what is not
//! there, or looks different, is left out.

use serde_json::Value;

use super::model::{Comparison, Delivery, Pin, Report, Slow, StepLine};

/// Fields that are named of those that were computed together.
const NAMED_FIELDS: usize = 3;

/// Fills what a report tells in a place of its own.
pub(super) fn take(report: &mut Report) {
    let of = |step: &str, key: &str| {
        let line = report.steps.iter().find(|line| line.id == step);
        line.and_then(|line| line.result.get(key))
            .cloned()
            .unwrap_or(Value::Null)
    };
    let (modules, before, after) = (
        of("modules", "modules"),
        of("measure", "summary"),
        of("verify", "baseline_after"),
    );
    let (invariants, files) = (of("verify", "invariants"), of("deliver", "files"));
    report.modules = modules;
    report.baseline_before = before;
    report.baseline_after = after;
    report.comparisons = list(&invariants).filter_map(comparison).collect();
    report.slowest = report.steps.iter().flat_map(slowest).collect();
    report.pins = report.steps.iter().flat_map(pins).collect();
    if report.deliveries.is_empty() {
        report.deliveries = list(&files).filter_map(delivery).collect();
    }
}

/// A module that was installed in the old database, and what became of it.
pub(super) struct Fate<'a> {
    pub(super) module: &'a str,
    /// `stays`, `renamed`, `merged`, `removed` …
    pub(super) word: &'a str,
    /// Its name in the target series.
    pub(super) becomes: &'a str,
    /// The hop at which that happens.
    pub(super) hop: &'a str,
    pub(super) note: &'a str,
}

/// Returns what became of each module.
pub(super) fn fates(report: &Report) -> impl Iterator<Item = Fate<'_>> {
    list(&report.modules).map(|module| Fate {
        module: text(module, "module"),
        word: text(module, "fate"),
        becomes: text(module, "name"),
        hop: text(module, "hop"),
        note: text(module, "note"),
    })
}

/// Something that was cut off so that the copy reaches nobody.
pub(super) struct Cut<'a> {
    pub(super) area: &'a str,
    pub(super) what: &'a str,
    /// The series that the database was in.
    pub(super) at: &'a str,
    pub(super) rows: u64,
}

/// Returns what was cut off, before the first hop and after each.
pub(super) fn cuts(report: &Report) -> impl Iterator<Item = Cut<'_>> {
    report.steps.iter().flat_map(move |step| {
        let cuts = step.result.get("cut").map(list).into_iter().flatten();
        cuts.map(move |cut| Cut {
            area: text(cut, "area"),
            what: text(cut, "what"),
            at: step.hop.as_deref().unwrap_or(&report.from),
            rows: cut.get("rows").and_then(Value::as_u64).unwrap_or(0),
        })
    })
}

/// What Odoo's log of a hop says.
pub(super) struct LogSaid<'a> {
    /// The hop, by the series it ends at.
    pub(super) hop: &'a str,
    /// Warnings in all, and those of them that are normal for an upgrade.
    pub(super) warnings: u64,
    pub(super) noise: u64,
    /// Everything else, the loudest first.
    pub(super) groups: Vec<GroupSaid<'a>>,
    /// Groups that the summary does not list.
    pub(super) more: u64,
}

/// Warnings or errors of one kind.
pub(super) struct GroupSaid<'a> {
    /// `ERROR`, `WARNING` …
    pub(super) level: String,
    pub(super) times: u64,
    /// The module most of them are about.
    pub(super) module: &'a str,
    /// The first of them, and the exception it came with.
    pub(super) first: &'a str,
    pub(super) exception: &'a str,
}

/// Returns what the log of each hop says that Odoo ran in, those included that failed.
pub(super) fn logs(report: &Report) -> Vec<LogSaid<'_>> {
    let number = |value: &Value, key: &str| value.get(key).and_then(Value::as_u64).unwrap_or(0);
    let group = |value| GroupSaid {
        level: text(value, "level").to_uppercase(),
        times: number(value, "times"),
        module: text(value.pointer("/places/0/place").unwrap_or(&Value::Null), "module"),
        first: text(value, "example"),
        exception: text(value, "exception"),
    };
    let mut all = Vec::new();
    for step in &report.steps {
        let (Some(hop), Some(log)) = (step.hop.as_deref(), step.result.get("log")) else {
            continue;
        };
        let listed = log.get("groups").map(list).into_iter().flatten();
        let groups: Vec<GroupSaid<'_>> = listed.map(group).collect();
        let noise = log.get("noise").and_then(Value::as_object);
        let noise = noise.map_or(0, |rules| rules.values().filter_map(Value::as_u64).sum());
        let known = u64::try_from(groups.len()).unwrap_or(u64::MAX);
        let said = LogSaid {
            hop,
            warnings: number(log, "warnings"),
            noise,
            more: number(log, "group_count").saturating_sub(known),
            groups,
        };
        if said.warnings > 0 || !said.groups.is_empty() {
            all.push(said);
        }
    }
    all
}

/// What the accelerator did in a hop.
pub(super) struct AcceleratedSaid<'a> {
    /// The hop, by the series it ends at.
    pub(super) hop: &'a str,
    /// The patches that applied.
    pub(super) on: Vec<&'a str>,
    /// Those that did not, and why.
    pub(super) off: Vec<(&'a str, &'a str)>,
}

/// Returns what the accelerator did in each hop that it had a part in.
pub(super) fn accelerated(report: &Report) -> Vec<AcceleratedSaid<'_>> {
    fn of(step: &StepLine) -> Option<AcceleratedSaid<'_>> {
        let patches = step.result.get("accelerated")?;
        let on = patches.get("on").map(list).into_iter().flatten();
        let off = patches.get("off").and_then(Value::as_object).into_iter().flatten();
        let said = AcceleratedSaid {
            hop: step.hop.as_deref()?,
            on: on.filter_map(Value::as_str).collect(),
            off: off
                .filter_map(|(name, why)| Some((name.as_str(), why.as_str()?)))
                .collect(),
        };
        (!said.on.is_empty() || !said.off.is_empty()).then_some(said)
    }
    report.steps.iter().filter_map(of).collect()
}

fn comparison(value: &Value) -> Option<Comparison> {
    let explained = value.get("explained").and_then(Value::as_str).map(str::to_owned);
    let found = value.get("finding").is_some_and(|finding| !finding.is_null());
    let status = match &explained {
        _ if found => "found",
        Some(_) => "explained",
        None => "holds",
    };
    Some(Comparison {
        name: value.get("invariant")?.as_str()?.to_owned(),
        title: text(value, "title").to_owned(),
        before: text(value, "before").to_owned(),
        after: text(value, "after").to_owned(),
        status: status.to_owned(),
        explained,
    })
}

fn delivery(file: &Value) -> Option<Delivery> {
    Some(Delivery {
        path: file.get("path")?.as_str()?.to_owned(),
        bytes: file.get("bytes")?.as_u64()?,
        sha256: file.get("sha256")?.as_str()?.to_owned(),
    })
}

/// Reads where the time of a hop went: `HopLogSummary` of `odoo::log` says what there is.
fn slowest(step: &StepLine) -> Vec<Slow> {
    let Some(hop) = &step.hop else { return Vec::new() };
    let log = step.result.get("log");
    let top = |kind: &str| log.and_then(|log| log.get(kind)?.get("top"));
    // Before there was a summary of the log, a step told its slowest modules itself.
    let modules = top("modules").or_else(|| step.result.get("slowest"));
    let kinds = [
        ("module", modules),
        ("script", top("scripts")),
        ("field", top("fields")),
    ];
    let slow = |kind: &str, value: &Value| {
        Some(Slow {
            hop: hop.clone(),
            kind: kind.to_owned(),
            name: slow_name(kind, value),
            seconds: value.get("seconds")?.as_f64()?,
        })
    };
    let each = |(kind, values): (&'static str, Option<&Value>)| {
        let values: Vec<Slow> = values
            .into_iter()
            .flat_map(list)
            .filter_map(|value| slow(kind, value))
            .collect();
        values
    };
    kinds.into_iter().flat_map(each).collect()
}

/// Names a module, a script of a module's version, or the fields that were computed for a module.
fn slow_name(kind: &str, value: &Value) -> String {
    let module = text(value, "module");
    match kind {
        "script" => format!("{module} {}/{}", text(value, "version"), text(value, "name")),
        "field" => {
            let fields = value.get("fields").map(list).into_iter().flatten();
            let mut names: Vec<&str> = fields.filter_map(Value::as_str).take(NAMED_FIELDS).collect();
            let count = value.get("count").and_then(Value::as_u64).unwrap_or(0);
            if usize::try_from(count).is_ok_and(|count| count > names.len()) {
                names.push("…");
            }
            format!("{module}: {}", names.join(", "))
        }
        _ => module.to_owned(),
    }
}

fn pins(step: &StepLine) -> Vec<Pin> {
    let result = &step.result;
    let pin = |kind: &str, name: &str, version: &str, id: Option<&str>| Pin {
        kind: kind.to_owned(),
        name: name.to_owned(),
        version: version.to_owned(),
        id: id.map(str::to_owned),
    };
    let id = |key: &str| result.get(key).and_then(Value::as_str);
    let mut pins = Vec::new();
    if let (Some(code), Some(commit)) = (step.id.strip_prefix("checkout/"), id("commit")) {
        pins.push(pin("code", code, text(result, "reference"), Some(commit)));
    }
    if let Some(image) = id("image") {
        if let Some(base) = id("base") {
            pins.push(pin("image", base, "", id("base_id")));
        } else {
            pins.push(pin("image", image, "", id("id")));
        }
    }
    if let Some(version) = id("postgresql") {
        pins.push(pin("package", "PostgreSQL", version, None));
    }
    for package in result.get("added").into_iter().flat_map(list).filter_map(Value::as_str) {
        let (name, version) = package.split_once(' ').unwrap_or((package, ""));
        pins.push(pin("package", name, version, None));
    }
    pins
}

fn list(value: &Value) -> std::slice::Iter<'_, Value> {
    value.as_array().map(Vec::as_slice).unwrap_or_default().iter()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}
