"""The terminal page in Chromium, against a real terminal server."""

import os
import signal
import socket
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from webterm.testing import RunningServer

pytestmark = pytest.mark.needs("chromium")


@pytest.mark.usefixtures("server")
def test_start_leads_to_a_shell(site: Any, open_shell: Any) -> None:
    """Start shows READY, connects, and what is typed is carried out."""
    shell = open_shell()
    chip = site.page.get_by_role("status").filter(has_text="READY")
    expect(chip).to_be_visible()

    shell.type("echo $((6*7))-done")

    shell.wait_for("42-done")
    expect(site.page.get_by_role("button", name="Start", exact=True)).to_be_disabled()
    expect(site.page.get_by_role("button", name="Reconnect")).to_be_enabled()


def test_a_record_of_a_terminal_that_is_no_more_is_mended(
    site: Any, tenant: Any
) -> None:
    """After a failed connection the page asks what is true, and offers Start."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    tenant.terminal = {"status": "READY", "url": f"ws://127.0.0.1:{port}/"}
    tenant.found = {"status": "STOPPED"}
    site.complaints_allowed = True  # the browser itself tells of the closed port

    site.sign_in("terminal.html")

    chip = site.page.get_by_role("status").filter(has_text="STOPPED")
    expect(chip).to_be_visible()
    expect(site.page.get_by_role("button", name="Start", exact=True)).to_be_enabled()


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_of_all_kinds_fit_the_policy(
    site: Any, scheme: Any, open_shell: Any, screens: Path
) -> None:
    """24-bit colours, which xterm.js would write into style attributes, are shown."""
    site.page.emulate_media(color_scheme=scheme)
    shell = open_shell()

    shell.type(
        r"printf '\e[38;2;200;30;120mpink\e[0m \e[31mred\e[0m \e[7mturned\e[0m "
        r"\e[48;2;0;90;90;38;2;255;255;255mboth\e[0m \e[4;58;2;1;2;3mline\e[0m end\n'",
    )

    shell.wait_for("both line end")
    rows = site.page.locator(".xterm-rows")
    pink = rows.get_by_text("pink", exact=True).last
    style = "element => getComputedStyle(element).color"
    if scheme == "light":
        assert pink.evaluate(style) == "rgb(200, 30, 120)"
    site.page.set_viewport_size({"width": 1280, "height": 800})
    site.page.screenshot(path=screens / f"terminal-running-{scheme}.png")


LOOKS = {"light": 1280, "dark": 1280, "narrow": 360, "alone": 1280}
# Where the frame ends and where the last row does, and how much room is left below.
EDGES = """() => {
  const screen = document.querySelector("ipt-terminal-screen");
  const [frame, row] = [".frame", ".xterm-rows > :last-child"].map(
    (selector) => screen.querySelector(selector).getBoundingClientRect());
  const room = screen.getBoundingClientRect().bottom - frame.bottom;
  const margin = getComputedStyle(screen.querySelector(".xterm-viewport"));
  const colour = margin.backgroundColor;
  return { colour, frame: frame.bottom, row: row.bottom, height: row.height, room };
}"""


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("look", LOOKS)
def test_the_last_row_and_underscores_are_whole(
    site: Any, look: str, open_shell: Any, screens: Path
) -> None:
    """On a full screen the lowest row is inside the frame, and `_` can be seen."""
    if look == "dark":
        site.page.emulate_media(color_scheme="dark")
    site.page.set_viewport_size({"width": LOOKS[look], "height": 777})
    shell = open_shell(f"terminal.html{'#alone' if look == 'alone' else ''}")

    shell.type(
        "PS1='$ '; clear; for i in $(seq 60); do echo heat_omp_$i; done;"
        " printf '    \\n____\\n\\n'; echo fu''ll",
    )
    shell.wait_for("full\n$")

    site.page.screenshot(path=screens / f"terminal-full-{look}.png")
    edges = site.page.evaluate(EDGES)
    assert edges["colour"] == "rgba(0, 0, 0, 0)"
    assert edges["row"] <= edges["frame"] - 1
    assert 0 <= edges["room"] < edges["height"]
    rows = site.page.locator(".xterm-rows > div")
    lines = rows.all_inner_texts()
    marked = max(at for at, line in enumerate(lines) if line.strip() == "____")
    pictures = [rows.nth(at).screenshot() for at in (marked - 1, marked, marked + 1)]
    assert pictures[0] == pictures[2]
    assert pictures[0] != pictures[1]


@pytest.mark.usefixtures("server")
def test_the_frame_follows_the_window(site: Any, open_shell: Any) -> None:
    """A lower window takes rows away, a higher one gives them back."""
    rows = "() => document.querySelector('ipt-terminal-screen').terminal.rows"
    open_shell()
    many = site.page.evaluate(rows)

    site.page.set_viewport_size({"width": 1280, "height": 700})
    site.page.wait_for_function(f"many => ({rows})() < many", arg=many)
    site.page.set_viewport_size({"width": 1280, "height": 900})

    site.page.wait_for_function(f"many => ({rows})() === many", arg=many)


@pytest.mark.usefixtures("server")
def test_a_ready_terminal_is_shown_without_asking(
    site: Any, tenant: Any, open_shell: Any
) -> None:
    """Coming back to the page shows the same shell with what it printed before."""
    shell = open_shell()
    shell.type("echo be''fore")
    shell.wait_for("before")

    site.open("compile.html")
    site.open("terminal.html")

    text = shell.wait_for("before")
    assert text.count("\nbefore") == 1
    assert len(tenant.requests("/terminals")) == 1


@pytest.mark.usefixtures("server")
def test_old_questions_are_not_answered_again(site: Any, open_shell: Any) -> None:
    """A replayed device query puts no reply into the shell's input."""
    shell = open_shell()
    shell.type(r"stty -echo; printf '\e[c\e[6n'; read -t1 -n20; stty echo")
    site.page.wait_for_timeout(1300)
    shell.type("echo ga''thered")
    shell.wait_for("gathered")

    site.page.reload()
    shell.wait_for("gathered")
    site.page.wait_for_timeout(600)
    shell.type("echo af''ter")

    text = shell.wait_for("\nafter")
    assert "1;2c" not in text.rpartition("gathered")[2]


@pytest.mark.usefixtures("server")
def test_reconnect_shows_nothing_twice(site: Any, open_shell: Any) -> None:
    """A connection that was cut comes back by itself, and output is shown once."""
    shell = open_shell()
    shell.type("for i in 1 2 3; do echo tick-$i; sleep 0.4; done")
    shell.wait_for("tick-1")

    site.page.get_by_role("button", name="Reconnect").click()

    text = shell.wait_for("tick-3")
    assert [text.count(f"\ntick-{n}") for n in (1, 2, 3)] == [1, 1, 1]


def test_a_lost_server_is_told_and_tried_again(
    site: Any, server: RunningServer, open_shell: Any
) -> None:
    """While the server is away the page says that it tries again by itself."""
    open_shell()
    site.complaints_allowed = True

    os.kill(server.process.pid, signal.SIGKILL)

    expect(site.page.get_by_text("Trying again by itself").first).to_be_visible()
    expect(site.page.get_by_role("button", name="Restart")).to_be_enabled()


@pytest.mark.usefixtures("server")
def test_the_end_of_the_shell_names_the_next_step(site: Any, open_shell: Any) -> None:
    """`exit 3` is told with its status and what to press."""
    shell = open_shell()

    shell.type("exit 3")

    notice = site.page.get_by_text("The shell ended with status 3.")
    expect(notice).to_be_visible()


@pytest.mark.usefixtures("server")
def test_the_documented_key_leaves_the_terminal(site: Any, open_shell: Any) -> None:
    """Tab belongs to the shell; Ctrl+Shift+L moves the focus out."""
    open_shell()
    site.page.locator(".xterm-helper-textarea").focus()
    site.page.keyboard.press("Tab")
    expect(site.page.locator(".xterm-helper-textarea")).to_be_focused()

    site.page.keyboard.press("Control+Shift+KeyL")

    expect(site.page.get_by_role("link", name="Open in its own tab")).to_be_focused()


@pytest.mark.usefixtures("server")
def test_two_tabs_share_one_shell(site: Any, open_shell: Any, screens: Path) -> None:
    """The second tab watches until it takes over; the first is told."""
    shell = open_shell()
    with site.page.expect_popup() as popup:
        site.page.get_by_role("link", name="Open in its own tab").click()
    second = popup.value
    expect(second.get_by_text("Another tab types; this one watches.")).to_be_visible()

    second.get_by_role("button", name="Take over").click()

    watching = site.page.get_by_text("Another tab types; this one watches.")
    expect(watching).to_be_visible()
    type(shell)(second).type("echo from-the-se''cond")
    shell.wait_for("from-the-second")
    second.screenshot(path=screens / "terminal-own-tab.png")


@pytest.mark.usefixtures("server")
def test_the_shell_knows_the_size_of_the_window(site: Any, open_shell: Any) -> None:
    """A narrower window means fewer columns, in the shell too."""
    shell = open_shell()
    columns = "() => document.querySelector('ipt-terminal-screen').terminal.cols"
    wide = site.page.evaluate(columns)
    site.page.set_viewport_size({"width": 500, "height": 800})
    site.page.wait_for_function(f"wide => ({columns})() < wide", arg=wide)

    shell.type("echo co''ls-$(tput cols 2>/dev/null || stty size)")

    text = shell.wait_for("cols-")
    assert str(site.page.evaluate(columns)) in text.rpartition("cols-")[2]


@pytest.mark.usefixtures("server")
def test_screen_reader_mode_is_a_switch_that_stays(site: Any, open_shell: Any) -> None:
    """With the mode on, the lines are there for a screen reader; so after a reload."""
    shell = open_shell()
    site.page.get_by_label("Screen reader mode").check()
    shell.type("echo rea''dable")

    line = site.page.locator(".xterm-accessibility-tree").get_by_text("readable").last
    expect(line).to_be_attached()
    site.page.reload()
    expect(site.page.get_by_label("Screen reader mode")).to_be_checked()


@pytest.mark.usefixtures("server")
def test_stop_ends_it_and_offers_start(site: Any, open_shell: Any) -> None:
    """Stop asks first; then it is STOPPED, and Start has the focus to be pressed."""
    shell = open_shell()
    expect(site.page.locator(".xterm-helper-textarea")).to_be_focused()
    shell.button("Stop").click()
    expect(site.page.get_by_role("dialog")).to_contain_text("What runs in it ends.")
    shell.button("Let it run").click()
    expect(shell.button("Stop")).to_be_focused()
    assert site.page.get_by_text("Connected", exact=True).is_visible()

    shell.button("Stop").click()
    shell.button("Stop it").click()

    chip = site.page.get_by_role("status").filter(has_text="STOPPED")
    expect(chip).to_be_visible()
    expect(site.page.get_by_role("button", name="Start", exact=True)).to_be_enabled()
    expect(site.page.get_by_role("button", name="Stop", exact=True)).to_be_disabled()
    expect(shell.button("Start")).to_be_focused()


@pytest.mark.usefixtures("server")
def test_restart_asks_and_leads_back_to_the_shell(
    site: Any, tenant: Any, open_shell: Any
) -> None:
    """Nothing is restarted before the answer; after it the screen has the focus."""
    shell = open_shell()

    shell.button("Restart").click()
    expect(site.page.get_by_role("dialog")).to_contain_text("Your files are kept.")
    commands = [each["body"]["command"] for each in tenant.requests("/terminals")]
    assert commands == ["START"]
    shell.button("Restart it").click()

    shell.connected()
    expect(site.page.locator(".xterm-helper-textarea")).to_be_focused()
    assert tenant.requests("/terminals")[-1]["body"]["command"] == "RESTART"


@pytest.mark.usefixtures("server")
def test_the_wheel_scrolls_beside_one_scroll_bar(site: Any, open_shell: Any) -> None:
    """The emulator scrolls by itself; the browser adds no bar of its own."""
    shell = open_shell()
    shell.type("for i in $(seq 200); do echo row-$i; done; echo the-e''nd")
    shell.wait_for("\nthe-end")
    viewport = site.page.locator(".xterm-viewport")
    assert viewport.evaluate("element => getComputedStyle(element).overflowY") == (
        "hidden"
    )
    at = (
        "() => document.querySelector('ipt-terminal-screen')"
        ".terminal.buffer.active.viewportY"
    )
    before = site.page.evaluate(at)

    site.page.locator(".xterm-screen").hover()
    site.page.mouse.wheel(0, -400)

    site.page.wait_for_function(f"before => ({at})() < before", arg=before)


def test_a_start_under_way_shows_its_steps(
    site: Any, tenant: Any, screens: Path
) -> None:
    """SUBMITTED shows which step is under way and for how long."""
    tenant.started = {"status": "SUBMITTED"}
    site.sign_in("terminal.html")

    site.page.get_by_role("button", name="Start", exact=True).click()

    expect(site.page.get_by_text("under way: Starting it on the host")).to_be_visible()
    expect(site.page.get_by_text("For 0 s now.")).to_be_visible()
    site.page.screenshot(path=screens / "terminal-starting.png")
    expect(site.page.get_by_text("For 1 s now.")).to_be_visible()


def test_a_failed_start_says_why_and_can_be_repeated(
    site: Any, tenant: Any, screens: Path
) -> None:
    """The function's sentence is shown, and Start is offered again."""
    body = {"code": "terminal_failed", "message": "No room for another terminal."}
    tenant.refusals["POST", "/terminals"] = (502, {"error": body})
    site.sign_in("terminal.html")
    tenant.terminal = {"status": "ERROR", "message": "No room for another terminal."}

    site.page.get_by_role("button", name="Start", exact=True).click()

    alert = site.page.get_by_role("alert")
    expect(alert.get_by_text("No room for another terminal.")).to_be_visible()
    expect(site.page.get_by_role("status").filter(has_text="ERROR")).to_be_visible()
    expect(site.page.get_by_role("button", name="Start", exact=True)).to_be_enabled()
    site.page.screenshot(path=screens / "terminal-error.png")
