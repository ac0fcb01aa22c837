"""Says what an Odoo image offers, as one line of JSON. Runs in a container of the image; changes nothing."""
import ast
import glob
import importlib.util
import json
import os
import re
import sys

try:
    from importlib import metadata
except ImportError:
    metadata = None

ROOTS = ["/opt/openupgrade/odoo/addons"]
spec = importlib.util.find_spec("odoo")
packages = list(spec.submodule_search_locations or []) if spec else []
core = []
for package in packages:
    for folder in (os.path.join(package, "addons"), os.path.join(os.path.dirname(package), "addons")):
        if os.path.isdir(folder) and folder not in core:
            core.append(folder)
rc = os.environ.get("ODOO_RC", "/etc/odoo/odoo.conf")
configured = []
try:
    with open(rc) as file:
        for line in file:
            match = re.match(r"\s*addons_path\s*=\s*(.*)", line)
            if match:
                configured = [path.strip() for path in match.group(1).split(",") if path.strip()]
except OSError:
    pass
paths = []
for folder in ROOTS + configured + core:
    if folder not in paths and glob.glob(os.path.join(folder, "*", "__manifest__.py")):
        paths.append(folder)


def installed(requirement):
    name = re.match(r"[A-Za-z0-9_.-]+", requirement)
    if not name:
        return True
    name = name.group(0)
    if metadata is not None:
        try:
            metadata.distribution(name)
            return True
        except Exception:
            pass
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


cache = {}
modules = {}
for folder in paths:
    for path in sorted(glob.glob(os.path.join(folder, "*", "__manifest__.py"))):
        name = os.path.basename(os.path.dirname(path))
        if name in modules:
            continue
        try:
            with open(path, encoding="utf-8") as file:
                manifest = ast.literal_eval(file.read())
        except Exception:
            continue
        external = manifest.get("external_dependencies") or {}
        wanted = list(external.get("python") or [])
        for requirement in wanted:
            if requirement not in cache:
                cache[requirement] = installed(requirement)
        auto = manifest.get("auto_install", False)
        depends = list(manifest.get("depends") or ([] if name == "base" else ["base"]))
        modules[name] = {
            "version": str(manifest.get("version", "1.0")),
            "depends": depends,
            "auto_install": depends if auto is True else list(auto) if auto else None,
            "installable": bool(manifest.get("installable", True)),
            "missing": [requirement for requirement in wanted if not cache[requirement]],
        }

release = {}
for package in packages:
    try:
        with open(os.path.join(package, "release.py")) as file:
            text = file.read()
        match = re.search(r"^version_info\s*=\s*\((\d+),\s*(\d+)", text, re.M)
        if match:
            release["series"] = "%s.%s" % match.groups()
    except OSError:
        pass
versions = {}
if metadata is not None:
    for package, kind in (("odoo", "odoo"), ("openupgradelib", "openupgradelib")):
        try:
            versions[kind] = metadata.version(package)
        except Exception:
            pass
for path in glob.glob("/opt/openupgrade/*.dist-info"):
    match = re.match(r"odoo(?:14)?_addon_openupgrade_(framework|scripts)-(.+)\.dist-info", os.path.basename(path))
    if match:
        versions[match.group(1)] = match.group(2)
apriori = None
covered = []
gone = ""
for root in paths:
    path = os.path.join(root, "openupgrade_scripts", "apriori.py")
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            apriori = file.read()
        covered = sorted(os.listdir(os.path.join(root, "openupgrade_scripts", "scripts")))
        logs = os.path.join(root, "openupgrade_scripts", "scripts", "*", "*", "upgrade_general_log.txt")
        for path in sorted(glob.glob(logs)):
            with open(path, encoding="utf-8") as file:
                gone += file.read() + "\n"
        break


def numbers(version):
    return [int(number) for number in re.findall(r"\d+", version)]


# Odoo runs a script up to the version in the manifest, and passes over a later one without a word.
late = {}
series = "%s." % release.get("series")
for name in covered:
    version = modules.get(name, {}).get("version", "")
    reached = numbers(version if version.startswith(series) else series + version)
    folders = glob.glob(os.path.join(root, "openupgrade_scripts", "scripts", name, series + "*"))
    scripts = [os.path.basename(folder) for folder in folders if glob.glob(os.path.join(folder, "*-migration.py"))]
    beyond = [script for script in scripts if numbers(script) > reached]
    if version and beyond:
        late[name] = max(beyond, key=numbers)
print(json.dumps({
    "series": release.get("series"),
    "python": "%d.%d" % sys.version_info[:2],
    "uid": os.getuid(),
    "gid": os.getgid(),
    "addons_paths": paths,
    "modules": modules,
    "versions": versions,
    "apriori": apriori,
    "covered": covered,
    "gone": gone,
    "late": late,
}))
