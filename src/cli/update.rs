//! `hopp update`: moves the pins of a plan, and says what moved.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::environment::Environment;
use super::failure::{Failure, exit};
use super::gather::{self, Gathered, Pins};
use super::run::interruptible;
use crate::runtime::Runtime;
use crate::spec::Lock;
use crate::steps;
use crate::ui;
use crate::ui::Activities;
use crate::world::git::Mirrors;

/// Move the pins of a plan to what its branches, images and packages stand for now
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plan file
    plan: PathBuf,
    /// Only this repository; images and OpenUpgrade stay as they are
    #[arg(long, value_name = "NAME")]
    repo: Option<String>,
}

pub(super) async fn run(args: &Args, environment: &Environment) -> Result<u8, Failure> {
    let plan = gather::read_plan(&args.plan)?;
    if let Some(name) = &args.repo
        && !plan.repositories.iter().any(|repository| repository.name == *name)
    {
        let names: Vec<&str> = plan
            .repositories
            .iter()
            .map(|repository| repository.name.as_str())
            .collect();
        return Err(
            Failure::new(exit::USAGE, format!("the plan has no repository `{name}`"))
                .hint(format!("it has {}", names.join(", "))),
        );
    }
    let path = Lock::path_for(&plan);
    let read = || Lock::read(&path).map_err(|error| Failure::new(exit::INVALID, error.to_string()));
    let before = read()?;
    let runtime = gather::docker(environment)?;
    let pins = Pins::Move(args.repo.as_deref());
    let gathered = gather::gather(&args.plan, environment, runtime.as_ref(), pins, &interruptible()).await?;
    let after = read()?;
    let mirrors = Mirrors::new(gathered.settings.cache.join("git"));
    let mut moved = 0;
    for repository in &gathered.plan.repositories {
        let mirror = mirrors.open(&repository.url).ok().flatten();
        let pins = |lock: &Lock| {
            let refs = lock.repositories.get(&repository.name).into_iter().flatten();
            let refs = refs.map(|(series, pin)| (series.to_string(), pin.commit.clone()));
            let deployed = lock.deployed.get(&repository.name);
            let deployed = deployed.map(|pin| ("deployed".to_owned(), pin.commit.clone()));
            refs.chain(deployed).collect::<BTreeMap<String, String>>()
        };
        let (old_pins, new_pins) = (pins(&before), pins(&after));
        for (what, commit) in &new_pins {
            let old = old_pins.get(what).map(String::as_str);
            if old == Some(commit.as_str()) {
                continue;
            }
            moved += 1;
            let line = match old {
                None => format!("{} {what}: pinned to {}", repository.name, short(commit)),
                Some(old) => {
                    let commits = mirror
                        .as_ref()
                        .and_then(|mirror| mirror.commits_between(old, commit).ok())
                        .map_or_else(
                            || "not a descendant".into(),
                            |count| crate::words::count(count, "commit"),
                        );
                    format!(
                        "{} {what}: {}..{} ({commits})",
                        repository.name,
                        short(old),
                        short(commit)
                    )
                }
            };
            ui::out(&line);
        }
    }
    if args.repo.is_none() {
        let mut lock = after.clone();
        moved += images(&gathered, runtime.as_ref(), &mut lock).await;
        if !lock.openupgrade.is_empty() {
            lock.openupgrade.clear();
            ui::say("OpenUpgrade is looked up again by the next run, where the plan does not pin it");
        }
        lock.write(&path)
            .map_err(|error| Failure::environment(error.to_string()))?;
    }
    if moved == 0 {
        ui::out("nothing moved");
    }
    Ok(exit::DONE)
}

/// Pulls the images anew and pins what their names stand for now; returns how many moved.
async fn images(gathered: &Gathered, runtime: &dyn Runtime, lock: &mut Lock) -> usize {
    let plan = &gathered.plan;
    let mut wanted = vec![(
        "postgres".to_owned(),
        plan.images.postgres.clone(),
        plan.images.postgres_name(),
    )];
    for series in crate::plan::odoo_series(plan, gathered.facts.from) {
        wanted.push((
            series.to_string(),
            plan.images.odoo(series),
            plan.images.odoo_name(series),
        ));
    }
    let mut moved = 0;
    for (key, image, name) in wanted {
        if image.folder().is_some() {
            continue;
        }
        let activities = Activities::new();
        let activity = activities.begin(&format!("pull {name}"));
        let pulled = steps::refresh(runtime, plan, &gathered.settings, &name, &|line| activity.tell(line)).await;
        drop(activity);
        match pulled {
            Ok(pin) => {
                let old = lock.images.insert(key, pin.clone());
                if old.as_ref().map(|old| &old.id) != Some(&pin.id) {
                    moved += 1;
                    let old = old.map(|old| old.id).unwrap_or_default();
                    ui::out(&format!("{name}: {}..{}", short(&old), short(&pin.id)));
                }
            }
            Err(stop) => ui::say(&format!("{name} stays as it is: {}", stop.failure.message)),
        }
    }
    moved
}

/// Returns the first digits of a commit or image id.
fn short(id: &str) -> String {
    id.trim_start_matches("sha256:").chars().take(10).collect()
}
