"""Which backend runs, and that the choice can be forced."""

from __future__ import annotations

import importlib.util
import os
import sys
from types import ModuleType

import numpy as np
import pytest
from kernel_cases import TWINS
from segmark import kernels


def fresh(monkeypatch: pytest.MonkeyPatch, forced: str | None) -> ModuleType:
    """A second copy of the package's surface, imported with SEGMARK_KERNELS set."""
    if forced is None:
        monkeypatch.delenv("SEGMARK_KERNELS", raising=False)
    else:
        monkeypatch.setenv("SEGMARK_KERNELS", forced)
    spec = importlib.util.spec_from_file_location("kernels_again", kernels.__file__)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_backend_is_simd_unless_forced() -> None:
    assert os.environ.get("SEGMARK_KERNELS", "simd") == kernels.BACKEND == kernels.describe()["backend"]


def test_the_package_under_test_is_the_one_meant() -> None:
    """The sanitizer run tests a copy of the package; run against the plain one it would prove nothing."""
    meant = os.environ.get("SEGMARK_TEST_PACKAGE", "")
    assert kernels.__file__ is not None and kernels.__file__.startswith(meant)


def test_target_is_what_this_machine_is() -> None:
    target = TWINS["simd"].describe()["target"]
    assert target == ("wasm-simd128" if sys.platform == "emscripten" else "native")


@pytest.mark.parametrize(("forced", "backend"), [(None, "simd"), ("scalar", "scalar"), ("reference", "reference")])
def test_the_environment_forces_a_backend(monkeypatch: pytest.MonkeyPatch, forced: str | None, backend: str) -> None:
    module = fresh(monkeypatch, forced)
    assert module.BACKEND == module.describe()["backend"] == backend


def test_two_copies_keep_their_own_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    scalar, simd = fresh(monkeypatch, "scalar"), fresh(monkeypatch, None)
    assert (scalar.describe()["backend"], simd.describe()["backend"]) == ("scalar", "simd")
    mask = np.eye(5, dtype=np.uint8)
    np.testing.assert_array_equal(scalar.rle_encode(mask), simd.rle_encode(mask))
    assert scalar.describe()["backend"] == "scalar"


def test_the_twins_offer_the_same_functions() -> None:
    names = {twin: {name for name in dir(TWINS[twin]) if not name.startswith("_")} for twin in ("simd", "scalar")}
    assert (
        names["simd"]
        == names["scalar"]
        >= {"resample", "click_maps", "paste_mask", "accumulate_region", "threshold_join", "label_components"}
    )
