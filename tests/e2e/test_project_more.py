"""More of the project: images of an archive with notes, images that a filter shows, the next image decoded ahead."""

from __future__ import annotations

import json
from typing import Any

import pytest
from test_project import files, names, opened, zipped

DECODED = """
window.decoded = [];
const native = window.createImageBitmap;
window.createImageBitmap = (source, ...rest) => {
  if (source instanceof Blob && rest[0]?.resizeWidth === undefined) window.decoded.push(source.size); // no thumbnail
  return native(source, ...rest);
};"""


@pytest.mark.requirement("R8.3")
def test_an_archive_of_images_with_notes_is_images_also_over_an_open_one(app: Any) -> None:
    app.open("none")
    app.id("file-input").set_input_files(files(1))
    opened(app, "plate_1.png")
    plates = {f"line/{file['name']}": file["buffer"] for file in files(3)[1:]}
    notes = {"readme.txt": b"2 plates of line 3", "camera.json": b'{"exposure": 2}'}
    app.id("file-input").set_input_files([zipped(plates | notes)])
    opened(app, "plate_2.png")
    assert names(app) == ["plate_1.png", "plate_2.png", "plate_3.png"]
    assert app.id("error-banner").is_hidden()


@pytest.mark.requirement("R8.5")
def test_the_images_that_the_filter_shows_leave_in_one_file(app: Any) -> None:
    app.open("none")
    app.id("file-input").set_input_files(files(6))
    opened(app, "plate_1.png")
    app.open_export()
    assert app.page.locator("#export-shown-row").is_hidden(), "nothing is filtered"
    app.id("export-cancel").click()
    app.key("d")
    app.key("PageDown")
    opened(app, "plate_2.png")
    app.key("PageDown")
    opened(app, "plate_3.png")
    app.key("d")
    app.settle()
    app.id("images-state").select_option("done")
    app.wait(lambda: app.id("image-tile").count() == 2, "the filter")
    app.open_export()
    assert "2 images that the filter shows" in app.page.locator("#export-shown-row").inner_text()
    app.id("export-all").check()
    app.wait(lambda: app.id("export-write").is_enabled(), "all images to be known")
    app.id("export-shown").check()
    assert not app.id("export-all").is_checked()
    app.wait(lambda: app.id("export-write").is_enabled(), "the images to be known")
    app.id("export-coco").click()
    with app.page.expect_download() as waiting:
        app.id("export-write").click()
    coco = json.loads(waiting.value.path().read_bytes())
    assert [image["file_name"] for image in coco["images"]] == ["plate_1.png", "plate_3.png"]


@pytest.mark.requirement("R8.3")
def test_the_next_image_is_decoded_while_this_one_is_worked_on(new_page: Any) -> None:
    app = new_page(scripts=(DECODED,))
    app.open("none")
    app.id("file-input").set_input_files(files(4))
    opened(app, "plate_1.png")
    sizes = [len(file["buffer"]) for file in files(4)]
    assert len(set(sizes)) == 4
    decoded = "window.decoded"
    app.wait(lambda: sizes[1] in app.page.evaluate(decoded), "the second image decoded ahead")
    assert app.image()["name"] == "plate_1.png" and sizes[2] not in app.page.evaluate(decoded)
    app.page.evaluate("window.decoded.length = 0")
    app.key("PageDown")
    opened(app, "plate_2.png")
    app.wait(lambda: sizes[2] in app.page.evaluate(decoded), "then the third one")
    assert app.page.evaluate(decoded) == [sizes[2]], "the second one was ready"
