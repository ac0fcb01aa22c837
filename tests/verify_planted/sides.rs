//! Two databases held against each other, as a run does it with those before and after.

use std::collections::BTreeSet;

use hopp::event::Finding;
use hopp::ident::Series;
use hopp::odoo::openupgrade::Renames;
use hopp::verify::baseline::{self, Baseline};
use hopp::verify::catalogue::{self, Ground, Invariant, Weighed};
use hopp::verify::compare::{self, Comparison, Way};
use hopp::verify::content::{self, Block, Judged, Net, Shape, Side};
use hopp::verify::modules;

use crate::verify_sql::Postgres;

/// A database in figures.
pub(super) struct Measured {
    name: String,
    baseline: Baseline,
    shape: Shape,
}

impl Measured {
    pub(super) fn of(postgres: &Postgres, name: &str) -> Measured {
        let probe = baseline::parse_probe(&postgres.psql_on(name, &baseline::probe_sql())).unwrap();
        let figures = postgres.psql_on(name, &baseline::baseline_sql(series(), &probe, 3).join(";\n"));
        Measured {
            name: name.into(),
            baseline: baseline::parse(&figures).unwrap(),
            shape: serde_json::from_str(&postgres.psql_on(name, content::shape_sql())).unwrap(),
        }
    }
}

fn series() -> Series {
    Series::from_major(18).unwrap()
}

/// Returns everything that is found in a copy.
pub(super) fn verify(postgres: &Postgres, old: &Measured, copy: &str) -> Vec<Finding> {
    // The way from a series to itself passes no hop.
    let renames = Renames::default();
    let way = &Way::new(&[], &renames);
    let new = &Measured::of(postgres, copy);
    let mut comparisons = compare::along(&old.baseline, &new.baseline, way, None);
    let (shapes, series, names) = ((&old.shape, &new.shape), series(), (old.name.as_str(), copy));
    let ground = |shape, other| Ground { series, shape, other };
    let grounds = (&ground(shapes.0, shapes.1), &ground(shapes.1, shapes.0));
    let mut judged = records(postgres, names, shapes, way);
    comparisons.extend(named(postgres, names, &catalogue::all(), grounds, (way, &judged)));
    content::told_once(&mut judged, &mut comparisons, true, way);
    let found = comparisons.into_iter().filter_map(|comparison| comparison.finding);
    let mut findings: Vec<Finding> = found.collect();
    let states = modules::parse(&postgres.psql_on(copy, &modules::state_sql())).unwrap();
    findings.extend(modules::findings(&states, series));
    findings.extend(judged.findings);
    findings
}

/// Returns what becomes of invariants in two databases; what is told of records that are gone is not told again.
pub(crate) fn named(
    postgres: &Postgres,
    (old, new): (&str, &str),
    invariants: &[Invariant],
    (was, is): (&Ground, &Ground),
    (way, judged): (&Way, &Judged),
) -> Vec<Comparison> {
    let answers = |name: &str, sql: &str| catalogue::parse(invariants, &postgres.psql_on(name, sql)).unwrap();
    let before = answers(old, &catalogue::sql(invariants, was, is));
    let after = answers(new, &catalogue::sql(invariants, is, was));
    let mut weighed = Weighed::new(invariants, &before, &after, BTreeSet::new());
    for some in catalogue::differing(&before, &after) {
        let some = [some];
        weighed.take(
            invariants,
            &answers(old, &catalogue::rows_sql(invariants, was, &some)),
            &answers(new, &catalogue::rows_sql(invariants, is, &some)),
        );
    }
    weighed.judge(invariants, way, |model, id| judged.tells(model, id))
}

/// Returns what the comparison of every record finds in two databases.
pub(crate) fn records(postgres: &Postgres, (old, new): (&str, &str), shapes: (&Shape, &Shape), way: &Way) -> Judged {
    let pairs = content::pair(shapes.0, shapes.1, way, false);
    let share = content::shares(&pairs, shapes.0, shapes.1, 2).concat();
    let blocks = |name: &str, side| -> Vec<Block> {
        let text = postgres.psql_on(name, &content::digest_sql(&pairs, &share, side));
        text.lines().map(|line| content::parse_digest(line).unwrap()).collect()
    };
    let mut net = Net::default();
    let differing = net.differing(&blocks(old, Side::Before), &blocks(new, Side::After));
    let rows = |name: &str, side| postgres.psql_on(name, &content::rows_sql(&pairs, &differing, side));
    let (was, is) = (rows(old, Side::Before), rows(new, Side::After));
    net.compare(&pairs, was.lines(), is.lines()).unwrap();
    let dangling: BTreeSet<(String, i64)> = postgres
        .psql_on(new, &content::dangling_sql(&pairs))
        .lines()
        .map(|line| line.split_once('\t').unwrap())
        .map(|(model, id)| (model.to_owned(), id.parse().unwrap()))
        .collect();
    content::judge(net, &pairs, &dangling, way)
}
