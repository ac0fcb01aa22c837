//! Small modules of Odoo, in every series alike.

/// The files of `shelf`, a module with books; the second version knows their signature and fills it in.
pub(crate) fn shelf(series: &str, version: &str) -> Vec<(String, String)> {
    let second = version == "1.1.0";
    let manifest = format!(
        "{{'name': 'Shelf', 'version': '{series}.{version}', 'depends': ['base'], 'license': 'LGPL-3',\n \
         'data': ['security/ir.model.access.csv', 'views/book.xml', 'data/book.xml']}}\n"
    );
    let field = if second { "    signature = fields.Char()\n" } else { "" };
    let model = format!(
        "from odoo import fields, models\n\n\nclass Book(models.Model):\n    _name = 'shelf.book'\n    \
         _description = 'Book'\n\n    name = fields.Char(required=True)\n{field}"
    );
    let shown = if second { "<field name='signature'/>" } else { "" };
    let view = format!(
        "<odoo><record id='book_form' model='ir.ui.view'><field name='name'>shelf.book.form</field>\
         <field name='model'>shelf.book</field><field name='arch' type='xml'>\n\
         <form><field name='name'/>{shown}</form></field></record></odoo>\n"
    );
    let access = "id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink\n\
                  access_book,book,model_shelf_book,base.group_user,1,1,1,1\n";
    let data = "<odoo noupdate='1'><record id='book' model='shelf.book'><field name='name'>Röda rummet</field></record></odoo>\n";
    let folder = format!("migrations/{series}.{version}/post-signature.py");
    let mut files = vec![
        ("__manifest__.py", manifest),
        ("__init__.py", "from . import book\n".to_owned()),
        ("book.py", model),
        ("views/book.xml", view),
        ("security/ir.model.access.csv", access.to_owned()),
        ("data/book.xml", data.to_owned()),
    ];
    if second {
        let script = "def migrate(cr, version):\n    cr.execute(\"UPDATE shelf_book SET signature = 'was ' || %s\", [version])\n";
        files.push((&folder, script.to_owned()));
    }
    files
        .into_iter()
        .map(|(path, text)| (format!("shelf/{path}"), text))
        .collect()
}

/// The files of a module that holds nothing.
pub(crate) fn empty(series: &str, name: &str) -> Vec<(String, String)> {
    let manifest =
        format!("{{'name': '{name}', 'version': '{series}.1.0.0', 'depends': ['base'], 'license': 'LGPL-3'}}\n");
    vec![
        (format!("{name}/__manifest__.py"), manifest),
        (format!("{name}/__init__.py"), String::new()),
    ]
}

/// The files of a module that loads one record, a note on a company; `note` is what it says.
pub(crate) fn noted(series: &str, name: &str, depends: &str, note: &str) -> Vec<(String, String)> {
    let manifest = format!(
        "{{'name': '{name}', 'version': '{series}.1.0.0', 'depends': ['{depends}'], 'license': 'LGPL-3',\n \
         'data': ['data/{name}.xml']}}\n"
    );
    let data = format!(
        "<odoo><record id='note' model='ir.config_parameter'><field name='key'>{name}.note</field>\
         <field name='value'>{note}</field></record></odoo>\n"
    );
    vec![
        (format!("{name}/__manifest__.py"), manifest),
        (format!("{name}/__init__.py"), String::new()),
        (format!("{name}/data/{name}.xml"), data),
    ]
}

pub(crate) fn borrowed(files: &[(String, String)]) -> Vec<(&str, &str)> {
    files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect()
}
