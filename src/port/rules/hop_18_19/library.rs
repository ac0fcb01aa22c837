//! What Python itself has no more.

use ruff_python_ast::Stmt;

use crate::port::rules::{Deed, Look, Rule};
use crate::port::{Found, Level, Python, range};

pub(super) const GONE: Rule = Rule {
    id: "19.31",
    title: "modules and names that Python has no more",
    why: "19.0 needs Python 3.10 and its official image has 3.13: what Python dropped by then keeps the file from being loaded",
    source: "odoo/init.py, MIN_PY_VERSION, 19.0; What's New In Python 3.10 to 3.13",
    deed: Deed::Detect,
    words: &["import"],
    looks: &[Look::Python(gone)],
};

/// Modules that 3.9 had and 3.13 has not, and what to use.
const MODULES: [(&str, &str); 25] = [
    ("aifc", "another library"),
    ("asynchat", "asyncio"),
    ("asyncore", "asyncio"),
    ("audioop", "another library"),
    ("binhex", "base64"),
    ("cgi", "`html.escape`, `urllib.parse` or werkzeug"),
    ("cgitb", "traceback"),
    ("chunk", "another library"),
    ("crypt", "passlib"),
    ("distutils", "`odoo.tools.str2bool`, `shutil` or `packaging`"),
    ("formatter", "another library"),
    ("imghdr", "`odoo.tools.mimetypes` or PIL"),
    ("imp", "importlib"),
    ("lib2to3", "another library"),
    ("mailcap", "mimetypes"),
    ("nntplib", "another library"),
    ("parser", "ast"),
    ("pipes", "subprocess and shlex"),
    ("smtpd", "aiosmtpd"),
    ("sndhdr", "another library"),
    ("sunau", "another library"),
    ("symbol", "ast"),
    ("telnetlib", "another library"),
    ("uu", "base64"),
    ("xdrlib", "struct"),
];

/// Names that modules do not have any more, and where they are.
const NAMES: [(&str, &[&str], &str); 4] = [
    (
        "collections",
        &[
            "Callable",
            "Container",
            "Hashable",
            "ItemsView",
            "Iterable",
            "Iterator",
            "KeysView",
            "Mapping",
            "MutableMapping",
            "MutableSequence",
            "MutableSet",
            "Sequence",
            "Set",
            "Sized",
            "ValuesView",
        ],
        "import it from `collections.abc`",
    ),
    ("fractions", &["gcd"], "import it from `math`"),
    (
        "inspect",
        &["getargspec", "formatargspec"],
        "use `inspect.signature` or `getfullargspec`",
    ),
    ("locale", &["format"], "use `locale.format_string`"),
];

/// Says whether it is a module that Python has no more.
pub(crate) fn left_python(name: &str) -> bool {
    MODULES.iter().any(|(module, _)| *module == name)
}

fn gone(python: &Python<'_>, found: &mut Found) {
    walk(python, python.body, found);
    for attribute in &python.nodes.attributes {
        let Some(base) = Python::dotted(&attribute.value) else {
            continue;
        };
        let name = attribute.attr.id.as_str();
        let known = (NAMES.iter()).find(|(module, names, _)| *module == base && names.contains(&name));
        let imported =
            || (python.nodes.imports.iter()).any(|it| it.names.iter().any(|alias| Python::local(alias) == base));
        if let Some((module, _, remedy)) = known.filter(|_| imported()) {
            let level = Level::Warning.within(python.path);
            found.say(range(*attribute).start, level, lost(module, name), *remedy);
        }
    }
}

fn lost(module: &str, name: &str) -> String {
    format!("Python has no `{module}.{name}` any more")
}

/// Looks at imports; those in a `try` or under a condition may fail.
fn walk(python: &Python<'_>, body: &[Stmt], found: &mut Found) {
    for stmt in body {
        match stmt {
            Stmt::Import(it) => {
                for alias in &it.names {
                    module(python, alias.name.id.as_str(), range(alias).start, found);
                }
            }
            Stmt::ImportFrom(it) if it.level == 0 => {
                let from = it.module.as_ref().map_or("", |module| module.id.as_str());
                module(python, from, range(it).start, found);
                for alias in &it.names {
                    let name = alias.name.id.as_str();
                    let known = (NAMES.iter()).find(|(module, names, _)| *module == from && names.contains(&name));
                    if let Some((module, _, remedy)) = known {
                        let level = Level::Error.within(python.path);
                        found.say(range(alias).start, level, lost(module, name), *remedy);
                    }
                }
            }
            Stmt::ClassDef(it) => walk(python, &it.body, found),
            Stmt::FunctionDef(it) => walk(python, &it.body, found),
            _ => {}
        }
    }
}

fn module(python: &Python<'_>, name: &str, at: usize, found: &mut Found) {
    let root = name.split('.').next().unwrap_or(name);
    if let Some((_, instead)) = MODULES.iter().find(|(module, _)| *module == root) {
        let message = format!("Python has no module `{root}` any more");
        found.say(at, Level::Error.within(python.path), message, format!("use {instead}"));
    }
}
