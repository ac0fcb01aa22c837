//! Notes which records a step of the plan changed, so that the proof can tell its doing from a loss.

use std::collections::BTreeSet;

use super::Workshop;
use super::database::Database;
use super::records::{self, Sides};
use super::snapshot::Snapshot;
use crate::engine::{StepContext, Stop};
use crate::plan::Kind;
use crate::verify::content::{self, Deeds, Shape};

/// What begins the line in which a script's transaction says which tables it wrote to.
const WROTE: &str = "hopp: wrote to ";

/// A database as it was before a step.
pub(super) struct Watch {
    moment: Snapshot,
    shape: Shape,
}

impl Watch {
    /// Takes hold of the working database. No table is locked by it: a script may alter what it likes.
    pub(super) async fn begin(workshop: &Workshop, database: &Database, context: &StepContext) -> Result<Watch, Stop> {
        let moment = Snapshot::open(database, &workshop.names.database(), context).await?;
        let shape = shape(&moment, context).await?;
        Ok(Watch { moment, shape })
    }

    /// Notes what differs now in the tables that were written to, else in all, for [`all`], and returns how many
    /// differences that are.
    pub(super) async fn end(
        self,
        workshop: &Workshop,
        tables: Option<&BTreeSet<String>>,
        title: &str,
        context: &StepContext,
    ) -> Result<usize, Stop> {
        let mut deeds = Deeds::of(context.step.to_string(), title.to_owned());
        let mut noted = Ok(());
        if tables.is_none_or(|tables| !tables.is_empty()) {
            let after = Snapshot::open(self.moment.database(), self.moment.name(), context).await?;
            noted = self.note(&after, tables, &mut deeds, context).await;
            after.close().await;
        }
        self.moment.close().await;
        if let Err(stop) = noted {
            // A table made anew cannot be read as it was. Then its differences are told like any other.
            context
                .log
                .line(&format!("what it changed is not noted: {}", stop.failure.message));
            deeds = Deeds::of(context.step.to_string(), title.to_owned());
        }
        let path = workshop.state.result(&context.fingerprint);
        workshop.state.write_json(&path, &deeds).map_err(super::stop::file)?;
        Ok(deeds.count())
    }

    /// Lets go of the database without noting anything.
    pub(super) async fn forget(self) {
        self.moment.close().await;
    }

    async fn note(
        &self,
        after: &Snapshot,
        tables: Option<&BTreeSet<String>>,
        deeds: &mut Deeds,
        context: &StepContext,
    ) -> Result<(), Stop> {
        let shape_after = shape(after, context).await?;
        let sides = Sides {
            before: &self.moment,
            after,
        };
        records::note(&sides, (&self.shape, &shape_after), tables, deeds, context).await
    }
}

async fn shape(moment: &Snapshot, context: &StepContext) -> Result<Shape, Stop> {
    let ask = "ask which tables and fields there are";
    moment.json(content::shape_sql(), ask, context).await
}

/// Returns a script as one transaction that says at its end which tables it wrote to.
pub(super) fn telling(text: &str) -> String {
    format!(
        "BEGIN; {text}\n;SELECT '{WROTE}' || string_agg(relname, ' ') FROM pg_stat_xact_user_tables
         WHERE n_tup_ins + n_tup_upd + n_tup_del > 0 HAVING count(*) > 0;COMMIT;\n"
    )
}

/// Takes the tables from what such a script printed; the rest is the script's own.
pub(super) fn tables(printed: &str) -> (String, BTreeSet<String>) {
    let (told, own): (Vec<&str>, Vec<&str>) = printed.split_inclusive('\n').partition(|line| line.starts_with(WROTE));
    let names = told.iter().flat_map(|line| line[WROTE.len()..].split_whitespace());
    (own.concat(), names.map(str::to_owned).collect())
}

/// Returns what every step of the plan did, as far as it was noted.
pub(super) fn all(workshop: &Workshop) -> Vec<Deeds> {
    let fingerprints = crate::plan::fingerprints(&workshop.graph, &workshop.identities());
    let scripts = workshop
        .graph
        .nodes()
        .iter()
        .filter(|node| matches!(node.kind, Kind::Script { .. }));
    let read = |fingerprint| serde_json::from_slice(&fs_err::read(workshop.state.result(fingerprint)).ok()?).ok();
    scripts.filter_map(|node| read(fingerprints.get(&node.id)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_told_apart_from_what_the_script_prints() {
        let (own, names) = tables("1 row\nhopp: wrote to res_partner ir_ui_view\n");
        assert_eq!(own, "1 row\n");
        assert_eq!(
            names,
            BTreeSet::from(["res_partner".to_owned(), "ir_ui_view".to_owned()])
        );
        assert_eq!(tables("").1, BTreeSet::new());
    }
}
