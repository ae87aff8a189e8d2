"""Files in Chromium: what people do with their home."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.needs("chromium")


@pytest.fixture(autouse=True)
def _home(tenant: Any) -> None:
    """Put some files into the home."""
    tenant.files = {"heat.c": b"int main;\n", "samples/matrix.c": b"int m;\n"}
    tenant.folders = {"samples"}


def test_folders_are_entered_and_left(site: Any) -> None:
    """A folder is a link, and the crumbs lead back."""
    site.sign_in("files.html")
    site.page.get_by_role("link", name="samples/").click()
    expect(site.page.get_by_role("cell", name="matrix.c", exact=True)).to_be_visible()

    site.page.get_by_role("link", name="Home").click()

    expect(site.page.get_by_role("cell", name="heat.c", exact=True)).to_be_visible()


def test_hidden_files_are_shown_on_demand(site: Any, tenant: Any) -> None:
    """Names with a dot in front are left out until they are asked for; that stays."""
    tenant.files[".bashrc"] = b""
    site.sign_in("files.html")
    hidden = site.page.get_by_role("cell", name=".bashrc", exact=True)
    switch = site.page.get_by_label("Show hidden files")
    expect(site.page.get_by_role("cell", name="heat.c", exact=True)).to_be_visible()
    expect(hidden).to_have_count(0)

    switch.check()
    expect(hidden).to_be_visible()
    site.page.reload()
    expect(switch).to_be_checked()
    expect(hidden).to_be_visible()

    switch.uncheck()
    expect(hidden).to_have_count(0)


def test_a_folder_of_hidden_files_is_not_called_empty(site: Any, tenant: Any) -> None:
    """Where everything is hidden, the page says so."""
    tenant.files = {"samples/.keep": b""}

    site.sign_in("files.html#path=samples")

    expect(site.page.get_by_text("There are only hidden files here.")).to_be_visible()


def test_a_file_is_downloaded_with_the_callers_token(site: Any, tmp_path: Path) -> None:
    """Download saves the file under its name."""
    site.sign_in("files.html")

    with site.page.expect_download() as download:
        site.page.get_by_role("button", name="Download heat.c").click()

    saved = tmp_path / "saved"
    download.value.save_as(saved)
    assert download.value.suggested_filename == "heat.c"
    assert saved.read_bytes() == b"int main;\n"


def test_several_files_are_uploaded_with_progress(site: Any, tenant: Any) -> None:
    """Chosen files go into the open folder, and each says that it has arrived."""
    site.sign_in("files.html#path=samples")
    files = [
        {"name": "a.c", "mimeType": "text/plain", "buffer": b"int a;\n"},
        {"name": "b.c", "mimeType": "text/plain", "buffer": b"int b;\n"},
    ]

    site.page.get_by_label("Upload files").set_input_files(files)

    expect(site.page.get_by_role("cell", name="b.c", exact=True)).to_be_visible()
    expect(site.page.get_by_label("Upload of a.c")).to_be_visible()
    expect(site.page.get_by_text("uploaded", exact=True)).to_have_count(2)
    assert tenant.files["samples/a.c"] == b"int a;\n"
    assert tenant.files["samples/b.c"] == b"int b;\n"


def test_dropped_files_are_uploaded(site: Any, tenant: Any) -> None:
    """The drop zone takes files too."""
    site.sign_in("files.html")
    transfer = site.page.evaluate_handle(
        """() => {
          const transfer = new DataTransfer();
          transfer.items.add(new File(["int d;"], "dropped.c"));
          return transfer;
        }"""
    )

    site.page.locator(".drop").dispatch_event("drop", {"dataTransfer": transfer})

    expect(site.page.get_by_role("cell", name="dropped.c", exact=True)).to_be_visible()
    assert tenant.files["dropped.c"] == b"int d;"


def test_a_refused_upload_can_be_tried_again(site: Any, tenant: Any) -> None:
    """The reason stands next to the file, with a button to repeat."""
    body = {"code": "conflict", "message": "There is a folder of that name."}
    tenant.refusals["POST", "/uploads"] = (409, {"error": body})
    site.sign_in("files.html")
    file = {"name": "x.c", "mimeType": "text/plain", "buffer": b"x"}
    site.page.get_by_label("Upload files").set_input_files([file])
    expect(site.page.get_by_text("There is a folder of that name.")).to_be_visible()

    tenant.refusals.clear()
    site.page.get_by_role("button", name="Try again").click()

    expect(site.page.get_by_text("uploaded", exact=True)).to_be_visible()


def test_a_folder_is_made(site: Any, tenant: Any) -> None:
    """A bad name is refused in the dialog, a good one makes the folder."""
    site.sign_in("files.html")
    site.page.get_by_role("button", name="New folder").click()
    site.page.get_by_label("Name", exact=True).fill("a/b")
    site.page.get_by_role("button", name="Make folder").click()
    expect(site.page.get_by_text("A name has no slash in it")).to_be_visible()

    site.page.get_by_label("Name", exact=True).fill("results")
    site.page.keyboard.press("Enter")

    expect(site.page.get_by_text("Folder results is made.")).to_be_visible()
    assert "results" in tenant.folders
    expect(site.page.get_by_role("button", name="New folder")).to_be_focused()


def test_a_file_is_renamed(site: Any, tenant: Any) -> None:
    """The dialog begins with the present name."""
    site.sign_in("files.html")
    site.page.get_by_role("button", name="Rename heat.c").click()
    field = site.page.get_by_label("New name")
    expect(field).to_have_value("heat.c")

    field.fill("cold.c")
    site.page.get_by_role("button", name="Rename", exact=True).click()

    expect(site.page.get_by_text("heat.c is now cold.c.")).to_be_visible()
    assert "cold.c" in tenant.files


def test_delete_asks_first_and_escape_means_no(site: Any, tenant: Any) -> None:
    """Escape keeps the file; Delete in the dialog deletes it."""
    site.sign_in("files.html")
    button = site.page.get_by_role("button", name="Delete heat.c")
    button.click()
    expect(site.page.get_by_role("dialog", name="Delete heat.c?")).to_be_visible()
    site.page.keyboard.press("Escape")
    expect(site.page.get_by_role("dialog")).to_have_count(0)
    assert "heat.c" in tenant.files

    button.click()
    site.page.get_by_role("dialog").get_by_role("button", name="Delete").click()

    expect(site.page.get_by_text("heat.c is deleted.")).to_be_visible()
    assert "heat.c" not in tenant.files


def test_a_folder_that_cannot_be_read_offers_a_way_back(site: Any, tenant: Any) -> None:
    """The reason is shown and Home is one link away."""
    body = {"code": "not_found", "message": "There is no such folder."}
    tenant.refusals["GET", "/files"] = (404, {"error": body})
    site.sign_in("files.html#path=gone")
    expect(site.page.get_by_text("There is no such folder.")).to_be_visible()

    tenant.refusals.clear()
    site.page.get_by_role("link", name="Go to Home").click()

    expect(site.page.get_by_role("cell", name="heat.c", exact=True)).to_be_visible()
