//! Cuts the database's ties to the world: nothing it does may reach anybody.

use serde_json::json;

use super::Workshop;
use super::database::Database;
use super::odoo_container::{self, CONFIG, OdooRun};
use crate::engine::{Done, StepContext, Stop};
use crate::ident::Series;
use crate::odoo::neutralize::{self, Neutralized};

/// Neutralises the working database: after a hop with the target's own `neutralize` (16.0 and later), always with ours.
pub(super) async fn run(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    series: Series,
    after_hop: bool,
) -> Result<Done, Stop> {
    let name = workshop.names.database();
    if after_hop && series.major() >= 16 {
        odoos_own(workshop, database, context, series, &name).await?;
    }
    let script = neutralize::script(series);
    let cuts: Vec<Neutralized> = database
        .json(&name, &script, "neutralise the database", &context.cancel)
        .await?;
    for cut in &cuts {
        context
            .log
            .line(&format!("{:>7}  {}: {}", cut.rows, cut.area, cut.what));
    }
    let alive: Vec<Neutralized> = database
        .json(
            &name,
            &neutralize::check_sql(),
            "look what is still live",
            &context.cancel,
        )
        .await?;
    if !alive.is_empty() {
        let lines = alive
            .iter()
            .map(|live| format!("{}: {} ({} rows)", live.area, live.what, live.rows));
        return Err(
            Stop::step("the database could still reach the world after neutralising")
                .hint("nothing was started on it; report this, or switch these off in a `before` step")
                .excerpt(lines),
        );
    }
    let rows: u64 = cuts.iter().map(|cut| cut.rows).sum();
    let cuts: Vec<Neutralized> = cuts.into_iter().filter(|cut| cut.rows > 0).collect();
    Ok(Done::with(json!({ "rows": rows, "cut": cuts })))
}

/// Runs `odoo neutralize`, which knows what the target's own modules reach out to.
async fn odoos_own(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    series: Series,
    name: &str,
) -> Result<(), Stop> {
    let command = ["odoo", "neutralize", "-c", CONFIG, "-d", name]
        .map(str::to_owned)
        .to_vec();
    let run = OdooRun {
        role: "neutralize",
        series,
        database: name,
        command,
        accelerated: false,
        files: vec![],
    };
    let mut text = String::new();
    let ended = odoo_container::run(workshop, database, context, run, &mut |_, bytes| {
        text.push_str(&String::from_utf8_lossy(bytes));
    })
    .await?;
    let exit = ended.remove(workshop).await?;
    if exit.success() {
        Ok(())
    } else {
        Err(
            Stop::step(format!("`odoo neutralize` failed with exit code {}", exit.code))
                .excerpt(super::stop::last_lines(&text, 10)),
        )
    }
}
