"""The editor in Chromium when something goes wrong: no text is lost."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Dialog, expect

pytestmark = pytest.mark.needs("chromium")

MINE = "// Mine.\n"
THEIRS = b"// Theirs.\n"
KEPT = "Not saved yet. This browser keeps the text meanwhile."


@pytest.fixture(name="changed")
def _changed(editor: Any, tenant: Any) -> Any:
    """Open a file, change it, and have somebody else change it too."""
    editor.open("path=src/heat.c")
    editor.type_at_start(MINE)
    tenant.files["src/heat.c"] = THEIRS
    editor.page.get_by_role("button", name="Save", exact=True).click()
    expect(
        editor.page.get_by_role("dialog", name="heat.c was changed elsewhere")
    ).to_be_visible()
    return editor


def answer(editor: Any, name: str) -> None:
    """Press a button of the dialog."""
    editor.page.get_by_role("dialog").get_by_role("button", name=name).click()


def test_a_change_of_somebody_else_is_not_overwritten_unasked(
    changed: Any, tenant: Any
) -> None:
    """Escape goes on editing; Overwrite is another click."""
    changed.page.keyboard.press("Escape")
    expect(changed.page.get_by_role("dialog")).to_have_count(0)
    expect(changed.state).to_have_text(KEPT)
    assert tenant.files["src/heat.c"] == THEIRS

    changed.page.keyboard.press("Control+s")
    answer(changed, "Overwrite")

    expect(changed.state).to_have_text("Everything is saved.")
    assert tenant.files["src/heat.c"] == MINE.encode() + changed.heat


def test_their_text_is_shown_and_undo_brings_mine_back(
    changed: Any, tenant: Any
) -> None:
    """Show theirs opens what lies there; nothing is written."""
    answer(changed, "Show theirs")
    expect(changed.text).to_have_text("// Theirs.")
    expect(changed.state).to_have_text("Everything is saved.")

    changed.page.get_by_role("button", name="Undo").click()
    expect(changed.text).to_contain_text("// Mine.")
    expect(changed.state).to_have_text(KEPT)
    changed.save()

    assert tenant.files["src/heat.c"] == MINE.encode() + changed.heat


def test_both_texts_are_kept_under_two_names(changed: Any, tenant: Any) -> None:
    """Save as asks before a third file is replaced, and goes on with the new one."""
    tenant.files["src/mine.c"] = b"older\n"
    answer(changed, "Save as")
    changed.page.get_by_label("Path in your home").fill("~/src/mine.c")
    answer(changed, "Save")
    answer(changed, "Replace")

    expect(changed.state).to_have_text("Everything is saved.")
    expect(changed.page.get_by_role("heading", level=1)).to_have_text("mine.c")
    assert tenant.files["src/mine.c"] == MINE.encode() + changed.heat
    assert tenant.files["src/heat.c"] == THEIRS
    expect(changed.page).to_have_url(re.compile(r"edit\.html#path=src%2Fmine\.c$"))
    changed.page.reload()
    expect(changed.text).to_contain_text("// Mine.")
    expect(changed.page.locator("#note")).to_be_empty()


def test_a_file_that_was_deleted_is_made_again(editor: Any, tenant: Any) -> None:
    """The page says that it is gone, and makes it again when told to."""
    editor.open("path=notes.txt")
    editor.type_at_start("zero\n")
    del tenant.files["notes.txt"]

    editor.page.get_by_role("button", name="Save", exact=True).click()
    expect(editor.page.get_by_role("dialog", name="notes.txt is gone")).to_be_visible()
    answer(editor, "Make it again")

    expect(editor.state).to_have_text("Everything is saved.")
    assert tenant.files["notes.txt"] == b"zero\none\ntwo\n"


def test_a_new_file_that_somebody_else_made_is_asked_about(
    editor: Any, tenant: Any
) -> None:
    """What came into being meanwhile is not replaced by a new file."""
    editor.open("path=new.txt")
    expect(editor.state).to_have_text("A new file: Save makes it.")
    editor.type_at_start("mine")
    tenant.files["new.txt"] = THEIRS

    editor.page.get_by_role("button", name="Save", exact=True).click()

    dialog = editor.page.get_by_role("dialog", name="There is a new.txt already")
    expect(dialog).to_be_visible()
    assert tenant.files["new.txt"] == THEIRS


def test_unsaved_text_is_there_after_a_reload(editor: Any, tenant: Any) -> None:
    """It comes back with its time; the saved file is one click away, and so is undo."""
    editor.open("path=src/heat.c")
    editor.type_at_start(MINE)
    expect(editor.state).to_have_text(KEPT)
    editor.page.on("dialog", lambda dialog: dialog.accept())

    editor.page.reload()
    expect(editor.text).to_contain_text("// Mine.")
    expect(
        editor.page.get_by_text("is here again; it is not saved yet")
    ).to_be_visible()
    expect(editor.state).to_have_text(KEPT)

    editor.page.get_by_role("button", name="Show the saved file instead").click()
    expect(editor.text).not_to_contain_text("// Mine.")
    expect(editor.state).to_have_text("Everything is saved.")
    assert tenant.files["src/heat.c"] == editor.heat
    editor.page.reload()
    expect(editor.state).to_have_text("Everything is saved.")
    expect(editor.page.locator("#note")).to_be_empty()


def test_unsaved_text_outlives_the_tab(editor: Any) -> None:
    """A tab that vanished without a word leaves its text to the next one."""
    editor.open("path=src/heat.c")
    editor.type_at_start(MINE)
    expect(editor.state).to_have_text(KEPT)
    vanished = editor.page
    editor.site.page = vanished.context.new_page()
    vanished.close()

    text = editor.open("path=src/heat.c")

    expect(text).to_contain_text("// Mine.")


def test_restored_text_does_not_hide_what_others_saved(
    editor: Any, tenant: Any
) -> None:
    """Text that began with an older file says so, and its save asks."""
    editor.open("path=notes.txt")
    editor.type_at_start("mine\n")
    expect(editor.state).to_have_text(KEPT)
    tenant.files["notes.txt"] = THEIRS
    editor.page.on("dialog", lambda dialog: dialog.accept())
    editor.page.reload()
    expect(editor.page.get_by_text("was changed elsewhere in the mean")).to_be_visible()

    editor.page.get_by_role("button", name="Save", exact=True).click()

    expect(editor.page.get_by_role("dialog", name="changed elsewhere")).to_be_visible()
    assert tenant.files["notes.txt"] == THEIRS


def test_leaving_with_unsaved_text_warns(editor: Any) -> None:
    """The browser asks before the page is left; who stays has the text."""
    editor.open("path=src/heat.c")
    editor.type_at_start(MINE)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    editor.page.on("dialog", stay)
    editor.page.get_by_role("link", name="History").click()
    expect(editor.text).to_contain_text("// Mine.")

    assert asked == ["beforeunload"]
    editor.save()
    editor.page.get_by_role("link", name="History").click()
    expect(editor.page.get_by_role("heading", name="History")).to_be_visible()
    assert asked == ["beforeunload"]


def test_another_file_in_the_same_tab_asks_first(editor: Any) -> None:
    """Stay keeps the file and its address; Leave keeps the text for later."""
    editor.open("path=src/heat.c")
    editor.type_at_start(MINE)
    editor.page.evaluate("location.hash = 'path=notes.txt'")
    answer(editor, "Stay")
    expect(editor.text).to_contain_text("// Mine.")
    expect(editor.page).to_have_url(re.compile(r"#path=src%2Fheat\.c$"))

    editor.page.evaluate("location.hash = 'path=notes.txt'")
    answer(editor, "Leave")
    expect(editor.text).to_contain_text("two")
    editor.page.evaluate("location.hash = 'path=src/heat.c'")

    expect(editor.text).to_contain_text("// Mine.")


def test_a_lost_sign_in_costs_no_text(editor: Any, tenant: Any) -> None:
    """Whoever was signed out while saving signs in, and goes on with the same text."""
    editor.site.complaints_allowed = True
    editor.open("path=src/heat.c")
    editor.type_at_start(MINE)
    tenant.tokens, tenant.can_refresh = set(), False
    editor.page.get_by_role("button", name="Save", exact=True).click()
    expect(editor.page.get_by_text("Your session has ended.")).to_be_visible()
    expect(editor.page).to_have_url(re.compile(r"next=edit\.html"))

    tenant.tokens = {"token-1"}
    editor.page.get_by_role("button", name="Sign in").first.click()

    expect(editor.text).to_contain_text("// Mine.")
    editor.save()
    assert tenant.files["src/heat.c"] == MINE.encode() + editor.heat


def test_a_refused_save_says_why_and_can_be_repeated(editor: Any, tenant: Any) -> None:
    """The reason is told, the text stays unsaved, and Save works when it is over."""
    editor.open("path=notes.txt")
    editor.type_at_start("zero\n")
    refusal = {"code": "forbidden", "message": "The storage does not let you do that."}
    tenant.refusals["POST", "/uploads"] = (403, {"error": refusal})
    editor.page.get_by_role("button", name="Save", exact=True).click()
    alert = editor.page.get_by_text("The storage does not let you do that.")
    expect(alert).to_be_visible()
    expect(editor.state).to_have_text(KEPT)

    tenant.refusals.clear()
    editor.save()

    assert tenant.files["notes.txt"] == b"zero\none\ntwo\n"
    expect(alert).to_have_count(0)


def test_a_browser_without_room_says_so(editor: Any) -> None:
    """Text that cannot be kept is named as such, so that it is saved soon."""
    editor.open("path=notes.txt")
    editor.page.evaluate(
        """() => {
          let piece = "x".repeat(1 << 20);
          for (let at = 0; piece; at += 1) {
            try { localStorage.setItem(`full${at}`, piece); }
            catch { piece = piece.slice(1, piece.length / 2); }
          }
        }"""
    )

    editor.type_at_start("zero\n" * 20)

    expect(editor.state).to_contain_text("this browser has no room to keep the text")


def test_another_tab_with_the_same_file_is_told_about(editor: Any) -> None:
    """Two tabs that change one file know of each other."""
    editor.open("path=notes.txt")

    editor.page.evaluate(
        """() => dispatchEvent(new StorageEvent("storage",
          { key: 'ipt.edit.["ada","notes.txt"]', newValue: "{}" }))"""
    )

    expect(editor.page.get_by_text("in another tab of this browser")).to_be_visible()


def test_text_whose_file_became_something_else_is_downloaded(
    editor: Any, tenant: Any
) -> None:
    """A file that is a program now has no editor, but its unsaved text is there."""
    editor.open("path=notes.txt")
    editor.type_at_start("zero\n")
    expect(editor.state).to_have_text(KEPT)
    tenant.files["notes.txt"] = b"\0"
    editor.page.on("dialog", lambda dialog: dialog.accept())
    editor.page.reload()

    with editor.page.expect_download() as download:
        editor.page.get_by_role("button", name="Download your unsaved text").click()

    assert Path(download.value.path()).read_bytes() == b"zero\none\ntwo\n"
