"""The terminal page with a real terminal server behind it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Locator, Page, expect

from webterm.testing import RunningServer, run_server

BUFFER: Final = """() => {
  const { terminal } = document.querySelector("ipt-terminal-screen");
  const buffer = terminal.buffer.active;
  const lines = [];
  for (let row = 0; row < buffer.length; row += 1) {
    const line = buffer.getLine(row);
    const text = line.translateToString(true);
    if (line.isWrapped) { lines[lines.length - 1] += text; } else { lines.push(text); }
  }
  return lines.join("\\n").trimEnd();
}"""


@dataclass
class Shell:
    """A tab with the terminal page in it, as a person uses it."""

    page: Page

    def type(self, line: str) -> None:
        """Type a line at the shell."""
        self.page.locator(".xterm-helper-textarea").focus()
        self.page.keyboard.type(line)
        self.page.keyboard.press("Enter")

    def text(self) -> str:
        """Return everything that the terminal shows or has scrolled away."""
        return str(self.page.evaluate(BUFFER))

    def wait_for(self, text: str) -> str:
        """Wait until the terminal shows a text; return everything it shows."""
        self.page.wait_for_function(f"text => ({BUFFER})().includes(text)", arg=text)
        return self.text()

    def button(self, name: str) -> Locator:
        """Return the button of exactly that name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def connected(self) -> None:
        """Wait until the page is connected."""
        expect(self.page.get_by_text("Connected", exact=True)).to_be_visible()


@dataclass
class Terminals:
    """Terminal servers that the double of the tenant hands out tickets for."""

    tenant: Any
    folder: Path

    def serve(self, server: RunningServer, port: int = 0) -> None:
        """Have the tenant speak of this server, at another port where one is given."""
        self.tenant.make_ticket = partial(server.ticket, self.tenant.origin)
        self.tenant.started = {
            "status": "READY",
            "url": f"ws://127.0.0.1:{port or server.port}/",
            "launch": server.launch.launch,
        }

    def run(self, **changes: Any) -> AbstractContextManager[RunningServer]:
        """Run a terminal of Ada's, with another launch where `changes` say so."""
        values = {
            "user": "ada",
            "name": "ada-dev-IPT",
            "origins": (self.tenant.origin,),
        }
        return run_server(self.folder, **(values | changes))


@pytest.fixture(name="terminals")
def _terminals(tenant: Any, tmp_path: Path) -> Terminals:
    """Give the tenant somewhere to find terminals."""
    return Terminals(tenant, tmp_path)


@pytest.fixture(name="server")
def _server(terminals: Terminals) -> Iterator[RunningServer]:
    """Run the one terminal that Start leads to."""
    with terminals.run() as server:
        terminals.serve(server)
        yield server


@pytest.fixture(name="shell")
def _shell(site: Any) -> Shell:
    """Give the first tab; the page is not open yet."""
    return Shell(site.page)


@pytest.fixture(name="open_shell")
def _open_shell(site: Any, shell: Shell) -> Callable[..., Shell]:
    """Return what opens the page and presses Start."""

    def open_shell(address: str = "terminal.html") -> Shell:
        site.sign_in(address)
        shell.button("Start").click()
        shell.connected()
        return shell

    return open_shell


@pytest.fixture(name="screens")
def _screens() -> Path:
    """Return where pictures are kept."""
    screens = Path(__file__).resolve().parents[3] / "test-output" / "screens"
    screens.mkdir(parents=True, exist_ok=True)
    return screens
