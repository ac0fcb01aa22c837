//! The command line and the configuration of Odoo for a hop.

use std::fmt::Write as _;

/// What takes the database over a hop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HopEngine<'a> {
    /// OpenUpgrade's scripts: everything is updated by the code of the next series.
    OpenUpgrade {
        /// The folder that holds a folder of scripts per module (`…/openupgrade_scripts/scripts`).
        scripts: &'a str,
    },
    /// The same series, for modules that have new code; with none of them everything is loaded and nothing updated.
    Update {
        /// Which modules.
        modules: &'a [String],
    },
}

/// Returns the command line of a hop, for the image of the hop's target.
///
/// It serves nobody (`--no-http`), runs no scheduled action and ends when everything is loaded. Its exit code says
/// little: see [`crate::odoo::log`]. `script_folders` are further folders of migration scripts, per module.
pub fn hop_args(engine: &HopEngine, database: &str, script_folders: &[&str]) -> Vec<String> {
    let mut args: Vec<String> = ["odoo", "-c", "/etc/odoo/odoo.conf", "-d", database]
        .map(String::from)
        .into();
    let mut folders = script_folders.to_vec();
    let update = match engine {
        HopEngine::OpenUpgrade { scripts } => {
            folders.insert(0, scripts);
            // `base` and `web` are what Odoo loads by itself; naming others replaces them.
            args.push("--load=base,web,openupgrade_framework".into());
            "all".to_owned()
        }
        HopEngine::Update { modules } => modules.join(","),
    };
    if !folders.is_empty() {
        args.push(format!("--upgrade-path={}", folders.join(",")));
    }
    if !update.is_empty() {
        args.extend(["-u".into(), update]);
    }
    args.extend(["--stop-after-init", "--no-http", "--max-cron-threads=0"].map(String::from));
    args
}

/// Returns an `odoo.conf` for containers that reach PostgreSQL through its socket and nothing else.
///
/// The host is the socket's folder, which every series understands; 19.0 complains about `db_host = False`. `addons_path` is kept in order;
/// the folder of `openupgrade_framework` must be in it.
pub fn odoo_conf(addons_path: &[&str], data_dir: &str, user: &str) -> String {
    let mut conf = String::from("[options]\n");
    // Writing to a String cannot fail.
    let _ = writeln!(conf, "addons_path = {}", addons_path.join(","));
    let _ = writeln!(conf, "data_dir = {data_dir}");
    conf.push_str("db_host = /var/run/postgresql\n");
    let _ = writeln!(conf, "db_user = {user}");
    conf.push_str("list_db = False\n");
    // A long upgrade is no runaway request, and the container has a limit of its own: none of Odoo's, whose default
    // ends in a MemoryError once 2.5 GiB of addresses are in use.
    for limit in ["time_cpu", "time_real", "memory_soft", "memory_hard"] {
        let _ = writeln!(conf, "limit_{limit} = 0");
    }
    conf
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_openupgrade_hop_updates_everything_with_the_framework_loaded() {
        let args = hop_args(&HopEngine::OpenUpgrade { scripts: "/ou" }, "acme", &["/ours"]);
        let line = args.join(" ");
        assert_eq!(
            line,
            "odoo -c /etc/odoo/odoo.conf -d acme --load=base,web,openupgrade_framework --upgrade-path=/ou,/ours -u all --stop-after-init --no-http --max-cron-threads=0"
        );
    }

    #[test]
    fn odoo_has_no_limits_of_its_own() {
        let conf = odoo_conf(&["/mnt/hopp/own", "/usr/lib/odoo/addons"], "/var/lib/odoo", "odoo");
        assert!(conf.contains("addons_path = /mnt/hopp/own,/usr/lib/odoo/addons\n"));
        for limit in ["time_cpu", "time_real", "memory_soft", "memory_hard"] {
            assert!(conf.contains(&format!("\nlimit_{limit} = 0\n")), "{conf}");
        }
    }

    #[test]
    fn an_update_names_its_modules_and_nothing_of_openupgrade() {
        let modules = ["sale".to_owned(), "acme_base".to_owned()];
        let line = hop_args(&HopEngine::Update { modules: &modules }, "acme", &[]).join(" ");
        assert!(line.contains(" -u sale,acme_base "));
        assert!(!line.contains("upgrade-path") && !line.contains("--load"));
    }
}
