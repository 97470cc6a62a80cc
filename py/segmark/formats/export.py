"""All formats in one table, and an export of any number of images, a step an image."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from segmark.document import Document, ImageRecord
from segmark.errors import SegmarkError
from segmark.formats.coco import CocoWriter, polygon_writer
from segmark.formats.cvat import CvatWriter
from segmark.formats.item import File, Item, Options, Writer, items_of
from segmark.formats.labelme import LabelmeWriter
from segmark.formats.limits import limits
from segmark.formats.measure import MeasureWriter
from segmark.formats.origins import origins_file
from segmark.formats.png_mask import ClassMasksWriter, ClassPngWriter, InstancePngWriter
from segmark.formats.quality_files import QualityCsvWriter, QualityJsonWriter
from segmark.formats.voc import VocWriter
from segmark.formats.yolo import YoloWriter
from segmark.formats.zip_guard import ZipWriter

_MIME = {"json": "application/json", "png": "image/png", "xml": "application/xml", "csv": "text/csv"}


@dataclass(frozen=True)
class Format:
    """``name`` is the end of the file's name, without ending; ``can_import``: `reading.read` takes it back."""

    id: str
    name: str
    writer: Callable[[], Writer]
    can_import: bool = True


FORMATS: dict[str, Format] = {
    f.id: f
    for f in (
        Format("coco", "coco", CocoWriter),
        Format("coco_polygons", "coco_polygons", polygon_writer),
        Format("yolo", "yolo", YoloWriter),
        Format("labelme", "labelme", LabelmeWriter),
        Format("voc", "voc", VocWriter),
        Format("cvat", "cvat", CvatWriter),
        Format("class_png", "classes", ClassPngWriter),
        Format("instance_png", "instances", InstancePngWriter),
        Format("class_masks", "class_masks", ClassMasksWriter),
        Format("measurements", "measurements", MeasureWriter, can_import=False),
        Format("quality_csv", "quality", QualityCsvWriter, can_import=False),
        Format("quality_json", "quality", QualityJsonWriter, can_import=False),
    )
}


@dataclass(frozen=True)
class Written:
    """The one file that a person gets."""

    filename: str
    mime: str
    data: bytes


class Export:
    """An export under way: run `steps` to its end, then take `result`; leave off to cancel.

    Parameters
    ----------
    pairs : the images with their documents, at least one
    format_id : a key of `FORMATS`

    Raises
    ------
    SegmarkError
        ``no_image``; ``bad_params``: no such format; ``export.too_many_instances`` or ``too_many_labels``: an image
        that the format cannot hold at all.
    """

    def __init__(
        self, pairs: Sequence[tuple[ImageRecord, Document]], format_id: str, options: Options | None = None
    ) -> None:
        if format_id not in FORMATS:
            raise SegmarkError("bad_params", {"what": "format"})
        if not pairs:
            raise SegmarkError("no_image")
        self._format = FORMATS[format_id]
        self._items = list(items_of(pairs, options or Options()))
        for item in self._items:
            _refuse(item, format_id)
        self._written: Written | None = None

    @property
    def format_id(self) -> str:
        return self._format.id

    def steps(self) -> Iterator[tuple[int, int]]:
        """Write image after image, what follows them, and the archive; yields (images done, all) after each part."""
        writer, total = self._format.writer(), len(self._items)
        files: list[File] = []
        for done, item in enumerate(self._items, start=1):
            files.extend(writer.add(item))
            yield done, total
        for file in writer.finish():
            files.append(file)
            yield total, total
        if self._format.can_import and len(files) > 1 and any(item.has_twin for item in self._items):
            files.append(origins_file(self._items))
        stem = self._items[0].stem if total == 1 else "segmark"
        name = f"{stem}_{self._format.name}"
        if len(files) == 1:
            path, data = files[0]
            ending = path.rpartition(".")[2]
            self._written = Written(f"{name}.{ending}", _MIME[ending], data)
            return
        archive = ZipWriter()
        for file in files:
            archive.add(file)
            yield total, total
        self._written = Written(f"{name}.zip", "application/zip", archive.close())

    def result(self) -> Written:
        """A single file as it is, several as one zip; `steps` must be at their end."""
        assert self._written is not None
        return self._written


def write(
    pairs: Sequence[tuple[ImageRecord, Document]],
    format_id: str,
    options: Options | None = None,
    progress: Callable[[int, int], bool] = lambda _done, _total: True,
) -> Written:
    """A whole export in one go; ``progress(done, total)`` after each step, and False from it cancels.

    Raises
    ------
    SegmarkError
        As `Export`; ``export.cancelled``.
    """
    export = Export(pairs, format_id, options)
    for done, total in export.steps():
        if not progress(done, total):
            raise SegmarkError("export.cancelled")
    return export.result()


def _refuse(item: Item, format_id: str) -> None:
    fatal = next((limit for limit in limits(item, format_id) if limit.is_fatal), None)
    if fatal is not None:
        code = "too_many_labels" if fatal.code == "classes" else "export.too_many_instances"
        raise SegmarkError(code, {"count": fatal.count})
