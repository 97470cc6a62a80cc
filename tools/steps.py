"""What every build step shares: where things are, progress on the screen, one plain sentence on failure, and the cache.

The cache is content-addressed: a product lives under the sha256 of everything that it is made from, outside the checkout
(``SEGMARK_CACHE``, else ``~/.cache/segmark``). It is made in a temporary folder and renamed into place, so two builds may race.
Standard library only: the first steps run before the virtual environment exists.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
DIST = ROOT / "dist"
VENV_PYTHON = ROOT / ".venv" / "bin" / "python"


class BuildError(Exception):
    """A failure that is told to the person in one sentence."""


def cache_root() -> Path:
    """The folder of all cached products."""
    return Path(os.environ.get("SEGMARK_CACHE") or Path.home() / ".cache" / "segmark")


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """Print what is being done, and how long it took."""
    print(f"[segmark] {title} ...", flush=True)
    start = time.monotonic()
    yield
    print(f"[segmark] {title}: done in {time.monotonic() - start:.1f} s", flush=True)


def say(text: str) -> None:
    """A line of progress."""
    print(f"[segmark] {text}", flush=True)


def run(command: Sequence[str | Path], *, log: Path | None = None, **options: object) -> None:
    """Run a command; a failure becomes one sentence that names the log (or shows the command's own last lines)."""
    words = [str(word) for word in command]
    if shutil.which(words[0]) is None:
        raise BuildError(f"'{words[0]}' is missing on this machine: run ./build.sh setup, or install it")
    if log is None:
        code = subprocess.run(words, check=False, **options).returncode  # type: ignore[call-overload]
    else:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as out:
            code = subprocess.run(words, check=False, stdout=out, stderr=subprocess.STDOUT, **options).returncode  # type: ignore[call-overload]
        if code:
            sys.stderr.write(log.read_text(errors="replace")[-3000:])
    if code:
        where = f"; its log: {log}" if log else ""
        raise BuildError(f"'{' '.join(words[:3])} ...' failed with code {code}{where}")


def sha256(path: Path) -> str:
    """Hex digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def key_of(*parts: str | bytes | Path) -> str:
    """A key made from texts and the contents of files."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if isinstance(part, Path) else part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()[:32]


def check_sha256(path: Path, expected: str) -> None:
    """Refuse a file that is not the pinned one."""
    found = sha256(path)
    if found != expected:
        raise BuildError(f"{path.name} is not the pinned file: its sha256 is {found}, {expected} was expected")


def cached(name: str, key: str, make: Callable[[Path], None]) -> Path:
    """The folder of a product: reused when it is there, else made by ``make(folder)``."""
    home = cache_root() / f"{name}-{key}"
    if home.is_dir():
        say(f"{name}: reused")
        return home
    home.parent.mkdir(parents=True, exist_ok=True)
    with step(name), tempfile.TemporaryDirectory(dir=home.parent, prefix=f".{name}-") as work:
        product = Path(work) / "product"
        product.mkdir()
        make(product)
        try:
            product.rename(home)
        except OSError:
            if not home.is_dir():  # another build was faster: its product is the same
                raise
    return home


def files_of(folder: Path, patterns: Iterable[str]) -> list[Path]:
    """Sorted files matching any pattern."""
    return sorted(path for pattern in patterns for path in folder.glob(pattern) if path.is_file())


def main(work: Callable[[], None]) -> None:
    """Run a tool: failures are one sentence and a non-zero exit."""
    try:
        work()
    except BuildError as error:
        sys.exit(f"[segmark] failed: {error}.")
    except OSError as error:
        if error.errno == errno.ENOSPC:
            sys.exit("[segmark] failed: the disk is full; free some space and run the same command again.")
        if isinstance(error, ConnectionError | TimeoutError) or type(error).__name__ in ("URLError", "HTTPError"):
            sys.exit(
                f"[segmark] failed: a package registry did not answer ({error}); check the network and run the same command again."
            )
        raise
    except KeyboardInterrupt:
        sys.exit("[segmark] stopped.")
