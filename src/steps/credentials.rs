//! Logins that a plan names: of git remotes and image registries.

use crate::container::RegistryLogin;
use crate::spec::{NoSecret, Plan, Repository};
use crate::world::git::Credentials;

use super::Settings;

/// Returns what a repository's server may be told.
pub fn of_repository(plan: &Plan, repository: &Repository, settings: &Settings) -> Result<Credentials, NoSecret> {
    let Some(auth) = &repository.auth else {
        return Ok(Credentials::default());
    };
    let token = auth.token.as_ref();
    Ok(Credentials {
        username: auth.username.clone(),
        token: token
            .map(|secret| settings.secrets.get(secret, &plan.folder))
            .transpose()?,
        ssh_key: auth
            .ssh_key
            .as_ref()
            .map(|path| settings.secrets.resolve(path, &plan.folder)),
    })
}

/// Returns the login for an image's registry, when the plan has one.
pub(super) fn of_image(plan: &Plan, name: &str, settings: &Settings) -> Result<Option<RegistryLogin>, NoSecret> {
    let host = match name.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host,
        _ => "docker.io",
    };
    let Some(registry) = plan.images.registries.get(host) else {
        return Ok(None);
    };
    Ok(Some(RegistryLogin {
        username: registry.username.clone(),
        password: settings.secrets.get(&registry.password, &plan.folder)?,
    }))
}
