# Runs inside `odoo shell` of the series it looks at; `env` is given. SERIES, RESULT and SCRIPTS are set by the lines before.
# It reads the data files of every installed module as an update does, and writes nothing: where an update would write a
# record, its values are held against what the database has.
import ast
import glob
import importlib
import json
import os
import re

from lxml import etree
from odoo import models
from odoo.tools import convert

if os.path.exists(RESULT):
    os.remove(RESULT)  # an answer of an earlier look is none to this one
env = env(context={"lang": "en_US", "active_test": False})
env.cr.execute("SELECT module || '.' || name, model, res_id, noupdate FROM ir_model_data WHERE res_id IS NOT NULL")
known = {name: (model, res_id, noupdate) for name, model, res_id, noupdate in env.cr.fetchall()}
shipped = {}  # (model, id) -> what the data files say of the record
absent = {}  # external id -> model, whether updates leave it alone, of records that are in the data files and not in the database
settled = set()  # external ids whose `noupdate` is what a data file says
without_code = []  # modules
failed = []  # what could not be read
by_openupgrade = []  # whether what is being read is what OpenUpgrade writes into records that updates leave alone
of_template = []  # whether a <template> is being read: its `active` is for the first time only


class Shipped:
    def __init__(self, xmlid, kept, record_model):
        self.xmlid = xmlid
        self.kept = kept  # updates leave it alone
        self.values = {}
        self.instead = {}  # by name what OpenUpgrade writes: as good as the module's own
        self.links = {}
        self.off = record_model == "ir.cron"  # whether it may be off though no file says so


def take(model, data_list, update=False):
    """Stands in for `_load_records`: takes note instead of writing."""
    ids = []
    for data in data_list:
        xmlid = data.get("xml_id") or ""
        found = known.get(xmlid)
        if not found or found[0] != model._name:
            if xmlid and not by_openupgrade:
                absent[xmlid] = [model._name, bool(data.get("noupdate"))]
            ids.append(0)
            continue
        ids.append(found[1])
        note(model.browse(found[1]), xmlid, found[2] or bool(data.get("noupdate")), data["values"])
        if bool(found[2]) == bool(data.get("noupdate")):
            settled.add(xmlid)
    return model.browse(ids)


def note(record, xmlid, kept, values):
    said = shipped.setdefault((record._name, record.id), Shipped(xmlid, kept, record._name))
    inherited = {}
    for name, value in values.items():
        field = record._fields.get(name)
        if name == "active" and of_template:
            said.off = True
            continue
        if field is None:
            continue
        if field.inherited:
            inherited.setdefault(field.related if isinstance(field.related, tuple) else tuple(field.related.split(".")), value)
        elif field.type == "many2many":
            link(said.links.setdefault((name, bool(by_openupgrade)), {"all": set(), "exact": False, "off": set()}), value)
        else:
            name = "arch_db" if (record._name, name) == ("ir.ui.view", "arch") else name
            if kept and not said.kept and not by_openupgrade:
                # Another file's word, for new databases only: an update passes it by, and writes what the first file says.
                if name in said.values:
                    said.instead.setdefault(name, []).append(value)
            elif by_openupgrade:
                said.instead.setdefault(name, []).append(value)
            else:
                said.values[name] = value
    for (through, name), value in inherited.items():
        parent = record.exists() and record[through]
        if parent:
            note(parent, xmlid, kept, {name: value})


def link(links, commands):
    for command in commands or []:
        code, *rest = command if isinstance(command, (list, tuple)) else (4, command)
        if code == 4:
            links["all"].add(rest[0])
        elif code == 6:
            links["all"], links["exact"] = set(rest[1]), True
        elif code == 5:
            links["all"], links["exact"] = set(), True
        elif code == 3:
            links["all"].discard(rest[0])
            links["off"].add(rest[0])


class Reader(convert.xml_import):
    """Reads a data file, one record after the other: one that cannot be read does not hide the rest."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for tag, load in list(self._tags.items()):
            if tag not in self.DATA_ROOTS:
                self._tags[tag] = self.guarded(load)
        self._tags["delete"] = self._tags["function"] = lambda *args, **kwargs: None

    def guarded(self, load):
        def guard(element, *args, **kwargs):
            of_template.extend([True] if element.tag in ("template", "asset") else [])
            name = element.get("id")
            try:
                return load(element, *args, **kwargs)
            except Exception as error:  # whatever a data file can raise
                env.cr.rollback()  # nothing is written; a statement that failed must not spoil the next
                failed.append("%s.%s: %s" % (self.module, name, str(error).strip().split("\n")[0]))
            finally:
                of_template.clear()
        return guard


def read_files(module, manifest):
    for name in [*manifest.get("init_xml", ()), *manifest.get("update_xml", ()), *manifest.get("data", ())]:
        try:
            with convert.file_open(os.path.join(module, name), "rb") as file:
                if name.endswith(".xml"):
                    read_xml(module, file)
                elif name.endswith(".csv"):
                    convert.convert_csv_import(here, module, name, file.read(), {}, "init", False)
        except Exception as error:
            env.cr.rollback()
            failed.append("%s/%s: %s" % (module, name, str(error).strip().split("\n")[0]))


def read_xml(module, file):
    Reader(here, module, {}, "init", xml_filename=file.name).parse(etree.parse(file).getroot())


def read_changes(module):
    """Reads what OpenUpgrade writes into records that updates leave alone."""
    for name in sorted(glob.glob("%s/%s/%s.*/*.py" % (SCRIPTS, module, SERIES))):
        try:
            read_marks(module, name)
        except Exception as error:  # a script may be any text
            failed.append("%s: %s" % (name, str(error).strip().split("\n")[0]))
    by_openupgrade.append(True)
    for name in sorted(glob.glob("%s/%s/%s.*/noupdate_changes.xml" % (SCRIPTS, module, SERIES))):
        try:
            with open(name, "rb") as file:
                read_xml(module, file)
        except Exception as error:
            failed.append("%s: %s" % (name, str(error).strip().split("\n")[0]))
    by_openupgrade.clear()


def read_marks(module, name):
    """Reads which records a script of OpenUpgrade lets updates write again, or leave alone from now on."""
    with open(name, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    for call in ast.walk(tree):
        called = getattr(call.func, "attr", None) if isinstance(call, ast.Call) else None
        if called != "set_xml_ids_noupdate_value" or len(call.args) < 4:
            continue
        of_module, names, mark = (ast.literal_eval(argument) for argument in call.args[1:4])
        for xmlid in ("%s.%s" % (of_module, one) for one in names):
            if xmlid in known and bool(known[xmlid][2]) == bool(mark):
                settled.add(xmlid)


def plain(field, value):
    """Returns a value so that equal ones are equal texts."""
    if field.name == "arch_db":
        try:
            root = etree.fromstring(value.encode() if value else b"<none/>", etree.XMLParser(remove_blank_text=True, remove_comments=True))
            for node in root.iter():
                node.text, node.tail = squeezed(node.text), squeezed(node.tail)
            return etree.tostring(root, method="c14n").decode()
        except etree.XMLSyntaxError:
            return value
    if isinstance(value, models.BaseModel):
        return value.id or None
    if isinstance(value, float):
        return round(value, 6) or None
    if isinstance(value, str):
        value = squeezed(value)
        return re.sub(r" ?(<[^>]*>) ?", r"\1", value) if field.type == "html" and value else value
    return value or None


def squeezed(text):
    return re.sub(r"\s+", " ", text or "").strip() or None


# What cannot be told from a data file: moments are counted from now, files lie elsewhere, some values differ by company.
def cannot_tell(field):
    if (field.model_name, field.name) in (
        ("ir.cron", "active"), ("payment.provider", "state"), ("uom.uom", "factor"), ("res.country", "code"),
    ):
        return True  # switched off in a copy, both; computed from the other units; written in capitals
    return field.type in ("date", "datetime", "binary", "one2many", "properties", "properties_definition", "json") or field.company_dependent


# Odoo writes it anew whenever a group changes (res.groups._update_user_groups_view, up to 18.0).
WRITTEN_BY_ODOO = {("base.user_groups_view", "arch_db")}


def compare(record, said):
    same, other = [], {}
    for name in {**said.values, **said.instead}:
        wanted = [said.values[name]] if name in said.values else []
        wanted += said.instead.get(name, [])
        field = record._fields[name]
        if not field.store or not field.column_type:
            continue
        if cannot_tell(field) or (said.xmlid, name) in WRITTEN_BY_ODOO:
            same.append(name)
            continue
        try:
            have = plain(field, record[name])
            wanted = [plain(field, field.convert_to_record(field.convert_to_cache(value, record), record)) for value in wanted]
        except Exception as error:
            failed.append("%s: %s: %s" % (said.xmlid, name, error))
            continue
        if have in wanted:
            # What updates leave alone, only OpenUpgrade writes again.
            if not said.kept or name in said.instead:
                same.append(name)
        else:
            other[name] = [str(wanted[0]), str(have)]
    links = []
    for (name, _), found in said.links.items():
        field = record._fields[name]
        if not field.store or not field.relation:
            continue
        actual = set(record[name].ids)
        links.append({
            "table": field.relation,
            "from": field.column1,
            "to": field.column2,
            "relation": field.comodel_name,
            "all": sorted(id for id in found["all"] if id),
            "exact": found["exact"],
            "off": sorted(found["off"]),
            "missing": sorted(id for id in found["all"] - actual if id),
        })
    return {"model": record._name, "id": record.id, "xmlid": said.xmlid, "kept": said.kept,
            "name": str(record.display_name)[:80], "same": same, "other": other, "links": links,
            "off": "active" in record._fields and not record.active and "active" not in said.values and not said.off}


def depth(module, seen=()):
    """Sorts modules as they are loaded: what a later one says of a record counts."""
    if module.id not in depths and module.id not in seen:
        needed = module.dependencies_id.depend_id
        depths[module.id] = 1 + max((depth(one, (*seen, module.id))[0] for one in needed), default=0)
    return depths.get(module.id, 0), module.name


def read_charts():
    """Reads which tags charts of accounts give their accounts: since 17.0 the code has the charts, and loads them anew."""
    if SERIES < 17 or "account.chart.template" not in env:
        return
    for company in env["res.company"].search([("chart_template", "!=", False)]):
        try:
            charts = env["account.chart.template"].with_company(company)
            accounts = charts._get_chart_template_data(company.chart_template).get("account.account", {})
        except Exception as error:  # a chart that no module has
            env.cr.rollback()
            failed.append("chart %s: %s" % (company.chart_template, str(error).strip().split("\n")[0]))
            continue
        for name, values in accounts.items():
            xmlid = "account.%s_%s" % (company.id, name)
            model, res_id, _ = known.get(xmlid) or (None, None, None)
            tags = values.get("tag_ids")
            if model == "account.account" and isinstance(tags, str):
                found = [known.get(tag.strip()) for tag in tags.split(",")]
                note(env[model].browse(res_id), xmlid, True, {"tag_ids": [(4, tag[1]) for tag in found if tag]})


here = env if SERIES >= 16 else env.cr
depths = {}
original = models.BaseModel._load_records
models.BaseModel._load_records = take
try:
    for module in env["ir.module.module"].search([("state", "in", ("installed", "to upgrade"))]).sorted(depth):
        if SERIES >= 19:
            manifest = importlib.import_module("odoo.modules.module").Manifest.for_addon(module.name)
        else:
            manifest = importlib.import_module("odoo.modules.module").load_information_from_description_file(module.name)
        if manifest:
            read_files(module.name, manifest)
            read_changes(module.name)
        else:
            without_code.append(module.name)
finally:
    models.BaseModel._load_records = original
read_charts()
lines = []
for (model, res_id), said in shipped.items():
    record = env[model].browse(res_id).exists()
    if record:
        try:
            lines.append(compare(record, said))
        except Exception as error:
            env.cr.rollback()  # raises when the connection itself is gone
            failed.append("%s: %s" % (said.xmlid, error))
env.cr.rollback()
os.makedirs(os.path.dirname(RESULT), exist_ok=True)
with open(RESULT + ".new", "w") as file:
    json.dump({"records": lines, "absent": absent, "settled": sorted(settled), "failed": failed, "without_code": without_code}, file)
os.replace(RESULT + ".new", RESULT)
