//! Faults in a filestore.

use std::path::PathBuf;
use std::process::Command;

use fs_err as fs;
use hopp::event::{Finding, Severity};
use hopp::verify::attachments;

use super::fault::Fault;

/// A copy of a sample customer's filestore.
pub(super) struct Filestore {
    root: tempfile::TempDir,
}

impl Filestore {
    pub(super) fn of(customer: &str) -> Filestore {
        let root = tempfile::tempdir().unwrap();
        let backup = crate::verify_sql::fixtures()
            .join(customer)
            .join(format!("{customer}-18.0.zip"));
        let mut archive = zip::ZipArchive::new(fs::File::open(backup).unwrap()).unwrap();
        archive.extract(root.path()).unwrap();
        Filestore { root }
    }

    fn folder(&self) -> PathBuf {
        self.root.path().join("filestore")
    }

    pub(super) fn findings(&self, expected: &str) -> Vec<Finding> {
        let [program, args @ ..] = attachments::listing_command(&self.folder().to_string_lossy());
        let listed = Command::new(program).args(args).output().unwrap();
        let files = attachments::compare(expected, &String::from_utf8(listed.stdout).unwrap()).unwrap();
        attachments::findings(&files)
    }

    /// Damages five documents, each in another way.
    pub(super) fn plant(&self, expected: &str) -> Vec<Fault> {
        let documents = expected.lines().filter(|line| line.contains("\tkept\t"));
        let paths: Vec<&str> = documents.map(|line| line.split('\t').nth(2).unwrap()).collect();
        let file = |index: usize| self.folder().join(paths[index]);
        let bytes = |index: usize| fs::read(file(index)).unwrap();
        fs::remove_file(file(0)).unwrap();
        fs::write(file(1), &bytes(1)[..bytes(1).len() - 1]).unwrap();
        let mut altered = bytes(2);
        altered[7] ^= 1;
        fs::write(file(2), altered).unwrap();
        fs::write(file(3), b"").unwrap();
        let same_size = vec![b'x'; bytes(4).len()];
        fs::write(file(4), same_size).unwrap();
        [
            ("a file is missing", "files-missing"),
            ("a file lacks its last byte", "files-damaged"),
            ("a bit of a file is another", "files-altered"),
            ("a file is empty", "files-damaged"),
            ("a file holds something else of the same size", "files-altered"),
        ]
        .into_iter()
        .zip(paths)
        .map(|((what, code), path)| Fault {
            area: "documents".into(),
            what: what.into(),
            severity: Severity::Error,
            code: code.into(),
            subject: "filestore".into(),
            evidence: path.into(),
            sql: String::new(),
        })
        .collect()
    }
}
