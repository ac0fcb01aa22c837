//! Cursor, user and context.

use ruff_python_ast::{Expr, ExprContext};

use crate::port::rules::{Deed, Look, Rule};
use crate::port::{Found, Level, Python, range};

pub(super) const SHORT: Rule = Rule {
    id: "19.3",
    title: "_cr, _uid, _context → env.cr, env.uid, env.context",
    why: "the short names of a record set are deprecated; 19.0 warns at every use",
    source: "odoo/orm/models.py, 19.0",
    deed: Deed::Mechanical,
    words: &["_cr", "_uid", "_context"],
    looks: &[Look::Python(short)],
};

pub(super) const REQUEST: Rule = Rule {
    id: "19.27",
    title: "request.cr, uid, context → request.env",
    why: "the short names of a request are deprecated; 19.0 warns at every use",
    source: "odoo/http.py, 19.0",
    deed: Deed::Mechanical,
    words: &["request.cr", "request.uid", "request.context"],
    looks: &[Look::Python(request)],
};

pub(super) const ASSIGNED: Rule = Rule {
    id: "19.21",
    title: "an environment is not written to",
    why: "attributes of an environment are read-only: AttributeError",
    source: "odoo/orm/environments.py, Environment.__setattr__, 19.0",
    deed: Deed::Detect,
    words: &["env."],
    looks: &[Look::Python(assigned)],
};

pub(super) const ZONE: Rule = Rule {
    id: "19.22",
    title: "pytz.timezone(user.tz) → env.tz",
    why: "the environment knows the user's time zone and falls back when it is wrong",
    source: "odoo/orm/environments.py, Environment.tz, 19.0",
    deed: Deed::Detect,
    words: &["timezone("],
    looks: &[Look::Python(zone)],
};

pub(super) const COMPANY: Rule = Rule {
    id: "19.24",
    title: "force_company → with_company",
    why: "the key of the context is ignored",
    source: "odoo/orm/models.py, with_context, 19.0",
    deed: Deed::Detect,
    words: &["force_company"],
    looks: &[Look::Python(company)],
};

pub(super) const REFERENCE: Rule = Rule {
    id: "19.17",
    title: "env.ref(…, raise_if_not_found=…)",
    why: "the argument is meant to be named",
    source: "odoo/orm/environments.py, Environment.ref, 19.0",
    deed: Deed::Detect,
    words: &[".ref("],
    looks: &[Look::Python(reference)],
};

fn short(python: &Python<'_>, found: &mut Found) {
    // A class that is no model may have attributes of these names: it writes them itself.
    let own: Vec<&str> = (python.nodes.attributes.iter())
        .filter(|it| it.ctx == ExprContext::Store)
        .map(|it| it.attr.id.as_str())
        .collect();
    for attribute in &python.nodes.attributes {
        let name = attribute.attr.id.as_str();
        let plain = match name {
            "_cr" => "cr",
            "_uid" => "uid",
            "_context" => "context",
            _ => continue,
        };
        let base = Python::dotted(&attribute.value);
        let of_other = base
            .as_deref()
            .is_some_and(|base| base == "request" || base.ends_with("env") || base.ends_with("cr"));
        let of_class = matches!(&*attribute.value, Expr::Call(call) if Python::called(call) == Some("super"));
        if !own.contains(&name) && !of_other && !of_class {
            found.replace(range(&attribute.attr), format!("env.{plain}"));
        }
    }
}

fn request(python: &Python<'_>, found: &mut Found) {
    for attribute in &python.nodes.attributes {
        let name = attribute.attr.id.as_str();
        let of_request = matches!(&*attribute.value, Expr::Name(it) if it.id.as_str() == "request");
        if of_request && matches!(name, "cr" | "uid" | "context") && attribute.ctx == ExprContext::Load {
            found.insert(range(&attribute.attr).start, "env.");
        }
    }
}

fn assigned(python: &Python<'_>, found: &mut Found) {
    for attribute in &python.nodes.attributes {
        let of_env = match &*attribute.value {
            Expr::Name(name) => name.id.as_str() == "env",
            Expr::Attribute(it) => it.attr.id.as_str() == "env",
            _ => false,
        };
        if of_env && attribute.ctx == ExprContext::Store {
            let name = attribute.attr.id.as_str();
            found.say(
                range(*attribute).start,
                Level::Error,
                format!("`env.{name}` cannot be assigned: AttributeError"),
                "make another environment: `self.with_context(…)`, `with_user(…)`, `with_company(…)` or `env(…)`",
            );
        }
    }
}

fn zone(python: &Python<'_>, found: &mut Found) {
    for call in &python.nodes.calls {
        let first = call.arguments.args.first().map(|first| python.at(first));
        if Python::called(call) == Some("timezone") && first.is_some_and(|it| it.contains("env.user.tz")) {
            found.say(
                range(*call).start,
                Level::Note,
                "the environment knows the time zone",
                "write `self.env.tz`",
            );
        }
    }
}

fn company(python: &Python<'_>, found: &mut Found) {
    for literal in &python.nodes.strings {
        if literal.value.to_str() == "force_company" {
            say_company(found, range(*literal).start);
        }
    }
    for call in &python.nodes.calls {
        if let Some(keyword) = call.arguments.find_keyword("force_company") {
            say_company(found, range(keyword).start);
        }
    }
}

fn say_company(found: &mut Found, at: usize) {
    let message = "`force_company` in a context has no effect";
    found.say(at, Level::Note, message, "use `with_company(company)`");
}

fn reference(python: &Python<'_>, found: &mut Found) {
    for call in &python.nodes.calls {
        let of_env = Python::dotted(&call.func).is_some_and(|name| name.ends_with("env.ref"));
        if of_env && let [_, second] = &*call.arguments.args {
            found.say(
                range(second).start,
                Level::Note,
                "a second argument of `env.ref` without its name",
                "write `raise_if_not_found=False`",
            );
        }
    }
}
