//! Releases of OpenUpgrade on this machine: wheels in a folder, a checkout, or fetched from the package index by pip.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::{hash, process};
use crate::ident::Series;
use crate::odoo::openupgrade::{NotApriori, Release, is_read, parse_release};

/// The largest file of a release that is read; the longest analysis is a tenth of it.
const FILE: u64 = 16 << 20;
/// What pip waits for an answer, in seconds, and how often it asks again.
const PATIENCE: [&str; 4] = ["--timeout", "10", "--retries", "1"];

/// A release that is not at hand.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// Nothing here has it, and pip is not here to fetch it.
    #[error("no release of OpenUpgrade {series} is at hand, and there is no pip to fetch it with")]
    NoPip {
        /// Of which series.
        series: Series,
    },
    /// pip did not bring it.
    #[error("no release of OpenUpgrade {series} is at hand, and pip did not bring one: {message}")]
    NotFetched {
        /// Of which series.
        series: Series,
        /// Its own words.
        message: String,
    },
    /// It is none.
    #[error("{} is no release of OpenUpgrade: {message}", path.display())]
    NotOne {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        message: String,
    },
    /// The file system refused.
    #[error("failed to read a release of OpenUpgrade: {0}")]
    Io(#[from] io::Error),
}

/// Where releases are kept once they were fetched.
#[derive(Clone, Debug)]
pub struct Releases {
    folder: PathBuf,
}

impl Releases {
    /// Uses a folder, usually in the user's cache. It is created when something is fetched.
    pub fn new(folder: PathBuf) -> Releases {
        Releases { folder }
    }

    /// Returns the release of a series: this version of it, or the newest that is kept, else the newest there is.
    ///
    /// `package` is what the package index calls it. Blocks, and reaches the network only when none is kept.
    pub fn get(&self, series: Series, package: &str, version: Option<&str>) -> Result<Release, ReleaseError> {
        if let Some(release) = self.kept(series, version)? {
            return Ok(release);
        }
        self.fetch(series, package, version)?;
        self.kept(series, version)?.ok_or_else(|| ReleaseError::NotFetched {
            series,
            message: "what it brought is not a wheel of this series".to_owned(),
        })
    }

    /// Returns the release of a series that is kept, without the network: this version of it, or the newest.
    pub fn kept(&self, series: Series, version: Option<&str>) -> Result<Option<Release>, ReleaseError> {
        newest(&self.folder, series, version)?
            .map(|wheel| read(&wheel))
            .transpose()
    }

    fn fetch(&self, series: Series, package: &str, version: Option<&str>) -> Result<(), ReleaseError> {
        let pip = ["pip3", "pip"].iter().find_map(|name| which::which(name).ok());
        let pip = pip.ok_or(ReleaseError::NoPip { series })?;
        fs_err::create_dir_all(&self.folder)?;
        // Half a wheel is never found: it is moved to its place when it is whole.
        let beside = tempfile::tempdir_in(&self.folder)?;
        let wanted = match version {
            Some(version) => format!("{package}=={version}"),
            None => format!("{package}=={series}.*"),
        };
        let target = beside.path().to_string_lossy().into_owned();
        let mut args = vec!["download", "-q", "--disable-pip-version-check", "--pre", "--no-deps"];
        args.extend(["--ignore-requires-python", "--only-binary", ":all:"]);
        args.extend(PATIENCE);
        args.extend(["-d", &target, &wanted]);
        let ended = process::each_line(&pip, &args, &mut |_| std::ops::ControlFlow::Continue(()))?;
        if !ended.status.is_some_and(|status| status.success()) {
            let last = ended.stderr.lines().rfind(|line| line.contains("ERROR"));
            return Err(ReleaseError::NotFetched {
                series,
                message: last
                    .or(ended.stderr.lines().last())
                    .unwrap_or("no reason given")
                    .trim_start_matches("ERROR: ")
                    .to_owned(),
            });
        }
        for entry in fs_err::read_dir(beside.path())? {
            let entry = entry?;
            fs_err::rename(entry.path(), self.folder.join(entry.file_name()))?;
        }
        Ok(())
    }
}

/// Returns the newest wheel of a series in a folder, or the one of this version.
fn newest(folder: &Path, series: Series, version: Option<&str>) -> io::Result<Option<PathBuf>> {
    let entries = match fs_err::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut best: Option<(Vec<u64>, PathBuf)> = None;
    for entry in entries {
        let path = entry?.path();
        let Some(found) = version_of(&path) else { continue };
        let fits = match version {
            Some(version) => found == version,
            None => Series::of_version(&found) == Some(series),
        };
        let numbers = numbers(&found);
        if fits && best.as_ref().is_none_or(|(least, _)| numbers > *least) {
            best = Some((numbers, path));
        }
    }
    Ok(best.map(|(_, path)| path))
}

/// Returns the version that the name of a wheel of the scripts says.
fn version_of(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?.strip_suffix(".whl")?;
    let (_, rest) = name.split_once("addon_openupgrade_scripts-")?;
    rest.split('-').next().map(str::to_owned)
}

fn numbers(version: &str) -> Vec<u64> {
    let numbers = version.split(|c: char| !c.is_ascii_digit());
    numbers.filter_map(|number| number.parse().ok()).collect()
}

/// Returns a release that somebody names: a wheel, a checkout of a branch, or a folder with wheels of several series.
/// `None` when it is of another series. Blocks.
pub fn named(path: &Path, series: Series) -> Result<Option<Release>, ReleaseError> {
    if path.is_dir() {
        if let Some(wheel) = newest(path, series, None)? {
            return read(&wheel).map(Some);
        }
        let manifest = path.join("openupgrade_scripts/__manifest__.py");
        let Ok(text) = fs_err::read_to_string(manifest) else {
            return Ok(None);
        };
        let found = crate::odoo::manifest::Manifest::parse(&text)
            .ok()
            .and_then(|manifest| manifest.series_of());
        return match found {
            Some(found) if found == series => read_folder(path).map(Some),
            _ => Ok(None),
        };
    }
    match version_of(path) {
        Some(version) if Series::of_version(&version) == Some(series) => read(path).map(Some),
        Some(_) => Ok(None),
        None => Err(ReleaseError::NotOne {
            path: path.to_owned(),
            message: "its name is not that of a wheel of openupgrade_scripts".to_owned(),
        }),
    }
}

fn not_one(path: &Path) -> impl Fn(NotApriori) -> ReleaseError {
    move |error| ReleaseError::NotOne {
        path: path.to_owned(),
        message: error.to_string(),
    }
}

/// Reads a wheel, which is a zip.
fn read(path: &Path) -> Result<Release, ReleaseError> {
    let damaged = |error: zip::result::ZipError| ReleaseError::NotOne {
        path: path.to_owned(),
        message: error.to_string(),
    };
    let file = io::BufReader::new(fs_err::File::open(path)?);
    let mut archive = zip::ZipArchive::new(file).map_err(damaged)?;
    let mut files = Vec::new();
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(damaged)?;
        let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
        let Some((_, inside)) = name.split_once("openupgrade_scripts/") else {
            continue;
        };
        let mut bytes = Vec::new();
        if is_read(inside) {
            entry.take(FILE).read_to_end(&mut bytes)?;
        }
        files.push((inside.to_owned(), String::from_utf8_lossy(&bytes).into_owned()));
    }
    let release = parse_release(files.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    let mut release = release.map_err(not_one(path))?;
    release.version = version_of(path);
    Ok(release)
}

/// Reads a checkout of OpenUpgrade's repository.
fn read_folder(path: &Path) -> Result<Release, ReleaseError> {
    let mut files = Vec::new();
    for root in ["openupgrade_scripts", "docsource"] {
        let root_folder = path.join(root);
        if !root_folder.is_dir() {
            continue;
        }
        for inside in hash::files_of(&root_folder)? {
            let name = inside.to_string_lossy().into_owned();
            let text = if is_read(&name) {
                String::from_utf8_lossy(&fs_err::read(root_folder.join(&inside))?).into_owned()
            } else {
                String::new()
            };
            files.push((name, text));
        }
    }
    let release = parse_release(files.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    release.map_err(not_one(path))
}
