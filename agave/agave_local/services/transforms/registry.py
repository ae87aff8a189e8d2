"""The transforms there are: each turns the bytes of a file into others, piece by piece.

They are few, and each does all that its description says; any other name is unknown.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from agave_local.errors import BadRequest, NotFound, PayloadTooLarge

RAW = "raw"
MOST_BYTES = 2 << 30  # of a result
_PIECE = 1 << 18
# A file may be many gzip files one after the other, but not millions of empty ones,
# which are a lot of work and nothing else.
_SLICE, _LEAST_PACKED, _ALLOWED = 1 << 14, 512, 1_000
_GZIP = 16 + zlib.MAX_WBITS

Pieces = Iterable[bytes]


@dataclass(frozen=True)
class Transform:
    """One transform.

    Attributes:
        name: of it.
        description: of what it does.
        tags: to find it by.
        reads: formats of files that it takes.
        writes: format of its result.
        suffix: that the result's name gets.
        apply: does it.
    """

    name: str
    description: str
    tags: tuple[str, ...]
    reads: tuple[str, ...]
    writes: str
    suffix: str
    apply: Callable[[Pieces], Iterator[bytes]]

    def run(self, pieces: Pieces, most_bytes: int = MOST_BYTES) -> Iterator[bytes]:
        """Transform a file.

        Args:
            pieces: of the file.
            most_bytes: of the result.

        Raises:
            BadRequest: the file is not what the transform takes.
            PayloadTooLarge: the result is too large.
        """
        size = 0
        for piece in self.apply(pieces):
            size += len(piece)
            if size > most_bytes:
                raise PayloadTooLarge(f"The result has more than {most_bytes} bytes.")
            yield piece

    def check_format(self, native_format: str) -> None:
        """Refuse a file of a format that the transform does not take.

        Raises:
            BadRequest: it is one.
        """
        if native_format not in self.reads:
            formats = ", ".join(self.reads)
            raise BadRequest(f"{self.name} takes files of these formats: {formats}.")


def _copy(pieces: Pieces) -> Iterator[bytes]:
    yield from pieces


def _compress(pieces: Pieces) -> Iterator[bytes]:
    packer = zlib.compressobj(wbits=_GZIP)
    for piece in pieces:
        yield packer.compress(piece)
    yield packer.flush()


def _decompress(pieces: Pieces) -> Iterator[bytes]:
    unpacker, read, files = zlib.decompressobj(_GZIP), 0, 1
    try:
        for piece in _sliced(pieces):
            read, rest = read + len(piece), piece
            while rest:
                if unpacker.eof:
                    unpacker, files = zlib.decompressobj(_GZIP), files + 1
                    if files > _ALLOWED + read / _LEAST_PACKED:
                        raise BadRequest("The file is too many gzip files in one.")
                # Never more at once, however much a few bytes stand for.
                yield unpacker.decompress(rest, _PIECE)
                rest = unpacker.unconsumed_tail or unpacker.unused_data
    except zlib.error as error:
        raise BadRequest("The file is not gzip.") from error
    if not unpacker.eof:
        raise BadRequest("The file is not gzip, or ends early.")


def _sliced(pieces: Pieces) -> Iterator[bytes]:
    # What is left after the end of a gzip file is copied each time.
    for piece in pieces:
        for start in range(0, len(piece), _SLICE):
            yield piece[start : start + _SLICE]


def _to_unix(pieces: Pieces) -> Iterator[bytes]:
    kept = b""
    for piece in pieces:
        text = kept + piece
        # Its line feed may be the first byte of the next piece.
        kept = b"\r" if text.endswith(b"\r") else b""
        yield (
            text.removesuffix(b"\r").replace(b"\r\n", b"\n")
            if kept
            else (text.replace(b"\r\n", b"\n"))
        )
    yield kept


TRANSFORMS = (
    Transform(
        "raw-0",
        "The bytes of the file as they are.",
        ("raw", "identity"),
        (RAW, "gzip", "text"),
        RAW,
        "",
        _copy,
    ),
    Transform(
        "gzip-0",
        "The file, compressed by gzip.",
        ("compression", "gzip"),
        (RAW, "text"),
        "gzip",
        ".gz",
        _compress,
    ),
    Transform(
        "gunzip-0",
        "The file that was compressed by gzip.",
        ("compression", "gzip"),
        (RAW, "gzip"),
        RAW,
        "",
        _decompress,
    ),
    Transform(
        "unix-text-0",
        "The text with lines that end by a line feed only.",
        ("text", "lines"),
        (RAW, "text"),
        "text",
        "",
        _to_unix,
    ),
)


def find(name: str) -> Transform:
    """Return the transform of a name.

    Raises:
        NotFound: there is none.
    """
    for transform in TRANSFORMS:
        if transform.name == name:
            return transform
    raise NotFound(f"There is no transform {name}.")


def matching(part: str) -> list[Transform]:
    """Return the transforms whose name has a text in it."""
    return [one for one in TRANSFORMS if part in one.name]


def tagged(part: str) -> list[Transform]:
    """Return the transforms that have a tag with a text in it."""
    return [one for one in TRANSFORMS if any(part in tag for tag in one.tags)]
