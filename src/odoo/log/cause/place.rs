//! Where in somebody's code a failure happened.

/// Where the repositories of a plan lie in the containers whose logs are read, each in a folder of its name.
pub const CODE: &str = "/mnt/hopp";

/// The folders that hold migration scripts.
const SCRIPTS: [&str; 3] = ["/openupgrade_scripts/scripts/", "/migrations/", "/upgrades/"];

/// A line of a migration script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The script, from its module's name on.
    pub(super) script: String,
    pub(super) line: u32,
}

/// Returns the innermost frame of a traceback that lies in a migration script.
pub(super) fn in_script(text: &str) -> Option<Place> {
    text.lines().rev().find_map(|line| {
        let (path, rest) = frame(line)?;
        let at = SCRIPTS.iter().find_map(|folder| {
            path.find(folder).map(|at| match *folder {
                "/openupgrade_scripts/scripts/" => at + folder.len(),
                // The module's name stands before the folder.
                _ => path[..at].rfind('/').map_or(0, |slash| slash + 1),
            })
        })?;
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        Some(Place {
            script: path[at..].into(),
            line: rest[..end].parse().ok()?,
        })
    })
}

/// Says whether a frame of a traceback lies in a script, or in a repository of the plan.
pub(super) fn is_somebodys(line: &str) -> bool {
    frame(line).is_some_and(|(path, _)| path.starts_with(CODE) || SCRIPTS.iter().any(|folder| path.contains(folder)))
}

/// Splits a line of a traceback into a file's path and what follows `line `.
fn frame(line: &str) -> Option<(&str, &str)> {
    line.trim_start().strip_prefix("File \"")?.split_once("\", line ")
}

/// Returns the addon whose file a traceback names last.
pub(super) fn module(text: &str) -> Option<&str> {
    text.lines().rev().find_map(|line| {
        let (path, _) = frame(line)?;
        let below = below_addons(path);
        let (module, _) = below.split_once('/').filter(|_| below.len() < path.len())?;
        (!module.is_empty() && !module.contains('.')).then_some(module)
    })
}

/// Returns the repository of the plan that the innermost file of a traceback, or a data file, lies in.
pub(super) fn repository(text: &str) -> Option<&str> {
    let (_, rest) = text.rsplit_once(CODE)?;
    rest.strip_prefix('/')?
        .split_once('/')
        .map(|(repository, _)| repository)
}

/// Returns the path of a file from its module's name on, as far as that can be told.
pub(super) fn below_addons(path: &str) -> &str {
    if let Some((_, below)) = path.rsplit_once("addons/") {
        return below;
    }
    let in_repository = path
        .strip_prefix(CODE)
        .and_then(|rest| rest.strip_prefix('/')?.split_once('/'));
    in_repository.map_or(path, |(_, below)| below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_from_its_module_on() {
        for path in [
            "/mnt/hopp/own/shelf/views/book.xml",
            "/mnt/hopp/own/addons/shelf/views/book.xml",
            "/usr/lib/python3/dist-packages/odoo/addons/shelf/views/book.xml",
        ] {
            assert_eq!(below_addons(path), "shelf/views/book.xml");
        }
        let line = "  File \"/mnt/hopp/own/shelf/models/book.py\", line 1, in <module>";
        assert_eq!(module(line), Some("shelf"));
        assert_eq!(repository(line), Some("own"));
    }
}
