"""Two browsers press Start at once, fifty times: one terminal each time."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = [
    pytest.mark.needs("chromium", "bubblewrap"),
    pytest.mark.timeout(600),
]

ROUNDS = 50
CLICK_AT = """(moment) => {
  const start = [...document.querySelectorAll("button")]
    .find((button) => button.textContent.trim() === "Start");
  setTimeout(() => start.click(), moment - Date.now());
}"""
USER = "grace"


def sign_in(browser: Browser, stack: Any) -> Page:
    """Open the terminal page in a browser profile of its own."""
    page = browser.new_context().new_page()
    page.goto(stack.url)
    page.get_by_role("button", name="Sign in").first.click()
    page.get_by_label("Username").fill(USER)
    page.get_by_label("Password").fill(stack.passwords[USER])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.get_by_role("link", name="Terminal", exact=True).first.click()
    return page


def sandboxes(data: Path) -> int:
    """How many sandboxes of this user's terminal are alive on this machine."""
    folder = str(data / "terminals" / f"{USER}-dev-IPT")
    commands = []
    for process in Path("/proc").iterdir():
        try:
            commands.append((process / "cmdline").read_text().split("\0"))
        except (OSError, UnicodeDecodeError):
            continue
    return sum(
        command[0] == "bwrap" and any(part.startswith(folder) for part in command)
        for command in commands
    )


def test_two_browsers_starting_at_once_share_one_terminal(
    browser: Browser, stack: Any
) -> None:
    """Both pages reach READY with the same launch, and one server runs."""
    pages = [sign_in(browser, stack), sign_in(browser, stack)]
    user = stack.user(USER)
    launches = set()
    for _ in range(ROUNDS):
        user.ask("terminal", "POST", "/terminals", {"command": "STOP"})
        for page in pages:
            page.reload()
            expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled()
        moment = pages[0].evaluate("Date.now() + 150")
        for page in pages:
            page.evaluate(CLICK_AT, moment)
        for page in pages:
            chip = page.get_by_role("status").filter(has_text="READY")
            expect(chip.first).to_be_visible(timeout=30_000)
        launches.add(user.ask("webterm", "GET", "/webterm")["launch"])
        assert sandboxes(stack.data) == 1
    assert len(launches) == ROUNDS
    user.ask("terminal", "POST", "/terminals", {"command": "STOP"})
    for page in pages:
        page.context.close()
