//! Branches of ported modules, with real git beside.

use super::desk::Desk;

const ADA: &str = "Ada <ada@example.com>";

/// A repository with a module on 18.0 that two people made, and a branch 19.0 that does not have it.
fn two_branches(desk: &Desk) {
    desk.repository("addons", "18.0");
    desk.write("addons/README.md", "addons\n");
    desk.commit("addons", ADA, "A repository");
    desk.git("addons", &["branch", "19.0"]);
    desk.module("addons/books");
    desk.commit("addons", ADA, "[ADD] books\n\nTwo lines.");
    desk.module("addons/other");
    desk.write("addons/books/readme.txt", "of books\n");
    desk.commit(
        "addons",
        "Bo <bo@example.com>",
        "[IMP] books: a readme, and another module",
    );
    desk.git("addons", &["switch", "--quiet", "19.0"]);
    desk.write("addons/README.md", "addons for 19.0\n");
    desk.commit("addons", ADA, "A readme for 19.0");
    desk.git("addons", &["switch", "--quiet", "18.0"]);
}

#[test]
fn a_module_comes_over_with_its_history_and_each_rule_has_a_commit_of_its_own() {
    let desk = Desk::new();
    two_branches(&desk);
    let source = desk.git("addons", &["rev-parse", "18.0", "19.0"]);
    let ended = desk.port(&["addons", "--to", "19.0", "--module", "books"]);
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);

    let log = desk.git(
        "addons",
        &["log", "--reverse", "--format=%an, %cn: %s", "19.0..19.0-mig-books"],
    );
    let lines: Vec<&str> = log.lines().collect();
    assert_eq!(
        lines[..2],
        [
            "Ada, Grace: [ADD] books",
            "Bo, Grace: [IMP] books: a readme, and another module"
        ]
    );
    assert!(
        lines[2..]
            .iter()
            .all(|line| line.starts_with("Grace, Grace: [MIG] books: ")),
        "{log}"
    );
    assert!(
        lines.contains(&"Grace, Grace: [MIG] books: 19.6 auto_join → bypass_search_access (2)"),
        "{log}"
    );
    assert!(lines.contains(&"Grace, Grace: [MIG] books: A1 version (1)"), "{log}");

    // What the module is afterwards, and nothing else of the source.
    assert_eq!(
        desk.git("addons", &["ls-tree", "--name-only", "19.0-mig-books"]),
        "README.md\nbooks"
    );
    assert_eq!(desk.read("addons/README.md"), "addons for 19.0\n");
    assert!(
        desk.read("addons/books/__manifest__.py")
            .contains("'version': '19.0.1.0.0'")
    );
    assert_eq!(
        desk.read("addons/books/models.py")
            .matches("bypass_search_access=True")
            .count(),
        2
    );
    assert_eq!(desk.git("addons", &["branch", "--show-current"]), "19.0-mig-books");
    assert_eq!(desk.git("addons", &["status", "--porcelain"]), "");
    assert_eq!(desk.git("addons", &["rev-parse", "18.0", "19.0"]), source);
    desk.git("addons", &["fsck", "--strict"]);

    // A second time there is nothing to do, wherever one stands.
    let tip = desk.git("addons", &["rev-parse", "19.0-mig-books"]);
    for branch in ["19.0-mig-books", "18.0"] {
        desk.git("addons", &["switch", "--quiet", branch]);
        let again = desk.port(&["addons", "--to", "19.0", "--module", "books"]);
        assert_eq!(again.code, 0, "{}", again.err);
        assert!(
            again.out.contains("1 module to 19.0: 1 there already, 0 changed"),
            "{}",
            again.out
        );
        assert_eq!(desk.git("addons", &["rev-parse", "19.0-mig-books"]), tip);
        assert_eq!(desk.git("addons", &["branch", "--show-current"]), branch);
    }
}

#[test]
fn without_a_branch_for_the_target_the_new_one_begins_at_the_source() {
    let desk = Desk::new();
    desk.repository("addons", "18.0");
    desk.module("addons/books");
    desk.commit("addons", ADA, "[ADD] books");
    // A module is a repository too, and the path may be that of the module.
    let ended = desk.port(&["addons/books", "--to", "19.0", "--branch", "next"]);
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
    let log = desk.git("addons", &["log", "--format=%s", "next"]);
    assert!(log.ends_with("[ADD] books") && log.lines().count() > 2, "{log}");
    assert_eq!(
        desk.git("addons", &["merge-base", "next", "18.0"]),
        desk.git("addons", &["rev-parse", "18.0"])
    );
}

#[test]
fn what_was_developed_side_by_side_comes_over_as_it_ended() {
    let desk = Desk::new();
    two_branches(&desk);
    let numbers: String = (0..30).map(|n| n.to_string() + "\n").collect();
    desk.write("addons/books/numbers.txt", &numbers);
    desk.commit("addons", ADA, "Numbers");
    desk.git("addons", &["switch", "--quiet", "--create", "feature"]);
    desk.write("addons/books/numbers.txt", numbers.replace("25\n", "twenty-five\n"));
    desk.commit("addons", "Cy <cy@example.com>", "Twenty-five");
    desk.git("addons", &["switch", "--quiet", "18.0"]);
    desk.write("addons/books/numbers.txt", numbers.replace("3\n", "three\n"));
    desk.commit("addons", ADA, "Three");
    desk.git(
        "addons",
        &["merge", "--quiet", "--no-ff", "--message", "Merge", "feature"],
    );
    let ended = desk.port(&["addons", "--to", "19.0", "--module", "books"]);
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
    let of = |branch: &str| desk.git("addons", &["rev-parse", &format!("{branch}:books/numbers.txt")]);
    assert_eq!(of("19.0-mig-books"), of("18.0"));
    let log = desk.git(
        "addons",
        &["log", "--format=%an: %s", "19.0..", "--", "books/numbers.txt"],
    );
    let mut lines: Vec<&str> = log.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["Ada: Numbers", "Ada: Three", "Cy: Twenty-five"]);
}

#[test]
fn a_module_that_the_target_lost_comes_back_as_the_source_has_it() {
    let desk = Desk::new();
    desk.repository("addons", "18.0");
    desk.module("addons/books");
    desk.module("addons/other");
    desk.commit("addons", ADA, "[ADD] books, other");
    desk.git("addons", &["switch", "--quiet", "--create", "19.0"]);
    desk.git("addons", &["rm", "--quiet", "-r", "books"]);
    desk.commit("addons", ADA, "19.0 begins");
    desk.git("addons", &["switch", "--quiet", "18.0"]);
    let ended = desk.port(&["addons", "--to", "19.0"]);
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
    let log = desk.git("addons", &["log", "--reverse", "--format=%s", "19.0..19.0-mig-addons"]);
    assert_eq!(log.lines().next(), Some("[MIG] books: as it is in 18.0"));
    assert_eq!(
        desk.read("addons/books/models.py")
            .matches("bypass_search_access")
            .count(),
        2
    );
    assert_eq!(
        desk.read("addons/other/models.py")
            .matches("bypass_search_access")
            .count(),
        2
    );
}

#[test]
fn what_is_not_committed_is_neither_lost_nor_overwritten() {
    let desk = Desk::new();
    two_branches(&desk);
    desk.write("addons/books/models.py", "# work of today\n");
    let before = (desk.files("addons"), desk.git("addons", &["for-each-ref"]));
    let ended = desk.port(&["addons", "--to", "19.0"]);
    assert_eq!(ended.code, 11);
    assert!(ended.err.contains("not committed: books/models.py"), "{}", ended.err);
    assert!(ended.err.contains("git stash"), "{}", ended.err);
    desk.git("addons", &["checkout", "--quiet", "--", "books"]);
    desk.write("addons/books/new.py", "x = 1\n");
    let ended = desk.port(&["addons", "--to", "19.0"]);
    assert_eq!(ended.code, 11);
    assert!(ended.err.contains("books/new.py"), "{}", ended.err);
    assert_eq!(desk.git("addons", &["for-each-ref"]), before.1);
    std::fs::remove_file(desk.path("addons/books/new.py")).unwrap();

    // A file that git does not know and the branch brings: the branch is made, the file stays.
    desk.git("addons", &["switch", "--quiet", "19.0"]);
    desk.write("addons/notes.txt", "of 19.0\n");
    desk.commit("addons", ADA, "Notes");
    desk.git("addons", &["switch", "--quiet", "18.0"]);
    desk.write("addons/notes.txt", "my own\n");
    let ended = desk.port(&["addons", "--to", "19.0"]);
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
    assert!(ended.out.contains("it is not checked out"), "{}", ended.out);
    assert_eq!(desk.read("addons/notes.txt"), "my own\n");
    assert_eq!(desk.git("addons", &["branch", "--show-current"]), "18.0");
    assert_eq!(desk.git("addons", &["show", "19.0-mig-addons:notes.txt"]), "of 19.0");
}

#[test]
fn a_branch_is_pushed_only_when_asked_for_and_never_with_force() {
    let desk = Desk::new();
    two_branches(&desk);
    std::fs::create_dir(desk.path("far")).unwrap();
    desk.git("far", &["init", "--quiet", "--bare"]);
    let far = desk.path("far").display().to_string();
    desk.git("addons", &["remote", "add", "origin", &far]);
    let refs = || desk.git("far", &["for-each-ref", "--format=%(refname)"]);
    assert_eq!(desk.port(&["addons", "--to", "19.0"]).code, 0);
    assert_eq!(refs(), "");
    let ended = desk.port(&["addons", "--to", "19.0", "--push", "origin"]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert_eq!(refs(), "refs/heads/19.0-mig-addons");

    // The branch went another way there.
    desk.git(
        ".",
        &["clone", "--quiet", "--branch", "19.0-mig-addons", &far, "theirs"],
    );
    desk.write("theirs/README.md", "of somebody else\n");
    desk.commit("theirs", ADA, "Mine");
    desk.git("theirs", &["push", "--quiet", "origin", "19.0-mig-addons"]);
    let theirs = desk.git("far", &["rev-parse", "19.0-mig-addons"]);
    desk.write("addons/README.md", "another line\n");
    desk.commit("addons", ADA, "By hand");
    let ended = desk.port(&["addons", "--to", "19.0", "--push", "origin"]);
    assert_eq!(ended.code, 11, "{}", ended.out);
    assert!(
        ended.err.contains("does not take the branch `19.0-mig-addons`"),
        "{}",
        ended.err
    );
    assert_eq!(desk.git("far", &["rev-parse", "19.0-mig-addons"]), theirs);
}

#[test]
fn git_that_does_not_know_who_commits_is_told_so() {
    let desk = Desk::new();
    two_branches(&desk);
    desk.git("addons", &["config", "--unset", "user.name"]);
    let ended = desk.port(&["addons", "--to", "19.0"]);
    assert_eq!(ended.code, 11, "{}", ended.out);
    assert!(ended.err.contains("git config user.name"), "{}", ended.err);
    assert_eq!(desk.git("addons", &["branch", "--list", "19.0-*"]), "");
}

/// Needs Docker and `odoo:19.0`.
#[test]
fn the_target_s_own_upgrade_code_works_on_copies_and_has_a_commit_of_its_own() {
    let desk = Desk::new();
    desk.repository("addons", "18.0");
    desk.module("addons/books");
    let model = "from odoo import models\n\n\nclass Shelf(models.Model):\n    _name = 'shelf'\n    _description = 'Shelf'\n    \
                 _sql_constraints = [('name_uniq', 'unique(name)', 'Once')]\n";
    desk.write("addons/books/shelf.py", model);
    desk.commit("addons", ADA, "[ADD] books");
    let ended = desk.port(&[
        "addons",
        "--to",
        "19.0",
        "--check",
        "--with-odoo-upgrade-code=nothing/of-this-name",
    ]);
    assert_eq!(ended.code, 11, "{}", ended.out);
    assert!(
        ended.err.contains("there is no image `nothing/of-this-name`"),
        "{}",
        ended.err
    );
    let args = ["addons", "--to", "19.0", "--with-odoo-upgrade-code"];
    let ended = desk.port(&[&args[..], &["--check", "--diff"]].concat());
    assert_eq!(ended.code, 21, "{}{}", ended.out, ended.err);
    assert!(ended.out.contains("-    _sql_constraints"), "{}", ended.out);
    assert_eq!(desk.read("addons/books/shelf.py"), model);
    let ended = desk.port(&args);
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
    let log = desk.git("addons", &["log", "--reverse", "--format=%s", "18.0..19.0-mig-addons"]);
    let first = log.lines().next().unwrap();
    assert_eq!(first, "[MIG] books: upgrade_code Odoo's own upgrade_code (1)", "{log}");
    // What is left for the rules is what Odoo's script does not know.
    assert!(
        log.contains("books: 19.6 auto_join") && !log.contains("books: 19.1 "),
        "{log}"
    );
    let text = desk.read("addons/books/shelf.py");
    assert!(text.contains("models.Constraint("), "{text}");
}
