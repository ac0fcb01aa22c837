//! Modules as nobody should write them: reported, and nothing lost.

use std::os::unix::fs::{PermissionsExt, symlink};

use fs_err as fs;

use super::desk::{DATA, Desk};

#[test]
fn bytes_that_are_not_to_change_stay_whatever_they_are() {
    let desk = Desk::new();
    desk.module("books");
    let python = "\u{feff}# åäö\r\nfrom odoo import fields, models\r\n\r\n\r\nclass A(models.Model):\r\n\t_name = \"a\"\r\n\tb_id = fields.Many2one(\"b\", auto_join = True)\t# \u{1f4d6}\r\n\r\n";
    desk.write("books/marked.py", python);
    desk.write("books/latin.py", b"# -*- coding: latin-1 -*-\nx = '\xe5' # auto_join\n");
    desk.write(
        "books/latin.xml",
        b"<?xml version='1.0' encoding='iso-8859-1'?>\n<openerp>\xe5</openerp>\n",
    );
    desk.write("books/static/description/icon.png", b"\x89PNG\r\n\x1a\n\xff");
    let before = desk.files("books");
    let ended = desk.port(&["books", "--to", "19.0"]);
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
    assert_eq!(
        desk.read("books/marked.py"),
        python.replace("auto_join", "bypass_search_access")
    );
    for name in ["latin.py", "latin.xml"] {
        assert!(
            ended.out.contains(&format!("left alone: books/{name}: byte")),
            "{}",
            ended.out
        );
    }
    for ((path, old), (also, new)) in before.iter().zip(desk.files("books")) {
        assert_eq!(*path, also);
        let changed = ["marked.py", "models.py", "data.xml", "__manifest__.py"];
        assert!(
            changed.iter().any(|name| path.ends_with(name)) || *old == new,
            "{}",
            path.display()
        );
    }
}

#[test]
fn files_that_do_not_parse_are_named_with_their_line_and_left_alone() {
    let desk = Desk::new();
    desk.module("books");
    let broken = [
        ("broken.py", "x = 1\nauto_join = )\n".to_owned(), 2),
        ("old.py", "auto_join = 1\nprint 'auto_join'\n".to_owned(), 2),
        (
            "broken.xml",
            "<openerp>\n<data noupdate=\"0\">\n</openerp>\n".to_owned(),
            3,
        ),
        ("deep.py", format!("auto_join = {}1\n", "(".repeat(1_000_000)), 1),
        ("chain.py", format!("auto_join = 1{}\n", " + 1".repeat(1_000_000)), 1),
        ("unary.py", format!("auto_join = {}1\n", "not ".repeat(1_000_000)), 1),
        (
            "tower.py",
            (0..5000).map(|n| " ".repeat(n) + "if auto_join:\n").collect(),
            1,
        ),
        (
            "tower.xml",
            format!(
                "<odoo>{}{}</odoo>",
                "<data noupdate=\"0\">".repeat(100_000),
                "</data>".repeat(100_000)
            ),
            1,
        ),
        ("data/res.partner.csv", "id,\"auto_join".to_owned(), 1),
    ];
    for (name, text, _) in &broken {
        desk.write(&format!("books/{name}"), text);
    }
    let bomb = "<!DOCTYPE o [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">\
                <!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\"><!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;\"><!ENTITY f \"&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;\">]>\
                <openerp>&f;&f;&f;&f;</openerp>";
    desk.write("books/bomb.xml", bomb);
    let ended = desk.port(&["books", "--to", "19.0", "--format", "json"]);
    assert_eq!(ended.code, 21, "{}", ended.err);
    let said: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    let unparsed = said["parts"][0]["modules"][0]["unparsed"].as_array().unwrap();
    for (name, text, line) in &broken {
        let path = format!("books/{name}");
        let told = unparsed.iter().find(|it| it["path"] == path.as_str());
        let told = told.unwrap_or_else(|| panic!("{name} is not told: {unparsed:#?}"));
        if *name != "tower.py" {
            assert_eq!(told["line"], *line, "{told}");
        }
        assert_eq!(desk.read(&path), *text);
    }
    assert_eq!(desk.read("books/bomb.xml"), bomb);
    // Its neighbours are ported.
    assert!(desk.read("books/models.py").contains("bypass_search_access"));
}

#[test]
fn nothing_outside_a_module_is_written_and_what_leads_there_is_named() {
    let desk = Desk::new();
    desk.module("addons/books");
    desk.module("outside/secret");
    desk.write("outside/data.xml", DATA);
    symlink(desk.path("outside/data.xml"), desk.path("addons/books/far.xml")).unwrap();
    symlink("data.xml", desk.path("addons/books/near.xml")).unwrap();
    symlink(desk.path("outside"), desk.path("addons/books/folder")).unwrap();
    symlink("../outside/secret", desk.path("addons/secret")).unwrap();
    symlink("loop.py", desk.path("addons/books/loop.py")).unwrap();
    assert!(
        std::process::Command::new("mkfifo")
            .arg(desk.path("addons/books/pipe.py"))
            .status()
            .unwrap()
            .success()
    );
    let outside = desk.files("outside");
    let ended = desk.port(&["addons", "--to", "19.0"]);
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
    assert_eq!(desk.files("outside"), outside);
    for name in ["far.xml", "folder", "loop.py"] {
        assert!(
            ended
                .out
                .contains(&format!("left alone: addons/books/{name}: it is a link that leads out")),
            "{}",
            ended.out
        );
    }
    assert!(desk.path("addons/books/near.xml").is_symlink());
    assert_eq!(desk.read("addons/books/near.xml"), DATA.replace(" noupdate=\"0\"", ""));
}

#[test]
fn a_module_with_a_protected_file_is_not_half_written() {
    let desk = Desk::new();
    desk.module("addons/books");
    desk.module("addons/other");
    let path = desk.path("addons/books/models.py");
    fs::set_permissions(&path, PermissionsExt::from_mode(0o444)).unwrap();
    let before = desk.files("addons/books");
    let ended = desk.port(&["addons", "--to", "19.0"]);
    assert_eq!(ended.code, 11, "{}{}", ended.out, ended.err);
    assert!(
        ended.out.contains("NOT WRITTEN: addons/books: models.py is read-only"),
        "{}",
        ended.out
    );
    assert_eq!(desk.files("addons/books"), before);
    assert!(desk.read("addons/other/models.py").contains("bypass_search_access"));
    // An executable file stays one.
    fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    assert_eq!(desk.port(&["addons", "--to", "19.0"]).code, 0);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o755);
    assert!(desk.read("addons/books/models.py").contains("bypass_search_access"));
}

#[test]
fn a_large_file_is_ported_and_one_that_is_too_large_is_named() {
    let desk = Desk::new();
    desk.module("books");
    let record = "<record id=\"r\" model=\"book\"><field name=\"name\">A name</field></record>\n";
    let large = format!(
        "<odoo><data noupdate=\"0\">\n{}</data></odoo>\n",
        record.repeat((10 << 20) / record.len())
    );
    desk.write("books/large.xml", &large);
    let rows = "x = [\n".to_owned() + &"    {'a': (1, 'auto_join')},\n".repeat(100_000) + "]\n";
    desk.write("books/large.py", &rows);
    let huge = fs::File::create(desk.path("books/huge.xml")).unwrap();
    huge.set_len(33 << 20).unwrap();
    let ended = desk.port(&["books", "--to", "19.0"]);
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
    assert!(
        ended
            .out
            .contains("left alone: books/huge.xml: it is larger than 32 MiB"),
        "{}",
        ended.out
    );
    assert_eq!(desk.read("books/large.xml"), large.replace(" noupdate=\"0\"", ""));
    assert_eq!(desk.read("books/large.py"), rows);
}
