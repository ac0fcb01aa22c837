//! 18.0 → 19.0.

mod called;
mod charts;
mod constraints;
mod data;
mod dates;
mod decorators;
mod domain;
mod environment;
mod fields;
mod ids;
mod library;
mod names;
mod orm;
mod places;
mod privileges;
mod remote;
mod scripts;
mod search;
mod stock;
mod units;

use super::Rule;
pub(crate) use library::left_python;

/// The rules, in their order.
pub(super) const RULES: &[Rule] = &[
    constraints::CONSTRAINTS,
    decorators::ROUTE,
    environment::SHORT,
    domain::EXPRESSION,
    fields::GROUPS,
    orm::AUTO_JOIN,
    search::GROUP,
    fields::LINES,
    units::CATEGORY,
    fields::DEPRECATED,
    privileges::PRIVILEGES,
    stock::PROCUREMENTS,
    fields::USERS,
    decorators::LAZY,
    environment::REFERENCE,
    orm::READ_GROUP,
    decorators::CACHE,
    environment::ASSIGNED,
    environment::ZONE,
    orm::URL_JOIN,
    environment::COMPANY,
    environment::REQUEST,
    orm::MODULE_PATH,
    data::CRON,
    decorators::RETURNS,
    data::TARGET,
    orm::EMPLOYEE_BASE,
    data::FILTERS,
    data::NAMES,
    orm::TOGGLE,
    fields::PURCHASE_UOM,
    names::MOVED,
    orm::CONFIG,
    fields::PICKINGS,
    fields::MOBILE,
    stock::NAME,
    stock::SCRAPPED,
    scripts::MOVED,
    dates::DATES,
    charts::TAGS,
    charts::POSITIONS,
    charts::TRANSLATIONS,
    library::GONE,
    called::PATCHED,
    called::CALLED,
    remote::PRIVATE,
    ids::IDS,
    places::PLACES,
];
