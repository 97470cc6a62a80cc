"""From a prompt to a mask of the image: which crops the network sees, how often it runs, how the answers are joined."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from segmark.clicks import Prompt
from segmark.geometry import NO_BOX, Box, RoiFrame, image_box, roi_frame
from segmark.polygon import Polygon, bounding_box, polygon_window
from segmark.rle import Mask, RleMask
from segmark.segment import crops
from segmark.segment.postprocess import (
    Logits,
    drop_specks,
    keep_pointed,
    keep_promise,
    lift_logits,
    paste_details,
    paste_regions,
    window_slice,
)
from segmark.segment.predictor import Predictor, PredictorError
from segmark.segment.transforms import ImageTensors, Pixels, click_maps_tensor, prev_mask_tensor

_MAX_GROWTH = 2  # extra runs in point mode, a detail included
_KEEP_LOGITS = 64  # 256 KB each


@dataclass
class Timing:
    """Milliseconds of one answer; `network` is the network's own run where the predictor knows it."""

    pre: float = 0.0
    network: float = 0.0
    post: float = 0.0
    runs: int = 0

    def told(self, total: float) -> dict[str, float]:
        """As the page is told, with the milliseconds from the question to the answer."""
        parts = {"total_ms": total, "pre_ms": self.pre, "network_ms": self.network, "post_ms": self.post}
        return {name: round(value, 2) for name, value in parts.items()} | {"runs": self.runs}


@dataclass(frozen=True)
class Answer:
    """The mask that answers a prompt; `crop` as in `Prompt`, `box_runs` as in `document.Draft`."""

    mask: RleMask
    crop: Box
    box_runs: tuple[tuple[Box, int], ...]
    model_id: str
    timing: Timing


class ClickNet:
    """Answers prompts on one image.

    Parameters
    ----------
    pixels : uint8 (H, W) grey, (H, W, 3) RGB or (H, W, 4) RGBA (alpha is ignored)
    clock : seconds, for the timings
    """

    def __init__(self, pixels: Pixels, clock: Callable[[], float] = perf_counter) -> None:
        self.pixels = pixels
        self._image = image_box(pixels.shape[1], pixels.shape[0])
        self._tensors = ImageTensors(pixels)
        self._logits: OrderedDict[tuple[Box, int], Logits] = OrderedDict()
        self._clock = clock

    def aside(self) -> ClickNet:
        """The same image with the same memory of earlier runs, for answers that must leave no trace in it."""
        other = ClickNet(self.pixels, self._clock)
        other._tensors, other._logits = self._tensors, self._logits.copy()
        return other

    async def answer(self, predictor: Predictor, prompt: Prompt) -> Answer:
        """Run the network as often as the prompt needs it.

        Raises
        ------
        PredictorError
            Nothing has changed then.
        """
        timing = Timing()
        if prompt.asked:
            return await self._answer_boxes(predictor, prompt, timing)
        return await self._answer_image(predictor, prompt, timing)

    # -- point mode: the whole image is the region ------------------------------------------------------------------
    async def _answer_image(self, predictor: Predictor, prompt: Prompt, timing: Timing) -> Answer:
        """The finest crop that holds the target, grown while the mask touches its edge; three runs at most.

        Where that crop is coarser than the image, details of native scale are joined into it: the finer runs on the way
        to it, and one round the newest click. They are kept for later answers until a click in them asks anew.
        """
        newest = prompt.clicks[-1]
        box = crops.first_crop(prompt, self._image)
        kept = [run for run in prompt.neighbours if not run[0].contains(newest.x, newest.y)]
        details = [(self._remembered(frame, n, prompt), frame) for frame, n in self._framed(kept)]
        mask, left = prompt.prev_mask, _MAX_GROWTH
        detail = crops.detail_crop(newest, box, self._image)
        asked = [box] if detail is None else [detail, box]
        while True:
            frames = [roi_frame(one, self._image) for one in asked]
            *finer_logits, logits = await self._run_all(predictor, frames, prompt, mask, timing)
            frame, left = frames[-1], left - len(finer_logits)
            details.extend(zip(finer_logits, frames[:-1], strict=True))
            begun = self._clock()
            grown = crops.grown_crop(logits, frame, prompt.clicks, self._image, left) if left else None
            finer = [entry for entry in details if crops.is_finer(entry[1].box, box)]
            mask = self._written(prompt.prev_mask, prompt, [(logits, frame)], [], finer)
            timing.post += 1e3 * (self._clock() - begun)
            if grown is None:
                break
            details.append((logits, frame))
            asked, box, left = [grown], grown, left - 1
        kept = [run for run in kept if crops.is_finer(run[0], box)]
        fresh = [(frame.box, prompt.number) for _, frame in finer[len(kept) :]]
        return Answer(mask, box, (*kept, *fresh), predictor.model_id, timing)

    def _framed(self, runs: Iterable[tuple[Box, int]]) -> list[tuple[RoiFrame, int]]:
        return [(roi_frame(box, self._image), number) for box, number in runs]

    # -- boxes ------------------------------------------------------------------------------------------------------
    async def _answer_boxes(self, predictor: Predictor, prompt: Prompt, timing: Timing) -> Answer:
        frames = [roi_frame(box, self._image) for box in prompt.asked]
        answers = await self._run_all(predictor, frames, prompt, prompt.prev_mask, timing)
        run = list(zip(answers, frames, strict=True))
        begun = self._clock()
        near = [k for k in prompt.neighbours if any(not k[0].intersect(asked).is_empty for asked in prompt.asked)]
        others = [(self._remembered(frame, n, prompt), frame) for frame, n in self._framed(near)]
        mask = prompt.prev_mask
        for near_ones in _apart(run):
            mask = self._written(mask, prompt, near_ones, others)
        timing.post += 1e3 * (self._clock() - begun)
        runs = (*prompt.neighbours, *((box, prompt.number) for box in prompt.asked))
        return Answer(mask, NO_BOX, runs, predictor.model_id, timing)

    def _remembered(self, frame: RoiFrame, number: int, prompt: Prompt) -> Logits:
        """The logits of an earlier run; made up from the mask if they are gone (after a restart, or long ago)."""
        kept = self._logits.get((frame.box, number))
        if kept is not None:
            return kept
        made_up: Logits = (prev_mask_tensor(prompt.prev_mask, frame)[0, 0] - np.float32(0.5)) * np.float32(8.0)
        return made_up

    # -- both -------------------------------------------------------------------------------------------------------
    async def _run_all(
        self, predictor: Predictor, frames: Sequence[RoiFrame], prompt: Prompt, prev_mask: RleMask, timing: Timing
    ) -> list[Logits]:
        """Ask all at once: while the network is at one, the next is made ready and the one before is read."""
        later = [asyncio.ensure_future(self._run(predictor, one, prompt, prev_mask, timing)) for one in frames[1:]]
        try:
            first = await self._run(predictor, frames[0], prompt, prev_mask, timing)
            return [first, *[await task for task in later]]
        except BaseException:
            for task in later:
                task.cancel()
            await asyncio.gather(*later, return_exceptions=True)  # nobody else hears of their errors
            raise

    async def _run(
        self, predictor: Predictor, frame: RoiFrame, prompt: Prompt, prev_mask: RleMask, timing: Timing
    ) -> Logits:
        begun = self._clock()
        inputs = (
            self._tensors.get(frame),
            prev_mask_tensor(prev_mask, frame),
            click_maps_tensor(prompt.clicks, frame),
        )
        sent = self._clock()
        logits: Logits = (await predictor.run(*inputs))[0, 0]
        back = self._clock()
        if logits.dtype != np.float32 or not np.isfinite(logits).all():
            raise PredictorError("inference.failed", {"why": "the network's answer is not a number everywhere"})
        lifted = lift_logits(logits, frame, prompt.clicks)
        timing.pre += 1e3 * (sent - begun)
        timing.network += getattr(predictor, "last_run_ms", None) or 1e3 * (back - sent)
        timing.post += 1e3 * (self._clock() - back)
        timing.runs += 1
        self._remember((frame.box, prompt.number), lifted)
        return lifted

    def _keep_outside(self, window: Mask, area: Box, mask: RleMask, polygon: Polygon, boxes: list[Box]) -> None:
        """Give the pixels round a polygon back what they were (R1.6), except where another box was run."""
        around = bounding_box(polygon)
        if around not in boxes:
            return
        inner = around.intersect(area)
        free = polygon_window(polygon, inner)
        for box in boxes:
            if box != around:
                free[window_slice(free, (inner.x0, inner.y0), box)] = 1
        part = window[window_slice(window, (area.x0, area.y0), inner)]
        np.copyto(part, mask.to_window(inner), where=free == 0)

    def _remember(self, key: tuple[Box, int], logits: Logits) -> None:
        self._logits[key] = logits
        if len(self._logits) > _KEEP_LOGITS:
            self._logits.popitem(last=False)

    def _written(
        self,
        mask: RleMask,
        prompt: Prompt,
        run: list[tuple[Logits, RoiFrame]],
        others: list[tuple[Logits, RoiFrame]],
        details: list[tuple[Logits, RoiFrame]] | None = None,
    ) -> RleMask:
        """The mask with the answers written into the regions run, every click's promise kept. The hull of the regions is
        laid out."""
        area = run[0][1].valid
        for _, frame in run[1:]:
            area = area.hull(frame.valid)
        window, origin = mask.to_window(area), (area.x0, area.y0)
        before = window.copy() if prompt.corrects else None
        paste_regions(window, origin, run, others)
        if details:
            paste_details(window, origin, run[0], details)
        drop_specks(window, origin, [frame for _, frame in run], self._image, prompt.clicks)
        if before is not None:
            keep_pointed(before, window, origin, prompt.clicks)
        keep_promise(window, origin, [frame.valid for _, frame in run], prompt.clicks)
        if prompt.polygon:
            self._keep_outside(window, area, mask, prompt.polygon, [frame.box for _, frame in run])
        return mask.with_window(window, origin)


def _apart(run: Sequence[tuple[Logits, RoiFrame]]) -> list[list[tuple[Logits, RoiFrame]]]:
    """The answers in groups whose hulls do not meet: one hull of boxes far apart may be as large as the image."""
    groups: list[tuple[Box, list[int]]] = []
    for number, (_, frame) in enumerate(run):
        hull, members = frame.valid, [number]
        while met := [group for group in groups if not group[0].intersect(hull).is_empty]:
            groups = [group for group in groups if group not in met]
            for box, numbers in met:
                hull, members = hull.hull(box), [*numbers, *members]
        groups.append((hull, members))
    return [[run[k] for k in sorted(members)] for _, members in groups]
