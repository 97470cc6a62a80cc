"""The `twin` fixture: each test that takes it runs once with the vector twins and once with the scalar ones."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from kernel_cases import TWINS
from segmark import kernels

# The first example in wasm or under a sanitizer is slow; examples are few because each suite runs four times over.
settings.register_profile(
    "kernels",
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    database=None,
)
settings.load_profile("kernels")


@pytest.fixture(params=["simd", "scalar"])
def twin(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """One twin of the C extension; `segmark.kernels` uses it during the test."""
    monkeypatch.setattr(kernels, "_twin", TWINS[request.param])
    return TWINS[request.param]
