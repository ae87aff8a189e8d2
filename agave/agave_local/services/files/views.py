"""What answers at the addresses of the files service."""

import json
import re
from typing import Any, cast

from werkzeug.wrappers import Response

from agave_local.call import Answer, Call
from agave_local.errors import BadRequest, PayloadTooLarge
from agave_local.reading.bodies import read_object
from agave_local.records.store import Document
from agave_local.services.files.access import Place
from agave_local.services.files.form import MOST_TEXT, Form, Source, read_form
from agave_local.services.files.ledger import RAW
from agave_local.services.files.media import to_attachment, to_page
from agave_local.services.files.paging import read_page
from agave_local.services.files.pems import (
    clear_permissions,
    give_permission,
    list_permissions,
)
from agave_local.services.files.upload import Names, Sink, Upload, choose_name

_PREFIX = re.compile(r"/+files/+v2/+[a-z]+(?:/+system/+[^/]+)?", re.ASCII)
_FORMAT = re.compile(r"[\w.+-]{1,64}", re.ASCII)
# A history is paged where nothing is said, other than a listing.
MOST_EVENTS = 250
_ENDS = ("STAGING_COMPLETED", "STAGING_FAILED")
_MULTIPART = "multipart/form-data"


def on_list(call: Call) -> Answer:
    """Answer a listing."""
    limit, offset = read_page(call.request.args)
    return Answer(call.tenant.files.list(_locate(call), limit, offset))


def on_download(call: Call) -> Response:
    """Answer with a file's bytes."""
    place = _locate(call)
    name = place.parts[-1] if place.parts else ""
    files = call.tenant.files
    file = files.open(place)
    if call.request.method == "GET" and "Range" not in call.request.headers:
        files.note_download(place, call.identity.username)
    return to_attachment(call.request, file, name)


def on_public_download(call: Call) -> Response:
    """Answer with a published file's bytes; asks for no token."""
    path: str = call.args["path"]
    file = call.tenant.files.open_public(
        call.args["owner"], call.args["system_id"], path
    )
    return to_page(call.request, file, path)


def on_import(call: Call) -> Answer:
    """Take in a file, sent as a part of a form, as text in a field, or by its URL."""
    place = _locate(call, write=True)
    files = call.tenant.files
    with files.receive(place, call.request.content_length) as upload:
        form = _read_form(call, upload)
        url = form.fields.get("urlToIngest")
        if url and form.sink is None:
            return Answer(_import_url(call, place, url, form), 202)
        sink, names = _read_upload(form, upload)
        result = files.place_upload(
            place,
            upload,
            sink,
            names=names,
            owner=call.identity.username,
            native_format=_read_format(form),
        )
    return Answer(result, 202)


def on_manage(call: Call) -> Answer:
    """Make a folder, rename, copy or move."""
    body = read_object(call.request)
    action, path = body.get("action"), body.get("path")
    if action == "mkdir":
        path = path or body.get("dirName")
    if not isinstance(path, str) or not path:
        raise BadRequest("`path` must be given.")
    files, who = call.tenant.files, call.identity.username
    place = _locate(call, write=action != "copy")
    if action == "mkdir":
        item, new = files.make_folder(place, path, who)
        return Answer(item, 201 if new else 200)
    if action == "rename":
        return Answer(files.rename(place, path, who))
    if action == "copy":
        return Answer(files.copy(place, _locate_target(call, path), who), 201)
    if action == "move":
        return Answer(files.move(place, _locate_target(call, path), who))
    raise BadRequest("`action` must be mkdir, rename, copy or move.")


def on_delete(call: Call) -> Answer:
    """Remove a file or a folder."""
    call.tenant.files.delete(_locate(call, write=True), call.identity.username)
    return Answer()


def on_history(call: Call) -> Answer:
    """Answer what happened to a file or folder."""
    limit, offset = read_page(call.request.args)
    place = _locate(call)
    return Answer(call.tenant.files.history(place, limit or MOST_EVENTS, offset))


def on_list_pems(call: Call) -> Answer:
    """Answer who may do what."""
    limit, offset = read_page(call.request.args)
    found = list_permissions(call.tenant.files, _locate(call), call.identity.username)
    return Answer(found[offset : None if limit is None else offset + limit])


def on_update_pems(call: Call) -> Answer:
    """Let somebody do something with a file or folder, or nothing any more."""
    files, who = call.tenant.files, call.identity.username
    place = _locate(call)
    give_permission(files, place, who, read_object(call.request))
    return Answer(list_permissions(files, place, who))


def on_delete_pems(call: Call) -> Answer:
    """Take every permission away but the owner's."""
    clear_permissions(call.tenant.files, _locate(call), call.identity.username)
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


def _import_url(call: Call, place: Place, url: str, form: Form) -> Any:
    return call.tenant.imports.submit(
        call.identity,
        place,
        url,
        name=form.fields.get("fileName"),
        native_format=_read_format(form),
        targets=_read_targets(call, form),
    )


def _read_targets(call: Call, form: Form) -> list[Document]:
    """Read whom to tell when an import is done."""
    wanted: Any = []
    if text := form.fields.get("notifications"):
        try:
            wanted = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise BadRequest("`notifications` is a JSON list.") from error
    if url := form.fields.get("callbackURL"):
        ends = ({"url": url, "event": event} for event in _ENDS)
        wanted = [*wanted, *ends] if isinstance(wanted, list) else wanted
    return call.tenant.notifications.read(wanted)


def _read_format(form: Form) -> str:
    """Read the type of file that the caller says it is."""
    word = form.fields.get("fileType") or RAW
    if not _FORMAT.fullmatch(word):
        raise BadRequest("fileType has at most 64 letters, digits, dots and hyphens.")
    return word


def _read_upload(form: Form, upload: Upload) -> tuple[Sink, Names]:
    """Return the file of a form and its names."""
    if form.sink is not None:
        name = choose_name(form.fields.get("fileName"), form.file_name)
        return form.sink, Names(name, form.file_name or name)
    text = form.fields.get("fileToUpload")
    if text is None:
        raise BadRequest("`fileToUpload` must be given, or `urlToIngest`.")
    name = choose_name(form.fields.get("fileName"), None)
    sink = upload.open()
    sink.write(text.encode("utf-8", "replace"))
    return sink, Names(name, name)


def _read_form(call: Call, upload: Upload) -> Form:
    """Read the form; its file goes straight to the disk."""
    request = call.request
    if request.mimetype == _MULTIPART:
        source = cast("Source", request.stream)
        return read_form(source, request.mimetype_params.get("boundary"), upload)
    if (request.content_length or 0) > MOST_TEXT:
        raise PayloadTooLarge("Text in a form is small; send a file as a part of one.")
    return Form(request.form.to_dict())
