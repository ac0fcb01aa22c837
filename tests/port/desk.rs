//! A folder to port modules in, and the real `hopp` to do it.

use std::path::PathBuf;
use std::process::{Command, Output};

use fs_err as fs;

use crate::harness::Ended;

/// A temporary folder in which nothing is fetched.
pub(crate) struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    pub(crate) fn new() -> Desk {
        Desk {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, and the folders above it.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Writes a small module of 18.0 with something for two rules.
    pub(crate) fn module(&self, folder: &str) {
        let name = folder.rsplit('/').next().unwrap();
        self.write(
            &format!("{folder}/__manifest__.py"),
            format!("{{\n    'name': '{name}',\n    'version': '18.0.1.2.3',\n    'depends': ['base'],\n}}\n"),
        );
        self.write(
            &format!("{folder}/models.py"),
            "from odoo import fields, models\n\n\nclass Book(models.Model):\n    _name = 'book'\n    _description = 'Book'\n\n    \
             author_id = fields.Many2one('res.partner', auto_join=True)\n    shelf_id = fields.Many2one('shelf', auto_join=True)\n",
        );
        self.write(&format!("{folder}/data.xml"), DATA);
    }

    /// Runs `hopp port` without the network.
    pub(crate) fn port(&self, args: &[&str]) -> Ended {
        let mut command = self.command();
        Ended::of(command.arg("port").args(args).arg("--offline"))
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hopp"));
        command
            .current_dir(self.folder.path())
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("HOME", self.folder.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env_remove("GITHUB_ACTIONS");
        command
    }

    /// Runs git, which must succeed, and returns what it printed.
    pub(crate) fn git(&self, repository: &str, args: &[&str]) -> String {
        self.git_as("Ada <ada@example.com>", repository, args)
    }

    /// Runs git as somebody.
    pub(crate) fn git_as(&self, author: &str, repository: &str, args: &[&str]) -> String {
        let (name, mail) = author.split_once(" <").unwrap();
        let Output { status, stdout, stderr } = Command::new("git")
            .current_dir(self.path(repository))
            .args(args)
            .env("HOME", self.folder.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", name)
            .env("GIT_AUTHOR_EMAIL", mail.trim_end_matches('>'))
            .env("GIT_COMMITTER_NAME", name)
            .env("GIT_COMMITTER_EMAIL", mail.trim_end_matches('>'))
            .output()
            .unwrap();
        assert!(status.success(), "git {args:?}: {}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).unwrap().trim_end().to_owned()
    }

    /// Makes a repository with a branch, in which Grace is the one who commits.
    pub(crate) fn repository(&self, name: &str, branch: &str) {
        fs::create_dir_all(self.path(name)).unwrap();
        self.git(name, &["init", "--quiet", "--initial-branch", branch]);
        self.git(name, &["config", "user.name", "Grace"]);
        self.git(name, &["config", "user.email", "grace@example.com"]);
    }

    pub(crate) fn commit(&self, repository: &str, author: &str, message: &str) {
        self.git(repository, &["add", "--all"]);
        self.git_as(author, repository, &["commit", "--quiet", "--message", message]);
    }

    /// Returns every file below a folder with what it holds, git's own left out.
    pub(crate) fn files(&self, folder: &str) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        let mut folders = vec![self.path(folder)];
        while let Some(within) = folders.pop() {
            for entry in fs::read_dir(&within).unwrap() {
                let path = entry.unwrap().path();
                if path.is_symlink() {
                    files.push((
                        path.clone(),
                        fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes(),
                    ));
                } else if path.is_dir() {
                    if path.file_name() != Some(".git".as_ref()) {
                        folders.push(path);
                    }
                } else {
                    files.push((path.clone(), fs::read(&path).unwrap()));
                }
            }
        }
        files.sort();
        files
    }
}

pub(crate) const DATA: &str =
    "<odoo>\n    <data noupdate=\"0\">\n        <record id=\"a\" model=\"book\"/>\n    </data>\n</odoo>\n";
