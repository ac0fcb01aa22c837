//! What is wrong with a server that was visited.

use std::collections::BTreeMap;

use super::{Bundle, MenuFailure, START_LIMIT, Visit, Visitor};
use crate::event::{Finding, Severity};
use crate::ident::Series;
use crate::odoo::log::LogGroup;
use crate::words::count;

/// What Odoo says to people on purpose.
const MEANT_FOR_PEOPLE: [&str; 4] = [
    "odoo.exceptions.AccessError",
    "odoo.exceptions.UserError",
    "odoo.exceptions.RedirectWarning",
    "odoo.exceptions.Warning",
];
/// Lines of evidence that a finding carries; the rest is counted.
const NAMED: usize = 10;

/// Returns what is wrong. `log` is what the server logged with a traceback, `tail` how its log ended, `is_core` says
/// whether a module comes with the image.
pub fn findings(
    visit: &Visit,
    series: Series,
    (log, tail): (&[LogGroup], &[String]),
    is_core: impl Fn(&str) -> bool,
) -> Vec<Finding> {
    let mut all = Vec::new();
    if visit.start_seconds.is_none() || visit.exit.is_some() {
        all.push(not_running(visit, series, log, tail));
    }
    if visit.start_seconds.is_none() {
        return all;
    }
    all.extend(pages(visit));
    all.extend(visit.bundles.iter().filter_map(|bundle| broken(bundle, &is_core)));
    all.extend(visitors(&visit.users));
    all.extend(menus(&visit.failures));
    let told: Vec<&str> = (visit.failures.iter().map(|failure| failure.error.as_str()))
        .chain(visit.users.iter().filter_map(|user| user.session.as_deref()))
        .collect();
    all.extend(log.iter().filter(|group| !is_told(group, &told)).map(logged));
    all
}

fn finding(
    severity: Severity,
    code: &str,
    subject: impl Into<String>,
    message: impl Into<String>,
    remedy: impl Into<String>,
    mut evidence: Vec<String>,
) -> Finding {
    if evidence.len() > NAMED {
        let more = evidence.len() - NAMED;
        evidence.truncate(NAMED);
        evidence.push(format!("… and {more} more"));
    }
    Finding {
        severity,
        code: code.into(),
        area: "running".into(),
        subject: subject.into(),
        message: message.into(),
        remedy: remedy.into(),
        evidence,
        since: None,
    }
}

fn not_running(visit: &Visit, series: Series, log: &[LogGroup], tail: &[String]) -> Finding {
    let (code, message) = match (visit.start_seconds, visit.exit) {
        (Some(_), exit) => (
            "server-ended",
            format!(
                "Odoo's server ended while menus were opened, with exit code {}",
                exit.unwrap_or_default()
            ),
        ),
        (None, Some(exit)) => (
            "server-does-not-start",
            format!("Odoo's server ended with exit code {exit} before it answered"),
        ),
        (None, None) => (
            "server-does-not-start",
            format!("Odoo's server did not answer within {START_LIMIT} s"),
        ),
    };
    let causes: Vec<String> = log.iter().filter_map(|group| group.exception.clone()).collect();
    let evidence = if causes.is_empty() { tail.to_vec() } else { causes };
    let remedy = "nobody could work with this database: the log of this step says what stopped the server";
    finding(
        Severity::Error,
        code,
        format!("Odoo {series}"),
        message,
        remedy,
        evidence,
    )
}

fn said(status: u16) -> String {
    match status {
        0 => "gives no answer".into(),
        status => format!("answers with HTTP {status}"),
    }
}

fn pages(visit: &Visit) -> Vec<Finding> {
    let log = "the log of this step has the traceback";
    let mut all = Vec::new();
    if let Some(status) = visit.health.filter(|status| *status != 200) {
        let message = format!("the server's own sign of health {}", said(status));
        all.push(finding(
            Severity::Error,
            "health-check-fails",
            "/web/health",
            message,
            log,
            Vec::new(),
        ));
    }
    if let Some(page) = visit.login_page.filter(|page| page.status == 200 && !page.form) {
        let message = format!(
            "the login page {} and has no fields for login and password",
            said(page.status)
        );
        let remedy = "look which view extends `web.login`, or which module takes the form away";
        all.push(finding(
            Severity::Error,
            "login-page-broken",
            "/web/login",
            message,
            remedy,
            Vec::new(),
        ));
    }
    for page in &visit.pages {
        if page.status != 200 {
            let message = format!("{} {}", page.name, said(page.status));
            all.push(finding(
                Severity::Error,
                "page-broken",
                page.name.as_str(),
                message,
                log,
                Vec::new(),
            ));
        } else if let Some(error) = &page.error {
            let message = format!("{} shows an error: {error}", page.name);
            let remedy = "correct the style sheet of the module that is named";
            all.push(finding(
                Severity::Error,
                "page-broken",
                page.name.as_str(),
                message,
                remedy,
                Vec::new(),
            ));
        } else if page.bundles == 0 {
            let message = format!("{} names no scripts and no styles", page.name);
            let remedy = "look which view extends `web.layout`";
            all.push(finding(
                Severity::Error,
                "assets-missing",
                page.name.as_str(),
                message,
                remedy,
                Vec::new(),
            ));
        }
    }
    all
}

/// Says what is wrong with scripts or styles. What a file of Odoo itself lacks, the image lacks, not the database.
fn broken(bundle: &Bundle, is_core: &impl Fn(&str) -> bool) -> Option<Finding> {
    let name = bundle.name.as_str();
    if let Some(error) = &bundle.error {
        return Some(finding(
            Severity::Error,
            "asset-broken",
            name,
            format!("{name} is of no use: {error}"),
            "correct the script or style sheet of the module that is named; without it pages look wrong or stay empty",
            Vec::new(),
        ));
    }
    let lacks = bundle.lacks.as_ref()?;
    let module = lacks
        .split(['\'', '"', ' '])
        .find_map(|word| word.trim_start_matches('/').split_once("/static/"))
        .map(|(module, _)| module);
    let (severity, remedy) = if module.is_some_and(is_core) {
        (
            Severity::Info,
            "the Odoo image lacks a file of Odoo's own; production may have it",
        )
    } else {
        (
            Severity::Warning,
            "correct the script or template of the module that is named",
        )
    };
    let message = format!("something is missing in {name}: {lacks}");
    Some(finding(severity, "asset-incomplete", name, message, remedy, Vec::new()))
}

fn visitors(users: &[Visitor]) -> Vec<Finding> {
    let mut all = Vec::new();
    if users.is_empty() {
        all.push(finding(
            Severity::Warning,
            "nobody-to-log-in",
            "res.users",
            "there is no active user of one's own, so no menu was opened",
            "look at the users: is one of them in the group `base.group_user`?",
            Vec::new(),
        ));
    }
    for user in users {
        if let Some(error) = &user.session {
            all.push(finding(
                Severity::Error,
                "login-fails",
                user.login.as_str(),
                format!("{} cannot work: {error}", user.login),
                "the log of this step has the traceback; look at modules that change how people log in",
                Vec::new(),
            ));
        }
        if user.unread > 0 {
            all.push(finding(
                Severity::Info,
                "menus-not-opened",
                user.login.as_str(),
                format!(
                    "{} of {} were not opened: the time was up",
                    user.unread,
                    count(usize::try_from(user.menus).unwrap_or(usize::MAX), "menu")
                ),
                "open them in the test instance",
                Vec::new(),
            ));
        }
    }
    all
}

/// Tells failures that have one cause once.
fn menus(failures: &[MenuFailure]) -> Vec<Finding> {
    let mut causes: BTreeMap<(&str, &str), Vec<&MenuFailure>> = BTreeMap::new();
    for failure in failures {
        let model = failure.model.as_deref().unwrap_or_default();
        causes.entry((model, &failure.error)).or_default().push(failure);
    }
    causes.into_values().map(|alike| menu(&alike)).collect()
}

/// Says whether Odoo's own code refuses what its own menu offers: 19.0 shows the methods of payment to accountants, and
/// works a column of them out from providers, which are the administrators' alone.
fn refuses_in_its_own_code(failure: &MenuFailure) -> bool {
    const REFUSES: [(&str, &str); 1] = [("payment.method", "(payment.provider)")];
    let model = failure.model.as_deref();
    let known = |(of, refused): &(&str, &str)| model == Some(*of) && failure.error.contains(refused);
    REFUSES.iter().any(known)
}

fn menu(alike: &[&MenuFailure]) -> Finding {
    let first = alike[0];
    let (severity, code, remedy) = match first.kind.as_str() {
        "slow" => (
            Severity::Warning,
            "menu-slow",
            "open it in the test instance: a computed field or a filter may be too slow for this much data".to_owned(),
        ),
        "odoo.exceptions.AccessError" if refuses_in_its_own_code(first) => (
            Severity::Info,
            "menu-refuses",
            "nothing that the upgrade did: Odoo shows this menu to people whom its own code refuses".to_owned(),
        ),
        kind if MEANT_FOR_PEOPLE.contains(&kind) => (
            Severity::Warning,
            "menu-refuses",
            "open it in the test instance as this user: is that what it should say?".to_owned(),
        ),
        _ => (
            Severity::Error,
            "menu-fails",
            format!(
                "correct what is named{}; the log of this step has the whole traceback",
                first.at.as_ref().map_or_else(String::new, |at| format!(" ({at})"))
            ),
        ),
    };
    let of = first
        .model
        .as_ref()
        .map_or_else(String::new, |model| format!(" of {model}"));
    let message = format!("failed to {}{of}: {}", first.doing, first.error);
    let mut evidence: Vec<String> = Vec::new();
    for failure in alike {
        let line = format!("{}, opened by {}", failure.menu, failure.user);
        if !evidence.contains(&line) {
            evidence.push(line);
        }
    }
    finding(severity, code, first.menu.as_str(), message, remedy, evidence)
}

/// Says whether a traceback of the log is what a finding already tells.
fn is_told(group: &LogGroup, told: &[&str]) -> bool {
    let Some(exception) = &group.exception else { return true };
    // The log names an exception with its module, an answer without, and either may be cut short.
    let text = exception.split_once(": ").map_or(exception.as_str(), |(_, text)| text);
    let text: String = text.chars().take(80).collect();
    told.iter().any(|told| told.contains(text.trim()))
}

fn logged(group: &LogGroup) -> Finding {
    let exception = group.exception.as_deref().unwrap_or_default();
    let times = usize::try_from(group.times).unwrap_or(usize::MAX);
    finding(
        Severity::Warning,
        "log-traceback",
        group.logger.as_str(),
        format!("the server logged a traceback {}: {exception}", count(times, "time")),
        "the log of this step has it whole",
        vec![group.example.clone()],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn well() -> Visit {
        let page = |name: &str| super::super::Page {
            name: name.into(),
            status: 200,
            bundles: 3,
            error: None,
        };
        Visit {
            start_seconds: Some(4.5),
            health: Some(200),
            login_page: Some(super::super::LoginPage {
                status: 200,
                form: true,
            }),
            pages: vec![page("the login page"), page("the web client")],
            bundles: vec![bundle()],
            users: vec![Visitor {
                login: "anna".into(),
                role: "user".into(),
                menus: 9,
                read: 9,
                ..Visitor::default()
            }],
            ..Visit::default()
        }
    }

    fn bundle() -> Bundle {
        Bundle {
            name: "web.assets_web.min.css".into(),
            status: 200,
            bytes: 9,
            error: None,
            lacks: None,
        }
    }

    fn failure(menu: &str, user: &str, kind: &str) -> MenuFailure {
        MenuFailure {
            menu: menu.into(),
            action: "ir.actions.act_window,7".into(),
            model: Some("sale.order".into()),
            user: user.into(),
            doing: "read the records".into(),
            kind: kind.into(),
            error: "ValueError: Invalid field 'mobile'".into(),
            at: Some("/mnt/hopp/x.py:7 in _compute".into()),
        }
    }

    fn judged(visit: &Visit, log: &[LogGroup]) -> Vec<(Severity, String)> {
        let all = findings(visit, Series::NEWEST, (log, &[]), |module| module == "mail");
        all.into_iter()
            .map(|finding| (finding.severity, finding.code))
            .collect()
    }

    fn one(severity: Severity, code: &str) -> Vec<(Severity, String)> {
        vec![(severity, code.to_owned())]
    }

    #[test]
    fn a_server_that_is_well_has_no_findings() {
        assert_eq!(judged(&well(), &[]), []);
    }

    #[test]
    fn everything_that_keeps_people_from_working_is_an_error() {
        type Plant = fn(&mut Visit);
        let faults: [(&str, Plant); 8] = [
            ("server-does-not-start", |visit| visit.start_seconds = None),
            ("server-ended", |visit| visit.exit = Some(-9)),
            ("health-check-fails", |visit| visit.health = Some(500)),
            ("login-page-broken", |visit| {
                visit.login_page.as_mut().unwrap().form = false;
            }),
            ("page-broken", |visit| visit.pages[1].status = 0),
            ("assets-missing", |visit| visit.pages[0].bundles = 0),
            ("asset-broken", |visit| {
                visit.bundles[0].error = Some("it is empty".into());
            }),
            ("login-fails", |visit| {
                visit.users[0].session = Some("AccessDenied: ?".into());
            }),
        ];
        for (code, plant) in faults {
            let mut visit = well();
            plant(&mut visit);
            assert_eq!(judged(&visit, &[]), one(Severity::Error, code));
        }
    }

    #[test]
    fn a_file_that_odoo_itself_lacks_is_the_image_s_own_affair() {
        let mut visit = well();
        visit.bundles[0].lacks =
            Some("'Could not get content for mail/static/lib/x.js.' in file 'mail/static/lib/x.js'".into());
        assert_eq!(judged(&visit, &[]), one(Severity::Info, "asset-incomplete"));
        visit.bundles[0].lacks = Some("Could not find /acme/static/x.js".into());
        assert_eq!(judged(&visit, &[]), one(Severity::Warning, "asset-incomplete"));
    }

    #[test]
    fn menus_that_fail_alike_are_told_once_with_everybody_who_opened_them() {
        let mut visit = well();
        for (menu, user) in [
            ("Sales / Orders", "admin"),
            ("Sales / Orders", "anna"),
            ("Sales / To Invoice", "anna"),
        ] {
            visit.failures.push(failure(menu, user, "builtins.ValueError"));
        }
        let found = findings(&visit, Series::NEWEST, (&[], &[]), |_| true);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].severity, found[0].code.as_str()),
            (Severity::Error, "menu-fails")
        );
        assert_eq!(found[0].subject, "Sales / Orders");
        assert_eq!(
            found[0].message,
            "failed to read the records of sale.order: ValueError: Invalid field 'mobile'"
        );
        assert_eq!(found[0].evidence.len(), 3);
        assert!(found[0].remedy.contains("/mnt/hopp/x.py:7"));
    }

    #[test]
    fn what_odoo_says_on_purpose_and_what_is_slow_is_a_warning() {
        for (kind, code) in [("odoo.exceptions.UserError", "menu-refuses"), ("slow", "menu-slow")] {
            let mut visit = well();
            visit.failures.push(failure("Sales", "anna", kind));
            assert_eq!(judged(&visit, &[]), one(Severity::Warning, code));
        }
    }

    #[test]
    fn a_traceback_that_a_menu_tells_is_not_told_again() {
        let group = LogGroup {
            level: crate::odoo::log::Level::Error,
            logger: "odoo.http".into(),
            pattern: String::new(),
            example: "Exception during request handling.".into(),
            exception: Some("ValueError: Invalid field 'mobile'".into()),
            times: 2,
            line: 1,
            places: Vec::new(),
        };
        let mut visit = well();
        assert_eq!(
            judged(&visit, std::slice::from_ref(&group)),
            one(Severity::Warning, "log-traceback")
        );
        visit.failures.push(failure("Sales", "anna", "builtins.ValueError"));
        assert_eq!(judged(&visit, &[group]), one(Severity::Error, "menu-fails"));
    }
}
