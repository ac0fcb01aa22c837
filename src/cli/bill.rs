//! `hopp bill`: what a month costs, with its evidence, and whether an upgrade is included.

mod count;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use jiff::Zoned;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::environment::Environment;
use super::failure::{Failure, exit};
use crate::agreement::{
    self, BillError, Category, Claim, Facts, Month, Project, RunFact, Terms, WorkItem, entitlement, fold_log, upgrades,
};
use crate::event::Event;
use crate::journal::{StateFolder, read};
use crate::report::{self, bill as told};
use crate::spec::{self, Plan};
use crate::ui;

/// Print what a month costs by the plan's agreement, with its evidence
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plan file
    plan: PathBuf,
    /// The month, such as 2026-11; this month when not said
    #[arg(long, value_name = "MONTH")]
    month: Option<Month>,
    /// The lines of the customer's code, as `hopp cloc --format json` counted them; counted now when not said, from the
    /// plan's backup and repositories
    #[arg(long, value_name = "FILE")]
    count: Option<PathBuf>,
    /// As what
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Only say whether an upgrade is included today; exit code 22 when it is not
    #[arg(long, conflicts_with_all = ["month", "count", "format"])]
    upgrade: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    Human,
    Json,
    Csv,
    Markdown,
}

pub(super) async fn run(args: &Args, environment: &Environment) -> Result<u8, Failure> {
    let plan = contract(&args.plan)?;
    let today = Zoned::now().date();
    let projects = projects(&plan)?;
    if args.upgrade {
        return Ok(verdict(&plan, &projects, today));
    }
    let month = args.month.unwrap_or_else(|| Month::of(today));
    let count = args.count.as_deref().map(count::read).transpose()?;
    let work = work(&plan)?;
    let facts = |count| Facts {
        customer: &plan.customer,
        terms: &plan.terms,
        count,
        projects: &projects,
        work: &work,
        today,
    };
    let bill = match agreement::bill(&facts(count.as_ref()), month) {
        // Counting reads the backup and the repositories: only where lines are billed.
        Err(BillError::NotCounted { .. }) => {
            let counted = count::now(&args.plan, environment).await?;
            agreement::bill(&facts(Some(&counted)), month)?
        }
        bill => bill?,
    };
    match args.format {
        Format::Human => ui::out(&human(&told::page(&bill, plan.language))),
        Format::Json => ui::out(&told::json(&bill)),
        Format::Csv => ui::raw(told::csv(&bill).as_bytes()),
        Format::Markdown => ui::out(&told::markdown(&told::page(&bill, plan.language))),
    }
    Ok(exit::DONE)
}

/// Reads a plan for its contract.
pub(super) fn contract(path: &Path) -> Result<Plan, Failure> {
    spec::load_contract(path).map_err(|problems| Failure::problems(&problems))
}

/// Returns the log of work on a customer, beside the plan.
pub(super) fn work_log(plan: &Plan) -> PathBuf {
    plan.folder.join(format!("{}.work.jsonl", plan.customer))
}

/// Returns the upgrades that the journals of the customer and the plan know of.
pub(super) fn projects(plan: &Plan) -> Result<Vec<Project>, Failure> {
    let state = StateFolder::beside(&plan.folder, &plan.customer);
    let mut facts = Vec::new();
    for run in state.runs() {
        facts.extend(fact(&read(&state.journal(&run))?));
    }
    Ok(upgrades(&facts, plan.terms.last_upgrade))
}

/// Returns the days on which upgrades were delivered.
pub(super) fn delivered(projects: &[Project]) -> Vec<Date> {
    projects.iter().filter_map(|project| project.delivered).collect()
}

/// Returns what a journal says of its run; nothing when it has not begun.
fn fact(entries: &[crate::event::Entry]) -> Option<RunFact> {
    let day = |at: jiff::Timestamp| at.to_zoned(TimeZone::system()).date();
    let mut fact: Option<RunFact> = None;
    for entry in entries {
        match &entry.event {
            Event::RunStarted {
                run, kind, from, to, ..
            } => {
                fact = Some(RunFact {
                    run: run.clone(),
                    kind: *kind,
                    began: day(entry.at),
                    ended: None,
                    from: *from,
                    to: *to,
                });
            }
            Event::RunFinished { outcome, .. } => {
                if let Some(fact) = &mut fact {
                    fact.ended = Some((day(entry.at), *outcome));
                }
            }
            _ => {}
        }
    }
    fact
}

fn work(plan: &Plan) -> Result<Vec<WorkItem>, Failure> {
    let path = work_log(plan);
    match fs_err::read_to_string(&path) {
        Ok(text) => fold_log(&text).map_err(|errors| damaged(&path, &errors)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(Failure::of_files(&error)),
    }
}

/// Returns the failure of a log with bad lines: each of them is named.
pub(super) fn damaged(path: &Path, errors: &[agreement::LogError]) -> Failure {
    let mut failure = Failure::new(
        exit::INVALID,
        format!(
            "{} is damaged, and no work in it is billed until it is mended",
            path.display()
        ),
    );
    failure.excerpt = errors.iter().map(ToString::to_string).collect();
    failure.hint("mend the lines by hand, or take the file back from where it is kept; entries are never taken out")
}

/// Says whether an upgrade is included on a day.
fn verdict(plan: &Plan, projects: &[Project], today: Date) -> u8 {
    let Plan { terms, language, .. } = plan;
    let verdict = upgrade_entitlement(terms, projects, today);
    ui::out(&told::upgrade(&verdict, today, *language));
    if verdict.included {
        exit::DONE
    } else {
        exit::NOT_ENTITLED
    }
}

fn upgrade_entitlement(terms: &Terms, projects: &[Project], today: Date) -> agreement::Entitlement {
    entitlement(terms, &delivered(projects), Claim::of(Category::Upgrade), today)
}

/// Returns a page for a terminal.
fn human(page: &told::Page) -> String {
    let mut text = format!("{}\n", page.title);
    for line in &page.lead {
        text.push_str(line);
        text.push('\n');
    }
    for section in &page.sections {
        writeln!(text, "\n{}", section.heading).ok();
        if let Some(table) = &section.table {
            let table = ui::table::table(&table.header, &table.rows, table.wide, &table.right);
            text.push_str(&(table + "\n"));
        }
        for note in &section.notes {
            writeln!(text, "  {note}").ok();
        }
    }
    // What people and counted code say must not steer the terminal.
    report::clean(&text)
}

impl From<BillError> for Failure {
    fn from(error: BillError) -> Failure {
        let failure = Failure::new(exit::INVALID, error.to_string());
        match error {
            BillError::NoPrice { key, .. } => failure.hint(format!(
                "add it: `agreement: {{ price: {{ {key}: … }} }}`; 0 when it costs nothing"
            )),
            BillError::NotCounted { .. } => failure,
        }
    }
}
