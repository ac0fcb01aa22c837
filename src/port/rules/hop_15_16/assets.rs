//! 16.4: the bundle of templates.

use ruff_python_ast::Expr;

use crate::port::{Edit, Found, Manifest, Python, range};

/// Moves what `web.assets_qweb` holds into `web.assets_backend`.
pub(super) fn qweb(manifest: &Manifest<'_>, found: &mut Found) {
    let Some(Expr::Dict(assets)) = manifest.value("assets") else {
        return;
    };
    let item = |name: &str| (assets.items.iter()).find(|item| item.key.as_ref().and_then(Python::string) == Some(name));
    let Some(qweb) = item("web.assets_qweb") else { return };
    let python = &manifest.python;
    let (Some(key), value) = (qweb.key.as_ref(), &qweb.value) else {
        return;
    };
    let Some(Expr::List(backend)) = item("web.assets_backend").map(|item| &item.value) else {
        if let Expr::StringLiteral(literal) = key
            && let Some(inside) = python.inside(literal)
        {
            found.replace(inside, "web.assets_backend");
        }
        return;
    };
    let Expr::List(templates) = value else { return };
    let written: Vec<&str> = templates.elts.iter().map(|it| python.at(it)).collect();
    let (Some(last), false) = (backend.elts.last(), written.is_empty()) else {
        return;
    };
    // Each on its own line when the last one has one.
    let line = &python.text[python.line_start(range(last).start)..range(last).start];
    let between = if line.trim().is_empty() {
        format!(",{}{line}", python.newline())
    } else {
        ", ".to_owned()
    };
    let added: String = (written.iter()).flat_map(|it| [between.as_str(), it]).collect();
    let start = python.line_start(range(key).start);
    let mut end = range(value).end;
    if python.text[end..].starts_with(',') {
        end += 1;
    }
    let rest = python.line_end(end);
    let alone = python.text[start..range(key).start].trim().is_empty() && python.text[end..rest].trim().is_empty();
    let gone = if alone { start..rest } else { range(key).start..end };
    found.change(vec![Edit::insert(range(last).end, added), Edit::remove(gone)]);
}
