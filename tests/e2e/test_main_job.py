"""The whole job, as a person does it in a browser, by visible labels and roles."""

import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = [
    pytest.mark.needs("chromium", "bubblewrap", "gcc"),
    pytest.mark.timeout(240),
]

SCREENS = Path(__file__).resolve().parents[2] / "test-output" / "main-job"
BUFFER = """() => {
  const buffer = document.querySelector("ipt-terminal-screen").terminal.buffer.active;
  const lines = [];
  for (let row = 0; row < buffer.length; row += 1) {
    lines.push(buffer.getLine(row).translateToString(true));
  }
  return lines.join("\\n");
}"""


class Person:
    """Somebody at the browser: clicks what can be seen, and looks at it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._shots = 0
        SCREENS.mkdir(parents=True, exist_ok=True)

    def look(self, name: str) -> None:
        """Keep a screenshot."""
        self._shots += 1
        path = SCREENS / f"{self._shots:02d}-{name}.png"
        self.page.screenshot(path=path, full_page=True)

    def go(self, tab: str) -> None:
        """Follow a tab of the header."""
        self.page.get_by_role("link", name=tab, exact=True).first.click()
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()

    def press(self, button: str) -> None:
        """Press a button by its label."""
        self.page.get_by_role("button", name=button, exact=True).click()

    def fill(self, label: str, text: str) -> None:
        """Write into the field of a label."""
        self.page.get_by_label(label, exact=True).fill(text)

    def wait_for_status(self, status: str) -> None:
        """Wait until the status chip says so."""
        chip = self.page.get_by_role("status").filter(has_text=status)
        expect(chip.first).to_be_visible(timeout=60_000)

    def type(self, text: str) -> None:
        """Type into the terminal, key by key, and press Enter."""
        self.page.locator(".xterm-helper-textarea").focus()
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def screen(self) -> str:
        """Read the terminal's buffer."""
        text: str = self.page.evaluate(BUFFER)
        return text

    def wait_for_text(self, pattern: str, timeout_s: float = 30) -> str:
        """Wait until the terminal shows a text."""
        deadline = time.monotonic() + timeout_s
        while True:
            text = self.screen()
            if re.search(pattern, text, re.MULTILINE):
                return text
            assert time.monotonic() < deadline, f"no {pattern!r} in:\n{text}"
            self.page.wait_for_timeout(100)


def sign_in(person: Person, stack: Any) -> None:
    """From the front page through the tenant's sign-in page, and back."""
    person.page.goto(stack.url)
    expect(person.page.get_by_role("button", name="Sign in").first).to_be_visible()
    person.look("front")
    person.page.get_by_role("button", name="Sign in").first.click()
    expect(person.page.get_by_label("Username")).to_be_visible()
    person.look("sign-in")
    person.fill("Username", "ada")
    person.fill("Password", stack.passwords["ada"])
    person.press("Sign in")
    expect(person.page.get_by_role("button", name="Sign out")).to_be_visible()


def parallelize(person: Person) -> None:
    """Press Enter at each question of `ipt parallelize heat.c`, for its suggestion."""
    person.type("clear; ipt parallelize heat.c")
    answered = 0
    deadline = time.monotonic() + 60
    while "Written: heat_omp.c" not in (text := person.screen()):
        assert time.monotonic() < deadline, text
        if len(re.findall(r"^Answer \[", text, re.MULTILINE)) > answered:
            person.type("")
            answered += 1
        person.page.wait_for_timeout(50)
    assert answered > 3
    person.wait_for_text(r"\$ ?$")


def read_output(person: Person) -> str:
    """The text of the region labelled *Standard output*."""
    region = person.page.get_by_label("Standard output")
    expect(region).not_to_be_empty(timeout=30_000)
    text: str = region.inner_text()
    return text


def serial_output(home: Path, folder: Path) -> str:
    """What the serial program prints, compiled and run right here."""
    program = folder / "serial"
    subprocess.run(["gcc", "-O2", home / "heat.c", "-lm", "-o", program], check=True)
    done = subprocess.run([program], capture_output=True, text=True, check=True)
    return done.stdout


def test_a_person_does_the_main_job(page: Page, own_stack: Any, tmp_path: Path) -> None:
    """From sign-in over ipt, Compile and Run to a downloaded file, and out again."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    person = Person(page)
    sign_in(person, own_stack)

    person.go("Terminal")
    person.press("Start")
    person.wait_for_status("READY")
    person.wait_for_text(r"\$ ?$")
    person.look("terminal")
    parallelize(person)
    person.look("parallelized")

    person.go("Compile")
    person.look("compile")
    person.fill("Compiler command", "gcc -fopenmp -O2")
    person.fill("Source file", "heat_omp.c")
    person.fill("Output file", "heat")
    person.press("Compile")
    person.wait_for_status("FINISHED")
    person.look("compiled")
    page.get_by_role("link", name="Run this program").click()
    expect(page.get_by_label("Program", exact=True)).to_have_value(re.compile("heat"))
    person.fill("Threads", "2")
    person.look("run")
    person.press("Run")
    person.wait_for_status("FINISHED")
    shown = read_output(person)
    person.look("ran")
    home = own_stack.data / "storage" / "ipt.storage" / "ada"
    expected = serial_output(home, tmp_path)
    assert expected.strip() in shown

    person.go("History")
    rows = page.get_by_role("row").filter(has_text="FINISHED")
    expect(rows).to_have_count(2)
    person.look("history")

    person.go("Files")
    expect(page.get_by_text("heat_omp.c").first).to_be_visible()
    person.look("files")
    with page.expect_download() as download:
        page.get_by_label("Download heat_omp.c").click()
    saved = tmp_path / "saved.c"
    download.value.save_as(saved)
    assert "#pragma omp parallel for" in saved.read_text()

    person.go("Help")
    person.look("help")
    person.go("Terminal")
    person.wait_for_status("READY")
    person.press("Stop")
    person.press("Stop it")
    person.wait_for_status("STOPPED")
    person.look("stopped")
    person.press("Sign out")
    expect(page.get_by_role("button", name="Sign in").first).to_be_visible()
    person.look("signed-out")
    assert problems == []
