//! What every `Runtime` promises: run against the scripted engine here, against Docker in `docker_runtime.rs`.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use hopp::container::{
    ContainerId, ContainerSpec, Exec, Exit, LABEL_CUSTOMER, LABEL_ROLE, LABEL_RUN, Labels, Mount, Publish,
    RegistryLogin, ResourceKind, Stream,
};
use hopp::runtime::fake::{Fake, Rule};
use hopp::runtime::hygiene::sweep;
use hopp::runtime::{Runtime, RuntimeErrorKind};
use tokio_util::sync::CancellationToken;

/// An engine, an image with a shell, and names that no other test uses.
pub(crate) struct Lab<'a> {
    pub(crate) runtime: &'a dyn Runtime,
    pub(crate) image: &'a str,
    pub(crate) labels: Labels,
    prefix: String,
}

/// Runs a test and removes what it left on the engine, however it ended.
pub(crate) async fn in_lab(runtime: &dyn Runtime, image: &str, test: impl AsyncFnOnce(&Lab<'_>)) {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let prefix = format!("test-{}-{number}", std::process::id());
    let lab = Lab {
        runtime,
        image,
        labels: Labels::from([(LABEL_CUSTOMER.into(), prefix.clone())]),
        prefix,
    };
    let outcome = AssertUnwindSafe(test(&lab)).catch_unwind().await;
    let swept = sweep(runtime, &lab.labels).await;
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
    swept.expect("everything the test made can be removed");
    assert_eq!(runtime.list(&lab.labels).await.unwrap(), [], "nothing is left");
}

impl Lab<'_> {
    /// Returns a name that no other test uses.
    pub(crate) fn name(&self, part: &str) -> String {
        format!("{}-{part}", self.prefix)
    }

    /// Returns the spec of a container that runs a shell script.
    pub(crate) fn script(&self, part: &str, script: &str) -> ContainerSpec {
        let mut spec = ContainerSpec::new(self.name(part), self.image);
        spec.entrypoint = vec!["sh".into(), "-c".into()];
        spec.command = vec![script.into()];
        spec.labels = self.labels.clone();
        spec
    }

    /// Creates and starts a container.
    pub(crate) async fn run(&self, spec: &ContainerSpec) -> ContainerId {
        let id = self.runtime.create(spec).await.unwrap();
        self.runtime.start(&id).await.unwrap();
        id
    }

    /// Starts a container that runs until it is stopped.
    pub(crate) async fn service(&self, part: &str) -> ContainerId {
        self.run(&self.script(part, "sleep 1000")).await
    }

    /// Follows a container to its end and returns its exit and output.
    pub(crate) async fn follow(&self, id: &ContainerId) -> (Exit, Printed) {
        let mut printed = Printed::default();
        let mut take = |stream, bytes: &[u8]| printed.take(stream, bytes);
        let exit = self
            .runtime
            .follow(id, &mut take, &CancellationToken::new())
            .await
            .unwrap();
        (exit, printed)
    }

    /// Runs a command and returns its exit and output.
    pub(crate) async fn exec(&self, id: &ContainerId, exec: &Exec) -> (Exit, Printed) {
        let mut printed = Printed::default();
        let mut take = |stream, bytes: &[u8]| printed.take(stream, bytes);
        let exit = self
            .runtime
            .exec(id, exec, &mut take, &CancellationToken::new())
            .await
            .unwrap();
        (exit, printed)
    }
}

/// What a process printed.
#[derive(Default)]
pub(crate) struct Printed {
    pub(crate) out: Vec<u8>,
    pub(crate) err: Vec<u8>,
    both: Vec<u8>,
}

impl Printed {
    fn take(&mut self, stream: Stream, bytes: &[u8]) {
        self.both.extend(bytes);
        match stream {
            Stream::Out => self.out.extend(bytes),
            Stream::Err => self.err.extend(bytes),
        }
    }

    pub(crate) fn out(&self) -> &str {
        std::str::from_utf8(&self.out).unwrap()
    }
}

fn code(code: i64) -> Exit {
    Exit {
        code,
        out_of_memory: false,
    }
}

/// Everything a `Runtime` promises. The scripted engine needs [`rules`] for it.
pub(crate) async fn contract(runtime: &dyn Runtime, image: &str) {
    in_lab(runtime, image, output_and_exit_of_a_container).await;
    in_lab(runtime, image, output_and_exit_of_a_command).await;
    in_lab(runtime, image, kinds_of_no).await;
    in_lab(runtime, image, cancelling).await;
    in_lab(runtime, image, files_round_trip).await;
    in_lab(runtime, image, volumes_outlive_containers).await;
    in_lab(runtime, image, listing_and_deleting).await;
    in_lab(runtime, image, committing).await;
}

/// The rules by which the scripted engine plays the scripts of the contract.
pub(crate) fn rules(fake: &Fake) {
    fake.rule(
        Rule::when("echo one")
            .prints("one")
            .complains("two")
            .prints("three")
            .exits(3)
            .takes_ms(10),
    );
    fake.rule(Rule::when("sleep 1000").serves());
    fake.rule(Rule::when("exit 7").exits(7));
    fake.rule(Rule::when("cat").does(|scene| {
        let stdin = scene.stdin.clone();
        scene.print(stdin);
        0
    }));
    fake.rule(Rule::when("echo $GREETING").does(|scene| {
        let line = format!("{}\n", scene.env.get("GREETING").cloned().unwrap_or_default());
        scene.print(line);
        0
    }));
}

async fn output_and_exit_of_a_container(lab: &Lab<'_>) {
    let script = "echo one; sleep 0.3; echo two >&2; sleep 0.3; echo three; exit 3";
    let spec = lab.script("talks", script);
    let id = lab.runtime.create(&spec).await.unwrap();
    let created = lab.runtime.state(&spec.name).await.unwrap().unwrap();
    assert_eq!((&created.id, created.running, created.exit), (&id, false, None));
    assert_eq!(created.labels[LABEL_CUSTOMER], lab.labels[LABEL_CUSTOMER]);

    lab.runtime.start(&id).await.unwrap();
    let (exit, printed) = lab.follow(&id).await;
    assert_eq!(exit, code(3));
    assert_eq!(printed.out(), "one\nthree\n");
    assert_eq!(printed.err, b"two\n");
    assert_eq!(printed.both, b"one\ntwo\nthree\n");
    let ended = lab.runtime.state(&id.0).await.unwrap().unwrap();
    assert_eq!((ended.running, ended.exit), (false, Some(code(3))));
    let (again, same) = lab.follow(&id).await;
    assert_eq!(
        (again, same.out),
        (exit, printed.out),
        "the output can be read again after the end"
    );
}

async fn output_and_exit_of_a_command(lab: &Lab<'_>) {
    let id = lab.service("service").await;
    let (exit, printed) = lab.exec(&id, &Exec::new(["sh", "-c", "exit 7"])).await;
    assert_eq!((exit, printed.both.as_slice()), (code(7), b"".as_slice()));

    let (exit, printed) = lab.exec(&id, &Exec::new(["cat"]).stdin("öppna\n")).await;
    assert_eq!((exit, printed.out()), (code(0), "öppna\n"));

    let mut greeting = Exec::new(["sh", "-c", "echo $GREETING"]);
    greeting.env.push(("GREETING".into(), "hej då".into()));
    assert_eq!(lab.exec(&id, &greeting).await.1.out(), "hej då\n");

    let (exit, _) = lab.exec(&id, &Exec::new(["no-such-program"])).await;
    assert!(!exit.success(), "a program that is not there has no success");
}

async fn kinds_of_no(lab: &Lab<'_>) {
    let runtime = lab.runtime;
    let nobody = ContainerId(lab.name("nobody"));
    assert!(runtime.state(&nobody.0).await.unwrap().is_none());
    assert_eq!(
        runtime.start(&nobody).await.unwrap_err().kind,
        RuntimeErrorKind::NotFound
    );
    runtime
        .remove(&nobody)
        .await
        .expect("removing what is gone is no error");

    assert_eq!(runtime.image("hopp-no-such-image:1").await.unwrap(), None);
    let unknown = ContainerSpec::new(lab.name("x"), "hopp-no-such-image:1");
    let error = runtime.create(&unknown).await.unwrap_err();
    assert_eq!(error.kind, RuntimeErrorKind::NotFound);
    assert!(error.to_string().contains("hopp-no-such-image:1"), "{error}");

    let spec = lab.script("taken", "sleep 1000");
    let id = runtime.create(&spec).await.unwrap();
    assert_eq!(
        runtime.create(&spec).await.unwrap_err().kind,
        RuntimeErrorKind::Conflict
    );
    let quiet = &mut |_: Stream, _: &[u8]| {};
    let token = CancellationToken::new();
    let error = runtime.follow(&id, quiet, &token).await.unwrap_err();
    assert_eq!(error.kind, RuntimeErrorKind::Conflict, "never started: {error}");
    let error = runtime.exec(&id, &Exec::new(["cat"]), quiet, &token).await.unwrap_err();
    assert_eq!(error.kind, RuntimeErrorKind::Conflict, "not running: {error}");

    let error = runtime
        .upload(&id, "/no/such/folder", Box::new(|_| Ok(())))
        .await
        .unwrap_err();
    assert_eq!(error.kind, RuntimeErrorKind::NotFound, "{error}");
    assert!(error.message.contains("/no/such/folder"), "{error}");
    let error = runtime
        .download(&id, "/no/such/file", Box::new(|_| Ok(())))
        .await
        .unwrap_err();
    assert_eq!(error.kind, RuntimeErrorKind::NotFound, "{error}");
    let own_failure = |_: &mut tar::Builder<&mut dyn std::io::Write>| Err(std::io::Error::other("my own"));
    let error = runtime.upload(&id, "/tmp", Box::new(own_failure)).await.unwrap_err();
    assert!(error.message.contains("my own"), "{error}");

    let mut deaf = lab.script("deaf", "sleep 1000");
    deaf.publish = vec![Publish { container: 80, host: 0 }];
    assert_eq!(runtime.create(&deaf).await.unwrap_err().kind, RuntimeErrorKind::Other);
}

async fn cancelling(lab: &Lab<'_>) {
    let id = lab.service("waits").await;
    let quiet = &mut |_: Stream, _: &[u8]| {};
    let soon = || {
        let token = CancellationToken::new();
        let later = token.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(300)).await;
            later.cancel();
        });
        token
    };
    let began = Instant::now();
    let error = lab.runtime.follow(&id, quiet, &soon()).await.unwrap_err();
    assert_eq!(error.kind, RuntimeErrorKind::Cancelled);
    let sleep = Exec::new(["sleep", "1000"]);
    let error = lab.runtime.exec(&id, &sleep, quiet, &soon()).await.unwrap_err();
    assert_eq!(error.kind, RuntimeErrorKind::Cancelled);
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "it took {:?}",
        began.elapsed()
    );
    assert!(
        lab.runtime.state(&id.0).await.unwrap().unwrap().running,
        "a cancel stops nothing"
    );

    lab.runtime.stop(&id, 1).await.unwrap();
    lab.runtime
        .stop(&id, 1)
        .await
        .expect("stopping what does not run is no error");
    let (exit, _) = lab.follow(&id).await;
    assert!(!exit.success(), "a stopped container did not end by itself");
}

async fn files_round_trip(lab: &Lab<'_>) {
    let id = lab.runtime.create(&lab.script("files", "sleep 1000")).await.unwrap();
    let big: Vec<u8> = (0..20_000_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let long = "x".repeat(180);
    let files: BTreeMap<String, Vec<u8>> = [
        ("big.bin", big),
        ("räksmörgås och mellanslag.txt", b"1".to_vec()),
        ("-rf", b"2".to_vec()),
        ("quote'\"$(x)`y`\\", b"3".to_vec()),
        ("empty", Vec::new()),
        (long.as_str(), b"4".to_vec()),
    ]
    .map(|(name, content)| (format!("data/{name}"), content))
    .into();
    let sent = files.clone();
    let write = move |tar: &mut tar::Builder<&mut dyn std::io::Write>| {
        for (name, content) in &sent {
            let mut header = tar::Header::new_gnu();
            header.set_mode(0o600);
            header.set_size(content.len() as u64);
            tar.append_data(&mut header, name, content.as_slice())?;
        }
        Ok(())
    };
    lab.runtime.upload(&id, "/tmp", Box::new(write)).await.unwrap();
    assert_eq!(download(lab, &id, "/tmp/data").await, files);
    let one = download(lab, &id, "/tmp/data/-rf").await;
    assert_eq!(
        one,
        BTreeMap::from([("-rf".into(), b"2".to_vec())]),
        "named from the last part on"
    );
}

/// Returns every file of a download.
pub(crate) async fn download(lab: &Lab<'_>, id: &ContainerId, path: &str) -> BTreeMap<String, Vec<u8>> {
    let received = Arc::new(Mutex::new(BTreeMap::new()));
    let into = Arc::clone(&received);
    let read = move |archive: &mut dyn std::io::Read| {
        for entry in tar::Archive::new(archive).entries()? {
            let mut entry = entry?;
            if entry.header().entry_type().is_file() {
                let name = entry.path()?.to_string_lossy().into_owned();
                let mut content = Vec::new();
                entry.read_to_end(&mut content)?;
                into.lock().unwrap().insert(name, content);
            }
        }
        Ok(())
    };
    lab.runtime.download(id, path, Box::new(read)).await.unwrap();
    std::mem::take(&mut *received.lock().unwrap())
}

/// Puts one small file into a folder of a container.
pub(crate) async fn put(lab: &Lab<'_>, id: &ContainerId, folder: &str, name: &'static str, content: &'static str) {
    let write = move |tar: &mut tar::Builder<&mut dyn std::io::Write>| {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(content.len() as u64);
        tar.append_data(&mut header, name, content.as_bytes())
    };
    lab.runtime.upload(id, folder, Box::new(write)).await.unwrap();
}

async fn volumes_outlive_containers(lab: &Lab<'_>) {
    let volume = lab.name("volume");
    lab.runtime.ensure_volume(&volume, &lab.labels).await.unwrap();
    lab.runtime
        .ensure_volume(&volume, &lab.labels)
        .await
        .expect("a volume may be ensured twice");
    let with_volume = |part: &str| {
        let mut spec = lab.script(part, "sleep 1000");
        spec.mounts = vec![Mount::Volume {
            name: volume.clone(),
            target: "/data".into(),
            read_only: false,
        }];
        spec
    };
    let first = lab.runtime.create(&with_volume("first")).await.unwrap();
    put(lab, &first, "/data", "kept", "yes").await;
    lab.runtime.remove(&first).await.unwrap();
    let second = lab.runtime.create(&with_volume("second")).await.unwrap();
    assert_eq!(download(lab, &second, "/data/kept").await["kept"], b"yes");

    let volumes = lab.runtime.list(&lab.labels).await.unwrap();
    let it = volumes
        .into_iter()
        .find(|resource| resource.kind == ResourceKind::Volume)
        .unwrap();
    let error = lab.runtime.delete(&it).await.unwrap_err();
    assert_eq!(error.kind, RuntimeErrorKind::Conflict, "in use: {error}");
}

async fn listing_and_deleting(lab: &Lab<'_>) {
    let run = |run: &str| {
        let mut spec = lab.script(run, "sleep 1000");
        spec.labels.insert(LABEL_RUN.into(), run.into());
        spec
    };
    let one = lab.run(&run("one")).await;
    let two = lab.runtime.create(&run("two")).await.unwrap();
    let mut labels = lab.labels.clone();
    labels.insert(LABEL_RUN.into(), String::new());
    let mut both = lab.runtime.list(&labels).await.unwrap();
    both.sort_by(|a, b| a.name.cmp(&b.name));
    let seen: Vec<_> = both
        .iter()
        .map(|it| (it.kind, it.id.as_str(), it.name.clone(), it.running))
        .collect();
    assert_eq!(
        seen,
        [
            (ResourceKind::Container, one.0.as_str(), lab.name("one"), true),
            (ResourceKind::Container, two.0.as_str(), lab.name("two"), false),
        ]
    );
    labels.insert(LABEL_RUN.into(), "two".into());
    let found = lab.runtime.list(&labels).await.unwrap();
    assert_eq!(found, [both[1].clone()]);
    let mut unlabelled = both[0].clone();
    unlabelled.labels.clear();
    let error = lab.runtime.delete(&unlabelled).await.unwrap_err();
    assert!(error.message.contains("label"), "{error}");
    lab.runtime
        .delete(&both[0])
        .await
        .expect("a running container is removed too");
    lab.runtime
        .delete(&both[0])
        .await
        .expect("deleting what is gone is no error");
    assert!(lab.runtime.state(&one.0).await.unwrap().is_none());

    let mut gone = both[0].clone();
    gone.kind = ResourceKind::Volume;
    gone.name = lab.name("gone");
    lab.runtime
        .delete(&gone)
        .await
        .expect("deleting a volume that is gone is no error");
}

async fn committing(lab: &Lab<'_>) {
    let runtime = lab.runtime;
    let like = runtime.image(lab.image).await.unwrap().unwrap();
    let mut spec = lab.script("builder", "sleep 1000");
    spec.user = Some("root".into());
    spec.labels.insert(LABEL_RUN.into(), "build".into());
    let id = runtime.create(&spec).await.unwrap();
    put(lab, &id, "/opt", "installed", "1.0").await;
    let mut labels = lab.labels.clone();
    labels.insert(LABEL_ROLE.into(), "image".into());
    let tag = format!("{}:1", lab.name("image"));
    let image = runtime.commit(&id, &tag, &like, &labels).await.unwrap();

    assert_eq!(runtime.image(&tag).await.unwrap().as_ref(), Some(&image));
    assert_eq!((&image.entrypoint, &image.command), (&like.entrypoint, &like.command));
    assert_eq!(image.user.trim_start_matches('0'), like.user);
    let mut expected = like.labels.clone();
    expected.extend(labels);
    assert_eq!(
        image.labels, expected,
        "like's and the given ones, none of the container's"
    );
    let mut from_it = lab.script("from-it", "sleep 1000");
    from_it.image.clone_from(&image.id.0);
    let from_it = runtime.create(&from_it).await.unwrap();
    assert_eq!(download(lab, &from_it, "/opt/installed").await["installed"], b"1.0");

    let mut secretive = lab.script("secretive", "sleep 1000");
    secretive.env.insert("TOKEN".into(), "s3cret".into());
    let id = runtime.create(&secretive).await.unwrap();
    let error = runtime.commit(&id, &tag, &like, &lab.labels).await.unwrap_err();
    assert!(
        error.message.contains("TOKEN") && !error.message.contains("s3cret"),
        "{error}"
    );

    let mut foreign = runtime.list(&lab.labels).await.unwrap();
    foreign.retain(|resource| resource.kind == ResourceKind::Image);
    assert_eq!(foreign.len(), 1);
    let mut foreign = foreign.remove(0);
    foreign.name = lab.image.into();
    foreign.id.clone_from(&like.id.0);
    let error = runtime.delete(&foreign).await.unwrap_err();
    assert!(
        error.message.contains("label"),
        "an image that is not ours stays: {error}"
    );
}

#[tokio::test]
async fn the_scripted_registry_gives_what_it_has_to_those_who_may() {
    let fake = Fake::new()
        .with_remote_image("open:1", false)
        .with_remote_image("private:1", true);
    let login = RegistryLogin {
        username: "me".into(),
        password: "secret".into(),
    };
    let kind = async |name, login| fake.in_registry(name, login).await.map_err(|error| error.kind);
    assert_eq!(kind("open:1", None).await, Ok(()));
    assert_eq!(kind("private:1", Some(&login)).await, Ok(()));
    assert_eq!(kind("private:1", None).await, Err(RuntimeErrorKind::Unauthorized));
    assert_eq!(kind("nothing:1", None).await, Err(RuntimeErrorKind::NotFound));
    assert_eq!(fake.image("open:1").await.unwrap(), None, "nothing was taken");
}

#[tokio::test]
async fn the_scripted_engine_keeps_the_contract() {
    let fake = Fake::new().with_image("postgres:15");
    rules(&fake);
    contract(&fake, "postgres:15").await;
}
