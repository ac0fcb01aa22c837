//! The report as one HTML page that needs nothing else: no script, no font, no picture from elsewhere.

mod findings;
mod sections;
mod table;
mod timeline;
mod verdict;
mod writer;

use super::Report;
use super::text::Text;
use writer::Html;

/// The letters and lines of the page, on a screen by day and by night, and on paper.
const STYLE: &str = include_str!("style.css");
/// Lets a browser show the page and nothing more, whatever might slip into it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// Returns a report as an HTML page.
pub(super) fn html(report: &Report, text: &Text) -> String {
    let mut html = Html::page();
    html.element("html", &[("lang", text.language)], |html| {
        html.element("head", &[], |html| {
            html.empty("meta", &[("charset", "utf-8")]);
            html.empty(
                "meta",
                &[("http-equiv", "Content-Security-Policy"), ("content", POLICY)],
            );
            html.empty(
                "meta",
                &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")],
            );
            html.empty("meta", &[("name", "color-scheme"), ("content", "light dark")]);
            let Report { customer, from, to, .. } = report;
            let title = format!("{customer} {from} → {to}: {}", (text.verdict)(report));
            html.say("title", &[], &title);
            html.element("style", &[], |html| html.verbatim(STYLE));
        });
        html.element("body", &[], |html| {
            html.element("main", &[], |html| {
                verdict::masthead(html, report, text);
                sections::all(html, report, text);
            });
            html.element("footer", &[], |html| {
                html.say("p", &[], text.sentence.colophon);
            });
        });
    });
    html.finish()
}
