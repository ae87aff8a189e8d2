"""Bad input at the pages: the error stands where it was made, and nothing is lost."""

import json
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

pytestmark = [
    pytest.mark.needs("chromium", "bubblewrap", "gcc"),
    pytest.mark.timeout(120),
]

SITE = "files/v2/download/ipt/system/ipt.site/site"
READ_SESSION = "() => JSON.parse(sessionStorage.getItem('ipt.session'))"
CHANGE_SESSION = """changes => {
  const session = JSON.parse(sessionStorage.getItem("ipt.session"));
  sessionStorage.setItem("ipt.session", JSON.stringify({ ...session, ...changes }));
}"""
# Two presses before the page has drawn anything in between.
PRESS_TWICE = "button => { button.click(); button.click(); }"


def answer_sign_in(page: Page, name: str, password: str) -> None:
    """Fill in the tenant's sign-in page, and send it."""
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def open_page(page: Page, stack: Any, name: str) -> None:
    """Go to a page of the site."""
    page.goto(f"{stack.url}/{SITE}/{name}")


@pytest.fixture(name="ada")
def _ada(page: Page, stack: Any) -> Page:
    """Sign Ada in at the page."""
    page.goto(stack.url)
    page.get_by_role("button", name="Sign in").click()
    answer_sign_in(page, "ada", stack.passwords["ada"])
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    return page


def fill_compile(page: Page, **values: str) -> dict[str, str]:
    """Fill in the compile form; returns what each label should still say later."""
    filled = {
        "Compiler command": values.get("command", "gcc -O2"),
        "Source file": values.get("source", "heat.c"),
        "Output file": "mine",
        "Additional files": "samples",
        "Arguments": "-lm -O1",
    }
    for label, text in filled.items():
        page.get_by_label(label, exact=True).fill(text)
    return filled


def expect_kept(page: Page, filled: dict[str, str]) -> None:
    """Everything typed is still there."""
    for label, text in filled.items():
        expect(page.get_by_label(label, exact=True)).to_have_value(text)


def test_a_wrong_password_is_told_at_the_form(page: Page, stack: Any) -> None:
    """The sign-in page says so, keeps the user name, and takes the right password."""
    page.goto(stack.url)
    page.get_by_role("button", name="Sign in").click()

    answer_sign_in(page, "ada", "not-the-password")

    expect(page.get_by_role("alert")).to_contain_text("password")
    expect(page.get_by_label("Username")).to_have_value("ada")
    expect(page.get_by_label("Password")).to_have_value("")
    answer_sign_in(page, "ada", stack.passwords["ada"])
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_a_command_with_a_semicolon_is_refused_at_its_field(
    ada: Page, stack: Any
) -> None:
    """The error stands next to the command, nothing typed is lost, no job is made."""
    open_page(ada, stack, "compile.html")
    filled = fill_compile(ada, command="gcc -O2; touch owned")

    ada.get_by_role("button", name="Compile", exact=True).click()

    command = ada.get_by_label("Compiler command")
    refusal = "no shell would read this ';'"
    expect(ada.locator("#fault-command")).to_contain_text(refusal)
    expect(command).to_be_focused()
    expect(command).to_have_attribute("aria-invalid", "true")
    expect_kept(ada, filled)
    open_page(ada, stack, "history.html")
    expect(ada.get_by_role("heading", name="History")).to_be_visible()
    expect(ada.get_by_text("touch owned")).to_have_count(0)


def test_a_program_that_does_not_compile_shows_where_and_can_be_sent_again(
    ada: Page, stack: Any
) -> None:
    """FAILED with the compiler's own words, and a link back to the filled form."""
    stack.user("ada").upload("wrong.c", b"int main(void) {\n  return x;\n}\n")
    open_page(ada, stack, "compile.html")
    ada.get_by_label("Compiler command").fill("gcc -Wall")
    ada.get_by_label("Source file").fill("wrong.c")
    ada.get_by_label("Output file").fill("wrong")

    ada.get_by_role("button", name="Compile", exact=True).click()

    expect(ada.get_by_role("status").filter(has_text="FAILED")).to_be_visible()
    expect(ada.get_by_role("heading", level=1)).to_have_text("Compile wrong")
    expect(ada.get_by_label("Standard error")).to_contain_text("wrong.c:2")
    expect(ada.get_by_label("Standard error")).to_contain_text("undeclared")
    ada.get_by_role("link", name="Change and send again").click()
    expect(ada.get_by_label("Compiler command")).to_have_value("gcc -Wall")
    expect(ada.get_by_label("Source file")).to_have_value("wrong.c")
    expect(ada.get_by_label("Output file")).to_have_value("wrong")


def test_a_garbage_token_is_renewed_unseen(ada: Page, stack: Any) -> None:
    """The page works on with a new token, and nobody is asked to sign in."""
    before = ada.evaluate(READ_SESSION)["accessToken"]
    ada.evaluate(CHANGE_SESSION, {"accessToken": "garbage"})

    open_page(ada, stack, "files.html")

    expect(ada.locator("#listing")).to_have_attribute("aria-busy", "false")
    expect(ada.get_by_role("alert")).to_have_text("")
    assert ada.evaluate(READ_SESSION)["accessToken"] not in {"garbage", before}


def test_a_garbage_session_leads_to_sign_in_and_back_to_the_form(
    ada: Page, stack: Any
) -> None:
    """Sign-in is asked for once, and the compile form is as it was left."""
    open_page(ada, stack, "compile.html")
    filled = fill_compile(ada)
    garbage = {"accessToken": "garbage", "session": "garbage"}
    ada.evaluate(CHANGE_SESSION, garbage)

    ada.get_by_role("button", name="Compile", exact=True).click()

    expect(ada.get_by_text("Your session has ended.")).to_be_visible()
    assert ada.evaluate(READ_SESSION) is None
    ada.get_by_role("button", name="Sign in").click()
    # The tenant itself may still know who sits there.
    name, form = ada.get_by_label("Username"), ada.get_by_label("Source file")
    expect(name.or_(form)).to_be_visible()
    if name.is_visible():
        answer_sign_in(ada, "ada", stack.passwords["ada"])
    expect(ada.get_by_role("heading", name="Compile")).to_be_visible()
    expect_kept(ada, filled)


def test_start_pressed_twice_quickly_gives_one_terminal(ada: Page, stack: Any) -> None:
    """Two presses here and two in another tab: one terminal, and both tabs see it."""
    other = ada.context.new_page()
    session = json.dumps(ada.evaluate(READ_SESSION))
    open_page(other, stack, "logo.svg")
    other.evaluate("text => sessionStorage.setItem('ipt.session', text)", session)
    asked: list[str] = []
    ada.on("request", lambda request: asked.append(str(request.post_data)))
    for page in (ada, other):
        open_page(page, stack, "terminal.html")
        start = page.get_by_role("button", name="Start", exact=True)
        expect(start).to_be_enabled()

    for page in (ada, other):
        page.get_by_role("button", name="Start", exact=True).evaluate(PRESS_TWICE)

    for page in (ada, other):
        expect(page.get_by_text("Connected", exact=True)).to_be_visible()
    assert sum('"START"' in text for text in asked) == 1
    folders = [path.name for path in (stack.data / "terminals").glob("ada-*")]
    assert folders == ["ada-dev-IPT"]
    watching = [page.get_by_text("this one watches.") for page in (ada, other)]
    for _ in range(100):
        if sum(text.is_visible() for text in watching) == 1:
            break
        ada.wait_for_timeout(100)
    # Each terminal has one tab that types: were there two, nobody would watch.
    assert sum(text.is_visible() for text in watching) == 1
    ada.get_by_role("button", name="Stop", exact=True).click()
    ada.get_by_role("button", name="Stop it").click()
    expect(ada.get_by_role("status").filter(has_text="STOPPED")).to_be_visible()


@pytest.mark.parametrize("name", ["../escaped.c", "nul\0l.c"])
def test_an_upload_with_a_hostile_name_is_refused(
    ada: Page, stack: Any, name: str
) -> None:
    """The reason stands next to the file, and nothing is written."""
    open_page(ada, stack, "files.html")
    file: FilePayload = {"name": "x.c", "mimeType": "text/plain", "buffer": b"x"}
    rename = "(_, name) => Object.defineProperty(File.prototype, 'name', {value: name})"
    ada.locator("ipt-file-upload").evaluate(rename, name)

    ada.get_by_label("Upload files").set_input_files([file])

    fault = ada.locator(".uploads .fault")
    expect(fault).to_contain_text("name")
    assert not list(stack.data.rglob("escaped.c"))
    assert not list(stack.data.rglob("nul*l.c"))
