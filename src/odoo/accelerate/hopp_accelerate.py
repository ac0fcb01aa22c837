"""Takes work out of Odoo's upgrade of a database that changes nothing in the database.

Each patch replaces one function of Odoo by one that does less (`hopp_patches.py`). It applies only where the function's
source is one that the patch was shown for, by the hash of its text, and in the series it was shown in; anywhere else Odoo
stays as it is. What was done is told on the standard output, a line of JSON for each patch; Odoo itself writes to the standard error.

Nothing of this is in the database or on the addons path.
"""

import atexit
import hashlib
import importlib
import importlib.abc
import importlib.machinery
import inspect
import json
import os
import sys

# Where a patch is to be put: module of Odoo -> patches.
PATCHES = {}


class Patch:
    """A function, and what replaces it where its source has one of these hashes, in the series for which that was shown.

    Series keep it in different places.
    """

    def __init__(self, name, places, shown, only_openupgrade, make):
        self.name = name
        self.places = places
        self.shown = shown
        self.only_openupgrade = only_openupgrade
        self.make = make
        self.todo = len(places)
        self.is_on = False
        self.another = None

    def apply(self, module):
        for name, owner, function in self.places:
            if name == module.__name__ and not self.is_on:
                self.put(module, owner, function)

    def put(self, module, owner, function):
        holder = getattr(module, owner, None) if owner else module
        original = getattr(holder, function, None)
        if self.only_openupgrade and not openupgrade():
            return self.off("only where OpenUpgrade upgrades")
        if original is None:
            return self.off("%s has no %s" % (module.__name__, function))
        found = hashlib.sha256(inspect.getsource(original).encode()).hexdigest()[:16]
        series = importlib.import_module("odoo.release").series
        if series not in self.shown.get(found, ()):
            what = "was never shown for %s" % series if found in self.shown else "is another one"
            self.another = "%s of %s %s: %s" % (function, module.__name__, what, found)
            return self.off(self.another)
        setattr(holder, function, self.make(original))
        self.is_on = True
        say(self.name, on=found)

    def off(self, why):
        """Tells why it is off, once none of its places is left."""
        self.todo -= 1
        if not self.todo and not self.is_on:
            say(self.name, off=self.another or why)


def patch(name, places, shown, only_openupgrade=False):
    """Declares a patch: a function that takes the original and returns what replaces it.

    `places`: where it may be, each a module, a class in it or None, and the function. `shown`: by the hash of its source
    the series in which accelerated and plain were compared to the last row; none where it would fit and that is to be done.
    """

    def declare(make):
        declared = Patch(name, places, shown, only_openupgrade, make)
        for module in dict.fromkeys(module for module, _, _ in places):
            PATCHES.setdefault(module, []).append(declared)
        return make

    return declare


def openupgrade():
    """Says whether OpenUpgrade upgrades here; it is loaded after most of what is patched."""
    return any("openupgrade_framework" in word for word in sys.argv)


def say(name, **what):
    print(json.dumps({"hopp-accelerate": {"patch": name, **what}}), flush=True)


class Finder(importlib.abc.MetaPathFinder):
    """Finds the modules that are to be patched as everybody else does, and patches them when they were executed."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname not in PATCHES:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            for patch in PATCHES.pop(fullname, []):
                try:
                    patch.apply(module)
                except Exception as error:  # Odoo goes on without it
                    patch.off(repr(error))

        spec.loader.exec_module = exec_module
        return spec


def tell_the_rest(process):
    """Says of the patches that found nothing to patch that they are off; a child process says nothing."""
    if os.getpid() == process:
        for module, patches in PATCHES.items():
            for patch in patches:
                patch.off("there is no %s here" % module)


def start():
    import hopp_patches  # noqa: F401  declares them

    sys.meta_path.insert(0, Finder())
    atexit.register(tell_the_rest, os.getpid())
