"""What answers at the addresses of the files service."""

import re
from typing import TYPE_CHECKING, cast

from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import HTTPException
from werkzeug.formparser import FormDataParser
from werkzeug.wrappers import Response

from agave_local.bodies import read_object
from agave_local.call import Answer, Call
from agave_local.errors import BadRequest, NotImplementedHere, PayloadTooLarge
from agave_local.services.files.access import Place
from agave_local.services.files.media import to_attachment, to_page
from agave_local.services.files.paging import read_page
from agave_local.services.files.upload import Names, Sink, Upload, choose_name

if TYPE_CHECKING:
    from werkzeug.formparser import TStreamFactory

_PREFIX = re.compile(r"/+files/+v2/+[a-z]+(?:/+system/+[^/]+)?", re.ASCII)
_MOST_FORM = 1 << 20  # bytes
_MULTIPART = "multipart/form-data"


def on_list(call: Call) -> Answer:
    """Answer a listing."""
    limit, offset = read_page(call.request.args)
    return Answer(call.tenant.files.list(_locate(call), limit, offset))


def on_download(call: Call) -> Response:
    """Answer with a file's bytes."""
    place = _locate(call)
    name = place.parts[-1] if place.parts else ""
    return to_attachment(call.request, call.tenant.files.open(place), name)


def on_public_download(call: Call) -> Response:
    """Answer with a published file's bytes; asks for no token."""
    path: str = call.args["path"]
    file = call.tenant.files.open_public(
        call.args["owner"], call.args["system_id"], path
    )
    return to_page(call.request, file, path)


def on_import(call: Call) -> Answer:
    """Take in a file, sent as a part of a form or as text in a field."""
    place = _locate(call, write=True)
    files = call.tenant.files
    with files.receive(place, call.request.content_length) as upload:
        sink, names = _read_upload(call, upload)
        result = files.place_upload(
            place, upload, sink, names=names, owner=call.identity.username
        )
    return Answer(result, 202)


def on_manage(call: Call) -> Answer:
    """Make a folder, rename, copy or move."""
    body = read_object(call.request)
    action, path = body.get("action"), body.get("path")
    if not isinstance(path, str) or not path:
        raise BadRequest("`path` must be given.")
    files = call.tenant.files
    place = _locate(call, write=action != "copy")
    if action == "mkdir":
        item, new = files.make_folder(place, path)
        return Answer(item, 201 if new else 200)
    if action == "rename":
        return Answer(files.rename(place, path))
    if action == "copy":
        return Answer(files.copy(place, _locate_target(call, path)), 201)
    if action == "move":
        return Answer(files.move(place, _locate_target(call, path)))
    raise BadRequest("`action` must be mkdir, rename, copy or move.")


def on_delete(call: Call) -> Answer:
    """Remove a file or a folder."""
    call.tenant.files.delete(_locate(call, write=True))
    return Answer()


def on_history(_call: Call) -> Answer:
    """Refuse: histories of files are not kept here."""
    raise NotImplementedHere("files.getHistory")


def on_list_pems(call: Call) -> Answer:
    """Answer who may do what."""
    place = _locate(call)
    return Answer(call.tenant.files.permissions(place, call.identity.username))


def on_update_pems(call: Call) -> Answer:
    """Publish a file or folder, or withdraw that."""
    body = read_object(call.request)
    recursive = str(body.get("recursive", False)).lower() == "true"
    place = _locate(call)
    call.tenant.files.publish(
        place,
        str(body.get("username", "")),
        str(body.get("permission", "")).upper(),
        recursive=recursive,
    )
    return Answer(call.tenant.files.permissions(place, call.identity.username))


def on_delete_pems(call: Call) -> Answer:
    """Withdraw a publication."""
    call.tenant.files.publish(_locate(call), "public", "NONE", recursive=False)
    return Answer()


def _locate(call: Call, *, write: bool = False) -> Place:
    """Find the place of the address.

    The dispatcher merges slashes, but two of them after the system's id mean
    rootDir rather than homeDir, so the path is read from the request itself.
    """
    path = _PREFIX.sub("", call.request.path, count=1)
    path = path.removeprefix("/")
    return call.tenant.files.locate(
        call.identity, call.args.get("system_id"), path, write=write
    )


def _locate_target(call: Call, path: str) -> Place:
    return call.tenant.files.locate(
        call.identity, call.args.get("system_id"), path, write=True
    )


def _read_upload(call: Call, upload: Upload) -> tuple[Sink, Names]:
    """Read the form; return the file and its names."""
    sent, form = _read_form(call, upload)
    if form.get("urlToIngest"):
        raise NotImplementedHere("files.importData from a URL")
    if sent is not None:
        name = choose_name(form.get("fileName"), sent.filename)
        return cast("Sink", sent.stream), Names(name, sent.filename or name)
    text = form.get("fileToUpload")
    if text is None:
        raise BadRequest("`fileToUpload` must be given.")
    name = choose_name(form.get("fileName"), None)
    sink = upload.open()
    sink.write(text.encode("utf-8", "replace"))
    return sink, Names(name, name)


def _read_form(call: Call, upload: Upload) -> tuple[FileStorage | None, dict[str, str]]:
    """Parse the form; its files go straight to the disk."""
    request = call.request
    if request.mimetype != _MULTIPART and (request.content_length or 0) > _MOST_FORM:
        raise PayloadTooLarge("Text in a form is small; send a file as a part of one.")

    def factory(**_unused: object) -> Sink:
        return upload.open()

    parser = FormDataParser(
        stream_factory=cast("TStreamFactory", factory),
        max_form_memory_size=_MOST_FORM,
        max_form_parts=32,
        silent=False,
    )
    try:
        _, form, files = parser.parse(
            request.stream,
            request.mimetype,
            request.content_length,
            request.mimetype_params,
        )
    except ValueError as error:
        raise BadRequest("The form can't be read.") from error
    except HTTPException as error:
        raise PayloadTooLarge("The form is too large.") from error
    return files.get("fileToUpload"), form.to_dict()
