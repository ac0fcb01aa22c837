//! What a script offers and uses.

mod lexer;
mod statements;

use super::Script;

/// A reference of a script, with its byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// A script is imported.
    Import { from: String },
    /// A name of a script is imported.
    Name { from: String, name: String },
    /// A member of what a class or a patch builds on: the class as the script calls it.
    Super { class: String, member: String, patch: bool },
    /// A class that is patched.
    Patch { class: String },
    /// The template of a component.
    Template { name: String },
    /// A service.
    Service { name: String },
    /// A category of the registry, and what is done with it.
    Category { name: String, deed: String },
    /// A module of old: `require("web.core")`.
    Require { name: String },
}

/// A script taken apart.
pub(crate) struct Scanned {
    /// What it offers.
    pub(crate) script: Script,
    /// What it refers to.
    pub(crate) uses: Vec<(Use, usize)>,
}

/// Takes a script apart.
pub(crate) fn scan(text: &str) -> Scanned {
    statements::scan(text)
}

/// Returns what a script offers.
pub(crate) fn read(text: &str) -> Script {
    scan(text).script
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_offers_what_it_exports_and_tells_what_it_uses() {
        let text = r#"
/** @odoo-module alias=web.Old **/
import { Dialog as D, x } from "@web/core/dialog/dialog";
import y, * as z from "./y";
export * from "@a/b";
export { q as r } from "./q";
export class A extends D {
    static template = "m.A";
    static props = { a: String };
    setup() { super.setup(); this.orm = useService("orm"); const f = () => { super.gone(1); }; }
    get title() { return `${super.title}`; }
}
export async function run() {}
export const { one, two: three } = x;
export { A as B };
export default A;
registry.category("fields").add("my_field", { component: A });
patch(D.prototype, { onClick() { super.onClick(...arguments); } });
"#;
        let Scanned { script, uses } = scan(text);
        let exports: Vec<&str> = script.exports.iter().map(String::as_str).collect();
        assert_eq!(exports, ["A", "B", "default", "one", "r", "run", "three"]);
        assert_eq!(script.stars, ["@a/b"]);
        assert_eq!(
            script.imports["D"],
            ("@web/core/dialog/dialog".to_owned(), "Dialog".to_owned())
        );
        assert_eq!(script.imports["z"], ("./y".to_owned(), "*".to_owned()));
        let (extends, members) = &script.classes["A"];
        assert_eq!(extends.as_deref(), Some("D"));
        assert!(members.contains("setup") && members.contains("title") && !members.contains("gone"));
        assert!(script.keys.contains("my_field") && script.defines.contains("web.Old"));
        assert_eq!(script.patches[0].0, "D");
        let uses: Vec<Use> = uses.into_iter().map(|(it, _)| it).collect();
        let of = |class: &str, member: &str, patch| Use::Super {
            class: class.to_owned(),
            member: member.to_owned(),
            patch,
        };
        assert!(uses.contains(&of("D", "gone", false)) && uses.contains(&of("D", "onClick", true)));
        assert!(uses.contains(&Use::Service { name: "orm".to_owned() }));
        assert!(uses.contains(&Use::Template { name: "m.A".to_owned() }));
    }
}
