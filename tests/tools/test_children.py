"""Other programs: their failures are blamed on what their logs prove, on a full disk first of all."""

from __future__ import annotations

import errno
import shutil
import time
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import children
import pytest
import steps
import ticker

Usage = namedtuple("Usage", "total used free")


def failure(text: str, log: Path, reason: str = "") -> str:
    """The sentence about a program that wrote a text and failed."""
    with pytest.raises(steps.BuildError) as failed:
        children.run(["bash", "-c", 'echo "$0" >&2; exit 7', text], log=log, reason=reason)
    return str(failed.value)


def fill(monkeypatch: pytest.MonkeyPatch, is_full: Callable[[Path], bool]) -> None:
    """Disks that say they are full."""
    monkeypatch.setattr(
        shutil, "disk_usage", lambda place: Usage(1 << 30, 0, 4096 if is_full(Path(place)) else 1 << 29)
    )


@pytest.fixture(autouse=True)
def own_places(own_cache: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not this machine's disks, which may really be full."""
    fill(monkeypatch, lambda place: False)


@pytest.mark.parametrize("text", ["error: No space left on device", "npm error code ENOSPC", "cp: Disk quota exceeded"])
def test_a_full_disk_inside_another_program_is_told_as_such(text: str, tmp_path: Path) -> None:
    assert failure(text, tmp_path / "log", "pip could not install") == steps.DISK_FULL


@pytest.mark.parametrize("place", ["log", "cache", "temporary"])
def test_a_disk_too_full_even_for_the_log_is_told_as_such(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child's words are lost when its log lies on the full disk: then nothing in the log blames it."""
    log = tmp_path / "log" / "pip.log"
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    (tmp_path / "cache").mkdir()
    fill(monkeypatch, lambda asked: asked == tmp_path / place)
    assert failure("", log, "pip could not install") == steps.DISK_FULL


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("npm error code ENOTFOUND", " (no network)"),
        ("WARNING: Retrying after NewConnectionError", " (no network)"),
        ("E: Temporary failure resolving 'somewhere'", " (no network)"),
        ("npm error code EINTEGRITY", " (a file is not the pinned one)"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", " (a file is not the pinned one)"),
        ("npm error code EUSAGE: package.json and package-lock.json are not in sync", ""),
        ("npm error EACCES: permission denied", ""),
    ],
)
def test_only_the_log_decides_what_is_blamed(
    text: str, cause: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log"
    assert failure(text, log, "npm could not install") == f"npm could not install{cause}; its log: {log}"
    assert (text in capsys.readouterr().err) == (not cause), "where the cause is not known, the log's end is shown"


def test_a_compiler_without_a_reason_is_named_with_its_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert failure("x.c:1: error: expected ';'", tmp_path / "log").startswith(
        "'bash -c echo \"$0\" >&2; exit 7 ...' failed with code 7"
    )
    assert "expected ';'" in capsys.readouterr().err


def test_a_copied_folder_on_a_full_disk_is_told_as_such(said: Callable[..., str], tmp_path: Path) -> None:
    """`shutil.Error` gathers the texts of many errors and carries no errno."""
    (tmp_path / "from").mkdir()
    (tmp_path / "from" / "file").write_text("x")

    def full(source: str, target: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", target)

    assert steps.DISK_FULL in said(lambda: shutil.copytree(tmp_path / "from", tmp_path / "to", copy_function=full))


@pytest.mark.parametrize(("number", "told"), [(errno.ENOSPC, steps.DISK_FULL), (errno.EROFS, "surprise")])
def test_a_log_that_cannot_be_written_is_no_second_failure(
    number: int, told: str, said: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unwritable(*_arguments: object, **_options: object) -> int:
        raise OSError(number, "no")

    def stumble() -> None:
        monkeypatch.setattr(Path, "write_text", unwritable)
        raise KeyError("surprise")

    assert told in said(stumble)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "POLL", 0.02)
    monkeypatch.setattr(ticker, "ON_TERMINAL", 0.01)
    monkeypatch.setattr(ticker, "ELSEWHERE", 0.01)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("is_terminal", [False, True])
def test_a_long_program_gives_life_signs(
    is_terminal: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The log of ninja tells how far it is; a terminal gets one line that is wiped at the end."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: is_terminal)
    children.run(["bash", "-c", "echo '[3/9] one'; echo '[4/9] two'; sleep 0.5"], log=tmp_path / "cv2-compile.log")
    out = capsys.readouterr().out
    assert "[segmark]   cv2-compile: 0 s [4/9]" in out
    assert (ticker.CLEAR in out, out.endswith(ticker.CLEAR), "\n" in out) == (is_terminal, is_terminal, not is_terminal)


def test_a_short_program_is_quiet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    children.run(["true"], log=tmp_path / "log")
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("quick")
def test_whoever_stops_the_build_stops_its_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ticker.Ticker, "show", interrupt)
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        children.run(["sleep", "60"], log=tmp_path / "log")
    assert time.monotonic() - begun < 30
