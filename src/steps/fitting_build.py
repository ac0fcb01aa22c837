"""Says of which day the Odoo in this image is, and on which day each build of OpenUpgrade's scripts was published.

Prints one line of JSON. `sys.argv`: the name of the package, the series. Changes nothing.
"""
import base64
import importlib.util
import json
import os
import re
import ssl
import sys
import time
import urllib.parse
import urllib.request

package, series = sys.argv[1:3]
answer = {"odoo": None, "builds": []}
spec = importlib.util.find_spec("odoo")
for folder in list(spec.submodule_search_locations or []) if spec else []:
    path = os.path.join(folder, "release.py")
    if os.path.exists(path):
        with open(path) as file:
            stamp = re.search(r"\b(20\d\d)([01]\d)([0-3]\d)\b", file.read())
        # Official builds carry their day; a distribution's package keeps the day of its files.
        day = "-".join(stamp.groups()) if stamp else time.strftime("%Y-%m-%d", time.gmtime(os.path.getmtime(path)))
        answer["odoo"] = day
try:
    index = urllib.parse.urlsplit(os.environ.get("PIP_INDEX_URL") or "https://pypi.org/simple")
    place = index._replace(netloc=index.netloc.rpartition("@")[2]).geturl().rstrip("/")
    request = urllib.request.Request("%s/%s/" % (place, package))
    request.add_header("Accept", "application/vnd.pypi.simple.v1+json")
    if index.username:
        login = "%s:%s" % (urllib.parse.unquote(index.username), urllib.parse.unquote(index.password or ""))
        request.add_header("Authorization", "Basic " + base64.b64encode(login.encode()).decode())
    context = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE") or None)
    with urllib.request.urlopen(request, timeout=20, context=context) as reply:
        files = json.load(reply)["files"]
    for one in files:
        version = one["filename"].split("-")[1]
        if version.startswith(series + ".") and one.get("upload-time") and not one.get("yanked"):
            answer["builds"].append([version, one["upload-time"][:10]])
except Exception as error:  # without an index the day of Odoo alone must do
    answer["error"] = type(error).__name__
print(json.dumps(answer))
