//! What lives in a database alone, counted from its backup, beside what `odoo cloc --database` says of it.

use std::collections::BTreeMap;

use fs_err as fs;

use super::{counted, printed};
use crate::backup::samples::dump;
use crate::git::origin::Origin;
use crate::lab::{borrowed, fresh, needs_images, shelf};

/// Puts every kind of code into a database, then lets Odoo count all of it.
const PLANT: &str = r#"
from odoo.tools.cloc import Cloc
data, partner = env['ir.model.data'], env['ir.model'].search([('model', '=', 'res.partner')])
def known(record, *modules):
    for module in modules:
        data.create({'module': module, 'name': f'own_{record._table}_{record.id}', 'model': record._name, 'res_id': record.id})
def action(name, code, *modules):
    made = env['ir.actions.server'].create({'name': name, 'model_id': partner.id, 'state': 'code', 'code': code})
    known(made, *modules)
    return made
def field(name, *modules):
    code = f"for record in self:\n    # twice\n    record['{name}'] = 2"
    known(env['ir.model.fields'].create({'name': name, 'model_id': partner.id, 'ttype': 'integer', 'store': False, 'compute': code}), *modules)
def view(name, *modules):
    known(env['ir.ui.view'].create({'name': name, 'type': 'qweb', 'arch': '<t>\n<!-- c -->\n\n<p>å</p>\n</t>'}), *modules)
def file(name, url, content, *modules):
    known(env['ir.attachment'].create({'name': name, 'url': url, 'raw': content.encode()}), *modules)
for name, state in [('uploaded', 'installed'), ('withdrawn', 'uninstalled')]:
    env['ir.module.module'].create({'name': name, 'state': state, 'imported': True, 'latest_version': '1.0'})
action('nobody, "quoted"', 'x = 1\n\n# c\ny = (\n  2)')
action('åäö\tor not', 'å = "€"\n字 = å')
action('exported', 'x = 1', '__export__')
action('of code', 'x = 1', 'base')
action('of code and exported', 'x = 1', 'base', '__export__')
action('free', 'x = 1', '__cloc_exclude__')
action('of code and free', 'x = 1', 'base', '__cloc_exclude__')
action('uploaded', 'x = 1', 'uploaded')
action('withdrawn', 'x = 1', 'withdrawn')
action('empty', '')
broken, nothing = action('broken', 'x = 1'), action('nothing', 'x = 1')
env.flush_all()
env.cr.execute("UPDATE ir_act_server SET code = 'x = (' WHERE id = %s", [broken.id])
env.cr.execute("UPDATE ir_act_server SET code = NULL WHERE id = %s", [nothing.id])
field('x_own')
field('x_free', '__cloc_exclude__')
field('x_counter', 'studio_customization')
field('x_studio_one', 'studio_customization')
field('x_base', 'base')
field('x_uploaded', 'uploaded')
view('nobody')
view('page', 'uploaded')
view('free page', 'uploaded', '__cloc_exclude__')
view('studio page', 'uploaded', 'studio_customization')
view('withdrawn page', 'withdrawn')
file('a.js', '/uploaded/static/a.js', 'x\n// c\ny', 'uploaded')
file('b.xml', '/uploaded/b.xml', '<a>\n\n</a>', 'uploaded', '__cloc_exclude__')
file('c.js', '/uploaded/c.txt', 'x', 'uploaded')
file('d.txt', '/uploaded/d.js', 'x', 'uploaded')
file('e.js', '/nobody/e.js', 'x')
file('f.JS', '/uploaded/f.js', 'x', 'uploaded')
file('long.css', '/uploaded/long.css', 'x' * 100001, 'uploaded')
env['ir.config_parameter'].set_param('ir_attachment.location', 'db')
file('g.scss', '/uploaded/g.scss', 'a {\n  // å\n  b: c;\n}', 'uploaded')
env.cr.commit()
real = Cloc()
real.count_database(env.cr.dbname)
def told(module, item, *cells):
    item = item.removeprefix(f'/mnt/extra-addons/{module}/')
    print('COUNTED', f'{module}/{item}', *cells, sep='\x1f')
for module, items in real.modules.items():
    for item, (code, total) in items.items():
        told(module, item, code, total)
for module, items in real.errors.items():
    for item, error in items.items():
        told(module, item, error, '')
for module, items in real.excluded.items():
    for item in items:
        told(module, item, 'excluded', '')
"#;

#[test]
fn cloc_of_a_databases_own_code_and_of_its_plan_is_that_of_odoo() {
    needs_images(&["odoo:19.0", "postgres:15"]);
    let folder = tempfile::tempdir().unwrap();
    let files = shelf("19.0", "1.0.0");
    let kitchen = fresh("19.0", "base,base_import_module,shelf", &borrowed(&files));
    let said = kitchen.odoo("shell -d fresh --no-http", PLANT);
    kitchen.backup(&folder.path().join("backup.zip"));
    drop(kitchen);
    let real: BTreeMap<String, (String, String)> = (said.lines())
        .filter_map(|line| line.strip_prefix("COUNTED\u{1f}"))
        .map(|line| {
            let mut cells = line.split('\u{1f}').map(str::to_owned);
            let mut next = || cells.next().unwrap();
            (next(), (next(), next()))
        })
        .collect();
    assert!(real.len() > 20, "{said}");

    let origin = Origin::new();
    origin.commit("refs/heads/19.0", &borrowed(&files), "shelf");
    let plan = format!(
        "customer: own\nsource: {{ backup: backup.zip }}\ntarget: \"19.0\"\nengine: update\n\
         repositories: [{{ name: own, url: \"{}\" }}]\n",
        origin.url()
    );
    fs::write(folder.path().join("plan.yaml"), plan).unwrap();
    let is_free = |(_, (code, _)): &(&String, &(String, String))| code == "excluded";
    let (free, counts): (Vec<_>, Vec<_>) = real.iter().partition(is_free);
    let counts: BTreeMap<String, (String, String)> = counts
        .into_iter()
        .map(|(path, count)| (path.clone(), count.clone()))
        .collect();
    assert_eq!(counted(folder.path(), &["plan.yaml"]), counts);

    let document = printed(folder.path(), &["plan.yaml", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    let excluded = document["excluded"].as_array().unwrap().iter();
    let ours: Vec<String> = excluded
        .filter(|row| row["excluded"] == "__cloc_exclude__")
        .map(|row| format!("{}/{}", row["module"].as_str().unwrap(), row["file"].as_str().unwrap()))
        .collect();
    let free: Vec<&String> = free.into_iter().map(|(path, _)| path).collect();
    assert_eq!(
        ours.iter().collect::<std::collections::BTreeSet<_>>(),
        free.into_iter().collect()
    );

    // A bill counts the same by itself.
    let agreement = "agreement:\n  kind: maintenance\n  since: 2025-01-01\n  patch_agreement: true\n\
                     \x20 price: { currency: SEK, per_100_lines_month: 100 }\n";
    let mut billed = fs::read_to_string(folder.path().join("plan.yaml")).unwrap();
    billed.push_str(agreement);
    fs::write(folder.path().join("billed.yaml"), billed).unwrap();
    let bill = super::hopp(
        folder.path(),
        &["bill", "billed.yaml", "--month", "2026-10", "--format", "json"],
    );
    assert!(bill.status.success(), "{}", String::from_utf8_lossy(&bill.stderr));
    let bill: serde_json::Value = serde_json::from_slice(&bill.stdout).unwrap();
    let lines: u64 = counts.values().filter_map(|(code, _)| code.parse::<u64>().ok()).sum();
    assert_eq!(bill["counted"]["lines"], lines);
    assert_eq!(bill["counted"]["sources"][0]["repository"], "own");
    let wrong = counts.values().filter(|(_, lines)| lines.is_empty()).count();
    assert_eq!(bill["counted"]["errors"].as_array().unwrap().len(), wrong);
    let exempt = bill["counted"]["excluded"].as_array().unwrap().iter();
    assert_eq!(
        exempt.filter(|one| one["why"] == "__cloc_exclude__").count(),
        ours.len()
    );

    // Without the plan the backup tells the same but for the modules' files.
    let mut alone = counts;
    alone.retain(|path, _| !path.starts_with("shelf/"));
    assert_eq!(counted(folder.path(), &["backup.zip"]), alone);
}

#[test]
fn cloc_of_a_backup_says_what_it_does_not_hold_and_what_is_none() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.sql"), dump("18.0.1.3")).unwrap();
    fs::write(folder.path().join("notes.txt"), "hello").unwrap();
    let text = printed(folder.path(), &["a.sql"]);
    assert!(text.contains("counted as `odoo cloc` of 18.0"), "{text}");
    assert!(text.contains("only what lives in the database"), "{text}");
    let none = super::cloc(folder.path(), &["notes.txt"]);
    assert_eq!(none.status.code(), Some(11));
}
