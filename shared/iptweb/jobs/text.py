"""What a job prints, as text, piece by piece and while it grows.

A page that asks each second for what is new is at most two seconds behind.
"""

import codecs
import json
from typing import Final

from .answers import JobText
from .outputs import Outputs, Stream

__all__ = ["MAX_TEXT", "read_text"]

MAX_TEXT: Final = 65_536
# A text may grow sixfold as JSON, and has to fit into one result frame.
_MAX_ENCODED: Final = 120_000
# A character of UTF-8 has up to three bytes after its first.
_MOST_CUT: Final = 3
_CONTINUES, _MASK = 0x80, 0xC0


def read_text(
    outputs: Outputs, stream: Stream, *, offset: int, from_end: int, ended: bool
) -> JobText:
    """Return a piece of what a job printed; ask again at `next_offset`.

    Args:
        outputs: Of the job.
        stream: Which of the two.
        offset: Of the first byte.
        from_end: Begin so many bytes before the end instead, unless it is 0.
        ended: Whether the job prints nothing more; known before the text is read.
    """
    if from_end:
        whole = outputs.read_stream(stream, 0, 1)
        offset = max(0, whole.size - from_end) if whole else 0
    part = outputs.read_stream(stream, offset, MAX_TEXT)
    if part is None:
        return _to_piece("", offset, offset, 0, done=ended)
    data = part.data
    cut = _cut_of(data) if from_end and offset else 0
    data, offset = data[cut:], offset + cut
    at_end = ended and offset + len(data) >= part.size
    text, used = _decode(data, final=at_end)
    while len(json.dumps(text, ensure_ascii=False).encode()) > _MAX_ENCODED:
        data = data[: len(data) // 2]
        text, used = _decode(data, final=False)
    reached = offset + used
    return _to_piece(
        text, offset, reached, part.size, done=ended and reached >= part.size
    )


def _to_piece(
    text: str, offset: int, reached: int, size: int, *, done: bool
) -> JobText:
    return {
        "text": text,
        "offset": offset,
        "next_offset": reached,
        "size": size,
        "done": done,
    }


def _cut_of(data: bytes) -> int:
    """Return how many bytes at the beginning belong to a character before it."""
    cut = 0
    while cut < min(_MOST_CUT, len(data)) and data[cut] & _MASK == _CONTINUES:
        cut += 1
    return cut


def _decode(data: bytes, *, final: bool) -> tuple[str, int]:
    """Return text and how many bytes it took; half a character is left for later."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    text = decoder.decode(data, final)
    return text, len(data) - len(decoder.getstate()[0])
