"""How much memory a page's processes hold, from the browser's own list of processes and the kernel's figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def renderers(browser: Any) -> list[int]:
    """Process ids of all renderers (pages with their workers) of a browser."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return [int(process["id"]) for process in processes if process["type"] == "renderer"]


def renderers_mb(browser: Any) -> float:
    """Resident megabytes of all renderer processes of a browser."""
    total = 0
    for number in renderers(browser):
        status = Path(f"/proc/{number}/status")
        if status.exists():
            line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
            total += int(line.split()[1])
    return total / 1024
