//! The upgraded database in Odoo's own server: does it start, let people in, look right, and open its menus?
//!
//! [`python_script`] is a program for a container of the series: it starts the server on a copy of the database, asks it
//! what a browser asks, and writes a [`Visit`] down. [`findings`] says what is wrong with that.

mod judge;
mod log;

use serde::{Deserialize, Serialize};

pub use judge::findings;
pub use log::ServerLog;

use crate::ident::Series;

/// Where the program leaves its answer, inside the container.
pub const RESULT_PATH: &str = "/tmp/hopp/visit.json";
/// How long the server may take until it answers for the first time, in seconds.
pub const START_LIMIT: u32 = 300;
/// How long it may take for one answer, in seconds.
pub const REQUEST_LIMIT: u32 = 60;
/// How long after the start of all this no further menu is opened, in seconds.
pub const MENUS_LIMIT: u32 = 600;
/// Records of each menu that are read at most: what a browser shows at once.
const RECORDS: u32 = 80;

const VISIT: &str = include_str!("visit.py");

/// What the program saw.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    /// How long the server took until its first answer; absent when it never gave one.
    pub start_seconds: Option<f64>,
    /// The exit code of a server that ended by itself.
    pub exit: Option<i64>,
    /// The status of `/web/health`, which there is since 15.0; 0 for no answer.
    pub health: Option<u16>,
    /// The login page.
    pub login_page: Option<LoginPage>,
    /// Pages whose scripts and styles were fetched.
    pub pages: Vec<Page>,
    /// Scripts and styles.
    pub bundles: Vec<Bundle>,
    /// Who opened menus.
    pub users: Vec<Visitor>,
    /// Menus that did not open.
    pub failures: Vec<MenuFailure>,
    /// How long all of it took.
    pub seconds: f64,
}

/// The page that people log in at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginPage {
    /// Its HTTP status; 0 for no answer.
    pub status: u16,
    /// Whether one can enter a login and a password.
    pub form: bool,
}

/// A page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// What it is called.
    pub name: String,
    /// Its HTTP status; 0 for no answer.
    pub status: u16,
    /// How many scripts and styles it names.
    pub bundles: u64,
    /// What it says of itself that went wrong.
    pub error: Option<String>,
}

/// A file of scripts or styles that Odoo puts together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// Its name: `web.assets_web.min.css`.
    pub name: String,
    /// Its HTTP status; 0 for no answer.
    pub status: u16,
    /// Its size.
    pub bytes: u64,
    /// Why it is of no use: it was refused, is empty, or holds a message instead.
    pub error: Option<String>,
    /// What is missing in it.
    pub lacks: Option<String>,
}

/// Somebody who logged in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visitor {
    /// The login.
    pub login: String,
    /// `administrator` or `user`.
    pub role: String,
    /// Why the session is of no use, where it is not.
    pub session: Option<String>,
    /// Menus with an action that the person sees.
    pub menus: u64,
    /// Of these, the ones that opened.
    pub read: u64,
    /// Records that were read.
    pub records: u64,
    /// Menus that lead to something else than records: pages, programs of the browser.
    pub elsewhere: u64,
    /// Menus that were not opened, because the time was up.
    pub unread: u64,
}

/// A menu that did not open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MenuFailure {
    /// The menu as people find it: `Sales / Orders / Quotations`.
    pub menu: String,
    /// Its action: `ir.actions.act_window,312`.
    pub action: String,
    /// The model it shows, when it came that far.
    pub model: Option<String>,
    /// Who opened it.
    pub user: String,
    /// What was being done: `read the records`.
    pub doing: String,
    /// The exception's full name, `http` or `slow`.
    pub kind: String,
    /// The exception in a line.
    pub error: String,
    /// The innermost place of its traceback in the customer's own code.
    pub at: Option<String>,
}

/// An answer that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("failed to read what became of the server: {source}")]
pub struct NotAVisit {
    source: serde_json::Error,
}

/// Where things lie in the container.
#[derive(Clone, Copy, Debug, Default)]
pub struct Places<'a> {
    /// Odoo's settings.
    pub config: &'a str,
    /// Odoo's data folder, with the filestores.
    pub data: &'a str,
    /// The customer's own code.
    pub code: &'a str,
}

/// Returns the program for a container of this series; its parent's environment says where PostgreSQL is.
///
/// It changes passwords and sessions in the database, which must be a copy that is thrown away. It prints `done/of` for
/// every menu on its standard output; the server's log goes to its standard error.
pub fn python_script(series: Series, database: &str, places: Places) -> String {
    let Places { config, data, code } = places;
    format!(
        "SERIES, DATABASE, CONFIG = {}, {database:?}, {config:?}\n\
         DATA, OWN_DATA, CODE = {data:?}, \"/tmp/hopp/data\", {code:?}\n\
         RESULT, RECORDS = \"{RESULT_PATH}\", {RECORDS}\n\
         START_LIMIT, REQUEST_LIMIT, MENUS_LIMIT = {START_LIMIT}, {REQUEST_LIMIT}, {MENUS_LIMIT}\n{VISIT}",
        series.major()
    )
}

/// Reads the answer of the program.
pub fn parse(json: &str) -> Result<Visit, NotAVisit> {
    serde_json::from_str(json.trim()).map_err(|source| NotAVisit { source })
}

/// Reads how far the program is from a line that it printed: menus that were opened, and all.
pub fn progress(line: &str) -> Option<(u64, u64)> {
    let (done, of) = line.split_once(' ')?.0.split_once('/')?;
    Some((done.parse().ok()?, of.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_knows_where_it_is() {
        let script = python_script(Series::NEWEST, "acme_verify", Places::default());
        assert!(script.starts_with("SERIES, DATABASE, CONFIG = 19, \"acme_verify\", \"\"\nDATA, "));
    }

    #[test]
    fn a_line_about_a_menu_says_how_far_it_is() {
        assert_eq!(progress("7/90 anna: Sales / Orders"), Some((7, 90)));
        assert_eq!(progress("failed to read the records: ValueError"), None);
        assert_eq!(progress("bundle web.assets_web.min.js: 12 bytes"), None);
    }
}
