//! Looks at the code of modules in the image they will be loaded in, before the hop: what Odoo would stumble over half-way
//! can be told in seconds.

use serde::Deserialize;
use serde_json::json;

use super::Workshop;
use super::odoo_container::{addons_paths, send_code};
use super::stop::last_lines;
use crate::container::{ContainerSpec, Stream};
use crate::engine::{StepContext, Stop};
use crate::event::{Finding, Severity};
use crate::ident::Series;

/// The program that looks.
const PROGRAM: &str = include_str!("inspect.py");

/// Something that would keep a module from being loaded.
#[derive(Debug, Deserialize)]
struct Obstacle {
    module: String,
    /// From the module's name on.
    file: String,
    /// 0 where there is none to name.
    line: u32,
    kind: Kind,
    what: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Import,
    Program,
    Syntax,
    File,
    Xml,
}

/// Looks at modules of the plan's repositories and returns a finding for everything that Odoo would not load.
pub(super) async fn inspect(
    workshop: &Workshop,
    context: &StepContext,
    series: Series,
    modules: &[String],
) -> Result<Vec<Finding>, Stop> {
    if modules.is_empty() {
        return Ok(vec![]);
    }
    context.progress(format!("looking at the code for {series}"), None);
    let image = workshop.image(series)?;
    let question = json!({ "addons": addons_paths(workshop, &image, series), "modules": modules });
    let mut spec = ContainerSpec::new(workshop.names.container(&format!("inspect-{series}")), &image.name);
    spec.entrypoint = vec!["python3".into()];
    spec.command = vec!["-c".into(), PROGRAM.into(), question.to_string()];
    spec.labels = workshop.names.labels("inspect", Some(&workshop.run));
    let container = workshop.runtime.create(&spec).await?;
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let ended = async {
        send_code(workshop, &container, series).await?;
        workshop.runtime.start(&container).await?;
        let mut keep = |stream: Stream, bytes: &[u8]| match stream {
            Stream::Out => out.extend_from_slice(bytes),
            Stream::Err => err.extend_from_slice(bytes),
        };
        Ok::<_, Stop>(workshop.runtime.follow(&container, &mut keep, &context.cancel).await?)
    }
    .await;
    workshop.runtime.remove(&container).await?;
    ended?;
    let obstacles: Vec<Obstacle> = serde_json::from_slice(&out).map_err(|error| {
        Stop::step(format!("the code for {series} could not be looked at: {error}"))
            .excerpt(last_lines(&String::from_utf8_lossy(&err), 8))
    })?;
    Ok(obstacles.into_iter().map(|obstacle| obstacle.finding(series)).collect())
}

impl Obstacle {
    fn finding(self, series: Series) -> Finding {
        let Obstacle {
            module,
            file,
            line,
            kind,
            what,
        } = self;
        let place = match line {
            0 => file,
            line => format!("{file}, line {line}"),
        };
        let (message, remedy) = match (kind, what.strip_prefix("odoo.addons.")) {
            (Kind::Import, Some(addon)) => (
                format!("{place}, imports the module `{addon}`, which {series} does not have"),
                format!("port `{module}` to {series}: find where the code of `{addon}` went"),
            ),
            (Kind::Import, None) => (
                format!("{place}, imports `{what}`, which the Odoo {series} image does not have"),
                format!(
                    "add the package that holds `{what}` to the plan: `images: {{ pip: {{ \"{series}\": [{what}] }} }}`, or to the module's `external_dependencies`"
                ),
            ),
            (Kind::Program, _) => (
                format!("it needs the program `{what}`, which the Odoo {series} image does not have"),
                format!("add the package that holds it to the plan: `images: {{ apt: {{ \"{series}\": [{what}] }} }}`"),
            ),
            (Kind::Syntax, _) => (
                format!("{place}, is no Python that the Odoo {series} image understands: {what}"),
                format!("correct the file on the branch for {series}"),
            ),
            (Kind::File, _) => (
                format!("{place} names `{what}`, which is not there"),
                format!("add the file, or take it out of the manifest on the branch for {series}"),
            ),
            (Kind::Xml, _) => (
                format!("{place}, is no XML: {what}"),
                format!("correct the file on the branch for {series}"),
            ),
        };
        Finding {
            severity: Severity::Error,
            code: "module-not-loadable".into(),
            area: "modules".into(),
            subject: module,
            message,
            remedy,
            evidence: vec![],
            since: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_package_is_named_with_the_line_that_wants_it_and_the_key_that_adds_it() {
        let obstacles: Vec<Obstacle> = serde_json::from_str(
            r#"[{"module": "shelf", "file": "shelf/book.py", "line": 2, "kind": "import", "what": "schwifty"},
                {"module": "shelf", "file": "shelf/book.py", "line": 3, "kind": "import", "what": "odoo.addons.gone"}]"#,
        )
        .unwrap();
        let found: Vec<Finding> = obstacles.into_iter().map(|one| one.finding(Series::NEWEST)).collect();
        assert_eq!(
            found[0].message,
            "shelf/book.py, line 2, imports `schwifty`, which the Odoo 19.0 image does not have"
        );
        assert!(
            found[0].remedy.contains("pip: { \"19.0\": [schwifty] }"),
            "{}",
            found[0].remedy
        );
        assert!(found[1].message.contains("the module `gone`"), "{}", found[1].message);
    }
}
