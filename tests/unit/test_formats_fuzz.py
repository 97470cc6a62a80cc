"""Broken files never end in anything but annotations or a clear error (the long run: ./build.sh soak fuzz)."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).resolve().parents[1] / "soak"))

import fuzz_files
import fuzz_targets

TARGETS = fuzz_targets.targets()


@pytest.mark.parametrize("kind", sorted(TARGETS))
def test_files_that_are_whole_are_read(kind: str) -> None:
    for name, data in TARGETS[kind].files:
        assert TARGETS[kind].check(name, data) == "read", name


@pytest.mark.parametrize("kind", sorted(TARGETS))
@given(st.integers(0, 2**32))
@settings(max_examples=20, deadline=None)
def test_broken_files(kind: str, seed: int) -> None:
    met = fuzz_files.run(10, seed, kinds=[kind])
    assert sum(met.values()) == 10


@pytest.mark.parametrize("kind", sorted(TARGETS))
@given(st.binary(max_size=300), st.sampled_from(["", "PK\x03\x04", "{", "<", "\x89PNG\r\n\x1a\n", "II*\x00"]))
@settings(max_examples=100, deadline=None)
def test_any_bytes(kind: str, data: bytes, start: str) -> None:
    TARGETS[kind].check("a.txt", start.encode("latin-1") + data)
