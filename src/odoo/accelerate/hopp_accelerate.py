"""Takes work out of Odoo's upgrade of a database that changes nothing in the database.

Each patch replaces one function of Odoo by one that does less (`hopp_patches.py`). It applies only where the function's
source is one that the patch was shown for, by the hash of its text; anywhere else Odoo stays as it is. What was done is
told on the standard output, a line of JSON for each patch; Odoo itself writes to the standard error.

Nothing of this is in the database or on the addons path.
"""

import atexit
import hashlib
import importlib.abc
import importlib.machinery
import inspect
import json
import os
import sys

# Where a patch is to be put: module of Odoo -> patches.
PATCHES = {}


class Patch:
    """One function, and what replaces it where its source has one of these hashes."""

    def __init__(self, name, owner, function, hashes, only_openupgrade, make):
        self.name = name
        self.owner = owner
        self.function = function
        self.hashes = hashes
        self.only_openupgrade = only_openupgrade
        self.make = make

    def apply(self, module):
        owner = getattr(module, self.owner, None) if self.owner else module
        original = getattr(owner, self.function, None)
        if self.only_openupgrade and not openupgrade():
            return say(self.name, off="only where OpenUpgrade upgrades")
        if original is None:
            return say(self.name, off="%s has no %s" % (module.__name__, self.function))
        found = hashlib.sha256(inspect.getsource(original).encode()).hexdigest()[:16]
        if found not in self.hashes:
            return say(self.name, off="%s of %s is another one: %s" % (self.function, module.__name__, found))
        setattr(owner, self.function, self.make(original))
        say(self.name, on=found)


def patch(name, place, *hashes, only_openupgrade=False):
    """Declares a patch: a function that takes the original and returns what replaces it."""
    module, owner, function = place

    def declare(make):
        declared = Patch(name, owner, function, frozenset(hashes), only_openupgrade, make)
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
                    say(patch.name, off=repr(error))

        spec.loader.exec_module = exec_module
        return spec


def tell_the_rest(process):
    """Says of the patches that found nothing to patch that they are off; a child process says nothing."""
    if os.getpid() == process:
        for module, patches in PATCHES.items():
            for patch in patches:
                say(patch.name, off="there is no %s here" % module)


def start():
    import hopp_patches  # noqa: F401  declares them

    sys.meta_path.insert(0, Finder())
    atexit.register(tell_the_rest, os.getpid())
