"""Where a program comes from, and where what comes out goes to."""

from typing import Final

from functions.parallelize.bodies import FILES, INLINE, ProgramBody
from ipt.service import Limits, is_file_name
from iptweb.errors import BadRequest, Conflict, PayloadTooLarge, Unprocessable
from iptweb.files import FileService, HomePath
from iptweb.files.answers import FileEntry
from iptweb.runtime import Call

__all__ = ["LIMITS", "Home", "read_program"]

LIMITS: Final = Limits(files=FILES)
# Each folder of the place is looked for and made by calls of its own.
_DEEPEST: Final = 8


def read_program(call: Call, body: ProgramBody) -> dict[str, bytes]:
    """Return the files of a program by their names.

    Raises:
        BadRequest: There is none, or it comes in two ways.
        PayloadTooLarge: It is too large.
        NotFound: A file is not in the caller's home.
    """
    if bool(body.sources) == bool(body.paths):
        raise BadRequest(
            "Send the program either as sources, names with texts, or as paths in "
            "your home.",
            field="sources",
        )
    if body.paths:
        return _read_paths(call.files(), body.paths)
    files = {name: each.encode() for name, each in body.sources.items()}
    size = sum(map(len, files.values()))
    if size > INLINE:
        raise PayloadTooLarge(
            f"The sources have {size} bytes, and a message has room for {INLINE}. Put "
            "them into your home, and send their paths.",
            details={"field": "sources"},
        )
    return files


def _read_paths(home: FileService, paths: tuple[str, ...]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    size = 0
    for each in paths:
        path = HomePath.read(each, field="paths")
        if not is_file_name(path.text):
            raise BadRequest(
                "A path of a program must have plain names: letters, digits and "
                "_ . + -, in at most 8 parts. Rename the file or its folder.",
                field="paths",
            )
        if path.text in files:
            raise BadRequest("paths has one file twice.", field="paths")
        files[path.text] = home.read_file(path, LIMITS.file_size)
        size += len(files[path.text])
        if size > LIMITS.total_size:
            raise PayloadTooLarge(
                f"All files of a program may have {LIMITS.total_size} bytes.",
                details={"field": "paths"},
            )
    return files


class Home:
    """The folder of the caller's home that gets what comes out.

    Args:
        call: The call.
        body: Its body, with `save_to`.

    Raises:
        BadRequest: That can't be a folder of a home.
    """

    def __init__(self, call: Call, body: ProgramBody) -> None:
        self._files = call.files()
        self._folder = HomePath.read(body.save_to, field="save_to")
        if len(self._folder.parts) > _DEEPEST:
            raise BadRequest(
                f"save_to may have {_DEEPEST} folders in each other.", field="save_to"
            )
        self._inputs = {HomePath.read(each, field="paths") for each in body.paths}

    def save(self, texts: dict[str, str]) -> list[FileEntry]:
        """Write files, by name; the same ones again do no harm.

        Raises:
            Conflict: One is an input of the program, which is never changed.
        """
        for name in texts:
            if self._folder.child(name) in self._inputs:
                raise Conflict(
                    f"'{name}' would replace a file of the program. Name another "
                    "folder in save_to."
                )
        return [
            self._files.write_file(
                self._folder, name, each.encode("utf-8", "surrogateescape")
            )
            for name, each in texts.items()
        ]


def check_text(name: str, content: str) -> None:
    """Refuse what can't travel in an answer as it is.

    Raises:
        Unprocessable: It is not UTF-8.
    """
    try:
        content.encode()
    except UnicodeEncodeError:
        raise Unprocessable(
            f"{name} is not UTF-8, so it can't come in an answer byte for byte. Name a "
            "folder of your home in save_to.",
            details={"reason": "encoding", "field": "save_to"},
        ) from None
