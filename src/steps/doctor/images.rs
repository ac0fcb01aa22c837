//! Images: here, to be built, or at a registry that would give them.

use std::sync::Arc;
use std::time::Duration;

use super::{Case, Check, Examining, limited};
use crate::runtime::{Runtime, RuntimeErrorKind};
use crate::spec::Image;
use crate::steps::{Settings, credentials, image};
use crate::words;

/// Looks for every image of the plan.
pub(super) fn examine<'a>(
    case: &'a Case<'a>,
    runtime: Option<&'a Arc<dyn Runtime>>,
    settings: &'a Settings,
    limit: Duration,
) -> Vec<Examining<'a>> {
    let images = &case.plan.images;
    let mut wanted = vec![("postgres".to_owned(), images.postgres.clone(), images.postgres_name())];
    for series in &case.series {
        wanted.push((series.to_string(), images.odoo(*series), images.odoo_name(*series)));
    }
    wanted
        .into_iter()
        .map(|(key, image, name)| {
            let subject = name.clone();
            limited("images", subject, limit, async move {
                vec![one(case, runtime, settings, &key, &image, &name).await]
            })
        })
        .collect()
}

async fn one(
    case: &Case<'_>,
    runtime: Option<&Arc<dyn Runtime>>,
    settings: &Settings,
    key: &str,
    image: &Image,
    name: &str,
) -> Check {
    let check = |message: String| Check::pass("images", name, message);
    let Some(runtime) = runtime else {
        return check("not looked for".into()).warn("see `engine`");
    };
    match image::pinned(runtime.as_ref(), &case.lock, key, name).await {
        Ok(Some(image)) => return check(format!("on the engine, {}", words::bytes(image.size))),
        Ok(None) => {}
        Err(error) => return check(error.to_string()).fail("see `engine`"),
    }
    if let Some(folder) = image.folder() {
        return if folder.join("Dockerfile").is_file() {
            check(format!("will be built from {}", folder.display()))
        } else {
            check(format!("{} has no Dockerfile", folder.display())).fail("correct `build` in the plan's `images`")
        };
    }
    let login = match credentials::of_image(case.plan, name, settings) {
        Ok(login) => login,
        Err(error) => return check(format!("not asked for: {error}")).warn("see `secrets`"),
    };
    let digest = case.lock.images.get(key).filter(|pin| pin.name == name);
    let wanted = digest.and_then(|pin| pin.digest.as_deref()).unwrap_or(name);
    match runtime.in_registry(wanted, login.as_ref()).await {
        Ok(()) => check("not on the engine; its registry has it".into()),
        Err(error) => {
            let remedy = match error.kind {
                RuntimeErrorKind::Unauthorized => "correct the login under `images.registries` in the plan",
                RuntimeErrorKind::NotFound => "correct its name under `images` in the plan, or build it first",
                _ => "check the engine's way to the registry, or bring the image with `docker load`",
            };
            check(format!(
                "not on the engine, and its registry does not give it: {}",
                error.message
            ))
            .fail(remedy)
        }
    }
}
