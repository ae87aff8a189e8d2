"""What answers at the addresses of the transforms service."""

import os
import tempfile
from typing import Any

from werkzeug.wrappers import Response

from agave_local.call import Answer, Call
from agave_local.errors import BadRequest, NotFound
from agave_local.reading.bodies import page_of, read_object
from agave_local.services.files.access import Place
from agave_local.services.files.body import OpenFile
from agave_local.services.files.errors import speaking_of
from agave_local.services.files.media import to_attachment
from agave_local.services.files.origins import Inside, read_origin
from agave_local.services.files.tree import write_all
from agave_local.services.transforms.registry import (
    RAW,
    TRANSFORMS,
    Transform,
    find,
    matching,
    tagged,
)

_ENDS = ("STAGING_COMPLETED", "STAGING_FAILED")


def on_list_transforms(call: Call) -> Answer:
    """Answer with all transforms."""
    return Answer(page_of([_to_public(one) for one in TRANSFORMS], call.request))


def on_get_transform(call: Call) -> Answer:
    """Answer with the transforms whose name has a text in it."""
    name = call.args["transform_id"]
    found = matching(name)
    if not found:
        raise NotFound(f"There is no transform {name}.")
    return Answer([_to_public(one) for one in found])


def on_list_by_tag(call: Call) -> Answer:
    """Answer with the transforms that have a tag with a text in it."""
    return Answer([_to_public(one) for one in tagged(call.args["tag"])])


def on_transform_and_download(call: Call) -> Response:
    """Answer with a file, transformed."""
    transform = find(call.args["transform_id"])
    _read_format(transform, read_object(call.request))
    place = _locate(call)
    file = _transformed(call, transform, place)
    name = f"{place.parts[-1]}{transform.suffix}"
    return to_attachment(call.request, file, name)


def on_transform_and_stage(call: Call) -> Answer:
    """Put a file, transformed, somewhere else; that is done later."""
    transform = find(call.args["transform_id"])
    body = read_object(call.request)
    _read_format(transform, body)
    source = _locate(call)
    files, imports = call.tenant.files, call.tenant.imports
    url = body.get("url")
    if not isinstance(url, str) or not url:
        raise BadRequest("url is the address of the result, such as agave://system/f.")
    target = read_origin(url, files.base_url, call.tenant.outgoing)
    if not isinstance(target, Inside):
        raise BadRequest("url is an address of this tenant: agave://system/path.")
    place, name = imports.split_target(call.identity, target)
    result = imports.submit(
        call.identity,
        place,
        f"agave://{source.system_id}/{source.path}",
        name=name or f"{source.parts[-1]}{transform.suffix}",
        native_format=transform.writes,
        targets=_read_targets(call, body),
        transform=transform.name,
    )
    # The contract answers with a list here, of one.
    return Answer([result], 202)


def _read_targets(call: Call, body: dict[str, Any]) -> Any:
    url = body.get("callbackUrl") or body.get("callbackURL")
    wanted = [{"url": url, "event": event} for event in _ENDS] if url else []
    return call.tenant.notifications.read(wanted)


def _read_format(transform: Transform, body: dict[str, Any]) -> None:
    transform.check_format(str(body.get("nativeFormat") or RAW).lower())


def _locate(call: Call) -> Place:
    """Find the file: where many have their homes, in the home of its owner."""
    owner, path = call.args["owner"], call.args["path"]
    system = call.tenant.systems.default(call.identity)
    if system["public"]:
        path = f"/{owner}/{path}"
    place = call.tenant.files.locate(call.identity, system["id"], path)
    if not place.parts:
        raise BadRequest("The path of a file must be given.")
    return place


def _transformed(call: Call, transform: Transform, place: Place) -> OpenFile:
    """Write the result to a file without a name, so that its length is known."""
    files = call.tenant.files
    source = files.open(place)
    try:
        files.storage.incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (
            speaking_of(place.path),
            tempfile.TemporaryFile(dir=files.storage.incoming) as result,
        ):
            for piece in transform.run(source.pieces()):
                write_all(result.fileno(), piece, files.storage.write)
            return OpenFile(os.dup(result.fileno()))
    finally:
        source.close()


def _to_public(transform: Transform) -> dict[str, Any]:
    return {
        "name": transform.name,
        "description": transform.description,
        "descriptionurl": "",
        "enabled": True,
        "tags": list(transform.tags),
        "encoder": {"name": transform.writes, "description": transform.description},
        "decoders": [
            {"name": name, "description": f"Reads files of the format {name}."}
            for name in transform.reads
        ],
    }
