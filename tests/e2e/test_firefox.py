"""The main job in a second engine: Firefox ESR, served with the strict policy and from the one file on disk."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import inputs
import pytest
from robot import next_click

HERE = Path(__file__).resolve().parent


@pytest.mark.requirement("R8.4")
@pytest.mark.parametrize("kind", ["served", "single file"])
def test_the_main_job_in_firefox(site_url: str, dist: Path, kind: str, scoreboard: list[str]) -> None:
    import single

    firefox = shutil.which("firefox-esr")
    assert firefox is not None, "firefox-esr is not on PATH: run ./build.sh setup first"
    _, true = inputs.sample("blowhole")
    x, y, positive = next_click(true, None)
    address = site_url if kind == "served" else single.write_single(dist).as_uri()
    command = ["node", str(HERE / "firefox_job.mjs"), address, firefox, json.dumps([[x, y, positive]])]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    assert seen["faults"] == []
    assert 0.8 < seen["area"] / int(true.sum()) < 1.25
    assert sum(a["area"] for a in seen["annotations"]) == seen["area"]
    assert {a["label_id"] for a in seen["annotations"]} == {3}
    scoreboard.append(f"Firefox, {kind}: ready after {seen['ready_ms'] / 1000:.1f} s, a click {seen['ms']:.0f} ms")
