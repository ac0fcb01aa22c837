//! Reaching an engine.

use std::path::Path;
use std::time::Duration;

use bollard::errors::Error;
use bollard::{API_DEFAULT_VERSION, BollardRequest};

use super::{Docker, DockerSettings, errors};
use crate::container::EngineInfo;
use crate::runtime::{RuntimeError, RuntimeErrorKind};

/// Where an engine is when nothing says otherwise.
const DEFAULT_ADDRESS: &str = "unix:///var/run/docker.sock";
/// Seconds until an answer must have begun.
const QUICK: u64 = 120;
/// Seconds until the answer to something long must have begun: a week, which is never.
const PATIENT: Duration = Duration::from_hours(7 * 24);
const CONNECT: &str = "connect to the container engine";

/// The ways to reach an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Transport {
    Unix,
    Tcp,
    Tls,
    Ssh,
}

impl Docker {
    /// Prepares to talk to an engine, without talking to it: [`super::Runtime::engine`] does.
    ///
    /// Fails with `Unreachable` when the socket or a certificate file is not there, with `Other` when the address is not
    /// one.
    pub fn connect(settings: DockerSettings) -> Result<Docker, RuntimeError> {
        let DockerSettings {
            host,
            cert_path,
            tls_verify,
        } = settings;
        let named = host.as_deref().map(str::trim).filter(|host| !host.is_empty());
        let address = named.unwrap_or(DEFAULT_ADDRESS);
        let transport = transport(address, cert_path.is_some(), tls_verify)?;
        let client = match transport {
            Transport::Unix => bollard::Docker::connect_with_unix(address, QUICK, API_DEFAULT_VERSION),
            Transport::Tcp => bollard::Docker::connect_with_http(address, QUICK, API_DEFAULT_VERSION),
            Transport::Ssh => bollard::Docker::connect_with_ssh(address, QUICK, API_DEFAULT_VERSION, None),
            Transport::Tls => {
                let folder = cert_path.as_deref().unwrap_or(Path::new(""));
                with_certificates(address, folder)?
            }
        }
        .map_err(|error| errors::failed(CONNECT, address, &error))?
        .with_request_modifier(with_readable_login);
        Ok(Docker {
            patient: client.clone().with_timeout(PATIENT),
            quick: client,
            address: address.into(),
            local: transport == Transport::Unix,
        })
    }

    /// Returns what turns bollard's error about `action` into ours.
    pub(super) fn failed(&self, action: impl Into<String>) -> impl FnOnce(Error) -> RuntimeError {
        let action = action.into();
        move |error| errors::failed(action, &self.address, &error)
    }
}

/// Decides from the address how an engine is reached.
fn transport(address: &str, certificates: bool, tls_verify: bool) -> Result<Transport, RuntimeError> {
    let refuse = |message: String| RuntimeError::new(CONNECT, RuntimeErrorKind::Other, message);
    match address.split_once("://") {
        Some((_, "")) => Err(refuse(format!("`{address}` names no place"))),
        Some(("unix", _)) => Ok(Transport::Unix),
        Some(("ssh", _)) => Ok(Transport::Ssh),
        Some(("tcp" | "http" | "https", _)) if certificates => Ok(Transport::Tls),
        Some(("tcp" | "http", _)) if !tls_verify => Ok(Transport::Tcp),
        Some(("tcp" | "http" | "https", _)) => Err(refuse(format!(
            "{address} is to be reached with TLS, but no folder with ca.pem, cert.pem and key.pem is named; \
             set DOCKER_CERT_PATH"
        ))),
        _ => Err(refuse(format!(
            "`{address}` is not an address of an engine; expected unix://PATH, tcp://HOST:PORT or ssh://USER@HOST"
        ))),
    }
}

/// Connects with TLS, after a look at the files, because bollard would go on without a certificate it cannot read.
fn with_certificates(address: &str, folder: &Path) -> Result<Result<bollard::Docker, Error>, RuntimeError> {
    let [key, cert, ca] = ["key.pem", "cert.pem", "ca.pem"].map(|name| folder.join(name));
    for file in [&key, &cert, &ca] {
        fs_err::File::open(file)
            .map_err(|error| RuntimeError::new(CONNECT, RuntimeErrorKind::Unreachable, error.to_string()))?;
    }
    Ok(bollard::Docker::connect_with_ssl(
        address,
        &key,
        &cert,
        &ca,
        QUICK,
        API_DEFAULT_VERSION,
    ))
}

/// Makes the login of a request readable for the engine.
///
/// The engine wants base64 in the alphabet for addresses and silently pulls without a login when it gets the other one,
/// which is what bollard 0.21 sends. They differ for passwords with `~`, `?`, `>` or letters beyond ASCII.
fn with_readable_login(mut request: BollardRequest) -> BollardRequest {
    if let Some(login) = request.headers_mut().get_mut("x-registry-auth")
        && let Ok(text) = login.to_str()
        && let Ok(readable) = text.replace('+', "-").replace('/', "_").parse()
    {
        *login = readable;
    }
    request
}

/// Asks the engine who it is.
pub(super) async fn engine(docker: &Docker) -> Result<EngineInfo, RuntimeError> {
    let action = "ask the container engine who it is";
    let version = docker.quick.version().await.map_err(docker.failed(action))?;
    let info = docker.quick.info().await.map_err(docker.failed(action))?;
    Ok(EngineInfo {
        version: version.version.unwrap_or_default(),
        api: version.api_version.unwrap_or_default(),
        address: docker.address.clone(),
        local: docker.local,
        cpus: info.ncpu.and_then(|n| n.try_into().ok()).unwrap_or_default(),
        memory: info.mem_total.and_then(|n| n.try_into().ok()).unwrap_or_default(),
        storage: info.driver.unwrap_or_default(),
        cgroups: info
            .cgroup_version
            .map(|version| version.to_string())
            .filter(|version| !version.is_empty()),
        limits_memory: info.memory_limit.unwrap_or_default(),
        limits_cpus: info.cpu_cfs_quota.unwrap_or_default(),
        data_root: info.docker_root_dir.unwrap_or_default(),
        now: info.system_time.and_then(|time| time.parse().ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reached_by(host: &str, certificates: bool, tls_verify: bool) -> Result<Transport, String> {
        transport(host, certificates, tls_verify).map_err(|error| error.to_string())
    }

    #[test]
    fn the_scheme_and_the_certificates_decide_how_an_engine_is_reached() {
        assert_eq!(reached_by("unix:///run/d.sock", false, false), Ok(Transport::Unix));
        assert_eq!(reached_by("tcp://host:2375", false, false), Ok(Transport::Tcp));
        assert_eq!(reached_by("tcp://host:2376", true, true), Ok(Transport::Tls));
        assert_eq!(reached_by("tcp://host:2376", true, false), Ok(Transport::Tls));
        assert_eq!(reached_by("ssh://me@host", false, true), Ok(Transport::Ssh));
    }

    #[test]
    fn what_is_no_address_is_refused_with_the_forms_that_are() {
        let refusal = reached_by("host:2375", false, false).unwrap_err();
        assert!(
            refusal.contains("`host:2375`") && refusal.contains("ssh://USER@HOST"),
            "{refusal}"
        );
        assert!(
            reached_by("unix://", false, false)
                .unwrap_err()
                .contains("names no place")
        );
        assert!(reached_by("npipe:////./pipe/x", false, false).is_err());
    }

    #[test]
    fn tls_without_certificates_is_refused_and_never_downgraded() {
        assert!(
            reached_by("tcp://host:2376", false, true)
                .unwrap_err()
                .contains("DOCKER_CERT_PATH")
        );
        assert!(reached_by("https://host:2376", false, false).is_err());
    }

    #[test]
    fn a_missing_certificate_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let settings = DockerSettings {
            host: Some("tcp://127.0.0.1:1".into()),
            cert_path: Some(folder.path().into()),
            tls_verify: true,
        };
        let error = Docker::connect(settings).err().unwrap();
        assert_eq!(error.kind, RuntimeErrorKind::Unreachable);
        assert!(error.message.contains("key.pem"), "{error}");
    }

    #[test]
    fn a_socket_that_is_not_there_is_named_with_the_remedy() {
        let settings = DockerSettings {
            host: Some("unix:///nowhere/docker.sock".into()),
            ..DockerSettings::default()
        };
        let error = Docker::connect(settings).err().unwrap();
        assert_eq!(error.kind, RuntimeErrorKind::Unreachable);
        assert!(error.message.contains("unix:///nowhere/docker.sock"), "{error}");
        assert!(error.message.contains("start Docker"), "{error}");
    }

    #[tokio::test]
    async fn an_engine_that_refuses_connections_is_unreachable() {
        // The port of a listener that is gone again: nobody answers there.
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let settings = DockerSettings {
            host: Some(format!("tcp://127.0.0.1:{port}")),
            ..DockerSettings::default()
        };
        let error = engine(&Docker::connect(settings).unwrap()).await.unwrap_err();
        assert_eq!(error.kind, RuntimeErrorKind::Unreachable);
        assert!(error.message.contains(&port.to_string()), "{error}");
    }
}
