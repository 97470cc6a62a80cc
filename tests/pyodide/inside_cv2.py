"""Runs inside Pyodide: the calls of calls.py, as JSON."""

import json
import sys

sys.path.insert(0, "/project/tests/pyodide")

import calls
import cv2

RESULT = json.dumps(
    {
        "results": {name: value.tolist() for name, value in calls.results().items()},
        "error": calls.error_name(),
        "simd": "WASM" in cv2.getBuildInformation() or "SIMD" in cv2.getBuildInformation(),
        "version": cv2.__version__,
    }
)
