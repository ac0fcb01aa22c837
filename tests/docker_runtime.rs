//! Docker itself. These tests need an engine with the image `postgres:15`, and fail without.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hopp::container::{Exec, LABEL_RUN, LABEL_STATE, Network, Publish, Stream};
use hopp::runtime::docker::{Docker, DockerSettings};
use hopp::runtime::{Runtime, RuntimeErrorKind};
use tokio_util::sync::CancellationToken;

use crate::runtime_contract::{Lab, contract, in_lab};

const IMAGE: &str = "postgres:15";

/// Connects as a user would, and fails clearly where there is no engine or no image.
#[expect(clippy::disallowed_methods, reason = "a test is its own front door")]
async fn docker() -> Docker {
    let settings = DockerSettings {
        host: std::env::var("DOCKER_HOST").ok(),
        cert_path: std::env::var_os("DOCKER_CERT_PATH").map(Into::into),
        tls_verify: std::env::var_os("DOCKER_TLS_VERIFY").is_some(),
    };
    let docker = Docker::connect(settings).expect("these tests need a Docker engine");
    let image = docker
        .image(IMAGE)
        .await
        .expect("these tests need a running Docker engine");
    assert!(image.is_some(), "these tests need the image {IMAGE}: run `make images`");
    docker
}

#[tokio::test]
async fn docker_keeps_the_contract() {
    contract(&docker().await, IMAGE).await;
}

#[tokio::test]
async fn docker_says_who_it_is() {
    let docker = docker().await;
    let engine = docker.engine().await.unwrap();
    assert!(
        engine.version.contains('.') && engine.api.starts_with("1."),
        "{engine:?}"
    );
    assert!(engine.cpus > 0 && engine.memory > 1 << 20, "{engine:?}");
    assert!(
        !engine.storage.is_empty() && engine.data_root.starts_with('/'),
        "{engine:?}"
    );
    let apart = engine.now.unwrap().duration_since(jiff::Timestamp::now());
    assert!(
        !engine.local || apart.as_secs().abs() < 600,
        "one machine has one clock: {engine:?}"
    );
}

#[tokio::test]
async fn a_container_that_was_made_for_a_killed_run_gives_way_and_no_other_does() {
    in_lab(&docker().await, IMAGE, async |lab: &Lab<'_>| {
        let of_run = |run: &str| {
            let mut spec = lab.script("late", "sleep 1000");
            spec.labels.insert(LABEL_STATE.into(), lab.name("state"));
            spec.labels.insert(LABEL_RUN.into(), run.into());
            spec
        };
        let late = lab.runtime.create(&of_run("killed")).await.unwrap();
        let next = lab.runtime.create(&of_run("next")).await.unwrap();
        assert_ne!(late, next);
        assert_eq!(lab.runtime.state(&late.0).await.unwrap(), None);
        let refused = async |spec: &_| lab.runtime.create(spec).await.unwrap_err().kind;
        assert_eq!(
            refused(&of_run("next")).await,
            RuntimeErrorKind::Conflict,
            "of the same run"
        );
        assert_eq!(
            refused(&lab.script("late", "true")).await,
            RuntimeErrorKind::Conflict,
            "of somebody else"
        );
        lab.runtime.start(&next).await.unwrap();
        assert_eq!(
            refused(&of_run("later")).await,
            RuntimeErrorKind::Conflict,
            "one that runs"
        );
    })
    .await;
}

#[tokio::test]
async fn docker_streams_more_output_and_input_than_fits_in_any_buffer() {
    in_lab(&docker().await, IMAGE, async |lab: &Lab<'_>| {
        let id = lab.service("streams").await;
        let mut seen = 0_u64;
        let mut largest = 0;
        let big = Exec::new(["head", "-c", "50000000", "/dev/zero"]);
        let count = &mut |_, bytes: &[u8]| {
            seen += bytes.len() as u64;
            largest = largest.max(bytes.len());
        };
        let exit = lab
            .runtime
            .exec(&id, &big, count, &CancellationToken::new())
            .await
            .unwrap();
        assert!(exit.success());
        assert_eq!(seen, 50_000_000);
        assert!(largest <= 1 << 20, "it comes in pieces, not {largest} bytes at once");

        let echo = Exec::new(["cat"]).stdin(vec![b'x'; 8_000_000]);
        assert_eq!(lab.exec(&id, &echo).await.1.out.len(), 8_000_000);
        // A command that ends without having read its input.
        let rude = Exec::new(["true"]).stdin(vec![b'x'; 8_000_000]);
        assert!(lab.exec(&id, &rude).await.0.success());
    })
    .await;
}

#[tokio::test]
async fn docker_reports_a_container_that_ran_out_of_memory() {
    in_lab(&docker().await, IMAGE, async |lab: &Lab<'_>| {
        let mut spec = lab.script("hungry", "head -c 300m /dev/zero | tail -c 300m > /dev/null");
        spec.memory = Some(64 << 20);
        let id = lab.run(&spec).await;
        let (exit, _) = lab.follow(&id).await;
        assert_eq!((exit.code, exit.out_of_memory), (137, true));
    })
    .await;
}

#[tokio::test]
async fn docker_notices_a_container_that_ends_under_a_command() {
    in_lab(&docker().await, IMAGE, async |lab: &Lab<'_>| {
        let id = lab.run(&lab.script("short", "sleep 1")).await;
        let token = CancellationToken::new();
        let long = Exec::new(["sleep", "1000"]);
        let mut quiet = |_, _: &[u8]| {};
        let end = lab.runtime.exec(&id, &long, &mut quiet, &token);
        let end = tokio::time::timeout(Duration::from_secs(20), end)
            .await
            .expect("it ends with its container");
        match end {
            Ok(exit) => assert_eq!(exit.code, 137),
            Err(error) => assert!(error.message.contains("the container stopped"), "{error}"),
        }
    })
    .await;
}

#[tokio::test]
async fn docker_gives_a_container_without_network_the_loopback_alone() {
    in_lab(&docker().await, IMAGE, async |lab: &Lab<'_>| {
        let id = lab.run(&lab.script("alone", "ls /sys/class/net")).await;
        let (exit, printed) = lab.follow(&id).await;
        assert!(exit.success());
        assert_eq!(printed.out(), "lo\n");
    })
    .await;
}

#[tokio::test]
async fn docker_publishes_on_the_loopback_alone() {
    const SERVER: &str = r#"perl -MIO::Socket::INET -e '
        my $s = IO::Socket::INET->new(LocalPort => 8069, Listen => 5, ReuseAddr => 1) or die $!;
        while (my $c = $s->accept) { print $c "hello\n"; close $c; }'"#;
    in_lab(&docker().await, IMAGE, async |lab: &Lab<'_>| {
        let mut spec = lab.script("server", SERVER);
        spec.network = Network::Bridge;
        spec.publish = vec![Publish {
            container: 8069,
            host: 0,
        }];
        let id = lab.run(&spec).await;
        let state = lab.runtime.state(&id.0).await.unwrap().unwrap();
        let [(8069, port)] = state.ports[..] else {
            panic!("one published port: {state:?}")
        };
        assert_ne!(port, 0, "the engine's choice is told");
        let mut greeting = String::new();
        for _ in 0..50 {
            // The engine's proxy listens at once, the server behind it a moment later.
            greeting = greet(([127, 0, 0, 1], port)).unwrap_or_default();
            if !greeting.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(greeting, "hello\n");
        for outside in outside_addresses() {
            assert!(
                greet((outside, port)).is_err(),
                "{outside:?}:{port} answers from outside"
            );
        }
    })
    .await;
}

fn greet(address: impl Into<SocketAddr>) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address.into(), Duration::from_secs(2))?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Ok(text)
}

/// Returns this machine's addresses that are not loopback, from the kernel's own table.
pub(crate) fn outside_addresses() -> BTreeSet<[u8; 4]> {
    let table = std::fs::read_to_string("/proc/net/fib_trie").unwrap();
    let mut address = None;
    let mut found = BTreeSet::new();
    for line in table.lines() {
        if let Some(text) = line.trim().strip_prefix("|-- ") {
            address = text.parse::<std::net::Ipv4Addr>().ok();
        } else if line.contains("/32 host LOCAL") {
            found.extend(
                address
                    .filter(|address| !address.is_loopback())
                    .map(|address| address.octets()),
            );
        }
    }
    assert!(
        !found.is_empty(),
        "a machine with Docker has at least the bridge's address"
    );
    found
}

#[tokio::test]
async fn docker_keeps_no_label_of_a_container_and_all_of_an_image_in_a_committed_image() {
    in_lab(&docker().await, IMAGE, async |lab: &Lab<'_>| {
        let builder = lab.service("builder").await;
        let mut install = Exec::new(["sh", "-c", "echo $TOKEN | wc -c > /opt/installed"]);
        install.env.push(("TOKEN".into(), "s3cret".into()));
        assert!(lab.exec(&builder, &install).await.0.success());
        let like = lab.runtime.image(IMAGE).await.unwrap().unwrap();
        let tag = format!("{}:1", lab.name("image"));
        lab.runtime.commit(&builder, &tag, &like, &lab.labels).await.unwrap();
        let mut spec = lab.script("from-it", "env; cat /opt/installed; pwd");
        spec.image = tag;
        let from_it = lab.run(&spec).await;
        let mut spec = lab.script("from-like", "env; echo 7; pwd");
        spec.image = IMAGE.into();
        let from_like = lab.run(&spec).await;
        let mut lines = Vec::new();
        for id in [from_it, from_like] {
            let (exit, printed) = lab.follow(&id).await;
            assert!(exit.success());
            let text: Vec<_> = printed
                .out()
                .lines()
                .filter(|line| !line.starts_with("HOSTNAME="))
                .map(String::from)
                .collect();
            lines.push(text);
        }
        assert_eq!(
            lines[0], lines[1],
            "the same environment and folder, and nothing of the build's"
        );
    })
    .await;
}

#[tokio::test]
async fn docker_builds_and_explains_what_failed() {
    in_lab(&docker().await, IMAGE, async |lab: &Lab<'_>| {
        let folder = tempfile::tempdir().unwrap();
        let write = |text: String| std::fs::write(folder.path().join("Dockerfile"), text).unwrap();
        let tag = format!("{}:1", lab.name("built"));
        let build = async |output: &mut String| {
            let args = [("GREETING".to_owned(), "hej".to_owned())];
            let take = &mut |_, bytes: &[u8]| output.push_str(&String::from_utf8_lossy(bytes));
            lab.runtime.build(folder.path(), &tag, &lab.labels, &args, take).await
        };
        let error = build(&mut String::new()).await.unwrap_err();
        assert!(error.message.contains("no Dockerfile"), "{error}");

        write(format!(
            "FROM {IMAGE}\nARG GREETING\nCOPY a.txt /opt/\nRUN echo $GREETING > /opt/b.txt\n"
        ));
        std::fs::write(folder.path().join("a.txt"), "a").unwrap();
        let mut output = String::new();
        let image = build(&mut output).await.unwrap();
        assert!(
            lab.labels
                .iter()
                .all(|(name, value)| image.labels.get(name) == Some(value)),
            "{image:?}"
        );
        assert!(output.contains("Step 1/"), "{output}");
        let mut spec = lab.script("looks", "cat /opt/a.txt /opt/b.txt");
        spec.image = tag.clone();
        let id = lab.run(&spec).await;
        assert_eq!(lab.follow(&id).await.1.out(), "ahej\n");

        write(format!("FROM {IMAGE}\nRUN echo the cause >&2; exit 3\n"));
        let error = build(&mut String::new()).await.unwrap_err();
        assert!(
            error.message.contains("code: 3") && error.message.contains("\n    the cause"),
            "{error}"
        );
        write("FROM hopp-no-such-image:1\n".into());
        let error = build(&mut String::new()).await.unwrap_err();
        assert!(error.message.contains("hopp-no-such-image"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn docker_cannot_pull_what_is_not_there() {
    let error = docker()
        .await
        .pull("localhost:1/hopp-nothing:1", None, &|_| {})
        .await
        .unwrap_err();
    assert_eq!(
        error.kind,
        RuntimeErrorKind::Network,
        "nobody is asked, so nobody says it does not exist: {error}"
    );
    assert!(error.to_string().contains("localhost:1/hopp-nothing:1"), "{error}");
}

/// A way to the engine over TCP that breaks: the first `cuts` connections that carry 40 000 bytes back are cut there.
fn breaking_proxy(socket: String, cuts: usize) -> (u16, Arc<AtomicUsize>) {
    const PATIENCE: u64 = 40_000;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let left = Arc::new(AtomicUsize::new(cuts));
    let counter = Arc::clone(&left);
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let mut engine = UnixStream::connect(&socket).unwrap();
            let (mut from_client, mut to_engine) = (client.try_clone().unwrap(), engine.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut from_client, &mut to_engine));
            let left = Arc::clone(&counter);
            std::thread::spawn(move || {
                let begun = std::io::copy(&mut (&mut engine).take(PATIENCE), &mut client);
                let cut = begun.is_ok_and(|bytes| bytes == PATIENCE)
                    && left
                        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
                        .is_ok();
                if !cut {
                    std::io::copy(&mut engine, &mut client).ok();
                }
                client.shutdown(Shutdown::Both).ok();
                engine.shutdown(Shutdown::Both).ok();
            });
        }
    });
    (port, left)
}

#[tokio::test]
async fn docker_follows_a_container_over_a_connection_that_breaks() {
    const LINES: usize = 3000;
    in_lab(&docker().await, IMAGE, async |lab: &Lab<'_>| {
        let address = lab.runtime.engine().await.unwrap().address;
        let socket = address.strip_prefix("unix://").expect("this test needs a local socket");
        // Slow enough that the container still runs when the connection breaks for the first time.
        let script = format!(
            "i=0; while [ $i -lt {LINES} ]; do i=$((i+1)); echo line $i; echo warning $i >&2; \
             [ $((i % 1000)) = 0 ] && sleep 1; done; exit 5"
        );
        let id = lab.run(&lab.script("chatty", &script)).await;
        let (port, cuts_left) = breaking_proxy(socket.into(), 3);
        let settings = DockerSettings {
            host: Some(format!("tcp://127.0.0.1:{port}")),
            ..DockerSettings::default()
        };
        let broken = Docker::connect(settings).unwrap();
        let (mut out, mut err) = (String::new(), String::new());
        let mut take = |stream, bytes: &[u8]| {
            let to = if stream == Stream::Out { &mut out } else { &mut err };
            to.push_str(&String::from_utf8_lossy(bytes));
        };
        let exit = broken.follow(&id, &mut take, &CancellationToken::new()).await.unwrap();
        assert_eq!(exit.code, 5);
        assert_eq!(
            cuts_left.load(Ordering::Relaxed),
            0,
            "the connection did break three times"
        );
        let numbered = |word: &str| -> Vec<String> { (1..=LINES).map(|n| format!("{word} {n}")).collect() };
        assert!(out.lines().eq(numbered("line")), "every line once and in order");
        assert!(err.lines().eq(numbered("warning")), "every warning once and in order");
    })
    .await;
}
