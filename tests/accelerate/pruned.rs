//! A module whose second version has lost most of what the first had, so that its update ends with much to delete.

use std::fmt::Write as _;

use crate::harness::content::Content;

/// Returns the module's files, of the first version or of the second.
pub(crate) fn module(series: &str, pruned: bool) -> Vec<(String, String)> {
    let version = if pruned { "1.1.0" } else { "1.0.0" };
    let manifest = format!(
        "{{'name': 'Pruned', 'version': '{series}.{version}', 'depends': ['base'], 'license': 'LGPL-3',\n \
         'data': ['security/ir.model.access.csv', 'views/thing.xml']}}\n"
    );
    let mut model = "from odoo import fields, models\n\n\nclass Thing(models.Model):\n    _name = 'pruned.thing'\n    \
         _description = 'Thing'\n\n    name = fields.Char()\n"
        .to_owned();
    let mut access = "id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink\n\
         access_thing,thing,model_pruned_thing,base.group_user,1,1,1,1\n"
        .to_owned();
    let mut fields = "<field name='name'/>".to_owned();
    let mut more = String::new();
    if pruned {
        model.push_str("    kind = fields.Selection([('a', 'A')])\n");
    } else {
        model.push_str("    kind = fields.Selection([('a', 'A'), ('b', 'B'), ('c', 'C')])\n");
        for number in 0..12 {
            writeln!(model, "    gone_{number} = fields.Char()").unwrap();
            write!(fields, "<field name='gone_{number}'/>").unwrap();
        }
        // One goes with another, by what the database itself deletes.
        model.push_str(
            "    mood = fields.Selection([('good', 'Good'), ('bad', 'Bad')])\n    \
             owner_id = fields.Many2one('res.partner')\n    owner_name = fields.Char(related='owner_id.name')\n    \
             part_ids = fields.One2many('pruned.part', 'thing_id')\n    part_name = fields.Char(related='part_ids.name')\n\n\n\
             class Part(models.Model):\n    _name = 'pruned.part'\n    _description = 'Part'\n\n    \
             name = fields.Char()\n    thing_id = fields.Many2one('pruned.thing')\n    \
             thing_mood = fields.Selection(related='thing_id.mood', store=True)\n",
        );
        for (name, group) in [("user", "base.group_user"), ("system", "base.group_system")] {
            writeln!(
                access,
                "access_part_{name},part {name},model_pruned_part,{group},1,1,1,1"
            )
            .unwrap();
        }
        writeln!(
            access,
            "access_thing_system,thing 2,model_pruned_thing,base.group_system,1,1,1,1"
        )
        .unwrap();
        more.push_str(
            "<record id='things' model='ir.actions.act_window'><field name='name'>Things</field>\
             <field name='res_model'>pruned.thing</field></record>\
             <menuitem id='menu' name='Things'/><menuitem id='menu_things' parent='menu' action='things'/>\n",
        );
    }
    let view = format!(
        "<odoo><record id='thing_form' model='ir.ui.view'><field name='name'>pruned.thing.form</field>\
         <field name='model'>pruned.thing</field><field name='arch' type='xml'>\n<form>{fields}</form></field></record>\n\
         {more}</odoo>\n"
    );
    let files = [
        ("__manifest__.py", manifest),
        ("__init__.py", "from . import thing\n".to_owned()),
        ("thing.py", model),
        ("views/thing.xml", view),
        ("security/ir.model.access.csv", access),
    ];
    files.map(|(path, text)| (format!("pruned/{path}"), text)).into()
}

/// Fails unless what the second version has no more is gone, and what it has is there.
pub(crate) fn is_gone(content: &Content) {
    let fields = content["public.ir_model_data"].values("name");
    assert!(fields.contains(&"field_pruned_thing__kind"));
    let left: Vec<_> = fields
        .iter()
        .filter(|name| name.contains("pruned_part") || name.contains("gone_") || name.contains("mood"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}
