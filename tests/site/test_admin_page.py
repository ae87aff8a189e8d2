"""The administrators' page in Chromium: lists, filters, pages, actions, the record."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from .double.admin import audit_entry, furnish_admin, other_terminal

pytestmark = pytest.mark.needs("chromium")


@pytest.fixture(name="others", autouse=True)
def _others(tenant: Any) -> None:
    """Give administrators something to look at."""
    furnish_admin(tenant)


def actions(tenant: Any) -> list[tuple[str, str]]:
    """Return method and path of everything that was to change something."""
    return [
        (message["method"], message["path"])
        for function, message in tenant.calls
        if function == "admin" and message["method"] != "GET"
    ]


def row_of(site: Any, name: str) -> Any:
    """Return the row that begins with a name."""
    return site.page.locator("tbody tr").filter(has_text=re.compile(f"^\\s*{name}"))


def test_only_administrators_have_the_tab(site: Any) -> None:
    """The way to the page is there for administrators, and for nobody else."""
    site.sign_in("help.html")
    tabs = site.page.get_by_role("navigation", name="Main")
    expect(tabs.get_by_role("link", name="Help")).to_be_visible()
    expect(tabs.get_by_role("link", name="Admin")).to_have_count(0)

    # Whoever comes by a link is told, and nothing is asked for.
    site.open("admin.html")
    expect(site.page.get_by_text("for the administrators")).to_be_visible()
    assert site.tenant.requests("/terminals") == []


def test_whoever_is_not_signed_in_is_sent_to_sign_in(site: Any) -> None:
    """The page asks nothing in nobody's name."""
    site.open("admin.html")

    expect(site.page).to_have_url(re.compile("index.html"))
    assert site.tenant.requests("/terminals") == []


def test_terminals_are_listed(site: Any) -> None:
    """Each terminal shows its user, state, host, age and idle time, and its actions."""
    site.sign_in("admin.html")

    charles = row_of(site, "charles")
    expect(charles).to_contain_text("READY")
    expect(charles).to_contain_text("cluster-1")
    expect(charles).to_contain_text("1 h 01 min")
    expect(charles).to_contain_text("1 min 05 s")
    expect(charles.get_by_role("button")).to_have_count(3)
    expect(row_of(site, "joan")).to_contain_text("number 1 in line")
    expect(site.page.get_by_role("link", name="Admin")).to_have_attribute(
        "aria-current", "page"
    )
    assert site.tenant.requests("/terminals")[0]["query"]["idle"] == "true"


def test_filters_are_in_the_address(site: Any) -> None:
    """A filter narrows, a reload keeps it, Back takes it away."""
    site.sign_in("admin.html")
    rows = site.page.locator("tbody tr")
    expect(rows).to_have_count(5)

    site.page.get_by_label("State").select_option("STOPPED")
    expect(rows).to_have_count(1)
    site.page.reload()
    expect(rows).to_have_count(1)
    expect(site.page.get_by_label("State")).to_have_value("STOPPED")
    site.page.go_back()

    expect(rows).to_have_count(5)
    site.page.get_by_label("Search").fill("nobody")
    expect(site.page.get_by_text("Nothing fits. Widen the search.")).to_be_visible()
    expect(site.page.locator("#found")).to_have_text("Nothing found")


def test_many_terminals_are_paged(site: Any, tenant: Any) -> None:
    """Twenty a page; of how many is told; the pages end where the list ends."""
    tenant.others = [other_terminal(f"u{n:02}", "STOPPED") for n in range(45)]
    site.sign_in("admin.html")
    place = site.page.locator("#page")
    expect(place).to_have_text("1 to 20 of 45")
    expect(site.page.get_by_role("button", name="Before")).to_be_disabled()

    site.page.get_by_role("button", name="Next").click()
    expect(place).to_have_text("21 to 40 of 45")
    site.page.get_by_role("button", name="Next").click()

    expect(place).to_have_text("41 to 45 of 45")
    expect(site.page.get_by_role("button", name="Next")).to_be_disabled()
    expect(site.page).to_have_url(re.compile("page=3$"))
    site.open("admin.html#view=terminals&page=9")
    expect(site.page.get_by_text("the list ends before it")).to_be_visible()


def test_stop_asks_first(site: Any, tenant: Any) -> None:
    """A stop is asked about; No does nothing, Yes stops the terminal that is shown."""
    site.sign_in("admin.html")
    stop = site.page.get_by_role("button", name="Stop charles")
    stop.click()
    dialog = site.page.get_by_role("dialog", name="Stop the terminal of charles?")
    dialog.get_by_role("button", name="Cancel").click()
    expect(stop).to_be_focused()
    assert actions(tenant) == []

    stop.press("Enter")
    dialog.get_by_role("button", name="Stop").click()

    expect(site.page.get_by_text("The terminal of charles is STOPPED")).to_be_visible()
    expect(row_of(site, "charles")).to_contain_text("STOPPED")
    assert actions(tenant) == [("POST", "/terminals/charles/stop")]
    body = tenant.requests("/terminals/charles/stop")[0]["body"]
    assert body["launch"] == "launch-of-charles"
    assert re.fullmatch("[0-9a-f]{24}", body["request_id"])


@pytest.mark.parametrize(
    ("button", "path", "told"),
    [
        ("Start grace", "/terminals/grace/start", "The terminal of grace is READY"),
        ("Sync charles", "/terminals/charles/sync", "The terminal of charles is READY"),
    ],
)
def test_start_and_sync_need_no_question(
    site: Any, tenant: Any, button: str, path: str, told: str
) -> None:
    """What loses nothing is done at once."""
    site.sign_in("admin.html")

    site.page.get_by_role("button", name=button).click()

    expect(site.page.get_by_text(told)).to_be_visible()
    assert actions(tenant) == [("POST", path)]


def test_record_is_deleted(site: Any, tenant: Any) -> None:
    """Only what does not run can be deleted; after a question the row is gone."""
    site.sign_in("admin.html")
    expect(row_of(site, "charles")).to_be_visible()
    buttons = row_of(site, "charles").get_by_role("button", name="Delete")
    expect(buttons).to_have_count(0)

    site.page.get_by_role("button", name="Delete record grace").click()
    dialog = site.page.get_by_role("dialog", name="Delete the record of grace?")
    dialog.get_by_role("button", name="Delete record").click()

    expect(site.page.get_by_text("The record of grace is deleted.")).to_be_visible()
    expect(row_of(site, "grace")).to_have_count(0)
    assert actions(tenant) == [("DELETE", "/terminals/grace/record")]


def test_refusal_is_told(site: Any, tenant: Any) -> None:
    """What the function refuses is told in its words; the row can be used again."""
    body = {"code": "conflict", "message": "This request is being done now."}
    tenant.refusals["POST", "/terminals/grace/start"] = (409, {"error": body})
    site.sign_in("admin.html")
    start = site.page.get_by_role("button", name="Start grace")

    start.click()

    expect(site.page.get_by_role("alert")).to_contain_text("being done now")
    expect(start).to_be_enabled()


def test_hosts_are_drained(site: Any, tenant: Any) -> None:
    """A host is drained after a question, and opened again without one."""
    site.sign_in("admin.html#view=hosts")
    expect(row_of(site, "cluster-1")).to_contain_text("2 of 40")
    expect(row_of(site, "cluster-2")).to_contain_text("drained by grace")
    # What the settings drain is not for this page to end.
    expect(row_of(site, "cluster-3").get_by_role("button")).to_have_count(0)

    site.page.get_by_role("button", name="Drain cluster-1").click()
    dialog = site.page.get_by_role("dialog", name="Drain cluster-1?")
    dialog.get_by_role("button", name="Drain").click()
    expect(row_of(site, "cluster-1")).to_contain_text("drained by ada")
    site.page.get_by_role("button", name="End drain cluster-1").click()

    expect(site.page.get_by_text("cluster-1 takes terminals again.")).to_be_visible()
    assert actions(tenant) == [
        ("POST", "/hosts/cluster-1/drain"),
        ("POST", "/hosts/cluster-1/undrain"),
    ]


def test_jobs_say_what_is_not_known(site: Any) -> None:
    """A job whose state the platform does not tell is shown as such, and why."""
    site.sign_in("admin.html#view=jobs")

    expect(row_of(site, "charles").nth(0)).to_contain_text("FINISHED")
    expect(row_of(site, "charles").nth(1)).to_contain_text("not known")
    expect(site.page.get_by_text("submitted through this instance")).to_be_visible()


def test_audit_record(site: Any, tenant: Any) -> None:
    """Who did what, when, to whom and with what result; by keyboard from the lists."""
    tenant.audit = [audit_entry(n, target=f"u{n}") for n in range(3)]
    site.sign_in("admin.html")
    site.page.get_by_role("link", name="Audit").focus()
    site.page.keyboard.press("Enter")

    rows = site.page.locator("tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("u0")
    expect(rows.nth(0)).to_contain_text("done")
    site.page.get_by_label("User or host").fill("u2")
    expect(rows).to_have_count(1)
    assert tenant.requests("/audit")[-1]["query"]["target"] == "u2"
    expect(site.page).to_have_title("Audit · Admin · IPT on the Web")
    site.page.go_back()
    expect(site.page.get_by_role("link", name="Terminals")).to_have_attribute(
        "aria-current", "page"
    )


def test_names_of_people_are_only_text(site: Any, tenant: Any) -> None:
    """Whatever stands in a record, none of it becomes markup."""
    bad = "<img src=x onerror=alert(1)>"
    tenant.others = [other_terminal("ada", "ERROR", reason=bad, host=bad)]
    site.sign_in("admin.html")

    expect(site.page.locator("tbody")).to_contain_text(bad)
    expect(site.page.locator("tbody img")).to_have_count(0)


def test_refresh_keeps_the_focus(site: Any, tenant: Any) -> None:
    """A list that is read again leaves the person where they are."""
    site.sign_in("admin.html")
    button = site.page.get_by_role("button", name="Sync charles")
    button.focus()
    tenant.others[0]["state_s"] = 7200

    site.page.get_by_role("button", name="Refresh").dispatch_event("click")

    expect(row_of(site, "charles")).to_contain_text("2 h 00 min")
    expect(button).to_be_focused()


def test_trouble_is_told_as_long_as_it_lasts(site: Any, tenant: Any) -> None:
    """A failure of the function stands above the list until it answers again."""
    body = {"code": "upstream_unavailable", "message": "The platform is away."}
    tenant.refusals["GET", "/terminals"] = (503, {"error": body})
    site.sign_in("admin.html")
    expect(site.page.get_by_role("alert")).to_contain_text("away")

    tenant.refusals.clear()
    site.page.get_by_role("button", name="Refresh").click()

    expect(row_of(site, "charles")).to_be_visible()
    expect(site.page.get_by_role("alert")).not_to_contain_text("away")
