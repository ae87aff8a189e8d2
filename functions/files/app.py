"""Routes of `files`."""

from dataclasses import dataclass
from typing import Final

from iptweb.files import HomePath
from iptweb.files.answers import DownloadTarget, FileEntry, FolderPage, UploadTarget
from iptweb.http import App, Nothing, number, read_body, read_query, text
from iptweb.reference import offer_schema
from iptweb.runtime import Call, inline, warm

__all__ = ["app", "run_inline", "warm"]

app: App[Call] = App("files")
run_inline = inline(app)
offer_schema(app)

_MOST: Final = 250
_FARTHEST: Final = 1_000_000


@dataclass(frozen=True)
class FolderQuery:
    """A part of what is in a folder.

    Attributes:
        path: The folder, relative to the home; empty for the home itself.
        limit: Most entries of the answer.
        offset: How many entries to leave out before.
    """

    path: str = text(default="")
    limit: int = number(default=100, least=1, most=_MOST)
    offset: int = number(default=0, most=_FARTHEST)


@dataclass(frozen=True)
class PathQuery:
    """An entry of the home.

    Attributes:
        path: Relative to the home; `~/x` and `/home/ipt/x` are taken, too.
    """

    path: str = text()


@dataclass(frozen=True)
class FolderBody:
    """A folder to make.

    Attributes:
        path: Relative to the home; the folder that it is to be in is there.
    """

    path: str = text()


@dataclass(frozen=True)
class RenameBody:
    """An entry and its new name.

    Attributes:
        path: Relative to the home.
        name: The new one; the folder stays the same.
    """

    path: str = text()
    name: str = text(max_length=255)


@dataclass(frozen=True)
class UploadBody:
    """A file that is to come.

    Attributes:
        name: Of the file.
        size: In bytes; at most 1 GiB.
        path: The folder it is to be in, relative to the home; empty for the home.
    """

    name: str = text(max_length=255)
    size: int = number()
    path: str = text(default="")


@app.route("/files", query=FolderQuery, own_token=True)
def list_files(call: Call) -> FolderPage:
    """List a folder.

    Raises:
        NotFound: It is not there.
    """
    files = call.files()
    query = read_query(FolderQuery, call.request.query)
    return files.list_folder(
        HomePath.read(query.path), limit=query.limit, offset=query.offset
    )


@app.route("/folders", methods=["POST"], body=FolderBody, status=201, own_token=True)
def make_folder(call: Call) -> FileEntry:
    """Make a folder; one that is there already is fine.

    Raises:
        NotFound: The folder that it is to be in is not there.
        Conflict: A file of that name is there.
    """
    body = read_body(FolderBody, call.request.body)
    return call.files().make_folder(HomePath.read(body.path))


@app.route("/files/rename", methods=["POST"], body=RenameBody, own_token=True)
def rename_file(call: Call) -> FileEntry:
    """Rename a file or folder.

    Raises:
        NotFound: It is not there.
        Conflict: Something of the new name is there.
    """
    body = read_body(RenameBody, call.request.body)
    return call.files().rename(HomePath.read(body.path), body.name)


@app.route("/files", methods=["DELETE"], query=PathQuery, own_token=True)
def delete_file(call: Call) -> Nothing:
    """Delete a file, or a folder with everything in it.

    Raises:
        NotFound: It is not there.
    """
    files = call.files()
    files.delete(_given_path(call))
    return {}


@app.route("/uploads", methods=["POST"], body=UploadBody, own_token=True)
def prepare_upload(call: Call) -> UploadTarget:
    """Say where to send a file.

    The bytes go to the platform's own files service, never through a function.

    Raises:
        NotFound: The folder is not there.
        Conflict: A folder of the file's name is there.
    """
    body = read_body(UploadBody, call.request.body)
    folder = HomePath.read(body.path)
    return call.files().upload_target(folder, body.name, body.size)


@app.route("/downloads", query=PathQuery, own_token=True)
def prepare_download(call: Call) -> DownloadTarget:
    """Say where to fetch a file.

    Raises:
        NotFound: It is not there.
    """
    files = call.files()
    return files.download_target(_given_path(call))


def _given_path(call: Call) -> HomePath:
    return HomePath.read(read_query(PathQuery, call.request.query).path)
