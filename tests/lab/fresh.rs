//! Fresh Odoo databases, made by Odoo itself in containers without network.

use std::io::Cursor;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use hopp::world::zip_backup::BackupZip;

use super::{docker, docker_answering, docker_fed, try_docker};

/// Odoo and PostgreSQL with a new database; their containers and volumes are gone when dropped.
pub(crate) struct Kitchen {
    name: String,
    series: String,
}

impl Kitchen {
    fn part(&self, part: &str) -> String {
        format!("{}-{part}", self.name)
    }
}

impl Drop for Kitchen {
    fn drop(&mut self) {
        for part in ["odoo", "pg"] {
            try_docker(&["rm", "-f", "-v", &self.part(part)]);
        }
        try_docker(&["volume", "rm", &self.part("socket")]);
    }
}

/// Writes the backup zip of a new database of this series with these modules, given as files (path, content).
pub(crate) fn fresh_backup(zip: &Path, series: &str, modules: &str, files: &[(&str, &str)]) {
    fresh(series, modules, files).backup(zip);
}

/// Makes a new database of this series with these modules, given as files (path, content).
pub(crate) fn fresh(series: &str, modules: &str, files: &[(&str, &str)]) -> Kitchen {
    // Tests of one process cook at the same time.
    static COOKED: AtomicUsize = AtomicUsize::new(0);
    let number = COOKED.fetch_add(1, Ordering::Relaxed);
    let kitchen = Kitchen {
        name: format!("hopp-test-fresh-{}-{number}-{series}", std::process::id()),
        series: series.to_owned(),
    };
    let (pg, odoo) = (kitchen.part("pg"), kitchen.part("odoo"));
    let socket = format!("{}:/var/run/postgresql", kitchen.part("socket"));
    let label = "org.hopp.customer=hopp-test";
    let common = [
        "run",
        "-d",
        "--init",
        "--network",
        "none",
        "--label",
        label,
        "-v",
        &socket,
    ];
    let postgres = [
        "--name",
        &pg,
        "-e",
        "POSTGRES_USER=odoo",
        "-e",
        "POSTGRES_HOST_AUTH_METHOD=trust",
        "postgres:15",
        "postgres",
        "-c",
        "listen_addresses=",
        "-c",
        "fsync=off",
    ];
    docker(&[&common[..], &postgres].concat());
    let image = format!("odoo:{series}");
    let idle = ["--name", &odoo, "--entrypoint", "sleep", &image, "infinity"];
    docker(&[&common[..], &idle].concat());
    docker_fed(&["cp", "-", &format!("{odoo}:/mnt/extra-addons")], &archive(files));
    wait_for(&pg);
    kitchen.odoo(
        &format!("-d fresh -i {modules} --without-demo=all --stop-after-init --no-http --max-cron-threads=0"),
        "",
    );
    kitchen
}

impl Kitchen {
    /// Runs `odoo`, fed with a script, and returns what it printed on standard output.
    pub(crate) fn odoo(&self, words: &str, script: &str) -> String {
        let command = words
            .split(' ')
            .next()
            .filter(|word| !word.starts_with('-'))
            .unwrap_or_default();
        let options = words.strip_prefix(command).unwrap_or(words);
        let line = format!(
            "odoo {command} -c /etc/odoo/odoo.conf --db_host=/var/run/postgresql --db_user=odoo {options} 2>/tmp/log \
             || {{ cat /tmp/log; exit 1; }}"
        );
        docker_answering(
            &["exec", "-i", &self.part("odoo"), "sh", "-c", &line],
            script.as_bytes(),
        )
    }

    /// Writes the backup zip of the database as it is now.
    pub(crate) fn backup(&self, zip: &Path) {
        let (pg, odoo, series) = (self.part("pg"), self.part("odoo"), &self.series);
        docker(&[
            "exec",
            &pg,
            "pg_dump",
            "-U",
            "odoo",
            "-d",
            "fresh",
            "-f",
            "/tmp/dump.sql",
        ]);
        let folder = tempfile::tempdir().unwrap();
        let (dump, filestore) = (folder.path().join("dump.sql"), folder.path().join("filestore"));
        docker(&["cp", &format!("{pg}:/tmp/dump.sql"), dump.to_str().unwrap()]);
        let from = format!("{odoo}:/var/lib/odoo/filestore/fresh");
        docker(&["cp", &from, filestore.to_str().unwrap()]);
        let mut tar = tar::Builder::new(Vec::new());
        tar.append_dir_all("fresh", &filestore).unwrap();
        let sql = "SELECT json_object_agg(name, latest_version) FROM ir_module_module WHERE state = 'installed'";
        let installed = docker(&["exec", &pg, "psql", "-U", "odoo", "-d", "fresh", "-At", "-c", sql]);
        let manifest =
            format!("{{\"version\": \"{series}\", \"major_version\": \"{series}\", \"modules\": {installed}}}");
        let mut backup = BackupZip::start(std::fs::File::create(zip).unwrap(), manifest.as_bytes()).unwrap();
        backup.add_dump(&mut std::fs::File::open(dump).unwrap()).unwrap();
        backup
            .add_filestore(&mut Cursor::new(tar.into_inner().unwrap()))
            .unwrap();
        backup.finish().unwrap();
    }
}

fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (path, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(text.len() as u64);
        tar.append_data(&mut header, path, text.as_bytes()).unwrap();
    }
    tar.into_inner().unwrap()
}

/// While a new cluster is made a temporary server answers, and the entrypoint is still a process of its own.
fn wait_for(pg: &str) {
    let script = "! grep -qs '^docker-entrypoi' /proc/[0-9]*/comm && psql -U odoo -c 'SELECT 1'";
    for _ in 0..240 {
        if try_docker(&["exec", pg, "sh", "-c", script]).0 {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(250));
    }
    panic!("PostgreSQL in {pg} did not start");
}
