//! `--report FORMAT=PATH`: a report that is written where the user wants it.

use std::path::PathBuf;
use std::str::FromStr;

use crate::report::{Format, Report, render};
use crate::ui;

/// A report somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    format: Format,
    /// `None` is standard output.
    path: Option<PathBuf>,
}

impl FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Wanted, String> {
        let (name, path) = text
            .split_once('=')
            .filter(|(_, path)| !path.is_empty())
            .ok_or("a format, `=` and a path are expected: `junit=report.xml`")?;
        let format = Format::ALL.into_iter().find(|format| format.name() == name);
        let format = format.ok_or_else(|| {
            let names: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
            format!("there is no format `{name}`; there are {}", names.join(", "))
        })?;
        Ok(Wanted {
            format,
            path: (path != "-").then(|| path.into()),
        })
    }
}

impl Wanted {
    /// Writes the report. What cannot be written is said and changes nothing else.
    pub(super) fn write(&self, report: &Report) {
        let text = render(report, self.format);
        let Some(path) = &self.path else {
            return ui::raw(text.as_bytes());
        };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let made = folder.map_or(Ok(()), fs_err::create_dir_all);
        if let Err(error) = made.and_then(|()| super::report::write_whole(path, &text)) {
            ui::say(&format!("{} was not written: {error}", path.display()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_wanted_as_something_and_somewhere() {
        let junit: Wanted = "junit=a=b.xml".parse().unwrap();
        assert_eq!((junit.format, junit.path), (Format::Junit, Some("a=b.xml".into())));
        assert_eq!("github=-".parse::<Wanted>().unwrap().path, None);
        for (text, said) in [
            ("junit", "a path"),
            ("junit=", "a path"),
            ("pdf=x", "there are html, json"),
        ] {
            let error = text.parse::<Wanted>().unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }
}
