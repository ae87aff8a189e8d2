"""A job whose machine does not answer, and one whose files are not in the home."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.needs("chromium")


@pytest.fixture(name="open_job")
def _open_job(site: Any, tenant: Any, make_job: Any) -> Callable[..., None]:
    """Open the page of job 9 as it is described."""

    def open_job(**changes: Any) -> None:
        tenant.jobs = {"9": make_job("9", **changes)}
        site.sign_in("history.html#job=9")

    return open_job


def test_a_machine_that_falls_silent_leaves_what_is_known(
    site: Any, tenant: Any, open_job: Any
) -> None:
    """One notice with two times, without blame for the platform; then it goes."""
    tenant.texts = {"out": "step 1\n"}
    left = [{"name": "frame.dat", "path": "", "type": "file", "size": 3}]
    open_job(
        kind="run",
        status="RUNNING",
        ended="",
        can_cancel=True,
        outputs=left,
        system_label="Slurm cluster",
    )
    page = site.page
    expect(page.locator("#outputs")).to_contain_text("frame.dat")
    expect(page.get_by_label("Standard output")).to_have_text("step 1")
    known = dict(tenant.jobs["9"])
    away = {"outputs": [], "outputs_unavailable": "The system's machine is away."}
    tenant.jobs["9"].update(away)
    body = {"code": "system_unreachable", "message": "The system's machine is away."}
    tenant.refusals["GET", "/jobs/9/text"] = (503, {"error": body})

    notice = page.locator("#silence")
    expect(notice).to_contain_text("Slurm cluster does not answer since")
    expect(notice).to_contain_text("as of")
    expect(page.get_by_text("does not answer")).to_have_count(1)
    expect(notice).not_to_contain_text("platform")
    expect(page.get_by_role("alert")).to_be_empty()
    expect(page.locator("#outputs")).to_contain_text("frame.dat")
    expect(page.get_by_label("Standard output")).to_have_text("step 1")

    tenant.refusals.clear()
    tenant.jobs["9"] = known
    expect(notice).to_be_empty()


def test_a_job_that_cannot_be_handed_over_says_why(site: Any, open_job: Any) -> None:
    """The reason stands in the box below the state, once."""
    reason = "The system's machine does not answer. It is tried again."
    queue = {"ahead": None, "expected_start": None, "reason": reason, "as_of": ""}

    open_job(
        status="QUEUED", started="", ended="", queue=queue, outputs_unavailable=reason
    )

    expect(site.page.locator("#standing p").first).to_have_text(reason)
    expect(site.page.locator("#silence")).to_be_empty()


def test_outputs_of_a_stopped_job_can_be_fetched(
    site: Any, tenant: Any, open_job: Any, tmp_path: Path
) -> None:
    """They lie beside the job and not in the home: one by one, and all as a zip."""
    site.page.add_init_script("delete window.showSaveFilePicker;")
    names = ["a b.txt", "c.txt"]
    outputs = [{"name": n, "path": "", "type": "file", "size": 1} for n in names]
    tenant.files = {f"beside/9/{name}": name[:1].encode() for name in names}
    open_job(kind="run", status="STOPPED", outputs=outputs)
    expect(site.page.locator("#outputs")).to_contain_text("They are not in your home")

    with site.page.expect_download() as one:
        site.page.get_by_role("button", name="Download a b.txt").click()
    with site.page.expect_download() as every:
        site.page.get_by_role("button", name="Download all as a zip").click()

    assert one.value.suggested_filename == "a b.txt"
    every.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as found:
        assert {name: found.read(name) for name in found.namelist()} == {
            "a b.txt": b"a",
            "c.txt": b"c",
        }
