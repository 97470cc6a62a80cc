"""Packed parts, and the shell of the one-file page.

A host may not compress wasm and ONNX, so large parts lie in `dist/` compressed (`X.packed`, gzip with time 0), and the
page unpacks them. The same packed parts, in base64, are what the single file carries: the shell (index.html with its style and
one bundled script inside), then every part in an inert `<script>`, in the order that build.json gives. So the running
page can put together, from what it has, the very file that `./build.sh single` writes.
"""

from __future__ import annotations

import base64
import gzip
import html
import json
import subprocess
from pathlib import Path
from typing import Any

import policy
from steps import DIST, ROOT, BuildError, main, say, sha256

SHELL = "single/shell.html"
FILE_NAME = "segmark-single.html"
_LEAST_GAIN = 0.05
_TAIL = "</body>\n</html>\n"
_STYLE_LINK = '<link rel="stylesheet" href="app.css">'
_SCRIPT_LINK = '<script type="module" src="js/main.js"></script>'
_MANIFEST_LINK = '<link rel="manifest" href="site.webmanifest">'
#: What the page itself reads, and every file that a worker runs or fetches.
_CARRIED = (
    "icons.svg",
    "i18n/*.json",
    "samples/*.json",
    "samples/*.png",
    "licences.txt",
    "workers/*.js",
    "runtime/ort/*",
    "runtime/pyodide/*",
    "models/*",
)
#: The build's Pyodide is started by its classic script; the page inlines idb.
_NOT_CARRIED = (
    "runtime/pyodide/pyodide.mjs",
    "runtime/ort/ort.wasm.min.js",
    "runtime/ort/ort-wasm-simd-threaded.js",
)

#: OpenCV is only compared with (`./build.sh bench`).
_COMPARED = "runtime/pyodide/opencv_"


def pack_parts(out: Path) -> dict[str, dict[str, Any]]:
    """Store what gains by it as `X.packed`; the plain file goes, except scripts, which browsers must load as they are,
    and the licences, which somebody may want to read on the host.

    Returns
    -------
    path -> {"path", "bytes", "sha256"} of the packed file
    """
    packed = {}
    large = [p for folder in ("runtime", "models") for p in (out / folder).rglob("*") if p.is_file()]
    for path in sorted([*large, out / "licences.txt"]):
        if path.suffix in (".whl", ".json", ".mjs"):
            continue
        data = path.read_bytes()
        small = gzip.compress(data, compresslevel=9, mtime=0)
        if len(small) > (1 - _LEAST_GAIN) * len(data):
            continue
        stored = path.with_name(path.name + ".packed")
        stored.write_bytes(small)
        packed[path.relative_to(out).as_posix()] = {
            "path": stored.relative_to(out).as_posix(),
            "bytes": len(small),
            "sha256": sha256(stored),
            "unpacked": {"bytes": len(data), "sha256": sha256(path)},
        }
        if path.suffix not in (".js", ".txt"):
            path.unlink()
    return packed


def make_shell(out: Path) -> None:
    """`single/shell.html`: index.html with style and script inside; placeholders are left for `build.stamp`."""
    page = (out / "index.html").read_text()
    style = (out / "app.css").read_text()
    script = bundle("js/main.js", out)
    for link in (_STYLE_LINK, _SCRIPT_LINK, _MANIFEST_LINK, _TAIL):
        if page.count(link) != 1:
            raise BuildError(f"site/index.html must hold this once, for the single file: {link.strip()}")
    page = page.replace(_STYLE_LINK, f"<style>{style}</style>").replace(_SCRIPT_LINK, "").replace(_MANIFEST_LINK, "")
    page = page.replace(
        '<meta name="segmark-version"', '<meta name="segmark-packed" content="">\n  <meta name="segmark-version"'
    )
    page = page.replace("{{POLICY}}", html.escape(policy.single(script, style)))
    page = page.removesuffix(_TAIL) + f"<script>{script}</script>\n"
    (out / "single").mkdir()
    (out / SHELL).write_text(page)


def order(out: Path) -> list[str]:
    """The parts that the single file carries, by their plain names, in their order."""
    found = {p.relative_to(out).as_posix().removesuffix(".packed") for pattern in _CARRIED for p in out.glob(pattern)}
    return sorted(path for path in found - set(_NOT_CARRIED) if not path.startswith(_COMPARED))


def write_single(out: Path) -> Path:
    """`dist/segmark-single.html`, from the parts of a built dist/."""
    build = json.loads((out / "build.json").read_text())
    stored = {part["path"]: part["stored"]["path"] for part in build["parts"] if "stored" in part}
    target = out / FILE_NAME
    with target.open("wb") as file:
        file.write((out / SHELL).read_bytes())
        file.write(_element("build.json", (out / "build.json").read_bytes(), packed=False))
        for path in build["single"]["parts"]:
            name = stored.get(path, path)
            file.write(_element(path, (out / name).read_bytes(), packed=path in stored))
        file.write(_TAIL.encode())
    return target


def _element(path: str, data: bytes, packed: bool) -> bytes:
    mark = " data-gzip" if packed else ""
    head = f'<script type="application/octet-stream" data-path="{html.escape(path)}"{mark}>'
    return head.encode() + base64.b64encode(data) + b"</script>\n"


def bundle(entry: str, folder: Path, *options: str) -> str:
    """A module and all that it imports as one classic script (esbuild)."""
    command = [
        str(ROOT / "node_modules" / ".bin" / "esbuild"),
        entry,
        "--bundle",
        "--format=iife",
        "--charset=utf8",
        "--target=es2022",
        "--minify",
        "--log-level=warning",
        *options,
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"{entry} could not be bundled: {done.stderr.strip()[:400]}")
    return done.stdout


def one_script_runtime(folder: Path) -> str:
    """onnxruntime-web without a module of its own to import: in WebKit a worker of a page from disk can import none.

    One thread only: the address of the module, which other threads would load, is gone.
    """
    options = (
        "--global-name=ort",
        "--define:import.meta.url=undefined",
        "--external:module",
        "--external:worker_threads",
    )
    return bundle("ort.wasm.bundle.min.mjs", folder, *options)


def single() -> None:
    """Command line: after a build."""
    target = write_single(DIST)
    say(f"{target.relative_to(ROOT)}: {target.stat().st_size / 1e6:.1f} MB, one file for offline use")


if __name__ == "__main__":
    main(single)
