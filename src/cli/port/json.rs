//! A port with everything about it, for programs.

use serde_json::{Value, json};

use super::outcome::{Branch, Outcome, Row, word};
use super::tried;

/// Returns one JSON document.
pub(super) fn render(outcome: &Outcome) -> String {
    let parts: Vec<Value> = (outcome.parts.iter())
        .map(|part| {
            json!({
                "name": part.name,
                "branch": part.branch.as_ref().map(branch),
                "modules": part.rows.iter().map(module).collect::<Vec<_>>(),
            })
        })
        .collect();
    let mut document = json!({
        "schema": 1,
        "to": format!("{}.0", outcome.to),
        "check": outcome.check,
        "parts": parts,
        "remarks": outcome.remarks,
    });
    if let Some(tried) = &outcome.tried {
        document["tried"] = tried::document(tried);
    }
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

fn branch(branch: &Branch) -> Value {
    json!({
        "name": branch.start.branch,
        "folder": branch.root,
        "base": branch.start.base_name,
        "source": branch.start.source_name,
        "tip": branch.committed.as_ref().map(|committed| &committed.tip).or(branch.start.tip.as_ref()),
        "brought": branch.committed.as_ref().map_or(0, |committed| committed.brought),
        "added": branch.committed.as_ref().map_or(0, |committed| committed.added),
        "not_checked_out": branch.in_the_way,
        "pushed": branch.pushed,
    })
}

fn module(row: &Row) -> Value {
    let applied = row.ported.applied.iter().map(|applied| {
        json!({
            "rule": applied.rule.id,
            "title": applied.rule.title,
            "to": format!("{}.0", applied.to),
            "changes": applied.changes,
            "files": applied.files.keys().map(|file| row.path(file)).collect::<Vec<_>>(),
        })
    });
    let findings = row.ported.findings.iter().map(|finding| {
        json!({
            "rule": finding.rule,
            "level": word(finding.level),
            "path": row.path(&finding.path),
            "line": finding.line,
            "column": finding.column,
            "message": finding.message,
            "remedy": finding.remedy,
        })
    });
    let unparsed = row.ported.unparsed.iter().map(|file| {
        json!({ "path": row.path(&file.path), "line": file.line, "column": file.column, "message": file.message })
    });
    let left_out = (row.left_out.iter()).map(|file| json!({ "path": row.path(&file.path), "why": file.why }));
    json!({
        "name": row.name(),
        "folder": row.folder,
        "from": format!("{}.0", row.from),
        "changes": row.changes(),
        "applied": applied.collect::<Vec<_>>(),
        "findings": findings.collect::<Vec<_>>(),
        "script": row.script.as_ref().map(|(path, text)| json!({ "path": row.path(path), "text": text })),
        "unparsed": unparsed.collect::<Vec<_>>(),
        "left_out": left_out.collect::<Vec<_>>(),
        "not_written": row.not_written.as_ref().map(|(why, _)| why),
    })
}
