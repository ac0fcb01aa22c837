# Window actions, menus, dashboards, saved filters and record rules: what they name, and what people of each kind see.
import datetime


# Menus are there for groups; that many users are looked through the eyes of.
EYES = 5


def groups_of(user):
    return user.all_group_ids if SERIES >= 19 else user.groups_id


def eyes():
    """Returns ordinary users who together have all groups that menus are for; none of them administers the database."""
    admin = env.ref("base.group_system")
    users = env["res.users"].search([("share", "=", False), ("id", ">", 2)], order="id", limit=200)
    left = {user: set(groups_of(user).ids) for user in users if admin not in groups_of(user)}
    chosen, covered = [], set()
    while left and len(chosen) < EYES:
        user = max(left, key=lambda one: (len(left[one] - covered), -one.id))
        groups = left.pop(user)
        if chosen and not groups - covered:
            break
        chosen.append(user)
        covered |= groups
    others = groups_of_menus() - covered
    if others or not chosen:
        chosen += made_user(others)
    return chosen


def groups_of_menus():
    """Returns the groups that menus are for, without those of administrators, developers and outsiders."""
    names = ("system", "erp_manager", "no_one", "portal", "public")
    not_ours = [env.ref("base.group_" + name, raise_if_not_found=False) for name in names]
    found = {id for (id,) in rows("SELECT DISTINCT gid FROM ir_ui_menu_group_rel")}
    found -= {group.id for group in not_ours if group}
    if SERIES >= 19:
        implied = {group.id: group.all_implied_ids for group in env["res.groups"].browse(sorted(found))}
    else:
        implied = {group.id: group.trans_implied_ids for group in env["res.groups"].browse(sorted(found))}
    admin = env.ref("base.group_system")
    return {id for id, groups in implied.items() if admin not in groups}


def made_user(groups):
    """Makes a user in these groups, for as long as this look takes; returns none where Odoo does not let it."""
    values = {"name": "hopp", "login": "somebody with rights nobody else has"}
    values["group_ids" if SERIES >= 19 else "groups_id"] = [(6, 0, [env.ref("base.group_user").id] + sorted(groups))]
    env.cr.execute("SAVEPOINT hopp_user")
    try:
        quiet = {"no_reset_password": True, "mail_create_nosubscribe": True, "tracking_disable": True}
        user = env["res.users"].with_context(**quiet).create(values)
        user.flush_recordset() if SERIES >= 16 else user.flush()
        return [user]
    except Exception:
        back_to("hopp_user")
        env.clear()
        return []


def look_at_windows():
    reached = reached_by_menus()
    look_at_actions(reached)
    look_at_menus()
    look_through_eyes(reached)
    look_at_filters()
    look_at_rules()
    look_at_dashboards()


def reached_by_menus():
    """Returns the window actions that menus and the Action menu of records lead to."""
    found = {
        int(action.split(",")[1])
        for (action,) in rows("SELECT action FROM ir_ui_menu WHERE active AND action LIKE 'ir.actions.act_window,%%'")
    }
    return found | {id for (id,) in rows("SELECT id FROM ir_act_window WHERE binding_model_id IS NOT NULL")}


def look_at_actions(reached):
    actions = rows("SELECT id, name, res_model, domain, context FROM ir_act_window ORDER BY id")
    counts["actions"] = len(actions)
    for id, name, model, domain, context in actions:
        grave = id in reached
        if model not in env:
            fault("action", "ir_act_window", id, name, ["model:%s" % model], ["res_model"], of=model, grave=grave)
            continue
        look_at_expressions("action", "ir_act_window", id, name, model, domain, context, grave=grave)
    # A view of another model than the action's own is no view of it.
    wrong = rows(
        "SELECT a.id, a.name, a.res_model, v.id, v.model FROM ir_act_window a"
        " LEFT JOIN ir_act_window_view w ON w.act_window_id = a.id"
        " JOIN ir_ui_view v ON v.id IN (a.view_id, a.search_view_id, w.view_id)"
        " WHERE v.model IS DISTINCT FROM a.res_model ORDER BY a.id"
    )
    for id, name, model, view, other in wrong:
        if model in env:
            said = "its view %s is one of %s, not of %s" % (xmlid_of("ir.ui.view", view) or view, other, model)
            columns = ["res_model", "view_id", "search_view_id"]
            fault("action", "ir_act_window", id, name, [], columns, said, of=model, grave=id in reached)


def look_at_expressions(kind, table, id, name, model, domain, context, sort=None, grave=False, column="domain", types=None):
    """Looks at the domain and the context of a record, and tries the domain where that needs nothing of a browser."""
    lost, error = [], None
    tree, wrong = parsed(domain)
    if wrong is not None:
        error = "SyntaxError: %s: %s" % (getattr(wrong, "msg", wrong), domain[:120])
    else:
        lost += lost_in_domain(model, tree)
        lost += lost_in_code(domain, types)[1] if types else []
    tree, wrong = parsed(context)
    if wrong is not None:
        error = error or "SyntaxError: %s: %s" % (getattr(wrong, "msg", wrong), context[:120])
    else:
        lost += lost_in_context(model, tree)
    for one in sort or []:
        path = one.split()[0].split(":")[0] if isinstance(one, str) and one.split() else None
        if path and not path.startswith("__") and lost_in_path(model, path):
            lost.append(lost_in_path(model, path))
    if not lost and not error and domain:
        error = tried(model, domain)
    if lost or error:
        columns = [column, "context", "sort"]
        fault(kind, table, id, name, lost, columns, error, of=model, grave=grave)


def tried(model, domain):
    """Searches with a domain; returns what Odoo says when that cannot be done. What a browser fills in is not tried."""
    if env[model]._abstract or (env[model]._transient and not env[model]._auto):
        return None
    from odoo.tools.safe_eval import safe_eval

    given = {
        "uid": env.uid,
        "user": env.user,
        "time": time_for_domains(),
        "context_today": lambda: datetime.date.today(),
        "current_date": datetime.date.today().isoformat(),
        "allowed_company_ids": env.companies.ids,
        "company_id": env.company.id,
        "company_ids": env.companies.ids,
        "context": dict(env.context),
    }
    terms = []
    if attempt(lambda: safe_eval(domain, given), terms) is not None or not isinstance(terms[0], (list, tuple)):
        return None
    error = attempt(lambda: env[model].sudo().search(list(terms[0]), limit=1))
    env.clear()
    return last_line(error) if isinstance(error, (ValueError, KeyError, AttributeError)) else None


def time_for_domains():
    from odoo.tools.safe_eval import time as wrapped

    return wrapped


def look_at_menus():
    tables = {"ir.actions.act_window": "ir_act_window", "ir.actions.server": "ir_act_server"}
    tables.update({"ir.actions.act_url": "ir_act_url", "ir.actions.client": "ir_act_client"})
    tables["ir.actions.report"] = "ir_act_report_xml"
    menus = rows("SELECT id, name, action FROM ir_ui_menu WHERE active AND action IS NOT NULL ORDER BY id")
    counts["menus"] = len(menus)
    for id, name, action in menus:
        model, number = action.split(",")
        if model not in tables or not rows("SELECT 1 FROM %s WHERE id = %%s" % tables[model], [int(number)]):
            fault("menu", "ir_ui_menu", id, full_name(id) or name, ["action:" + number], ["action"])


def full_name(id):
    names = []
    while id:
        ((name, id),) = rows("SELECT name, parent_id FROM ir_ui_menu WHERE id = %s", [id])
        names.insert(0, english(name))
    return "/".join(names)


def look_through_eyes(reached):
    """Opens every window as the browser does it, for one user of every kind."""
    users = eyes()
    counts["users"] = [user.login for user in users]
    counts["windows"] = 0
    told = {one["id"] for one in faults if one["kind"] == "action"}
    seen = set()
    actions = env["ir.actions.act_window"].search([], order="id")
    actions = [(action, action.res_model, list(action.views), action.search_view_id.id) for action in actions]
    for user in [None] + users:
        shown = allowed(user) if user else set()
        for action, model, views, search in actions:
            what = (user, model, tuple(views), search)
            if model not in env or action.id in told or what in seen:
                continue
            if user and action.id not in shown and not may_read(user, model):
                continue
            seen.add(what)
            counts["windows"] += 1
            error = opened(action, model, views + [(search, "search")], user)
            if error is None or is_told(error):
                continue
            if type(error).__name__ == "AccessError" and action.id not in shown:
                continue  # no menu leads there
            told.add(action.id)
            who = "for %s: " % user.login if user else ""
            columns = ["res_model", "view_id", "search_view_id", "view_mode"]
            grave = action.id in reached or action.id in shown
            said = who + last_line(error)
            fault("window", "ir_act_window", action.id, action.name, [], columns, said, of=model, grave=grave)


def may_read(user, model):
    access = env["ir.model.access"].with_user(user)
    return access.check(model, "read", raise_exception=False)


def allowed(user):
    """Returns the window actions behind the menus that a user sees."""
    menus = env["ir.ui.menu"].with_user(user)
    visible = menus.browse(menus._visible_menu_ids())
    found = set()
    for menu in visible.sudo():
        action = menu.action
        if action and action._name == "ir.actions.act_window":
            groups = action.group_ids if SERIES >= 19 else action.groups_id
            if not groups or groups & groups_of(user):
                found.add(action.id)
    return found


def opened(action, model, views, user):
    model = env[model].with_user(user) if user else env[model]
    options = {"action_id": action.id, "load_filters": True, "toolbar": True}
    if SERIES >= 16:
        return attempt(lambda: model.get_views(views, options))
    return attempt(lambda: model.load_views(views, options))


def is_told(error):
    """Says whether an error is that of a view which is told as broken itself."""
    return bool(broken) and (named_by(error) in broken or type(error).__name__ in ("ValidationError", "ParseError"))


def look_at_filters():
    filters = rows("SELECT id, name, model_id, domain, context, sort FROM ir_filters ORDER BY id")
    counts["filters"] = len(filters)
    for id, name, model, domain, context, sort in filters:
        if model not in env:
            fault("filter", "ir_filters", id, name, ["model:%s" % model], ["model_id"], of=model)
            continue
        try:
            order = json.loads(sort or "[]")
        except ValueError:
            order = []
        look_at_expressions("filter", "ir_filters", id, name, model, domain, context, order)


def look_at_rules():
    rules = rows(
        "SELECT r.id, r.name, m.model, r.domain_force FROM ir_rule r JOIN ir_model m ON m.id = r.model_id"
        " WHERE r.active AND r.domain_force IS NOT NULL ORDER BY r.id"
    )
    counts["rules"] = len(rules)
    for id, name, model, domain in rules:
        if model not in env:
            continue  # no record is there to be ruled
        # A rule may read fields of the user whom it rules.
        user = {"user": "res.users"}
        look_at_expressions("rule", "ir_rule", id, name, model, domain, None, column="domain_force", types=user)


def look_at_dashboards():
    from lxml import etree

    if not has("ir_ui_view_custom", "arch", "user_id"):
        return
    boards = rows("SELECT c.id, c.arch, u.login FROM ir_ui_view_custom c JOIN res_users u ON u.id = c.user_id")
    for id, arch, login in boards:
        name = "dashboard of %s" % login
        try:
            tree = etree.fromstring(arch)
        except (etree.XMLSyntaxError, ValueError, TypeError) as error:
            fault("dashboard", "ir_ui_view_custom", id, name, [], ["arch"], "it is no XML: %s" % error)
            continue
        for node in tree.iter("action"):
            number = node.get("name") or ""
            found = number.isdigit() and rows("SELECT res_model FROM ir_act_window WHERE id = %s", [int(number)])
            label = "%s: %s" % (name, node.get("string") or number)
            if not found:
                fault("dashboard", "ir_ui_view_custom", id, label, ["action:" + number], ["arch"])
            elif found[0][0] in env:
                model, lost = found[0][0], []
                for attribute, look in (("domain", lost_in_domain), ("context", lost_in_context)):
                    tree_of_it, wrong = parsed(node.get(attribute))
                    lost += look(model, tree_of_it) if wrong is None else []
                if lost:
                    fault("dashboard", "ir_ui_view_custom", id, label, lost, ["arch"], of=model)
