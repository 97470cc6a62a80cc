"""Time at work: a clock that stands still while nobody does anything, so that a draft left overnight took no night."""

from __future__ import annotations

from collections.abc import Callable

#: Seconds: a longer pause between two acts counts as so much. Thinking about a contour is work, a break is not.
IDLE_CAP = 60.0


class WorkClock:
    """Seconds that go on with each act by the time since the one before, by at most `IDLE_CAP`.

    Parameters
    ----------
    clock : unix time in seconds; the clock of work begins with it
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._seen = clock()
        self._worked = self._seen

    def act(self) -> float:
        """Somebody does something now -> seconds on this clock."""
        now = self._clock()
        self._worked += min(max(now - self._seen, 0.0), IDLE_CAP)
        self._seen = now
        return self._worked

    @property
    def worked(self) -> float:
        """What the clock said at the last act."""
        return self._worked

    def go_on(self, worked: float) -> None:
        """Go on from a moment on this clock: with the journal of an image, each of which has its own time."""
        self._worked, self._seen = worked, self._clock()
