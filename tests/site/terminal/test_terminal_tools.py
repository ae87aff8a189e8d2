"""The tools above the terminal, by keys and by buttons."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.usefixtures("server")]

INPUT = ".xterm-helper-textarea"
PASTE = """text => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  document.querySelector(".xterm-helper-textarea").dispatchEvent(
    new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""
OPTION = "name => document.querySelector('ipt-terminal-screen').terminal.options[name]"
# Old readline knows no brackets; a shell without line editing is the plain case.
LINES = "for i in $(seq 30); do echo row-$i Heat; done; echo the-e''nd"


@pytest.fixture(name="clipboard")
def _clipboard(site: Any) -> Iterator[None]:
    """Give the page the clipboard, as a person's click on a prompt would."""
    site.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield
    site.page.context.clear_permissions()


def test_find_goes_through_the_output_and_gives_the_focus_back(
    site: Any, open_shell: Any
) -> None:
    """Ctrl+Shift+F finds the newest first, counts, goes on and back; Esc ends it."""
    shell = open_shell()
    shell.type(LINES)
    shell.wait_for("\nthe-end")
    # While output comes the addon itself looks again, 0.2 s after it.
    site.page.wait_for_timeout(400)

    site.page.keyboard.press("Control+Shift+KeyF")
    field = site.page.get_by_role("searchbox", name="Find in the output")
    expect(field).to_be_focused()
    field.fill("row-2")
    count = site.page.locator("#find-count")
    # row-2 and row-20 to row-29.
    expect(count).to_have_text("11 of 11")
    shell.button("Previous").click()
    expect(count).to_have_text("10 of 11")
    field.press("Enter")
    expect(count).to_have_text("11 of 11")
    field.press("Shift+Enter")
    expect(count).to_have_text("10 of 11")

    field.fill("row-3 heat")
    expect(count).to_have_text("1 of 1")
    site.page.get_by_label("Match case").check()
    expect(count).to_have_text("Not found")
    field.press("Escape")

    expect(field).to_be_hidden()
    expect(site.page.locator(INPUT)).to_be_focused()
    shell.type("echo on-a''gain")
    shell.wait_for("\non-again")


def test_find_opens_from_anywhere_on_the_page_and_returns_there(
    site: Any, open_shell: Any
) -> None:
    """The key works outside the terminal, too, and Close gives the focus back."""
    shell = open_shell()
    shell.button("Restart").focus()

    site.page.keyboard.press("Control+Shift+KeyF")
    site.page.get_by_role("searchbox").fill("")
    expect(site.page.locator("#find-count")).to_have_text("")
    shell.button("Close").click()

    expect(shell.button("Restart")).to_be_focused()


def test_letters_grow_by_keys_and_buttons_and_stay_so(
    site: Any, open_shell: Any
) -> None:
    """The size is told, changes the rows that the shell has, and is kept."""
    shell = open_shell()
    rows = "() => document.querySelector('ipt-terminal-screen').terminal.rows"
    before = site.page.evaluate(rows)
    site.page.locator(INPUT).focus()
    for _ in range(3):
        site.page.keyboard.press("Control+Shift+Equal")
    assert site.page.evaluate(OPTION, "fontSize") == 17
    site.page.keyboard.press("Control+Shift+Minus")
    assert site.page.evaluate(OPTION, "fontSize") == 16

    shell.button("Settings").click()
    expect(site.page.locator("#size")).to_have_text("16 px")
    shell.button("Larger letters").click()
    assert site.page.evaluate(rows) < before
    site.page.reload()
    shell.connected()
    assert site.page.evaluate(OPTION, "fontSize") == 17

    site.page.locator(INPUT).focus()
    site.page.keyboard.press("Control+Shift+Digit0")
    assert site.page.evaluate(OPTION, "fontSize") == 14


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_terminal_may_be_dark_on_a_light_page_and_the_other_way_round(
    site: Any, open_shell: Any, scheme: Any
) -> None:
    """The chosen colours hold against the system's, are kept, and can be given up."""
    site.page.emulate_media(color_scheme=scheme)
    grounds = {"light": "rgb(251, 252, 253)", "dark": "rgb(11, 16, 21)"}
    other = "dark" if scheme == "light" else "light"
    ground = (
        "() => document.querySelector('ipt-terminal-screen')"
        ".terminal.options.theme.background"
    )
    shell = open_shell()
    assert site.page.evaluate(ground) == grounds[scheme]
    shell.button("Settings").click()
    site.page.get_by_label("Colours").select_option(other)
    assert site.page.evaluate(ground) == grounds[other]
    frame = site.page.locator("ipt-terminal-screen .frame")
    expect(frame).to_have_css("background-color", grounds[other])

    site.page.reload()
    shell.connected()
    assert site.page.evaluate(ground) == grounds[other]
    shell.button("Settings").click()
    site.page.get_by_label("Colours").select_option("system")

    assert site.page.evaluate(ground) == grounds[scheme]


def test_the_settings_open_and_close_by_the_keyboard(
    site: Any, open_shell: Any
) -> None:
    """Enter opens them, Esc closes them, and how much is kept above can be chosen."""
    shell = open_shell()
    button = shell.button("Settings")
    button.focus()
    site.page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    site.page.get_by_label("Lines kept above").select_option("100000")
    assert site.page.evaluate(OPTION, "scrollback") == 100_000

    site.page.keyboard.press("Escape")

    expect(
        site.page.get_by_role("group", name="Settings of the terminal")
    ).to_be_hidden()
    expect(button).to_be_focused()


def test_several_lines_are_pasted_only_after_a_yes(site: Any, open_shell: Any) -> None:
    """Where the shell would run each line, the page shows them and asks first."""
    shell = open_shell()

    site.page.evaluate(PASTE, "echo fir''st\necho sec''ond\n")
    dialog = site.page.get_by_role("dialog", name="Paste 2 lines?")
    expect(dialog).to_contain_text("echo fir''st")
    expect(dialog.get_by_role("button", name="Do not paste")).to_be_focused()
    site.page.keyboard.press("Escape")
    site.page.evaluate(PASTE, "echo sin''gle\n")
    text = shell.wait_for("\nsingle")
    assert "first" not in text

    site.page.evaluate(PASTE, "echo fir''st\necho sec''ond\n")
    dialog.get_by_role("button", name="Paste", exact=True).click()

    shell.wait_for("second")


def test_a_program_that_brackets_pastes_gets_them_without_a_question(
    site: Any, open_shell: Any
) -> None:
    """Bracketed lines go at once, in brackets that the paste itself cannot leave."""
    shell = open_shell()
    shell.type(r"stty -echo; printf '\e[?2004hgo\n'; cat -v")
    shell.wait_for("\ngo")

    site.page.evaluate(PASTE, "one\x1b[201~\ntwo")
    site.page.keyboard.press("Enter")

    shell.wait_for("^[[200~one[201~\ntwo^[[201~")
    site.page.keyboard.press("Control+c")


@pytest.mark.usefixtures("clipboard")
def test_the_paste_button_reads_the_clipboard_and_copy_fills_it(
    site: Any, open_shell: Any
) -> None:
    """Copy takes what is marked, by button and key; Paste gives it to the shell."""
    shell = open_shell()
    shell.button("Copy").click()
    expect(site.page.get_by_text("Nothing is marked in the terminal.")).to_be_visible()
    shell.type("echo cop''ied-text")
    shell.wait_for("\ncopied-text")
    mark = """() => {
      const { terminal } = document.querySelector("ipt-terminal-screen");
      const buffer = terminal.buffer.active;
      for (let row = 0; row < buffer.length; row += 1) {
        if (buffer.getLine(row).translateToString(true) === "copied-text") {
          terminal.select(0, row, 6);
        }
      }
    }"""
    site.page.evaluate(mark)
    site.page.locator(INPUT).focus()
    site.page.keyboard.press("Control+Shift+KeyC")
    read = "() => navigator.clipboard.readText()"
    assert site.page.evaluate(read) == "copied"

    site.page.evaluate("() => navigator.clipboard.writeText(\"echo pas''ted\")")
    shell.button("Paste").click()
    shell.wait_for("echo pas''ted")
    site.page.keyboard.press("Enter")

    shell.wait_for("\npasted")


def test_a_clipboard_that_is_not_given_is_told_with_the_way_out(
    site: Any, open_shell: Any
) -> None:
    """Without the permission the Paste button names the key that needs none."""
    shell = open_shell()

    shell.button("Paste").click()

    expect(site.page.get_by_text("Press Ctrl+Shift+V")).to_be_visible()


def test_full_screen_has_a_way_back_and_leaves_esc_to_the_shell(
    site: Any, open_shell: Any
) -> None:
    """Only the tools and the screen remain; Esc is typed, and the button ends it."""
    shell = open_shell()
    rows = "() => document.querySelector('ipt-terminal-screen').terminal.rows"
    before = site.page.evaluate(rows)

    shell.button("Full screen").click()
    expect(site.page.get_by_role("heading", name="Terminal")).to_be_hidden()
    site.page.wait_for_function(f"before => ({rows})() > before", arg=before)
    many = site.page.evaluate(rows)
    shell.type("cat -v")
    site.page.keyboard.press("Escape")
    site.page.keyboard.press("Enter")
    shell.wait_for("\n^[")
    shell.button("Leave full screen").click()

    expect(site.page.get_by_role("heading", name="Terminal")).to_be_visible()
    site.page.wait_for_function(f"many => ({rows})() < many", arg=many)
    site.page.locator(INPUT).focus()
    site.page.keyboard.press("Control+c")


def test_the_keys_are_listed_in_a_dialog(site: Any, open_shell: Any) -> None:
    """Keys opens at its beginning, also where it is long; closing gives focus back."""
    site.page.set_viewport_size({"width": 360, "height": 600})
    shell = open_shell()
    shell.button("Keys").click()
    dialog = site.page.get_by_role("dialog", name="Keys of the terminal")
    expect(dialog).to_contain_text("Leave the terminal")
    assert dialog.evaluate("it => it.scrollHeight > it.clientHeight")
    assert dialog.evaluate("it => it.scrollTop") == 0

    site.page.keyboard.press("Escape")

    expect(dialog).to_have_count(0)
    expect(shell.button("Keys")).to_be_focused()


@pytest.mark.parametrize("width", [360, 640])
def test_every_tool_can_be_reached_by_tab_on_a_narrow_page(
    site: Any, open_shell: Any, width: int
) -> None:
    """Nothing overflows at 360 pixels, nor at 200 %, and each tool has its turn."""
    site.page.set_viewport_size({"width": width, "height": 800})
    shell = open_shell()
    shell.button("Settings").click()
    over = "() => document.documentElement.scrollWidth - window.innerWidth"
    assert site.page.evaluate(over) <= 0

    shell.button("Find").focus()
    names = []
    for _ in range(8):
        names.append(site.page.evaluate("() => document.activeElement.innerText"))
        site.page.keyboard.press("Tab")

    tools = ["Find", "Copy", "Paste", "Upload", "Full screen", "Settings", "Keys"]
    assert names[:7] == tools


def test_a_notification_is_wished_for_by_a_click_and_needs_the_browsers_leave(
    site: Any, open_shell: Any
) -> None:
    """Without the permission the switch stays off; with it, it is kept."""
    shell = open_shell()
    shell.button("Settings").click()
    switch = site.page.get_by_label("Notify me before the terminal is ended")
    switch.click()
    expect(switch).not_to_be_checked()

    site.page.context.grant_permissions(["notifications"])
    switch.click()
    expect(switch).to_be_checked()
    site.page.reload()
    expect(switch).to_be_checked()
    site.page.context.clear_permissions()
