"""Life signs of a long step: one line written over itself on a terminal, a line now and then elsewhere (a CI log, a file)."""

from __future__ import annotations

import sys
import time

#: Seconds between two signs.
ON_TERMINAL, ELSEWHERE = 1.0, 20.0
CLEAR = "\r\033[K"


class Ticker:
    """Says how long a step has been at it, and how far it is where that is known."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.start = self.told = time.monotonic()
        self.is_terminal = sys.stdout.isatty()

    def show(self, progress: str = "") -> None:
        """Call as often as you like."""
        now = time.monotonic()
        if now - self.told < (ON_TERMINAL if self.is_terminal else ELSEWHERE):
            return
        self.told = now
        line = f"[segmark]   {self.title}: {' '.join([f'{now - self.start:.0f} s', progress]).strip()}"
        print(f"{CLEAR}{line}" if self.is_terminal else line, end="" if self.is_terminal else "\n", flush=True)

    def done(self) -> None:
        """Leave no half line behind."""
        if self.is_terminal and self.told != self.start:
            print(CLEAR, end="", flush=True)
