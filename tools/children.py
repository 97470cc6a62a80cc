"""Other programs as steps of the build: pip, npm, apt, compilers. A failure is one sentence that blames what its log proves."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from steps import DISK_FULL, NO_SPACE, BuildError, has_full_disk
from ticker import Ticker

#: Seconds between two looks at a running program.
POLL = 0.5

#: What npm, pip, apt-get and their libraries write when nobody answers.
NO_NETWORK = re.compile(
    "ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|NewConnectionError|ConnectTimeoutError"
    "|ReadTimeoutError|ProxyError|Failed to establish a new connection|Temporary failure (resolving|in name resolution)"
    "|Could not (resolve|connect)|Cannot initiate the connection"
)
#: What npm and pip write of a file that is not the locked one.
WRONG_FILE = re.compile("EINTEGRITY|DO NOT MATCH THE HASHES")


def run(command: Sequence[str | Path], *, log: Path | None = None, reason: str = "", **options: object) -> None:
    """Run a command; a failure becomes one sentence: `reason` if given, else the command and its code, and the log's place.

    Where the log does not say why (or there is no reason: a compiler, say), its end is shown first, for it tells what to mend.
    """
    words = [str(word) for word in command]
    if shutil.which(words[0]) is None:
        raise BuildError(f"'{words[0]}' is missing on this machine: run ./build.sh setup, or install it")
    code = _code_of(words, log, options) if log else subprocess.run(words, check=False, **options).returncode  # type: ignore[call-overload]
    if code:
        raise BuildError(sentence(words, code, log, reason))


def attempt(command: Sequence[str | Path], log: Path, **options: object) -> None:
    """Run a command that may fail: what comes after it fails then, and says what is missing."""
    _code_of([str(word) for word in command], log, options)


def _code_of(words: list[str], log: Path, options: dict[str, object]) -> int:
    """Run to the end, with life signs."""
    log.parent.mkdir(parents=True, exist_ok=True)
    ticker = Ticker(log.stem)
    with log.open("wb") as out, subprocess.Popen(words, stdout=out, stderr=subprocess.STDOUT, **options) as child:  # type: ignore[call-overload]
        try:
            while (code := _wait(child)) is None:
                ticker.show(_count_in(log))
        except BaseException:
            child.kill()
            raise
        finally:
            ticker.done()
    return code


def _wait(child: subprocess.Popen[bytes]) -> int | None:
    try:
        return child.wait(timeout=POLL)
    except subprocess.TimeoutExpired:
        return None


def _count_in(log: Path) -> str:
    """The last `[done/all]` of a log: ninja writes one a step."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 8192))
        counts = re.findall(rb"^\[\d+/\d+\]", file.read(), re.M)
    return counts[-1].decode() if counts else ""


def sentence(words: list[str], code: int, log: Path | None, reason: str) -> str:
    """Why a program failed. A log on a full disk is empty, so the disk itself is asked too."""
    text = log.read_text(errors="replace") if log else ""
    if NO_SPACE.search(text) or has_full_disk(*([log.parent] if log else [])):
        return DISK_FULL
    if reason and (cause := _cause(text)):
        return f"{reason} ({cause}); its log: {log}"
    sys.stderr.write(text[-3000:])
    reason = reason or f"'{' '.join(words[:3])} ...' failed with code {code}"
    return f"{reason}; its log: {log}" if log else reason


def _cause(text: str) -> str:
    if WRONG_FILE.search(text):
        return "a file is not the pinned one"
    return "no network" if NO_NETWORK.search(text) else ""
