"""Calls of the files service that agavepy can't make well: the bytes of files."""

from contextlib import closing
from typing import Final
from urllib.parse import quote

import requests

from .failures import translate
from .transport import TenantTransport

__all__ = ["read_file", "write_file"]

_CHUNK: Final = 65_536


def read_file(transport: TenantTransport, system: str, path: str, most: int) -> bytes:
    """Return a file, but no more than `most` bytes and one of it.

    Not by agavepy, which reads a file of any size into the memory, and takes what
    looks like JSON for an answer of the platform.

    Args:
        transport: To the tenant.
        system: The storage system, as a part of an address.
        path: Of the file.
        most: After so many bytes nothing more is read, but for the one that tells a
            caller that there is more.
    """
    response = transport.request(
        "GET", f"/files/v2/media/system/{system}/{quote(path)}", stream=True
    )
    found = bytearray()
    with closing(response):
        try:
            for chunk in response.iter_content(_CHUNK):
                found += chunk
                if len(found) > most:
                    break
        except requests.RequestException as error:
            raise translate(error, "files") from error
    return bytes(found[: most + 1])


def write_file(
    transport: TenantTransport, system: str, folder: str, name: str, data: bytes
) -> None:
    """Write a file into a folder; one of that name there is replaced.

    Not by agavepy, which sends a file through an HTTP client of its own, without our
    address and time limits.
    """
    transport.request(
        "POST",
        f"/files/v2/media/system/{system}/{quote(folder)}",
        files={"fileToUpload": (name, data)},
    )
