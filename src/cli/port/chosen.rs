//! Which modules, from which series, over which hops.

use std::collections::BTreeMap;

use super::Args;
use super::outcome::Row;
use super::target::Target;
use super::upgrade_code;
use crate::cli::failure::{Failure, exit};
use crate::odoo::manifest::Manifest;
use crate::port::migration::{Migration, migration};
use crate::port::{Applied, Hop, Kind, Lines, Module, Options, Ported, SourceFile};
use crate::world::modules::{Code, LeftOut};

/// The oldest series that modules may come from.
const OLDEST: u8 = 13;

/// Reads a series that modules come from.
pub(super) fn major(text: &str) -> Result<u8, String> {
    let major = text.strip_suffix(".0").and_then(|major| major.parse().ok());
    major
        .filter(|major| (OLDEST..=19).contains(major))
        .ok_or_else(|| "expected `13.0` to `19.0`".to_owned())
}

/// What is asked for.
#[derive(Default)]
pub(super) struct Wish {
    /// Only these rules; empty means all.
    pub only: Vec<String>,
    /// Not these.
    pub without: Vec<String>,
    /// Which lines findings name.
    pub lines: Lines,
    /// The series that modules come from, where somebody said so.
    pub from: Option<u8>,
}

impl Wish {
    pub(super) fn of(args: &Args) -> Wish {
        Wish {
            only: args.rules.clone(),
            without: Vec::new(),
            lines: if args.check { Lines::Before } else { Lines::After },
            from: args.from,
        }
    }
}

/// Says whether a file is read: those of other kinds concern no rule.
pub(super) fn is_read(path: &str) -> bool {
    Kind::of(path) != Kind::Other
}

/// A module before it is brought anywhere.
pub(super) struct Candidate {
    /// Its folder, as it is shown.
    pub folder: String,
    /// Its files.
    pub code: Code,
    /// Whether it is to be brought over the hops; others only tell what they are.
    pub wanted: bool,
}

/// Modules with everything a port needs to know of them.
pub(super) struct Ready {
    modules: Vec<Module>,
    rows: Vec<Waiting>,
    options: Options,
    /// The series of the first hop.
    pub first: u8,
}

struct Waiting {
    folder: String,
    from: u8,
    wanted: bool,
    left_out: Vec<LeftOut>,
    /// Files that somebody else changed before the rules: what they were and what they are.
    before: BTreeMap<String, (String, String)>,
}

/// Finds out which series modules come from. `otherwise` is where those come from that do not say.
pub(super) fn ready(
    wish: &Wish,
    to: u8,
    otherwise: Option<u8>,
    candidates: Vec<Candidate>,
) -> Result<(Ready, Vec<Code>), Failure> {
    let mut ready = Ready {
        modules: Vec::new(),
        rows: Vec::new(),
        options: Options {
            only: wish.only.clone(),
            without: wish.without.clone(),
            lines: wish.lines,
            stands: BTreeMap::new(),
        },
        first: to + 1,
    };
    let mut codes = Vec::new();
    for Candidate {
        folder,
        mut code,
        wanted,
    } in candidates
    {
        let mut left_out = std::mem::take(&mut code.left_out);
        let mut files = Vec::new();
        for file in &mut code.files {
            match SourceFile::read(file.path.clone(), std::mem::take(&mut file.bytes)) {
                Ok(read) => files.push(read),
                Err(error) => left_out.push(LeftOut {
                    path: file.path.clone(),
                    why: error.to_string(),
                }),
            }
        }
        let said = says(&files);
        let from = match (said, wish.from) {
            (Some(said), _) if said >= to => Some(said),
            (said, from) => from.or(said).or(otherwise),
        };
        let Some(from) = from.or((!wanted).then_some(to)) else {
            let message = format!("the manifest of `{}` does not say which series it is for", code.name);
            return Err(Failure::new(exit::USAGE, message).hint("say so with `--from`"));
        };
        if wanted && from < to {
            ready.first = ready.first.min(from + 1);
        }
        let stands = if wanted { from } else { to };
        ready.options.stands.insert(code.name.clone(), stands);
        ready.rows.push(Waiting {
            folder,
            from,
            wanted,
            left_out,
            before: BTreeMap::new(),
        });
        ready.modules.push(Module {
            name: code.name.clone(),
            files,
        });
        codes.push(code);
    }
    Ok((ready, codes))
}

impl Ready {
    /// Returns the modules that are to be brought over hops, by the series they stand at, each with its number.
    pub(super) fn standing(&self, to: u8) -> BTreeMap<u8, Vec<(usize, &Module)>> {
        let mut standing: BTreeMap<u8, Vec<(usize, &Module)>> = BTreeMap::new();
        for (number, (module, row)) in self.modules.iter().zip(&self.rows).enumerate() {
            if row.wanted && row.from < to {
                standing.entry(row.from).or_default().push((number, module));
            }
        }
        standing
    }

    /// Returns how many modules are asked about.
    pub(super) fn wanted(&self) -> usize {
        self.rows.iter().filter(|row| row.wanted).count()
    }

    /// Takes what somebody else made of files, by the module's number and the path.
    pub(super) fn take(&mut self, texts: BTreeMap<(usize, String), String>) {
        for ((number, path), text) in texts {
            let (Some(module), Some(row)) = (self.modules.get_mut(number), self.rows.get_mut(number)) else {
                continue;
            };
            if let Some(file) = module.files.iter_mut().find(|file| file.path == path)
                && file.text != text
            {
                let was = std::mem::replace(&mut file.text, text.clone());
                row.before.insert(path, (was, text));
            }
        }
    }

    /// Brings the modules over hops, and asks the target about them; returns those that were wanted, each with its number.
    pub(super) fn port(self, hops: &[Hop], target: Option<&Target>) -> Vec<(usize, Row)> {
        let before = target.and_then(|target| target.before(&self.modules));
        let lines = self.options.lines;
        let mut ported = crate::port::port(self.modules, hops, &self.options);
        if let Some(target) = target {
            let to = hops.last().map_or(0, |hop| hop.to);
            let stands = |module: &Ported| {
                self.options
                    .stands
                    .get(&module.name)
                    .is_some_and(|stands| *stands >= to)
            };
            let asked = target.wants("ref.anchor");
            target.judge(&mut ported, before.as_deref(), lines, &|module| {
                asked && !stands(module)
            });
        }
        let rows = ported.into_iter().zip(self.rows).enumerate();
        rows.filter(|(_, (_, waiting))| waiting.wanted)
            .map(|(number, (mut ported, waiting))| {
                let to = hops.last().map_or(waiting.from, |hop| hop.to);
                first(&mut ported, waiting.before, to);
                let data = needs_of_data(&ported, to);
                ported.findings.extend(data.findings);
                let row = Row {
                    script: data.script,
                    folder: waiting.folder,
                    from: waiting.from,
                    ported,
                    left_out: waiting.left_out,
                    not_written: None,
                };
                (number, row)
            })
            .collect()
    }
}

/// Puts what somebody else changed before what the rules did.
fn first(ported: &mut Ported, before: BTreeMap<String, (String, String)>, to: u8) {
    if before.is_empty() {
        return;
    }
    let applied = Applied {
        rule: &upgrade_code::RULE,
        to,
        changes: before.len(),
        files: (before.iter())
            .map(|(path, (_, text))| (path.clone(), Some(text.clone())))
            .collect(),
        edits: BTreeMap::new(),
    };
    ported.applied.insert(0, applied);
    let originals = before.into_iter().map(|(path, (was, _))| (path, was));
    ported.originals.extend(originals);
}

/// Returns what the data of a module needs after its rules: only files that they changed can tell.
fn needs_of_data(ported: &Ported, to: u8) -> Migration {
    let changed = |file: &&SourceFile| file.kind() == Kind::Python && ported.originals.contains_key(&file.path);
    let after: Vec<SourceFile> = ported.files.iter().filter(changed).cloned().collect();
    let before = (ported.originals.iter())
        .filter(|(path, _)| after.iter().any(|file| file.path == **path))
        .filter_map(|(path, text)| SourceFile::read(path.clone(), text.clone().into_bytes()).ok());
    migration(&before.collect::<Vec<_>>(), &after, to)
}

/// Returns the series that a module's manifest says.
fn says(files: &[SourceFile]) -> Option<u8> {
    let manifest = files.iter().find(|file| file.kind() == Kind::Manifest)?;
    let version = Manifest::parse(&manifest.text).ok()?.version?;
    let parts: Vec<&str> = version.split('.').collect();
    match parts.as_slice() {
        [major, "0", _, _, ..] => major.parse().ok().filter(|major| (8..=19).contains(major)),
        _ => None,
    }
}

/// Returns the series that the name of a branch begins with.
pub(super) fn of_branch(name: &str) -> Option<u8> {
    let (major, rest) = name.split_once(".0")?;
    let ends = rest.chars().next().is_none_or(|next| !next.is_ascii_alphanumeric());
    major.parse().ok().filter(|major| ends && (OLDEST..=19).contains(major))
}

/// Says which modules of a repository or folder are meant, and fails when one that was named is not there.
pub(super) fn check_names<'a>(args: &Args, there: impl Iterator<Item = &'a str>) -> Result<(), Failure> {
    let there: Vec<&str> = there.collect();
    let Some(missing) = args.module.iter().find(|name| !there.contains(&name.as_str())) else {
        return Ok(());
    };
    let mut alike: Vec<(f64, &str)> = (there.iter())
        .map(|name| (strsim::jaro_winkler(name, missing), *name))
        .filter(|(likeness, _)| *likeness > 0.8)
        .collect();
    alike.sort_by(|a, b| b.0.total_cmp(&a.0));
    let failure = Failure::new(
        exit::USAGE,
        format!("there is no module `{missing}` in {}", args.what.display()),
    );
    Err(match alike.first() {
        Some((_, name)) => failure.hint(format!("did you mean `{name}`?")),
        None => failure,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_read_off_versions_and_branches() {
        let of = |version: &str| {
            let text = format!("{{'name': 'x', 'version': '{version}'}}");
            says(&[SourceFile::read("__manifest__.py", text.into_bytes()).unwrap()])
        };
        assert_eq!(of("18.0.1.2.3"), Some(18));
        assert_eq!(of("13.0.1.0"), Some(13));
        assert_eq!(of("1.0"), None);
        assert_eq!(of("2.0.1"), None);
        assert_eq!(of_branch("18.0-mig-acme"), Some(18));
        assert_eq!(of_branch("18.0"), Some(18));
        assert_eq!(of_branch("18.05"), None);
        assert_eq!(of_branch("main"), None);
    }
}
