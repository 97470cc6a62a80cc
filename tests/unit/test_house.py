"""The rules of the house: small files, borders between the rooms, no traces of one machine, claims with tests."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
CODE = {".py", ".c", ".h", ".js", ".css", ".html", ".sh", ".cmake"}
LONGEST = 500
PACKAGE = ROOT / "py" / "segmark"

# What each module of the core may import from its own package (besides the standard library and numpy).
LAYERS = {
    "geometry": set(),
    "rle": {"geometry", "kernels", "rle_text"},
    "polygon": {"geometry", "rle"},
    "clicks": {"geometry", "rle", "polygon"},
    "document": {"geometry", "clicks", "rle", "modes", "polygon"},
    "commands": {"geometry", "clicks", "rle", "modes", "document", "polygon"},
    "finished": {"document", "commands", "errors", "rle"},
    "reduce": {
        "geometry",
        "clicks",
        "rle",
        "modes",
        "document",
        "commands",
        "finished",
        "errors",
        "polygon",
        "editing",
    },
    "sharing": {"document", "commands"},
    "history": {"document", "commands", "reduce", "sharing", "errors"},
}


def tracked() -> list[Path]:
    """Files that git knows or would add."""
    done = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / line for line in done.stdout.splitlines() if (ROOT / line).is_file()]


def imports_of(path: Path) -> set[str]:
    """Dotted names that a Python file imports, at any depth."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_files_are_small() -> None:
    long = {
        p.relative_to(ROOT).as_posix(): n
        for p in tracked()
        if p.suffix in CODE and (n := len(p.read_text().splitlines())) > LONGEST
    }
    assert not long


def test_every_folder_explains_itself() -> None:
    folders = {p.parent for p in tracked() if p.suffix in CODE - {".html", ".css"}}
    silent = [
        f.relative_to(ROOT).as_posix() for f in folders if not any((up / "README.md").exists() for up in (f, f.parent))
    ]
    assert not silent


def test_only_the_port_knows_javascript() -> None:
    allowed = {PACKAGE / "bridge" / "pyodide_port.py", PACKAGE / "worker_main.py"}
    for path in PACKAGE.rglob("*.py"):
        if path not in allowed:
            assert not {n for n in imports_of(path) if n.split(".")[0] in ("js", "pyodide", "pyodide_js")}, path


def test_the_core_never_imports_the_bridge() -> None:
    for path in PACKAGE.rglob("*.py"):
        inside = path.relative_to(PACKAGE).parts[0]
        if inside not in ("bridge", "worker_main.py"):
            assert not {n for n in imports_of(path) if n.startswith("segmark.bridge")}, path


@pytest.mark.parametrize("module", sorted(LAYERS))
def test_layers(module: str) -> None:
    used = {n.split(".")[1] for n in imports_of(PACKAGE / f"{module}.py") if n.startswith("segmark.")}
    assert used <= LAYERS[module]


def test_python_h_stays_in_the_module_file() -> None:
    for path in (ROOT / "cext").glob("*.[ch]"):
        assert path.name == "module.c" or "Python.h>" not in path.read_text()


def test_storage_and_workers_have_one_owner() -> None:
    for path in (ROOT / "site" / "js").rglob("*.js"):
        text = path.read_text()
        assert path.name == "persist.js" or "indexedDB.open(" not in text, path
        assert path.name == "workers.js" or "new Worker(" not in text, path


def test_no_trace_of_one_machine_or_registry() -> None:
    pattern = re.compile(
        "|".join(
            [
                "/wo" + "rk/",
                "/ro" + "ot/",
                r"pypi\." + "org",
                r"registry\." + "npmjs",
                r"files\.pythonhosted",
                r"deb\." + "debian",
            ]
        )
    )
    texts = CODE | {".md", ".toml", ".json", ".txt", ".in", ".yml", ".jsonl"}
    guilty = [p.relative_to(ROOT).as_posix() for p in tracked() if p.suffix in texts and pattern.search(p.read_text())]
    assert not guilty


def test_no_build_step_reads_shared() -> None:
    for path in [*(ROOT / "tools").rglob("*.py"), ROOT / "build.sh", ROOT / ".ci" / "run"]:
        assert "../sha" + "red" not in path.read_text(), path


def test_every_claim_has_a_test() -> None:
    claimed = set(tomllib.loads((ROOT / "tests" / "requirements.toml").read_text())["done"])
    proved: set[str] = set()
    for path in (ROOT / "tests" / "e2e").glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "requirement":
                proved |= {a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)}
    assert claimed <= proved, claimed - proved


def test_the_model_card_names_every_set_of_its_training() -> None:
    """The licences table was once cut in two by an edit, and nobody saw it."""
    card = (ROOT / "models" / "README.md").read_text()
    table = card.split("licence of its source |")[1].split("\n\n")[0]
    sets = {line.split("|")[1].strip() for line in table.splitlines() if line.startswith("| ")}
    wanted = {
        "masonry_crack",
        "sd_saliency_900",
        "leather_custom",
        "crackmap",
        "duts",
        "magnetic_tile",
        "deeppcb_derived",
    }
    assert wanted | {"pv_el_solar", "weld_seam", "ccp_clothing", "generated", "initial weights"} <= sets
