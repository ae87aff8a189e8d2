"""All outputs of a job as one zip that is made in the browser while it is saved."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.needs("chromium")

# The browser's own dialog cannot be clicked; a file of its private folder is as good.
PICKER = """
window.showSaveFilePicker = async (options) => {
  window.suggested = options.suggestedName;
  const folder = await navigator.storage.getDirectory();
  return folder.getFileHandle("chosen.zip", { create: true });
};
"""
NO_PICKER = "delete window.showSaveFilePicker;"
READ_CHOSEN = """async () => {
  const folder = await navigator.storage.getDirectory();
  const file = await (await folder.getFileHandle("chosen.zip")).getFile();
  const bytes = new Uint8Array(await file.arrayBuffer());
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}"""


@pytest.fixture(name="open_outputs")
def _open_outputs(site: Any, tenant: Any, make_job: Any) -> Callable[..., None]:
    """Open a job that left some files, with or without the browser's save dialog."""

    def open_outputs(
        files: dict[str, bytes], *, folders: tuple[str, ...] = (), script: str = PICKER
    ) -> None:
        archive = make_job("9")["archive_path"]
        tenant.files = {f"{archive}/{name}": text for name, text in files.items()}
        tenant.folders = {f"{archive}/{name}" for name in folders}
        top = {name.partition("/")[0]: name for name in files}
        outputs = [
            {
                "name": name,
                "path": f"{archive}/{name}",
                "type": "dir" if "/" in whole else "file",
                "size": len(files[whole]),
            }
            for name, whole in top.items()
        ]
        tenant.jobs = {"9": make_job("9", outputs=outputs)}
        site.page.add_init_script(script)
        site.sign_in("history.html#job=9")

    return open_outputs


def read_chosen(site: Any) -> zipfile.ZipFile:
    """Return the zip that was written to the chosen file, checked."""
    found = zipfile.ZipFile(io.BytesIO(bytes.fromhex(site.page.evaluate(READ_CHOSEN))))
    assert found.testzip() is None
    return found


def test_all_outputs_are_streamed_into_the_chosen_file(
    site: Any, open_outputs: Any
) -> None:
    """Files and folders, empty, large and oddly named, are in the zip as they are."""
    files = {
        "heat": bytes(range(256)) * 4096,
        "IPT_TIME": b"0.34",
        "empty.txt": b"",
        "größe 1.txt": "größer\n".encode(),
        "frames/one.dat": b"1" * 100_000,
        "frames/deep/two.dat": b"2",
    }
    open_outputs(files, folders=("frames", "frames/deep"))

    site.page.get_by_role("button", name="Download all as a zip").click()

    expect(site.page.get_by_text("is saved: 5 files, 1.1 MiB")).to_be_visible()
    with read_chosen(site) as found:
        read = {name: found.read(name) for name in found.namelist()}
    del files["IPT_TIME"]
    assert read == files
    suggested = site.page.evaluate("window.suggested")
    assert suggested == "compile-heat-00000000.zip"
    expect(site.page.locator("progress")).to_be_hidden()


def test_without_a_save_dialog_the_zip_is_a_download(
    site: Any, open_outputs: Any, tmp_path: Path
) -> None:
    """A browser that has no such dialog makes the zip in memory and saves it."""
    open_outputs({"a.txt": b"a", "b.txt": b"b"}, script=NO_PICKER)

    with site.page.expect_download() as download:
        site.page.get_by_role("button", name="Download all as a zip").click()

    download.value.save_as(tmp_path / "all.zip")
    assert download.value.suggested_filename == "compile-heat-00000000.zip"
    with zipfile.ZipFile(tmp_path / "all.zip") as found:
        assert found.namelist() == ["a.txt", "b.txt"]


def test_names_that_collide_are_told(site: Any, open_outputs: Any) -> None:
    """Two names that some systems take for one are kept apart, and that is said."""
    open_outputs({"Data.txt": b"1", "data.txt": b"2", "a\\b": b"3"})

    site.page.get_by_role("button", name="Download all as a zip").click()

    told = site.page.get_by_text("Not everything is as it was.")
    expect(told).to_contain_text("data.txt is called data (2).txt in the zip")
    expect(told).to_contain_text("a\\b is called a_b in the zip")
    with read_chosen(site) as found:
        names = set(found.namelist())
        notes = found.read("NOT IN THIS ZIP.txt").decode()
    assert names == {"Data.txt", "data (2).txt", "a_b", "NOT IN THIS ZIP.txt"}
    assert "data (2).txt" in notes


def test_a_file_that_cannot_be_read_is_told(
    site: Any, tenant: Any, open_outputs: Any
) -> None:
    """The others are in the zip; the page and the zip itself say what is missing."""
    site.complaints_allowed = True
    open_outputs({"a.txt": b"a", "gone.txt": b"?"})
    tenant.files = {n: t for n, t in tenant.files.items() if "gone" not in n}

    site.page.get_by_role("button", name="Download all as a zip").click()

    expect(site.page.get_by_text("gone.txt is missing:")).to_be_visible()
    with read_chosen(site) as found:
        assert found.namelist() == ["a.txt", "NOT IN THIS ZIP.txt"]


def test_a_file_that_breaks_off_breaks_the_zip(
    site: Any, tenant: Any, open_outputs: Any
) -> None:
    """Half a file is never passed off as a whole one: there is no zip, and why."""
    site.complaints_allowed = True
    open_outputs({"a.txt": b"a", "half.dat": b"?" * 100_000})
    tenant.broken = {"half.dat"}

    site.page.get_by_role("button", name="Download all as a zip").click()

    expect(
        site.page.get_by_text("half.dat broke off while it was read")
    ).to_be_visible()
    expect(site.page.locator("#zip-state")).to_have_text("There is no zip.")
    assert site.page.evaluate(READ_CHOSEN) == ""


def test_the_zip_can_be_stopped(site: Any, tenant: Any, open_outputs: Any) -> None:
    """Stop ends the reading at once; the chosen file stays empty."""
    open_outputs({"a.txt": b"a", "slow.dat": b"?" * 100_000})
    tenant.slow = {"slow.dat"}
    site.page.get_by_role("button", name="Download all as a zip").click()
    stop = site.page.get_by_role("button", name="Stop")
    expect(stop).to_be_focused()
    expect(site.page.get_by_role("progressbar", name="The zip so far")).to_be_visible()

    stop.click()

    expect(site.page.get_by_text("Stopped. There is no zip.")).to_be_visible()
    expect(
        site.page.get_by_role("button", name="Download all as a zip")
    ).to_be_focused()
    assert site.page.evaluate(READ_CHOSEN) == ""
