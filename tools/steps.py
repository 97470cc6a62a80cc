"""What every build step shares: where things are, progress on the screen, one plain sentence on failure, and the cache.

The cache is content-addressed: a product lives under the sha256 of everything that it is made from, outside the checkout
(``SEGMARK_CACHE``, else ``~/.cache/segmark``). It is made in a temporary folder and renamed into place, so two builds may race.
Standard library only: the first steps run before the virtual environment exists.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
DIST = ROOT / "dist"
VENV_PYTHON = ROOT / ".venv" / "bin" / "python"
DISK_FULL = "the disk is full; free some space and run the same command again"
#: How a full disk reads in the words of other programs, and of `shutil.Error`, which gathers texts and has no number.
NO_SPACE = re.compile("No space left on device|ENOSPC|Disk quota exceeded")
#: Less than this much free is a full disk to whoever has just failed.
LEAST_FREE = 1 << 20
#: The list of a product's files with their sha256, inside its folder.
SUMS = "sums.json"


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


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Wait until no other set-up or build works in this checkout."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another build in this checkout")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


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
    """The folder of a product: reused when it is there and whole, else made by ``make(folder)``."""
    home = cache_root() / f"{name}-{key}"
    if _is_whole(home):
        say(f"{name}: reused")
        return home
    if home.is_dir():
        say(f"{name}: what the cache holds is not whole, it is made again")
    home.parent.mkdir(parents=True, exist_ok=True)
    with step(name), tempfile.TemporaryDirectory(dir=home.parent, prefix=f".{name}-") as work:
        product = Path(work) / "product"
        product.mkdir()
        make(product)
        (product / SUMS).write_text(json.dumps(_sums_of(product)))
        if home.is_dir() and not _is_whole(home):
            home.rename(Path(work) / "damaged")
        try:
            product.rename(home)
        except OSError:
            if not home.is_dir():  # another build was faster: its product is the same
                raise
    return home


def _sums_of(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file() and path != folder / SUMS)
    return {path.relative_to(folder).as_posix(): sha256(path) for path in files}


def _is_whole(folder: Path) -> bool:
    """Whether a product's files are those that were made: a disk may rot, and half a product helps nobody."""
    sums = folder / SUMS
    try:
        return sums.is_file() and json.loads(sums.read_text()) == _sums_of(folder)
    except ValueError:  # the list itself rotted
        return False


def files_of(folder: Path, patterns: Iterable[str]) -> list[Path]:
    """Sorted files matching any pattern."""
    return sorted(path for pattern in patterns for path in folder.glob(pattern) if path.is_file())


def main(work: Callable[[], None]) -> None:
    """Run a tool: every failure is one sentence and a non-zero exit; an unforeseen one leaves its traceback in a log."""
    try:
        work()
    except BuildError as error:
        sys.exit(f"[segmark] failed: {error}.")
    except KeyboardInterrupt:
        sys.exit("[segmark] stopped.")
    except Exception as error:
        sys.exit(f"[segmark] failed: {_unforeseen(error)}.")


def has_full_disk(*more: Path) -> bool:
    """Whether a place that steps write to has nothing left: the checkout, the cache, the temporary folder, or `more`."""
    places = {BUILD, cache_root(), Path(tempfile.gettempdir()), *more}
    there = [next(up for up in (place, *place.parents) if up.exists()) for place in places]
    return any(shutil.disk_usage(place).free < LEAST_FREE for place in there)


def _is_full(error: Exception) -> bool:
    return isinstance(error, OSError) and (
        error.errno in (errno.ENOSPC, errno.EDQUOT) or NO_SPACE.search(str(error)) is not None
    )


def _unforeseen(error: Exception) -> str:
    if _is_full(error):
        return DISK_FULL
    if _is_network(error):
        return f"a package registry did not answer ({error}); check the network and run the same command again"
    what = " ".join(f"{type(error).__name__}: {error}".split())
    log = BUILD / "log" / "traceback.log"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("".join(traceback.format_exception(error)))
    except OSError as second:  # the disk may have become full since, and may be what the first failure was about
        return DISK_FULL if _is_full(second) else f"{what}; its details could not be written to {log}"
    return f"{what}; the details: {log}"


def _is_network(error: Exception) -> bool:
    """Also the errors of `requests`, which remotezip uses and the first steps do not have."""
    names = {kind.__name__ for kind in type(error).__mro__}
    return isinstance(error, ConnectionError | TimeoutError) or bool(names & {"URLError", "RequestException"})
