//! Instances: `hopp up` and `hopp down`, in containers, over HTTP, and with somebody who wants in or out.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use hopp::journal::RunLock;
use serde_json::json;

use crate::docker_runtime::outside_addresses;
use crate::git::origin::Origin;
use crate::lab::{Browser, Customer, Printed, borrowed, docker, fresh_backup, needs_images, shelf, try_docker};

/// Somebody on the host's bridge who would answer.
struct Listener {
    address: SocketAddr,
    _open: TcpListener,
}

impl Listener {
    /// Listens on the host's address that a container with a network has as its gateway.
    fn beside(container: &str) -> Listener {
        let gateway = docker(&["inspect", "-f", "{{.NetworkSettings.Gateway}}", container]);
        let gateway: Ipv4Addr = gateway.trim().parse().unwrap();
        let open = TcpListener::bind((gateway, 0)).unwrap();
        let address = open.local_addr().unwrap();
        Listener { address, _open: open }
    }

    /// Says whether a container can connect to an address.
    fn reached(container: &str, address: SocketAddr) -> bool {
        let (ip, port) = (address.ip(), address.port());
        let script = format!("exec 3<>/dev/tcp/{ip}/{port}");
        let (reached, _) = try_docker(&["exec", container, "timeout", "3", "bash", "-c", &script]);
        reached
    }
}

/// Fails when anything of the instance but its door has a network, or when anybody but this host can come in.
fn nobody_gets_out_or_in(customer: &Customer, kind: &str, port: u16) {
    let named = |part: &str| customer.container(&format!("-instance-{kind}-{part}"));
    let listener = Listener::beside(&named("door"));
    let outside = SocketAddr::from(([192, 0, 2, 1], 53));
    // The door has a network: it shows that the attempts below could succeed.
    assert!(Listener::reached(&named("door"), listener.address));
    for container in [named("odoo"), named("postgres")] {
        for address in [listener.address, outside] {
            assert!(!Listener::reached(&container, address), "{container} reaches {address}");
        }
        let interfaces = docker(&["exec", &container, "ls", "/sys/class/net"]);
        assert_eq!(interfaces.trim(), "lo", "{container}");
    }
    for address in outside_addresses() {
        let address = SocketAddr::from((address, port));
        let refused = TcpStream::connect_timeout(&address, Duration::from_secs(2));
        assert!(refused.is_err(), "the instance answers on {address}");
    }
    // Another container on the same bridge gets a connection, and nothing on it.
    let format = "{{.NetworkSettings.IPAddress}}";
    let door = docker(&["inspect", "-f", format, &named("door")]);
    let ask = format!(
        "exec 3<>/dev/tcp/{}/8069; printf 'GET /web/login HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3",
        door.trim()
    );
    let image = "postgres:15";
    let neighbour = ["run", "--rm", "--entrypoint", "bash", image, "-c", &ask];
    let (_, heard) = try_docker(&neighbour);
    assert!(!heard.contains("HTTP/"), "a neighbour was answered: {heard}");
}

/// Fails unless pages, scripts, files and notifications come through the door.
fn everything_comes_through(printed: &Printed) {
    let mut browser = printed.through_the_form();
    let page = browser.get("/web");
    let page = if page.status == 303 { browser.get("/odoo") } else { page };
    assert_eq!(page.status, 200);
    let text = page.text();
    let bundle = text.split('"').find(|word| word.starts_with("/web/assets/")).unwrap();
    let answer = browser.get(bundle);
    assert_eq!(answer.status, 200);
    assert!(answer.body.len() > 1000, "{bundle} has {} bytes", answer.body.len());

    let values = json!([{ "name": "brev.txt", "raw": "Bäste kund" }]);
    let id = browser.method("ir.attachment", "create", &json!([values]), &json!({}));
    let id = id.as_array().map_or(id.clone(), |ids| ids[0].clone());
    let answer = browser.get(&format!("/web/content/{id}"));
    assert_eq!((answer.status, answer.text()), (200, "Bäste kund".to_owned()));

    let upgraded = browser.upgrade("/websocket");
    assert!(upgraded.starts_with("HTTP/1.1 101 "), "{upgraded}");
}

/// Fails unless a mail that somebody sends stays where it is.
fn mail_stays(browser: &mut Browser) {
    let values = json!({ "email_to": "kund@example.com", "subject": "Faktura", "body_html": "<p>Hej</p>" });
    let id = browser.method("mail.mail", "create", &json!([values]), &json!({}));
    browser.method("mail.mail", "send", &json!([[id]]), &json!({}));
    let read = browser.method("mail.mail", "read", &json!([[id], ["state"]]), &json!({}));
    assert_eq!(read[0]["state"], "exception", "{read}");
}

fn up(customer: &Customer, kind: &str) -> Printed {
    Printed::read(&customer.hopp(&["up", "plan.yaml", kind]).ended(0))
}

#[test]
fn an_instance_serves_people_on_this_host_and_stays_what_it_is_until_it_is_taken_down() {
    needs_images(&["odoo:19.0", "postgres:15"]);
    let origin = Origin::new();
    let files = shelf("19.0", "1.1.0");
    origin.commit("refs/heads/19.0", &borrowed(&files), "shelf");
    let plan = format!(
        "source: {{ backup: backup.zip }}\ntarget: \"19.0\"\nengine: update\n\
         repositories: [{{ name: own, url: \"{}\" }}]\n\
         limits: {{ memory: 2GiB }}\n",
        origin.url()
    );
    let customer = Customer::new("patch-host", &plan);
    fresh_backup(
        &customer.folder.path().join("backup.zip"),
        "19.0",
        "base,mail,shelf",
        &borrowed(&files),
    );
    let none = customer.hopp(&["up", "plan.yaml"]).ended(20);
    assert!(none.err.contains("hopp run plan.yaml"), "{}", none.err);
    customer.hopp(&["run", "plan.yaml"]).ended(0);

    let test = up(&customer, "test");
    everything_comes_through(&test);
    nobody_gets_out_or_in(&customer, "test", test.port());
    let mut browser = test.by_json(&customer.name.replace('-', "_"));
    mail_stays(&mut browser);
    browser.method("shelf.book", "create", &json!([{ "name": "Giftas" }]), &json!({}));
    let books = |browser: &mut Browser| browser.method("shelf.book", "search_count", &json!([[]]), &json!({}));
    assert_eq!(books(&mut browser), 2);

    assert_eq!(up(&customer, "test"), test, "asked again, it is the same");
    let limit = docker(&[
        "inspect",
        "-f",
        "{{.HostConfig.Memory}}",
        &customer.container("-instance-test-odoo"),
    ]);
    assert_eq!(limit.trim(), (2_u64 << 30).to_string());
    for part in ["postgres", "odoo", "door"] {
        let container = customer.container(&format!("-instance-test-{part}"));
        docker(&["restart", "-t", "5", &container]);
    }
    assert_eq!(up(&customer, "test"), test, "after its containers were restarted");
    docker(&["stop", "-t", "5", &customer.container("-instance-test-odoo")]);
    assert_eq!(up(&customer, "test"), test, "after somebody stopped one of them");

    // A run beside it, which has something to do and takes the database through every step again.
    customer.write("more.sql", "UPDATE shelf_book SET name = 'Fröken Julie';");
    let more = format!(
        "customer: {}\n{plan}hops: {{ \"19.0\": {{ after: [{{ sql: more.sql }}] }} }}\n",
        customer.name
    );
    customer.write("plan.yaml", &more);
    let ids = |customer: &Customer| {
        docker(&[
            "inspect",
            "-f",
            "{{.Id}} {{.State.StartedAt}}",
            &customer.container("-instance-test-odoo"),
        ])
    };
    let before = ids(&customer);
    customer.hopp(&["run", "plan.yaml"]).ended(0);
    assert_eq!(ids(&customer), before);
    let mut browser = test.by_json(&customer.name.replace('-', "_"));
    assert_eq!(books(&mut browser), 2);
    let again = customer.hopp(&["up", "plan.yaml", "test"]).ended(0);
    assert_eq!(Printed::read(&again), test);
    assert!(again.err.contains("earlier state of this plan"), "{}", again.err);

    a_developer_edits_what_runs(&customer);

    let checkpoints = customer.on_engine("volume ls");
    customer.hopp(&["down", "plan.yaml", "test"]).ended(0);
    assert_eq!(customer.on_engine("ps -a"), Vec::<String>::new());
    let left: BTreeSet<String> = customer.on_engine("volume ls").into_iter().collect();
    let of_runs = checkpoints.iter().filter(|name| !name.contains("-instance-"));
    assert_eq!(left, of_runs.cloned().collect(), "the run's own volumes stay");

    only_what_is_hopps_is_cleaned_and_never_under_a_run(&customer);
}

/// Edits a module's view in a developer's instance, and looks whether Odoo sees it, now and in the next instance.
fn a_developer_edits_what_runs(customer: &Customer) {
    let file = customer.state("dev/19.0/own/shelf/views/book.xml");
    let database = customer.name.replace('-', "_");
    let arch = |printed: &Printed| {
        let mut browser = printed.by_json(&database);
        let got = browser.method("shelf.book", "get_view", &json!([]), &json!({ "view_type": "form" }));
        got["arch"].as_str().unwrap().to_owned()
    };
    let dev = up(customer, "dev");
    assert!(!arch(&dev).contains("Ryggtitel"));
    let text = std::fs::read_to_string(&file).unwrap();
    let edited = text.replace("<field name='name'/>", "<field name='name' string='Ryggtitel'/>");
    assert_ne!(edited, text);
    std::fs::write(&file, &edited).unwrap();
    assert!(
        arch(&dev).contains("Ryggtitel"),
        "--dev=all reads views from their files"
    );
    let python = customer.state("dev/19.0/own/shelf/book.py");
    let text = std::fs::read_to_string(&python).unwrap();
    let method = "\n    def sound(self):\n        return 'prassel'\n";
    std::fs::write(&python, format!("{text}{method}")).unwrap();
    let heard = (0..60).find_map(|_| {
        std::thread::sleep(Duration::from_millis(500));
        let log = docker(&["logs", &customer.container("-instance-dev-odoo")]);
        log.contains("autoreload activated").then_some(())
    });
    assert!(heard.is_some(), "Odoo reloads itself when code changes");
    let mut browser = dev.by_json(&database);
    assert_eq!(
        browser.method("shelf.book", "sound", &json!([[]]), &json!({})),
        "prassel"
    );

    customer.hopp(&["down", "plan.yaml", "dev"]).ended(0);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), edited);
    let dev = up(customer, "dev");
    assert!(arch(&dev).contains("Ryggtitel"));
    customer.hopp(&["down", "plan.yaml", "dev"]).ended(0);
}

fn only_what_is_hopps_is_cleaned_and_never_under_a_run(customer: &Customer) {
    let other = format!("not-hopps-{}", customer.name);
    docker(&["volume", "create", &other]);
    docker(&[
        "create",
        "--name",
        &other,
        "-v",
        &format!("{other}:/data"),
        "postgres:15",
    ]);
    let volumes = customer.on_engine("volume ls");
    assert!(!volumes.is_empty());
    for args in [&["clean", "--list", "plan.yaml"][..], &["clean", "--list"]] {
        let list = customer.hopp(args).ended(0).out;
        assert!(volumes.iter().all(|name| list.contains(name)), "{list}");
        assert!(!list.contains(&other), "{list}");
    }
    let run = RunLock::take(&customer.state("lock"), "this test").unwrap();
    let refused = customer.hopp(&["clean", "plan.yaml"]).ended(30);
    assert!(refused.err.contains("this test"), "{}", refused.err);
    assert_eq!(customer.on_engine("volume ls"), volumes);
    drop(run);

    customer.hopp(&["clean", "plan.yaml"]).ended(0);
    assert_eq!(customer.on_engine("volume ls"), Vec::<String>::new());
    assert!(try_docker(&["inspect", &other]).0);
    docker(&["rm", "-v", &other]);
    docker(&["volume", "rm", &other]);
    let none = customer.hopp(&["clean", "--list", "plan.yaml"]).ended(0);
    assert!(none.out.contains("keeps nothing"), "{}", none.out);
}

#[test]
fn an_upgraded_customer_can_be_looked_at_and_reaches_nobody() {
    let test = "an_upgraded_customer_can_be_looked_at_and_reaches_nobody";
    let Some(backup) = crate::backup::samples::sample(test, "bryggan/bryggan-18.0.zip") else {
        return;
    };
    needs_images(&["odoo:19.0", "postgres:15"]);
    let origin = Origin::new();
    let ported = backup.with_file_name("addons").join("19.0");
    origin.commit("refs/heads/19.0", &borrowed(&texts_below(&ported)), "club_member");
    let plan = format!(
        "source: {{ backup: \"{}\" }}\ntarget: \"19.0\"\nrepositories: [{{ name: club, url: \"{}\" }}]\n",
        backup.canonicalize().unwrap().display(),
        origin.url()
    );
    let customer = Customer::new("patch-club", &plan);
    customer.hopp(&["run", "plan.yaml"]).ended(0);
    let printed = up(&customer, "test");
    everything_comes_through(&printed);
    nobody_gets_out_or_in(&customer, "test", printed.port());
    let mut browser = printed.by_json(&customer.name.replace('-', "_"));
    mail_stays(&mut browser);
    // A file that came with the backup.
    let domain = json!([["store_fname", "!=", false], ["res_model", "=", "res.partner"]]);
    let found = browser.method("ir.attachment", "search", &json!([domain]), &json!({ "limit": 1 }));
    let answer = browser.get(&format!("/web/content/{}", found[0]));
    assert_eq!(answer.status, 200);
    assert!(!answer.body.is_empty());
    customer.hopp(&["down", "plan.yaml"]).ended(0);
}

/// Reads every file below a folder: its path from there, its text.
fn texts_below(folder: &Path) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                let name = path.strip_prefix(folder).unwrap();
                texts.push((name.to_str().unwrap().to_owned(), text));
            }
        }
    }
    texts
}
