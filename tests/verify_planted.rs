//! Faults planted into a copy of a sample customer's database and filestore: each is found, with its record, its area
//! and the right severity. The faults are in `fixtures/faults`, the table they make in `docs/proof.md`.
//!
//! Needs Docker, the image `postgres:15` and the sample data; says so and passes where one is missing.

mod fault;
mod files;
pub(crate) mod sides;
mod upgraded;

use std::fmt::Write as _;

use fs_err as fs;

use crate::verify_sql::Postgres;
use fault::Fault;
use hopp::event::Finding;

/// How the table begins in the documentation.
const HEAD: &str = "# What the proof finds

`make bench-proof` plants faults into copies of a sample customer's database and filestore, behind Odoo's back: one öre,
one row, one character at a time. The comparison that `hopp verify` makes then holds each copy against the original.
A fault counts as found when a finding of the right area and severity names the record; false alarms are findings in an
untouched copy. The faults are in `fixtures/faults`; a test keeps this page true. Both sides are of 18.0, and this test
starts no Odoo: broken views and what modules say of their records are among the faults [after a hop](proof-upgraded.md).

";

#[test]
#[expect(clippy::print_stdout, reason = "`make bench-proof` shows the table")]
fn every_planted_fault_is_found_and_an_untouched_copy_has_none() {
    let test = "every_planted_fault_is_found_and_an_untouched_copy_has_none";
    let Some(postgres) = Postgres::with(test, "acme") else {
        return;
    };
    postgres.psql_on("odoo", &fault::quietly(&fault::text("own")));
    for copy in ["untouched", "planted", "structure"] {
        postgres.copy(copy);
    }
    let was = sides::Measured::of(&postgres, "odoo");
    let mut alarms = sides::verify(&postgres, &was, "untouched");
    let mut planted = Vec::new();
    for batch in ["planted", "structure"] {
        let faults = fault::read(&fault::text(batch));
        let sql: Vec<&str> = faults.iter().map(|fault| fault.sql.as_str()).collect();
        postgres.psql_on(batch, &fault::quietly(&sql.join("\n")));
        let found = sides::verify(&postgres, &was, batch);
        planted.extend(faults.into_iter().map(|fault| judged(fault, &found)));
    }
    let expected = postgres.psql_on("odoo", &hopp::verify::attachments::expected_sql());
    let filestore = files::Filestore::of("acme");
    alarms.extend(filestore.findings(&expected));
    let faults = filestore.plant(&expected);
    let found = filestore.findings(&expected);
    planted.extend(faults.into_iter().map(|fault| judged(fault, &found)));

    let table = table(&planted, &alarms);
    println!("{table}");
    assert_eq!(alarms, []);
    let missed: Vec<&str> = planted.iter().filter_map(|judged| judged.missed.as_deref()).collect();
    assert!(missed.is_empty(), "{} missed:\n{}", missed.len(), missed.join("\n"));
    kept("docs/proof.md", &format!("{HEAD}{table}"));
}

/// Fails unless a page of the documentation is this one.
fn kept(page: &str, text: &str) {
    if std::env::var_os("HOPP_BLESS").is_some() {
        fs::write(page, text).unwrap();
    }
    assert!(
        fs::read_to_string(page).unwrap_or_default() == text,
        "{page} is not what was found: HOPP_BLESS=1 make bench-proof rewrites it"
    );
}

/// A fault, and what was found instead where it was missed.
struct Judged {
    fault: Fault,
    missed: Option<String>,
}

fn judged(fault: Fault, found: &[Finding]) -> Judged {
    for finding in found {
        assert!(finding.evidence.len() <= 11, "{finding:?}");
        assert!(!finding.remedy.is_empty(), "{finding:?}");
    }
    let missed = (!found.iter().any(|finding| fault.is_told_by(finding))).then(|| {
        let alike = found
            .iter()
            .filter(|finding| finding.code == fault.code || finding.subject.contains(&fault.subject));
        let alike: Vec<String> = alike.map(|finding| format!("\n    {finding:?}")).collect();
        format!("{fault:?}\n  found like it:{}", alike.concat())
    });
    Judged { fault, missed }
}

fn table(planted: &[Judged], alarms: &[Finding]) -> String {
    // What another line planted is found here in a second way.
    let again = planted.iter().filter(|judged| judged.fault.is_planted_above()).count();
    let missed = planted.iter().filter(|judged| judged.missed.is_some()).count();
    let count = planted.len() - again;
    let mut table = format!(
        "Planted {count}, found {}, missed {missed}, false alarms {}; {again} more lines are second findings of the fault above them.\n\n\
         | area | planted | finding | severity |\n|---|---|---|---|\n",
        count.saturating_sub(missed),
        alarms.len()
    );
    for Judged { fault, missed } in planted {
        let finding = match missed {
            Some(_) => "**missed**".to_owned(),
            None => format!("`{}`: {}", fault.code, fault.subject),
        };
        let severity = format!("{:?}", fault.severity).to_lowercase();
        // Writing to a String cannot fail.
        let _ = writeln!(table, "| {} | {} | {finding} | {severity} |", fault.area, fault.what);
    }
    table
}
