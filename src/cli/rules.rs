//! `hopp rules`: what `hopp port` knows.

use std::fmt::Write as _;

use serde_json::json;

use super::failure::exit;
use crate::port::index::{CHECKS, Check};
use crate::port::rules::{self, Deed, Rule};
use crate::ui;
use crate::words::count;

/// List the rules of `hopp port`, hop by hop
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only those of this hop, such as `18.0-19.0`
    #[arg(long, value_name = "FROM-TO", value_parser = hop)]
    hop: Option<u8>,
    /// How to print it
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// For whom the rules are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Human,
    Json,
}

/// Reads a hop, and returns the series it leads to.
fn hop(text: &str) -> Result<u8, String> {
    let major = |text: &str| text.strip_suffix(".0").and_then(|major| major.parse::<u8>().ok());
    let ends = text
        .split_once('-')
        .and_then(|(from, to)| Some((major(from)?, major(to)?)));
    match ends {
        Some((from, to)) if (13..19).contains(&from) && to == from + 1 => Ok(to),
        _ => Err("expected one hop, from `13.0-14.0` to `18.0-19.0`".to_owned()),
    }
}

pub(super) fn run(args: &Args) -> u8 {
    let (rules, checks): (Vec<&Rule>, &[Check]) = match args.hop {
        Some(to) => (rules::of_hop(to).collect(), &[]),
        None => (rules::all().collect(), &CHECKS),
    };
    ui::out(&match args.format {
        Format::Human => human(&rules, checks),
        Format::Json => json_of(&rules, checks),
    });
    exit::DONE
}

/// Returns the series a rule belongs to; none for those of every hop.
fn series(rule: &Rule) -> Option<&str> {
    rule.id.split_once('.').map(|(series, _)| series)
}

fn word(deed: Deed) -> &'static str {
    match deed {
        Deed::Mechanical => "mechanical",
        Deed::Detect => "detect",
    }
}

fn human(rules: &[&Rule], checks: &[Check]) -> String {
    let mut text = String::new();
    let mut last = None;
    for rule in rules {
        if last != Some(series(rule)) {
            last = Some(series(rule));
            let title = match series(rule).and_then(|series| series.parse::<u8>().ok()) {
                Some(to) => format!("{}.0 → {to}.0", to - 1),
                None => "every hop".to_owned(),
            };
            let gap = if text.is_empty() { "" } else { "\n" };
            writeln!(text, "{gap}{title}").ok();
        }
        writeln!(text, "  {:<7} {:<11} {}", rule.id, word(rule.deed), rule.title).ok();
        writeln!(text, "  {:<19} {}", "", rule.why).ok();
    }
    if !checks.is_empty() {
        text.push_str("\nasked of the target's source, with `--index`\n");
    }
    for check in checks {
        writeln!(text, "  {:<13} {:<6} {}", check.id, "detect", check.title).ok();
        writeln!(text, "  {:<20} {}", "", check.why).ok();
    }
    let changing = rules.iter().filter(|rule| rule.deed == Deed::Mechanical).count();
    let telling = rules.len() - changing;
    let all = count(rules.len(), "rule");
    write!(text, "\n{all}: {changing} change code, {telling} only tell").ok();
    if !checks.is_empty() {
        write!(text, "; {} ask the target", checks.len()).ok();
    }
    text.push('\n');
    text
}

fn json_of(rules: &[&Rule], checks: &[Check]) -> String {
    let rules: Vec<_> = (rules.iter())
        .map(|rule| {
            json!({
                "id": rule.id,
                "to": series(rule).map(|series| format!("{series}.0")),
                "kind": word(rule.deed),
                "title": rule.title,
                "why": rule.why,
                "source": rule.source,
            })
        })
        .collect();
    let checks: Vec<_> = (checks.iter())
        .map(|check| json!({ "id": check.id, "kind": "index", "title": check.title, "why": check.why }))
        .collect();
    serde_json::to_string_pretty(&json!({ "schema": 1, "rules": rules, "checks": checks })).unwrap_or_default()
}
