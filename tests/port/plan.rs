//! The code of a plan: ported in a clone beside it, the customer's repository never written.

use super::desk::Desk;

#[test]
fn a_plan_s_installed_modules_are_ported_in_a_clone_and_its_repository_stays_as_it_was() {
    let desk = Desk::new();
    desk.repository("addons", "18.0");
    desk.module("addons/books");
    desk.module("addons/other");
    desk.commit("addons", "Ada <ada@example.com>", "[ADD] books, other");
    let manifest = br#"{"version": "18.0", "modules": {"base": "18.0.1.3", "books": "18.0.1.2.3"}}"#;
    let dump = crate::backup::samples::dump("18.0.1.3");
    let members = [("manifest.json", manifest.as_slice()), ("dump.sql", dump.as_bytes())];
    crate::backup::samples::zip_of(&desk.path("."), &members);
    desk.write(
        "acme.yaml",
        "customer: acme\nsource: { backup: made.zip }\ntarget: \"19.0\"\nrepositories:\n  - { name: code, url: addons }\n",
    );
    desk.write(".gitconfig", "[user]\n  name = Grace\n  email = grace@example.com\n");
    let before = (desk.files("addons"), desk.git("addons", &["for-each-ref"]));
    let ended = desk.port(&["acme.yaml"]);
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
    assert_eq!((desk.files("addons"), desk.git("addons", &["for-each-ref"])), before);

    let clone = "ported/acme/code";
    assert!(
        ended
            .out
            .contains("ported/acme/code: branch 19.0-mig-acme on top of 18.0"),
        "{}",
        ended.out
    );
    assert_eq!(desk.git(clone, &["branch", "--show-current"]), "19.0-mig-acme");
    assert!(
        desk.read("ported/acme/code/books/models.py")
            .contains("bypass_search_access")
    );
    // What is not installed stays as it is.
    assert!(desk.read("ported/acme/code/other/models.py").contains("auto_join"));

    // Work by hand goes on there, and a second run leaves it alone.
    desk.write("ported/acme/code/books/hand.py", "x = 1\n");
    desk.commit(clone, "Grace <grace@example.com>", "By hand");
    let tip = desk.git(clone, &["rev-parse", "HEAD"]);
    let again = desk.port(&["acme.yaml"]);
    assert_eq!(again.code, 0, "{}", again.err);
    assert_eq!(desk.git(clone, &["rev-parse", "HEAD"]), tip);

    let ended = desk.port(&["acme.yaml", "--module", "boks"]);
    assert_eq!(ended.code, 2, "{}", ended.out);
    assert!(ended.err.contains("did you mean `books`?"), "{}", ended.err);
}
