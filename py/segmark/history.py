"""Undo and redo: swaps between immutable documents. The history is also the queue of prompts without an answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from segmark import commands as c
from segmark.document import Document, Draft
from segmark.reduce import apply, carry_mode, carry_state, pass_on
from segmark.sharing import share

#: Steps that can be undone. An older one goes when a new one comes, so that a long day's memory and snapshots stay small.
MOST_STEPS = 1000


@dataclass(frozen=True)
class Step:
    """The edit `code` and the document on its other side: before it in `past`, after it in `future`."""

    code: str
    document: Document


def _code_of(command: c.Edit) -> str:
    """What the undo list calls a step: an edit by hand is called by its tool, one of two ways by its way."""
    match command:
        case c.EditMask():
            return f"edit_mask.{command.tool}"
        case c.LockAnnotations(is_locked=False):
            return "unlock_annotations"
        case c.ShowAnnotations(visible=False):
            return "hide_annotations"
        case c.MarkDone(is_done=False):
            return "mark_open"
    return command.kind


@dataclass(frozen=True)
class History:
    """``past`` oldest first (at most `MOST_STEPS`), ``future`` with the next redo first."""

    present: Document = field(default_factory=Document)
    past: tuple[Step, ...] = ()
    future: tuple[Step, ...] = ()

    @property
    def image_id(self) -> str:
        """Of the open image; "" if there is none."""
        return self.present.image.id if self.present.image else ""

    @property
    def undo_code(self) -> str | None:
        return self.past[-1].code if self.past else None

    @property
    def redo_code(self) -> str | None:
        return self.future[0].code if self.future else None

    def run(self, command: c.Command) -> History:
        """The history after a command, by its policy.

        Returns `self` if nothing changed (undo at the end of the stack, a stale answer). Errors as `reduce.apply`.
        """
        if isinstance(command, c.Undo | c.Redo):
            return self._undo() if isinstance(command, c.Undo) else self._redo()
        if isinstance(command, c.SetPrediction):
            return self._answer(command)
        if isinstance(command, c.ShareLabels):
            return self._share(command)
        document = apply(self.present, command)
        return self if document is self.present else self._with(document, command)

    def with_one_state(self) -> History:
        """What is hidden, locked and done now was so in every document (histories of before schema 4)."""
        past = tuple(replace(step, document=carry_state(self.present, step.document)) for step in self.past)
        future = tuple(replace(step, document=carry_state(self.present, step.document)) for step in self.future)
        return History(self.present, past, future)

    def find_draft(self, prompt: int) -> Draft | None:
        """The draft that carries a prompt, undone or not; None if no way leads back to it."""
        drafts = (document.draft for document in self._documents())
        return next((draft for draft in drafts if draft is not None and draft.prompt == prompt), None)

    def waiting(self) -> list[Draft]:
        """The drafts whose prompt has no answer, oldest first, each once; undone ones wait for their redo."""
        found: dict[int, Draft] = {}
        for document in [*(step.document for step in self.past), self.present]:
            if document.draft is not None and not document.draft.is_answered:
                found.setdefault(document.draft.prompt, document.draft)
        return list(found.values())

    @property
    def last_prompt(self) -> int:
        """The highest prompt number in use."""
        return max((document.draft.prompt for document in self._documents() if document.draft), default=0)

    @property
    def next_label_id(self) -> int:
        """The first number that no class of this history has, undone ones included."""
        return max(document.next_label_id for document in self._documents())

    @property
    def last_begun(self) -> float:
        """When the latest draft was begun, on the clock of `activity`; 0.0 without any."""
        return max((document.draft.begun for document in self._documents() if document.draft), default=0.0)

    def _documents(self) -> Iterator[Document]:
        yield from (step.document for step in self.past)
        yield self.present
        yield from (step.document for step in self.future)

    def _with(self, document: Document, command: c.Edit) -> History:
        if command.policy == "silent":
            return replace(self, present=document)
        if getattr(command, "without_step", False):
            return History(document, self.past, self.future).with_one_state()
        if command.policy == "reset":
            return History(document)
        return History(document, (*self.past[1 - MOST_STEPS :], Step(_code_of(command), self.present)))

    def _undo(self) -> History:
        if not self.past:
            return self
        step = self.past[-1]
        future = (Step(step.code, self.present), *self.future)
        return History(carry_mode(self.present, step.document), self.past[:-1], future)

    def _redo(self) -> History:
        if not self.future:
            return self
        step = self.future[0]
        past = (*self.past, Step(step.code, self.present))
        return History(carry_mode(self.present, step.document), past, self.future[1:])

    def _share(self, command: c.ShareLabels) -> History:
        base = self.present.labels
        present = share(self.present, base, command)
        if present == self.present:
            return self
        past = tuple(replace(step, document=share(step.document, base, command)) for step in self.past)
        future = tuple(replace(step, document=share(step.document, base, command)) for step in self.future)
        return History(present, past, future)

    def _answer(self, command: c.SetPrediction) -> History:
        """Fold an answer into every document that shows its prompt, and show it in those that build on it.

        A document after the click may hold the same draft (a label was added meanwhile), and the drafts of later clicks
        start from this answer: all of them get it, so that undo and redo never show a hole.
        """
        if self.find_draft(command.prompt) is None:
            return self
        line = {command.prompt}
        answered: Draft | None = None

        def fold(document: Document) -> Document:
            nonlocal answered
            draft = document.draft
            if draft is None or draft.is_answered:
                return document
            if draft.prompt == command.prompt:
                document = apply(document, command)
                answered = document.draft
                return document
            if answered is not None and draft.parent in line:
                line.add(draft.prompt)
            if answered is not None and draft.prompt in line:
                return replace(document, draft=pass_on(draft, answered))
            return document

        def fold_step(step: Step) -> Step:
            document = fold(step.document)
            return step if document is step.document else Step(step.code, document)

        past = tuple(map(fold_step, self.past))
        present = fold(self.present)
        future = tuple(map(fold_step, self.future))
        return History(present, past, future)
