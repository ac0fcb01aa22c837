"""Run by Python's start-up because this folder is on PYTHONPATH: starts the accelerator, then the sitecustomize of the
image, which this one hides."""

import importlib.machinery
import importlib.util
import json
import os
import sys

_here = os.path.dirname(os.path.abspath(__file__))

try:
    import hopp_accelerate

    hopp_accelerate.start()
except Exception as error:  # an accelerator that fails must not stop what it would have accelerated
    print(json.dumps({"hopp-accelerate": {"patch": "all", "off": repr(error)}}), flush=True)

_elsewhere = [path for path in sys.path if os.path.abspath(path or ".") != _here]
_spec = importlib.machinery.PathFinder.find_spec("sitecustomize", _elsewhere)
if _spec and _spec.loader:
    _spec.loader.exec_module(importlib.util.module_from_spec(_spec))
