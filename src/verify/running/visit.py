# Runs in a container of the series it looks at: starts Odoo's server on a copy of the database, asks it
# what a browser asks, and writes down what it answered. The names in capitals that are not set here are set by the lines
# before. The copy is thrown away afterwards. What the server logs goes to stderr, what is done here to stdout.
import html
import http.cookiejar
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
import urllib.error
import urllib.request
from xml.etree import ElementTree

STARTED = time.monotonic()
URL = "http://127.0.0.1:8069"
result = {
    "start_seconds": None, "exit": None, "login_page": None, "health": None, "pages": [],
    "bundles": [], "users": [], "failures": [], "seconds": 0.0,
}
progress = {"done": 0, "of": 0}
telling = threading.Lock()


def tell(text):
    with telling:
        print(text, flush=True)


def stopped(*_):
    sys.exit(143)


signal.signal(signal.SIGTERM, stopped)
# Sessions go with the container; the volume keeps nothing but the filestores.
os.makedirs(OWN_DATA)
os.symlink(os.path.join(DATA, "filestore"), os.path.join(OWN_DATA, "filestore"))
server = subprocess.Popen([
    "odoo", "-c", CONFIG, "-d", DATABASE, "--data-dir=" + OWN_DATA, "--db-filter=^%s$" % DATABASE, "--no-database-list",
    "--http-interface=127.0.0.1", "--http-port=8069", "--workers=0", "--max-cron-threads=0",
], stdout=sys.stderr)


class Refused(Exception):
    """What the server answered instead of what was asked for."""

    def __init__(self, kind, message, trace=""):
        super().__init__(message)
        self.kind = kind
        self.trace = trace


class Browser:
    """Somebody with cookies of their own."""

    def __init__(self):
        self.cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), self.cookies)
        self.context = {}

    def open(self, path, data=None, headers=None, timeout=None):
        """Returns status and body of an answer; 0 and what went wrong where there was none."""
        request = urllib.request.Request(URL + path, data, headers or {})
        try:
            with self.opener.open(request, timeout=timeout or REQUEST_LIMIT) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            if isinstance(reason, socket.timeout):
                return 0, b"no answer within %d s" % REQUEST_LIMIT
            return 0, str(reason).encode()

    def ask(self, path, params):
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}).encode()
        status, text = self.open(path, body, {"Content-Type": "application/json"})
        try:
            answer = json.loads(text.decode())
        except ValueError:
            late = status == 0 and text.startswith(b"no answer")
            raise Refused("slow" if late else "http", text.decode()[:200] if status == 0 else "HTTP %d" % status)
        if "error" in answer:
            data = answer["error"].get("data") or {}
            trace = data.get("debug") or ""
            name = data.get("name") or answer["error"].get("message") or "unknown"
            said = str(data.get("message") or "").strip()
            said = html.unescape(said.splitlines()[0]) if said else "?"
            raise Refused(name, "%s: %s" % (name.rsplit(".", 1)[-1], said), trace)
        return answer.get("result")

    def call(self, model, method, args, **kwargs):
        kwargs["context"] = dict(self.context, **kwargs.get("context", {}))
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        return self.ask("/web/dataset/call_kw/%s/%s" % (model, method), params)


# The server and its pages

def wait_for_server():
    """Waits until the server answers at all; its first answer may be an error."""
    browser = Browser()
    while time.monotonic() - STARTED < START_LIMIT:
        if server.poll() is not None:
            result["exit"] = server.returncode
            return False
        try:
            socket.create_connection(("127.0.0.1", 8069), 1).close()
        except OSError:
            time.sleep(0.2)
            continue
        status, _ = browser.open("/web/login", timeout=START_LIMIT)
        if status:
            result["start_seconds"] = round(time.monotonic() - STARTED, 1)
            return True
    return False


ASSET = re.compile(r"""(?:src|href)=["'](/web/(?:assets|content)/[^"']+\.(?:js|css)[^"']*)""")
# Odoo tells what went wrong in the page, the style sheet or the console, and answers with 200.
BROKEN = (re.compile(r"## CSS error message ##.*?css_error_message \{\s*content: \"(.*?)\";", re.S),
          re.compile(r"(## CSS error message ##|__assetsBundleErrorSeen)"))
LACKS = re.compile(
    r"""console\.error\("('?(?:Could not (?:find|get content for) /(?:[^"\\]|\\.)*"""
    r"""|(?:Could not|Invalid XML|Template name)(?:[^"\\]|\\.)* in file '(?:[^"\\]|\\.)*)"""
    r"""|Missing \(extension\) parent templates(?:[^"\\]|\\.)*)"\)"""
)
seen_assets = set()


def complaint(text):
    """Returns what a page or style sheet says of itself that went wrong with it."""
    found = BROKEN[0].search(text) or BROKEN[1].search(text)
    if not found:
        return None
    if "## CSS" in found.group(1) or "__assets" in found.group(1):
        return "a style sheet could not be made"
    said = found.group(1).replace("\\A", " ").replace("\\*", "*").replace('\\"', '"')
    # What follows lists every source of the bundle.
    said = " ".join(said.split("This error occur")[0].split())
    return "a style sheet could not be made: " + said[:300]


def look_at_page(browser, path, name):
    """Fetches a page and every file of scripts and styles that it names."""
    status, body = browser.open(path)
    text = body.decode("utf-8", "replace")
    found = ASSET.findall(text)
    result["pages"].append({"name": name, "status": status, "bundles": len(found), "error": complaint(text)})
    for url in found:
        # The style for paper is made of the same sources as the one for the screen.
        if "_print." not in url:
            look_at_bundle(browser, url.replace("&amp;", "&"))
    return text


def look_at_bundle(browser, url):
    name = url.split("?")[0].rsplit("/", 1)[-1]
    if name in seen_assets:
        return
    seen_assets.add(name)
    status, body = browser.open(url)
    text = body.decode("utf-8", "replace")
    error = lacks = None
    if status != 200:
        error = "HTTP %d" % status if status else text
    elif not text.strip():
        error = "it is empty"
    else:
        error = complaint(text)
        found = LACKS.search(text)
        lacks = found.group(1)[:600] if found else None
    tell("bundle %s: %d bytes%s" % (name, len(body), ": %s" % (error or lacks) if error or lacks else ""))
    result["bundles"].append({"name": name, "status": status, "bytes": len(body), "error": error, "lacks": lacks})


def look_at_named_bundle(browser, name):
    """Fetches a bundle that no page names: what reports look like, what is loaded later. Not every series has it."""
    status, body = browser.open("/web/bundle/" + name)
    if status == 200:
        for part in json.loads(body.decode()):
            if (part.get("src") or "").startswith("/web/assets/"):
                look_at_bundle(browser, part["src"])


def look_at_web_client(browser):
    try:
        look_at_page(browser, "/web", "the web client")
        for name in ("web.assets_backend_lazy", "web.report_assets_common"):
            look_at_named_bundle(browser, name)
    except Exception as error:
        tell(traceback.format_exc())
        result["pages"].append({"name": "the web client", "status": 0, "bundles": 0, "error": str(error)})


# People

def people():
    """Gives an administrator and the most privileged ordinary user a password that nobody knows; returns both."""
    import psycopg2

    connection = psycopg2.connect(dbname=DATABASE, host=os.environ["PGHOST"], user=os.environ["PGUSER"])
    with connection, connection.cursor() as cursor:
        cursor.execute("""
            WITH RECURSIVE member (uid, gid) AS (
                SELECT uid, gid FROM res_groups_users_rel
                UNION SELECT m.uid, i.hid FROM member m JOIN res_groups_implied_rel i ON i.gid = m.gid
            ), named AS (
                SELECT res_id, name FROM ir_model_data
                WHERE model = 'res.groups' AND module = 'base' AND name IN ('group_system', 'group_user'))
            SELECT u.id, u.login, bool_or(n.name = 'group_system') IS TRUE
            FROM res_users u JOIN member m ON m.uid = u.id LEFT JOIN named n ON n.res_id = m.gid
            WHERE u.active AND u.id > 1 GROUP BY u.id, u.login HAVING bool_or(n.name = 'group_user')
            ORDER BY bool_or(n.name = 'group_system') IS TRUE AND u.login = 'admin' DESC, count(*) DESC, u.id""")
        rows = cursor.fetchall()
        chosen = []
        for role, system in (("administrator", True), ("user", False)):
            chosen += [(role, uid, login) for uid, login, is_system in rows if is_system == system][:1]
        cursor.execute("""SELECT attname FROM pg_attribute WHERE attrelid = 'res_users'::regclass
            AND attname IN ('totp_secret', 'password_write_date') AND NOT attisdropped""")
        columns = [name for name, in cursor.fetchall()]
        # A second factor is with somebody else's telephone, and a password that is old must be changed first.
        also = {"totp_secret": ", totp_secret = NULL", "password_write_date": ", password_write_date = now()"}
        also = "".join(also[name] for name in columns)
        cursor.execute("DELETE FROM ir_config_parameter WHERE key = 'auth_totp.policy'")
        found = []
        for role, uid, login in chosen:
            password = secrets.token_hex(16)
            cursor.execute("UPDATE res_users SET password = %s" + also + " WHERE id = %s", [password, uid])
            found.append({"role": role, "uid": uid, "login": login, "password": password})
    connection.close()
    return found


def log_in(person):
    """Returns a browser with a session of this person."""
    browser = Browser()
    params = {"db": DATABASE, "login": person["login"], "password": person["password"]}
    session = browser.ask("/web/session/authenticate", params)
    if not session or session.get("uid") != person["uid"]:
        raise Refused("session", "the session is nobody's")
    browser.context = dict(session.get("user_context") or {})
    company = (session.get("user_companies") or {}).get("current_company") or session.get("company_id")
    company = company[0] if isinstance(company, list) else company
    if company:
        browser.context["allowed_company_ids"] = [company]
    browser.uid = person["uid"]
    return browser


# Menus

def menus_of(browser):
    """Returns (path, action) of every menu that leads to a list, a form or the like, in the order of the screen."""
    answer = browser.call("ir.ui.menu", "load_menus", [False])
    if "root" in answer:
        def entry(key):
            return answer.get(str(key)) or answer[key]
        top = answer["root"]["children"]
    else:
        def entry(menu):
            return menu
        top = answer["children"]
    found = []

    def walk(keys, path):
        for key in keys:
            menu = entry(key)
            here = path + [menu["name"]]
            action = menu.get("action")
            if menu.get("action_id") and not isinstance(action, str):
                action = "%s,%s" % (menu["action_model"], menu["action_id"])
            if action:
                found.append((" / ".join(here), action))
            walk(menu.get("children") or [], here)

    walk(top, [])
    return found


def evaluate(text, context, otherwise):
    """Evaluates a domain or a context as the browser does; `otherwise` where only a browser could."""
    if not isinstance(text, str):
        return text or otherwise
    import datetime as real
    from dateutil.relativedelta import relativedelta
    from odoo.tools.safe_eval import datetime, safe_eval, time as clock

    names = dict(context)
    names.update(
        datetime=datetime, time=clock, relativedelta=relativedelta, context=context, context_today=real.date.today,
        current_date=real.date.today().isoformat(), active_id=False, active_ids=[], active_model=False,
        allowed_company_ids=context.get("allowed_company_ids", []), uid=context.get("uid"), true=True, false=False,
    )
    try:
        return safe_eval(text.strip() or "None", names) or otherwise
    except Exception:
        return otherwise


def own_fields(arch, model_fields):
    """Returns the fields that a view shows of its own model, and by what it sorts."""
    root = ElementTree.fromstring(arch)
    names = []

    def walk(node):
        for child in node:
            if child.tag == "field":
                name = child.get("name")
                if name in model_fields and name not in names:
                    names.append(name)
            elif isinstance(child.tag, str):
                walk(child)

    walk(root)
    return names, root.get("default_order")


def default_domain(search_arch, filters, context):
    """Returns the domain of the filters that are on when the menu opens, and the name of a saved one."""
    for saved in filters:
        if saved.get("is_default"):
            return evaluate(saved.get("domain"), context, []), saved.get("name")
    domain = []
    if search_arch:
        wanted = {key[len("search_default_"):] for key, value in context.items() if key.startswith("search_default_") and value}
        for node in ElementTree.fromstring(search_arch).iter("filter"):
            if node.get("name") in wanted and node.get("domain"):
                domain += evaluate(node.get("domain"), context, [])
    return domain, None


class Visit:
    """Opening one menu: what is asked for is said, so that a failure can say where it was."""

    def __init__(self, browser):
        self.browser, self.model, self.doing = browser, None, "open the action"

    def open(self, action):
        kind, _, number = action.partition(",")
        browser, context = self.browser, dict(self.browser.context)
        if kind == "ir.actions.server":
            self.doing = "run the action"
            loaded = browser.ask("/web/action/run", {"action_id": int(number), "context": context})
        else:
            loaded = browser.ask("/web/action/load", {"action_id": int(number), "context": context})
        if not isinstance(loaded, dict) or loaded.get("type") != "ir.actions.act_window":
            return "elsewhere"
        return self.window(loaded, context)

    def window(self, action, context):
        browser = self.browser
        model = self.model = action["res_model"]
        context.update(evaluate(action.get("context"), dict(context, uid=browser.uid), {}))
        views = [[view or False, kind] for view, kind in action["views"]]
        search = action.get("search_view_id") or False
        search = search[0] if isinstance(search, list) else search
        self.doing = "make the views"
        method, key = ("get_views", "views") if SERIES >= 16 else ("load_views", "fields_views")
        answer = browser.call(
            model, method, [], views=views + [[search, "search"]], context=context,
            options={"action_id": action.get("id") or False, "load_filters": True, "toolbar": True},
        )
        of_view = answer[key]
        fields = answer["models"][model] if SERIES >= 16 else answer["fields"]
        if SERIES >= 17 and isinstance(fields.get("fields"), dict) and "type" not in fields["fields"]:
            fields = fields["fields"]
        first = views[0][1]
        if first == "form" and not action.get("res_id"):
            return self.new_record(model, of_view["form"]["arch"], fields, context)
        kinds = [kind for kind in ("list", "tree", "kanban") if kind in of_view]
        shown, order = own_fields(of_view[kinds[0] if kinds else first]["arch"], fields)
        if first == "form":
            domain, saved = [("id", "=", action["res_id"])], None
        else:
            domain = list(evaluate(action.get("domain"), dict(context, uid=browser.uid), []))
            view = of_view["search"]
            filters = view.get("filters") or answer.get("filters") or []
            more, saved = default_domain(view.get("arch"), filters, dict(context, uid=browser.uid))
            domain += more
        self.doing = "read the records" + (" with the filter `%s`" % saved if saved else "")
        return self.read(model, shown, fields, domain, order if first != "form" else None, context)

    def read(self, model, shown, fields, domain, order, context):
        extra = {"order": order} if order else {}
        context = dict(context, bin_size=True)
        if SERIES >= 17:
            names = {"fields": {"display_name": {}}}
            wanted = {name: names if fields[name].get("type") == "many2one" else {} for name in shown}
            found = self.browser.call(
                model, "web_search_read", [], domain=domain, specification=wanted, limit=RECORDS, context=context, **extra
            )
        else:
            found = self.browser.call(
                model, "web_search_read", [], domain=domain, fields=shown, limit=RECORDS, context=context, **extra
            )
        return len(found["records"])

    def new_record(self, model, arch, fields, context):
        """Opens an empty form, as settings and wizards are."""
        self.doing = "open the form"
        shown, _ = own_fields(arch, fields)
        empty = {} if SERIES >= 17 else ""
        self.browser.call(model, "onchange", [[], {}, [], {name: empty for name in shown}], context=context)
        return 0


def visit(person, browser, counted, menus):
    """Opens every menu of somebody, an action that several menus lead to once."""
    outcomes, slow = {}, 0
    for number, (path, action) in enumerate(menus):
        if server.poll() is not None:
            result["exit"] = server.returncode
        if result["exit"] is not None or slow > 2 or time.monotonic() - STARTED > MENUS_LIMIT:
            counted["unread"] = len(menus) - number
            return
        with telling:
            progress["done"] += 1
        tell("%d/%d %s: %s" % (progress["done"], progress["of"], person["login"], path))
        if action not in outcomes:
            outcomes[action] = opened(person, browser, path, action)
        outcome = outcomes[action]
        slow += outcome == "slow"
        if outcome == "elsewhere":
            counted["elsewhere"] += 1
        elif isinstance(outcome, int):
            counted["read"] += 1
            counted["records"] += outcome
            outcomes[action] = 0  # counted once


def opened(person, browser, path, action):
    """Returns how many records a menu shows, or in a word why none."""
    one = Visit(browser)
    try:
        return one.open(action)
    except Refused as error:
        if server.poll() is not None:
            return "ended"
        kind, said, trace = error.kind, str(error), error.trace
    except Exception as error:  # an answer of another shape than a browser could use
        kind, said, trace = type(error).__name__, "%s: %s" % (type(error).__name__, error), traceback.format_exc()
    tell("failed to %s: %s\n%s" % (one.doing, said, trace))
    result["failures"].append({
        "menu": path, "action": action, "model": one.model, "user": person["login"], "doing": one.doing,
        "kind": kind, "error": said, "at": place_of(trace),
    })
    return "slow" if kind == "slow" else "failed"


def place_of(trace):
    """Returns the innermost place of a traceback in the customer's code: file, line, function."""
    places = re.findall(r'File "(%s/[^"]+)", line (\d+), in (\S+)' % re.escape(CODE), trace or "")
    return "%s:%s in %s" % places[-1] if places else None


def look():
    if not wait_for_server():
        return
    stranger = Browser()
    if SERIES >= 15:
        result["health"], _ = stranger.open("/web/health")
    text = look_at_page(stranger, "/web/login", "the login page")
    form = re.search(r"<input[^>]*name=.login", text) and re.search(r"<input[^>]*name=.password", text)
    result["login_page"] = {"status": result["pages"][0]["status"], "form": bool(form)}
    visits = []
    for person in people():
        counted = {"login": person["login"], "role": person["role"], "session": None,
                   "menus": 0, "read": 0, "records": 0, "elsewhere": 0, "unread": 0}
        result["users"].append(counted)
        try:
            browser = log_in(person)
            menus = menus_of(browser)
        except Refused as error:
            counted["session"] = str(error)
            tell("%s cannot work: %s\n%s" % (person["login"], error, error.trace))
            continue
        counted["menus"] = len(menus)
        progress["of"] += len(menus)
        visits.append((person, browser, counted, menus))
    threads = [threading.Thread(target=visit, args=one) for one in visits]
    if visits:
        # Somebody whose browser is not used by another thread.
        threads.append(threading.Thread(target=look_at_web_client, args=(log_in(visits[0][0]),)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


try:
    look()
finally:
    server.kill()
result["seconds"] = round(time.monotonic() - STARTED, 1)
os.makedirs(os.path.dirname(RESULT), exist_ok=True)
with open(RESULT + ".new", "w") as file:
    json.dump(result, file)
os.replace(RESULT + ".new", RESULT)
