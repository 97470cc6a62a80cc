"""Assemble `dist/`: the site, the runtime, the wheels, the models, all self-hosted and listed with their hashes."""

from __future__ import annotations

import hashlib
import html
import json
import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import gather_licences
import policy
import single
from build_cv2 import build_cv2
from build_kernels import place_native
from icons import sprite
from steps import BUILD, DIST, ROOT, BuildError, alone, check_sha256, main, sha256, step
from wheels import lean_library, lean_wheel, segmark_wheel, version

NPM = ROOT / "node_modules"
PYODIDE_FILES = ["pyodide.js", "pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm"]
ORT_FILES = ["ort.wasm.min.js", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"]
#: onnxruntime for the graphics card (WebGPU): half the size of the build for browsers without JSPI; fetched by need.
GRAPHICS_FILES = ["ort.jspi.min.js", "ort-wasm-simd-threaded.jspi.mjs", "ort-wasm-simd-threaded.jspi.wasm"]
# name in the lock, import name, needs
PACKAGES = {
    "numpy": (["numpy"], []),
    "micropip": (["micropip"], ["packaging"]),
    "packaging": (["packaging"], []),
    "pillow": (["PIL"], []),
    "opencv-python": (["cv2"], ["numpy"]),
    "segmark": (["segmark"], ["numpy"]),
}


def copy_site(out: Path) -> None:
    """Everything of site/ except its notes, and the icon sprite."""
    ignore = shutil.ignore_patterns("README.md", "icons.txt", "*.d.ts", "*.mask.png")
    shutil.copytree(ROOT / "site", out, ignore=ignore, dirs_exist_ok=True)
    (out / "icons.svg").write_text(sprite(ROOT / "site" / "icons.txt"))


def copy_runtime(out: Path) -> None:
    """Pyodide and onnxruntime-web from npm, the wheels, and a lock file that knows only our files."""
    pyodide, ort = out / "runtime" / "pyodide", out / "runtime" / "ort"
    pyodide.mkdir(parents=True)
    ort.mkdir(parents=True)
    for name in PYODIDE_FILES:
        shutil.copyfile(NPM / "pyodide" / name, pyodide / name)
    shutil.copyfile(library := lean_library(), pyodide / library.name)
    graphics = out / "runtime" / "graphics"
    graphics.mkdir()
    # its modules as .js: a host that does not know .mjs sends a type that no browser takes for a script
    for folder, names in ((ort, ORT_FILES), (graphics, GRAPHICS_FILES)):
        for name in names:
            shutil.copyfile(NPM / "onnxruntime-web" / "dist" / name, folder / name.replace(".mjs", ".js"))
    (ort / "ort.single.js").write_text(single.one_script_runtime(NPM / "onnxruntime-web" / "dist"))
    (out / "runtime" / "idb").mkdir()
    shutil.copyfile(NPM / "idb" / "build" / "index.js", out / "runtime" / "idb" / "idb.js")
    wheels = [
        segmark_wheel(),
        build_cv2(),
        *(lean_wheel(name) for name in ("numpy", "micropip", "packaging", "pillow")),
    ]
    for wheel in wheels:
        shutil.copyfile(wheel, pyodide / wheel.name)
    (pyodide / "pyodide-lock.json").write_text(json.dumps(lock(wheels), indent=1, sort_keys=True) + "\n")


def lock(wheels: list[Path]) -> dict[str, Any]:
    """A pyodide-lock.json of our wheels (format: the one of npm's pyodide)."""
    info = json.loads((NPM / "pyodide" / "pyodide-lock.json").read_text())["info"]
    packages = {}
    for wheel in wheels:
        name, number = wheel.name.split("-")[:2]
        name = name.replace("_", "-").lower()
        imports, depends = PACKAGES[name]
        packages[name] = {
            "name": {"pillow": "Pillow"}.get(name, name),
            "version": number,
            "file_name": wheel.name,
            "install_dir": "site",
            "sha256": sha256(wheel),
            "package_type": "package",
            "imports": imports,
            "depends": depends,
            "unvendored_tests": False,
        }
    return {"info": info, "packages": packages}


def copy_models(out: Path) -> None:
    """The models, checked against models.toml, which becomes models.json."""
    folder = out / "models"
    folder.mkdir()
    models = tomllib.loads((ROOT / "models" / "models.toml").read_text())
    for model in models["model"]:
        check_sha256(ROOT / "models" / model["file"], model["sha256"])
        shutil.copyfile(ROOT / "models" / model["file"], folder / model["file"])
    (folder / "models.json").write_text(json.dumps(models, ensure_ascii=False) + "\n")


def stamp(out: Path, packed: dict[str, dict[str, Any]]) -> str:
    """build.json: version, build hash (of every file's path and content), parts; and the placeholders of the pages.

    A part that is stored packed is listed by its plain name, size and sha256, with `stored` saying where it lies.
    """
    plain = {path.relative_to(out).as_posix(): path for path in out.rglob("*") if path.is_file()}
    digest = hashlib.sha256()
    for name, path in sorted(plain.items()):
        digest.update(f"{name} {sha256(path)}\n".encode())
    build = digest.hexdigest()[:12]
    for name in ("index.html", single.SHELL, "sw.js"):
        text = plain[name].read_text().replace("{{VERSION}}", version()).replace("{{BUILD_HASH}}", build)
        text = text.replace("{{POLICY_HEADER}}", policy.header(out))
        plain[name].write_text(text.replace("{{POLICY}}", html.escape(policy.served())))
    lost = plain["404.html"].read_text()  # one inline script: sent for any depth, the page can name no file
    plain["404.html"].write_text(
        lost.replace("{{SCRIPT_HASH}}", policy.hash_of(re.findall(r"<script>(.*?)</script>", lost, re.S)[0]))
    )
    parts = []
    for name in sorted(plain.keys() | packed.keys()):
        if name in packed:
            stored = {key: packed[name][key] for key in ("path", "bytes", "sha256")}
            parts.append({"path": name, **packed[name]["unpacked"], "stored": stored})
        elif not name.endswith(".packed"):
            parts.append({"path": name, "bytes": plain[name].stat().st_size, "sha256": sha256(plain[name])})
    content = {
        "version": version(),
        "build": build,
        "parts": parts,
        "single": {"shell": single.SHELL, "name": single.FILE_NAME, "parts": single.order(out)},
    }
    (out / "build.json").write_text(json.dumps(content, indent=1) + "\n")
    return build


def build() -> None:
    """Build everything, one build at a time."""
    if not (NPM / "pyodide").is_dir():
        raise BuildError("the npm packages are missing: run ./build.sh setup")
    with alone():
        place_native()
        assemble()


def assemble() -> None:
    """The new dist/ replaces the old one only when it is whole."""
    fresh = BUILD / "dist"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    with step("dist/"):
        copy_site(fresh)
        copy_runtime(fresh)
        copy_models(fresh)
        gather_licences.write(fresh)
        packed = single.pack_parts(fresh)
        single.make_shell(fresh)
        print(f"[segmark] build {stamp(fresh, packed)}", flush=True)
    shutil.rmtree(DIST, ignore_errors=True)
    fresh.rename(DIST)


if __name__ == "__main__":
    main(build)
