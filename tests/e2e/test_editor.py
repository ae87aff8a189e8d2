"""From what a compiler complained about to a program that compiles, in the pages."""

import secrets
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

pytestmark = [
    pytest.mark.needs("chromium", "bubblewrap", "gcc"),
    pytest.mark.timeout(120),
]

SITE = "files/v2/download/ipt/system/ipt.site/site"
FAULTY = b"int main(void) {\n\tint n = 1;\n\treturn m;\n}\n"
REQUEST = {
    "kind": "compile",
    "system": "local",
    "command": "gcc -Wall",
    "source": "faulty one.c",
    "output": "faulty",
    "files": [],
    "modules": [],
}


@pytest.fixture(name="ada")
def _ada(page: Page, stack: Any) -> Page:
    """Sign Ada in at the page."""
    page.goto(stack.url)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(stack.passwords["ada"])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    return page


def download(user: Any, path: str) -> str:
    """Return the text of a file of the home."""
    source = user.ask("files", "GET", "/downloads", query={"path": path})
    answer = requests.get(source["url"], headers=user.headers, timeout=60)
    return answer.content.decode()


def test_a_compile_error_is_mended_in_the_editor(ada: Page, stack: Any) -> None:
    """Failed job, click, the marked word, mend, save, compile again: it compiles."""
    user = stack.user("ada")
    user.upload("faulty one.c", FAULTY)
    body = REQUEST | {"request_id": secrets.token_hex(6)}
    job = user.ask("job-submit", "POST", "/jobs", body)["id"]
    ada.goto(f"{stack.url}/{SITE}/history.html#job={job}")
    ada.get_by_role("link", name="faulty one.c:3:16").first.click(timeout=60_000)

    text = ada.get_by_role("textbox", name="Text of faulty one.c")
    expect(text).to_be_focused()
    expect(ada.locator(".cm-activeLineGutter").first).to_have_text("3")
    expect(ada.locator(".cm-lintRange-error")).to_have_text("m")
    ada.keyboard.press("Delete")
    ada.keyboard.type("n - 1")
    ada.get_by_role("link", name="Save and compile again").click()
    expect(ada.get_by_label("Source file")).to_have_value("faulty one.c")
    ada.get_by_role("button", name="Compile", exact=True).click()

    finished = ada.get_by_role("status").filter(has_text="FINISHED")
    expect(finished).to_be_visible(timeout=60_000)


def test_a_file_is_made_and_changed_by_two(ada: Page, stack: Any) -> None:
    """A new file lies in the home; what somebody else put there meanwhile is seen."""
    user = stack.user("ada")
    ada.goto(f"{stack.url}/{SITE}/edit.html#path=written.txt")
    state = ada.locator("#state")
    expect(state).to_have_text("A new file: Save makes it.")
    ada.get_by_role("textbox", name="Text of written.txt").focus()
    ada.keyboard.insert_text("grün\n")
    ada.keyboard.press("Control+s")
    expect(state).to_have_text("Everything is saved.")
    assert download(user, "written.txt") == "grün\n"

    user.upload("written.txt", b"theirs\n")
    ada.keyboard.insert_text("mine\n")
    ada.keyboard.press("Control+s")
    dialog = ada.get_by_role("dialog", name="written.txt was changed elsewhere")
    dialog.get_by_role("button", name="Overwrite").click()

    expect(state).to_have_text("Everything is saved.")
    assert download(user, "written.txt") == "grün\nmine\n"
