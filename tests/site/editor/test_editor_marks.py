"""What a compiler said about a file, in the editor in Chromium."""

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.usefixtures("complaints")]


def test_complaints_are_marked_in_the_text_and_listed_below(editor: Any) -> None:
    """A mark in the gutter, one in the text with its message, an entry that jumps."""
    editor.open("path=src/heat.c&line=9&column=33&job=8")
    page = editor.page
    expect(page.locator(".cm-lint-marker-error")).to_have_count(1)
    expect(page.locator(".cm-lint-marker-warning")).to_have_count(1)
    expect(page.locator(".cm-lintRange-warning")).to_have_text("unused")
    expect(page.locator("#complaints h2")).to_have_text(
        "Compiler: 1 error, 1 warning in this file"
    )

    page.locator(".cm-lintRange-warning").hover()
    expect(page.locator(".cm-tooltip-lint")).to_contain_text(
        "unused variable 'unused' [-Wunused-variable]"
    )
    page.get_by_role("link", name="heat.c:18:9").click()

    expect(page.locator(".cm-activeLineGutter").first).to_have_text("18")
    expect(editor.text).to_be_focused()


def test_marks_move_with_their_text(editor: Any) -> None:
    """After lines were added above, an entry leads to where its text is now."""
    editor.open("path=src/heat.c&job=8")
    editor.type_at_start("// one\n// two\n")

    editor.page.get_by_role("link", name="heat.c:18:9").click()

    expect(editor.page.locator(".cm-activeLineGutter").first).to_have_text("20")


def test_marks_and_places_move_with_restored_text(editor: Any) -> None:
    """What a compiler said of the saved file stays with its words in unsaved text."""
    editor.open("path=src/heat.c&line=18&column=9&job=8")
    editor.type_at_start("// one\n// two\n")
    expect(editor.state).to_contain_text("This browser keeps the text")
    editor.page.on("dialog", lambda dialog: dialog.accept())

    editor.page.reload()

    expect(editor.page.locator("#note")).to_contain_text("is here again")
    expect(editor.page.locator(".cm-lintRange-warning")).to_have_text("unused")
    expect(editor.page.locator(".cm-activeLineGutter").first).to_have_text("20")


def test_an_entry_brings_its_line_into_a_small_window(editor: Any) -> None:
    """On a phone the editor is above the list, and a click scrolls to it."""
    editor.page.set_viewport_size({"width": 360, "height": 600})
    editor.open("path=src/heat.c&job=8")

    editor.page.get_by_role("link", name="heat.c:18:9").click()

    expect(editor.page.locator(".cm-lintRange-warning")).to_be_in_viewport()


def test_f8_goes_from_one_complaint_to_the_next(editor: Any) -> None:
    """The key goes to the next mark, shows its message, and begins anew at the end."""
    text = editor.open("path=src/heat.c&job=8")
    expect(editor.page.locator(".cm-lint-marker-error")).to_be_visible()
    text.focus()
    line = editor.page.locator(".cm-activeLineGutter").first
    for number in ("9", "18", "9"):
        editor.page.keyboard.press("F8")
        expect(line).to_have_text(number)
    expect(editor.page.locator(".cm-tooltip-lint")).to_contain_text("expected ';'")


def test_notes_and_other_files_are_links_that_keep_the_job(editor: Any) -> None:
    """A note jumps within the file; another file opens with what was said of it."""
    editor.open("path=src/heat.c&job=8")
    page = editor.page
    page.get_by_role("link", name="heat.c:7:41").click()
    expect(page.locator(".cm-activeLineGutter").first).to_have_text("7")
    expect(page.locator("#complaints")).to_contain_text("undefined reference to 'sqrt'")

    page.get_by_role("link", name="grid.h:1:5").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("grid.h")
    expect(page.locator("#complaints h2")).to_have_text(
        "Compiler: 1 warning in this file"
    )
    expect(page.locator(".cm-lint-marker-warning")).to_have_count(1)


def test_compile_again_saves_first_and_fills_in_the_form(
    editor: Any, tenant: Any
) -> None:
    """The form is as the job was made; what is compiled is what was typed."""
    editor.open("path=src/heat.c&job=8")
    expect(editor.page.get_by_role("link", name="Compile again")).to_be_visible()
    editor.type_at_start("// Mended.\n")

    editor.page.get_by_role("link", name="Save and compile again").click()

    source = editor.page.get_by_label("Source file")
    expect(source).to_have_value("src/heat.c")
    command = editor.page.get_by_label("Compiler command")
    expect(command).to_have_value("gcc -O2 -fopenmp")
    assert tenant.files["src/heat.c"].startswith(b"// Mended.\n")


def test_without_a_job_a_program_leads_to_compile(editor: Any) -> None:
    """A C file that nobody compiled yet has the way to the form."""
    editor.open("path=src/heat.c")

    editor.page.get_by_role("link", name="Compile", exact=True).last.click()

    expect(editor.page.get_by_label("Source file")).to_have_value("src/heat.c")


def test_a_job_that_is_gone_leaves_the_editor_at_work(editor: Any) -> None:
    """The file opens all the same, and the reason is told."""
    editor.open("path=src/heat.c&line=9&job=gone")

    expect(editor.page.get_by_text("There is no such job.")).to_be_visible()
    expect(editor.page.locator(".cm-activeLineGutter").first).to_have_text("9")
    expect(editor.page.locator("#complaints")).to_be_hidden()


def test_the_page_of_a_job_leads_here(editor: Any) -> None:
    """A place on the job's page opens the editor there, with the job's marks."""
    editor.site.sign_in("history.html#job=8")

    editor.page.get_by_role("link", name="heat.c:18:9").click()

    expect(editor.page.locator(".cm-lint-marker-warning")).to_have_count(1)
    expect(editor.page.locator(".cm-activeLineGutter").first).to_have_text("18")
