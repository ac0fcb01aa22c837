"""The clean-up at the end of an upgrade, with records deleted together that can be.

An upgrade ends with the deletion of all records that the modules' data had and has no more: hundreds of fields, of values
of selections, of access rights, each on its own, and each followed by a dozen questions that are asked for one record as
fast as for a hundred. Here records that follow one another in Odoo's order, of one model and one module, are deleted
together. That is the same where deleting one of them changes nothing about the next:

- fields that are not in the registry, are a module's own, and do not go with another one that is about to go,
- values of a selection that say nothing about what becomes of records that have them,
- access rights.

Everything else goes alone, in its turn, by the same call. Where deleting several fails, each is deleted on its own.
"""

import logging

from odoo.tools import config

_logger = logging.getLogger("odoo.addons.base.models.ir_model")

HOOK = "_process_end_unlink_record"
# Who is known to define the hook, and that it takes several records of these models.
KNOWN = {"odoo.addons.base.models.ir_model", "odoo.addons.website.models.ir_model_data"}


class CleanUp:
    @staticmethod
    def knows(data):
        """Says whether nobody else has a say in the deletions."""
        return {owner.__module__ for owner in type(data).__mro__ if HOOK in owner.__dict__} <= KNOWN

    def __init__(self, data, modules):
        self.data = data.with_context(_force_unlink=True)
        self.env = self.data.env
        self.modules = modules
        self.loaded = data.pool.loaded_xmlids
        self.lone_names = []  # external ids that go without their record
        self.batch = []  # pairs of an external id, by id and name, and the record
        self.ids = set()  # of the records in the batch
        self.fields = self.values = {}  # what the database had when the clean-up began

    def run(self):
        if not self.modules or config.get("import_partial"):
            return True
        flush_all = getattr(self.env, "flush_all", None) or self.data.flush  # the latter in 15.0
        flush_all()
        obsolete = self.obsolete()
        shared = self.shared()
        self.fields, self.values = self.fields_known(), self.values_known()
        for id, name, model, res_id in obsolete:
            if model not in self.env:
                continue
            if self.batch and self.kind(self.batch[0]) != (model, name.split(".", 1)[0]):
                self.delete()
            if self.is_parent_of_loaded(model, res_id):
                continue
            if (model, res_id) in shared and self.data.search_count(
                [("model", "=", model), ("res_id", "=", res_id), ("id", "!=", id), ("id", "not in", self.lone_names)]
            ):
                self.lone_names.append(id)
                continue
            goes_with = self.goes_with(model, res_id)
            alone = goes_with is None
            if alone or goes_with & self.ids:
                self.delete()
            self.batch.append(((id, name), self.env[model].browse(res_id)))
            self.ids.add(res_id)
            if alone:
                self.delete()
        self.delete()
        if self.lone_names:
            self.data.browse(self.lone_names).unlink()
        self.env["ir.ui.view"]._create_all_specific_views(self.modules)
        self.loaded.clear()

    def obsolete(self):
        """Returns the external ids that no data file named, the newest first: id, name, model, record."""
        self.env.cr.execute(
            """ SELECT id, module || '.' || name, model, res_id FROM ir_model_data
                WHERE module IN %s AND res_id IS NOT NULL AND COALESCE(noupdate, false) != %s ORDER BY id DESC """,
            (tuple(self.modules), True),
        )
        return [row for row in self.env.cr.fetchall() if row[1] not in self.loaded]

    def shared(self):
        """Returns the records that have several external ids. None gets one more while records are deleted."""
        self.env.cr.execute("SELECT model, res_id FROM ir_model_data GROUP BY model, res_id HAVING count(*) > 1")
        return set(self.env.cr.fetchall())

    def fields_known(self):
        """Returns all fields by id: model, name, state, and the fields that the database deletes this one with."""
        self.env.cr.execute(
            "SELECT id, model, name, state, ARRAY[relation_field_id, related_field_id] FROM ir_model_fields"
        )
        return {row[0]: row[1:] for row in self.env.cr.fetchall()}

    def values_known(self):
        """Returns all values of selections by id: the field and the value."""
        self.env.cr.execute("SELECT id, field_id, value FROM ir_model_fields_selection")
        return {row[0]: row[1:] for row in self.env.cr.fetchall()}

    def goes_with(self, model, res_id):
        """Returns the records whose deletion deletes this one; nothing when it has to go alone."""
        if model == "ir.model.access":
            return set()
        if model == "ir.model.fields" and res_id in self.fields:
            owner, name, state, _ = self.fields[res_id]
            declared = state != "base" or self.declared(owner, name)
            return None if declared else self.above(res_id)
        if model == "ir.model.fields.selection" and res_id in self.values:
            field_id, value = self.values[res_id]
            owner, name, state, _ = self.fields[field_id]
            field = self.declared(owner, name)
            says = field and field.store and self.env[owner]._auto and (field.ondelete or {}).get(value)
            return None if state != "base" or says else set()
        return None

    def declared(self, owner, name):
        """Returns the field of the registry, if there is one."""
        owner = self.env.get(owner)
        return None if owner is None else owner._fields.get(name)

    def above(self, id):
        """Returns the fields that this one refers to, those that they refer to, and so on."""
        found, todo = set(), [id]
        while todo:
            upper = set(self.fields.get(todo.pop(), ([],))[-1]) - found - {None}
            found |= upper
            todo.extend(upper)
        return found

    def is_parent_of_loaded(self, model, res_id):
        """Says whether a record that a data file named inherits this one by delegation: then it stays."""
        for child in self.env[model]._inherits_children:
            child = self.env[child]
            if child._abstract:
                continue
            children = child.with_context(active_test=False).search([(child._inherits[model], "=", res_id)])
            if children and any(self.loaded.intersection(names) for names in children._get_external_ids().values()):
                return True
        return False

    def delete(self):
        """Deletes the records of the batch that are still there."""
        batch, self.batch = self.batch, []
        self.ids.clear()
        if not batch:
            return
        model, module = self.kind(batch[0])
        for (_, name), record in batch:
            _logger.info("Deleting %s@%s (%s)", record.id, model, name)
        records = batch[0][1].browse([record.id for _, record in batch]).with_context(module=module).exists()
        self.lone_names.extend(id for (id, _), record in batch if record.id not in records._ids)
        unlink = getattr(self.data, HOOK)
        if len(records) > 1:
            try:
                with self.env.cr.savepoint():
                    unlink(records)
            except Exception:
                _logger.debug("deleting them one by one: %s", records, exc_info=True)
            # OpenUpgrade goes on when a deletion fails, and then none of them is deleted.
            records = records.exists()
        for record in records:
            unlink(record)

    @staticmethod
    def kind(one):
        (_, name), record = one
        return record._name, name.split(".", 1)[0]
