"""A multipart form read from its stream, whose file goes straight to the disk.

werkzeug's parser looks at each line of a file; here the only thing that is looked
for is the boundary, in pieces as large as the socket gives them.
"""

import re
from dataclasses import dataclass, field
from typing import Protocol

from werkzeug.http import parse_options_header

from agave_local.errors import BadRequest, PayloadTooLarge
from agave_local.services.files.finder import Finder
from agave_local.services.files.upload import Sink, Upload

PIECE = 1 << 20
MOST_TEXT = 1 << 20  # bytes of all fields and heads together
MOST_PARTS = 32
_MOST_HEAD = 16 << 10
_MOST_EPILOGUE = 64 << 10
_BOUNDARY = re.compile(r"[ -~]{0,199}[!-~]", re.ASCII)
_FILE_FIELD = "fileToUpload"


class Source(Protocol):
    """What a form is read from."""

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Put bytes into a buffer; return how many, 0 at the end."""
        ...


@dataclass
class Form:
    """What was sent.

    Attributes:
        fields: texts by name.
        sink: the file's bytes; None where no file was sent.
        file_name: that the file was sent under.
    """

    fields: dict[str, str] = field(default_factory=dict)
    sink: Sink | None = None
    file_name: str = ""


def read_form(source: Source, boundary: str | None, upload: Upload) -> Form:
    """Read a multipart form.

    Args:
        source: of its bytes.
        boundary: between its parts.
        upload: takes the file.

    Raises:
        BadRequest: it is no such form, or ends early.
        PayloadTooLarge: it is larger than forms are.
        InsufficientStorage: the disk is full.
    """
    if not boundary or not _BOUNDARY.fullmatch(boundary):
        raise BadRequest("The form has no boundary that can be used.")
    return _Reader(source, boundary.encode("ascii")).read(upload)


class _Reader:
    """Reads one form; the buffer always holds what is not dealt with yet.

    Args:
        source: of its bytes.
        boundary: between its parts.
    """

    def __init__(self, source: Source, boundary: bytes) -> None:
        self._source = source
        self._mark = b"\r\n--" + boundary
        self._buffer = bytearray(PIECE)
        self._view = memoryview(self._buffer)
        self._finder = Finder(self._buffer, self._mark)
        # The first boundary stands at the very beginning, as if after a line.
        self._buffer[:2] = b"\r\n"
        self._start, self._end = 0, 2
        self._text = 0

    def read(self, upload: Upload) -> Form:
        form = Form()
        self._copy_part(None)
        for _ in range(MOST_PARTS):
            if self._is_last():
                self._skip_epilogue()
                return form
            name, file_name = self._read_head()
            if file_name is None:
                form.fields.setdefault(name, self._read_field())
            elif name == _FILE_FIELD and form.sink is None:
                form.sink, form.file_name = upload.open(), file_name
                self._copy_part(form.sink)
            else:
                self._copy_part(None)
        raise PayloadTooLarge(f"A form has at most {MOST_PARTS} parts.")

    def _fill(self) -> bool:
        """Read more into the buffer; return False at the end."""
        if self._start:
            rest = self._buffer[self._start : self._end]
            self._buffer[: len(rest)] = rest
            self._start, self._end = 0, len(rest)
        try:
            count = self._source.readinto(self._view[self._end :])
        except OSError as error:
            raise _ended_early() from error
        self._end += count or 0
        return bool(count)

    def _copy_part(self, sink: Sink | None) -> None:
        """Give a part's bytes to a sink, or to nobody; stop after the boundary."""
        while True:
            at = self._finder.find(self._start, self._end)
            # The end of what is there may be the beginning of a boundary.
            stop = max(self._end - len(self._mark) + 1, self._start) if at < 0 else at
            if sink is not None:
                sink.write(self._view[self._start : stop])
            elif stop > self._start:
                self._count_text(stop - self._start)
            self._start = stop
            if at >= 0:
                self._start += len(self._mark)
                return
            if not self._fill():
                raise _ended_early()

    def _count_text(self, size: int) -> None:
        self._text += size
        if self._text > MOST_TEXT:
            raise PayloadTooLarge(f"A form has at most {MOST_TEXT} bytes of text.")

    def _need(self, size: int) -> None:
        while self._end - self._start < size:
            if not self._fill():
                raise _ended_early()

    def _read_field(self) -> str:
        while (at := self._finder.find(self._start, self._end)) < 0:
            if self._end - self._start >= PIECE or not self._fill():
                raise PayloadTooLarge("Text in a form is small; send a file as one.")
        text = bytes(self._view[self._start : at])
        self._count_text(len(text))
        self._start = at + len(self._mark)
        return text.decode("utf-8", "replace")

    def _is_last(self) -> bool:
        self._need(2)
        return self._buffer[self._start : self._start + 2] == b"--"

    def _read_head(self) -> tuple[str, str | None]:
        """Read the lines before a part's bytes; return its name and file name."""
        while (at := self._buffer.find(b"\r\n\r\n", self._start, self._end)) < 0:
            if self._end - self._start > _MOST_HEAD or not self._fill():
                raise BadRequest("The form can't be read.")
        head = bytes(self._view[self._start : at])
        self._start = at + 4
        if len(head) > _MOST_HEAD or head.lstrip(b" \t")[:2] != b"\r\n":
            raise BadRequest("The form can't be read.")
        return _read_disposition(head.decode("utf-8", "replace"))

    def _skip_epilogue(self) -> None:
        """Read on to the end, so that the connection can be used again."""
        skipped = 0
        while skipped <= _MOST_EPILOGUE:
            self._start = self._end
            if not self._fill():
                return
            skipped += self._end


def _read_disposition(head: str) -> tuple[str, str | None]:
    for line in head.split("\r\n"):
        key, _, value = line.partition(":")
        if key.strip().lower() == "content-disposition":
            _, options = parse_options_header(value.strip())
            name = options.get("name")
            if name is not None:
                return name, options.get("filename")
    raise BadRequest("A part of the form has no name.")


def _ended_early() -> BadRequest:
    return BadRequest("The form ended early; nothing of it was kept.")
