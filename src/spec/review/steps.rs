//! Steps of plans and playbooks.

use std::path::{Path, PathBuf};

use fs_err as fs;

use crate::ident::Series;
use crate::spec::document::Place;
use crate::spec::placeholder::Values;
use crate::spec::plan_file::{Check, Step};
use crate::spec::resolved::{Script, Verb};

use super::{Review, Scripts};

/// Where in a run some steps stand.
#[derive(Clone, Copy, Debug)]
pub(super) enum Moment {
    /// Before a hop. `odoo` is the series of the database then; `has_image` tells whether its Odoo can be run.
    Before { hop: Series, odoo: Series, has_image: bool },
    /// After a hop.
    After,
    /// At the end, when nothing may change any more.
    Check,
}

impl Review<'_> {
    /// Reads a list of steps.
    pub(super) fn steps(
        &mut self,
        list: &Place<'_>,
        steps: &[Step],
        origin: &str,
        moment: Moment,
        values: &Values<'_>,
    ) -> Vec<Script> {
        let read = |(index, step)| {
            let item = list.item(index);
            self.moment(&item, step, moment);
            let verb = self.verb(&item.key(word(step)), step, moment, values);
            Script {
                title: title(step),
                origin: origin.to_owned(),
                verb,
            }
        };
        steps.iter().enumerate().map(read).collect()
    }

    fn verb(&mut self, place: &Place<'_>, step: &Step, moment: Moment, values: &Values<'_>) -> Verb {
        match step {
            Step::Sql(file) => {
                let (file, text) = self.script(place, file);
                Verb::Sql { file, text }
            }
            Step::Python(file) => {
                let (file, text) = self.script(place, file);
                Verb::Python { file, text }
            }
            Step::Check(Check::File(file)) => {
                let (file, text) = self.script(place, file);
                Verb::Check { file, text }
            }
            Step::Check(Check::Question(question)) => Verb::Ask(self.question(place, question, moment)),
            Step::Uninstall(modules) => {
                self.module_list(place, modules);
                Verb::Uninstall(modules.clone())
            }
            Step::Install(modules) => {
                self.module_list(place, modules);
                Verb::Install(modules.clone())
            }
            Step::Update(modules) => {
                self.module_list(place, modules);
                Verb::Update(modules.clone())
            }
            Step::Command(words) => {
                if words.first().is_none_or(|program| program.trim().is_empty()) {
                    let problem = place.error("empty-list", "this step names no program", "nothing to run");
                    self.report(problem.help("write the program and its arguments as a list: `[program, argument]`"));
                }
                let fill = |(index, text): (usize, &String)| self.filled(&place.item(index), text, values);
                Verb::Command(words.iter().enumerate().map(fill).collect())
            }
        }
    }

    /// Reports steps that cannot work where they stand.
    fn moment(&mut self, item: &Place<'_>, step: &Step, moment: Moment) {
        let word = word(step);
        match (moment, step) {
            (
                Moment::Before {
                    hop,
                    odoo,
                    has_image: false,
                },
                Step::Python(_) | Step::Install(_) | Step::Update(_) | Step::Command(_),
            ) => {
                let message =
                    format!("`{word}` before the hop to {hop} needs Odoo {odoo}, and the plan names no image of it");
                let problem = item
                    .at_key()
                    .error("before-needs-odoo", message, format!("runs in Odoo {odoo}"));
                let image = format!("images: {{ odoo: {{ \"{odoo}\": {{ name: \"odoo:{odoo}\" }} }} }}");
                self.report(problem.help(format!("name one in the plan, `{image}`, or move the step to `after`")));
            }
            (Moment::Check, step) if !matches!(step, Step::Check(_)) => {
                let message = format!("`{word}` may change the database, and a check must not");
                let problem = item.at_key().error("check-changes", message, "not a check");
                self.report(problem.help("use `check` here, or move the step to a hop's `after`"));
            }
            _ => {}
        }
    }

    /// Reads a script: the file it is in, and its text.
    pub(super) fn script(&mut self, place: &Place<'_>, written: &Path) -> (PathBuf, String) {
        let shown = written.display();
        let (path, bytes) = match self.scripts {
            Scripts::Embedded(playbook) => {
                let path = playbook.path().with_file_name(written);
                let text = playbook.files.get(written).map(|text| text.as_bytes().to_vec());
                (path, text.ok_or(std::io::ErrorKind::NotFound))
            }
            Scripts::OnDisk => {
                let path = self.absolute(written);
                let bytes = if path.is_dir() {
                    Err(std::io::ErrorKind::IsADirectory)
                } else {
                    fs::read(&path).map_err(|error| error.kind())
                };
                (path, bytes)
            }
        };
        let problem = match bytes.map(String::from_utf8) {
            Ok(Ok(text)) if !text.trim().is_empty() => return (path, text),
            Ok(Ok(_)) => place
                .error("script-empty", format!("the script `{shown}` is empty"), "does nothing")
                .help("write the script, or remove the step"),
            Ok(Err(_)) => place
                .error(
                    "script-not-text",
                    format!("the script `{shown}` is not a UTF-8 text"),
                    "cannot be read",
                )
                .help("save it as UTF-8"),
            Err(std::io::ErrorKind::NotFound) => place
                .error(
                    "script-missing",
                    format!("the script `{shown}` does not exist"),
                    "no such file",
                )
                .help("relative paths start at the folder of the file that names them"),
            Err(kind) => place
                .error(
                    "script-missing",
                    format!("the script `{shown}` cannot be read: {kind}"),
                    "cannot be read",
                )
                .help("name a file that this user may read"),
        };
        self.report(problem);
        (path, String::new())
    }
}

/// The word a step begins with.
fn word(step: &Step) -> &'static str {
    match step {
        Step::Sql(_) => "sql",
        Step::Python(_) => "python",
        Step::Uninstall(_) => "uninstall",
        Step::Install(_) => "install",
        Step::Update(_) => "update",
        Step::Command(_) => "command",
        Step::Check(_) => "check",
    }
}

fn title(step: &Step) -> String {
    let word = word(step);
    match step {
        Step::Check(Check::Question(question)) => format!("{word} {}", question.title),
        Step::Sql(file) | Step::Python(file) | Step::Check(Check::File(file)) => format!("{word} {}", file.display()),
        Step::Uninstall(modules) | Step::Install(modules) | Step::Update(modules) => {
            format!("{word} {}", modules.join(", "))
        }
        Step::Command(words) => format!("{word} {}", words.join(" ")),
    }
}
