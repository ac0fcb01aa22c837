//! Asks the modules' own code what it says of their records.

use super::Workshop;
use super::database::Database;
use super::derive::OPENUPGRADE;
use super::odoo_container::{self, OdooRun};
use super::stop::Tail;
use crate::engine::{StepContext, Stop};
use crate::ident::Series;
use crate::verify::shipped::{self, Shipped};

/// Where OpenUpgrade's scripts lie, by module.
const SCRIPTS: &str = "/odoo/addons/openupgrade_scripts/scripts";

/// Asks Odoo of this series, on a copy of the database: what starting Odoo writes is gone with it.
pub(super) async fn ask(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    series: Series,
    copy: &str,
) -> Result<Shipped, Stop> {
    context.progress("what the modules say of their records", None);
    let script = format!("{}/shipped.py", odoo_container::WORK);
    let run = OdooRun {
        role: "verify",
        series,
        database: copy,
        command: odoo_container::shell_command(copy, &script),
        accelerated: false,
        files: vec![(
            script.clone(),
            shipped::python_script(series, &format!("{OPENUPGRADE}{SCRIPTS}")).into_bytes(),
        )],
    };
    let mut tail = Tail::default();
    let ended = odoo_container::run(workshop, database, context, run, &mut |_, bytes| tail.feed(bytes)).await?;
    let read = ended.read(workshop, shipped::RESULT_PATH).await;
    let exit = ended.remove(workshop).await?;
    let Some(bytes) = read? else {
        return Err(Stop::step(format!(
            "the modules could not be asked about their records: `odoo shell` ended with exit code {}",
            exit.code
        ))
        .excerpt(tail.lines(15)));
    };
    let shipped =
        shipped::parse(&String::from_utf8_lossy(&bytes)).map_err(|error| Stop::step(format!("verify: {error}")))?;
    for one in &shipped.failed {
        context.log.line(&format!("not read: {one}"));
    }
    Ok(shipped)
}
