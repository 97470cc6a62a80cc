"""Runs inside Pyodide: the kernel tests, with the same pytest and hypothesis as outside."""

import importlib
import json
import os
import sys

sys.path.insert(0, "/extra")
importlib.invalidate_caches()
os.chdir("/project")
os.environ["SEGMARK_INSIDE_PYODIDE"] = "1"

import pytest  # noqa: E402
from segmark import kernels  # noqa: E402


class Count:
    """Outcomes of the run."""

    passed = failed = 0

    def pytest_runtest_logreport(self, report):
        """Each test counts once; a failure of set-up counts as well."""
        if report.failed:
            self.failed += 1
        elif report.when == "call" and report.passed:
            self.passed += 1


count = Count()
code = pytest.main(
    ["-q", "-p", "no:cacheprovider", "-p", "no:faulthandler", "--capture=sys", "-o", "addopts=", "tests/kernels"],
    plugins=[count],
)
RESULT = json.dumps(
    {
        "code": int(code),
        "passed": count.passed,
        "failed": count.failed,
        "kernels": kernels.describe(),
        "backend": kernels.BACKEND,
    }
)
