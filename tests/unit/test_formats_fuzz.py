"""Broken files never end in anything but annotations or a clear error (the long run: ./build.sh soak fuzz)."""

from __future__ import annotations

import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).resolve().parents[1] / "soak"))

import fuzz_files


def test_files_that_are_whole_are_read() -> None:
    document = fuzz_files.base_document()
    for name, data in fuzz_files.good_files(document):
        assert fuzz_files.check(document, name, data) == "read", name


@given(st.integers(0, 2**32))
@settings(max_examples=40)
def test_broken_files(seed: int) -> None:
    met = fuzz_files.run(10, seed)
    assert sum(met.values()) == 10


@given(st.binary(max_size=300), st.sampled_from(["", "PK\x03\x04", "{", "<", "\x89PNG\r\n\x1a\n"]))
@settings(max_examples=200)
def test_any_bytes(data: bytes, start: str) -> None:
    fuzz_files.check(fuzz_files.base_document(), "a.txt", start.encode("latin-1") + data)
