//! Names of Python that other modules bring, and that are called otherwise or gone.

use ruff_python_ast::{Expr, Stmt, StmtImportFrom};

use crate::port::rules::{Deed, Look, Rule};
use crate::port::{Found, Python, range};

pub(super) const PATCHED: Rule = Rule {
    id: "19.51",
    title: "methods that are delayed as jobs without _patch_method",
    why: "queue_job brings `_patch_method` no more: AttributeError when the registry is loaded",
    source: "OCA/queue, queue_job/models/base.py, _patch_job_auto_delay, 19.0",
    deed: Deed::Mechanical,
    words: &["_patch_method"],
    looks: &[Look::Python(patched)],
};

pub(super) const CALLED: Rule = Rule {
    id: "19.52",
    title: "names that other modules have now",
    why: "the name is not found when the module is loaded: Odoo brings another PDF library, and stock compares by more operators",
    source: "odoo/tools/pdf/__init__.py, addons/stock/models/product.py, 19.0",
    deed: Deed::Mechanical,
    words: &["PyPDF2", "OPERATORS"],
    looks: &[Look::Python(called)],
};

/// What `odoo.tools.pdf` offers of a library that the image does not have any more, by module.
const OF_PDF: [(&str, &[&str]); 4] = [
    ("PyPDF2", &["PdfFileReader", "PdfFileWriter", "PdfReader", "PdfWriter"]),
    ("PyPDF2.errors", &["PdfReadError", "PdfStreamError", "DependencyError"]),
    ("PyPDF2.utils", &["PdfReadError", "PdfStreamError"]),
    (
        "PyPDF2.generic",
        &[
            "ArrayObject",
            "BooleanObject",
            "ByteStringObject",
            "DecodedStreamObject",
            "DictionaryObject",
            "IndirectObject",
            "NameObject",
            "NumberObject",
            "createStringObject",
            "create_string_object",
        ],
    ),
];
/// A module in which a name is called otherwise.
const OF_STOCK: (&str, &str, &str) = ("odoo.addons.stock.models.product", "OPERATORS", "PY_OPERATORS");

/// Returns where a name is now, and what it is called there.
fn now<'n>(module: &str, name: &'n str) -> Option<(&'static str, &'n str)> {
    if (module, name) == (OF_STOCK.0, OF_STOCK.1) {
        return Some((OF_STOCK.0, OF_STOCK.2));
    }
    let offers = |it: &&(&str, &[&str])| it.0 == module && it.1.contains(&name);
    OF_PDF.iter().find(offers).map(|_| ("odoo.tools.pdf", name))
}

/// `self._patch_method("run", self._patch_job_auto_delay(…))` → `type(self).run = self._patch_job_auto_delay(…)`: what the
/// inner call returns is made up as the method already.
fn patched(python: &Python<'_>, found: &mut Found) {
    let statements = (python.nodes.functions.iter()).flat_map(|function| &function.body);
    for statement in statements.filter_map(Stmt::as_expr_stmt) {
        let Some(call) = statement.value.as_call_expr() else {
            continue;
        };
        let of_self = Python::dotted(&call.func).as_deref() == Some("self._patch_method");
        let ([name, value], true) = (&*call.arguments.args, of_self && call.arguments.keywords.is_empty()) else {
            continue;
        };
        let delayed = |value: &Expr| {
            let call = value.as_call_expr();
            call.is_some_and(|call| Python::dotted(&call.func).as_deref() == Some("self._patch_job_auto_delay"))
        };
        if let (Some(name), true) = (Python::string(name), delayed(value)) {
            let (whole, inner) = (range(call), range(value));
            found.change(vec![
                crate::port::Edit::replace(whole.start..inner.start, format!("type(self).{name} = ")),
                crate::port::Edit::replace(inner.end..whole.end, ""),
            ]);
        }
    }
}

fn called(python: &Python<'_>, found: &mut Found) {
    for import in &python.nodes.imports_from {
        if let Some(new) = renamed(python, import) {
            found.replace(range(*import), new);
        }
    }
}

/// Returns an import whose names are all to be had elsewhere, as it must be now.
fn renamed(python: &Python<'_>, import: &StmtImportFrom) -> Option<String> {
    let module = import.module.as_ref()?.id.as_str();
    let mut from = "";
    let mut names = Vec::new();
    for alias in &import.names {
        let name = alias.name.id.as_str();
        let (to, new) = now(module, name)?;
        let local = Python::local(alias);
        from = to;
        names.push(if local == new {
            new.to_owned()
        } else {
            format!("{new} as {local}")
        });
    }
    // What stands inside may be a comment.
    let whole = python.at(import);
    (import.level == 0 && !names.is_empty() && !whole.contains('#'))
        .then(|| format!("from {from} import {}", names.join(", ")))
}
