"""What the tests of the build share: a cache and a build folder of their own, and what a failing tool says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import steps


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGMARK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(steps, "BUILD", tmp_path / "build")


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[[Callable[[], object]], str]:
    """A function that runs a failing tool and gives its sentence: one line, and no traceback beside it."""

    def run(work: Callable[[], object]) -> str:
        with pytest.raises(SystemExit) as stopped:
            steps.main(work)  # type: ignore[arg-type]
        assert "Traceback" not in capsys.readouterr().err
        told = str(stopped.value)
        assert told.startswith("[segmark] failed: ") and told.endswith(".") and "\n" not in told
        return told

    return run
