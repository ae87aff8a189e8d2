"""Somebody at the editor, with a program in the home that does not compile."""

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

HEAT = b"""\
#include <stdio.h>

/* One step of the heat equation. */
static double step(double *grid, int cells)
{
    double largest = 0.0;
    for (int i = 1; i < cells - 1; i++) {
        double next = 0.5 * (grid[i - 1] + grid[i + 1]);
        largest += next - grid[i]
        grid[i] = next;
    }
    return largest;
}

int main(void)
{
    double grid[64] = {[32] = 100.0};
    int unused = 'x';
    printf("step %d: %f\\n", 1, step(grid, 64));
    return 0;
}
"""


def complaint(line: int | None, column: int | None, **changes: Any) -> dict[str, Any]:
    """Return a complaint about the program as the service answers it."""
    place = {"file": "heat.c", "path": "src/heat.c", "line": line, "column": column}
    said = {"severity": "warning", "message": "", "option": "", "notes": []}
    return place | said | changes


UNUSED = {"message": "unused variable 'unused'", "option": "-Wunused-variable"}
DIAGNOSTICS = [
    complaint(18, 9, **UNUSED),
    complaint(
        9,
        34,
        severity="error",
        message="expected ';' before 'grid'",
        notes=[complaint(7, 41, message="to match this '{'")],
    ),
    complaint(1, 5, file="grid.h", path="src/grid.h", message="unused"),
    complaint(
        None,
        None,
        file="",
        path="",
        severity="error",
        message="undefined reference to 'sqrt'",
    ),
]


@dataclass
class Editor:
    """A page with the editor, and what people do there."""

    site: Any
    heat: bytes = HEAT

    @property
    def page(self) -> Page:
        """The browser's page."""
        page: Page = self.site.page
        return page

    @property
    def text(self) -> Locator:
        """The text, by the label that a screen reader reads."""
        return self.page.get_by_role("textbox", name="Text of")

    @property
    def state(self) -> Locator:
        """The line that says whether everything is saved."""
        return self.page.locator("#state")

    def open(self, rest: str) -> Locator:
        """Sign in, open a file and return its text."""
        self.site.sign_in(f"edit.html#{rest}")
        expect(self.text).to_be_visible()
        return self.text

    def type_at_start(self, text: str) -> None:
        """Type in front of everything."""
        self.text.focus()
        self.page.keyboard.press("Control+Home")
        self.page.keyboard.insert_text(text)

    def save(self) -> None:
        """Press Save, and wait until it is done."""
        self.page.get_by_role("button", name="Save", exact=True).click()
        expect(self.state).to_have_text("Everything is saved.")


@pytest.fixture(name="editor")
def _editor(site: Any, tenant: Any) -> Editor:
    """Put a program and a note into the home."""
    tenant.files = {
        "src/heat.c": HEAT,
        "src/grid.h": b"int unused;\n",
        "notes.txt": b"one\ntwo\n",
    }
    tenant.folders = {"src"}
    return Editor(site)


@pytest.fixture(name="complaints")
def _complaints(tenant: Any, make_job: Any) -> None:
    """Have a job that failed with things to mend."""
    tenant.jobs = {
        "8": make_job("8", status="FAILED", exit_code=1, diagnostics_available=True)
    }
    tenant.diagnostics = {"diagnostics": DIAGNOSTICS, "truncated": False}
