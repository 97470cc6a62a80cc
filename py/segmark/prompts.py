"""Draft -> Prompt: what a waiting draft asks the network; Draft -> Place: what a press needs to know of it."""

from __future__ import annotations

from segmark.clicks import Prompt
from segmark.document import Draft
from segmark.geometry import NO_BOX
from segmark.modes import Place
from segmark.rle import RleMask


def prompt_of(draft: Draft) -> Prompt:
    """The prompt of a draft; after a removal, what is run starts again from before all clicks."""
    mask, crop = draft.mask, draft.crop
    if draft.forget:
        crop = NO_BOX
        if not draft.asked:
            mask = draft.start
        for box in draft.asked:
            mask = draft.reset(mask, RleMask.from_box(box, mask.size))
    neighbours = draft.box_runs
    if draft.asked:
        neighbours = tuple(run for run in neighbours if run[0] in draft.regions and run[0] not in draft.asked)
    return Prompt(
        draft.clicks, draft.asked, mask, crop, neighbours, draft.prompt, draft.polygon, draft.base is not None
    )


def place_of(draft: Draft | None) -> Place:
    """What is on the image so far, for `modes.read_press` and `read_drag`."""
    if draft is None:
        return Place()
    return Place(draft.regions, draft.clicks, draft.polygon, not draft.mask.is_empty)
