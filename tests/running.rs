//! The upgraded database in Odoo's own server, and the look at it right after the hop: on real Odoo, with faults that
//! nothing but a server shows.

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::git::origin::Origin;
use crate::harness::step;
use crate::lab::{Customer, borrowed, docker, fresh_backup, needs_images};

/// The files of `fair`, a module with a menu, a style sheet and an ordinary user; what is broken only breaks for people.
fn fair(broken: bool) -> Vec<(String, String)> {
    let rent = if broken {
        "self.env['fair.stall'].no_such_method()"
    } else {
        "7"
    };
    let color = if broken { "$no-such-color" } else { "red" };
    let more = if broken { ", 'fair/static/src/gone.js'" } else { "" };
    let version = if broken { "1.1.0" } else { "1.0.0" };
    let manifest = format!(
        "{{'name': 'Fair', 'version': '19.0.{version}', 'depends': ['web'], 'license': 'LGPL-3', 'author': 'Somebody',\n \
         'data': ['security/ir.model.access.csv', 'fair.xml'],\n \
         'assets': {{'web.assets_backend': ['fair/static/src/fair.scss'{more}]}}}}\n"
    );
    let model = format!(
        "from odoo import fields, models\n\n\nclass Stall(models.Model):\n    _name = 'fair.stall'\n    \
         _description = 'Stall'\n\n    name = fields.Char(required=True)\n    rent = fields.Integer(compute='_compute_rent')\n\n    \
         def _compute_rent(self):\n        for stall in self:\n            stall.rent = {rent}\n"
    );
    let data = "<odoo>
        <record id='clerk' model='res.users'><field name='name'>Clerk</field><field name='login'>clerk</field></record>
        <record id='first' model='fair.stall'><field name='name'>First</field></record>
        <record id='second' model='fair.stall'><field name='name'>Second</field></record>
        <record id='list' model='ir.ui.view'><field name='name'>stalls</field><field name='model'>fair.stall</field>
            <field name='arch' type='xml'><list><field name='name'/><field name='rent'/></list></field></record>
        <record id='stalls' model='ir.actions.act_window'><field name='name'>Stalls</field>
            <field name='res_model'>fair.stall</field><field name='view_mode'>list,form</field></record>
        <menuitem id='root' name='Fair'/>
        <menuitem id='menu' name='Stalls' parent='root' action='stalls'/>
    </odoo>\n";
    let access = "id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink\n\
                  access_stall,stall,model_fair_stall,base.group_user,1,1,1,1\n";
    [
        ("__manifest__.py", manifest),
        ("__init__.py", "from . import stall\n".to_owned()),
        ("stall.py", model),
        ("fair.xml", data.to_owned()),
        ("security/ir.model.access.csv", access.to_owned()),
        ("static/src/fair.scss", format!(".fair {{ color: {color}; }}\n")),
    ]
    .into_iter()
    .map(|(path, text)| (format!("fair/{path}"), text))
    .collect()
}

/// Returns a customer and its repository, which is there as long as that value is.
fn customer() -> (Customer, Origin) {
    needs_images(&["odoo:19.0", "postgres:15"]);
    let origin = Origin::new();
    origin.commit("refs/heads/production", &borrowed(&fair(false)), "as it was");
    origin.commit("refs/heads/19.0", &borrowed(&fair(true)), "broken");
    let customer = Customer::new(
        "running",
        &format!(
            "source: {{ backup: backup.zip }}\ntarget: \"19.0\"\nengine: update\n\
             repositories: [{{ name: own, url: \"{}\", deployed: production }}]\n\
             hops: {{ \"19.0\": {{ after: [{{ sql: lose.sql }}] }} }}",
            origin.url()
        ),
    );
    customer.write("lose.sql", "DELETE FROM fair_stall WHERE name = 'Second';\n");
    let zip = customer.folder.path().join("backup.zip");
    fresh_backup(&zip, "19.0", "base,fair", &borrowed(&fair(false)));
    (customer, origin)
}

/// Stops the run while the server is being asked, and returns once it has ended.
fn stopped_while_the_server_runs(customer: &Customer) {
    let said = customer.folder.path().join("said.txt");
    let printed = std::fs::File::create(&said).unwrap();
    let mut run = Command::new(env!("CARGO_BIN_EXE_hopp"))
        .args(["run", "plan.yaml", "--no-progress"])
        .current_dir(customer.folder.path())
        .env("XDG_CACHE_HOME", customer.folder.path().join("cache"))
        .stdout(Stdio::null())
        .stderr(printed)
        .spawn()
        .unwrap();
    while !customer.on_engine("ps").iter().any(|name| name.ends_with("-server")) {
        let ended = run.try_wait().unwrap();
        assert!(
            ended.is_none(),
            "ended before a server was started: {ended:?}\n{}",
            std::fs::read_to_string(&said).unwrap()
        );
        std::thread::sleep(Duration::from_millis(100));
    }
    let signalled = Command::new("kill").args(["-INT", &run.id().to_string()]).status();
    assert!(signalled.unwrap().success());
    assert_eq!(run.wait().unwrap().code(), Some(130));
}

/// Returns the databases and filestores of a customer that nobody uses.
fn left_in_volumes(customer: &Customer) -> String {
    let volumes = customer.on_engine("volume ls");
    let data = volumes.iter().find(|name| name.ends_with("-data")).unwrap();
    let mount = format!("{data}:/data");
    let list = [
        "run",
        "--rm",
        "--network",
        "none",
        "-v",
        &mount,
        "--entrypoint",
        "ls",
        "postgres:15",
    ];
    docker(&[&list[..], &["/data", "/data/filestore"]].concat())
}

#[track_caller]
fn found<'a>(findings: &'a [Value], code: &str) -> &'a Value {
    let found = findings.iter().find(|finding| finding["code"] == code);
    found.unwrap_or_else(|| panic!("no {code} in {findings:#?}"))
}

#[test]
fn what_only_people_would_notice_is_found_by_a_server_that_leaves_nothing_and_a_loss_is_told_at_its_hop() {
    let (customer, _origin) = customer();
    stopped_while_the_server_runs(&customer);
    assert_eq!(customer.on_engine("ps -a"), Vec::<String>::new());
    let left = left_in_volumes(&customer);
    assert!(!left.contains("_verify") && !left.contains("sessions"), "{left}");

    let ended = customer.hopp(&["run", "plan.yaml"]).ended(21);
    let at_the_hop = customer.folder.path().join(".hopp").join(&customer.name).join("runs");
    let journals: String = std::fs::read_dir(at_the_hop)
        .unwrap()
        .map(|run| std::fs::read_to_string(run.unwrap().path().join("journal.jsonl")).unwrap())
        .collect();
    assert!(
        journals.contains("after 19.0: 1 of 2 records of fair.stall are gone"),
        "{journals}"
    );
    assert!(ended.out.contains("are gone (since 19.0)"), "{}", ended.out);

    let report = customer.hopp(&["report", "plan.yaml", "--format", "json"]).ended(0);
    let report: Value = serde_json::from_str(&report.out).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let lost: Vec<&Value> = findings
        .iter()
        .filter(|finding| ["rows-lost", "record-lost"].contains(&finding["code"].as_str().unwrap()))
        .collect();
    assert_eq!(lost.len(), 1, "what the hop told is not told twice: {lost:#?}");
    assert_eq!(
        (lost[0]["severity"].as_str(), lost[0]["since"].as_str()),
        (Some("error"), Some("19.0"))
    );
    let menu = found(findings, "menu-fails");
    assert_eq!(
        (menu["severity"].as_str(), menu["subject"].as_str()),
        (Some("error"), Some("Fair / Stalls"))
    );
    assert!(menu["message"].as_str().unwrap().contains("no_such_method"), "{menu:#}");
    assert!(
        menu["remedy"].as_str().unwrap().contains("/own/fair/stall.py:"),
        "{menu:#}"
    );
    let mut who: Vec<&str> = menu["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap())
        .collect();
    who.sort_unstable();
    assert_eq!(
        who,
        ["Fair / Stalls, opened by admin", "Fair / Stalls, opened by clerk"]
    );
    let style = found(findings, "asset-broken");
    assert!(
        style["message"].as_str().unwrap().contains("no-such-color"),
        "{style:#}"
    );
    let script = findings.iter().find(|finding| {
        finding["code"] == "asset-incomplete"
            && finding["message"].as_str().unwrap().contains("fair/static/src/gone.js")
    });
    assert_eq!(
        script.map(|script| script["severity"].as_str()),
        Some(Some("warning")),
        "{findings:#?}"
    );
    assert!(
        !findings.iter().any(|finding| finding["code"] == "log-traceback"),
        "{findings:#?}"
    );

    let visitors = step(&report, "verify")["result"]["running"]["visitors"]
        .as_array()
        .unwrap();
    for visitor in visitors {
        let seen = visitor["menus"].as_u64().unwrap();
        assert!(
            seen > 0 && visitor["unread"] == 0 && visitor["session"].is_null(),
            "{visitor:#}"
        );
    }
    assert_eq!(visitors.len(), 2);
    let page = customer.hopp(&["report", "plan.yaml", "--format", "html"]).ended(0).out;
    assert!(page.contains("since 19.0"));
}
