//! Telling it: the journal of a run, folded into a report. Pure; the same journal gives the same bytes.

pub mod bill;
mod clean;
mod escape;
mod figures;
mod fold;
pub mod github;
mod gitlab;
mod html;
mod junit;
mod markdown;
mod model;
mod place;
mod results;
mod text;
mod views;

pub use clean::clean;
pub use fold::fold;
pub use markdown::prose;
pub use model::{Attempt, CheckpointLine, Comparison, Delivery, HopLine, Pin, Report, Slow, StepLine, Verdict};

/// As what a report is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people: one page that needs nothing else.
    Html,
    /// For programs; the schema is [`schema`].
    Json,
    /// For pull requests and mails.
    Markdown,
    /// For test reports: Jenkins, GitLab and others.
    Junit,
    /// For GitLab's code quality.
    Gitlab,
    /// For GitHub Actions: workflow commands that annotate.
    Github,
}

impl Format {
    /// Every format, each of which is written at the end of a run.
    pub const ALL: [Format; 6] = [
        Format::Html,
        Format::Json,
        Format::Markdown,
        Format::Junit,
        Format::Gitlab,
        Format::Github,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Format::Html => "html",
            Format::Json => "json",
            Format::Markdown => "markdown",
            Format::Junit => "junit",
            Format::Gitlab => "gitlab",
            Format::Github => "github",
        }
    }

    /// The file in a run's folder that holds the report in this format.
    pub fn file(self) -> &'static str {
        match self {
            Format::Html => "report.html",
            Format::Json => "report.json",
            Format::Markdown => "report.md",
            Format::Junit => "junit.xml",
            Format::Gitlab => "gitlab.json",
            Format::Github => "github.txt",
        }
    }
}

/// Tells a report in a format; the text ends with a line break.
pub fn render(report: &Report, format: Format) -> String {
    match format {
        Format::Html => html::html(report, &text::ENGLISH),
        Format::Json => json(report),
        Format::Markdown => markdown::markdown(report, &text::ENGLISH),
        Format::Junit => junit::junit(report),
        Format::Gitlab => gitlab::code_quality(report),
        Format::Github => github::annotations(report),
    }
}

fn json(report: &Report) -> String {
    let text = serde_json::to_string_pretty(report).expect("a report has only text as keys, and no failing types");
    text + "\n"
}

/// Returns the JSON Schema of reports, with a line break at its end.
pub fn schema() -> String {
    format!("{:#}\n", schemars::schema_for!(Report).as_value())
}
