"""Any annotation files -> what they hold for the open image, and the one command that takes it in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from segmark.commands import ImportAnnotations
from segmark.document import Annotation, Document, Label, free_color
from segmark.errors import SegmarkError
from segmark.formats import checks
from segmark.formats.coco import read_coco
from segmark.formats.cvat import read_cvat
from segmark.formats.found import MAX_ANNOTATIONS, Found, Reading, Target
from segmark.formats.labelme import read_labelme
from segmark.formats.origins import of_path, of_stem, read_origins
from segmark.formats.png_mask import read_png
from segmark.formats.voc import read_voc
from segmark.formats.xml_guard import read_xml
from segmark.formats.yolo import read_names, read_yolo
from segmark.formats.zip_guard import read_zip
from segmark.json_guard import read_json
from segmark.reduce import MAX_LABELS

MAX_BYTES = 256 << 20
NEW_CLASS, LEAVE_OUT = 0, -1
MAX_TOLD = 200  # characters of a file's name in the report
_MAX_DEPTH = 16
_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class FileRead:
    """One of the files of an import, read whole: what it holds (``reading``), or the ``error`` for which it is refused."""

    name: str
    format: str = ""
    reading: Reading | None = None
    error: SegmarkError | None = None


@dataclass(frozen=True)
class ImportReport:
    """What was taken from a file.

    Attributes
    ----------
    name : what the file is called
    format : ``coco``, ``yolo``, ``labelme``, ``voc``, ``cvat`` or ``png``; empty if it was refused
    read : how many annotations
    skipped : how many were left out, by the reason (``no_mask``, ``empty``, ``unknown_class``, ``void``, ``left_out``)
    new_labels : names of the classes that came with it, and with no file before it
    other_images : how many other images the file speaks of
    other_name : what the file calls the image, if that is not what the open one is called; else empty
    error : ``code`` and ``params`` of the reason why nothing was taken from it, or None
    """

    name: str
    format: str = ""
    read: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    new_labels: tuple[str, ...] = ()
    other_images: int = 0
    other_name: str = ""
    error: dict[str, Any] | None = None


def target_of(document: Document) -> Target:
    """The open image as readers see it; SegmarkError ``no_image``."""
    image = document.image
    if image is None:
        raise SegmarkError("no_image")
    return Target(image.name, image.width, image.height, tuple(label.name for label in document.labels), image.id)


def read_file(name: str, data: bytes, target: Target) -> FileRead:
    """Read a file whole; what is wrong with it is kept, not raised, so that the others are read all the same."""
    try:
        format_id, reading = read(data, name, target)
    except SegmarkError as error:
        return FileRead(name, error=error)
    if target.tier(of_path(name, {})) is not None:  # called like the open image, whatever it calls the image itself
        reading.is_match = True
    return FileRead(name, format_id, reading)


def of_one_image(files: Sequence[FileRead], sure: bool = False) -> list[FileRead]:
    """Refuse those of several files that are about another image (``import.other_image``).

    A lone file of another name is taken, because images are renamed. So are several that all give the same other name,
    but not beside one that is surely about the open image, and not files of many images: they cannot all be about it.
    With ``sure`` nothing is taken that does not give the open image's own name or id: nobody looks at each image then.
    """
    if sure:
        return [file if file.reading is None or file.reading.is_sure else _refused(file) for file in files]
    readings = [file.reading for file in files if file.reading is not None]
    others = {reading.other_name.casefold() for reading in readings if reading.is_match is False}
    if len(others) < 2 and not any(reading.is_match for reading in readings):
        return list(files)
    return [_refused(file) if file.reading is not None and file.reading.is_match is False else file for file in files]


def _refused(file: FileRead) -> FileRead:
    told = {"name": "" if file.reading is None else file.reading.other_name[:MAX_TOLD]}
    return FileRead(file.name, error=SegmarkError("import.other_image", told))


def unknown_classes(files: Sequence[FileRead], document: Document) -> dict[str, int]:
    """How many annotations the files have of each class that the document does not have, by name."""
    known = {label.name for label in document.labels}
    names = (found.name for file in files if file.reading is not None for found in file.reading.found)
    return dict(Counter(name for name in names if name not in known))


def plan(
    files: Sequence[FileRead], document: Document, classes: Mapping[str, int] | None = None
) -> tuple[ImportAnnotations, list[ImportReport]]:
    """What all the files would change, as one command, and a report a file; nothing is changed here.

    Parameters
    ----------
    classes : what becomes of the files' classes, by name: the id of a class, `NEW_CLASS` or `LEAVE_OUT`. Those that
        are not named become the class of the same name, or a new one (with a free colour).

    Raises
    ------
    SegmarkError
        ``unknown_label``. For a file that came alone also what it is refused for: ``too_many_labels``, ``import.`` +
        ``empty``, ``unknown``, ``too_large``, ``damaged``, ``wrong_size``, ``no_match``, ``ambiguous``,
        ``bad_coordinates``, ``bad_runs``, ``too_much``, ``zip_bomb``, ``zip_path``.
    """
    for place in (classes or {}).values():
        if place not in (NEW_CLASS, LEAVE_OUT) and document.label(place) is None:
            raise SegmarkError("unknown_label", {"id": place})
    command, reports = ImportAnnotations((), ()), []
    for file in files:
        try:
            command, report = _with_file(command, file, document, classes or {})
        except SegmarkError as error:
            if len(files) == 1:
                raise
            report = ImportReport(file.name, error={"code": error.code, "params": error.params})
        reports.append(report)
    return command, reports


def _with_file(
    command: ImportAnnotations, file: FileRead, document: Document, classes: Mapping[str, int]
) -> tuple[ImportAnnotations, ImportReport]:
    """The command with one more file, whose numbers go on from those before it."""
    reading = file.reading
    if reading is None:
        raise file.error or SegmarkError("import.unknown")
    places, labels = _places(reading.found, document, command.labels, classes)
    taken = [(places[found.name], found) for found in reading.found if found.name in places]
    if len(command.annotations) + len(taken) > MAX_ANNOTATIONS:  # all files together are one entry of the journal
        raise SegmarkError("import.too_much", {"limit": MAX_ANNOTATIONS})
    skipped = reading.skipped.copy()
    if len(taken) < len(reading.found):
        skipped["left_out"] += len(reading.found) - len(taken)
    first = document.next_id + len(command.annotations)
    annotations = tuple(_annotation(first + k, place, found) for k, (place, found) in enumerate(taken))
    report = ImportReport(
        file.name,
        file.format,
        len(annotations),
        dict(skipped),
        tuple(label.name for label in labels),
        reading.other_images,
        reading.other_name[:MAX_TOLD],
    )
    return ImportAnnotations(command.labels + labels, command.annotations + annotations), report


def _places(
    found: Sequence[Found], document: Document, new: Sequence[Label], classes: Mapping[str, int]
) -> tuple[dict[str, int], tuple[Label, ...]]:
    """Class name -> id of its class, without those that are left out; and the classes that are new besides ``new``."""
    known = {label.name: label.id for label in reversed((*document.labels, *new))}
    places: dict[str, int] = {}
    labels: list[Label] = []
    for name in dict.fromkeys(entry.name for entry in found):
        place = classes.get(name, NEW_CLASS)
        if place == NEW_CLASS:
            place = known.get(name, NEW_CLASS)
        if place == NEW_CLASS:
            held = (*document.labels, *new, *labels)
            if len(held) >= MAX_LABELS:
                raise SegmarkError("too_many_labels", {"limit": MAX_LABELS})
            place = document.next_label_id + len(new) + len(labels)
            labels.append(Label(place, name, free_color(held)))
        if place != LEAVE_OUT:
            places[name] = place
    return places, tuple(labels)


def read(data: bytes, filename: str, target: Target) -> tuple[str, Reading]:
    """Find out by its content what a file is, and read it -> format, reading. Errors as `plan` of a file alone."""
    if not data:
        raise SegmarkError("import.empty")
    if len(data) > MAX_BYTES:
        raise SegmarkError("import.too_large", {"limit": MAX_BYTES >> 20})
    if data.startswith(_PNG_MAGIC):
        return "png", read_png(data, filename, target)
    if data.startswith(b"PK"):
        return _read_files(read_zip(data), target)
    start = data[:200].removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if start == b"{":
        return _read_json(data, target)
    if start == b"<":
        return _read_xml(data, target)
    if filename.lower().endswith(".txt"):
        reading = read_yolo(_text(data), dict(enumerate(target.labels)), target)
        reading.choose([filename], lambda name: of_path(name, {}))
        return "yolo", reading
    raise SegmarkError("import.unknown")


def _read_json(data: bytes, target: Target) -> tuple[str, Reading]:
    with checks.damaged("JSON"):
        content: Any = read_json(_text(data), _MAX_DEPTH)
    if "shapes" in content:
        return "labelme", read_labelme(content, target)
    if "annotations" in content or "images" in content:
        return "coco", read_coco(content, target)
    raise SegmarkError("import.unknown")


def _read_xml(data: bytes, target: Target) -> tuple[str, Reading]:
    with checks.damaged("XML"):
        root = read_xml(data)
    if root.tag != "annotations":
        raise SegmarkError("import.unknown")
    return "cvat", read_cvat(root, target)


def _read_files(files: Mapping[str, bytes], target: Target) -> tuple[str, Reading]:
    """An archive: a VOC folder, a YOLO folder, or one file of another format that means the open image.

    Pictures often lie beside the annotations, so a PNG is taken for a mask only where nothing else is one.
    """
    by_ending: dict[str, list[str]] = {}
    for path in sorted(files):
        if not path.startswith("__MACOSX/"):  # what macOS adds is not of the archive's maker
            by_ending.setdefault(path.rpartition(".")[2].lower(), []).append(path)
    pngs, texts = by_ending.get("png", []), by_ending.get("txt", [])
    classes = [path for path in pngs if f"/{path}".rpartition("/")[0].endswith("/SegmentationClass")]
    if any("SegmentationObject/" in path for path in pngs):
        return "voc", read_voc(files, target)
    if classes:
        return "png", _read_masks(files, classes, target)
    known = read_origins(files)
    rows = [path for path in texts if "labels/" in path]
    rows = rows or [path for path in texts if target.tier(of_path(path, known)) is not None]
    if rows:
        return "yolo", _read_yolo_folder(files, rows, target)
    others = [path for ending in ("json", "xml") for path in by_ending.get(ending, [])]
    if others:
        try:
            return _read_one_of(files, others, target)
        except SegmarkError as error:
            if not pngs or error.code != "import.unknown":  # masks may have a JSON of another kind beside them
                raise
    if not pngs:
        raise SegmarkError("import.unknown")
    return "png", _read_masks(files, pngs, target)


def _read_one_of(files: Mapping[str, bytes], paths: list[str], target: Target) -> tuple[str, Reading]:
    if len(paths) == 1:
        return read(files[paths[0]], paths[0], target)
    known, choice = read_origins(files), Reading(target)
    path = choice.choose(paths, lambda entry: of_path(entry, known))
    format_id, reading = read(files[path], path, target)
    reading.other_images = choice.other_images
    reading.is_match = choice.is_match
    if known:  # it says more than the name in the file, which had to be changed
        reading.other_name = choice.other_name
    return format_id, reading


def _read_yolo_folder(files: Mapping[str, bytes], rows: list[str], target: Target) -> Reading:
    known, choice = read_origins(files), Reading(target)
    path = choice.choose(rows, lambda entry: of_path(entry, known))
    listed = _class_list(files)
    names = dict(enumerate(target.labels)) if listed is None else read_names(_text(files[listed]))
    reading = read_yolo(_text(files[path]), names, target)
    reading.other_images, reading.other_name = choice.other_images, choice.other_name
    reading.is_match = choice.is_match
    return reading


def _class_list(files: Mapping[str, bytes]) -> str | None:
    """The YAML that names the classes: one that has `names`, before a data.yaml; trainers put others beside it."""
    lists = [path for path in sorted(files) if path.endswith((".yaml", ".yml"))]
    named = (path for path in lists if re.search(rb"^names:", files[path], re.MULTILINE))
    return next(named, None) or next((path for path in lists if path.rpartition("/")[2].startswith("data.")), None)


def _read_masks(files: Mapping[str, bytes], pngs: list[str], target: Target) -> Reading:
    """PNG masks: those in a folder that is called like the image, or the one that is called so itself."""
    known, whole = read_origins(files), Reading(target)
    folders = sorted({path.rpartition("/")[0] for path in pngs} - {""}) if len(pngs) > 1 else []
    if any(target.tier(of_stem(folder, known)) is not None for folder in folders):
        folder = whole.choose(folders, lambda entry: of_stem(entry, known))
        chosen = [path for path in pngs if path.rpartition("/")[0] == folder]
    else:
        chosen = [whole.choose(pngs, lambda entry: of_path(entry, known))]
    for path in sorted(chosen, key=_number_first):
        one = read_png(files[path], path.rpartition("/")[2], target)
        for found in one.found:
            whole.add(found)
        whole.skipped.update(one.skipped)
    return whole


def _number_first(path: str) -> tuple[int, str]:
    digits = path.rpartition("/")[2].partition("_")[0]
    return (int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 9 else 0), path


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SegmarkError("import.damaged", {"format": "text", "why": "not UTF-8"}) from error


def _annotation(number: int, label_id: int, found: Found) -> Annotation:
    return Annotation(number, label_id, found.mask, found.model_id, found.clicks, found.seconds)
