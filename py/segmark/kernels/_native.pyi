"""The C extension (cext/module.c). Buffers are C-contiguous; sizes are checked there. Call `segmark.kernels`, not this."""

from collections.abc import Buffer

def resample(
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
def click_maps(clicks: Buffer, is_positive: Buffer, size: int, radius: float, out: Buffer, /) -> None: ...
def paste_mask(
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
def threshold_join(num: Buffer, den: Buffer, mask: Buffer, threshold: float, /) -> None: ...
def sigmoid(logits: Buffer, out: Buffer, /) -> None: ...
def label_components(mask: Buffer, height: int, width: int, connectivity: int, labels: Buffer, /) -> bytes: ...
def rle_encode(mask: Buffer, height: int, width: int, column_major: bool, /) -> bytes: ...
def rle_decode(counts: Buffer, out: Buffer, /) -> None: ...
def set_backend(name: str, /) -> None: ...
def describe() -> dict[str, str]: ...
