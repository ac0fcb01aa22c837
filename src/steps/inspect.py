"""Says what would keep modules from being loaded in this image, as one line of JSON. Changes nothing and runs no module.

`sys.argv[1]` is JSON: the addons path, and the names of the modules to look at.
"""
import ast
import importlib.util
import json
import os
import shutil
import sys
from xml.etree import ElementTree

question = json.loads(sys.argv[1])
found = []
known = {}


def tell(module, path, line, kind, what):
    root = os.path.dirname(folders[module])
    found.append({"module": module, "file": os.path.relpath(path, root), "line": line, "kind": kind, "what": what})


def folder_of(name):
    for root in question["addons"]:
        if os.path.isfile(os.path.join(root, name, "__manifest__.py")):
            return os.path.join(root, name)
    return None


def importable(name):
    if name not in known:
        parts = name.split(".")
        if parts[:2] == ["odoo", "addons"] and len(parts) > 2:
            known[name] = folder_of(parts[2]) is not None
        elif parts[0] in ("odoo", "openerp") or parts[0] in sys.builtin_module_names:
            known[name] = True
        else:
            try:
                known[name] = importlib.util.find_spec(parts[0]) is not None
            except (ImportError, ValueError):
                known[name] = False
    return known[name]


def look_at(module, path, seen):
    """Follows a file and what it imports of its own module. What stands in a `try` or an `if` may be missing."""
    if path in seen or not os.path.isfile(path):
        return
    seen.add(path)
    try:
        with open(path, "rb") as file:
            tree = ast.parse(file.read(), path)
    except SyntaxError as error:
        return tell(module, path, error.lineno or 0, "syntax", error.msg)
    except ValueError as error:
        return tell(module, path, 0, "syntax", str(error))
    here = os.path.dirname(path)
    for node in tree.body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                wanted(module, path, node, alias.name)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            if node.module == "odoo.addons":
                for alias in node.names:
                    wanted(module, path, node, "odoo.addons." + alias.name)
            else:
                wanted(module, path, node, node.module)
        elif isinstance(node, ast.ImportFrom):
            base = here
            for _ in range(node.level - 1):
                base = os.path.dirname(base)
            base = os.path.join(base, *(node.module or "").split(".")) if node.module else base
            follow(module, base, seen)
            for alias in node.names:
                follow(module, os.path.join(base, alias.name), seen)


def wanted(module, path, node, name):
    parts = name.split(".")
    if parts[:2] == ["odoo", "addons"] and len(parts) > 2:
        name = ".".join(parts[:3])
    else:
        name = parts[0]
    if not importable(name):
        tell(module, path, node.lineno, "import", name)


def follow(module, path, seen):
    look_at(module, path + ".py", seen)
    look_at(module, os.path.join(path, "__init__.py"), seen)


def look_at_data(module, manifest):
    for name in list(manifest.get("data") or []):
        path = os.path.join(folders[module], name)
        if not os.path.isfile(path):
            tell(module, os.path.join(folders[module], "__manifest__.py"), 0, "file", name)
        elif name.endswith(".xml"):
            try:
                ElementTree.parse(path)
            except ElementTree.ParseError as error:
                tell(module, path, error.position[0], "xml", str(error))


folders = {}
for module in question["modules"]:
    folder = folder_of(module)
    if folder is None:
        continue
    folders[module] = folder
    path = os.path.join(folder, "__manifest__.py")
    with open(path, encoding="utf-8") as file:
        manifest = ast.literal_eval(file.read())
    for program in (manifest.get("external_dependencies") or {}).get("bin") or []:
        if shutil.which(program) is None:
            tell(module, path, 0, "program", program)
    look_at(module, os.path.join(folder, "__init__.py"), set())
    look_at_data(module, manifest)
print(json.dumps(found))
