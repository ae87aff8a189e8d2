"""Routes of `files`."""

from dataclasses import dataclass
from typing import Any, Final

from iptweb.errors import BadRequest
from iptweb.files import HomePath
from iptweb.http import App, Response, number, read_body, text
from iptweb.runtime import Call, inline, warm

__all__ = ["app", "run_inline", "warm"]

app: App[Call] = App("files")
run_inline = inline(app)

_MOST: Final = 250
_FARTHEST: Final = 1_000_000


@dataclass(frozen=True)
class FolderBody:
    """A folder to make."""

    path: str = text()


@dataclass(frozen=True)
class RenameBody:
    """An entry and its new name."""

    path: str = text()
    name: str = text(max_length=255)


@dataclass(frozen=True)
class UploadBody:
    """A file that is to come."""

    name: str = text(max_length=255)
    size: int = number()
    path: str = text(default="")


@app.route("/files")
def list_files(call: Call) -> dict[str, Any]:
    """List a folder."""
    request = call.request
    return call.files().list_folder(
        HomePath.read(request.text("path")),
        limit=request.number("limit", 100, least=1, most=_MOST),
        offset=request.number("offset", 0, most=_FARTHEST),
    )


@app.route("/folders", methods=["POST"])
def make_folder(call: Call) -> Response:
    """Make a folder."""
    body = read_body(FolderBody, call.request.body)
    return Response(call.files().make_folder(HomePath.read(body.path)), 201)


@app.route("/files/rename", methods=["POST"])
def rename_file(call: Call) -> dict[str, Any]:
    """Rename a file or folder."""
    body = read_body(RenameBody, call.request.body)
    return call.files().rename(HomePath.read(body.path), body.name)


@app.route("/files", methods=["DELETE"])
def delete_file(call: Call) -> dict[str, Any]:
    """Delete a file or folder."""
    call.files().delete(_given_path(call))
    return {}


@app.route("/uploads", methods=["POST"])
def prepare_upload(call: Call) -> dict[str, Any]:
    """Say where to send a file."""
    body = read_body(UploadBody, call.request.body)
    folder = HomePath.read(body.path)
    return dict(call.files().upload_target(folder, body.name, body.size))


@app.route("/downloads")
def prepare_download(call: Call) -> dict[str, Any]:
    """Say where to fetch a file."""
    return call.files().download_target(_given_path(call))


def _given_path(call: Call) -> HomePath:
    given = call.request.text("path")
    if not given:
        raise BadRequest("path is missing.", field="path")
    return HomePath.read(given)
