"""Runs inside Pyodide: the kernel tests, with the same pytest and hypothesis as outside."""

import importlib
import json
import os
import sys

sys.path.insert(0, "/extra")
importlib.invalidate_caches()
os.chdir("/project")

import pytest  # noqa: E402
from segmark import kernels  # noqa: E402


class Outcomes:
    """What became of each test."""

    def __init__(self):
        self.of = {}

    def pytest_runtest_logreport(self, report):
        """A failure of set-up or tear-down is the test's; so is a skip before its call."""
        name = report.nodeid.removeprefix("tests/kernels/")
        if report.when == "call" or not report.passed:
            self.of[name] = "failed" if self.of.get(name) == "failed" else report.outcome


outcomes = Outcomes()
code = pytest.main(
    ["-q", "-p", "no:cacheprovider", "-p", "no:faulthandler", "--capture=sys", "-o", "addopts=", "tests/kernels"],
    plugins=[outcomes],
)
RESULT = json.dumps(
    {
        "code": int(code),
        "outcomes": outcomes.of,
        "kernels": kernels.describe(),
        "backend": kernels.BACKEND,
    }
)
