//! Lines for a bill: counted now, or before, as the JSON that `hopp cloc` prints.

use std::path::Path;

use indexmap::IndexMap;
use serde::Deserialize;

use crate::agreement::{Count, CountError, Exclusion, ModuleLines, Source};
use crate::cli::cloc::{Counted, Wanted, count_plan};
use crate::cli::environment::Environment;
use crate::cli::failure::{Failure, exit};
use crate::cli::gather::read_plan;
use crate::cli::run::interruptible;
use crate::odoo::cloc::{Python, Rules};

/// The format of the file that this hopp reads.
const SCHEMA: u32 = 1;

#[derive(Deserialize)]
struct Document {
    schema: u32,
    rules: CountedBy,
    counted: Vec<Row>,
    #[serde(default)]
    errors: Vec<Row>,
    #[serde(default)]
    excluded: Vec<Row>,
}

#[derive(Deserialize)]
struct CountedBy {
    series: String,
    python: String,
}

#[derive(Deserialize)]
struct Row {
    module: String,
    #[serde(default)]
    repository: Option<String>,
    #[serde(default)]
    file: Option<String>,
    #[serde(default)]
    code: Option<u64>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    excluded: Option<String>,
}

impl Row {
    fn place(&self) -> String {
        match &self.file {
            Some(file) => format!("{}/{file}", self.module),
            None => self.module.clone(),
        }
    }
}

/// Counts what a plan's backup and repositories hold, as production runs it.
pub(super) async fn now(path: &Path, environment: &Environment) -> Result<Count, Failure> {
    let instead =
        "or bill from an earlier count: `hopp bill PLAN --count FILE`, as `hopp cloc --format json` printed it";
    let plan = read_plan(path).map_err(|failure| failure.hint(instead))?;
    let wanted = Wanted {
        series: None,
        python: Python::default(),
        all: false,
    };
    let counted = count_plan(&plan, &wanted, environment, &interruptible()).await;
    counted
        .map(|counted| of_tally(&counted))
        .map_err(|failure| failure.hint(instead))
}

fn of_tally(counted: &Counted) -> Count {
    let tally = &counted.tally;
    let place = |module: &str, item: &str| format!("{module}/{item}");
    Count {
        rules: rules(tally.rules),
        sources: (counted.sources.iter())
            .map(|(repository, commit)| Source {
                repository: repository.clone(),
                commit: commit.clone(),
            })
            .collect(),
        modules: (tally.modules.iter())
            .map(|module| ModuleLines {
                module: module.name.clone(),
                repository: module.repository.clone(),
                lines: module.count().code,
            })
            .collect(),
        excluded: (tally.modules.iter())
            .flat_map(|module| module.excluded.iter().map(|one| (&module.name, one)))
            .map(|(module, one)| Exclusion {
                what: place(module, &one.item),
                why: one.by.to_string(),
            })
            .collect(),
        errors: (tally.modules.iter())
            .flat_map(|module| module.errors.iter().map(|one| (&module.name, one)))
            .map(|(module, one)| CountError {
                module: module.clone(),
                file: one.item.clone(),
                message: one.fault.to_string(),
            })
            .collect(),
    }
}

fn rules(rules: Rules) -> String {
    told(&rules.series().to_string(), &rules.python().to_string())
}

/// Says whose rules were used.
fn told(series: &str, python: &str) -> String {
    format!("odoo cloc {series}, Python {python}")
}

/// Reads a count, by module or by file.
pub(super) fn read(path: &Path) -> Result<Count, Failure> {
    let bytes = fs_err::read(path).map_err(|error| Failure::of_files(&error))?;
    parse(&bytes).map_err(|message| {
        Failure::new(exit::INVALID, format!("{} is not a count: {message}", path.display()))
            .hint("`hopp cloc FOLDER --series SERIES --format json` prints one")
    })
}

fn parse(bytes: &[u8]) -> Result<Count, String> {
    let document: Document = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if document.schema != SCHEMA {
        return Err(format!(
            "it has format {}, and this hopp reads {SCHEMA}",
            document.schema
        ));
    }
    let mut modules: IndexMap<(Option<String>, String), u64> = IndexMap::new();
    for row in document.counted {
        let code = row.code.ok_or_else(|| format!("{} has no `code`", row.place()))?;
        let lines = modules.entry((row.repository, row.module)).or_default();
        *lines = lines.saturating_add(code);
    }
    let errors = document.errors.into_iter().map(|row| CountError {
        file: row.file.unwrap_or_default(),
        message: row.error.unwrap_or_default(),
        module: row.module,
    });
    let excluded = document.excluded.into_iter().map(|row| Exclusion {
        what: row.place(),
        why: row.excluded.unwrap_or_default(),
    });
    Ok(Count {
        rules: told(&document.rules.series, &document.rules.python),
        sources: Vec::new(),
        modules: (modules.into_iter())
            .map(|((repository, module), lines)| ModuleLines {
                module,
                repository,
                lines,
            })
            .collect(),
        excluded: excluded.collect(),
        errors: errors.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_a_module_are_added_up_and_what_lowers_the_count_is_kept() {
        let text = r#"{"schema": 1, "rules": {"series": "18.0", "python": "3.10+"},
            "counted": [
                {"repository": "a", "module": "m", "file": "x.py", "lines": 9, "other": 2, "code": 7},
                {"repository": "a", "module": "m", "file": "y.py", "code": 3},
                {"repository": "b", "module": "m", "code": 5}],
            "sum": {"code": 15},
            "errors": [{"module": "m", "file": "z.py", "error": "Syntax Error"}],
            "excluded": [{"module": "m", "file": "demo.xml", "excluded": "demo data"}]}"#;
        let count = parse(text.as_bytes()).unwrap();
        let lines: Vec<u64> = count.modules.iter().map(|module| module.lines).collect();
        assert_eq!(lines, [10, 5]);
        assert_eq!(count.rules, "odoo cloc 18.0, Python 3.10+");
        assert_eq!(count.errors[0].message, "Syntax Error");
        assert_eq!(count.excluded[0].what, "m/demo.xml");
    }

    #[test]
    fn what_is_not_a_count_is_refused() {
        let rules = r#""rules": {"series": "18.0", "python": "3.10+"}"#;
        assert!(parse(b"{}").unwrap_err().contains("missing field `schema`"));
        let newer = format!(r#"{{"schema": 2, {rules}, "counted": []}}"#);
        assert_eq!(
            parse(newer.as_bytes()).unwrap_err(),
            "it has format 2, and this hopp reads 1"
        );
        let bare = format!(r#"{{"schema": 1, {rules}, "counted": [{{"module": "m"}}]}}"#);
        assert_eq!(parse(bare.as_bytes()).unwrap_err(), "m has no `code`");
    }
}
