"""The workflow that publishes the page cannot be run here; what a root container with foreign folders breaks, can."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def jobs() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / ".github" / "workflows" / "pages.yml").read_text())["jobs"])


def named(steps: list[dict[str, Any]], action: str) -> list[int]:
    return [number for number, step in enumerate(steps) if step.get("uses", "").startswith(f"actions/{action}@")]


def test_git_reads_a_checkout_of_another_user(jobs: dict[str, Any], tmp_path: Path) -> None:
    """The step's own line, run against a repository that git takes for another user's."""
    steps = jobs["build"]["steps"]
    number, line = next((n, step["run"]) for n, step in enumerate(steps) if "safe.directory" in step.get("run", ""))
    assert all(number < n for n, step in enumerate(steps) if "./build.sh" in step.get("run", ""))
    checkout = tmp_path / "checkout"
    subprocess.run(["git", "init", "--quiet", checkout], check=True)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "GIT_CONFIG_SYSTEM": str(tmp_path / "gitconfig"),
        "GIT_TEST_ASSUME_DIFFERENT_OWNER": "1",
        "GITHUB_WORKSPACE": str(checkout),
    }

    def files() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["git", "ls-files"], cwd=checkout, env=environment, capture_output=True, text=True, check=False
        )

    assert "dubious ownership" in files().stderr
    subprocess.run(["sh", "-e", "-c", line], env=environment, cwd=tmp_path, check=True)
    assert files().returncode == 0


def test_the_browsers_find_a_home_and_shared_memory(jobs: dict[str, Any]) -> None:
    build = jobs["build"]
    assert "--shm-size=1g" in build["container"]["options"]
    ours = [step for step in build["steps"] if "./build.sh" in step.get("run", "")]
    assert [step["run"] for step in ours] == ["./build.sh test", "./build.sh single"]
    assert {step.get("env", {}).get("HOME") for step in ours} == {"/root"}


def test_what_is_cached_is_what_the_build_uses(jobs: dict[str, Any]) -> None:
    build = jobs["build"]
    (number,) = named(build["steps"], "cache")
    kept = build["steps"][number]["with"]["path"]
    assert kept.startswith("/") and build["env"]["SEGMARK_CACHE"] == kept


def test_node_is_as_new_as_the_build_wants(jobs: dict[str, Any]) -> None:
    least = re.search(r"< (\d+)", (ROOT / "tools" / "setup_machine.py").read_text())
    (number,) = named(jobs["build"]["steps"], "setup-node")
    assert least is not None and jobs["build"]["steps"][number]["with"]["node-version"] >= int(least[1])


def test_the_archive_for_pages_is_made_outside_the_container(jobs: dict[str, Any]) -> None:
    deploy = jobs["deploy"]
    assert "container" not in deploy and not named(jobs["build"]["steps"], "upload-pages-artifact")
    order = [named(deploy["steps"], name)[0] for name in ("download-artifact", "upload-pages-artifact", "deploy-pages")]
    assert order == sorted(order) and named(jobs["build"]["steps"], "upload-artifact")
