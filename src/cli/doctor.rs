//! `hopp doctor`: says whether everything a run needs is in order.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;

use super::environment::Environment;
use super::failure::{Failure, exit};
use super::gather;
use super::run::Format;
use crate::runtime::Runtime;
use crate::runtime::docker::Docker;
use crate::steps::{self, Check, Level, Surroundings};
use crate::{ui, words};

/// Examine what a run needs: Docker, disks, memory, images, git, secrets, this machine
///
/// Nothing but caches is written. With a plan also everything that the plan names. Exit code 11 when something is not in order.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plan file
    plan: Option<PathBuf>,
    /// How to print it
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

pub(super) async fn run(args: &Args, environment: &Environment) -> Result<u8, Failure> {
    let plan = args.plan.as_deref().map(gather::read_plan).transpose()?;
    let around = Surroundings {
        runtime: Docker::connect(environment.docker()).map(|docker| Arc::new(docker) as Arc<dyn Runtime>),
        settings: environment.settings(),
        locale: environment.locale().map(str::to_owned),
        plan,
        limit: steps::CHECK_LIMIT,
    };
    let checks = steps::examine(&around).await;
    let worst = checks.iter().map(|check| check.level).max().unwrap_or(Level::Pass);
    match args.format {
        Format::Json => {
            let value = json!({ "schema": 1, "level": worst, "checks": checks });
            ui::out(&serde_json::to_string_pretty(&value).unwrap_or_default());
        }
        Format::Human => {
            ui::out(&listing(&checks));
            ui::say(&summary(&checks));
        }
    }
    Ok(if worst == Level::Fail {
        exit::ENVIRONMENT
    } else {
        exit::DONE
    })
}

fn listing(checks: &[Check]) -> String {
    let rows: Vec<Vec<String>> = checks
        .iter()
        .map(|check| {
            let seen = match &check.remedy {
                Some(remedy) => format!("{}: {}\n→ {remedy}", check.subject, check.message),
                None => format!("{}: {}", check.subject, check.message),
            };
            vec![word(check.level).to_owned(), check.area.to_owned(), seen]
        })
        .collect();
    ui::table::table(&["", "area", "what was seen"], &rows, 2, &[])
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Pass => "ok",
        Level::Warn => "warn",
        Level::Fail => "FAIL",
    }
}

fn summary(checks: &[Check]) -> String {
    let of = |level| checks.iter().filter(|check| check.level == level).count();
    format!(
        "{} in order, {}, {}",
        of(Level::Pass),
        words::count(of(Level::Warn), "warning"),
        words::count(of(Level::Fail), "failure")
    )
}
