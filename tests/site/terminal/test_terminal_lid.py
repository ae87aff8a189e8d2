"""A lid is closed while output goes on, and opened ten minutes later.

A proxy plays the dead line: it stops forwarding without closing anything, so that
the page's socket looks as alive as one does after a sleep.
"""

import contextlib
import re
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from webterm.testing import RunningServer

pytestmark = pytest.mark.needs("chromium")

CHUNK = 65_536
LINES = 200
# Less than the terminal keeps to scroll back to.
FLOOD = 9_000
FILLED = """height => {
  const { terminal } = document.querySelector("ipt-terminal-screen");
  return terminal.buffer.active.length > height;
}"""
# The clock jumps and the page is shown again, as after a sleep of ten minutes;
# returns how long it takes until more is on the screen.
WAKE = """jump => new Promise((done) => {
  const { terminal } = document.querySelector("ipt-terminal-screen");
  const { active } = terminal.buffer;
  const height = () => active.length + active.cursorY;
  const before = height();
  const now = Date.now;
  Date.now = () => now() + jump;
  const start = performance.now();
  document.dispatchEvent(new Event("visibilitychange"));
  const look = () => {
    if (height() > before) { done(performance.now() - start); }
    else { setTimeout(look, 2); }
  };
  look();
})"""


class Line:
    """Forwards connections to a port, until it is cut; those made later are whole."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._cut = threading.Event()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self) -> None:
        """Let nothing more through on the connections that there are; close none."""
        self._cut.set()
        self._cut = threading.Event()

    def close(self) -> None:
        """End everything."""
        for each in (self._listener, *self._open):
            # A thread may be waiting in it.
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
                self._open += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(
                        target=self._forward, args=(one, other, self._cut), daemon=True
                    ).start()

    @staticmethod
    def _forward(
        one: socket.socket, other: socket.socket, cut: threading.Event
    ) -> None:
        with contextlib.suppress(OSError):
            while (data := one.recv(CHUNK)) and not cut.is_set():
                other.sendall(data)
            if not cut.is_set():
                other.shutdown(socket.SHUT_WR)


@pytest.fixture(name="line")
def _line(server: RunningServer, terminals: Any) -> Iterator[Line]:
    """Put a line that can be cut between the page and its terminal."""
    line = Line(server.port)
    terminals.serve(server, line.port)
    yield line
    line.close()


def numbers_in(text: str) -> list[int]:
    """Return the numbers that the shell printed, as the screen has them."""
    return [int(each) for each in re.findall(r"^n-(\d+)$", text, re.MULTILINE)]


def start_counting(site: Any, open_shell: Any) -> Any:
    """Return a shell that prints numbered lines, and is in the middle of them."""
    site.page.set_default_timeout(20_000)
    shell = open_shell()
    shell.type(f"for i in $(seq {LINES}); do echo n-$i; sleep .01; done; echo al''l")
    shell.wait_for("\nn-20\n")
    return shell


def test_a_lid_that_was_closed_for_ten_minutes_costs_nothing(
    line: Line, site: Any, open_shell: Any
) -> None:
    """Within a second of waking the page goes on, with each line once and in order."""
    shell = start_counting(site, open_shell)

    line.cut()
    site.page.wait_for_timeout(1500)
    expect(site.page.get_by_text("Connected", exact=True)).to_be_visible()
    took = site.page.evaluate(WAKE, 600_000)

    assert took <= 1000
    shell.connected()
    assert numbers_in(shell.wait_for("\nall")) == list(range(1, LINES + 1))
    # The page types again, although the server may still hold its dead connection.
    shell.type("echo aw''ake")
    shell.wait_for("\nawake")


def test_a_dead_line_is_found_without_a_sleep_when_the_tab_is_shown(
    line: Line, site: Any, open_shell: Any
) -> None:
    """A connection that gives no sign of life is made anew within a blink or two."""
    shell = start_counting(site, open_shell)

    line.cut()
    took = site.page.evaluate(WAKE, 0)

    assert took <= 2500
    assert numbers_in(shell.wait_for("\nall")) == list(range(1, LINES + 1))


def test_a_flood_that_is_cut_and_cut_again_is_shown_once_and_in_order(
    line: Line, site: Any, open_shell: Any
) -> None:
    """Cuts in the middle of much output lose and double nothing."""
    site.page.set_default_timeout(20_000)
    site.complaints_allowed = True  # the browser itself tells of a line that is cut
    shell = open_shell()
    shell.type(f"for i in $(seq {FLOOD}); do echo n-$i; done; echo al''l")
    for height in (1_000, 3_000, 6_000):
        site.page.wait_for_function(FILLED, arg=height)
        line.cut()
        site.page.evaluate("() => window.dispatchEvent(new Event('online'))")

    text = shell.wait_for("\nall")
    assert numbers_in(text) == list(range(1, FLOOD + 1))
    assert "are missing here" not in text
