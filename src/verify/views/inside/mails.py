# Mail templates: free of old syntax, and rendered on the newest record.
OLD = re.compile(r"\$\{[^}]*(?:object|ctx|user|record|format_|not |'|\")[^}]*\}|^\s*%\s*(?:if|for|set|endif|endfor|else|elif)\b", re.M)
# A template may wait for what only its sender tells it; that is no fault of the template.
UNTOLD = re.compile(r"\bctx\b|NoneType|is not defined|has no len|unsupported operand|Missing|KeyError", re.I)
MAILED = ["subject", "body_html", "email_from", "email_to", "email_cc", "partner_to", "reply_to", "lang"]
STANDARD = {"account.move", "account.invoice", "sale.order", "purchase.order", "stock.picking", "account.payment"}


def newest(model, domain=()):
    """Returns the newest record, or none."""
    found = []
    Model = env[model].sudo()
    if Model._abstract or Model._transient or not Model._auto:
        return Model
    attempt(lambda: Model.search(list(domain), order="id desc", limit=1).ids, found)
    return env[model].browse(found[0] if found else [])


def newest_document(model):
    """Returns the newest record of a kind that people would print or send."""
    wanted = {
        "account.move": [("move_type", "in", ("out_invoice", "out_refund")), ("state", "=", "posted")],
        "sale.order": [("state", "in", ("sale", "done"))],
        "purchase.order": [("state", "in", ("purchase", "done"))],
        "stock.picking": [("state", "=", "done"), ("picking_type_code", "=", "outgoing")],
    }
    found = newest(model, wanted.get(model, ()))
    return found or newest(model)


def look_at_mails():
    if "mail.template" not in env:
        return
    templates = env["mail.template"].with_context(active_test=False).search([], order="id")
    counts["mail_templates"] = len(templates)
    counts["mails_rendered"] = 0
    columns = [column for column in MAILED if has("mail_template", column)]
    for template in templates:
        model = template.model
        ((row,),) = rows("SELECT to_jsonb(t) FROM mail_template t WHERE id = %s", [template.id])
        name, grave = template.name, model in STANDARD
        if model and model not in env:
            fault("mail", "mail_template", template.id, name, ["model:" + model], ["model"], of=model, grave=grave)
            continue
        old = [column for column in columns if SERIES >= 15 and is_old(row.get(column))]
        if old:
            said = "%s still has the syntax of 14.0: %s" % (" and ".join(old), is_old(row[old[0]]))
            fault("mail-syntax", "mail_template", template.id, name, [], old, said, of=model, grave=grave)
        record = newest_document(model) if model else None
        if not record:
            continue
        counts["mails_rendered"] += 1
        for column in columns:
            if column in old or not row.get(column):
                continue
            error = attempt(lambda: template._render_field(column, record.ids, **({"compute_lang": True} if column != "lang" else {})))
            env.clear()
            if error is None:
                continue
            lost = lost_in_error(error)
            if not lost and UNTOLD.search(last_line(error)):
                continue
            said = "%s of %s %s: %s" % (column, model, record.id, last_line(error))
            fault("mail", "mail_template", template.id, name, lost, [column], said, of=model, grave=grave)
            break


def is_old(value):
    """Returns the first old expression in a text or its translations, or None."""
    texts = value.values() if isinstance(value, dict) else [value]
    for one in texts:
        found = OLD.search(one) if isinstance(one, str) else None
        if found:
            return found.group(0).strip()[:80]
    return None


def lost_in_error(error):
    """Returns the field that an error says is not there."""
    said = str(error)
    while error.__cause__ is not None:
        error = error.__cause__
        said += "\n" + str(error)
    found = re.search(r"'([\w.]+)' object has no attribute '(\w+)'", said)
    if found and found.group(1) in env and not hasattr(type(env[found.group(1)]), found.group(2)):
        return ["%s.%s" % found.groups()]
    return []
