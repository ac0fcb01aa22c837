//! `hopp log-work`: writes down work, beside the plan.

use std::path::PathBuf;

use clap::ValueEnum;
use clap::builder::PossibleValue;
use jiff::civil::Date;
use jiff::{Timestamp, Zoned};

use super::bill::{contract, damaged, delivered, projects, work_log};
use super::failure::{Failure, exit};
use crate::agreement::{Category, Entry, LogError, WorkItem, entitlement, fold_log};
use crate::amount::Amount;
use crate::report::bill as told;
use crate::spec::Plan;
use crate::ui;
use crate::world::append::append;

/// Write down work for the plan's customer, to be billed or shown as included
///
/// Entries are never changed. A mistake is corrected by an entry that replaces the first one.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plan file
    plan: PathBuf,
    /// How long it took, such as 1.5; with `--corrects`, 0 takes the work back
    #[arg(long)]
    hours: Option<Amount>,
    /// What kind of work
    #[arg(long, value_enum)]
    category: Option<Category>,
    /// What was done, for the customer
    #[arg(long)]
    text: Option<String>,
    /// The day it was done; today when not said
    #[arg(long)]
    date: Option<Date>,
    /// Of a bug fix: what was wrong deviates from the specification
    #[arg(long)]
    deviates: bool,
    /// Of a bug fix: it was reproduced in a standard test instance
    #[arg(long)]
    reproduced: bool,
    /// The entry that this one replaces; what is not said stays as it is there
    #[arg(long, value_name = "ENTRY")]
    corrects: Option<u64>,
}

impl ValueEnum for Category {
    fn value_variants<'a>() -> &'a [Self] {
        &Category::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = told::category(*self, crate::spec::Language::En);
        Some(PossibleValue::new(self.name()).help(help))
    }
}

pub(super) fn run(args: &Args) -> Result<u8, Failure> {
    let plan = contract(&args.plan)?;
    let path = work_log(&plan);
    let today = Zoned::now().date();
    let mut written = None;
    let appended = append(&path, |held| -> Result<String, Failure> {
        let items = fold_log(held).map_err(|errors| damaged(&path, &errors))?;
        let number = u64::try_from(held.lines().count())
            .unwrap_or(u64::MAX)
            .saturating_add(1);
        let entry = args.entry(number, &items, today)?;
        let line = serde_json::to_string(&entry)
            .map_err(|error| Failure::new(exit::INTERNAL, format!("the entry cannot be written: {error}")))?;
        // What is written is what can be read.
        let open = if held.is_empty() || held.ends_with('\n') {
            ""
        } else {
            "\n"
        };
        fold_log(&format!("{held}{open}{line}")).map_err(|errors| refused(&errors))?;
        written = Some(entry);
        Ok(line)
    });
    appended.map_err(|error| Failure::of_files(&error))??;
    if let Some(entry) = written {
        tell(&plan, entry)?;
    }
    Ok(exit::DONE)
}

impl Args {
    fn entry(&self, number: u64, items: &[WorkItem], today: Date) -> Result<Entry, Failure> {
        let corrected = self
            .corrects
            .and_then(|corrects| items.iter().find(|item| item.number == corrects));
        let old = corrected.map(|item| &item.entry);
        let needed = |flag: &str| {
            Failure::new(
                exit::USAGE,
                format!("`{flag}` is missing: only a correction may leave it out"),
            )
        };
        let date = self.date.or(old.map(|old| old.date)).unwrap_or(today);
        if date > today {
            return Err(Failure::new(exit::USAGE, format!("{date} has not come yet")));
        }
        let category = self.category.or(old.map(|old| old.category));
        let text = self.text.clone().or_else(|| old.map(|old| old.text.clone()));
        Ok(Entry {
            entry: number,
            written: Timestamp::now(),
            date,
            hours: self
                .hours
                .or(old.map(|old| old.hours))
                .ok_or_else(|| needed("--hours"))?,
            category: category.ok_or_else(|| needed("--category"))?,
            deviates: self.deviates || old.is_some_and(|old| old.deviates),
            reproduced: self.reproduced || old.is_some_and(|old| old.reproduced),
            text: text.ok_or_else(|| needed("--text"))?,
            corrects: self.corrects,
        })
    }
}

/// Returns the failure of an entry that the log would not take.
fn refused(errors: &[LogError]) -> Failure {
    let messages: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
    Failure::new(exit::USAGE, messages.join("; "))
}

/// Says what was written, and whether the agreement includes it.
fn tell(plan: &Plan, entry: Entry) -> Result<(), Failure> {
    let item = WorkItem {
        number: entry.corrects.unwrap_or(entry.entry),
        entry,
    };
    let verdict = entitlement(&plan.terms, &delivered(&projects(plan)?), item.claim(), item.entry.date);
    let entry = &item.entry;
    let what = match entry.corrects {
        Some(corrected) => format!("entry {} replaces entry {corrected}", entry.entry),
        None => format!("entry {}", entry.entry),
    };
    let how = if verdict.included { "included" } else { "to be billed" };
    let why = told::reason(&verdict, crate::spec::Language::En);
    ui::out(&format!(
        "{what}: {}, {} h, {}: {how}. {why}",
        entry.date,
        entry.hours,
        entry.category.name()
    ));
    Ok(())
}
