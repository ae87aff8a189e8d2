"""An administrator at the page: somebody's terminal, this machine, and the record."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.needs("chromium", "bubblewrap"), pytest.mark.timeout(120)]


def test_administrator_looks_after_a_terminal(page: Page, stack: Any) -> None:
    """A terminal that Grace started is seen with its times, stopped, and on record."""
    grace, admin = stack.user("grace"), stack.user("admin")
    started = grace.post("terminal", {"command": "START"})["body"]
    assert started["status"] == "READY"
    page.goto(stack.url)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(stack.passwords["admin"])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Admin").click()

    page.get_by_label("Search").fill("grace")
    row = page.locator("tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("READY")
    # The terminal's own server has told when it was used.
    expect(row.locator("td").nth(4)).to_contain_text(" s")
    page.get_by_role("button", name="Stop grace").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop").click()
    expect(page.get_by_text("The terminal of grace is STOPPED now.")).to_be_visible()

    page.get_by_role("link", name="Audit").click()
    expect(page.locator("tbody tr").first).to_contain_text("stop")
    (entry, *_) = admin.ask("admin", "GET", "/audit")["entries"]
    assert (entry["by"], entry["action"], entry["target"]) == ("admin", "stop", "grace")


def test_drained_machine_starts_nothing(stack: Any) -> None:
    """Who presses Start meanwhile waits, and has a terminal when the drain ended."""
    grace, admin = stack.user("grace"), stack.user("admin")
    body = {"request_id": f"drain-{stack.port}"}
    admin.ask("admin", "POST", "/hosts/this-machine/drain", body)
    try:
        waiting = grace.post("terminal", {"command": "START"})["body"]
        assert (waiting["status"], waiting["position"]) == ("PENDING", 1)
    finally:
        body = {"request_id": f"undrain-{stack.port}"}
        admin.ask("admin", "POST", "/hosts/this-machine/undrain", body)

    assert grace.post("terminal", {"command": "START"})["body"]["status"] == "READY"
    assert grace.post("terminal", {"command": "STOP"})["body"]["status"] == "STOPPED"
