//! What is asked of a source, by the ids that findings carry.

/// Something that a reference is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    /// The id of its findings.
    pub id: &'static str,
    /// What it asks, in a few words.
    pub title: &'static str,
    /// What happens to a module whose reference leads nowhere.
    pub why: &'static str,
}

/// Everything that is asked.
pub const CHECKS: [Check; 19] = [
    Check {
        id: "ref.anchor",
        title: "places in inherited views and templates",
        why: "a view that finds no place for what it brings stops the installation, or takes the whole view with it",
    },
    Check {
        id: "ref.arguments",
        title: "arguments that overrides pass on to `super()`",
        why: "a call with other arguments than the method takes fails whenever it is made",
    },
    Check {
        id: "ref.asset",
        title: "files and bundles of the manifest's assets",
        why: "a bundle that is nowhere is never loaded; a file that is nowhere breaks the bundle",
    },
    Check {
        id: "ref.depends",
        title: "modules and Python packages that the manifest asks for",
        why: "what a module that is nowhere would bring cannot be told; Odoo installs none whose packages are missing",
    },
    Check {
        id: "ref.field",
        title: "fields in Python, views, data and domains",
        why: "a field that is nowhere stops the installation, or fails when it is first read",
    },
    Check {
        id: "ref.file",
        title: "data files of the manifest",
        why: "a data file that is nowhere stops the installation",
    },
    Check {
        id: "ref.import",
        title: "names imported from Odoo and its modules, and packages that the image lacks",
        why: "a name that is nowhere keeps the module's Python from being loaded",
    },
    Check {
        id: "ref.method",
        title: "methods of buttons and data, and those that Python calls on `self`",
        why: "a button whose method is nowhere stops the installation; a call of one fails when it is made",
    },
    Check {
        id: "ref.model",
        title: "models that are inherited, led to or named",
        why: "a model that is nowhere keeps the registry from being built",
    },
    Check {
        id: "ref.patch",
        title: "members of patched classes of the web client",
        why: "what patches a member that is nowhere is never called",
    },
    Check {
        id: "ref.registry",
        title: "categories of the web client's registries",
        why: "nobody reads what is added to a category that is nowhere",
    },
    Check {
        id: "ref.script",
        title: "scripts and what is imported from them",
        why: "a script that is nowhere keeps those that import it from being loaded",
    },
    Check {
        id: "ref.service",
        title: "services of the web client",
        why: "a component that uses a service that is nowhere fails when it is shown",
    },
    Check {
        id: "ref.signature",
        title: "arguments of methods that are overridden: those that others pass by name, and all with `--index-from`",
        why: "who calls the method as it is now does not reach an override that takes something else",
    },
    Check {
        id: "ref.super",
        title: "methods that are overridden (with `--index-from`)",
        why: "nobody calls an override of a method that is nowhere",
    },
    Check {
        id: "ref.template",
        title: "templates of the web client",
        why: "a template that inherits from one that is nowhere breaks all of them",
    },
    Check {
        id: "ref.value",
        title: "values of selections in data and Python",
        why: "a record with a value that is nowhere stops the installation; what is compared with one is never so",
    },
    Check {
        id: "ref.view",
        title: "views that others inherit from",
        why: "a view whose parent is nowhere stops the installation",
    },
    Check {
        id: "ref.xmlid",
        title: "XML ids in data, views and Python",
        why: "an XML id that is nowhere stops the installation, or fails when it is asked for",
    },
];
