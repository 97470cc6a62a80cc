"""What the page is told: the difference between the documents shown before and now, as events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmark.document import Document
from segmark.history import History
from segmark.modes import mode_to_json
from segmark.outline import outline_segments
from segmark.rle import RleMask

#: Parts with fewer pixels are counted by size: a person may have them dropped at confirm.
SPECK_LIMIT = 1000

Emit = Callable[[str, dict[str, Any], Sequence[NDArray[Any]]], None]


@dataclass(frozen=True)
class Status:
    """What `state.changed` tells besides the document."""

    model: dict[str, Any] = field(default_factory=dict)
    busy: bool = False
    timing: dict[str, Any] | None = None


class Publisher:
    """Sends masks that changed, then the state (so that the state never speaks of a mask not sent)."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._revision = 0
        self._image_id: str | None = None
        self._shown: dict[int, tuple[RleMask, int]] = {}
        self._draft: RleMask | None = None

    def forget(self) -> None:
        """Send everything at the next `publish` (the page has lost what it was shown)."""
        self._image_id, self._shown, self._draft = None, {}, None

    def publish(self, history: History, status: Status, press_id: int | None = None) -> None:
        """Tell the page about the present document.

        Parameters
        ----------
        press_id : number of the prompt that the draft's mask answers, if this is such an answer
        """
        document = history.present
        image_id = document.image.id if document.image else None
        if image_id != self._image_id:
            self._remove_all()
            self._image_id = image_id
        self._send_annotations(document)
        self._send_draft(document, press_id)
        self._revision += 1
        self._emit("state.changed", state_of(history, status, self._revision), ())

    def _remove_all(self) -> None:
        for annotation_id in self._shown:
            self._emit("mask.removed", {"target": "annotation", "id": annotation_id}, ())
        if self._draft is not None:
            self._emit("mask.removed", {"target": "draft", "id": None}, ())
        self._shown, self._draft = {}, None

    def _send_annotations(self, document: Document) -> None:
        editing = document.draft.editing if document.draft else 0  # the draft shows it
        now = {a.id: (a.mask, a.label_id) for a in document.annotations if a.id != editing}
        for annotation_id in [k for k in self._shown if k not in now]:
            self._emit("mask.removed", {"target": "annotation", "id": annotation_id}, ())
        for annotation_id, (mask, label_id) in now.items():
            seen = self._shown.get(annotation_id)
            if seen is None or seen[0] is not mask or seen[1] != label_id:
                self._send_mask("annotation", annotation_id, label_id, mask, None)
        self._shown = now

    def _send_draft(self, document: Document, press_id: int | None) -> None:
        mask = document.draft.mask if document.draft is not None and not document.draft.mask.is_empty else None
        if mask is self._draft or (mask is not None and mask == self._draft):
            return
        if mask is None:
            self._emit("mask.removed", {"target": "draft", "id": None}, ())
        else:
            self._send_mask("draft", None, None, mask, press_id)
        self._draft = mask

    def _send_mask(
        self, target: str, annotation_id: int | None, label_id: int | None, mask: RleMask, press_id: int | None
    ) -> None:
        box, runs, edges = shown_mask(mask)
        params: dict[str, Any] = {"target": target, "id": annotation_id, "label_id": label_id, "box": box}
        if press_id is not None:
            params["press_id"] = press_id
        self._emit("mask.changed", params, (runs, edges))


def shown_mask(mask: RleMask) -> tuple[list[int], NDArray[np.int32], NDArray[np.int32]]:
    """A mask as the page draws it.

    Returns
    -------
    box : x0, y0, x1, y1 round all of it
    runs : int32 (n * 3): y, x0, x1 (half-open) of each run of a row, in reading order
    edges : int32 (m * 4): its outline (`outline_segments`)

    Both follow the mask's runs. Pixels are laid out by the page, and only those in sight: the box of a mask whose parts
    are far apart is nearly the image.
    """
    runs = np.stack(mask.in_rows(), axis=1).astype(np.int32)
    return list(mask.bbox), runs.reshape(-1), outline_segments(mask).reshape(-1)


def state_of(history: History, status: Status, revision: int) -> dict[str, Any]:
    """The `state.changed` event's params (see the contract in bridge/README.md)."""
    document = history.present
    counts: dict[int, int] = {}
    for a in document.annotations:
        counts[a.label_id] = counts.get(a.label_id, 0) + 1
    image = document.image
    return {
        "revision": revision,
        "image": image and {"id": image.id, "name": image.name, "width": image.width, "height": image.height},
        "mode": mode_to_json(document.mode),
        "model": status.model,
        "labels": [
            {
                "id": k.id,
                "name": k.name,
                "color": k.color,
                "key": str(n) if n <= 9 else "",
                "count": counts.get(k.id, 0),
            }
            for n, k in enumerate(document.labels, start=1)
        ],
        "last_label_id": document.last_label_id,
        "annotations": [
            {
                "id": a.id,
                "label_id": a.label_id,
                "area": a.mask.area,
                "box": list(a.mask.bbox),
                "visible": a.id not in document.hidden,
                "locked": a.id in document.locked,
                "parts": a.mask.parts,
            }
            for a in document.annotations
        ],
        "draft": _draft_of(document),
        "progress": document.state,
        "history": {"undo": history.undo_code, "redo": history.redo_code},
        "busy": status.busy,
        "timing": status.timing,
    }


def _draft_of(document: Document) -> dict[str, Any] | None:
    draft = document.draft
    if draft is None:
        return None
    return {
        "clicks": [{"x": c.x, "y": c.y, "is_positive": c.is_positive} for c in draft.clicks],
        "regions": [list(box) for box in draft.regions],
        "polygon": [list(corner) for corner in draft.polygon],
        "is_edited": draft.added is not None or draft.removed is not None,
        "editing": draft.editing,
        "area": draft.mask.area,
        "parts": draft.mask.parts,
        "specks": _specks(draft.mask.part_areas),
    }


def _specks(areas: Sequence[int]) -> list[list[int]]:
    """[area, how many parts have it] of all parts below `SPECK_LIMIT`, smallest first: short however many there are."""
    counts = Counter(area for area in areas if area < SPECK_LIMIT)
    return [[area, counts[area]] for area in sorted(counts)]
