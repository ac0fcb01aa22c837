//! Secrets that a plan names: there, and for this user's eyes only.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::Check;
use crate::spec::{Plan, Secret};
use crate::steps::Settings;

/// The rights of a file that others than its owner have.
const OTHERS: u32 = 0o077;

/// Looks for every secret; none is shown.
pub(super) fn examine(plan: &Plan, settings: &Settings) -> Vec<Check> {
    let mut checks = Vec::new();
    for repository in &plan.repositories {
        let Some(auth) = &repository.auth else { continue };
        let whose = |what: &str| format!("{what} of {}", repository.name);
        checks.extend(
            auth.token
                .iter()
                .map(|token| one(plan, settings, &whose("token"), token)),
        );
        checks.extend(auth.ssh_key.iter().map(|key| {
            let path = settings.secrets.resolve(key, &plan.folder);
            file(&whose("key"), &path)
        }));
    }
    for (host, registry) in &plan.images.registries {
        checks.push(one(plan, settings, &format!("password of {host}"), &registry.password));
    }
    checks
}

fn one(plan: &Plan, settings: &Settings, whose: &str, secret: &Secret) -> Check {
    match secret {
        Secret::Env(name) => match settings.secrets.get(secret, &plan.folder) {
            Ok(value) if value.is_empty() => Check::pass("secrets", whose, format!("the variable {name} is empty"))
                .fail(format!("set {name} before hopp is started")),
            Ok(_) => Check::pass("secrets", whose, format!("in the variable {name}")),
            Err(_) => Check::pass("secrets", whose, format!("the variable {name} is not set"))
                .fail(format!("set {name} before hopp is started")),
        },
        Secret::File(path) => file(whose, &settings.secrets.resolve(path, &plan.folder)),
    }
}

/// Looks at a file with a secret. It is opened, since rights alone do not tell whether this user may.
fn file(whose: &str, path: &Path) -> Check {
    let check = |message: String| Check::pass("secrets", whose, message);
    let shown = path.display();
    let opened = fs_err::File::open(path).and_then(|file| file.metadata());
    match opened {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            check(format!("there is no file {shown}")).fail("put it there, or correct the path in the plan")
        }
        Err(error) => check(error.to_string()).fail("let this user read it"),
        Ok(meta) if meta.is_dir() => check(format!("{shown} is a folder")).fail("correct the path in the plan"),
        Ok(meta) if meta.len() == 0 => check(format!("{shown} is empty")).fail("write the secret into it"),
        Ok(meta) if meta.permissions().mode() & OTHERS != 0 => {
            check(format!("others may read {shown}")).warn(format!("chmod 600 {shown}"))
        }
        Ok(_) => check(format!("in {shown}")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    #[test]
    fn a_missing_file_fails_and_one_that_others_may_read_is_a_warning() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        assert_eq!(file("token", &path).level, Level::Fail);
        fs_err::write(&path, "").unwrap();
        assert_eq!(file("token", &path).level, Level::Fail, "it is empty");
        fs_err::write(&path, "hemligt").unwrap();
        let with = |mode| {
            fs_err::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            file("token", &path)
        };
        assert_eq!(with(0o600).level, Level::Pass);
        let open = with(0o640);
        assert_eq!(open.level, Level::Warn);
        assert!(open.remedy.unwrap().starts_with("chmod 600 "));
        assert_eq!(
            file("token", folder.path()).level,
            Level::Fail,
            "a folder holds no secret"
        );
    }
}
