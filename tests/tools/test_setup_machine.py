"""Which machines may build: Debian 12, or one whose C++ headers prove to fit."""

from __future__ import annotations

import platform
from collections.abc import Callable
from pathlib import Path

import build_cv2
import pytest
import setup_machine
import steps
from opencv_recipe import CONFIG_SITE

pytestmark = pytest.mark.usefixtures("own_cache")
DEBIAN_12 = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n'
OTHERS = {
    "Debian 13": DEBIAN_12.replace("12", "13"),
    "Ubuntu": 'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\n',
    "a stranger's 12": DEBIAN_12.replace("ID=debian\n", "ID=devuan\n"),
}


@pytest.fixture(autouse=True)
def good_host(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Debian 12 on x86-64 with Python 3.11 and Node 20, whatever the tests run on."""
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr("sys.version_info", (3, 11, 2))
    be(DEBIAN_12, tmp_path, monkeypatch)
    node(tmp_path, monkeypatch, "v20.1.0")


def be(release: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "os-release").write_text(release)
    monkeypatch.setattr(setup_machine, "OS_RELEASE", folder / "os-release")


def node(folder: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    """A machine whose only program is a Node.js of some version ('' for none)."""
    (folder / "bin").mkdir(exist_ok=True)
    (folder / "bin" / "node").unlink(missing_ok=True)
    if version:
        (folder / "bin" / "node").write_text(f"#!/bin/sh\necho {version}\n")
        (folder / "bin" / "node").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder / "bin"))


@pytest.fixture
def compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """A function that puts an unpacked tool chain into place whose clang++ does what a script says."""

    def put(script: str) -> None:
        tools = tmp_path / "llvm19"
        bits = tools / "usr/share/emscripten/cache/sysroot/include/bits"
        abi = tools / "usr/lib/llvm-19/include/c++/v1/__configuration"
        clang = tools / "usr/lib/llvm-19/bin/clang++"
        for folder in (bits, abi, clang.parent):
            folder.mkdir(parents=True)
        (bits / "alltypes.h").write_text("typedef long time_t;\n")
        (abi / "abi.h").write_text("#  define _LIBCPP_ABI_OPTIMIZED_FUNCTION\n")
        clang.write_text(f"#!/bin/sh\n{script}\n")
        clang.chmod(0o755)
        monkeypatch.setattr(build_cv2, "toolchain", lambda: tools)

    return put


def test_the_known_host_needs_no_check(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_release: str) -> None:
        raise AssertionError("the headers of Debian 12 are known")

    monkeypatch.setattr(setup_machine, "prove_headers", refuse)
    setup_machine.check_host()


@pytest.mark.parametrize(
    ("machine", "system"), [("aarch64", "Linux"), ("x86_64", "Darwin"), ("AMD64", "Windows"), ("i686", "Linux")]
)
def test_another_processor_or_system_is_refused(
    machine: str, system: str, monkeypatch: pytest.MonkeyPatch, said: Callable[..., str]
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(platform, "system", lambda: system)
    assert f"x86-64 Linux is needed, for the locked packages are made for it, and this is {machine} {system}." in said(
        setup_machine.check_host
    )


@pytest.mark.parametrize("version", [(3, 10, 9), (3, 12, 0), (3, 13, 1)])
def test_another_python_is_refused(
    version: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch, said: Callable[..., str]
) -> None:
    monkeypatch.setattr("sys.version_info", version)
    assert "Python 3.11 is needed" in said(setup_machine.check_host)


@pytest.mark.parametrize("version", ["", "v18.19.0", "v9.0.0", "nonsense"])
def test_an_old_or_missing_node_is_refused(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: Callable[..., str]
) -> None:
    node(tmp_path, monkeypatch, version)
    assert f"Node.js 20 or newer is needed, found {version or 'none'}." in said(setup_machine.check_host)


@pytest.mark.parametrize("version", ["v20.0.0", "v22.3.1", "v100.0.0"])
def test_a_newer_node_is_fine(version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node(tmp_path, monkeypatch, version)
    setup_machine.check_host()


@pytest.mark.parametrize("name", OTHERS)
def test_another_host_whose_headers_fit_is_accepted_and_asked_once(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compiler: Callable[[str], None]
) -> None:
    """The compiler gets our sysroot, with the main module's configuration in it, and the assertions."""
    be(OTHERS[name], tmp_path, monkeypatch)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    compiler(f'echo "$@" >> {tmp_path}/asked; cp "$SEGMARK_SYSROOT/include/c++/v1/__config_site" {tmp_path}/site')
    setup_machine.check_host()
    setup_machine.check_host()
    asked = (tmp_path / "asked").read_text().splitlines()
    assert len(asked) == 1 and asked[0].endswith("abi_check.cpp") and "-fsyntax-only" in asked[0]
    assert (tmp_path / "site").read_text() == CONFIG_SITE


@pytest.mark.parametrize("name", OTHERS)
def test_another_host_whose_headers_differ_is_refused_every_time(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    compiler: Callable[[str], None],
    said: Callable[..., str],
) -> None:
    be(OTHERS[name], tmp_path, monkeypatch)
    compiler("echo 'static assertion failed: streams' >&2; exit 1")
    for _ in range(2):
        sentence = said(setup_machine.check_host)
        assert "this host is not Debian 12" in sentence and "would corrupt memory" in sentence
        assert "build in a Debian 12 container" in sentence


def test_another_host_without_the_tools_of_the_check_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: Callable[..., str]
) -> None:
    be("ID=fedora\n", tmp_path, monkeypatch)
    assert "has no apt-get); build in a Debian 12 container" in said(setup_machine.check_host)
    assert not list(steps.cache_root().iterdir()), "what was not proved is not kept"


def test_a_host_without_a_name_is_another_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: Callable[..., str]
) -> None:
    monkeypatch.setattr(setup_machine, "OS_RELEASE", tmp_path / "nowhere")
    assert "this host is not Debian 12" in said(setup_machine.check_host)
