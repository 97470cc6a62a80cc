"""The training environment: what can be locked is, and a changed pin makes it anew."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import steps
import train_env

pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What would be run, with a home and a lock of the test's own."""
    ran: list[list[str]] = []
    monkeypatch.setattr(train_env, "run", lambda words, **_options: ran.append([str(word) for word in words]))
    monkeypatch.setattr(train_env, "HOME", tmp_path / "home")
    monkeypatch.setattr(train_env, "LOCK", tmp_path / "train.txt")
    (tmp_path / "home").mkdir()
    (tmp_path / "train.txt").write_text("one==1 --hash=sha256:0\n")
    return ran


def test_all_but_torch_is_installed_by_hash_and_first(commands: list[list[str]], tmp_path: Path) -> None:
    train_env.make()
    locked, torch = [command for command in commands if "pip" in command]
    assert "--require-hashes" in locked and locked[-2:] == ["-r", str(tmp_path / "train.txt")]
    assert torch[-1] == train_env.TORCH and re.fullmatch(r"torch==[\d.]+", torch[-1])


def test_it_is_made_once_and_anew_for_another_pin(commands: list[list[str]], tmp_path: Path) -> None:
    train_env.make()
    once = len(commands)
    train_env.make()
    assert len(commands) == once
    (tmp_path / "train.txt").write_text("one==2 --hash=sha256:0\n")
    train_env.make()
    assert len(commands) == 2 * once


def test_every_package_of_the_locks_has_a_version_and_a_hash() -> None:
    for name in ("dev.txt", "train.txt"):
        lines = (steps.ROOT / "requirements" / name).read_text().splitlines()
        packages = [line for line in lines if not line.startswith("#")]
        assert len(packages) > 10
        assert not [line for line in packages if not re.fullmatch(r"[\w.-]+==\S+ --hash=sha256:[0-9a-f]{64}", line)]


def test_product_and_training_agree_about_what_both_use() -> None:
    """A network exported by one onnx and read by another would be judged by chance. hypothesis differs: see dev.in."""
    pins = []
    for name in ("dev.txt", "train.txt"):
        text = (steps.ROOT / "requirements" / name).read_text()
        pins.append(dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.M)))
    both = ("numpy", "onnx", "onnxruntime", "opencv-python-headless", "pillow", "protobuf")
    assert [pins[0][name] for name in both] == [pins[1][name] for name in both]
