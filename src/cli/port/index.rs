//! What a port in a run asks: the source in the target's image, and the code of the plan that stands beside it.

use super::chosen;
use super::in_run::Desk;
use super::target::module_of;
use crate::cli::code::{Source, git_failure, own_name};
use crate::cli::failure::Failure;
use crate::cli::source;
use crate::container::ImageId;
use crate::ident::Series;
use crate::plan::Facts;
use crate::port::Module;
use crate::port::index::Index;
use crate::spec::Plan;
use crate::steps;
use crate::ui;
use crate::world::git::{GitError, Mirrors, Worktree};

/// Reads the source of a series out of the image a run uses; where it cannot, the port goes on without, and this says why.
pub(super) async fn of_target(desk: &Desk<'_>, series: Series) -> Result<Index, String> {
    let images = &desk.plan.images;
    let name = images.odoo_name(series);
    let here = steps::pinned(desk.runtime, desk.lock, &series.to_string(), &name).await;
    let id = match here.map_err(|error| error.to_string())? {
        Some(image) => image.id,
        None if desk.pulls && images.odoo(series).folder().is_none() => {
            ui::say(&format!(
                "pulling {name}: it is asked what it has of what the code refers to"
            ));
            let pulled = steps::refresh(desk.runtime, desk.plan, desk.settings, &name, &|_| {}).await;
            ImageId(pulled.map_err(|stop| stop.failure.message.clone())?.id)
        }
        None => return Err(format!("the image {name} is not here yet")),
    };
    let index = source::of_this_image(desk.runtime, &id, &desk.settings.cache).await;
    // A run adds the packages that modules want to its image.
    let without_packages = |index| Index {
        packages: None,
        ..index
    };
    index.map(without_packages).map_err(|failure| failure.message)
}

/// Reads the modules of the plan's other repositories for a series: those that matter.
pub(super) fn beside(
    plan: &Plan,
    mirrors: &Mirrors,
    facts: &Facts,
    source: &Source,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<Module>, Failure> {
    let mut all = Vec::new();
    for code in facts
        .code
        .iter()
        .filter(|code| code.series == source.to && code.repository != source.code.repository)
    {
        let repository = plan
            .repositories
            .iter()
            .find(|repository| repository.name == code.repository);
        let (Some(repository), Some(commit)) = (repository, &code.commit) else {
            continue;
        };
        let failed = |error: GitError| git_failure(&repository.name, &error);
        let Some(mirror) = mirrors.open(&repository.url).map_err(failed)? else {
            continue;
        };
        let worktree = Worktree::in_mirror(&mirror, &own_name(repository)).map_err(failed)?;
        for folder in worktree.modules(commit).map_err(failed)? {
            if wanted(folder.rsplit('/').next().unwrap_or(&folder)) {
                all.push(module_of(
                    worktree.read(commit, &folder, &chosen::is_read).map_err(failed)?,
                ));
            }
        }
    }
    Ok(all)
}
