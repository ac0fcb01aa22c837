//! From our words for a container to Docker's. Pure.

use std::collections::HashMap;

use bollard::models::{
    ContainerCreateBody, HostConfig, HostConfigLogConfig, Mount as DockerMount, MountTmpfsOptions, MountType,
    MountVolumeOptions, PortBinding, RestartPolicy, RestartPolicyNameEnum,
};

use crate::container::{ContainerSpec, Labels, Mount, Network};

/// Returns the body of a request that creates this container.
pub(super) fn body(spec: &ContainerSpec) -> ContainerCreateBody {
    ContainerCreateBody {
        image: Some(spec.image.clone()),
        // An empty list would erase the image's own, so "nothing" must be absent.
        entrypoint: some_unless_empty(&spec.entrypoint),
        cmd: some_unless_empty(&spec.command),
        env: Some(spec.env.iter().map(|(name, value)| format!("{name}={value}")).collect()),
        user: spec.user.clone(),
        labels: Some(labels(&spec.labels)),
        exposed_ports: Some(spec.publish.iter().map(|port| tcp(port.container)).collect()),
        host_config: Some(host_config(spec)),
        ..ContainerCreateBody::default()
    }
}

/// Returns labels as Docker wants them.
pub(super) fn labels(labels: &Labels) -> HashMap<String, String> {
    labels
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Returns a port as Docker names it.
fn tcp(port: u16) -> String {
    format!("{port}/tcp")
}

fn some_unless_empty(words: &[String]) -> Option<Vec<String>> {
    (!words.is_empty()).then(|| words.to_vec())
}

fn host_config(spec: &ContainerSpec) -> HostConfig {
    let memory = spec.memory.map(saturate);
    HostConfig {
        network_mode: Some(
            match spec.network {
                Network::None => "none",
                Network::Bridge => "bridge",
                Network::Host => "host",
            }
            .into(),
        ),
        mounts: Some(
            spec.mounts
                .iter()
                .map(|mount| docker_mount(mount, &spec.labels))
                .collect(),
        ),
        port_bindings: Some(
            spec.publish
                .iter()
                .map(|port| {
                    let binding = PortBinding {
                        host_ip: Some("127.0.0.1".into()),
                        host_port: Some(port.host.to_string()),
                    };
                    (tcp(port.container), Some(vec![binding]))
                })
                .collect(),
        ),
        memory,
        // Memory and swap together: equal means no swap. An upgrade that swaps is one that never ends.
        memory_swap: memory,
        nano_cpus: spec.milli_cpus.map(|milli| saturate(milli.saturating_mul(1_000_000))),
        shm_size: spec.shm_size.map(saturate),
        restart_policy: spec.restart.then_some(RestartPolicy {
            name: Some(RestartPolicyNameEnum::UNLESS_STOPPED),
            maximum_retry_count: None,
        }),
        // Somebody must reap the orphans of a PostgreSQL or Odoo that is process 1, and pass signals on.
        init: Some(true),
        security_opt: Some(vec!["no-new-privileges".into()]),
        log_config: Some(log_config(spec.restart)),
        ..HostConfig::default()
    }
}

/// Says where the engine keeps a container's output.
///
/// The output of a step is evidence and `follow` must be able to read it from the beginning again, so it is not rotated,
/// which has to be said because the engine's own defaults would be merged in, and has to be said as a size because the
/// engine knows no word for "never". A container that the engine restarts for ever is an instance, is never followed
/// to its end, and must not fill the disk.
fn log_config(restarts: bool) -> HostConfigLogConfig {
    let (size, files) = if restarts { ("50m", "3") } else { ("1000t", "1") };
    HostConfigLogConfig {
        typ: Some("json-file".into()),
        config: Some(HashMap::from([
            ("max-size".into(), size.into()),
            ("max-file".into(), files.into()),
            ("compress".into(), "false".into()),
        ])),
    }
}

fn docker_mount(mount: &Mount, owner: &Labels) -> DockerMount {
    match mount {
        Mount::Volume {
            name,
            target,
            read_only,
        } => DockerMount {
            typ: Some(MountType::VOLUME),
            source: Some(name.clone()),
            target: Some(target.clone()),
            read_only: Some(*read_only),
            // The engine creates a volume that is not there; it must not escape `hopp clean`.
            volume_options: Some(MountVolumeOptions {
                labels: Some(labels(owner)),
                ..MountVolumeOptions::default()
            }),
            ..DockerMount::default()
        },
        Mount::Bind {
            source,
            target,
            read_only,
        } => DockerMount {
            typ: Some(MountType::BIND),
            source: Some(source.clone()),
            target: Some(target.clone()),
            read_only: Some(*read_only),
            ..DockerMount::default()
        },
        Mount::Tmpfs { target, size } => DockerMount {
            typ: Some(MountType::TMPFS),
            target: Some(target.clone()),
            tmpfs_options: Some(MountTmpfsOptions {
                size_bytes: Some(saturate(*size)),
                ..MountTmpfsOptions::default()
            }),
            ..DockerMount::default()
        },
    }
}

/// Docker counts in signed numbers; more than those hold is as good as the most they hold.
fn saturate(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::Publish;

    #[test]
    fn a_container_without_wishes_has_no_network_and_keeps_the_images_command() {
        let body = body(&ContainerSpec::new("n", "i"));
        assert_eq!((body.entrypoint, body.cmd, body.user), (None, None, None));
        let host = body.host_config.unwrap();
        assert_eq!(host.network_mode.as_deref(), Some("none"));
        assert_eq!(host.security_opt, Some(vec!["no-new-privileges".into()]));
        assert_eq!(host.memory, None);
    }

    #[test]
    fn a_published_port_is_bound_to_loopback_alone() {
        let mut spec = ContainerSpec::new("n", "i");
        spec.publish = vec![Publish {
            container: 8069,
            host: 0,
        }];
        let bindings = body(&spec).host_config.unwrap().port_bindings.unwrap();
        let addresses: Vec<_> = bindings["8069/tcp"]
            .iter()
            .flatten()
            .map(|binding| binding.host_ip.as_deref())
            .collect();
        assert_eq!(addresses, [Some("127.0.0.1")]);
    }

    #[test]
    fn a_memory_limit_leaves_no_swap() {
        let mut spec = ContainerSpec::new("n", "i");
        spec.memory = Some(64 << 20);
        spec.milli_cpus = Some(1500);
        let host = body(&spec).host_config.unwrap();
        assert_eq!((host.memory, host.memory_swap), (Some(64 << 20), Some(64 << 20)));
        assert_eq!(host.nano_cpus, Some(1_500_000_000));
    }
}
