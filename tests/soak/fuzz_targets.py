"""What broken files are fed to: imports of annotations, project files, images and journals. Each has whole files, and a
check that only annotations, a project, pixels or a history come out of a broken one, or an error that has words."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image
from segmark import commands as c
from segmark.document import Annotation, Document, ImageRecord, new_document
from segmark.errors import SegmarkError
from segmark.formats.export import FORMATS, write
from segmark.formats.project import StoredImage, StoredProject, read_project, write_project
from segmark.formats.reading import plan, read_file, target_of
from segmark.history import History
from segmark.images.decode import decode
from segmark.images.probe import LIMIT_PIXELS, probe
from segmark.journal import command_to_json, history_from_json, history_to_json, replay
from segmark.reduce import apply
from segmark.rle import RleMask

WIDTH, HEIGHT = 32, 24
ROOT = Path(__file__).resolve().parents[2]
WORDS = json.loads((ROOT / "site" / "i18n" / "en.json").read_text())
Files = list[tuple[str, bytes]]


@dataclass(frozen=True)
class FuzzTarget:
    """``read`` takes a file's name and bytes; a `SegmarkError` from it is fine if its code has words."""

    files: Files
    read: Callable[[str, bytes], None]

    def check(self, name: str, data: bytes) -> str:
        """Read it -> "read" or the error's code. Anything but a `SegmarkError` with words for its code is a failure."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Pillow warns of what it then raises
                self.read(name, data)
        except SegmarkError as error:
            assert f"error.{error.code}" in WORDS, error.code
            return error.code
        return "read"


def base_document() -> Document:
    """An open image with two annotations: one with a hole, one in several parts."""
    pixels = np.zeros((2, HEIGHT, WIDTH), np.uint8)
    pixels[0, 3:15, 4:20], pixels[0, 6:9, 8:12] = 1, 0
    pixels[1, 20:23, 1:31:3] = 1
    masks = [RleMask.from_window(window, (0, 0), (WIDTH, HEIGHT)) for window in pixels]
    image = ImageRecord("i", "part 1.png", WIDTH, HEIGHT)
    annotations = tuple(Annotation(k, k, mask, "net", 2, 1.5) for k, mask in enumerate(masks, start=1))
    return replace(new_document(), image=image, annotations=annotations, next_id=3)


# -- annotations ------------------------------------------------------------------------------------------------------
def _annotation_files(document: Document) -> Files:
    """One file of every format that can be imported, one of two images of a name, and the bare row file of YOLO."""
    assert document.image is not None
    pair = (document.image, document)
    twin = replace(document, image=replace(document.image, id="j"))
    assert twin.image is not None
    files = [(file.filename, file.data) for k, f in FORMATS.items() if f.can_import for file in (write([pair], k),)]
    files.append(("twins.zip", write([pair, (twin.image, twin)], "labelme").data))
    with zipfile.ZipFile(io.BytesIO(write([pair], "yolo").data)) as archive:
        return [*files, ("part 1.txt", archive.read("labels/part 1.txt"))]


def _annotations() -> FuzzTarget:
    document = base_document()

    def read(name: str, data: bytes) -> None:
        command, (report,) = plan([read_file(name, data, target_of(document))], document)
        assert report.read == len(command.annotations)
        after = apply(document, command)
        assert len(after.annotations) == len(document.annotations) + report.read

    return FuzzTarget(_annotation_files(document), read)


# -- project files ----------------------------------------------------------------------------------------------------
def _journal() -> tuple[str, ...]:
    document = base_document()
    assert document.image is not None
    edits: list[c.Command] = [
        c.OpenImage(document.image, document.labels, document.mode, 1, 5),
        c.ImportAnnotations((), tuple(replace(k, model_id="") for k in document.annotations)),
        c.AddLabel("划痕", "#123456"),
        c.DeleteAnnotation(1),
        c.Undo(),
        c.MarkDone(True),
    ]
    return tuple(map(command_to_json, edits))


def _projects() -> FuzzTarget:
    entries = _journal()
    first = StoredImage("i", "part 1.png", WIDTH, HEIGHT, None, "done", "f", 0, 4, "", entries, b"file")
    unopened = StoredImage("j", "b.tif", 0, 0, "crack", "none", "g", 2, 9)
    snapshot = replace(first, entries=(history_to_json(replay(History(), entries).history),))
    projects = (StoredProject((first, unopened), "i"), StoredProject((unopened, snapshot), None))

    def read(_name: str, data: bytes) -> None:
        for image in read_project(data).images:
            assert replay(History(), image.entries).skipped == 0

    return FuzzTarget([("a.zip", write_project(project)) for project in projects], read)


# -- images -----------------------------------------------------------------------------------------------------------
def _images() -> FuzzTarget:
    deep = np.arange(WIDTH * HEIGHT, dtype=np.uint16).reshape(HEIGHT, WIDTH) * 80
    pixels = {"grey": (deep >> 8).astype(np.uint8), "deep": deep, "float": deep.astype(np.float32) / 7}
    pixels["color"] = np.dstack([pixels["grey"]] * 3)
    kinds = [(kind, "color", {}) for kind in ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")]
    kinds += [("PNG", "deep", {}), ("TIFF", "float", {}), ("TIFF", "deep", {"compression": "tiff_lzw"})]
    kinds += [("TIFF", "deep", {"save_all": True, "append_images": [Image.fromarray(deep)]})]
    files: Files = []
    for kind, name, options in kinds:
        out = io.BytesIO()
        Image.fromarray(pixels[name]).save(out, kind, **options)
        files.append((f"a.{kind.lower()}", out.getvalue()))

    def read(_name: str, data: bytes) -> None:
        info = probe(data)
        assert 0 < info.width * info.height <= LIMIT_PIXELS and info.pages > 0
        if info.needs_us:
            found = decode(data)
            assert found.pixels.dtype == np.uint8 and found.pixels.shape[:2] == (info.height, info.width)
            assert found.pixels.ndim == 2 or found.pixels.shape[2] == 3
            assert np.isfinite(found.levels).all() and found.levels[0] != found.levels[1]

    return FuzzTarget(files, read)


# -- journals ---------------------------------------------------------------------------------------------------------
def _journals() -> FuzzTarget:
    golden = sorted((ROOT / "tests" / "unit" / "golden").glob("journal_*.jsonl"))
    files = [(path.name, path.read_bytes()) for path in golden]
    files.append(("own.jsonl", "\n".join(_journal()).encode()))

    def read(_name: str, data: bytes) -> None:
        entries = data.decode(errors="surrogateescape").split("\n")
        result = replay(History(), entries)
        assert result.done + result.skipped == len(entries)
        # what was taken can be kept: else the next snapshot would lose it
        assert history_from_json(history_to_json(result.history)).present == result.history.present
        if result.skipped > 1 or result.done == 0:  # the last line of a file is an empty one
            raise SegmarkError("project.damaged")

    return FuzzTarget(files, read)


def targets() -> dict[str, FuzzTarget]:
    return {"annotations": _annotations(), "project": _projects(), "image": _images(), "journal": _journals()}
