//! The files of the attachments: all there, and of the size the database says.
//!
//! The database lists what should be there, a container with the filestore lists what is, and [`findings`] holds the
//! two against each other; so neither container needs the other.

use std::collections::BTreeMap;

use crate::event::{Finding, Severity};

/// Returns the query that lists what should be there, for `psql -At`: one line `size TAB kind TAB path TAB document`
/// for each file of the filestore, where `kind` is `made` for what Odoo makes again by itself and `kept` for the rest.
pub fn expected_sql() -> String {
    r"SELECT concat_ws(E'\t', max(coalesce(file_size, -1)),
  CASE WHEN bool_and(coalesce(url, '') LIKE '/web/assets/%') THEN 'made' ELSE 'kept' END, store_fname,
  min(regexp_replace(name, '\s+', ' ', 'g') || coalesce(' of ' || res_model || ' ' || nullif(res_id, 0), '')))
FROM ir_attachment WHERE store_fname IS NOT NULL GROUP BY store_fname ORDER BY store_fname;
"
    .to_owned()
}

/// Returns the shell command that lists what is there: one line `size TAB path` for each file below `filestore`, then one
/// line `=sha1 TAB path` for each.
///
/// The spool of Odoo's own clean-up (`checklist`) is left out.
pub fn listing_command(filestore: &str) -> [String; 4] {
    let script = r#"cd "$0" 2>/dev/null || exit 0; find . -path ./checklist -prune -o -type f -printf '%s\t%P\n'
find . -path ./checklist -prune -o -type f -print0 | xargs -0 -r sha1sum | sed -E 's#^\\?([0-9a-f]+)  \./#=\1\t#'"#;
    // `$0` carries the folder, so that no name of a folder is read as shell.
    ["sh".into(), "-c".into(), script.into(), filestore.into()]
}

/// What a comparison of files found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// Files that should be there.
    pub expected: u64,
    /// Their bytes, as the database says.
    pub bytes: u64,
    /// Documents whose file is missing: its path, and what it is of.
    pub missing: Vec<String>,
    /// Files that Odoo makes again by itself and that are missing.
    pub missing_made: u64,
    /// Files of another size: (whose and path, expected, found).
    pub wrong_size: Vec<(String, u64, u64)>,
    /// Files of the right size whose content is not what their name says.
    pub wrong_content: Vec<String>,
    /// Files that no attachment names; harmless.
    pub orphans: u64,
}

/// A line that is not of the expected shape.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("failed to read a list of attachments: line {line} is `{text}`")]
pub struct NotAList {
    line: usize,
    text: String,
}

/// Holds the answers of [`expected_sql`] and [`listing_command`] against each other.
pub fn compare(expected: &str, found: &str) -> Result<Files, NotAList> {
    let mut on_disk = BTreeMap::new();
    let mut hashes = BTreeMap::new();
    for (line, text) in numbered(found) {
        let bad = || NotAList {
            line,
            text: text.into(),
        };
        let (first, path) = text.split_once('\t').ok_or_else(bad)?;
        match first.strip_prefix('=') {
            Some(hash) => {
                hashes.insert(path, hash);
            }
            None => {
                on_disk.insert(path, first.parse::<u64>().map_err(|_| bad())?);
            }
        }
    }
    let mut files = Files::default();
    for (line, text) in numbered(expected) {
        let bad = || NotAList {
            line,
            text: text.into(),
        };
        let mut fields = text.splitn(4, '\t');
        let (Some(size), Some(kind), Some(path)) = (fields.next(), fields.next(), fields.next()) else {
            return Err(bad());
        };
        let document = fields.next().filter(|document| !document.is_empty());
        let named = document.map_or_else(|| path.to_owned(), |document| format!("{path}: {document}"));
        // A file is named after the SHA-1 of its content.
        let is_other = |hash: &&str| {
            let name = path.rsplit('/').next().unwrap_or(path);
            name.len() == 40 && name != *hash
        };
        // -1: the database does not say, which very old rows do not.
        let size: i64 = size.parse().map_err(|_| bad())?;
        let size = u64::try_from(size).ok();
        files.expected += 1;
        files.bytes += size.unwrap_or_default();
        match (on_disk.remove(path), size) {
            (None, _) if kind == "made" => files.missing_made += 1,
            (None, _) => files.missing.push(named),
            (Some(found), Some(size)) if found != size => {
                files.wrong_size.push((named, size, found));
            }
            (Some(_), _) if hashes.get(path).is_some_and(is_other) => files.wrong_content.push(named),
            (Some(_), _) => {}
        }
    }
    files.orphans = on_disk.len() as u64;
    Ok(files)
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate();
    lines
        .map(|(index, line)| (index + 1, line))
        .filter(|(_, line)| !line.is_empty())
}

/// Returns what is wrong with the files of a backup, before anything was done to it.
pub fn findings_of_backup(files: &Files) -> Vec<Finding> {
    let found = findings(files).into_iter();
    let mut found: Vec<Finding> = found.filter(|finding| finding.severity == Severity::Error).collect();
    for finding in &mut found {
        finding.severity = Severity::Warning;
        finding.code = format!("backup-{}", finding.code);
        finding.message = format!("in the backup, {}", finding.message);
    }
    found
}

/// Returns what is wrong with the files.
pub fn findings(files: &Files) -> Vec<Finding> {
    let mut all = Vec::new();
    if !files.missing.is_empty() {
        all.push(finding(
            Severity::Error,
            "files-missing",
            format!(
                "{} of {} files of attachments are not in the filestore",
                files.missing.len(),
                files.expected
            ),
            "take them from an older backup of the filestore; a file is named after its content, so it fits whenever it is found",
            some(files.missing.iter().cloned()),
        ));
    }
    if !files.wrong_size.is_empty() {
        all.push(finding(
            Severity::Error,
            "files-damaged",
            format!(
                "{} files of attachments are not of the size the database says",
                files.wrong_size.len()
            ),
            "replace them from a backup of the filestore; a file is named after the SHA-1 of its content",
            some(
                files
                    .wrong_size
                    .iter()
                    .map(|(path, expected, found)| format!("{path}: {expected} bytes expected, {found} found")),
            ),
        ));
    }
    if !files.wrong_content.is_empty() {
        all.push(finding(
            Severity::Error,
            "files-altered",
            format!(
                "the content of {} files of attachments is not what it was when they were saved",
                files.wrong_content.len()
            ),
            "replace them from a backup of the filestore; a file is named after the SHA-1 of its content",
            some(files.wrong_content.iter().cloned()),
        ));
    }
    if files.missing_made > 0 {
        all.push(finding(
            Severity::Info,
            "assets-missing",
            format!("{} bundles of scripts and styles are not in the filestore", files.missing_made),
            "nothing: delete their rows (`DELETE FROM ir_attachment WHERE url LIKE '/web/assets/%'`) and odoo makes them again",
            Vec::new(),
        ));
    }
    all
}

/// The first ten, and how many more there are.
fn some(lines: impl ExactSizeIterator<Item = String>) -> Vec<String> {
    const NAMED: usize = 10;
    let more = lines.len().saturating_sub(NAMED);
    let mut some: Vec<String> = lines.take(NAMED).collect();
    if more > 0 {
        some.push(format!("… and {more} more"));
    }
    some
}

fn finding(severity: Severity, code: &str, message: String, remedy: &str, evidence: Vec<String>) -> Finding {
    Finding {
        severity,
        code: code.into(),
        area: "documents".into(),
        subject: "filestore".into(),
        message,
        remedy: remedy.into(),
        evidence,
        since: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_damaged_and_orphaned_files_are_told_apart() {
        let expected = "10\tkept\taa/aa1\n20\tkept\tbb/bb1\n30\tmade\tcc/cc1\n-1\tkept\tdd/dd1\n5\tkept\tee/ee1\tcv.pdf of hr.employee 7\n";
        let found = "10\taa/aa1\n21\tbb/bb1\n7\tdd/dd1\n1\tzz/zz1\n";
        let files = compare(expected, found).unwrap();
        assert_eq!(files.expected, 5);
        assert_eq!(files.missing, ["ee/ee1: cv.pdf of hr.employee 7"]);
        assert_eq!(files.missing_made, 1);
        assert_eq!(files.wrong_size, [("bb/bb1".into(), 20, 21)]);
        assert_eq!(files.orphans, 1);
        let codes: Vec<String> = findings(&files).into_iter().map(|f| f.code).collect();
        assert_eq!(codes, ["files-missing", "files-damaged", "assets-missing"]);
    }

    #[test]
    fn a_file_whose_content_is_not_its_name_is_found_though_its_size_is_right() {
        let name = "0123456789012345678901234567890123456789";
        let expected = format!("5\tkept\t01/{name}\tattachment 7 (deed.pdf)\n");
        let listed = |hash: &str| compare(&expected, &format!("5\t01/{name}\n={hash}\t01/{name}\n")).unwrap();
        assert_eq!(findings(&listed(name)), []);
        let found = findings(&listed("ffff"));
        assert_eq!(found[0].code, "files-altered");
        assert_eq!(found[0].evidence, [format!("01/{name}: attachment 7 (deed.pdf)")]);
    }

    #[test]
    fn a_line_of_another_shape_is_named() {
        let error = compare("10 aa\n", "").unwrap_err();
        assert_eq!(
            error.to_string(),
            "failed to read a list of attachments: line 1 is `10 aa`"
        );
    }
}
