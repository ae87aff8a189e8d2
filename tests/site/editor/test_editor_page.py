"""The editor in Chromium: type and save, by hand and by keyboard, in every look."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.needs("chromium")

SCREENS = Path(__file__).resolve().parents[3] / "test-output" / "screens"
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"scheme": "light", "width": 1280},
    "dark": {"scheme": "dark", "width": 1280},
    "narrow": {"scheme": "light", "width": 360},
    # A window of 1280 pixels at 200 %.
    "large": {"scheme": "dark", "width": 640},
}
OVERFLOW = "() => document.documentElement.scrollWidth - window.innerWidth"
LINE_COLOURS = """content => [...content.querySelectorAll(".cm-line span")]
    .map(span => getComputedStyle(span).color)"""


def test_a_file_is_changed_and_saved(editor: Any, tenant: Any) -> None:
    """What is typed lies in the home after Save, and a reload shows it."""
    text = editor.open("path=src/heat.c")
    expect(text).to_contain_text("One step of the heat equation.")
    expect(editor.state).to_have_text("Everything is saved.")

    editor.type_at_start("// Mended.\n")
    expect(editor.state).to_have_text(
        "Not saved yet. This browser keeps the text meanwhile."
    )
    expect(editor.page).to_have_title("● heat.c · IPT on the Web")
    editor.save()

    assert tenant.files["src/heat.c"] == b"// Mended.\n" + editor.heat
    expect(editor.page).to_have_title("heat.c · IPT on the Web")
    editor.page.reload()
    expect(text).to_contain_text("// Mended.")
    expect(editor.page.locator("#note")).to_be_empty()


def test_control_s_saves_wherever_the_focus_is(editor: Any, tenant: Any) -> None:
    """The key works in the text and beside it, and saves once."""
    editor.open("path=notes.txt")
    editor.type_at_start("zero\n")
    editor.page.keyboard.press("Control+s")
    expect(editor.state).to_have_text("Everything is saved.")
    assert tenant.files["notes.txt"] == b"zero\none\ntwo\n"
    assert len(tenant.requests("/uploads")) == 1

    editor.page.get_by_role("button", name="Find").focus()
    editor.page.keyboard.press("Control+s")

    expect(editor.state).to_have_text("Everything is saved.")
    assert len(tenant.requests("/uploads")) == 1


def test_the_ends_of_lines_stay_what_they_were(editor: Any, tenant: Any) -> None:
    """A file of Windows is one after it was saved, pasted lines included."""
    tenant.files["notes.txt"] = b"one\r\ntwo\r\n"
    text = editor.open("path=notes.txt")
    text.click()
    editor.page.keyboard.press("Control+Home")
    editor.page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.setData("text/plain", "a\\r\\nb\\n");
          document.querySelector("ipt-code-editor").shadowRoot
            .querySelector(".cm-content")
            .dispatchEvent(new ClipboardEvent("paste",
              { clipboardData: data, bubbles: true, cancelable: true }));
        }"""
    )
    editor.save()

    assert tenant.files["notes.txt"] == b"a\r\nb\r\none\r\ntwo\r\n"


def test_c_has_colours_in_both_schemes_and_other_text_has_none(editor: Any) -> None:
    """Words of C differ by colour, and the colours follow the scheme of the page."""
    text = editor.open("path=src/heat.c")
    expect(text).to_contain_text("return 0;")
    editor.page.emulate_media(color_scheme="light")
    light = set(text.evaluate(LINE_COLOURS))
    editor.page.emulate_media(color_scheme="dark")
    dark = set(text.evaluate(LINE_COLOURS))

    assert len(light) >= 5
    assert len(dark) >= 5
    assert not light & dark
    editor.page.evaluate("location.hash = 'path=notes.txt'")
    expect(text).to_contain_text("two")
    assert text.evaluate(LINE_COLOURS) == []


def test_everything_works_by_keyboard(editor: Any, tenant: Any) -> None:
    """Tab indents in the text; Escape and then Tab leaves it, Shift+Tab backwards."""
    text = editor.open("path=notes.txt")
    keyboard = editor.page.keyboard
    editor.page.get_by_label("Wrap long lines").focus()
    keyboard.press("Tab")
    expect(text).to_be_focused()
    described = text.evaluate(
        "box => box.getRootNode().getElementById(box.getAttribute('aria-describedby'))"
        ".textContent"
    )
    assert "Escape, then Tab" in described

    keyboard.press("Tab")
    keyboard.type("x")
    keyboard.press("ArrowDown")
    keyboard.press("Shift+ArrowDown")
    keyboard.press("Tab")
    keyboard.press("Control+s")
    expect(editor.state).to_have_text("Everything is saved.")
    assert tenant.files["notes.txt"] == b"    xone\n    two\n"

    keyboard.press("Escape")
    keyboard.press("Shift+Tab")
    expect(editor.page.get_by_label("Wrap long lines")).to_be_focused()
    keyboard.press("Tab")
    keyboard.press("Escape")
    keyboard.press("Tab")
    expect(text).not_to_be_focused()
    expect(editor.page.get_by_role("link", name="How it works")).to_be_focused()


def test_undo_redo_find_and_replace(editor: Any, tenant: Any) -> None:
    """Buttons undo and redo; what is found is replaced."""
    text = editor.open("path=notes.txt")
    editor.type_at_start("zero ")
    editor.page.get_by_role("button", name="Undo").click()
    expect(text).not_to_contain_text("zero")
    expect(text).to_be_focused()
    editor.page.get_by_role("button", name="Redo").click()
    expect(text).to_contain_text("zero one")

    editor.page.get_by_role("button", name="Find").click()
    editor.page.get_by_label("Find", exact=True).fill("two")
    editor.page.get_by_label("Replace", exact=True).fill("three")
    editor.page.get_by_role("button", name="replace all").click()
    editor.page.keyboard.press("Escape")
    editor.save()

    assert tenant.files["notes.txt"] == b"zero one\nthree\n"


def test_a_link_leads_to_its_line(editor: Any) -> None:
    """The line and column of the address are gone to, again when they change."""
    editor.open("path=src/heat.c&line=18&column=9")
    line = editor.page.locator(".cm-activeLineGutter").first
    expect(line).to_have_text("18")
    expect(editor.text).to_be_focused()
    editor.page.keyboard.type("NOT_")
    expect(editor.text).to_contain_text("int NOT_unused")

    editor.page.evaluate("location.hash = 'path=src/heat.c&line=3'")
    expect(line).to_have_text("3")
    expect(editor.text).to_contain_text("NOT_unused")

    editor.page.get_by_role("button", name="Go to line").click()
    number = editor.page.get_by_label("Line", exact=True)
    expect(number).to_have_value("3")
    number.fill("x")
    editor.page.keyboard.press("Enter")
    expect(editor.page.get_by_text("Give the number of a line.")).to_be_visible()
    number.fill("5")
    editor.page.keyboard.press("Enter")
    expect(line).to_have_text("5")
    expect(editor.text).to_be_focused()
    editor.page.evaluate("location.hash = 'path=src/heat.c&line=9999'")
    expect(line).to_have_text("22")


def test_brackets_that_match_are_marked(editor: Any, tenant: Any) -> None:
    """The cursor at a bracket marks it and its other half; one alone is not blamed."""
    tenant.files["src/heat.c"] = b"int main(void)\n{\n    return (0;\n}\n"
    editor.open("path=src/heat.c&line=2")
    pair = editor.page.locator(".cm-matchingBracket")
    expect(pair).to_have_count(2)
    editor.page.evaluate("location.hash = 'path=src/heat.c&line=3&column=12'")

    expect(pair).to_have_count(0)
    expect(editor.page.locator(".cm-nonmatchingBracket")).to_have_count(0)


def test_files_leads_to_the_editor_and_back(editor: Any, tenant: Any) -> None:
    """Text files have Edit; a new one is written, saved, and lies in the folder."""
    tenant.files |= {"src/heat": b"\x7fELF\0", "src/grid.h": b"int grid;\n"}
    editor.site.sign_in("files.html#path=src")
    page = editor.page
    expect(page.get_by_role("button", name="Download heat", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Edit heat", exact=True)).to_have_count(0)
    page.get_by_role("link", name="Edit grid.h").click()
    expect(editor.text).to_contain_text("int grid;")
    page.get_by_role("link", name="~/src").click()

    page.get_by_role("button", name="New text file").click()
    page.get_by_label("Name", exact=True).fill("new.c")
    page.get_by_role("button", name="Write it").click()
    expect(editor.state).to_have_text("A new file: Save makes it.")
    editor.type_at_start("int main;\n")
    editor.save()

    assert tenant.files["src/new.c"] == b"int main;\n"
    page.get_by_role("link", name="~/src").click()
    expect(page.get_by_role("link", name="Edit new.c")).to_be_visible()


def test_without_a_file_the_page_asks_for_one(editor: Any) -> None:
    """A path is typed, and a bad one is refused in words."""
    editor.site.sign_in("edit.html")
    field = editor.page.get_by_label("File", exact=True)
    field.fill("src/")
    editor.page.keyboard.press("Enter")
    expect(editor.page.get_by_text("Give the name of a file.")).to_be_visible()

    field.fill("~/src/heat.c")
    editor.page.keyboard.press("Enter")

    expect(editor.text).to_contain_text("heat equation")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("big.txt", b"x" * (2 * 1024 * 1024 + 1), "big.txt is too large to be edited"),
        ("heat", b"\x7fELF\0\1", "heat is not text"),
        ("old.txt", "café".encode("latin-1"), "old.txt is not text, or not text in"),
    ],
)
def test_what_cannot_be_edited_is_downloaded(
    editor: Any, tenant: Any, name: str, content: bytes, reason: str
) -> None:
    """Too large and not text say so, and offer the file itself."""
    tenant.files[name] = content
    editor.site.sign_in(f"edit.html#path={name}")
    expect(editor.page.get_by_text(reason)).to_be_visible()
    expect(editor.text).to_be_hidden()

    with editor.page.expect_download() as download:
        editor.page.get_by_role("button", name="Download").click()

    assert download.value.suggested_filename == name
    assert Path(download.value.path()).read_bytes() == content


def test_a_file_that_cannot_be_read_can_be_tried_again(
    editor: Any, tenant: Any
) -> None:
    """The reason is told, and the way out is a button."""
    refusal = {"code": "upstream_unavailable", "message": "The storage is away."}
    tenant.refusals["GET", "/downloads"] = (503, {"error": refusal})
    editor.site.sign_in("edit.html#path=src/heat.c")
    expect(editor.page.get_by_text("The storage is away.")).to_be_visible()
    expect(editor.state).to_have_text("heat.c could not be read.")

    tenant.refusals.clear()
    editor.page.get_by_role("button", name="Try again").click()

    expect(editor.text).to_contain_text("heat equation")
    expect(editor.page.get_by_text("The storage is away.")).to_have_count(0)


@pytest.mark.usefixtures("complaints")
def test_the_page_fits_in_every_look(editor: Any) -> None:
    """Nothing scrolls sideways but the text itself; a picture of each look is kept."""
    editor.open("path=src/heat.c&line=9&column=16&job=8")
    expect(editor.page.get_by_role("heading", level=1)).to_have_count(1)
    expect(editor.page.locator("#complaints")).to_contain_text("1 error, 1 warning")
    SCREENS.mkdir(parents=True, exist_ok=True)

    overflow = {}
    for look, settings in LOOKS.items():
        editor.page.emulate_media(color_scheme=settings["scheme"])
        height = 450 if look == "large" else 900
        editor.page.set_viewport_size({"width": settings["width"], "height": height})
        overflow[look] = editor.page.evaluate(OVERFLOW)
        path = SCREENS / f"edit-{look}.png"
        editor.page.screenshot(path=path, full_page=True, animations="disabled")

    assert {look: over for look, over in overflow.items() if over > 0} == {}
