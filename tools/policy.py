"""The Content-Security-Policy of the page, in its one place: the server's header, the page's own `<meta>`, the service worker.

The page's `<meta>` is what holds everywhere, also on hosts that send no header and inside both workers and Python: the
workers are made from blob: URLs, and those inherit the policy of their maker (a worker loaded by its URL would not).
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

_COMMON = {
    "default-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
}
_SERVED = _COMMON | {
    "script-src": "'self' 'wasm-unsafe-eval'",
    "worker-src": "'self' blob:",
    "connect-src": "'self'",
    "img-src": "'self' blob: data:",
    "style-src": "'self'",
    "font-src": "'self'",
    "manifest-src": "'self'",
}


def served() -> str:
    """The policy of the served page, in its `<meta>`."""
    return _text(_SERVED)


def header(site: Path) -> str:
    """The same as a header, where `frame-ancestors` counts: whoever may drive the page (`embed.json`) may frame it."""
    listed = site / "embed.json"
    origins = json.loads(listed.read_text())["origins"] if listed.exists() else []
    return _text(_SERVED | {"frame-ancestors": " ".join(["'self'", *origins])})


def single(script: str, style: str) -> str:
    """The policy of the single file: its one script and its one style by their hashes, and no connection at all.

    `blob:` scripts are the workers and the one module (onnxruntime's) that the page and its workers make themselves.
    """
    return _text(
        _COMMON
        | {
            "script-src": f"'{hash_of(script)}' 'wasm-unsafe-eval' blob:",
            "worker-src": "blob:",
            "connect-src": "'none'",
            "img-src": "blob: data:",
            "style-src": f"'{hash_of(style)}'",
        }
    )


def hash_of(text: str) -> str:
    """How a policy names one inline script or style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _text(directives: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in directives.items())
