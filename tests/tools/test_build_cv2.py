"""The slim OpenCV's key and tool chain: nothing of the network decides whether a finished wheel is reused."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import build_cv2
import opencv_recipe
import pytest
import registry
import steps

pytestmark = pytest.mark.usefixtures("own_cache")
OFFERED = {name: f"1:{release}.7-3" for name, release in build_cv2.TOOLCHAIN.items()}


def policy_of(offered: dict[str, str]) -> str:
    """What `apt-cache policy` prints."""
    return "".join(
        f"{name}:\n  Installed: (none)\n  Candidate: {version}\n  Version table:\n" for name, version in offered.items()
    )


@pytest.fixture
def apt(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, str]], list[list[str]]]:
    """A function that puts an apt in the place of the machine's own, and gives the list of what it was asked."""

    def put(offered: dict[str, str]) -> list[list[str]]:
        asked: list[list[str]] = []
        real = subprocess.run

        def fake(command: list[str], **options: Any) -> Any:
            if command[0] != "apt-cache":
                return real(command, **options)
            asked.append(command)
            return subprocess.CompletedProcess(command, 0, policy_of(offered), "")

        monkeypatch.setattr(subprocess, "run", fake)
        monkeypatch.setattr(build_cv2, "attempt", lambda command, _log: asked.append(command))
        return asked

    return put


def test_a_finished_wheel_is_reused_without_apt_lists_or_network(
    apt: Callable[[dict[str, str]], list[list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> Path:
        raise AssertionError("the network was asked")

    asked = apt({})
    monkeypatch.setattr(build_cv2, "download", refuse)
    made = steps.cached("opencv", build_cv2.key(), lambda folder: (folder / "cv2.whl").touch())
    assert build_cv2.build_cv2() == made / "cv2.whl"
    assert not asked


def test_an_unpacked_tool_chain_is_reused_after_a_point_update(
    apt: Callable[[dict[str, str]], list[list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(build_cv2, "run", lambda words, **_options: commands.append([str(word) for word in words]))
    asked = apt(OFFERED)
    first = build_cv2.toolchain()
    assert f"clang-19={OFFERED['clang-19']}" in commands[0] and len(asked) == 1
    monkeypatch.setattr(build_cv2, "candidates", lambda: {"clang-19": "1:19.1.9-1"})
    assert build_cv2.toolchain() == first and len(commands) == 1


@pytest.mark.parametrize("version", ["1:20.1.0-1", "1:19.10.0-1", "(none)"])
def test_another_release_of_the_compiler_is_refused(
    version: str, apt: Callable[[dict[str, str]], list[list[str]]], said: Callable[..., str]
) -> None:
    asked = apt(OFFERED | {"clang-19": version})
    assert f"needs clang-19 19.1, and apt offers {version}" in said(build_cv2.toolchain)
    assert [command[-1] for command in asked].count("-qq") == 1, "the lists are read anew once"


def test_a_machine_without_apt_is_told_so(said: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert "has no apt-get" in said(build_cv2.toolchain)


@pytest.mark.parametrize("part", ["numpy", "sdist", "python", "tool chain"])
def test_what_the_wheel_is_made_from_is_in_its_key(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before, pinned = build_cv2.key(), registry.pins()
    members = pinned["pyodide_wheels"]["members"]
    if part == "numpy":
        members[next(name for name in members if name.startswith("numpy-"))] = "0" * 64
    elif part == "sdist":
        pinned["opencv"]["sha256"] = "0" * 64
    elif part == "python":
        monkeypatch.setattr("sys.version_info", SimpleNamespace(major=3, minor=12))
    else:
        monkeypatch.setitem(build_cv2.TOOLCHAIN, "clang-19", "19.2")
    monkeypatch.setattr(build_cv2, "pins", lambda: pinned)
    assert build_cv2.key() != before


@pytest.mark.parametrize(
    ("name", "is_in"),
    [
        ("opencv_recipe.py", True),
        ("patch_opencv.py", True),
        ("wheel_file.py", True),
        ("wasm/pyconfig.h", True),
        ("wasm/toolchain.cmake", True),
        ("wasm/Platform/Emscripten.cmake", True),
        ("build_cv2.py", False),
        ("wasm/README.md", False),
    ],
)
def test_how_the_wheel_is_made_is_in_its_key(
    name: str, is_in: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(steps.ROOT / "tools", tmp_path / "tools")
    monkeypatch.setattr(build_cv2, "ROOT", tmp_path)
    monkeypatch.setattr(opencv_recipe, "WASM", tmp_path / "tools" / "wasm")
    before = build_cv2.key()
    with (tmp_path / "tools" / name).open("a") as file:
        file.write("\n")
    assert (build_cv2.key() != before) == is_in


def test_opencv_does_not_tell_where_it_was_made() -> None:
    given = '"  Timestamp: 2026\\n"\n"  Compiler: /secret/clang\\n"\n"  Interpreter: /somewhere\\n"\n'
    assert opencv_recipe.impersonal(given, {"/secret": "llvm"}) == '"  Compiler: llvm/clang\\n"\n'
