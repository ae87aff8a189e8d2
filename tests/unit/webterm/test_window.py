"""A client says how much may be on its way to it."""

import json

import pytest

from webterm.protocol import BadFrame, Resize, encode_position, read_hello
from webterm.ring import Ring
from webterm.viewer import WINDOW_BYTES, Viewer


class FakeOutlet:
    """A connection that takes everything and counts the output."""

    busy = False

    def __init__(self) -> None:
        self.bytes = 0

    def send_text(self, text: str) -> None:
        """Take a text frame."""
        del text

    def send_bytes(self, *parts: bytes) -> None:
        """Take an output frame."""
        self.bytes += sum(map(len, parts)) - len(encode_position(0))

    def close(self, code: int, reason: str) -> None:
        """End nothing."""
        del code, reason


def hello(**values: object) -> str:
    """Return a first frame."""
    size = {"rows": 24, "columns": 80}
    return json.dumps({"type": "hello", "version": 1, "ticket": "t", **size, **values})


@pytest.mark.parametrize("window", [65_536, 100_000, 1 << 20])
def test_no_more_than_the_window_is_on_its_way(window: int) -> None:
    """A client that asks for little is sent little; nobody gets more than the most."""
    ring = Ring(1 << 20)
    outlet = FakeOutlet()
    frame = read_hello(hello(window=window))
    viewer = Viewer(outlet, ring, seen=0, size=Resize(24, 80), window=frame.window)
    ring.append(b"y" * (1 << 20))

    viewer.start()

    assert outlet.bytes == min(window, WINDOW_BYTES)


def test_who_names_no_window_gets_the_most() -> None:
    """Programs read quickly and say nothing of it."""
    assert read_hello(hello()).window == 1 << 20


@pytest.mark.parametrize("window", [0, 65_535, (1 << 20) + 1, "65536", True, None])
def test_a_window_out_of_range_is_refused(window: object) -> None:
    """Too little would let nothing through, too much costs memory."""
    with pytest.raises(BadFrame, match="window"):
        read_hello(hello(window=window))
