//! `hopp cloc` beside the real `odoo cloc`, and what it does with folders and plans.

mod own;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use fs_err as fs;
use tempfile::TempDir;

use crate::backup::samples;
use crate::git::origin::Origin;
use crate::harness::docker;

/// Counts every module of an Odoo with that Odoo's own cloc, and prints a line per file: code, lines or the error.
const REAL: &str = r"
import os, sys
from odoo.tools import cloc
root = sys.argv[1]
real = cloc.Cloc()
for name in sorted(os.listdir(root)):
    if os.path.exists(os.path.join(root, name, '__manifest__.py')):
        real.count_path(os.path.join(root, name))
for files in real.modules.values():
    for path, (code, total) in files.items():
        print(os.path.relpath(path, root), code, total, sep='\t')
for files in real.errors.values():
    for path, error in files.items():
        print(os.path.relpath(path, root), error, '', sep='\t')
";
const ADDONS: &str = "/usr/lib/python3/dist-packages/odoo/addons";

fn cloc(folder: &Path, args: &[&str]) -> Output {
    hopp(folder, &[&["cloc"], args].concat())
}

fn hopp(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hopp"))
        .args(args)
        .current_dir(folder)
        .env("DOCKER_HOST", "unix:///nonexistent")
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .env("COLUMNS", "100")
        .env_remove("HOPP_LOG")
        .output()
        .unwrap()
}

/// Returns what a count printed; it must end well.
fn printed(folder: &Path, args: &[&str]) -> String {
    let output = cloc(folder, args);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// Returns what hopp counts: code and lines of each file, or its error.
fn counted(folder: &Path, args: &[&str]) -> BTreeMap<String, (String, String)> {
    let text = printed(folder, &[args, &["--by", "file", "--format", "json"]].concat());
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    let of = |list: &str| document[list].as_array().unwrap().clone();
    let path =
        |row: &serde_json::Value| format!("{}/{}", row["module"].as_str().unwrap(), row["file"].as_str().unwrap());
    let counts = of("counted")
        .into_iter()
        .map(|row| (path(&row), (row["code"].to_string(), row["lines"].to_string())));
    let errors = of("errors")
        .into_iter()
        .map(|row| (path(&row), (row["error"].as_str().unwrap().to_owned(), String::new())));
    counts.chain(errors).collect()
}

/// Compares the count of everything that an image's Odoo brings.
fn agrees_with_the_real_one(series: &str, python: &str) {
    let folder = tempfile::tempdir().unwrap();
    let image = format!("odoo:{series}");
    let container = docker(&["create", &image]).trim().to_owned();
    // Translations and pictures are most of it, and never counted.
    let copy = format!(
        "docker cp {container}:{ADDONS} - | tar -x -C {} --exclude='*.po' --exclude='*.png' --exclude='*.svg'",
        folder.path().display()
    );
    let copied = Command::new("sh").args(["-c", &copy]).status().unwrap();
    docker(&["rm", "-v", &container]);
    assert!(copied.success());
    let real = docker(&[
        "run",
        "--rm",
        "--network",
        "none",
        "--entrypoint",
        "python3",
        &image,
        "-W",
        "ignore",
        "-c",
        REAL,
        ADDONS,
    ]);
    let real: BTreeMap<String, (String, String)> = (real.lines())
        .map(|line| {
            let mut cells = line.split('\t').map(str::to_owned);
            let mut next = || cells.next().unwrap();
            (next(), (next(), next()))
        })
        .collect();
    assert!(real.len() > 5000, "only {} files", real.len());
    let ours = counted(folder.path(), &["addons", "--series", series, "--python", python]);
    let differing: Vec<String> = (real.keys().chain(ours.keys()))
        .filter(|path| real.get(*path) != ours.get(*path))
        .map(|path| format!("{path}: {:?}, hopp {:?}", real.get(path), ours.get(path)))
        .collect();
    assert!(
        differing.is_empty(),
        "{} differ:\n{}",
        differing.len(),
        differing.join("\n")
    );
}

#[test]
fn cloc_of_every_file_of_odoo_19_is_that_of_its_own_cloc() {
    agrees_with_the_real_one("19.0", "3.10");
}

#[test]
fn cloc_of_every_file_of_odoo_14_is_that_of_its_own_cloc_and_its_python() {
    agrees_with_the_real_one("14.0", "3.9");
}

/// Folders of code, in a folder of its own.
struct Shelf(TempDir);

impl Shelf {
    fn new(files: &[(&str, &str)]) -> Shelf {
        let folder = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        Shelf(folder)
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    /// Returns the files that count.
    fn files(&self, args: &[&str]) -> Vec<String> {
        counted(self.0.path(), args).into_keys().collect()
    }
}

const MANIFEST: &str = "{'name': 'x', 'demo': ['demo/a.xml'], 'cloc_exclude': ['lib/**/*', 'views/skip_*.xml']}";

fn shelf() -> Shelf {
    let shelf = Shelf::new(&[
        ("oca/book/__manifest__.py", MANIFEST),
        ("oca/book/__init__.py", "from . import models\n"),
        (
            "oca/book/models/book.py",
            "import os\n\n\nclass Book:\n    '''doc'''\n    x = 1\n",
        ),
        ("oca/book/models/broken.py", "print 'x'\n"),
        ("oca/book/tests/test_book.py", "x = 1\n"),
        ("oca/book/upgrades/19.0/pre.py", "x = 1\n"),
        ("oca/book/static/lib/jquery.js", "x\n"),
        ("oca/book/static/src/book.js", "x\n// c\ny\n"),
        ("oca/book/static/src/long.js", &"x".repeat(100_001)),
        ("oca/book/static/src/book.scss", "a {}\n"),
        ("oca/book/demo/a.xml", "<a/>\n"),
        ("oca/book/views/skip_a.xml", "<a/>\n"),
        ("oca/book/views/book.XML", "<a/>\n<!-- c\n-->\n"),
        ("oca/book/lib/a.py", "x = 1\n"),
        ("oca/book/data/book.csv", "a,b\n"),
        ("oca/setup/book/__manifest__.py", "{}"),
        ("oca/setup/book/a.py", "x = 1\n"),
        ("oca/node_modules/x/__manifest__.py", "{}"),
        ("oca/node_modules/x/a.js", "x\n"),
        ("oca/deep/er/lamp/__manifest__.py", "{}"),
        ("oca/deep/er/lamp/a.py", "x = 1\n"),
        ("plain/a.py", "x = 1\n"),
        ("plain/tests/a.py", "x = 1\n"),
        ("elsewhere/linked/__manifest__.py", "{}"),
        ("elsewhere/linked/a.py", "x = 1\n"),
    ]);
    let link = |to: &str, from: &str| std::os::unix::fs::symlink(to, shelf.path(from)).unwrap();
    link("../elsewhere/linked", "oca/linked");
    link("models", "oca/book/again");
    link("models/book.py", "oca/book/alias.py");
    link("nowhere.py", "oca/book/dangling.py");
    shelf
}

#[test]
fn cloc_counts_modules_without_what_their_manifests_and_the_series_exempt() {
    let shelf = shelf();
    assert_eq!(
        counted(shelf.0.path(), &["oca"])
            .into_iter()
            .map(|(path, (code, lines))| format!("{path} {code} {lines}"))
            .collect::<Vec<_>>(),
        [
            "book/__init__.py 1 1",
            "book/alias.py 4 6",
            "book/dangling.py cannot be read: No such file or directory (os error 2) ",
            "book/models/book.py 4 6",
            "book/models/broken.py Syntax Error ",
            "book/static/src/book.js 2 3",
            "book/static/src/book.scss 1 1",
            "book/static/src/long.js Max line size exceeded ",
            "book/views/book.XML 1 3",
            "lamp/a.py 1 1",
            "linked/a.py 1 1",
        ]
    );
    let document = printed(shelf.0.path(), &["oca", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    let of = |row: &serde_json::Value, field: &str| row[field].as_str().unwrap().to_owned();
    assert_eq!(
        document["excluded"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| format!("{}/{} {}", of(row, "module"), of(row, "file"), of(row, "excluded")))
            .collect::<Vec<_>>(),
        [
            "book/__manifest__.py __manifest__.py",
            "book/demo/a.xml demo: demo/a.xml",
            "book/lib/ cloc_exclude: lib/**/*",
            "book/static/lib/ static/lib/**/*",
            "book/tests/ tests/**/*",
            "book/upgrades/ upgrades/**/*",
            "book/views/skip_a.xml cloc_exclude: views/skip_*.xml",
            "lamp/__manifest__.py __manifest__.py",
            "linked/__manifest__.py __manifest__.py",
        ]
    );
    let old = shelf.files(&["oca/book", "--series", "14.0"]);
    assert!(!old.contains(&"book/static/src/book.scss".to_owned()), "{old:?}");
    assert!(old.contains(&"book/static/src/long.js".to_owned()), "{old:?}");
    assert!(old.contains(&"book/upgrades/19.0/pre.py".to_owned()), "{old:?}");
}

#[test]
fn cloc_of_a_folder_without_modules_or_as_a_whole_exempts_nothing() {
    let shelf = shelf();
    assert_eq!(shelf.files(&["plain"]), ["plain/a.py", "plain/tests/a.py"]);
    let whole = shelf.files(&["oca", "--whole"]);
    assert!(whole.contains(&"oca/book/tests/test_book.py".to_owned()), "{whole:?}");
    assert!(
        whole.contains(&"oca/setup/book/__manifest__.py".to_owned()),
        "{whole:?}"
    );
    assert!(!whole.iter().any(|path| path.contains("linked")), "{whole:?}");
}

#[test]
fn cloc_tells_people_the_sum_its_rules_and_what_lowered_it() {
    let shelf = shelf();
    let text = printed(shelf.0.path(), &["oca", "plain"]);
    for said in [
        "plain",
        "counted as `odoo cloc` of 19.0 with Python 3.10+ does",
        "exempt: 5 files and 4 folders",
        "3 files could not be counted and add nothing:",
        "  book/models/broken.py: Syntax Error",
    ] {
        assert!(text.contains(said), "no {said} in\n{text}");
    }
    let sums = printed(
        shelf.0.path(),
        &["oca", "plain", "--by", "repository", "--format", "csv"],
    );
    assert_eq!(
        sums,
        "repository,module,file,lines,other,code,error,excluded\r\noca,,,22,7,15,,\r\nplain,,,2,0,2,,\r\n"
    );
    let file = cloc(shelf.0.path(), &["plain/a.py"]);
    assert_eq!(file.status.code(), Some(2));
    assert_eq!(cloc(shelf.0.path(), &["nowhere"]).status.code(), Some(11));
}

#[test]
fn cloc_of_a_plan_counts_what_is_installed_as_production_has_it() {
    let shelf = Shelf::new(&[]);
    let manifest = br#"{"version": "18.0", "modules": {"base": "18.0.1.3", "book": "18.0.1.0.0"}}"#;
    let dump = samples::dump("18.0.1.3").replace("\n\\.", "\n2\tbook\tinstalled\t18.0.1.0.0\n\\.");
    samples::zip_of(
        shelf.0.path(),
        &[("manifest.json", manifest.as_slice()), ("dump.sql", dump.as_bytes())],
    );
    let origin = Origin::new();
    let files = |book: &'static str| {
        [
            ("book/__manifest__.py", MANIFEST),
            ("book/a.py", book),
            ("book/tests/a.py", "x = 1\n"),
            ("attic/__manifest__.py", "{}"),
            ("attic/a.py", "x = 1\n"),
        ]
    };
    origin.commit("refs/heads/18.0", &files("x = 1\n"), "old");
    origin.commit("refs/heads/19.0", &files("x = 1\ny = 2\nz = 3\n"), "new");
    let plan = |more: &str| {
        let text = format!(
            "customer: acme\nsource: {{ backup: made.zip }}\ntarget: \"19.0\"\nrepositories: [{{ name: own, url: \"{}\"{more} }}]\n",
            origin.url()
        );
        fs::write(shelf.path("acme.yaml"), text).unwrap();
    };
    let lines = |args: &[&str]| {
        let all = counted(shelf.0.path(), &[&["acme.yaml"], args].concat());
        let line = |(path, (code, _)): (String, (String, String))| format!("{path} {code}");
        all.into_iter().map(line).collect::<Vec<_>>()
    };
    plan("");
    assert_eq!(lines(&[]), ["book/a.py 1"]);
    assert_eq!(lines(&["--series", "19.0"]), ["book/a.py 3"]);
    assert_eq!(lines(&["--all"]), ["attic/a.py 1", "book/a.py 1"]);
    origin.commit("refs/heads/live", &files("x = 1\ny = 2\n"), "live");
    plan(", deployed: live");
    assert_eq!(lines(&[]), ["book/a.py 2"]);
    let text = printed(shelf.0.path(), &["acme.yaml"]);
    assert!(text.contains("own: live at "), "{text}");
    assert!(text.contains("own: not installed, not counted: attic"), "{text}");
    assert!(!shelf.path("acme.lock.yaml").exists(), "nothing is pinned");
}
