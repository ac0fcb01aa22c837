//! `hopp port`: brings modules to another series.

mod attempt;
mod chosen;
mod diff;
mod github;
mod hops;
mod in_run;
mod index;
mod json;
mod outcome;
mod path;
mod plan;
mod sarif;
mod screen;
mod target;
mod tried;
mod upgrade_code;

use std::path::{Path, PathBuf};

pub(super) use in_run::{Desk, bring};

use super::environment::Environment;
use super::failure::{Failure, exit};
use crate::ident::Series;
use crate::port::index::CHECKS;
use crate::port::rules;
use crate::ui;
use crate::verify::trial::Verdict;
use attempt::Attempt;
use outcome::Outcome;

/// Bring modules to another series: what is mechanical is changed, what is not is listed
///
/// In a git repository every change is committed, a commit per rule and module, on a branch of its own that starts at the
/// target's branch, where there is one; modules it does not have come over with their history. The branch that modules
/// come from is never touched. Of a plan that happens in a clone beside it, for the modules that are installed. Exit code
/// 21 when something is left that breaks a module, with `--check` also when there is something to change, and with `--try`
/// when a module does not install.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(super) struct Args {
    /// A module, a folder of modules, a git repository, or a plan
    #[arg(value_name = "PATH|PLAN")]
    what: PathBuf,
    /// Only this module; may be repeated
    #[arg(long, value_name = "NAME")]
    module: Vec<String>,
    /// The series to bring them to; a plan's target when not said
    #[arg(long, value_name = "SERIES")]
    to: Option<Series>,
    /// The series they come from, from 13.0 on; what their manifests say when not said
    #[arg(long, value_name = "SERIES", value_parser = chosen::major)]
    from: Option<u8>,
    /// Change nothing and say what would be changed
    #[arg(long)]
    check: bool,
    /// Print every change as a patch
    #[arg(long)]
    diff: bool,
    /// Write the changes into the files and leave git alone
    #[arg(long, conflicts_with_all = ["check", "branch", "push"])]
    no_commit: bool,
    /// Only these rules (`hopp rules` lists them)
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    rules: Vec<String>,
    /// The branch to make; `SERIES-mig-NAME` when not said, with the customer's, repository's or module's name
    #[arg(long, value_name = "NAME")]
    branch: Option<String>,
    /// Push the branch to this remote, never with force
    #[arg(long, value_name = "REMOTE", conflicts_with = "check")]
    push: Option<String>,
    /// OpenUpgrade to learn renames from: a wheel of its scripts, a folder of wheels, or a checkout; may be repeated
    #[arg(long, value_name = "PATH")]
    openupgrade: Vec<PathBuf>,
    /// Fetch nothing and look at no image: know only the renames that are kept already
    #[arg(long)]
    offline: bool,
    /// Let Odoo's own `upgrade_code` work on the modules first, out of the target's image, in a container without a network
    #[arg(long, value_name = "IMAGE", num_args = 0..=1, require_equals = true, default_missing_value = upgrade_code::OF_TARGET)]
    with_odoo_upgrade_code: Option<String>,
    /// Ask a real Odoo of the target series in a container: is each module installed, does every view load; `=tests` runs
    /// the tests as well
    #[arg(long = "try", value_name = "WHAT", value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "install")]
    attempt: Option<Attempt>,
    /// A folder with modules of the target series that those which are ported depend on, for `--index` and `--try`; may be
    /// repeated
    #[arg(long, value_name = "FOLDER")]
    with: Vec<PathBuf>,
    /// Ask this source of the target about every reference: an image with Odoo, a folder, or a file of `hopp index`; when not
    /// said, the target's image where it is on this machine, of up to a hundred modules
    #[arg(long, value_name = "IMAGE|PATH")]
    index: Option<String>,
    /// Ask no source of the target
    #[arg(long, conflicts_with_all = ["index", "index_from"])]
    no_index: bool,
    /// The source the modules come from, or the backup of a database they are installed in: what leads nowhere there either
    /// is not told
    #[arg(long, value_name = "IMAGE|PATH|BACKUP")]
    index_from: Option<String>,
    /// How to print it
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

impl Args {
    /// Says whether a source of the target is asked, if there is one.
    fn asks(&self) -> bool {
        let is_check = |id: &String| CHECKS.iter().any(|check| check.id == id);
        let wanted = self.rules.is_empty() || self.rules.iter().any(is_check);
        let named = self.index.is_some() || self.index_from.is_some();
        named || (wanted && !self.no_index && !self.offline)
    }
}

/// For whom the result is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Tables and advice
    Human,
    /// Everything, for programs
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}

pub(super) async fn run(args: &Args, environment: &Environment) -> Result<u8, Failure> {
    known(&args.rules, exit::USAGE)?;
    if !args.with.is_empty() && args.attempt.is_none() && !args.asks() {
        let failure = Failure::new(exit::USAGE, "`--with` is of use with `--index` or `--try` only");
        return Err(failure.hint("say which source is asked, such as `--index odoo:19.0`"));
    }
    let mut outcome = if is_plan(&args.what) {
        plan::port(args, environment).await?
    } else {
        path::port(args, environment).await?
    };
    if let Some(what) = args.attempt {
        outcome.tried = Some(Box::pin(attempt::attempt(args, what, &outcome, environment)).await?);
    }
    let nothing = outcome.parts.iter().all(|part| part.rows.is_empty());
    if args.diff {
        ui::out(&diff::render(&outcome));
    }
    match args.format {
        Format::Human if args.diff && !nothing => ui::say(&screen::render(&outcome)),
        Format::Human => ui::out(&screen::render(&outcome)),
        Format::Json => ui::out(&json::render(&outcome)),
        Format::Sarif => ui::out(&sarif::render(&outcome)),
        Format::Github => ui::out(&github::render(&outcome)),
    }
    Ok(code(&outcome))
}

/// Refuses rules that there are not.
fn known(ids: &[String], code: u8) -> Result<(), Failure> {
    let known = || {
        rules::all()
            .map(|rule| rule.id)
            .chain(CHECKS.iter().map(|check| check.id))
    };
    match ids.iter().find(|id| known().all(|known| known != **id)) {
        None => Ok(()),
        Some(unknown) => {
            Err(Failure::new(code, format!("there is no rule `{unknown}`")).hint("`hopp rules` lists them"))
        }
    }
}

/// Returns the exit code: something not written, something a human must see to, nothing.
fn code(outcome: &Outcome) -> u8 {
    let rows = || outcome.parts.iter().flat_map(|part| &part.rows);
    let mut tried = outcome.tried.iter().flatten();
    if rows().any(|row| row.not_written.is_some()) {
        exit::ENVIRONMENT
    } else if tried.any(|it| matches!(it.trial.verdict, Verdict::Fails | Verdict::NotTried))
        || rows().any(|row| row.breaks() || (outcome.check && row.is_changed()))
    {
        exit::VERIFICATION
    } else {
        exit::DONE
    }
}

/// Says whether a path is that of a plan.
fn is_plan(path: &Path) -> bool {
    let is = |wanted: &str| path.extension().is_some_and(|extension| extension == wanted);
    (is("yaml") || is("yml")) && !path.is_dir()
}
