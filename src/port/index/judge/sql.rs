//! Columns that the SQL of a model's view names: the view is made when the module is installed.

use std::collections::{BTreeMap, BTreeSet};

use ruff_python_ast::{Expr, Stmt, StmtClassDef};

use super::super::super::uses::Statement;
use super::super::super::{Level, Nodes, SourceFile, range};
use super::super::nearest::{hint, nearest};
use super::Case;

pub(super) fn judge(case: &mut Case<'_, '_>, file: &SourceFile, body: &[Stmt]) {
    if !case.closed() || file.path.starts_with("tests/") {
        return;
    }
    let classes = body.iter().filter_map(Stmt::as_class_def_stmt);
    for class in classes.filter(|class| is_view(class)) {
        columns(case, file, &Nodes::of(&class.body));
    }
}

fn is_view(class: &StmtClassDef) -> bool {
    let is_auto = |target: &Expr| matches!(target, Expr::Name(name) if name.id.as_str() == "_auto");
    (class.body.iter())
        .filter_map(Stmt::as_assign_stmt)
        .filter(|assign| assign.targets.iter().any(is_auto))
        .any(|assign| matches!(&*assign.value, Expr::BooleanLiteral(truth) if !truth.value))
}

/// Judges the pieces of SQL of a class, which is put together from all of them.
fn columns(case: &mut Case<'_, '_>, file: &SourceFile, nodes: &Nodes<'_>) {
    let documents: BTreeSet<usize> = (nodes.functions.iter())
        .filter_map(|function| Some(range(function.body.first()?.as_expr_stmt()?).start))
        .collect();
    let pieces: Vec<(Result<usize, usize>, Statement<'_>)> = (nodes.strings.iter())
        // A name alone, of a model or a path, is no SQL, and neither is what documents a method.
        .filter(|literal| literal.value.to_str().trim().contains(char::is_whitespace))
        .filter(|literal| !documents.contains(&range(**literal).start))
        .map(|literal| {
            let (whole, text) = (range(*literal), literal.value.to_str());
            // One that is joined or has escapes is only known as a whole.
            let inside = file.text[whole.clone()].find(text).map(|at| whole.start + at);
            (inside.ok_or(whole.start), Statement::piece(text))
        })
        .collect();
    let mut called: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (_, piece) in &pieces {
        for (name, table) in &piece.called {
            called.entry(name).or_default().insert(table);
        }
    }
    for (_, piece) in &pieces {
        for other in piece.others() {
            called.remove(other);
        }
    }
    for (at, piece) in &pieces {
        for (place, of, column) in piece.columns() {
            let Some(tables) = called.get(of) else { continue };
            let models: Option<Vec<&str>> = tables.iter().map(|table| case.world.model_of_table(table)).collect();
            let Some(models) = models else { continue };
            let lacks = |model: &&str| case.world.lacks_column(model, column, &case.known);
            if let Some(model) = models.first().filter(|_| models.iter().all(lacks)) {
                let best = nearest(column, case.world.field_names(model, &case.known));
                let remedy = hint(best, "find what took its place, or leave it out");
                let message = format!("the table of `{model}` has no column `{column}`");
                let at = at.map_or_else(|whole| whole, |inside| inside + place);
                case.say("ref.field", Level::Error, &file.path, at, message, remedy);
            }
        }
    }
}
