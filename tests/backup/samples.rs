//! Sample backups: the real ones, and ones made up here.

use std::io::Write;
use std::path::{Path, PathBuf};

use zip::write::SimpleFileOptions;

/// Finds a sample, or says that `test` was not run.
#[expect(clippy::print_stderr, reason = "a test that does not run says so")]
pub(crate) fn sample(test: &str, name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("HOPP_FIXTURES").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures"),
        PathBuf::from,
    );
    let path = folder.join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("{test} was not run: there is no {}", path.display());
    None
}

/// Makes a zip of these members.
pub(crate) fn zip_of(folder: &Path, members: &[(&str, &[u8])]) -> PathBuf {
    let path = folder.join("made.zip");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    for (name, content) in members {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap();
    path
}

/// A manifest of an Odoo zip with this version of `base`.
pub(crate) fn manifest(version: &str) -> Vec<u8> {
    format!("{{\"version\": \"18.0\", \"modules\": {{\"base\": \"{version}\"}}}}").into_bytes()
}

/// A plain dump of an Odoo database with this version of `base`.
pub(crate) fn dump(version: &str) -> String {
    format!(
        "--\n-- PostgreSQL database dump\n--\n\n\
         COPY public.ir_module_module (id, name, state, latest_version) FROM stdin;\n\
         1\tbase\tinstalled\t{version}\n\\.\n\n--\n-- PostgreSQL database dump complete\n--\n\n"
    )
}
