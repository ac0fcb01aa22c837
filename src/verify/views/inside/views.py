# Every active view: combined and validated, and rendered by the superuser.
View = env["ir.ui.view"]
broken = {}


def check(view):
    return attempt(view._check_xml)


def render(view):
    model = env[view.model]
    if SERIES >= 16:
        return attempt(lambda: model.get_views([(view.id, view.type)]))
    return attempt(lambda: model.fields_view_get(view_id=view.id, view_type=view.type))


def chain_of(view):
    """Returns the views that a view is built upon, itself first, the very root last."""
    chain = View
    while view:
        chain |= view
        view = view.inherit_id
    return chain


def named_by(error):
    """Returns the id of the view that an error itself names, or None."""
    context = getattr(error, "context", None)
    if isinstance(context, dict) and getattr(context.get("view"), "_name", None) == "ir.ui.view":
        return context["view"].id
    found = re.search(r"(?:ir\.ui\.view\(|view_id: |ID: )(\d+)", text(error))
    return int(found.group(1)) if found else None


def fields_in(error):
    """Returns the names of fields or buttons that an error quotes."""
    return re.findall(r"""(?:[Ff]ield ["'`“]|name=(?:["']|&#39;))(\w+)""", text(error))


def gone_fields(view, error):
    """Returns the names of fields that an error quotes and the view's model does not have."""
    pattern = r"""(?:[Ff]ield ["'`“]|field\[@name=(?:["']|&#39;)|<field name=["'])(\w+)"""
    names = re.findall(pattern, text(error)) if view.model in env else []
    return sorted({name for name in names if name not in env[view.model]._fields})


def tree_of(view):
    """Returns every active view that has a part in what a view looks like."""
    found = level = chain_of(view)
    while level:
        level = View.search([("inherit_id", "in", level.ids), ("mode", "=", "extension")]) - found
        found |= level
    return found


def switch_off(view):
    env.cr.execute("UPDATE ir_ui_view SET active = false WHERE id = %s", [view.id])
    forget()


def without(view, look):
    """Looks while a view is switched off, then switches it on again."""
    env.cr.execute("SAVEPOINT hopp_off")
    switch_off(view)
    error = look()
    back_to("hopp_off")
    forget()
    return error


def culprit_of(view, error, look):
    """Returns the view without which a view is well: Odoo blames every view of a tree for one bad extension."""
    top = chain_of(view).filtered(lambda one: not one.inherit_id or one.mode == "primary")[:1] or view
    if look == check and top != view:
        seen = check(top)
        if seen is None:
            return view  # only this view is in the way, not its tree
        view, error = top, seen
    named, words = named_by(error), fields_in(error)

    def likely(one):
        return (
            one.id != named,
            not any(word in (one.arch_db or "") for word in words),
            bool(one.xml_id),
            bool(View.search_count([("inherit_id", "=", one.id)])),
            -one.id,
        )

    for candidate in (tree_of(view) - view).sorted(likely)[:80]:
        after = without(candidate, lambda: look(view))
        if after is None or text(after) != text(error):
            return candidate
    return view


def find_culprits(failures, look, how):
    """Switches off one culprit after the other until every view is well; adds them to `broken`."""
    # A view that others are built upon comes first: with its culprit off, they may be well.
    failures.sort(key=lambda failure: (len(chain_of(failure[0])), failure[0].id))
    while failures:
        view, error = failures.pop(0)
        culprit = culprit_of(view, error, look)
        entry = broken.setdefault(culprit.id, describe(culprit, error, how))
        if culprit != view and culprit.inherit_id:
            failures.insert(0, (view, error))  # another one may be in its way too
            entry["blamed"].append(name_of(view))
        if culprit.inherit_id:
            switch_off(culprit)
        family = chain_of(culprit)[-1:]
        left = []
        for other, now in failures:
            if other == culprit:
                continue
            if family in chain_of(other):
                # A root cannot be switched off: who says the same about it is blamed for it.
                now = look(other) if culprit.inherit_id or text(now) != text(error) else None
            if now is None:
                if name_of(other) not in entry["blamed"]:
                    entry["blamed"].append(name_of(other))
            else:
                left.append((other, now))
        failures = left


def name_of(view):
    return view.xml_id or "view %s" % view.id


def website_of(view):
    """Returns the name of the website whose copy a view is, or None."""
    return view.website_id.name if "website_id" in View._fields and view.website_id else None


def describe(view, error, how):
    env.cr.execute(
        "SELECT module || '.' || name, noupdate FROM ir_model_data"
        " WHERE model = 'ir.ui.view' AND res_id = %s ORDER BY id LIMIT 1",
        [view.id],
    )
    xmlid, noupdate = env.cr.fetchone() or (None, False)
    env.cr.execute("SELECT count(*) FROM ir_ui_view WHERE inherit_id = %s", [view.id])
    (children,) = env.cr.fetchone()
    parent = view.inherit_id
    return {
        "id": view.id,
        "xmlid": xmlid,
        "name": view.name or "",
        "model": view.model or None,
        "type": view.type or "",
        "parent": name_of(parent) if parent else None,
        "children": children,
        "key": view.key or None,
        "website": website_of(view),
        "edited": bool(view.arch_updated) if "arch_updated" in View._fields else False,
        "noupdate": bool(noupdate),
        "digest": rows("SELECT md5(arch_db::text) FROM ir_ui_view WHERE id = %s", [view.id])[0][0],
        "how": how,
        "error": text(error)[:2000],
        "blamed": [],
        "gone": gone_fields(view, error),
    }


def switched_off():
    """Returns the views of modules that are off. What people made themselves is compared elsewhere."""
    return [
        {"id": id, "xmlid": xmlid, "name": name, "model": model, "own": bool(own)}
        for id, xmlid, name, model, own in rows(
            "SELECT DISTINCT ON (v.id) v.id, d.module || '.' || d.name, v.name, v.model, coalesce(m.author, '') !~* '^odoo|openerp'"
            " FROM ir_ui_view v JOIN ir_model_data d ON d.model = 'ir.ui.view' AND d.res_id = v.id"
            " JOIN ir_module_module m ON m.name = d.module WHERE NOT v.active ORDER BY v.id, d.id"
        )
    ]


def look_at_views():
    views = View.search([], order="id")
    counts["views"] = len(views)
    counts["rendered"] = 0
    gone = views.filtered(lambda view: view.model and view.type != "qweb" and view.model not in env)
    for view in gone:
        broken[view.id] = describe(view, KeyError("the model %s does not exist" % view.model), "model")
    failures = [(view, error) for view in views - gone for error in [check(view)] if error is not None]
    failed = {view.id for view, _ in failures}
    env.cr.execute("SAVEPOINT hopp_culprits")
    find_culprits(failures, check, "check")
    back_to("hopp_culprits")
    forget()
    failures = []
    for view in views - gone:
        if view.type == "qweb" or not view.model or (view.inherit_id and view.mode != "primary"):
            continue
        counts["rendered"] += 1
        error = render(view) if view.id not in failed else None
        if error is not None:
            failures.append((view, error))
    find_culprits(failures, render, "render")
