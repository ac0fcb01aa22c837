//! A tally as people and programs read it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{By, Counted as Tallied};
use crate::odoo::cloc::{Count, ModuleTally, Tally};
use crate::ui::table::table;
use crate::words;

/// A line of the result.
struct Row<'a> {
    repository: &'a str,
    module: &'a str,
    file: &'a str,
    /// The lines; without, `note` says why.
    count: Option<Count>,
    /// The error, or the rule that makes it free.
    note: Option<(&'static str, String)>,
}

impl<'a> Row<'a> {
    fn counted(module: &'a ModuleTally, file: &'a str, count: Count) -> Row<'a> {
        Row {
            repository: repository(module),
            module: &module.name,
            file,
            count: Some(count),
            note: None,
        }
    }
}

fn repository(module: &ModuleTally) -> &str {
    module.repository.as_deref().unwrap_or_default()
}

fn rows(tally: &Tally, by: By) -> Vec<Row<'_>> {
    match by {
        By::File => tally.modules.iter().flat_map(files).collect(),
        By::Module => (tally.modules.iter())
            .map(|module| Row::counted(module, "", module.count()))
            .collect(),
        By::Repository => {
            let mut sums: BTreeMap<&str, Count> = BTreeMap::new();
            for module in &tally.modules {
                *sums.entry(repository(module)).or_default() += module.count();
            }
            let row = |(repository, count)| Row {
                repository,
                module: "",
                file: "",
                count: Some(count),
                note: None,
            };
            sums.into_iter().map(row).collect()
        }
    }
}

fn files(module: &ModuleTally) -> Vec<Row<'_>> {
    let counted = module
        .counted
        .iter()
        .map(|one| Row::counted(module, &one.item, one.count));
    let noted = |file, kind, why| Row {
        count: None,
        note: Some((kind, why)),
        ..Row::counted(module, file, Count::default())
    };
    let errors = (module.errors.iter()).map(|one| noted(&one.item, "error", one.fault.to_string()));
    let excluded = (module.excluded.iter()).map(|one| noted(&one.item, "excluded", one.by.to_string()));
    counted.chain(errors).chain(excluded).collect()
}

/// Returns a table, the sum, and what lowered it.
pub(super) fn human(counted: &Tallied, by: By) -> String {
    let tally = &counted.tally;
    let numbers = |count: Count| [count.total, count.other(), count.code].map(|lines| lines.to_string());
    let cells = |what: [&str; 3], count: Count| {
        let what = what.map(str::to_owned).into_iter();
        what.chain(numbers(count)).collect::<Vec<String>>()
    };
    let several = tally
        .modules
        .iter()
        .any(|module| repository(module) != repository(&tally.modules[0]));
    let mut shown: Vec<Vec<String>> = (rows(tally, by).iter())
        .filter_map(|row| {
            let repository = if several || by == By::Repository {
                row.repository
            } else {
                ""
            };
            Some(cells([repository, row.module, row.file], row.count?))
        })
        .collect();
    shown.push(cells(
        match by {
            By::Repository => ["all", "", ""],
            By::File | By::Module => ["", "all", ""],
        },
        tally.count(),
    ));
    let header = ["repository", "module", "file", "lines", "other", "code"];
    let mut text = table(&header, &shown, 2, &[3, 4, 5]);
    text.push_str("\n\n");
    text.push_str(&footnote(tally, &counted.remarks));
    text
}

/// Says by which rules was counted, what is free, and what could not be counted.
fn footnote(tally: &Tally, remarks: &[String]) -> String {
    let mut lines = vec![format!(
        "counted as `odoo cloc` of {} with Python {} does",
        tally.rules.series(),
        tally.rules.python()
    )];
    lines.extend_from_slice(remarks);
    let excluded = tally.modules.iter().flat_map(|module| &module.excluded);
    let (folders, files): (Vec<_>, Vec<_>) = excluded.partition(|one| one.item.ends_with('/'));
    let exempt: Vec<String> = [(files.len(), "file"), (folders.len(), "folder")]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, noun)| words::count(number, noun))
        .collect();
    if !exempt.is_empty() {
        lines.push(format!("exempt: {}", exempt.join(" and ")));
    }
    let errors: usize = tally.modules.iter().map(|module| module.errors.len()).sum();
    if errors > 0 {
        lines.push(format!(
            "{} could not be counted and add nothing:",
            words::count(errors, "file")
        ));
        for module in &tally.modules {
            let of_module = module.errors.iter();
            lines.extend(of_module.map(|one| format!("  {}/{}: {}", module.name, one.item, one.fault)));
        }
    }
    lines.join("\n")
}

/// Returns one JSON document: the rules, the rows, the sum, errors and exclusions.
pub(super) fn json(counted: &Tallied, by: By) -> String {
    let tally = &counted.tally;
    let object = |row: &Row| {
        let mut object = serde_json::Map::new();
        let names = [
            ("repository", row.repository),
            ("module", row.module),
            ("file", row.file),
        ];
        for (key, value) in names.into_iter().filter(|(_, value)| !value.is_empty()) {
            object.insert(key.to_owned(), value.into());
        }
        object.extend(row.count.into_iter().flat_map(fields));
        if let Some((kind, why)) = &row.note {
            object.insert((*kind).to_owned(), why.as_str().into());
        }
        Value::Object(object)
    };
    let noted: Vec<Row> = tally
        .modules
        .iter()
        .flat_map(files)
        .filter(|row| row.note.is_some())
        .collect();
    let of_kind = |wanted: &str| -> Vec<Value> {
        let rows = noted
            .iter()
            .filter(|row| row.note.as_ref().is_some_and(|(kind, _)| *kind == wanted));
        rows.map(object).collect()
    };
    let lines: Vec<Value> = rows(tally, by)
        .iter()
        .filter(|row| row.count.is_some())
        .map(object)
        .collect();
    let document = json!({
        "schema": 1,
        "rules": tally.rules,
        "remarks": counted.remarks,
        "counted": lines,
        "sum": Value::Object(fields(tally.count()).into_iter().collect()),
        "errors": of_kind("error"),
        "excluded": of_kind("excluded"),
    });
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

fn fields(count: Count) -> [(String, Value); 3] {
    [
        ("lines".to_owned(), count.total.into()),
        ("other".to_owned(), count.other().into()),
        ("code".to_owned(), count.code.into()),
    ]
}

/// Returns comma-separated values with a header, and no sum.
pub(super) fn csv(tally: &Tally, by: By) -> String {
    let mut text = String::from("repository,module,file,lines,other,code,error,excluded\r\n");
    for row in rows(tally, by) {
        let numbers = row.count.map(|count| [count.total, count.other(), count.code]);
        let note = |wanted: &str| match &row.note {
            Some((kind, why)) if *kind == wanted => why.clone(),
            _ => String::new(),
        };
        let names = [row.repository, row.module, row.file].map(str::to_owned);
        let numbers = numbers.map_or_else(Default::default, |numbers| numbers.map(|lines| lines.to_string()));
        let cells = names
            .into_iter()
            .chain(numbers)
            .chain([note("error"), note("excluded")]);
        let cells: Vec<String> = cells.map(|cell| quoted(&cell)).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}
