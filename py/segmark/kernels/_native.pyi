"""The C extension (cext/module.c). Buffers are C-contiguous; sizes are checked there. Call `segmark.kernels`, not this."""

from typing import Protocol

from _typeshed import ReadableBuffer as Buffer

class Twin(Protocol):
    """The same functions twice: `simd` and `scalar` differ in speed, not in a single bit."""

    def resample(
        self,
        image: Buffer,
        height: int,
        width: int,
        channels: int,
        valid: tuple[int, int, int, int],
        square: tuple[int, int, int],
        size: int,
        planes: int,
        zero_outside: bool,
        gain: float,
        out: Buffer,
        /,
    ) -> None: ...
    def click_maps(self, clicks: Buffer, is_positive: Buffer, size: int, radius: float, out: Buffer, /) -> None: ...
    def paste_mask(
        self,
        logits: Buffer,
        size: int,
        square: tuple[int, int, int],
        box: tuple[int, int, int, int],
        mask: Buffer,
        height: int,
        width: int,
        origin: tuple[int, int],
        threshold: float,
        /,
    ) -> None: ...
    def accumulate_region(
        self,
        logits: Buffer,
        size: int,
        square: tuple[int, int, int],
        box: tuple[int, int, int, int],
        num: Buffer,
        den: Buffer,
        height: int,
        width: int,
        origin: tuple[int, int],
        /,
    ) -> None: ...
    def threshold_join(self, num: Buffer, den: Buffer, mask: Buffer, threshold: float, /) -> None: ...
    def sigmoid(self, logits: Buffer, out: Buffer, /) -> None: ...
    def label_components(
        self, mask: Buffer, height: int, width: int, connectivity: int, labels: Buffer, /
    ) -> bytes: ...
    def label_runs(self, rows: Buffer, first: Buffer, last: Buffer, connectivity: int, labels: Buffer, /) -> bytes: ...
    def rle_encode(self, mask: Buffer, height: int, width: int, column_major: bool, /) -> bytes: ...
    def rle_decode(self, counts: Buffer, out: Buffer, /) -> None: ...
    def describe(self) -> dict[str, str]: ...

simd: Twin
scalar: Twin
