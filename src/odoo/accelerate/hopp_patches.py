"""The patches: what each leaves out, and why the database is the same without it."""

import functools
import inspect
import sys

from hopp_accelerate import patch


@patch(
    "field-triggers",
    [("odoo.modules.registry", "Registry", "_discard_fields"), ("odoo.orm.registry", "Registry", "_discard_fields")],
    {"76a8d03d20e243b4": [], "ca9302732c386a8d": ["19.0"]},
)
def field_triggers(original):
    """Keeps the registry's triggers when no field leaves it.

    At the end of an upgrade Odoo deletes the records of fields that the new code does not declare any more, one by one.
    These fields are not in the registry, so the list of fields to discard is empty; yet the triggers of all fields are
    thrown away, to be made again for the next record.
    """

    @functools.wraps(original)
    def _discard_fields(self, fields):
        if fields:
            return original(self, fields)

    return _discard_fields


@patch(
    "view-checks",
    [("odoo.addons.base.models.ir_ui_view", owner, "_check_xml") for owner in ("View", "IrUiView")],
    {"45e9a68dd37c4c7b": [], "5997c6ac04483eb3": [], "b84f2519395f4cfd": ["19.0"]},
    only_openupgrade=True,
)
def view_checks(original):
    """Leaves out the validation of views while OpenUpgrade loads modules.

    OpenUpgrade turns a view that does not validate into a warning: whether it is checked changes nothing. Every view is
    validated in the end, when all modules are loaded, by hopp's own check. Without OpenUpgrade a view that does not
    validate fails its module, so there nothing is left out.
    """

    @functools.wraps(original)
    def _check_xml(self):
        if not self.pool.ready and "odoo.addons.openupgrade_framework" in sys.modules:
            return True
        return original(self)

    return _check_xml


@patch(
    "columns",
    [("odoo.tools.sql", None, "table_columns")],
    {"51608131a248f34c": ["14.0"], "85436962a5c9e4be": [], "492cb671a7936bfd": ["19.0"]},
)
def table_columns(original):
    """Reads a table's columns where `information_schema.columns` reads them.

    Odoo asks for them before it touches a column, thousands of times. That view joins a dozen tables for details that
    Odoo does not ask for, and planning it takes PostgreSQL several times as long as the answer. The conditions and
    columns are the view's own.
    """
    query = """
        SELECT a.attname AS column_name,
               COALESCE(b.typname, t.typname) AS udt_name,
               information_schema._pg_char_max_length(
                   CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE a.atttypid END,
                   CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END
               ) AS character_maximum_length,
               CASE WHEN a.attnotnull OR t.typtype = 'd' AND t.typnotnull THEN 'NO' ELSE 'YES' END AS is_nullable
    """
    query += from_columns(original) + " ORDER BY a.attnum"

    @functools.wraps(original)
    def table_columns(cr, tablename):
        cr.execute(query, (tablename,))
        return {row["column_name"]: row for row in cr.dictfetchall()}

    return table_columns


@patch(
    "columns",
    [("odoo.tools.sql", None, "column_exists")],
    {"35d7e4a0a05f2371": ["14.0"], "568f96d876a92d90": [], "5b4a523fdadd1bd7": ["19.0"]},
)
def column_exists(original):
    """Looks for a column where `information_schema.columns` does; see `table_columns`."""
    query = "SELECT 1" + from_columns(original) + " AND a.attname = %s"

    @functools.wraps(original)
    def column_exists(cr, tablename, columnname):
        cr.execute(query, (tablename, columnname))
        return cr.rowcount

    return column_exists


def from_columns(original):
    """Returns what of `information_schema.columns` decides which columns there are. Up to 18.0 that is in all schemas."""
    schema = "NOT pg_is_other_temp_schema(c.relnamespace)"
    if "current_schema" in inspect.getsource(original):
        schema = "c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema)"
    return (
        """
        FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid
        JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_type b ON t.typtype = 'd' AND b.oid = t.typbasetype
        WHERE c.relname = %s AND """
        + schema
        + """
          AND c.relkind IN ('r', 'v', 'f', 'p') AND a.attnum > 0 AND NOT a.attisdropped
          AND (pg_has_role(c.relowner, 'USAGE')
               OR has_column_privilege(c.oid, a.attnum, 'SELECT, INSERT, UPDATE, REFERENCES'))"""
    )


@patch(
    "savepoints",
    [
        ("odoo.addons.openupgrade_framework.odoo_patch.odoo.models", "BaseModel", "unlink"),
        ("odoo.addons.openupgrade_framework.odoo_patch.odoo.orm.models", "BaseModel", "unlink"),
    ],
    {"4b459123ce505062": [], "648b6506c8fe8401": ["19.0"]},
    only_openupgrade=True,
)
def savepoints(original):
    """Gives back the savepoints of a deletion that is over.

    OpenUpgrade makes a savepoint before each deletion of the clean-up and never releases it, so that each is nested in
    all before it, thousands deep; PostgreSQL looks through all of them for each row that this transaction wrote. What a
    savepoint is for, going back when the deletion fails, is over with the deletion. Those within a deletion stay until
    its end: where a failure goes back to is as before. A deletion that commits has taken them with it.
    """
    open = []
    name = "hopp_deletion"

    @functools.wraps(original)
    def unlink(self):
        if open or not self.env.context.get("_force_unlink"):
            return original(self)
        open.append(self)
        try:
            cr = self.env.cr
            cr.execute("SAVEPOINT " + name)
            cr.postcommit.data[name] = True  # gone after a commit and after a rollback
            result = original(self)
            if cr.postcommit.data.pop(name, False):
                cr.execute("RELEASE SAVEPOINT " + name)
            return result
        finally:
            open.clear()

    return unlink


@patch(
    "clean-up",
    [("odoo.addons.base.models.ir_model", "IrModelData", "_process_end")],
    {"557ec7e9e6f07e2b": [], "f29258b12cf460d6": ["19.0"]},
)
def clean_up(original):
    """Deletes together what Odoo deletes one by one at the end; `hopp_clean_up.py` says what, and why that is the same."""
    from hopp_clean_up import CleanUp

    @functools.wraps(original)
    def _process_end(self, modules):
        if CleanUp.knows(self):
            return CleanUp(self, modules).run()
        return original(self, modules)

    return _process_end
