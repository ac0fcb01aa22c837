//! Which code there is: repositories fetched, refs resolved and pinned, manifests read.

use std::collections::{BTreeMap, BTreeSet};

use tokio_util::sync::CancellationToken;

use super::failure::{Failure, exit};
use super::fetch::{Retried, fetch};
use super::gather::{Pins, stopped};
use crate::event::Event;
use crate::ident::{Series, StepId};
use crate::odoo::manifest;
use crate::plan::{self, Code, Deployed, Facts};
use crate::spec::{Lock, LockedMerge, LockedRef, Plan, Repository};
use crate::steps::{self, Settings};
use crate::ui;
use crate::ui::{Activities, Activity};
use crate::world::git::{Credentials, GitError, Mirror, Mirrors};

/// What was found out about the code.
pub(super) struct Found {
    /// The code of each repository for each series that needs it.
    pub(super) code: Vec<Code>,
    /// What production runs, where the plan says so.
    pub(super) deployed: Vec<Deployed>,
    /// For each repository and series that is to be ported: the code to port.
    pub(super) sources: Vec<Source>,
    /// The fetches that were tried again.
    pub(super) retries: Vec<Event>,
}

/// Code to be ported.
pub(super) struct Source {
    /// To this series.
    pub(super) to: Series,
    /// The code as it is.
    pub(super) code: Code,
}

/// Finds out which code of some series there is, all repositories at once. What is pinned already needs no network.
pub(super) async fn code(
    plan: &Plan,
    wanted: &[Series],
    settings: &Settings,
    lock: &mut Lock,
    pins: Pins<'_>,
    cancel: &CancellationToken,
) -> Result<Found, Failure> {
    let activities = Activities::new();
    let mut work = tokio::task::JoinSet::new();
    for (index, repository) in plan.repositories.iter().enumerate() {
        let repository = repository.clone();
        let credentials = credentials(plan, &repository, settings)?;
        let mirrors = Mirrors::new(settings.cache.join("git"));
        let series = wanted.to_vec();
        let moves = match pins {
            Pins::Look | Pins::Keep => false,
            Pins::Move(None) => true,
            Pins::Move(Some(name)) => name == repository.name,
        };
        let (locked, deployed) = if moves {
            (BTreeMap::new(), None)
        } else {
            let refs = lock.repositories.get(&repository.name).cloned().unwrap_or_default();
            (refs, lock.deployed.get(&repository.name).cloned())
        };
        let activity = activities.begin(&format!("fetch {}", repository.name));
        let cancel = cancel.clone();
        work.spawn_blocking(move || {
            let name = repository.name.clone();
            let one = Look {
                repository: &repository,
                mirrors: &mirrors,
                credentials: &credentials,
                locked: &locked,
                locked_deployed: deployed.as_ref(),
                activity: &activity,
                cancel: &cancel,
            };
            one.all(&series)
                .map(|seen| (index, name.clone(), seen))
                .map_err(|error| stopped(&cancel).unwrap_or_else(|| git_failure(&name, &error)))
        });
    }
    let mut found = Vec::new();
    let mut retries = Vec::new();
    while let Some(done) = work.join_next().await {
        let (index, name, seen) =
            done.map_err(|error| Failure::new(exit::INTERNAL, format!("a worker thread died: {error}")))??;
        if let Some(first) = seen.code.first() {
            retries.extend(retried(&plan::checkout_id(&name, first.series), seen.retried));
        }
        match &seen.deployed {
            Some((pin, _)) => lock.deployed.insert(name.clone(), pin.clone()),
            None => lock.deployed.remove(&name),
        };
        lock.repositories.insert(name, seen.refs);
        found.push((index, seen.code, seen.deployed, seen.sources));
    }
    found.sort_by_key(|(index, ..)| *index);
    let names: BTreeSet<&String> = plan.repositories.iter().map(|repository| &repository.name).collect();
    lock.repositories.retain(|name, _| names.contains(name));
    lock.deployed.retain(|name, _| names.contains(name));
    let mut all = Found {
        code: Vec::new(),
        deployed: Vec::new(),
        sources: Vec::new(),
        retries,
    };
    for (_, code, deployed, sources) in found {
        all.code.extend(code);
        all.sources.extend(sources);
        all.deployed.extend(deployed.map(|(_, deployed)| deployed));
    }
    Ok(all)
}

/// Returns what a journal says of fetches for a step that were tried again before there was a journal.
fn retried(step: &StepId, retried: Vec<Retried>) -> Vec<Event> {
    let event = |Retried { failure, wait_ms }| Event::StepRetried {
        step: step.clone(),
        failure,
        wait_ms,
    };
    retried.into_iter().map(event).collect()
}

pub(super) fn git_failure(name: &str, error: &GitError) -> Failure {
    let failure = Failure::environment(format!("repository `{name}`: {error}"));
    match error.remedy() {
        Some(remedy) => failure.hint(remedy),
        None => failure,
    }
}

fn credentials(plan: &Plan, repository: &Repository, settings: &Settings) -> Result<Credentials, Failure> {
    steps::git_credentials(plan, repository, settings).map_err(|error| Failure::environment(error.to_string()))
}

type Refs = BTreeMap<Series, LockedRef>;

/// A look at one repository.
struct Look<'a> {
    repository: &'a Repository,
    mirrors: &'a Mirrors,
    credentials: &'a Credentials,
    locked: &'a Refs,
    locked_deployed: Option<&'a LockedRef>,
    activity: &'a Activity,
    cancel: &'a CancellationToken,
}

/// What a look at a repository found.
struct Seen {
    code: Vec<Code>,
    sources: Vec<Source>,
    refs: Refs,
    deployed: Option<(LockedRef, Deployed)>,
    retried: Vec<Retried>,
}

impl Look<'_> {
    /// Fetches the repository unless every pin is there, resolves its refs and reads its manifests.
    fn all(&self, series: &[Series]) -> Result<Seen, GitError> {
        let at_hand = self.mirrors.open(&self.repository.url)?.filter(|mirror| {
            let here = |series| self.meant(series).is_some_and(|pin| is_here(mirror, pin).is_ok());
            series.iter().all(|series| self.is_settled(*series, &here))
                && (self.repository.deployed.is_none()
                    || self.meant_deployed().is_some_and(|pin| is_here(mirror, pin).is_ok()))
        });
        let (mirror, retried) = if let Some(mirror) = at_hand {
            (mirror, Vec::new())
        } else {
            let named = (self.repository.name.as_str(), self.repository.url.as_str());
            fetch(self.mirrors, named, self.credentials, self.activity, self.cancel)?
        };
        let mut code = Vec::new();
        let mut sources = Vec::new();
        let mut refs = Refs::new();
        for series in series {
            let found = match self.pin(&mirror, *series)? {
                Some(pin) => {
                    let found = read(self.repository, &mirror, *series, &pin)?;
                    refs.insert(*series, pin);
                    found
                }
                None => not_ported(self.repository, *series),
            };
            if self.is_to_port(&found)
                && let Some((from, pin)) = self.source(&mirror, *series)?
            {
                let code = read(self.repository, &mirror, from, &pin)?;
                refs.insert(from, pin);
                sources.push(Source { to: *series, code });
            }
            code.push(found);
        }
        let deployed = self.deployed(&mirror)?;
        Ok(Seen {
            code,
            sources,
            refs,
            deployed,
            retried,
        })
    }

    /// Returns the pin of a series, which is looked up when there is none; `None` when the repository does not have it.
    fn pin(&self, mirror: &Mirror, series: Series) -> Result<Option<LockedRef>, GitError> {
        match self.meant(series) {
            Some(pin) => {
                is_here(mirror, pin)?;
                Ok(Some(pin.clone()))
            }
            None => resolve(self.repository, mirror, series),
        }
    }

    /// Says whether the code of a series is known without the network.
    fn is_settled(&self, series: Series, here: &dyn Fn(Series) -> bool) -> bool {
        let Some(port) = &self.repository.port else {
            return here(series);
        };
        let finished = |pin: &LockedRef| pin.reference == self.repository.ported_branch(series);
        if here(series) && (!port.complete || self.meant(series).is_some_and(finished)) {
            return true;
        }
        // What was ported the last time is pinned by what it came from.
        (here(series) || !port.complete) && self.older(series).any(here)
    }

    /// Says whether code is hopp's to port: nobody finished it, and the plan says so.
    fn is_to_port(&self, code: &Code) -> bool {
        let unfinished = code.reference != self.repository.ported_branch(code.series);
        self.repository.port.is_some() && unfinished && (code.commit.is_none() || self.repository.is_completed())
    }

    /// Returns the series from which a series' code may be ported, the likeliest first.
    fn older(&self, series: Series) -> impl Iterator<Item = Series> {
        let from = self.repository.port.as_ref().and_then(|port| port.from);
        let mut all: Vec<Series> = Series::all().filter(|older| *older < series).collect();
        all.reverse();
        all.into_iter()
            .filter(move |older| from.is_none_or(|from| *older == from))
    }

    /// Returns the pin of the code that is to be ported to a series.
    fn source(&self, mirror: &Mirror, series: Series) -> Result<Option<(Series, LockedRef)>, GitError> {
        for older in self.older(series) {
            if let Some(pin) = self.pin(mirror, older)? {
                return Ok(Some((older, pin)));
            }
        }
        Ok(None)
    }

    /// Looks at the code that production runs, where the plan names it.
    fn deployed(&self, mirror: &Mirror) -> Result<Option<(LockedRef, Deployed)>, GitError> {
        let Some(reference) = &self.repository.deployed else {
            return Ok(None);
        };
        let pin = match self.meant_deployed() {
            Some(pin) => {
                is_here(mirror, pin)?;
                pin.clone()
            }
            None => LockedRef {
                url: self.repository.written_url.clone(),
                reference: reference.clone(),
                commit: mirror.resolve(reference)?,
                merges: Vec::new(),
            },
        };
        let folder = self.repository.folder.as_deref();
        let offer = mirror.modules(&pin.commit, folder, &own_name(self.repository))?;
        let deployed = Deployed {
            repository: self.repository.name.clone(),
            contents: manifest::contents(&offer, &mirror.listing(&pin.commit, folder)?),
        };
        Ok(Some((pin, deployed)))
    }

    /// Returns the pin of a series when it is still what the plan means.
    fn meant(&self, series: Series) -> Option<&LockedRef> {
        let refs = |pin: &LockedRef| {
            let merges = pin.merges.iter().map(|merge| &merge.reference);
            pin.reference == self.repository.reference(series) && merges.eq(self.repository.merges(series))
                || pin.reference == self.repository.ported_branch(series) && pin.merges.is_empty()
        };
        let pin = self.locked.get(&series);
        pin.filter(|pin| pin.url == self.repository.written_url && refs(pin))
    }

    /// Returns the pin of what production runs, when it is still what the plan means.
    fn meant_deployed(&self) -> Option<&LockedRef> {
        let reference = self.repository.deployed.as_deref()?;
        self.locked_deployed
            .filter(|pin| pin.url == self.repository.written_url && pin.reference == reference)
    }
}

/// Refuses a pin whose commits the repository does not have: only `hopp update` moves a pin.
fn is_here(mirror: &Mirror, pin: &LockedRef) -> Result<(), GitError> {
    let merges = pin.merges.iter().map(|merge| (&merge.reference, &merge.commit));
    let mut all = std::iter::once((&pin.reference, &pin.commit)).chain(merges);
    let Some((reference, commit)) = all.find(|(_, commit)| !mirror.has_commit(commit)) else {
        return Ok(());
    };
    Err(GitError::PinGone {
        reference: reference.clone(),
        commit: commit.clone(),
        url: mirror.url().to_owned(),
        now: match mirror.resolve(reference) {
            Ok(now) => format!("it is {now} now"),
            Err(_) => "it does not exist any more".to_owned(),
        },
    })
}

fn not_ported(repository: &Repository, series: Series) -> Code {
    Code {
        repository: repository.name.clone(),
        series,
        reference: repository.reference(series).to_owned(),
        commit: None,
        tree: "not ported".into(),
        modules: BTreeMap::new(),
        contents: BTreeMap::new(),
        requirements: None,
        addons_folders: Vec::new(),
        ported: None,
    }
}

/// Resolves a series' ref and its merges; `None` when the repository does not have it yet.
///
/// Where it does not, the branch counts on which somebody ported the customer's modules to the series.
fn resolve(repository: &Repository, mirror: &Mirror, series: Series) -> Result<Option<LockedRef>, GitError> {
    let find = |reference: &str| match mirror.resolve(reference) {
        Ok(commit) => Ok(Some(commit)),
        Err(GitError::NoSuchRef { .. }) => Ok(None),
        Err(error) => Err(error),
    };
    let (reference, ported) = (repository.reference(series), repository.ported_branch(series));
    let finished = |commit| LockedRef {
        url: repository.written_url.clone(),
        reference: ported.clone(),
        commit,
        merges: Vec::new(),
    };
    if repository.is_completed()
        && let Some(commit) = find(&ported)?
    {
        return Ok(Some(finished(commit)));
    }
    let Some(commit) = find(reference)? else {
        return Ok(find(&ported)?.map(finished));
    };
    let merges = repository
        .merges(series)
        .iter()
        .map(|reference| {
            Ok(LockedMerge {
                reference: reference.clone(),
                commit: mirror.resolve(reference)?,
            })
        })
        .collect::<Result<Vec<_>, GitError>>()?;
    Ok(Some(LockedRef {
        url: repository.written_url.clone(),
        reference: reference.to_owned(),
        commit,
        merges,
    }))
}

fn read(repository: &Repository, mirror: &Mirror, series: Series, pin: &LockedRef) -> Result<Code, GitError> {
    let others: Vec<(String, String)> = pin
        .merges
        .iter()
        .map(|merge| (merge.reference.clone(), merge.commit.clone()))
        .collect();
    let commit = if others.is_empty() {
        pin.commit.clone()
    } else {
        mirror.merge(&pin.commit, &others)?
    };
    code_at(repository, mirror, series, &pin.reference, commit)
}

/// Reads the code of a commit.
pub(super) fn code_at(
    repository: &Repository,
    mirror: &Mirror,
    series: Series,
    reference: &str,
    commit: String,
) -> Result<Code, GitError> {
    let folder = repository.folder.as_deref();
    let offer = mirror.modules(&commit, folder, &own_name(repository))?;
    let files = mirror.listing(&commit, folder)?;
    for unreadable in &offer.unreadable {
        ui::say(&format!("warning: {} {series}: {unreadable}", repository.name));
    }
    Ok(Code {
        repository: repository.name.clone(),
        series,
        reference: reference.to_owned(),
        tree: mirror.tree_id(&commit, folder)?,
        commit: Some(commit),
        contents: manifest::contents(&offer, &files),
        requirements: files
            .iter()
            .find(|(path, _)| path == "requirements.txt")
            .map(|(_, id)| id.clone()),
        addons_folders: offer.addons_folders().into_iter().map(str::to_owned).collect(),
        modules: offer
            .modules
            .into_iter()
            .map(|module| (module.name, module.manifest))
            .collect(),
        ported: None,
    })
}

/// Returns what a repository is called as a module, when it is one.
pub(super) fn own_name(repository: &Repository) -> String {
    repository
        .url
        .trim_end_matches('/')
        .trim_end_matches(".git")
        .rsplit(['/', ':'])
        .next()
        .unwrap_or(&repository.name)
        .replace('-', "_")
}

/// Refuses two repositories that offer the same installed module: which one Odoo takes would be chance.
pub(super) fn unique_modules(facts: &Facts) -> Result<(), Failure> {
    let mut seen: BTreeMap<(Series, &String), &String> = BTreeMap::new();
    for code in &facts.code {
        for module in code.modules.keys() {
            if !facts.backup.modules.contains_key(module) {
                continue;
            }
            if let Some(other) = seen.insert((code.series, module), &code.repository)
                && other != &code.repository
            {
                return Err(Failure::new(
                    exit::INVALID,
                    format!(
                        "the installed module `{module}` is in two repositories for {}: `{other}` and `{}`",
                        code.series, code.repository
                    ),
                )
                .hint("remove one of them from the plan, or narrow it down with `folder`"));
            }
        }
    }
    Ok(())
}
