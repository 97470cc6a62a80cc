"""Property tests are judged by their laws, not by the clock of a busy machine."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("segmark", deadline=None)
settings.load_profile("segmark")
