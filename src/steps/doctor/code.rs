//! Repositories: reachable, and with the refs that the plan names.

use std::time::Duration;

use super::{Case, Check, Examining, limited};
use crate::spec::{LockedRef, Repository};
use crate::steps::{Settings, credentials};
use crate::world::git::{self, Credentials, Mirror, Mirrors, RemoteRefs};

/// Asks every remote of the plan for its refs.
pub(super) fn examine<'a>(case: &'a Case<'a>, settings: &'a Settings, limit: Duration) -> Vec<Examining<'a>> {
    let repositories = case.plan.repositories.iter();
    repositories
        .map(|repository| {
            limited("code", repository.name.clone(), limit, async move {
                let credentials = match credentials::of_repository(case.plan, repository, settings) {
                    Ok(credentials) => credentials,
                    Err(error) => {
                        return vec![
                            Check::pass("code", &repository.name, format!("not asked: {error}")).warn("see `secrets`"),
                        ];
                    }
                };
                let wanted = wanted(case, repository);
                let mirrors = Mirrors::new(settings.cache.join("git"));
                let repository = repository.clone();
                tokio::task::spawn_blocking(move || one(&repository, &wanted, &mirrors, &credentials))
                    .await
                    .unwrap_or_default()
            })
        })
        .collect()
}

/// A ref that the plan names.
struct Wanted {
    /// What it is for, for people.
    what: String,
    reference: String,
    /// The branch that is taken where there is none of the name, and whether hopp ports the code where that is missing too.
    ported: Option<(String, bool)>,
    pin: Option<LockedRef>,
    /// Whether a run stops without it; a series may be ported later.
    needed: bool,
}

fn wanted(case: &Case<'_>, repository: &Repository) -> Vec<Wanted> {
    let pins = case.lock.repositories.get(&repository.name);
    let mut all = Vec::new();
    for series in &case.series {
        let pin = pins.and_then(|pins| pins.get(series)).cloned();
        all.push(Wanted {
            what: series.to_string(),
            reference: repository.reference(*series).to_owned(),
            ported: Some((repository.ported_branch(*series), repository.port.is_some())),
            pin,
            needed: false,
        });
        all.extend(repository.merges(*series).iter().map(|reference| Wanted {
            what: format!("merge into {series}"),
            reference: reference.clone(),
            ported: None,
            pin: None,
            needed: true,
        }));
    }
    all.extend(repository.deployed.iter().map(|reference| Wanted {
        what: "deployed".into(),
        reference: reference.clone(),
        ported: None,
        pin: case.lock.deployed.get(&repository.name).cloned(),
        needed: true,
    }));
    all
}

fn one(repository: &Repository, wanted: &[Wanted], mirrors: &Mirrors, credentials: &Credentials) -> Vec<Check> {
    let mirror = mirrors.open(&repository.url).ok().flatten();
    let check = |message: String| Check::pass("code", &repository.name, message);
    match git::ask(&repository.url, credentials) {
        Ok(refs) => refs_of(repository, wanted, &refs, mirror.as_ref()),
        Err(error) => {
            let remedy = error.remedy().unwrap_or("check the address in the plan");
            let here = |pin: &LockedRef| mirror.as_ref().is_some_and(|mirror| mirror.has_commit(&pin.commit));
            let pins: Vec<_> = wanted.iter().filter_map(|wanted| wanted.pin.as_ref()).collect();
            let check = check(error.to_string());
            // A run with pins that are here does not ask the remote.
            vec![
                if !pins.is_empty() && pins.len() == wanted.len() && pins.into_iter().all(here) {
                    let message = format!("{}; what is pinned is here", check.message);
                    Check { message, ..check }.warn(remedy)
                } else {
                    check.fail(remedy)
                },
            ]
        }
    }
}

fn refs_of(repository: &Repository, wanted: &[Wanted], refs: &RemoteRefs, mirror: Option<&Mirror>) -> Vec<Check> {
    let check = |message: String| Check::pass("code", &repository.name, message);
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for wanted in wanted {
        let at = git::find(refs, &wanted.reference)
            .map(str::to_owned)
            .or_else(|| commit(&wanted.reference, mirror));
        let ported = wanted.ported.as_ref().filter(|_| at.is_none());
        let finished = ported.and_then(|(branch, _)| Some((branch, git::find(refs, branch)?)));
        if let Some((branch, at)) = finished {
            found.push(format!("{} ported on {branch} at {}", wanted.what, short(at)));
            continue;
        }
        if ported.is_some_and(|(_, by_hopp)| *by_hopp) {
            found.push(format!("{} is ported by the run", wanted.what));
            continue;
        }
        match (at, &wanted.pin) {
            (Some(at), Some(pin)) if at != pin.commit => {
                found.push(format!(
                    "{} at {}, pinned to {}",
                    wanted.what,
                    short(&at),
                    short(&pin.commit)
                ));
            }
            (Some(at), _) => found.push(format!("{} at {}", wanted.what, short(&at))),
            (None, _) if is_commit(&wanted.reference) => missing.push(
                check(format!("{}: a remote does not tell about commits", wanted.what))
                    .warn("the next run fetches it, and says when it is not there"),
            ),
            (None, _) if wanted.needed => missing.push(
                check(format!("{}: it has no `{}`", wanted.what, wanted.reference))
                    .fail("correct the name in the plan, or push what it names"),
            ),
            (None, _) => missing.push(
                check(format!(
                    "it has no `{}`: not ported to {} yet",
                    wanted.reference, wanted.what
                ))
                .warn("port it, or name another ref under `branches`, where an installed module comes from it"),
            ),
        }
    }
    let mut checks = Vec::new();
    if !found.is_empty() || missing.is_empty() {
        checks.push(check(if found.is_empty() {
            "it answers".to_owned()
        } else {
            found.join("; ")
        }));
    }
    checks.extend(missing);
    checks
}

fn is_commit(reference: &str) -> bool {
    (7..=40).contains(&reference.len()) && reference.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Returns the commit that a reference is, where it was fetched before. A mirror's branches may be gone at the remote.
fn commit(reference: &str, mirror: Option<&Mirror>) -> Option<String> {
    mirror.filter(|_| is_commit(reference))?.resolve(reference).ok()
}

fn short(commit: &str) -> &str {
    &commit[..commit.len().min(10)]
}
