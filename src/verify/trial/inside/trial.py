# Runs in a container of one series, as Odoo's user. It makes databases from one another, installs modules in them, and
# looks at the views of the module that is tried. What to do is in the file that the command line names; WORK holds what
# came of it. Each database is the work of a process of its own, so that no module meets what another left in memory.
import json
import os
import signal
import sys
import time
import traceback

import psycopg2

with open(sys.argv[1]) as file:
    ORDERS = json.load(file)
SERIES, WORK = ORDERS["series"], ORDERS["work"]
LOG_KEPT = 1 << 20
ANSWERS = {}


def sql(*statements):
    connection = psycopg2.connect(dbname="postgres", user=os.environ["PGUSER"], host=os.environ["PGHOST"])
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def make(database, template):
    """Makes a database; the copy of another waits until nobody is in that any more."""
    sql('DROP DATABASE IF EXISTS "%s"' % database)
    for attempt in range(60):
        try:
            sql('CREATE DATABASE "%s" TEMPLATE "%s" ENCODING \'UTF8\'' % (database, template or "template0"))
            break
        except psycopg2.OperationalError:  # the source is being accessed by other users
            if attempt == 59:
                raise
            time.sleep(0.5)
    # Files are named by their content, so all databases can share them.
    filestore = "%s/filestore/%s" % (ORDERS["data"], database)
    if not os.path.islink(filestore):
        os.symlink(ORDERS["filestore"], filestore)


def remove(database):
    for attempt in range(20):
        try:
            sql('DROP DATABASE IF EXISTS "%s"' % database)
            return
        except psycopg2.OperationalError:
            time.sleep(0.5)


def addons_of(job):
    """Returns a folder with only the modules that a job may see: any other would install itself beside them."""
    folder = "%s/%s/addons" % (WORK, job["database"])
    os.makedirs(folder, exist_ok=True)
    for module in job["code"]:
        link = "%s/%s" % (folder, module)
        if not os.path.islink(link):
            os.symlink("%s/%s" % (ORDERS["code"], module), link)
    return folder


def settings_of(job, slot):
    paths = ([addons_of(job)] if job["code"] else []) + ORDERS["addons"]
    settings = [
        "-c", ORDERS["config"], "-d", job["at"], "-i", ",".join(job["install"]), "--addons-path", ",".join(paths),
        "--stop-after-init", "--max-cron-threads=0", "--log-handler", ":INFO",
    ]  # fmt: skip
    if SERIES < 19:
        settings.append("--without-demo=all")
    if job["tests"]:
        port = "--http-port=%d" % (18069 + slot)
        settings += ["--test-tags", "/" + job["judged"], "--http-interface=127.0.0.1", port]
    else:
        settings.append("--no-http")
    return settings


def install(job, slot):
    """Does what `odoo -i` does, and returns its exit code."""
    import odoo
    from odoo.tools import config

    try:
        config.parse_config(settings_of(job, slot), setup_logging=True)
    except TypeError:  # before 18.0
        config.parse_config(settings_of(job, slot))
    from odoo.service import server

    code = server.start(preload=[job["at"]], stop=True)
    return code or 0


def registry_of(database):
    try:
        from odoo.modules.registry import Registry
    except ImportError:
        from odoo import registry as Registry
    return Registry(database)


def message(error):
    return str(error.args[0] if error.args else error).strip() or type(error).__name__


def look_at_views(env, module):
    """Validates every view of a module, and renders what they are part of."""
    found = env["ir.model.data"].sudo().search([("module", "=", module), ("model", "=", "ir.ui.view")])
    views, broken, rendered = env["ir.ui.view"].browse(found.mapped("res_id")).exists(), [], set()

    def attempt(view, look):
        try:
            with env.cr.savepoint():
                look()
        except Exception as error:  # whatever Odoo can raise is an answer
            broken.append({"xmlid": view.xml_id, "model": view.model or None, "error": message(error)[:4000]})
            return False
        return True

    for view in views.filtered("active"):
        if not attempt(view, view._check_xml):
            continue
        root = view
        while root.inherit_id and root.mode != "primary":
            root = root.inherit_id
        if root.type == "qweb" or root.id in rendered:
            continue
        rendered.add(root.id)
        model = env[root.model]
        if SERIES >= 16:
            attempt(view, lambda: model.get_views([(root.id, root.type)]))
        else:
            attempt(view, lambda: model.fields_view_get(view_id=root.id, view_type=root.type))
    return len(views), broken


def examine(job, answer):
    import odoo

    registry = registry_of(job["at"])
    with registry.cursor() as cr:
        env = odoo.api.Environment(cr, odoo.SUPERUSER_ID, {"lang": "en_US"})
        module = env["ir.module.module"].search([("name", "=", job["judged"])])
        answer["state"] = module.state or None
        if module.state == "installed":
            answer["views"], answer["broken"] = look_at_views(env, job["judged"])
        report = getattr(registry, "_assertion_report", None)
        if job["tests"] and report is not None:
            answer["tests"] = {
                "run": report.testsRun,
                "failed": getattr(report, "failures_count", 0) + getattr(report, "errors_count", 0),
                "skipped": getattr(report, "skipped", 0),
            }
        cr.rollback()


def work(job, slot):
    """Runs in a process of its own; leaves `answer.json` and `log`."""
    folder = "%s/%s" % (WORK, job["database"])
    os.makedirs(folder, exist_ok=True)
    log = os.open(folder + "/log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    answer = {}
    try:
        answer["exit"] = install(job, slot)
        answer["logged"] = os.fstat(log).st_size
        if job["judged"] and answer["exit"] != -1:
            examine(job, answer)
    except BaseException as error:  # SystemExit is one of them
        traceback.print_exc()
        answer.setdefault("exit", -1)
        answer["raised"] = "%s: %s" % (type(error).__name__, message(error))
    sys.stdout.flush()
    sys.stderr.flush()
    with open(folder + "/answer.json", "w") as file:
        json.dump(answer, file)
    os._exit(0)


def collect(job, began, timed_out):
    folder = "%s/%s" % (WORK, job["database"])
    try:
        with open(folder + "/answer.json") as file:
            answer = json.load(file)
    except (OSError, ValueError):
        answer = {"exit": -1, "raised": "Odoo's process was killed"}
    try:
        with open(folder + "/log", "rb") as file:
            # What comes after the installation are the looks at views, which speak for themselves.
            log = file.read(answer.get("logged", -1)) if "logged" in answer else file.read()
    except OSError:
        log = b""
    if len(log) > LOG_KEPT:
        log = log[: LOG_KEPT // 4] + b"\n[...]\n" + log[-LOG_KEPT * 3 // 4 :]
    answer["log"] = log.decode("utf-8", "replace")
    answer["seconds"] = round(time.monotonic() - began, 1)
    if timed_out:
        answer["timed_out"] = ORDERS["patience"]
    return answer


def is_well(answer, job):
    return (
        answer.get("exit") == 0
        and (not job["judged"] or answer.get("state") == "installed")
        and "raised" not in answer
        and "skipped_for" not in answer
    )


def finish(job, answer):
    well = is_well(answer, job)
    # Tests that fail leave a module that others can build on.
    if job["judged"] and job["tests"] and answer.get("state") == "installed":
        well = True
    answer["well"] = well
    if job["keep"] and well:
        sql('ALTER DATABASE "%s" RENAME TO "%s"' % (job["at"], job["database"]))
        comment = json.dumps(sorted(job["holds"])).replace("'", "''")
        sql('COMMENT ON DATABASE "%s" IS \'%s\'' % (job["database"], comment))
        filestore = "%s/filestore/%s" % (ORDERS["data"], job["database"])
        if not os.path.islink(filestore):
            os.symlink(ORDERS["filestore"], filestore)
    elif not well:
        remove(job["at"])
    ANSWERS[job["database"]] = answer
    said = {"done": len(ANSWERS), "of": len(ORDERS["jobs"]), "judged": job["judged"], "well": well}
    print(json.dumps(said), flush=True)


def clear(jobs):
    """Removes databases that no job to come is made from."""
    wanted = {job["from"] for job in jobs if job["database"] not in ANSWERS}
    for job in jobs:
        name = job["database"]
        if name in ANSWERS and ANSWERS[name].get("well") and not job["keep"] and name not in wanted:
            if not ANSWERS[name].get("cleared"):
                remove(job["at"])
                ANSWERS[name]["cleared"] = True


def begin(job, slot):
    make(job["at"], job["from"])
    process = os.fork()
    if process == 0:
        os.setpgid(0, 0)
        work(job, slot)
    return process


def main():
    jobs = ORDERS["jobs"]
    there = {name for (name,) in sql("SELECT datname FROM pg_database")}
    for job in jobs:
        job["at"] = job["database"] + "_new" if job["keep"] else job["database"]
        if job["keep"] and job["database"] in there:
            ANSWERS[job["database"]] = {"exit": 0, "well": True, "log": "", "seconds": 0.0}
    waiting, running = [job for job in jobs if job["database"] not in ANSWERS], {}
    made = {job["database"] for job in jobs}
    while waiting or running:
        for job in list(waiting):
            needs = [name for name in job["needs"] if name in made]
            failed = [name for name in needs if name in ANSWERS and not ANSWERS[name]["well"]]
            if failed:
                waiting.remove(job)
                finish(job, {"skipped_for": failed[0], "log": "", "seconds": 0.0})
            elif len(running) < ORDERS["slots"] and all(name in ANSWERS for name in needs):
                waiting.remove(job)
                slot = min(set(range(ORDERS["slots"])) - {slot for _, slot, _ in running.values()})
                running[begin(job, slot)] = (job, slot, time.monotonic())
        for process, (job, _, began) in list(running.items()):
            ended, _ = os.waitpid(process, os.WNOHANG)
            too_long = time.monotonic() - began > ORDERS["patience"]
            if not ended and too_long:
                os.killpg(process, signal.SIGKILL)
                os.waitpid(process, 0)
            if ended or too_long:
                del running[process]
                finish(job, collect(job, began, too_long and not ended))
        clear(jobs)
        time.sleep(0.1)
    with open(WORK + "/result.json", "w") as file:
        json.dump(ANSWERS, file)


main()
