"""Our end of RFC 6455 against the `websockets` library's, and the cases of Autobahn."""

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from webterm.frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    FrameError,
    FrameReader,
    Message,
)

MOST = 1000
MASK = b"\x12\x34\x56\x78"


@dataclass(frozen=True)
class Raw:
    """A frame as somebody sends it, good or bad."""

    kind: int
    data: bytes = b""
    final: bool = True
    reserved: int = 0
    masked: bool = True

    def encode(self, extra: int = 0) -> bytes:
        """Return its bytes, with a length that is longer than it need be."""
        length = len(self.data)
        form = max(extra, 0 if length < 126 else 1 if length < 1 << 16 else 2)
        first = self.final << 7 | self.reserved << 4 | self.kind
        head = bytes([first, self.masked << 7 | [length, 126, 127][form]])
        if form:
            head += length.to_bytes([0, 2, 8][form], "big")
        if not self.masked:
            return head + self.data
        mask = MASK * (length // 4 + 1)
        return head + MASK + bytes(a ^ b for a, b in zip(self.data, mask, strict=False))


def ours(pieces: list[bytes]) -> tuple[list[Message], int]:
    """Return the messages we find before we refuse or are closed, and the code."""
    reader = FrameReader(MOST)
    found: list[Message] = []
    try:
        for piece in pieces:
            reader.feed(piece)
            while (message := reader.read()) is not None:
                if message.kind == CLOSE:
                    return found, int.from_bytes(message.data[:2], "big") or 1005
                if message.kind == TEXT:
                    _ = message.text
                found.append(message)
    except FrameError as error:
        return found, error.code
    return found, 0


def theirs(stream: bytes) -> tuple[list[Message], int]:
    """Return the same of the library."""
    protocol = ServerProtocol(state=OPEN, max_size=MOST)
    protocol.receive_data(stream)
    found: list[Message] = []
    kind, parts = CONTINUATION, b""
    for event in protocol.events_received():
        assert isinstance(event, Frame)
        if event.opcode is Opcode.CLOSE:
            break
        if event.opcode >= CLOSE:
            found.append(Message(event.opcode, bytes(event.data)))
            continue
        kind = event.opcode or kind
        parts += event.data
        if event.fin:
            try:
                if kind == TEXT:
                    parts.decode()
            except UnicodeDecodeError:
                return found, 1007
            found.append(Message(kind, parts))
            parts = b""
    # The library complains of a close between the parts of a message; it may be there.
    told = protocol.close_rcvd or protocol.close_sent
    return found, told.code if told else 0


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    """Return a stream in pieces."""
    edges = sorted({0, len(stream), *(place % (len(stream) + 1) for place in places)})
    return [stream[a:b] for a, b in pairwise(edges)]


DATA = st.binary(max_size=140) | st.text(max_size=50).map(str.encode)
GOOD = st.builds(
    Raw,
    st.sampled_from([CONTINUATION, TEXT, BINARY, PING, PONG]),
    DATA,
    st.booleans(),
)
CLOSES = st.builds(
    lambda code, reason: Raw(CLOSE, code.to_bytes(2, "big") + reason),
    st.integers(990, 1020) | st.integers(0, 65535),
    st.binary(max_size=10) | st.just(b""),
)
BAD = st.builds(
    Raw,
    st.integers(0, 15),
    st.binary(max_size=1100),
    st.booleans(),
    st.sampled_from([0, 0, 0, 1, 4]),
    st.sampled_from([True, True, False]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(GOOD | CLOSES | BAD, max_size=8), st.lists(st.integers(0, 10**4)))
@example([Raw(TEXT, b"a", final=False), Raw(PING), Raw(CONTINUATION, b"b")], [])
@example([Raw(TEXT, b"\xce", final=False), Raw(CONTINUATION, b"\xba")], [3])
def test_both_read_the_same(frames: list[Raw], places: list[int]) -> None:
    """Whatever comes, and however it is cut, two readings of the standard agree."""
    stream = b"".join(frame.encode() for frame in frames)

    assert ours(cut(stream, places)) == theirs(stream)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.lists(st.integers(0, 10**4)))
def test_noise_is_read_alike_however_it_is_cut(noise: bytes, places: list[int]) -> None:
    """Bytes of no meaning never do more than get refused."""
    assert ours(cut(noise, places)) == ours([noise])


@pytest.mark.parametrize("extra", [1, 2])
def test_lengths_are_as_short_as_can_be(extra: int) -> None:
    """One length has one form (section 5.2)."""
    assert ours([Raw(BINARY, b"x" * 5).encode(extra)]) == ([], 1002)
    assert ours([Raw(PING, b"x" * 5).encode(extra)]) == ([], 1002)
    assert ours([Raw(BINARY, b"x" * 200).encode(2)]) == ([], 1002)


def test_length_beyond_every_number_is_refused_by_its_head() -> None:
    """Nobody waits for 2^64 - 1 bytes."""
    assert ours([b"\x82\xff" + b"\xff" * 8]) == ([], 1009)


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"", 1005),
        (b"\x03", 1002),
        (b"\x03\xe8", 1000),
        (b"\x03\xe8" + b"x" * 123, 1000),
        (b"\x03\xe8" + b"x" * 124, 1002),
        (b"\x03\xe8\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80", 1007),
        *((code.to_bytes(2, "big"), code) for code in (1001, 1003, 1007, 1011, 1014)),
        *((code.to_bytes(2, "big"), code) for code in (3000, 3999, 4000, 4999)),
        *((code.to_bytes(2, "big"), 1002) for code in (0, 999, 1004, 1005, 1006)),
        *((code.to_bytes(2, "big"), 1002) for code in (1015, 1016, 1100, 2000, 2999)),
        *((code.to_bytes(2, "big"), 1002) for code in (5000, 65535)),
    ],
)
def test_close_says_only_what_may_be_said(payload: bytes, code: int) -> None:
    """Autobahn's section 7: codes, reasons, and what is none."""
    assert ours([Raw(CLOSE, payload).encode()]) == ([], code)


@pytest.mark.parametrize(
    "text",
    [
        "κόσμε",
        "\U0010ffff",
        "\ufffe",
        "Hello-µ@ßöäüàá-UTF-8!!",
    ],
)
def test_good_text_may_be_cut_anywhere(text: str) -> None:
    """Autobahn's section 6: characters cut between frames, and between bytes."""
    data = text.encode()
    frames = [Raw(TEXT, data[:1], final=False)]
    frames += [Raw(CONTINUATION, data[at : at + 1], final=False) for at in range(1, 30)]
    stream = b"".join(f.encode() for f in [*frames, Raw(CONTINUATION)])

    assert ours(cut(stream, list(range(len(stream))))) == ([(TEXT, data[:30])], 0)


@pytest.mark.parametrize(
    "data",
    [b"\xce\xba\xe1", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80", b"\xf8\x88"],
)
def test_bad_text_is_refused(data: bytes) -> None:
    """Half characters, surrogates, long forms, and what is beyond Unicode."""
    assert ours([Raw(TEXT, data).encode()]) == ([], 1007)
