"""Responses that carry a file: whole, in part, or `not modified`."""

from urllib.parse import quote

from werkzeug.wrappers import Request, Response

from agave_local.call import Flavour
from agave_local.entrance.envelope import to_error
from agave_local.errors import RangeNotSatisfiable
from agave_local.services.files.body import SEND_FILE, FileBody, Readable, read_range
from agave_local.services.files.content import UNKNOWN, guess_type


def to_attachment(request: Request, file: Readable, name: str) -> Response:
    """Answer with a user's file, which no browser may show as a page of the site.

    Args:
        request: that asks for it, maybe for a range.
        file: open; belongs to the response from now on.
        name: to save it under.
    """
    response = _to_response(request, file, UNKNOWN)
    response.headers["Content-Disposition"] = (
        f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    )
    response.headers["ETag"] = f'"{file.tag}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def to_page(request: Request, file: Readable, name: str) -> Response:
    """Answer with a published file; a browser's unchanged copy is confirmed.

    Args:
        request: that asks for it.
        file: open; belongs to the response from now on.
        name: whose end tells the type.
    """
    tag = f'"{file.tag}"'
    if request.if_none_match.contains_weak(file.tag):
        file.close()
        response = Response(status=304)
    else:
        response = _to_response(request, file, guess_type(name))
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "no-cache"
    # A page's own policy can't say this: in a <meta> element it has no effect.
    response.headers["Content-Security-Policy"] = "frame-ancestors 'none'"
    return response


def _wanted(request: Request, file: Readable) -> str | None:
    """Return the range that counts: none, where it is of an older file (If-Range)."""
    older = request.headers.get("If-Range")
    if older is not None and older.strip() != f'"{file.tag}"':
        return None
    return request.headers.get("Range")


def _to_response(request: Request, file: Readable, content_type: str) -> Response:
    try:
        part = read_range(_wanted(request, file), file.size)
    except RangeNotSatisfiable as error:
        size = file.size
        file.close()
        response = to_error(error, Flavour.AGAVE)
        response.headers["Content-Range"] = f"bytes */{size}"
        return response
    start, count = part or (0, file.size)
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Length": str(count),
        "X-Content-Type-Options": "nosniff",
    }
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{start + count - 1}/{file.size}"
    status = 200 if part is None else 206
    if request.method == "HEAD":
        file.close()
        return Response(None, status, headers, content_type=content_type)
    return Response(
        FileBody(file, start, count, request.environ.get(SEND_FILE)),
        status,
        headers,
        content_type=content_type,
    )
