"""When a journal has grown long, one snapshot takes its place, so that the next start is quick."""

from __future__ import annotations

from segmark.history import History
from segmark.journal import history_to_json

EVERY = 250  # entries


class Compaction:
    """Counts the entries of each image's journal since it was a snapshot last, or was read."""

    def __init__(self) -> None:
        self._entries: dict[str, int] = {}
        self._due: dict[str, int] = {}

    def restored(self, image: str, count: int) -> None:
        """The image's journal was read back: so many entries are in it."""
        self._entries[image] = count

    def after(self, image: str, history: History, worked: float) -> str | None:
        """Count an entry that was just written; a snapshot of the history it led to, if it is time for one.

        `worked`: the clock of work at that entry, seconds.
        """
        self._entries[image] = self._entries.get(image, 0) + 1
        if self._entries[image] < self._due.get(image, EVERY):
            return None
        self._entries[image] = 1
        # a snapshot holds every step: the longer it is, the seldomer it is written
        self._due[image] = max(EVERY, len(history.past) + len(history.future))
        return history_to_json(history, worked)
