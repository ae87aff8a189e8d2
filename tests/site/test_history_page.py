"""The list of jobs in Chromium: filters, pages, what is refreshed, several at once."""

import datetime as dt
import re
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.needs("chromium")


@pytest.fixture(name="many")
def _many(tenant: Any, make_job: Any) -> None:
    """Give Ada 45 jobs, every ninth a run."""
    for number in range(45):
        kind = "compile" if number % 9 else "run"
        tenant.jobs[f"{number}"] = make_job(f"{number}", kind=kind)


def minutes_ago(minutes: float) -> str:
    """Return a time as the service writes it."""
    then = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=minutes)
    return then.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.mark.usefixtures("many")
def test_jobs_are_paged_with_their_number(site: Any) -> None:
    """Twenty jobs a page, from the newest to the oldest, of how many is told."""
    site.sign_in("history.html")
    place, rows = site.page.locator("#page"), site.page.get_by_role("row")
    expect(place).to_have_text("1 to 20 of 45")
    expect(rows).to_have_count(21)
    expect(site.page.get_by_text("As of")).to_be_visible()

    site.page.get_by_role("button", name="Older").click()
    expect(place).to_have_text("21 to 40 of 45")
    site.page.get_by_role("button", name="Oldest").click()
    expect(place).to_have_text("41 to 45 of 45")
    expect(rows).to_have_count(6)
    expect(site.page.get_by_role("button", name="Older")).to_be_disabled()
    site.page.get_by_role("button", name="Newest").click()

    expect(place).to_have_text("1 to 20 of 45")


def test_ten_thousand_jobs_are_paged(site: Any, tenant: Any, make_job: Any) -> None:
    """The oldest page of many is one click away, and so is the newest."""
    job = make_job("1")
    tenant.jobs = {f"{n}": job | {"id": f"{n}"} for n in range(10_007)}
    site.sign_in("history.html")

    site.page.get_by_role("button", name="Oldest").click()

    place = site.page.locator("#page")
    expect(place).to_have_text("10,001 to 10,007 of 10,007")
    expect(site.page.locator("#job-10006")).to_be_visible()
    expect(site.page).to_have_url(re.compile("#page=501$"))


@pytest.mark.usefixtures("many")
def test_filters_are_in_the_address(site: Any) -> None:
    """A reload shows the same jobs, Back those before, and a link those it names."""
    site.sign_in("history.html#page=2")
    place, kind = site.page.locator("#page"), site.page.get_by_label("Kind")
    expect(place).to_have_text("21 to 40 of 45")

    kind.select_option("Run")
    expect(place).to_have_text("1 to 5 of 5")
    site.page.reload()
    expect(place).to_have_text("1 to 5 of 5")
    expect(kind).to_have_value("run")
    site.page.go_back()

    expect(place).to_have_text("21 to 40 of 45")
    expect(kind).to_have_value("")


def test_every_filter_goes_out(site: Any, tenant: Any) -> None:
    """Words, kind, state, system and days go out; the days are the reader's own."""
    site.sign_in("history.html")
    page = site.page
    expect(page.get_by_text("No jobs yet.")).to_be_visible()
    page.get_by_label("Kind").select_option("Compare")
    page.get_by_label("State").select_option("FAILED")
    page.get_by_label("System").select_option("This machine")
    page.get_by_label("Sent since").fill("2026-11-01")
    page.get_by_label("Sent until").fill("2026-11-02")
    page.get_by_label("Search").fill("heat wave")
    expect(page.get_by_text("No job fits. Widen the search.")).to_be_visible()
    page.wait_for_function("() => location.hash.includes('heat')")
    with page.expect_request("**/messages*"):
        page.get_by_role("button", name="Refresh").click()

    query = tenant.requests("/jobs")[-1]["query"]

    assert query == {
        "limit": 20,
        "offset": 0,
        "search": "heat wave",
        "kind": "compare",
        "status": "FAILED",
        "system": "local",
        "since": "2026-11-01T00:00:00.000Z",
        "until": "2026-11-03T00:00:00.000Z",
    }
    page.get_by_role("button", name="Clear the filters").click()
    expect(page.get_by_text("No jobs yet.")).to_be_visible()
    expect(page.get_by_label("Search")).to_be_focused()


def test_a_page_behind_the_end_says_so(site: Any, tenant: Any, make_job: Any) -> None:
    """An old link to a page that is not there any more leads back to the newest."""
    tenant.jobs = {"7": make_job("7")}
    site.sign_in("history.html#page=9")
    expect(site.page.get_by_text("There are no jobs on this page")).to_be_visible()

    site.page.get_by_role("button", name="Newest").click()

    expect(site.page.get_by_role("link", name="Compile heat")).to_be_visible()


def test_a_refresh_keeps_focus_and_selection(
    site: Any, tenant: Any, make_job: Any
) -> None:
    """A new job above and a new state do not disturb who is at work in the table."""
    tenant.jobs = {"7": make_job("7"), "8": make_job("8", status="RUNNING", ended="")}
    site.sign_in("history.html")
    box = site.page.get_by_role("checkbox", name="Select Compile heat 00000000").nth(1)
    box.check()
    box.evaluate("box => { box.closest('tr').mark = 'same element'; }")
    expect(box).to_be_focused()

    changed = make_job("8") | {"created": "2026-11-20T10:00:01Z"}
    tenant.jobs = {"9": make_job("9"), "7": tenant.jobs["7"], "8": changed}
    site.page.get_by_role("button", name="Refresh").dispatch_event("click")
    expect(site.page.get_by_role("row")).to_have_count(4)

    kept = site.page.locator("#pick-8")
    expect(kept).to_be_checked()
    expect(kept).to_be_focused()
    assert kept.evaluate("box => box.closest('tr').mark") == "same element"
    expect(site.page.locator("#picked")).to_have_text("1 selected")


def test_a_job_that_is_stuck_is_flagged_in_words(
    site: Any, tenant: Any, make_job: Any
) -> None:
    """No progress for long is told with the way out, and so is a place in the queue."""
    begun = {"started": "", "ended": "", "can_cancel": True}
    queue = {"ahead": 3, "expected_start": None, "reason": "", "as_of": ""}
    tenant.jobs = {
        "1": make_job("1", status="STAGING_INPUTS", created=minutes_ago(40), **begun),
        "2": make_job(
            "2", status="QUEUED", created=minutes_ago(40), queue=queue, **begun
        ),
    }

    site.sign_in("history.html")

    rows = site.page.get_by_role("row")
    expect(rows.nth(1)).to_contain_text("No progress for 40 min")
    expect(rows.nth(1)).to_contain_text("cancel it and send it again")
    expect(rows.nth(2)).to_contain_text("3 ahead")
    expect(rows.nth(2)).not_to_contain_text("No progress")


def test_several_jobs_are_cancelled_at_once(
    site: Any, tenant: Any, make_job: Any
) -> None:
    """Only those that still go on, after one question; the others stay as they are."""
    running = {"status": "RUNNING", "can_cancel": True}
    tenant.jobs = {
        "1": make_job("1", **running),
        "2": make_job("2", **running),
        "3": make_job("3"),
    }
    site.sign_in("history.html")
    site.page.get_by_label("All on this page").check()
    expect(site.page.locator("#picked")).to_have_text("3 selected")

    site.page.get_by_role("button", name="Cancel 2 jobs").click()
    dialog = site.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Compile heat 00000000 and Compile heat")
    dialog.get_by_role("button", name="Cancel 2 jobs").click()

    expect(site.page.get_by_text("2 jobs are being cancelled.")).to_be_visible()
    states = {name: job["status"] for name, job in tenant.jobs.items()}
    assert states == {"1": "STOPPED", "2": "STOPPED", "3": "FINISHED"}


def test_several_jobs_are_removed_and_a_failure_is_told(
    site: Any, tenant: Any, make_job: Any
) -> None:
    """What could not be removed is named with the reason, and stays selected."""
    tenant.jobs = {"1": make_job("1"), "2": make_job("2"), "3": make_job("3")}
    body = {"code": "upstream_unavailable", "message": "The platform is away."}
    tenant.refusals["DELETE", "/jobs/2"] = (503, {"error": body})
    site.sign_in("history.html")
    site.page.locator("#pick-1").check()
    site.page.locator("#pick-2").check()
    site.page.get_by_role("button", name="Remove 2 jobs").click()

    site.page.get_by_role("dialog").get_by_role("button", name="Remove 2 jobs").click()

    expect(site.page.get_by_text("1 job is removed from the history.")).to_be_visible()
    expect(
        site.page.get_by_text("1 job could not be removed from the history")
    ).to_contain_text("The platform is away.")
    expect(site.page.locator("#picked")).to_have_text("1 selected")
    assert set(tenant.jobs) == {"2", "3"}


@pytest.mark.usefixtures("many")
def test_back_from_a_job_leads_to_the_list_as_it_was(site: Any) -> None:
    """The link above a job knows the filters; the job that was left has the focus."""
    site.sign_in("history.html#kind=run")
    site.page.locator("#job-27").click()
    expect(site.page.get_by_role("heading", level=1)).to_have_text("Run heat")

    site.page.get_by_role("link", name="All jobs").click()

    expect(site.page.locator("#page")).to_have_text("1 to 5 of 5")
    expect(site.page.locator("#job-27")).to_be_focused()


def test_the_list_can_be_used_by_keyboard(
    site: Any, tenant: Any, make_job: Any
) -> None:
    """By Tab and Space to a question about all jobs, and by Escape out of it."""
    tenant.jobs = {"1": make_job("1")}
    site.sign_in("history.html")
    site.page.get_by_label("All on this page").focus()
    site.page.keyboard.press("Space")
    site.page.keyboard.press("Tab")
    expect(site.page.get_by_role("button", name="Remove 1 job")).to_be_focused()
    site.page.keyboard.press("Enter")
    expect(site.page.get_by_role("dialog")).to_be_visible()

    site.page.keyboard.press("Escape")

    expect(site.page.get_by_role("button", name="Remove 1 job")).to_be_focused()
    assert "1" in tenant.jobs


def test_a_platform_that_is_away_leaves_the_old_list_with_its_age(
    site: Any, tenant: Any, make_job: Any
) -> None:
    """A failed refresh is told, and what is shown stays and grows older."""
    tenant.jobs = {"1": make_job("1")}
    site.sign_in("history.html")
    expect(site.page.get_by_role("link", name="Compile heat")).to_be_visible()
    body = {"code": "upstream_unavailable", "message": "The platform is away."}
    tenant.refusals["GET", "/jobs"] = (503, {"error": body})

    site.page.get_by_role("button", name="Refresh").click()

    expect(site.page.get_by_text("The platform is away.")).to_be_visible()
    expect(site.page.get_by_role("link", name="Compile heat")).to_be_visible()
    expect(site.page.locator("#freshness")).to_have_text("As of 2 s ago")


def test_trouble_is_told_while_it_lasts(site: Any, tenant: Any, make_job: Any) -> None:
    """What keeps the list from being read is told once, and not after it was read."""
    tenant.jobs = {"7": make_job("7")}
    site.sign_in("history.html")
    refresh = site.page.get_by_role("button", name="Refresh")
    alerts = site.page.get_by_role("alert")
    expect(site.page.get_by_role("link", name="Compile heat")).to_be_visible()
    for words in ("The platform is away.", "The platform is busy."):
        body = {"code": "upstream_unavailable", "message": words}
        tenant.refusals["GET", "/jobs"] = (502, {"error": body})
        refresh.click()
        expect(alerts.locator("p")).to_have_text([words])

    tenant.refusals.clear()
    refresh.click()

    expect(alerts).to_be_empty()


def test_one_page_needs_no_pager(site: Any, tenant: Any, make_job: Any) -> None:
    """Where all jobs are shown, there are no buttons that lead nowhere."""
    tenant.jobs = {"7": make_job("7")}
    site.sign_in("history.html")

    expect(site.page.locator("#page")).to_have_text("1 to 1 of 1")
    expect(site.page.get_by_role("button", name="Newest")).to_be_hidden()
    expect(site.page.get_by_role("button", name="Oldest")).to_be_hidden()
    expect(site.page.get_by_role("columnheader", name="System")).to_be_visible()
