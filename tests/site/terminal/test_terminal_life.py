"""From the line to the end: what the page says, and what it does by itself."""

import re
import signal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from webterm.testing import RunningServer

pytestmark = pytest.mark.needs("chromium")

IDLE_SECONDS = 4
SIZE = "() => document.querySelector('ipt-terminal-screen').size()"
# Whether the first shell's words are still on the screen.
OLD_SHOWN = """() => {
  const buffer = document.querySelector("ipt-terminal-screen").terminal.buffer.active;
  return Array.from({ length: buffer.length }, (_, row) => buffer.getLine(row))
    .some((line) => line.translateToString(true) === "old");
}"""


def chip(site: Any, text: str) -> Any:
    """Return the state as the page shows it."""
    return site.page.get_by_role("status").filter(has_text=text)


def test_a_warning_counts_down_and_is_called_off_by_keep(
    site: Any, terminals: Any, open_shell: Any, screens: Path
) -> None:
    """An idle terminal warns; Keep gives it its whole time again; then it ends."""
    with terminals.run(idle_s=IDLE_SECONDS) as server:
        terminals.serve(server)
        shell = open_shell()
        size = site.page.evaluate(SIZE)
        banner = site.page.locator("ipt-terminal-warning")
        expect(banner).to_have_attribute("role", "alert")
        expect(banner).to_contain_text("because nothing has happened in it")
        expect(banner.locator(".left")).to_have_text(re.compile(r"[12] s left\."))
        expect(site.page).to_have_title(re.compile("s left · Terminal"))
        site.page.screenshot(path=screens / "terminal-warning.png")
        # The prompt is at the top; the shell is not told another size.
        expect(banner).to_have_class("low")
        assert site.page.evaluate(SIZE) == size

        shell.button("Keep it running").click()
        expect(banner).to_be_empty()
        expect(site.page).to_have_title(re.compile("^Terminal"))
        expect(site.page.locator(".xterm-helper-textarea")).to_be_focused()
        # The second warning is let pass.
        expect(banner).to_contain_text("because nothing has happened in it")
        tenant_stops(terminals)
        ended = "was ended because nothing happened in it for 4 s."

        expect(site.page.get_by_text(ended)).to_be_visible()
        expect(chip(site, "STOPPED")).to_be_visible()
        expect(banner).to_be_empty()
        expect(shell.button("Start")).to_be_enabled()
        site.page.screenshot(path=screens / "terminal-ended-idle.png")


def test_a_warning_can_be_read_and_hidden_on_a_narrow_page(
    site: Any, terminals: Any, open_shell: Any, screens: Path
) -> None:
    """At 360 px with letters twice as large it lies in the screen; Hide frees it."""
    site.page.set_viewport_size({"width": 360, "height": 740})
    with terminals.run(idle_s=IDLE_SECONDS) as server:
        terminals.serve(server)
        shell = open_shell()
        site.page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
        alert = site.page.locator("ipt-terminal-warning .alert")
        expect(alert).to_be_visible()
        alert.scroll_into_view_if_needed()
        site.page.screenshot(path=screens / "terminal-warning-narrow.png")
        inner = alert.bounding_box()
        outer = site.page.locator("ipt-terminal-screen").bounding_box()
        assert inner["x"] >= outer["x"]
        assert inner["x"] + inner["width"] <= outer["x"] + outer["width"]
        assert inner["y"] >= outer["y"]
        assert inner["y"] + inner["height"] <= outer["y"] + outer["height"]
        assert alert.evaluate("it => it.scrollWidth <= it.clientWidth")
        for button in alert.get_by_role("button").all():
            place = button.bounding_box()
            assert place["y"] + place["height"] <= inner["y"] + inner["height"]

        shell.button("Hide this warning").click()

        expect(site.page.locator("ipt-terminal-warning")).to_be_empty()
        expect(site.page.locator(".xterm-helper-textarea")).to_be_focused()
        expect(site.page).to_have_title(re.compile("s left · Terminal"))


def tenant_stops(terminals: Any) -> None:
    """Have the record say what the host finds: the terminal has ended."""
    terminals.tenant.found = {"status": "STOPPED"}


def test_a_stop_in_another_tab_is_told_with_start_at_hand(
    site: Any, server: RunningServer, terminals: Any, open_shell: Any
) -> None:
    """A terminal that is stopped from elsewhere keeps its last output on the page."""
    shell = open_shell()
    shell.type("echo la''st-words")
    shell.wait_for("\nlast-words")
    tenant_stops(terminals)

    server.process.send_signal(signal.SIGTERM)

    expect(site.page.get_by_text("Your terminal was stopped.").first).to_be_visible()
    expect(shell.button("Start")).to_be_enabled()
    assert "last-words" in shell.text()


def test_a_restart_in_another_tab_is_followed(
    site: Any, terminals: Any, open_shell: Any
) -> None:
    """The new shell comes onto an empty screen by itself."""
    with terminals.run() as first:
        terminals.serve(first)
        shell = open_shell()
        shell.type("echo ol''d")
        shell.wait_for("\nold")
        first.process.send_signal(signal.SIGTERM)
        with terminals.run(launch="launch-2") as second:
            terminals.serve(second)
            terminals.tenant.found = dict(terminals.tenant.started)
            site.page.wait_for_function(f"() => !({OLD_SHOWN})()", timeout=10_000)
            shell.connected()
            shell.type("echo ne''w")

            assert "old" not in shell.wait_for("\nnew")


def test_the_line_is_waited_in_and_left_by_itself(
    site: Any, server: RunningServer, tenant: Any, shell: Any, screens: Path
) -> None:
    """The place is shown, START repeated, and the terminal opens when there is room."""
    del server
    room = dict(tenant.started)
    tenant.started = waiting(3)
    site.sign_in("terminal.html")
    shell.button("Start").click()
    expect(chip(site, "IN LINE")).to_be_visible()
    expect(site.page.get_by_text("You are number 3 in line.")).to_be_visible()
    expect(site.page.get_by_text("under way: Waiting in line")).to_be_visible()
    site.page.screenshot(path=screens / "terminal-line.png")

    tenant.started = room

    expect(site.page.get_by_text("Connected", exact=True)).to_be_visible(timeout=8000)
    expect(site.page.locator(".xterm-helper-textarea")).to_be_focused()
    commands = [each["body"]["command"] for each in tenant.requests("/terminals")]
    assert set(commands) == {"START"}
    assert len(commands) <= 4


def waiting(position: int) -> dict[str, Any]:
    """Return a record with a place in line."""
    queued = "2026-11-20T10:00:00Z"
    return {"status": "PENDING", "queued": queued, "position": position}


def test_stop_leaves_the_line(site: Any, tenant: Any, shell: Any) -> None:
    """After Stop nobody asks for a place any more."""
    tenant.started = waiting(1)
    site.sign_in("terminal.html")
    shell.button("Start").click()
    expect(site.page.get_by_text("You are next in line.")).to_be_visible()
    expect(shell.button("Stop")).to_be_focused()

    shell.button("Stop").click()

    expect(chip(site, "STOPPED")).to_be_visible()
    expect(shell.button("Start")).to_be_focused()
    asked = len(tenant.requests("/terminals"))
    site.page.wait_for_timeout(4500)
    assert len(tenant.requests("/terminals")) == asked


@pytest.mark.usefixtures("server")
def test_when_the_writing_tab_closes_the_other_says_that_it_types(
    site: Any, open_shell: Any
) -> None:
    """The tab that watched becomes the one that types, without a click."""
    shell = open_shell()
    with site.page.expect_popup() as popup:
        site.page.get_by_role("link", name="Open in its own tab").click()
    watcher = type(shell)(popup.value)
    expect(watcher.page.get_by_text("this one watches.")).to_be_visible()
    watcher.type("x")
    expect(watcher.page.get_by_text("Press Take over to type here.")).to_be_visible()

    site.page.close()

    expect(watcher.page.get_by_text("This tab types now.")).to_be_visible()
    watcher.type("echo he''ir")
    watcher.wait_for("\nheir")


@pytest.mark.usefixtures("server")
def test_a_reload_has_the_whole_ring_again(site: Any, open_shell: Any) -> None:
    """What the server keeps is on the screen after a reload, once and in order."""
    shell = open_shell()
    shell.type("for i in $(seq 4000); do echo number-$i; done; echo do''ne")
    shell.wait_for("\ndone")

    site.page.reload()
    shell.connected()

    numbers = re.findall(r"^number-(\d+)$", shell.wait_for("\ndone"), re.MULTILINE)
    assert numbers == [str(number) for number in range(1, 4001)]


def test_an_origin_that_is_not_the_terminals_is_final(
    site: Any, terminals: Any, shell: Any
) -> None:
    """A terminal that was started for another site is told of, not tried again."""
    site.complaints_allowed = True
    with terminals.run(origins=("http://elsewhere.example",)) as server:
        terminals.serve(server)
        site.sign_in("terminal.html")
        shell.button("Start").click()

        expect(site.page.locator("#connection")).to_contain_text(
            "does not accept connections from this site's address"
        )
