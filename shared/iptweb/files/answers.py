"""What callers get of files (docs/architecture.md §5.3)."""

from typing import Literal, TypedDict

__all__ = ["DownloadTarget", "FileEntry", "FolderPage", "UploadTarget"]


class FileEntry(TypedDict):
    """A file or a folder.

    Attributes:
        name: Its last part.
        path: Relative to the home; empty for an output that is not in the home yet.
        type: What it is.
        size: In bytes.
        modified: When it was written last, ISO 8601; empty where it is not known.
    """

    name: str
    path: str
    type: Literal["file", "dir"]
    size: int
    modified: str


class FolderPage(TypedDict):
    """A part of what is in a folder.

    Attributes:
        path: The folder, relative to the home; empty for the home itself.
        entries: What is in it.
        more: Whether there are further entries behind these.
    """

    path: str
    entries: list[FileEntry]
    more: bool


class UploadTarget(TypedDict):
    """Where the bytes of a file are to be sent with the caller's own token.

    Attributes:
        url: The address.
        method: The HTTP method.
        field: Name of the form's field that holds the file.
    """

    url: str
    method: Literal["POST"]
    field: str


class DownloadTarget(TypedDict):
    """Where the bytes of a file are fetched with the caller's own token.

    Attributes:
        url: The address.
        name: Of the file.
        size: In bytes.
    """

    url: str
    name: str
    size: int
