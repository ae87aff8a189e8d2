"""Calls of the jobs service that agavepy can't make: searches, and parts of files."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

import requests

from .failures import translate, unusable
from .models import Slice
from .transport import TenantTransport

__all__ = ["find_jobs", "read_part"]

# What a list shows of a job.  Older and newer platforms name some fields differently,
# and leave out what they do not know.
_FIELDS: Final = (
    *("id", "name", "owner", "appId", "status", "executionSystem", "systemId"),
    *("created", "accepted", "submitTime", "startTime", "remoteStarted"),
    *("endTime", "ended", "remoteEnded", "archivePath", "exitCode", "remoteQueue"),
)
_CHUNK: Final = 65_536


def find_jobs(
    transport: TenantTransport,
    terms: Mapping[str, str | Sequence[str]],
    *,
    limit: int,
    offset: int,
) -> list[Mapping[str, Any]]:
    """Return the jobs that satisfy all terms; agavepy's `search` has one field only."""
    page = {"filter": ",".join(_FIELDS), "limit": limit, "offset": offset}
    response = transport.request("GET", "/jobs/v2/", params={**terms, **page})
    try:
        found = response.json()["result"]
    except (ValueError, LookupError, TypeError) as error:
        raise unusable("jobs", cause=type(error).__name__) from error
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise unusable("jobs", cause="not a list of objects")
    return found


def read_part(
    transport: TenantTransport, job: str, path: str, offset: int, length: int
) -> Slice:
    """Return a part of an output file, and read no more than that.

    Not by agavepy, whose `downloadOutput` wants every file to be JSON.

    Args:
        transport: To the tenant.
        job: Id of the job, as a part of an address.
        path: Of the file in the job's folder.
        offset: Of the first byte.
        length: How many bytes.
    """
    response = transport.request(
        "GET",
        f"/jobs/v2/{job}/outputs/media/{quote(path)}",
        headers={"Range": f"bytes={offset}-{offset + length - 1}"},
        stream=True,
    )
    with closing(response):
        try:
            return _take(response, offset, length)
        except requests.RequestException as error:
            raise translate(error, "jobs") from error


def _take(response: requests.Response, offset: int, length: int) -> Slice:
    if response.status_code == HTTPStatus.PARTIAL_CONTENT:
        data, _ = _cut(response.iter_content(_CHUNK), 0, length)
        total = response.headers.get("Content-Range", "").rpartition("/")[2]
        return Slice(data, int(total) if total.isdigit() else offset + len(data))
    # This server does not know ranges and sends everything, which may be much.
    chunks = response.iter_content(_CHUNK)
    data, seen = _cut(chunks, offset, length)
    told = response.headers.get("Content-Length", "")
    plain = "Content-Encoding" not in response.headers
    if plain and told.isdigit():
        return Slice(data, int(told))
    return Slice(data, seen + len(next(chunks, b"")))


def _cut(chunks: Iterator[bytes], offset: int, length: int) -> tuple[bytes, int]:
    """Return a part of a stream, and how many bytes were read of it."""
    kept: list[bytes] = []
    seen = 0
    for chunk in chunks:
        start = max(0, offset - seen)
        kept.append(chunk[start : max(0, offset + length - seen)])
        seen += len(chunk)
        if seen >= offset + length:
            break
    return b"".join(kept), seen
