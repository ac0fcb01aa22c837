# Code and field names that people keep in the database: server actions, automations, manual fields, exports, defaults.


def look_at_code():
    look_at_server_actions()
    look_at_automations()
    look_at_manual_fields()
    look_at_exports()
    look_at_defaults()
    look_at_properties()
    look_at_aliases()


def look_at_server_actions():
    crons = {}
    for id, name, action in rows("SELECT id, cron_name, ir_actions_server_id FROM ir_cron ORDER BY id"):
        crons[action] = (id, name)
    actions = rows(
        "SELECT a.id, a.name, m.model, a.state, a.code, to_jsonb(a) FROM ir_act_server a"
        " LEFT JOIN ir_model m ON m.id = a.model_id ORDER BY a.id"
    )
    counts["server_actions"] = len(actions)
    for id, name, model, state, code, row in actions:
        kind = "cron" if id in crons else "server"
        if kind == "server" and row.get("usage") == "ir_cron":
            continue  # what a scheduled action left that is gone: nothing runs it
        if model not in env:
            fault(kind, "ir_act_server", id, name, ["model:%s" % model], ["model_id"], of=model)
            continue
        error, lost, place, columns = None, [], None, ["code"]
        if state == "code":
            types = {"model": model, "record": model, "records": model}
            error, lost, place = lost_in_code(code, types)
        elif row.get("update_path"):
            lost, columns = [lost_in_path(model, row["update_path"])], ["update_path"]
        if state in ("object_write", "object_create") and row.get("evaluation_type") == "equation":
            error, more, place = lost_in_code(row.get("value"), {"record": model, "model": model, "records": model})
            lost, columns = lost + more, columns + ["value"]
        lost = [thing for thing in lost if thing]
        if error or lost:
            fault(kind, "ir_act_server", id, name, lost, columns, error, place, of=model)
    if has("ir_server_object_lines", "value", "evaluation_type", "server_id"):
        lines = rows(
            "SELECT l.id, a.name, m.model, l.value FROM ir_server_object_lines l JOIN ir_act_server a ON a.id = l.server_id"
            " JOIN ir_model m ON m.id = a.model_id WHERE l.evaluation_type = 'equation'"
        )
        for id, name, model, value in lines if SERIES < 17 else []:
            error, lost, place = lost_in_code(value, {"record": model, "model": model, "records": model})
            if error or lost:
                fault("server", "ir_server_object_lines", id, name, lost, ["value"], error, place, of=model)


def look_at_automations():
    if not has("base_automation", "filter_domain", "filter_pre_domain") or "base.automation" not in env:
        return
    for rule in env["base.automation"].with_context(active_test=False).search([], order="id"):
        model = rule.model_id.model
        lost, error = [], None
        for domain in (rule.filter_domain, rule.filter_pre_domain):
            tree, wrong = parsed(domain)
            if wrong is not None:
                error = "SyntaxError: %s: %s" % (getattr(wrong, "msg", wrong), domain[:120])
            elif model in env:
                lost += lost_in_domain(model, tree)
        fields = rule.trg_date_id
        for column in ("trigger_field_ids", "on_change_field_ids"):
            fields |= rule[column] if column in rule._fields else fields
        lost += ["%s.%s" % (field.model, field.name) for field in fields if lost_in_path(field.model, field.name)]
        columns = ["filter_domain", "filter_pre_domain"]
        if not model:
            # Up to 16.0 its server action has the model, and it has no such column.
            lost, error, columns = [], "it has no model", ["model_id"]
        elif model not in env:
            lost = ["model:%s" % model]
        if lost or error:
            fault("automation", "base_automation", rule.id, rule.name or "", lost, columns, error, of=model or None)


def look_at_manual_fields():
    fields = rows(
        "SELECT id, model, name, compute, depends, related, ttype, relation FROM ir_model_fields"
        " WHERE state = 'manual' ORDER BY id"
    )
    counts["manual_fields"] = len(fields)
    for id, model, name, compute, depends, related, kind, relation in fields:
        label = "%s.%s" % (model, name)
        if model not in env:
            fault("field", "ir_model_fields", id, label, ["model:" + model], ["model"], of=model)
            continue
        lost, error, place = [], None, None
        if relation and relation not in env:
            lost.append("model:" + relation)
        if related:
            lost.append(lost_in_path(model, related))
        if compute:
            error, more, place = lost_in_code(compute, {"self": model})
            lost += more
            lost += [lost_in_path(model, path.strip()) for path in (depends or "").split(",") if path.strip()]
        lost = [thing for thing in lost if thing]
        if not lost and not error:
            error = computed(model, name, compute)
        if lost or error:
            columns = ["compute", "depends", "related", "relation"]
            fault("field", "ir_model_fields", id, label, lost, columns, error, place, of=model)


def computed(model, name, compute):
    """Reads a manual field of the newest record; returns what Odoo says when that cannot be done."""
    if name not in env[model]._fields:
        return "Odoo does not load it"
    if not compute or env[model]._abstract:
        return None
    error = attempt(lambda: env[model].sudo().search([], order="id desc", limit=1).mapped(name))
    env.clear()
    return last_line(error) if error is not None else None


def look_at_exports():
    lines = rows(
        "SELECT l.id, e.name, e.resource, l.name FROM ir_exports_line l JOIN ir_exports e ON e.id = l.export_id ORDER BY 1"
    )
    counts["exports"] = len(lines)
    for id, name, model, path in lines:
        if model not in env:
            fault("export", "ir_exports_line", id, name, ["model:%s" % model], ["name"], of=model)
            continue
        names = [one for one in (path or "").split("/") if one not in (".id", "id")]
        lost = lost_in_path(model, ".".join(names)) if names else None
        if lost:
            fault("export", "ir_exports_line", id, "%s: %s" % (name, path), [lost], ["name"], of=model)


def look_at_defaults():
    defaults = rows("SELECT d.id, f.model, f.name FROM ir_default d JOIN ir_model_fields f ON f.id = d.field_id ORDER BY 1")
    for id, model, name in defaults:
        label = "default of %s.%s" % (model, name)
        lost = lost_in_path(model, name)
        if lost:
            fault("default", "ir_default", id, label, [lost], ["json_value"], of=model)


def look_at_properties():
    """Definitions of properties (16.0 and later) name models, and domains of them."""
    for model in sorted(env.registry):
        for name, field in env[model]._fields.items():
            if field.type != "properties_definition" or not field.store or not has(env[model]._table, name):
                continue
            table = env[model]._table
            for id, definition in rows('SELECT id, "%s" FROM "%s" WHERE "%s" IS NOT NULL' % (name, table, name)):
                for one in definition if isinstance(definition, list) else []:
                    comodel = one.get("comodel")
                    lost = ["model:" + comodel] if comodel and comodel not in env else []
                    if comodel in env and one.get("domain"):
                        tree, wrong = parsed(one["domain"])
                        lost += lost_in_domain(comodel, tree) if wrong is None else []
                    if lost:
                        label = "property %s in %s %s" % (one.get("string") or one.get("name"), model, id)
                        fault("property", table, id, label, lost, [name], of=model)


def look_at_aliases():
    """Mail to an alias makes a record with these values: one that no field takes loses the mail."""
    if not has("mail_alias", "alias_defaults", "alias_model_id"):
        return
    aliases = rows(
        "SELECT a.id, a.alias_name, m.model, a.alias_defaults FROM mail_alias a JOIN ir_model m ON m.id = a.alias_model_id"
        " ORDER BY a.id"
    )
    for id, name, model, defaults in aliases:
        if model not in env:
            fault("alias", "mail_alias", id, name, ["model:" + model], ["alias_model_id"], of=model)
            continue
        tree, wrong = parsed(defaults)
        keys = [constant(key) for key in tree.keys] if isinstance(tree, ast.Dict) else []
        lost = ["%s.%s" % (model, key) for key in keys if key and not step(model, key)[0]]
        if lost or wrong:
            error = "SyntaxError: %s" % wrong if wrong else None
            fault("alias", "mail_alias", id, name or "alias %s" % id, lost, ["alias_defaults"], error, of=model)
