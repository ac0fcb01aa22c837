//! Starts Odoo's server on a copy of the database, in a container without a network, and visits it.

use serde_json::{Value, json};

use super::Workshop;
use super::database::Database;
use super::names::DATA_DIR;
use super::odoo_container::{self, OdooRun};
use super::stop::Tail;
use crate::container::Stream;
use crate::engine::{StepContext, Stop};
use crate::event::Finding;
use crate::ident::Series;
use crate::verify::running::{self, Places, ServerLog};

/// What a visit told.
#[derive(Default)]
pub(super) struct Visited {
    pub(super) findings: Vec<Finding>,
    /// What was looked at, for the journal.
    pub(super) counts: Value,
}

/// Visits the server on this database, which is changed by it: a copy that is thrown away.
pub(super) async fn visit(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    series: Series,
    name: &str,
) -> Result<Visited, Stop> {
    context.progress("starting Odoo's server", None);
    let script = format!("{}/visit.py", odoo_container::WORK);
    let places = Places {
        config: odoo_container::CONFIG,
        data: DATA_DIR,
        code: odoo_container::CODE,
    };
    let program = running::python_script(series, name, places);
    let run = OdooRun {
        role: "server",
        series,
        database: name,
        command: vec!["python3".into(), script.clone()],
        accelerated: false,
        files: vec![(script, program.into_bytes())],
    };
    let (mut log, mut tail) = (ServerLog::default(), Tail::default());
    let ended = odoo_container::run(workshop, database, context, run, &mut |stream, bytes| match stream {
        Stream::Out => {
            let text = String::from_utf8_lossy(bytes);
            if let Some((done, of)) = text.lines().rev().find_map(running::progress) {
                context.progress("menus", Some((done, of)));
            }
        }
        Stream::Err => {
            log.push(bytes);
            tail.feed(bytes);
        }
    })
    .await?;
    let read = ended.read(workshop, running::RESULT_PATH).await;
    let exit = ended.remove(workshop).await?;
    let Some(bytes) = read? else {
        let mut stop = Stop::step(format!(
            "the server could not be visited: its container ended with exit code {}",
            exit.code
        ));
        if exit.out_of_memory {
            stop = stop.hint("its memory ran out: raise `limits.memory` in the plan, or remove it");
        }
        return Err(stop.excerpt(tail.lines(15)));
    };
    let visit = running::parse(&String::from_utf8_lossy(&bytes)).map_err(|error| Stop::step(error.to_string()))?;
    let probe = workshop.image(series)?.probe;
    let tracebacks = log.tracebacks();
    let findings = running::findings(&visit, series, (&tracebacks, &tail.lines(10)), |module| {
        probe.modules.contains_key(module) && !is_own(workshop, series, module)
    });
    Ok(Visited {
        findings,
        counts: json!({
            "start_seconds": visit.start_seconds,
            "seconds": visit.seconds,
            "bundles": visit.bundles.len(),
            "visitors": visit.users,
        }),
    })
}

fn is_own(workshop: &Workshop, series: Series, module: &str) -> bool {
    let mut code = workshop.facts.code_for(series);
    code.any(|code| code.modules.contains_key(module))
}
