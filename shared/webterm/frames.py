"""WebSocket frames as a server reads and writes them (RFC 6455, sections 5 and 7.4).

No extensions; every message is small, so that it is kept whole.
"""

from typing import Final, NamedTuple

CONTINUATION: Final = 0
TEXT: Final = 1
BINARY: Final = 2
CLOSE: Final = 8
PING: Final = 9
PONG: Final = 10

FINAL_BIT = 0x80
RESERVED_BITS = 0x70
OPCODE_BITS = 0x0F
MASK_BIT = 0x80
LENGTH_BITS = 0x7F
LENGTH_IN_2 = 126
LENGTH_IN_8 = 127
MOST_CONTROL_BYTES = 125
MASK_BYTES = 4
# Bytes before the mask: kind and length, without and with a length in two bytes.
LEAST_HEAD = 2
SHORT_HEAD = 4
# Nobody cuts so small a message into so many parts but to keep a server busy.
MOST_PARTS = 64

PROTOCOL_ERROR = 1002
NOT_UTF8 = 1007
TOO_LARGE = 1009
CODE_BYTES = 2
# What may be sent: the registered codes but those that stand for no code at all,
# and those of libraries and applications.
CLOSE_CODES = frozenset({1000, 1001, 1002, 1003, *range(1007, 1015)})
LIBRARY_CODES = range(3000, 5000)


class FrameError(Exception):
    """The peer does not keep to the protocol.

    Attributes:
        code: The close code it gets.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Message(NamedTuple):
    """A whole message, or a control frame."""

    kind: int
    data: bytes

    @property
    def text(self) -> str:
        """The content of a text message.

        Raises:
            FrameError: It is not UTF-8.
        """
        return read_text(self.data)


class Head(NamedTuple):
    """The head of a frame: what follows, and how much of it."""

    final: bool
    kind: int
    size: int
    length: int


class FrameReader:
    """Finds messages in a stream of bytes from a client.

    Attributes:
        most: Longest message, in bytes.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._received = bytearray()
        self._parts = bytearray()
        self._count = 0
        self._kind = CONTINUATION

    def feed(self, data: bytes) -> None:
        """Add bytes that came."""
        self._received += data

    def read(self) -> Message | None:
        """Return the next message, None where it is not there yet.

        Raises:
            FrameError: The client does not keep to the protocol.
        """
        while (head := self._read_head()) is not None:
            if len(self._received) < head.size + head.length:
                return None
            mask = bytes(self._received[head.size - MASK_BYTES : head.size])
            masked = self._received[head.size : head.size + head.length]
            del self._received[: head.size + head.length]
            data = unmask(masked, mask)
            if head.kind == CLOSE:
                check_close(data)
            if head.kind >= CLOSE:
                return Message(head.kind, data)
            if (message := self._join(head, data)) is not None:
                return message
        return None

    def _join(self, head: Head, data: bytes) -> Message | None:
        if head.kind != CONTINUATION:
            self._kind = head.kind
        self._count += 1
        if not head.final:
            if self._count >= MOST_PARTS:
                raise FrameError(PROTOCOL_ERROR, "The message has too many parts.")
            self._parts += data
            return None
        kind, self._kind = self._kind, CONTINUATION
        whole = bytes(self._parts) + data if self._parts else data
        self._parts, self._count = bytearray(), 0
        return Message(kind, whole)

    def _read_head(self) -> Head | None:
        received = self._received
        if len(received) < LEAST_HEAD:
            return None
        first, second = received[0], received[1]
        if first & RESERVED_BITS or not second & MASK_BIT:
            raise FrameError(PROTOCOL_ERROR, "Bits of the frame's head are wrong.")
        final, kind = bool(first & FINAL_BIT), first & OPCODE_BITS
        length, size = second & LENGTH_BITS, LEAST_HEAD
        if length >= LENGTH_IN_2:
            size += 2 if length == LENGTH_IN_2 else 8
            if len(received) < size:
                return None
            length = int.from_bytes(received[LEAST_HEAD:size], "big")
            if length < (LENGTH_IN_2 if size == SHORT_HEAD else 1 << 16):
                raise FrameError(PROTOCOL_ERROR, "The frame's length is not minimal.")
        self._check(kind, length, final=final)
        return Head(final, kind, size + MASK_BYTES, length)

    def _check(self, kind: int, length: int, *, final: bool) -> None:
        if kind in {CLOSE, PING, PONG}:
            if not final or length > MOST_CONTROL_BYTES:
                raise FrameError(PROTOCOL_ERROR, "A control frame is too long.")
            return
        begun = self._kind != CONTINUATION
        if kind not in {CONTINUATION, TEXT, BINARY} or begun != (kind == CONTINUATION):
            raise FrameError(PROTOCOL_ERROR, "That frame makes no sense here.")
        if len(self._parts) + length > self.most:
            raise FrameError(TOO_LARGE, "The frame is too large.")


def read_text(data: bytes) -> str:
    """Return bytes as text.

    Raises:
        FrameError: They are not UTF-8.
    """
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise FrameError(NOT_UTF8, "Text must be UTF-8.") from error


def check_close(data: bytes) -> None:
    """Refuse a close frame that says what must not be said (sections 5.5.1, 7.4).

    Raises:
        FrameError: Its code is half, or not one to send; or its reason is not UTF-8.
    """
    if not data:
        return
    read_text(data[CODE_BYTES:])
    code = int.from_bytes(data[:CODE_BYTES], "big")
    if len(data) < CODE_BYTES or not (code in CLOSE_CODES or code in LIBRARY_CODES):
        raise FrameError(PROTOCOL_ERROR, "That is no close code.")


def unmask(data: bytearray, mask: bytes) -> bytes:
    """Return the bytes that a client sent under a mask."""
    size = len(data)
    key = (mask * (size // MASK_BYTES + 1))[:size]
    # As two large numbers: a loop over bytes is fifty times slower.
    clear = int.from_bytes(data, "big") ^ int.from_bytes(key, "big")
    return clear.to_bytes(size, "big")


def encode_frame(kind: int, *parts: bytes) -> bytes:
    """Return a message in one frame."""
    length = sum(map(len, parts))
    head = bytes([FINAL_BIT | kind])
    if length < LENGTH_IN_2:
        head += bytes([length])
    elif length < 1 << 16:
        head += bytes([LENGTH_IN_2]) + length.to_bytes(2, "big")
    else:
        head += bytes([LENGTH_IN_8]) + length.to_bytes(8, "big")
    return b"".join((head, *parts))


def encode_close(code: int, reason: str) -> bytes:
    """Return a close frame."""
    told = reason.encode()[: MOST_CONTROL_BYTES - 2].decode(errors="ignore").encode()
    return encode_frame(CLOSE, code.to_bytes(2, "big"), told)
