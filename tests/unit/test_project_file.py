"""open(save(x)) = x; a poisoned project file is an error and nothing else."""

from __future__ import annotations

import hashlib
import io
import json
import random
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from edits import HEIGHT, IMAGE, WIDTH, command_lists, opened
from fakes import BrightNet, Desk, picture, run
from hypothesis import given, settings
from hypothesis import strategies as st
from segmark import commands as c
from segmark.document import ImageRecord, new_document
from segmark.errors import SegmarkError
from segmark.formats import project as project_module
from segmark.formats import zip_guard
from segmark.formats.project import (
    ProjectReader,
    ProjectWriter,
    StoredImage,
    StoredProject,
    read_project,
    write_project,
)
from segmark.formats.zip_guard import MAX_FILES
from segmark.history import History
from segmark.journal import command_to_json, history_to_json, replay

GOLDEN = Path(__file__).parent / "golden"
OPENING = command_to_json(c.OpenImage(IMAGE, new_document().labels, opened().present.mode, 1, 5))


def image_with(*entries: str, data: bytes | None = b"the file", **changes: Any) -> StoredImage:
    whole = StoredImage(
        IMAGE.id, IMAGE.name, WIDTH, HEIGHT, None, "draft", "file-1", 0, 8, "", (OPENING, *entries), data
    )
    return replace(whole, **changes)


def without_hash(project: StoredProject) -> StoredProject:
    return replace(project, images=tuple(replace(image, sha256="") for image in project.images))


@given(command_lists(), st.booleans(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_what_was_saved_is_opened(commands: list[c.Command], has_file: bool, is_snapshot: bool) -> None:
    entries = tuple(map(command_to_json, commands))
    image = image_with(*entries, data=b"the file" if has_file else None)
    if is_snapshot:
        image = replace(image, entries=(history_to_json(replay(History(), image.entries).history),))
    other = StoredImage("img-2", "划痕 ä.tif", 0, 0, "crack", "none", "file-2", 3, 77)
    project = StoredProject((other, image), IMAGE.id)
    data = write_project(project)
    assert without_hash(read_project(data)) == project and data == write_project(project)


def test_the_digest_of_a_file_that_is_not_carried_is() -> None:
    digest = hashlib.sha256(b"the file").hexdigest()
    project = StoredProject((image_with(data=None, sha256=digest),), None)
    assert read_project(write_project(project)) == project


def test_a_tail_that_cannot_be_read_is_not_saved() -> None:
    project = StoredProject((image_with('{"v":1,"kind":"ed'),), None)
    assert read_project(write_project(project)).images[0].entries == (OPENING,)


def test_a_journal_of_a_newer_version_is_not_cut_off_by_saving() -> None:
    with pytest.raises(SegmarkError) as refused:
        write_project(StoredProject((image_with('{"v":9,"kind":"undo"}'),), None))
    assert refused.value.code == "journal.newer" and refused.value.params["name"] == IMAGE.name


def poisoned(change: Callable[[dict[str, bytes]], Any]) -> bytes:
    """A whole project file with its members changed."""
    with zipfile.ZipFile(io.BytesIO(write_project(StoredProject((image_with(),), IMAGE.id)))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def head(**changes: Any) -> Callable[[dict[str, bytes]], Any]:
    return lambda files: files.update(
        {"project.json": json.dumps(json.loads(files["project.json"]) | changes).encode()}
    )


def row(**changes: Any) -> Callable[[dict[str, bytes]], Any]:
    def change(files: dict[str, bytes]) -> None:
        content = json.loads(files["project.json"])
        content["images"][0] |= changes
        files["project.json"] = json.dumps(content).encode()

    return change


def journal(*entries: str) -> Callable[[dict[str, bytes]], Any]:
    return lambda files: files.update({f"images/{IMAGE.id}/journal.jsonl": "\n".join(entries).encode()})


FOREIGN = OPENING.replace('"width":40', '"width":41')
ODD_COLOUR = command_to_json(c.AddLabel("x", "url(//evil)"))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda files: files.pop("project.json"), "project.damaged"),
        (lambda files: files.update({"project.json": b"[" * 10_000}), "project.damaged"),
        (head(schema=2), "project.newer"),
        (head(schema="1"), "project.damaged"),
        (head(images={}), "project.damaged"),
        (head(current="img-9"), "project.damaged"),
        (row(id="../../a"), "project.damaged"),
        (row(id=7), "project.damaged"),
        (row(name=""), "project.damaged"),
        (row(state="<b>"), "project.damaged"),
        (row(sample="../x"), "project.damaged"),
        (row(width=10**6, height=10**6), "project.damaged"),
        (row(width=-1), "project.damaged"),
        (row(width=41), "project.damaged"),
        (row(sha256="0" * 64), "project.damaged"),
        (row(size=9), "project.damaged"),
        (row(has_file=False, sha256="no digest"), "project.damaged"),
        (row(page=1), "project.damaged"),
        (row(file_id="../x"), "project.damaged"),
        (lambda files: files.update({"files/file-1/file": b"another!"}), "project.damaged"),
        (lambda files: files.pop("files/file-1/file"), "project.damaged"),
        (lambda files: files.pop(f"images/{IMAGE.id}/document.json"), "project.damaged"),
        (journal(OPENING[:-9]), "project.damaged"),
        (journal(OPENING, '{"v":9,"kind":"undo"}'), "project.newer"),
        (journal(OPENING, command_to_json(c.DeleteAnnotation(4))), "project.damaged"),
        (journal(OPENING, command_to_json(c.AddLabel("new", "#112233"))), "project.damaged"),
        (journal(FOREIGN), "project.damaged"),
        (journal(OPENING, ODD_COLOUR, command_to_json(c.Undo())), "project.damaged"),
        (lambda files: files.update({"../a": b""}), "import.zip_path"),
    ],
)
def test_poisoned_files_are_refused(change: Callable[[dict[str, bytes]], Any], code: str) -> None:
    with pytest.raises(SegmarkError) as refused:
        read_project(poisoned(change))
    assert refused.value.code == code


def test_two_images_of_one_id_are_refused() -> None:
    data = write_project(StoredProject((image_with(), image_with()), None))
    with pytest.raises(SegmarkError, match="twice"):
        read_project(data)


@given(st.integers(0, 2**32))
@settings(max_examples=150, deadline=None)
def test_damaged_bytes_are_an_error_or_the_project(seed: int) -> None:
    chance = random.Random(seed)
    project = StoredProject((image_with(),), IMAGE.id)
    data = bytearray(write_project(project))
    for _ in range(chance.choice([1, 3])):
        data[chance.randrange(len(data))] = chance.randrange(256)
    try:
        found = read_project(bytes(data))
    except SegmarkError as error:
        assert error.code.startswith(("project.", "import."))
    else:
        assert found.images[0].entries == project.images[0].entries


def test_what_the_reader_would_refuse_is_refused_before_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """At each limit: the largest project that can be written can be read, the next one is refused in words."""
    project = StoredProject((image_with(data=bytes(3000), size=3000),), None)
    with zipfile.ZipFile(io.BytesIO(write_project(project))) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    without = replace(project, images=(image_with(data=None),))
    monkeypatch.setattr(project_module, "MAX_BYTES", size)
    assert without_hash(read_project(write_project(project))) == project
    monkeypatch.setattr(project_module, "MAX_BYTES", size - 1)
    assert read_project(write_project(without)) == without
    with pytest.raises(SegmarkError, match=r"project\.too_large"):
        write_project(project)
    monkeypatch.setattr(project_module, "MAX_BYTES", 300)
    with pytest.raises(SegmarkError, match=r"project\.too_long"):
        write_project(without)


def many(count: int) -> StoredProject:
    """So many images that were never opened."""
    return StoredProject(
        tuple(StoredImage(f"i{k}", "a.png", 0, 0, None, "none", f"f{k}", 0, 1) for k in range(count)), None
    )


def test_as_many_images_as_can_be_read_and_no_more() -> None:
    largest = many(project_module.MAX_IMAGES)
    assert read_project(write_project(largest)) == largest
    assert 1 + 3 * project_module.MAX_IMAGES <= MAX_FILES, "with journal, document and file each"
    with pytest.raises(SegmarkError) as refused:
        write_project(many(project_module.MAX_IMAGES + 1))
    assert (refused.value.code, refused.value.params) == ("project.too_many", {"limit": project_module.MAX_IMAGES})


def test_a_journal_that_packs_too_well_to_be_trusted_is_not_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_guard, "_FREE", 10_000)
    entries = [command_to_json(c.MarkDone(True)), command_to_json(c.MarkDone(False))] * 2000
    project = StoredProject((image_with(*entries),), None)
    assert without_hash(read_project(write_project(project))) == project


def test_both_ways_go_image_by_image() -> None:
    project = StoredProject((*many(3).images, image_with()), None)
    writer = ProjectWriter(project)
    assert list(writer.steps()) == [(k, 5) for k in range(1, 6)]
    reader = ProjectReader(writer.result())
    assert list(reader.steps()) == 2 * [(k, 4) for k in range(1, 5)], "four files, four images"
    assert without_hash(reader.result()) == project


@pytest.mark.parametrize(
    "name",
    ["Screenshot at 1.23\u202fPM.png", "part  1.png", "\u5212\u75d5\u30001.png", " a\u00a0b.png", "n" * 220 + ".png"],
)
def test_a_file_of_any_ordinary_name_opens_again_with_its_work(name: str) -> None:
    async def story() -> None:
        record = ImageRecord(IMAGE.id, name, WIDTH, HEIGHT)
        pixels = picture(HEIGHT, WIDTH)
        desk = Desk(BrightNet())
        desk.session.open_image(record, pixels)
        desk.session.labels.add("pore")
        data = write_project(StoredProject((image_with(name=name, entries=tuple(desk.entries())),), IMAGE.id))
        image = read_project(data).images[0]
        assert image.name == name
        for elsewhere in (Desk(BrightNet()), Desk(BrightNet(), pixels, "another")):
            before = len(elsewhere.entries())
            elsewhere.session.open_image(ImageRecord(image.id, image.name, WIDTH, HEIGHT), pixels, image.entries)
            history = elsewhere.session.history
            assert history.present.image == record and [step.code for step in history.past] == ["add_label"]
            assert not any('"open_image"' in entry for entry in elsewhere.entries()[before:]), "its journal goes on"

    run(story())


def test_a_name_with_control_signs_is_saved_without_them_and_refused_with_them() -> None:
    odd = image_with(name="a\nb\ud800.png" + "n" * 2000)
    found = read_project(write_project(StoredProject((odd,), None))).images[0].name
    assert found.startswith("a b?.png") and len(found) == 1000
    with pytest.raises(SegmarkError, match="name"):
        read_project(poisoned(row(name="a\nb.png")))


def test_the_file_of_schema_1_is_read_for_ever() -> None:
    """golden/project_1.segmark, written while schema 1 was the newest: never write it anew, add the next one."""
    project = read_project((GOLDEN / "project_1.segmark").read_bytes())
    whole, without, blank = project.images
    assert project.current == whole.id == "img-1"
    assert (whole.name, whole.state, whole.file_id, whole.data) == (
        "划痕  1\u202fä.png",
        "draft",
        "file-1",
        b"the file",
    )
    assert (without.name, without.data, without.size, without.page) == ("b.tif", None, 77, 3)
    assert without.sha256 == hashlib.sha256(b"away").hexdigest()
    assert (blank.width, blank.height, blank.sample, blank.entries) == (0, 0, "crack", ())
    journal = (GOLDEN / "journal_2.jsonl").read_text().splitlines()
    history = replay(History(), whole.entries).history
    assert list(whole.entries) == journal and history == replay(History(), journal).history
    assert len(history.past) > 2 and replay(History(), without.entries).history.present.is_done
