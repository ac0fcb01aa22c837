# Runs inside `odoo shell` of the series it looks at; `env` is given. SERIES and RESULT are set by the lines before.
# It works on a copy and changes nothing there: every look has a savepoint of its own, and all is rolled back in the end.
import ast
import json
import os
import re
import signal
import time

STARTED = time.monotonic()
# One look may take this long, in seconds; what takes longer is counted and says nothing.
PATIENCE = 60
if os.path.exists(RESULT):
    os.remove(RESULT)  # an answer of an earlier look is none to this one
# What Odoo says about a view is read further down, and by people who need not know the customer's language.
env = env(context=dict(env.context, lang="en_US"))
# Printing a report commits, so that a browser would find its style sheets.
env.cr.commit = lambda: None
faults = []
counts = {"too_slow": 0}
seconds = {}


class TooSlow(BaseException):
    """No Exception: Odoo swallows those."""


def forget():
    """Drops what the records and the registry remember, after a change in SQL."""
    if SERIES >= 17:
        env.registry.clear_cache()
    else:
        env.registry.clear_caches()
    env.clear()


def back_to(savepoint):
    """Undoes what was done since a savepoint; raises when the connection itself is gone."""
    env.cr.execute("ROLLBACK TO SAVEPOINT %s; RELEASE SAVEPOINT %s" % (savepoint, savepoint))


def out_of_patience(*_):
    raise TooSlow()


signal.signal(signal.SIGALRM, out_of_patience)


def attempt(look, keep=None):
    """Returns the exception that a look raises, or None; puts what it returns into the list `keep`."""
    error = None
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        # Nothing is flushed: what a look would write is forgotten with it.
        env.cr.execute("SAVEPOINT hopp_look")
        answer = look()
        if keep is not None:
            keep.append(answer)
    except TooSlow:
        counts["too_slow"] += 1
    except Exception as problem:  # whatever Odoo can raise is an answer
        error = problem
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    back_to("hopp_look")
    return error


def text(error):
    return str(error.args[0] if error.args else error).strip() or type(error).__name__


def last_line(error):
    """Returns what went wrong without the way there. Templates put the reason in the midst of where it happened."""
    cause = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    if isinstance(cause, SyntaxError):
        # Its last line is the mark below the place.
        return ("SyntaxError: %s: %s" % (cause.msg, (cause.text or "").strip()))[:300]
    lines = [line.strip() for line in text(cause).splitlines() if line.strip()]
    said = [line for line in lines if not re.match(r"(Template|Path|Node|File|Element|Reference|From):", line)]
    named = [line for line in said if re.match(r"\w*(Error|Exception|NotFound)\b", line)]
    line = (named or said or lines or [""])[-1]
    line = line if re.match(r"\w*(Error|Exception)\b", line) else "%s: %s" % (type(cause).__name__, line)
    return line[:300]


def rows(query, params=()):
    env.cr.execute(query, params)
    return env.cr.fetchall()


def has(table, *columns):
    """Says whether the database has a table with these columns."""
    found = rows("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table])
    return bool(found) and set(columns) <= {name for (name,) in found}


def xmlid_of(model, id):
    found = rows(
        "SELECT module || '.' || name FROM ir_model_data WHERE model = %s AND res_id = %s ORDER BY id LIMIT 1",
        [model, id],
    )
    return found[0][0] if found else None


def english(value):
    """Returns the text of a column that is translated since 16.0."""
    if isinstance(value, dict):
        return value.get("en_US") or next(iter(value.values()), "")
    return value or ""


MODELS = {
    "ir_act_window": "ir.actions.act_window",
    "ir_act_server": "ir.actions.server",
    "ir_act_report_xml": "ir.actions.report",
    "ir_ui_menu": "ir.ui.menu",
    "ir_ui_view_custom": "ir.ui.view.custom",
    "ir_exports_line": "ir.exports.line",
    "ir_model_fields": "ir.model.fields",
}


def fault(kind, table, id, name, names=(), columns=(), error=None, place=None, of=None, grave=False):
    """Notes something broken: a record of a table, which things it names that are not there, what Odoo says."""
    record = MODELS.get(table, table.replace("_", "."))
    faults.append(
        {
            "kind": kind,
            "table": table,
            "record": record,
            "id": id,
            "name": english(name),
            "xmlid": xmlid_of(record, id),
            # Odoo says False where there is no text.
            "of": of or None,
            "names": sorted(set(names)),
            "texts": {column: texts_of(table, id, column) for column in columns if has(table, column)},
            "error": error or None,
            "place": place or None,
            "grave": grave,
        }
    )


def texts_of(table, id, column):
    found = rows('SELECT to_jsonb("%s") FROM "%s" WHERE id = %%s' % (column, table), [id])
    return found[0][0] if found else None


def part(name, look):
    """Does one part; what it stumbles over itself is told, and the others go on."""
    began = time.monotonic()
    env.cr.execute("SAVEPOINT hopp_part")
    try:
        look()
    except Exception as error:
        import traceback

        traceback.print_exc()
        faults.append({"kind": "unseen", "name": name, "error": last_line(error)})
    back_to("hopp_part")
    forget()
    seconds[name] = round(time.monotonic() - began, 1)
