//! Which build of OpenUpgrade fits the Odoo of an image: the newest that was published up to the day Odoo is of.

use std::time::Duration;

use serde::Deserialize;

use super::Workshop;
use super::derive;
use crate::engine::StepContext;
use crate::ident::Series;
use crate::runtime::RuntimeError;

/// The program that asks image and package index.
const PROGRAM: &str = include_str!("fitting_build.py");
/// A failure must be told soon, with or without this.
const WITHIN: Duration = Duration::from_mins(1);

#[derive(Debug, Default, Deserialize)]
struct Answer {
    /// The day of the image's Odoo.
    odoo: Option<String>,
    /// Version and day of each build.
    builds: Vec<(String, String)>,
}

/// Says what to pin.
pub(super) async fn hint(workshop: &Workshop, context: &StepContext, series: Series) -> String {
    let openupgrade = workshop.plan.openupgrade.get(&series);
    if let Some(repository) = openupgrade.and_then(|pins| pins.repository.as_ref()) {
        return format!(
            "OpenUpgrade comes from the repository `{repository}`: name an older commit of it under `branches`"
        );
    }
    let package = crate::odoo::openupgrade::package(series, "openupgrade-scripts");
    context.progress("looking for an OpenUpgrade that fits", None);
    let answer = tokio::time::timeout(WITHIN, ask(workshop, context, series, &package)).await;
    let answer = answer.ok().and_then(Result::ok).unwrap_or_default();
    advice(&answer, series, &package)
}

async fn ask(
    workshop: &Workshop,
    context: &StepContext,
    series: Series,
    package: &str,
) -> Result<Answer, RuntimeError> {
    let refused = |stop: crate::engine::Stop| RuntimeError::cancelled(stop.failure.message.clone());
    let image = workshop.image(series).map_err(refused)?;
    let container = derive::start(workshop, context, series, &image.name)
        .await
        .map_err(refused)?;
    let series = series.to_string();
    let command = ["python3", "-c", PROGRAM, package, series.as_str()];
    let mut out = Vec::new();
    let asked = async {
        let exec = derive::online(workshop, &container, command).await.map_err(refused)?;
        let keep = &mut |_, bytes: &[u8]| out.extend_from_slice(bytes);
        workshop.runtime.exec(&container, &exec, keep, &context.cancel).await
    }
    .await;
    workshop.runtime.remove(&container).await?;
    asked?;
    Ok(serde_json::from_slice(&out).unwrap_or_default())
}

fn advice(answer: &Answer, series: Series, package: &str) -> String {
    let pin = |version: &str| format!("`openupgrade: {{ \"{series}\": {{ scripts: {version} }} }}`");
    let Some(day) = &answer.odoo else {
        return format!(
            "pin an older build of {package} with {}; `hopp plan` shows which is used now",
            pin("VERSION")
        );
    };
    let fitting = answer
        .builds
        .iter()
        .filter(|(_, published)| published <= day)
        .max_by_key(|(version, published)| (published, numbers(version)));
    match fitting {
        Some((version, published)) => format!(
            "the image's Odoo is of {day}; the newest build that fits is of {published}: {}",
            pin(version)
        ),
        None => format!(
            "the image's Odoo is of {day}: pin the last build up to that day in the history of \
             https://pypi.org/project/{package}: {}",
            pin("VERSION")
        ),
    }
}

fn numbers(version: &str) -> Vec<u64> {
    version.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_build_up_to_the_day_of_odoo_is_named() {
        let build = |version: &str, day: &str| (version.to_owned(), day.to_owned());
        let mut answer = Answer {
            odoo: Some("2026-02-15".into()),
            builds: vec![
                build("19.0.1.0.0.99", "2026-05-09"),
                build("19.0.1.0.0.9", "2026-02-15"),
                build("19.0.1.0.0.32", "2026-02-15"),
                build("19.0.1.0.0.5", "2025-12-01"),
            ],
        };
        let said = |answer: &Answer| advice(answer, Series::NEWEST, "scripts");
        assert_eq!(
            said(&answer),
            "the image's Odoo is of 2026-02-15; the newest build that fits is of 2026-02-15: \
             `openupgrade: { \"19.0\": { scripts: 19.0.1.0.0.32 } }`"
        );
        answer.builds.clear();
        assert!(
            said(&answer).contains("the last build up to that day"),
            "{}",
            said(&answer)
        );
    }
}
