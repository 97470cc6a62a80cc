"""Corrections to OpenCV 4.11's wasm SIMD layer, applied to the unpacked sdist. Every edit must find its place.

`v_round` on floats truncates ``a + 0.5`` upstream, which is wrong for negative numbers and for ties; wasm has a
round-to-nearest-even instruction. The integer dot product of 16-bit lanes is one instruction as well.
"""

from __future__ import annotations

from pathlib import Path

from steps import BuildError

INTRINSICS = "modules/core/include/opencv2/core/hal/intrin_wasm.hpp"


def between(text: str, start: str, stop: str, new_body: str) -> str:
    """Replace what stands between the first `start` and the next `stop`."""
    head, found, rest = text.partition(start)
    body, closed, tail = rest.partition(stop)
    if not found or not closed or len(body) > 800:
        raise BuildError(f"OpenCV's wasm intrinsics are not those of 4.11 ('{start.strip()}' was not found)")
    return head + start + new_body + stop + tail


def patch_opencv(folder: Path) -> None:
    """Edit the unpacked OpenCV sources in place."""
    path = folder / INTRINSICS
    text = path.read_text()
    text = between(
        text,
        "inline v_int32x4 v_round(const v_float32x4& a)\n{",
        "\n}",
        "\n    return v_int32x4(wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_nearest(a.val)));",
    )
    text = between(
        text,
        "inline v_int32x4 v_dotprod(const v_int16x8& a, const v_int16x8& b)\n{",
        "\n}",
        "\n    return v_int32x4(wasm_i32x4_dot_i16x8(a.val, b.val));",
    )
    path.write_text(text)
