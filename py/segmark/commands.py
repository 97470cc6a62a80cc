"""Every edit as frozen data. `kind` names it in the journal and the undo list; `policy` says how it meets the stack.

step: a step of its own. join: becomes part of the step that asked for it. silent: changes how a person works, and stays
as it is through undo and redo. weave: changes every document of the history. reset: the stack starts anew. move: walks
the stack.

``without_step`` is of journals before schema 4: hiding, locking and calling an image done were no steps of the undo stack.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from segmark.clicks import Click
from segmark.document import Annotation, ImageRecord, Label
from segmark.geometry import Box
from segmark.modes import Mode
from segmark.polygon import Polygon
from segmark.rle import RleMask


@dataclass(frozen=True)
class OpenImage:
    """Open an image; whatever else must be known to go on from here is in it, so a replay may start here."""

    kind: ClassVar[str] = "open_image"
    policy: ClassVar[str] = "reset"
    image: ImageRecord
    labels: tuple[Label, ...]
    mode: Mode
    last_label_id: int
    next_label_id: int


@dataclass(frozen=True)
class AddClick:
    """One click, with the boxes that the mode gave it (`modes.PlaceClick`)."""

    kind: ClassVar[str] = "add_click"
    policy: ClassVar[str] = "step"
    click: Click
    regions: tuple[Box, ...]
    asked: tuple[Box, ...]
    is_fresh: bool
    prompt: int
    at: float


@dataclass(frozen=True)
class RemoveClick:
    """Take one click away; what it did is worked out anew from the others.

    ``keeps_rest`` is of journals before schema 3, whose finished annotations must stay what they are: a mask beside the
    boxes stayed when its click went, and a box drawn in a draft of another mode went with its last click.
    """

    kind: ClassVar[str] = "remove_click"
    policy: ClassVar[str] = "step"
    index: int
    prompt: int
    keeps_rest: bool = False


@dataclass(frozen=True)
class MoveClick:
    """Put one click elsewhere, with its sign and its place in the order; the mask is worked out anew.

    ``keeps_rest`` as in `RemoveClick`.
    """

    kind: ClassVar[str] = "move_click"
    policy: ClassVar[str] = "step"
    index: int
    x: int
    y: int
    prompt: int
    keeps_rest: bool = False


@dataclass(frozen=True)
class SetPrediction:
    """The answer to a prompt: the draft's whole mask, as data (undo and replay need no network).

    ``crop`` and ``box_runs`` as in `document.Draft`.
    """

    kind: ClassVar[str] = "set_prediction"
    policy: ClassVar[str] = "join"
    prompt: int
    mask: RleMask
    crop: Box
    box_runs: tuple[tuple[Box, int], ...]
    model_id: str


@dataclass(frozen=True)
class PlaceBox:
    """A box, or a polygon with its bounding box, that the person drew: the only region from now on (R1.4, R1.6)."""

    kind: ClassVar[str] = "place_box"
    policy: ClassVar[str] = "step"
    box: Box
    polygon: Polygon
    prompt: int
    at: float


@dataclass(frozen=True)
class EditMask:
    """Pixels painted and erased by hand, only those that change (R6); `tool` names it in the undo list."""

    kind: ClassVar[str] = "edit_mask"
    policy: ClassVar[str] = "step"
    tool: str
    added: RleMask
    removed: RleMask
    prompt: int
    at: float


@dataclass(frozen=True)
class ReopenAnnotation:
    """Go on with a finished annotation, with clicks and brush."""

    kind: ClassVar[str] = "reopen_annotation"
    policy: ClassVar[str] = "step"
    id: int
    prompt: int
    at: float


@dataclass(frozen=True)
class CancelDraft:
    kind: ClassVar[str] = "cancel_draft"
    policy: ClassVar[str] = "step"


@dataclass(frozen=True)
class Confirm:
    """The draft becomes one annotation a connected part (R7), or one of all parts.

    ``min_px``: parts with fewer pixels are left out; ``takes``: the new annotations' pixels leave all others that are
    not locked, and one of which nothing stays goes.
    """

    kind: ClassVar[str] = "confirm"
    policy: ClassVar[str] = "step"
    label_id: int
    at: float
    as_one: bool = False
    min_px: int = 0
    takes: bool = False


@dataclass(frozen=True)
class ImportAnnotations:
    """What a file held, in one step: new classes, then annotations; both numbered on from the document's next ids."""

    kind: ClassVar[str] = "import_annotations"
    policy: ClassVar[str] = "step"
    labels: tuple[Label, ...]
    annotations: tuple[Annotation, ...]


@dataclass(frozen=True)
class DeleteAnnotation:
    kind: ClassVar[str] = "delete_annotation"
    policy: ClassVar[str] = "step"
    id: int


@dataclass(frozen=True)
class SplitAnnotation:
    """One annotation becomes one an 8-connected part, as `Confirm` makes them; the first keeps the id."""

    kind: ClassVar[str] = "split_annotation"
    policy: ClassVar[str] = "step"
    id: int


@dataclass(frozen=True)
class DeleteAnnotations:
    kind: ClassVar[str] = "delete_annotations"
    policy: ClassVar[str] = "step"
    ids: tuple[int, ...]


@dataclass(frozen=True)
class MergeAnnotations:
    """Several annotations become one, in the place and of the class of the first one named.

    ``adds_up`` is of journals before schema 3: the parts of one draft then counted its clicks and seconds once each.
    """

    kind: ClassVar[str] = "merge_annotations"
    policy: ClassVar[str] = "step"
    ids: tuple[int, ...]
    adds_up: bool = False


@dataclass(frozen=True)
class RelabelAnnotations:
    kind: ClassVar[str] = "relabel_annotations"
    policy: ClassVar[str] = "step"
    ids: tuple[int, ...]
    label_id: int


@dataclass(frozen=True)
class LockAnnotations:
    kind: ClassVar[str] = "lock_annotations"
    policy: ClassVar[str] = "step"
    ids: tuple[int, ...]
    is_locked: bool
    without_step: bool = False


@dataclass(frozen=True)
class Relabel:
    """Of journals written before several could be relabelled at once; the page asks for `RelabelAnnotations`."""

    kind: ClassVar[str] = "relabel"
    policy: ClassVar[str] = "step"
    id: int
    label_id: int


@dataclass(frozen=True)
class AddLabel:
    kind: ClassVar[str] = "add_label"
    policy: ClassVar[str] = "step"
    name: str
    color: str


@dataclass(frozen=True)
class UpdateLabel:
    kind: ClassVar[str] = "update_label"
    policy: ClassVar[str] = "step"
    id: int
    name: str
    color: str


@dataclass(frozen=True)
class RemoveLabel:
    kind: ClassVar[str] = "remove_label"
    policy: ClassVar[str] = "step"
    id: int


@dataclass(frozen=True)
class SetMode:
    kind: ClassVar[str] = "set_mode"
    policy: ClassVar[str] = "silent"
    mode: Mode


@dataclass(frozen=True)
class ShowAnnotations:
    kind: ClassVar[str] = "show_annotations"
    policy: ClassVar[str] = "step"
    ids: tuple[int, ...]
    visible: bool
    without_step: bool = False


@dataclass(frozen=True)
class MarkDone:
    """The person calls the image finished, or takes that back."""

    kind: ClassVar[str] = "mark_done"
    policy: ClassVar[str] = "step"
    is_done: bool
    without_step: bool = False


@dataclass(frozen=True)
class ShareLabels:
    """The classes as they are after work on other images of the project (`sharing.share`), in all documents."""

    kind: ClassVar[str] = "share_labels"
    policy: ClassVar[str] = "weave"
    labels: tuple[Label, ...]
    last_label_id: int
    next_label_id: int


@dataclass(frozen=True)
class Undo:
    kind: ClassVar[str] = "undo"
    policy: ClassVar[str] = "move"


@dataclass(frozen=True)
class Redo:
    kind: ClassVar[str] = "redo"
    policy: ClassVar[str] = "move"


Edit = (
    OpenImage
    | AddClick
    | RemoveClick
    | MoveClick
    | SetPrediction
    | PlaceBox
    | EditMask
    | ReopenAnnotation
    | CancelDraft
    | Confirm
    | ImportAnnotations
    | DeleteAnnotation
    | SplitAnnotation
    | DeleteAnnotations
    | MergeAnnotations
    | RelabelAnnotations
    | LockAnnotations
    | Relabel
    | AddLabel
    | UpdateLabel
    | RemoveLabel
    | SetMode
    | ShowAnnotations
    | MarkDone
    | ShareLabels
)
Command = Edit | Undo | Redo
