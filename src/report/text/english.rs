//! The report in English.

use super::{Headings, Labels, Sentences, Text};
use crate::event::{RunKind, Severity};
use crate::report::figures::Change;
use crate::report::{Report, Verdict};
use crate::words::count;

pub(in crate::report) static ENGLISH: Text = Text {
    language: "en",
    kind: |kind| match kind {
        RunKind::Rehearsal => "Report of a rehearsal",
        RunKind::DryRun => "Report of a dry run",
        RunKind::Cutover => "Report of a cutover",
    },
    verdict: |report| match report.verdict {
        Verdict::Verified => "Verified",
        Verdict::VerificationFailed => "Verification failed",
        Verdict::Failed => "Failed",
        Verdict::Interrupted => "Interrupted",
        Verdict::Partial => "Done as far as asked",
        Verdict::Unfinished => "Unfinished",
    },
    headline,
    next,
    status: |status| match status {
        "done" => "✓ done",
        "reused" => "= as before",
        "skipped" => "– not needed",
        "failed" => "✗ failed",
        "stopped" => "■ stopped",
        "running" => "… running",
        _ => "○ not done",
    },
    severity: |severity| match severity {
        Severity::Error => "✗ error",
        Severity::Warning => "! warning",
        Severity::Accepted => "= accepted",
        Severity::Info => "i note",
    },
    severities: |severity| match severity {
        Severity::Error => "Errors",
        Severity::Warning => "Warnings",
        Severity::Accepted => "Accepted by the plan",
        Severity::Info => "Notes",
    },
    since: |hop| format!("since {hop}"),
    area: |area| match area {
        "addresses" => "Addresses",
        "books" => "Books",
        "checks" => "Checks of the plan",
        "code" => "Code in the database",
        "documents" => "Documents",
        "cron" => "Scheduled actions",
        "identity" => "Identity",
        "log" => "Log",
        "mail" => "Mail",
        "modules" => "Modules",
        "parameters kept" => "Parameters kept",
        "people" => "People",
        "port" => "Ported code",
        "running" => "Running",
        "stock" => "Stock",
        "structure" => "Structure",
        "tax" => "Tax",
        "views" => "Views",
        other => other,
    },
    fate: |fate| match fate {
        "to-port" => "to be ported",
        "removed" => "removed by the series",
        other => other,
    },
    change: |change| match change {
        Change::Same => "same".into(),
        Change::By(by) => by.clone(),
        Change::Other => "changed".into(),
        Change::Gone => "gone".into(),
        Change::New => "new".into(),
    },
    slow: |kind| match kind {
        "module" => "Modules",
        "script" => "Migration scripts",
        "field" => "Computed fields",
        other => other,
    },
    pin: |kind| match kind {
        "code" => "code",
        "image" => "image",
        "package" => "software",
        other => other,
    },
    modules_stay: |stay, all| match all {
        all if all == stay => format!("All {} stay as they are.", count(all, "installed module")),
        all => format!("{stay} of {} stay as they are.", count(all, "installed module")),
    },
    comparisons_hold: |hold, all| {
        format!(
            "{} before the first hop and after the last; {hold} came out the same.",
            count(all, "comparison")
        )
    },
    log_said: |said| {
        let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let more = match number(said.more) {
            0 => String::new(),
            more => format!(" {} not listed here.", count(more, "further kind")),
        };
        match (said.warnings, said.noise) {
            (0, _) => format!("No warning.{more}"),
            (all, 0) => format!("{}.{more}", count(number(all), "warning")),
            (all, noise) if all == noise => format!(
                "{}, all normal for an upgrade and not listed.{more}",
                count(number(all), "warning")
            ),
            (all, noise) => format!(
                "{}, {noise} of which are normal for an upgrade and not listed.{more}",
                count(number(all), "warning")
            ),
        }
    },
    accelerated: |said| {
        let off = |(name, why): &(&str, &str)| format!(" Off: `{name}`, {why}.");
        let off: String = said.off.iter().map(off).collect();
        match said.on.as_slice() {
            [] => format!("Nothing of the hop to {} was accelerated.{off}", said.hop),
            on => format!("The hop to {} was accelerated by `{}`.{off}", said.hop, on.join("`, `")),
        }
    },
    attempt: |number| format!("attempt {number}"),
    checkpoint_saved: |step| format!("checkpoint saved: {step}"),
    checkpoint: |step| format!("checkpoint {step}"),
    checkpoint_restored: |step| format!("checkpoint brought back: {step}"),
    reused_from: |runs| match runs {
        [run] => format!("What is as before was done in the run `{run}`."),
        runs => format!("What is as before was done in the runs `{}`.", runs.join("`, `")),
    },
    heading: Headings {
        failure: "What went wrong",
        timeline: "Timeline",
        hops: "Hops",
        steps: "Steps",
        findings: "Findings",
        figures: "Before and after",
        explained: "Explained differences",
        modules: "Modules",
        log: "What Odoo's log says",
        slowest: "Where the time went",
        neutralised: "Cut off",
        delivered: "Delivered",
        pins: "What was used",
    },
    label: Labels {
        what_to_do: "What to do",
        run: "Run",
        plan: "Plan",
        started: "Started",
        took: "Took",
        last_event: "Last event",
        hopp: "hopp",
        contents: "Contents",
        log: "log",
        hop: "Hop",
        step: "Step",
        what: "What",
        status: "Status",
        began: "Began",
        time: "Time",
        figure: "Figure",
        before: "Before",
        after: "After",
        difference: "Difference",
        why: "Why that is right",
        module: "Module",
        fate: "Fate",
        becomes: "Becomes",
        at: "At",
        note: "Note",
        name: "Name",
        area: "Area",
        rows: "Rows",
        file: "File",
        size: "Size",
        version: "Version",
        identity: "Commit or id",
        level: "Level",
        times: "Times",
    },
    sentence: Sentences {
        no_findings: "None.",
        nothing_delivered: "Nothing.",
        not_for_production: "The delivered database is neutralised: it sends no mail and runs no scheduled action. It is \
                             a rehearsal's result, not for production.",
        nothing_ran: "No step was done in this run.",
        chart: "When each step ran. The table of steps says the same in words.",
        key_checkpoint: "checkpoint saved",
        key_restored: "checkpoint brought back",
        key_retried: "attempt that was tried again",
        key_open: "had not ended",
        explained: "These differ, and a rule says why that is right.",
        neutralised: "The upgrade works on a copy. Before Odoo was started on it, its ties to the world were cut, and \
                      again after every hop.",
        pins: "The same plan, code, images and software give the same result.",
        colophon: "Told from the journal of the run. The same journal gives the same report.",
    },
};

fn headline(report: &Report) -> String {
    let outcome = outcome(report);
    let asked = report.production.as_ref();
    match asked.and_then(|asked| asked.overridden.as_ref()) {
        Some(reason) => {
            format!("{outcome} It was a run for production that the agreement does not include, done because: {reason}")
        }
        None => outcome,
    }
}

fn outcome(report: &Report) -> String {
    let Report { customer, from, to, .. } = report;
    let done = report.steps.iter().filter(|step| step.status == "done").count();
    match report.verdict {
        Verdict::Verified if done == 0 => format!(
            "Nothing was left to do: the database of {customer} had been upgraded from Odoo\u{a0}{from} to {to} and verified before."
        ),
        Verdict::Verified => format!(
            "The database of {customer} was upgraded from Odoo\u{a0}{from} to {to}, and nothing was found missing or broken."
        ),
        Verdict::VerificationFailed => {
            let what = match found(report, Severity::Error) {
                1 => "one thing in it is".to_owned(),
                errors => format!("{errors} things in it are"),
            };
            format!("The database of {customer} was upgraded from Odoo\u{a0}{from} to {to}, but {what} lost or broken.")
        }
        Verdict::Failed => match steps(report, "failed") {
            Some(steps) => {
                format!("The database of {customer} was not upgraded from Odoo\u{a0}{from} to {to}: {steps} failed.")
            }
            None => {
                format!(
                    "The database of {customer} was not upgraded from Odoo\u{a0}{from} to {to}: hopp itself failed."
                )
            }
        },
        Verdict::Interrupted => format!(
            "The upgrade of the database of {customer} from Odoo\u{a0}{from} to {to} was stopped by hand{}.",
            during(report, "stopped")
        ),
        Verdict::Partial => format!(
            "As asked, only a part of the upgrade of {customer} from Odoo\u{a0}{from} to {to} was done. The result was not verified."
        ),
        Verdict::Unfinished => format!(
            "The upgrade of the database of {customer} from Odoo\u{a0}{from} to {to} has not ended: it still goes on, or it was \
             killed{}.",
            during(report, "running")
        ),
    }
}

fn next(report: &Report) -> String {
    let plan = &report.plan;
    let warnings = found(report, Severity::Warning);
    match report.verdict {
        Verdict::Verified if report.kind == RunKind::DryRun => "Nothing: a dry run delivers nothing.".into(),
        Verdict::Verified if warnings > 0 => format!(
            "Read the {} below, then try the upgraded database: `hopp up {plan} test`.",
            count(warnings, "warning")
        ),
        Verdict::Verified => format!("Try the upgraded database: `hopp up {plan} test`."),
        Verdict::VerificationFailed => format!(
            "Do not hand over the delivered files. Do what the findings say, and run `hopp run {plan}` again; only what depends \
             on a change is done again."
        ),
        Verdict::Failed => format!(
            "Remove the cause, and run `hopp run {plan}` again; it goes on from the last checkpoint. The customer's backup \
             was only read."
        ),
        Verdict::Interrupted => format!("Run `hopp run {plan}` again; it goes on from the last checkpoint."),
        Verdict::Partial => format!("`hopp run {plan}` does the rest."),
        Verdict::Unfinished => format!(
            "`hopp status {plan}` says whether it still runs. If not, `hopp run {plan}` goes on from the last checkpoint."
        ),
    }
}

fn found(report: &Report, severity: Severity) -> usize {
    report
        .findings
        .iter()
        .filter(|finding| finding.severity == severity)
        .count()
}

/// Names the steps of this status in a sentence, where there are any.
fn steps(report: &Report, status: &str) -> Option<String> {
    let steps = report.steps.iter().filter(|step| step.status == status);
    let names: Vec<String> = steps.map(|step| format!("`{}`", step.id)).collect();
    match names.as_slice() {
        [] => None,
        [one] => Some(format!("the step {one}")),
        several => Some(format!("the steps {}", several.join(", "))),
    }
}

fn during(report: &Report, status: &str) -> String {
    steps(report, status).map_or_else(String::new, |steps| format!(" during {steps}"))
}
