"""Takes work out of Odoo's upgrade of a database that changes nothing in the database.

Each patch replaces one function of Odoo by one that does less. It applies only where the function's source is one that
the patch was shown for, by the hash of its text; anywhere else Odoo stays as it is. What was done is told on the
standard output, a line of JSON for each patch; Odoo itself writes to the standard error.

Nothing of this is in the database or on the addons path.
"""

import functools
import hashlib
import importlib.abc
import importlib.machinery
import inspect
import json
import sys

# Where a patch is to be put: module of Odoo, class, function -> patch, by the hash of the function's source.
PATCHES = {}


def patch(name, place, *hashes):
    """Declares a patch: a function that takes the original and returns what replaces it."""
    module, owner, function = place

    def declare(make):
        PATCHES.setdefault(module, []).append((name, owner, function, frozenset(hashes), make))
        return make

    return declare


@patch(
    "field-triggers",
    ("odoo.orm.registry", "Registry", "_discard_fields"),
    "ca9302732c386a8d",  # 19.0
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
    ("odoo.addons.base.models.ir_ui_view", "IrUiView", "_check_xml"),
    "b84f2519395f4cfd",  # 19.0
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


def say(name, **what):
    print(json.dumps({"hopp-accelerate": {"patch": name, **what}}), flush=True)


def apply(module, patches):
    for name, owner, function, hashes, make in patches:
        owner = getattr(module, owner, None)
        original = getattr(owner, function, None)
        if original is None:
            say(name, off="%s has no %s" % (module.__name__, function))
            continue
        found = hashlib.sha256(inspect.getsource(original).encode()).hexdigest()[:16]
        if found in hashes:
            setattr(owner, function, make(original))
            say(name, on=found)
        else:
            say(name, off="%s of %s is another one: %s" % (function, module.__name__, found))


class Finder(importlib.abc.MetaPathFinder):
    """Finds the modules that are to be patched as everybody else does, and patches them when they were executed."""

    def find_spec(self, fullname, path=None, target=None):
        patches = PATCHES.get(fullname)
        if not patches:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            apply(module, PATCHES.pop(fullname, []))

        spec.loader.exec_module = exec_module
        return spec


def start():
    sys.meta_path.insert(0, Finder())
