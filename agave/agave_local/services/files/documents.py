"""How files look in Agave's JSON."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from agave_local.clock import to_iso
from agave_local.services.files.access import Place
from agave_local.services.files.paths import Parts, to_path
from agave_local.services.files.storage import Entry

_TEXT = ("txt", "c", "h", "cc", "cpp", "cxx", "hpp", "cu", "md", "log", "out", "err")


def to_item(base_url: str, system_id: str, entry: Entry, permission: str) -> Any:
    """Write an entry of a listing.

    Args:
        base_url: of the tenant.
        system_id: of the storage system.
        entry: the file or folder.
        permission: that the caller has there.
    """
    return {
        "name": entry.name,
        "path": to_path(entry.parts),
        "lastModified": to_iso(entry.modified),
        "length": entry.size,
        "permissions": permission if entry.readable else "NONE",
        "format": "folder" if entry.is_folder else "raw",
        "mimeType": "text/directory" if entry.is_folder else _mime(entry.name),
        "type": "dir" if entry.is_folder else "file",
        "system": system_id,
        "_links": to_links(base_url, system_id, entry.parts),
    }


def to_links(base_url: str, system_id: str, parts: Parts) -> Mapping[str, Any]:
    """Write the addresses that belong to a path."""
    # A name that is not UTF-8 has no address; its replacement is quoted instead.
    path = quote("/".join(parts), errors="replace")
    files = f"{base_url}/files/v2"
    return {
        "self": {"href": f"{files}/media/system/{system_id}/{path}"},
        "system": {"href": f"{base_url}/systems/v2/{system_id}"},
        "history": {"href": f"{files}/history/system/{system_id}/{path}"},
    }


def to_import(base_url: str, system_id: str, entry: Entry) -> Mapping[str, Any]:
    """Write what an upload's answer says of the file; the rest is the caller's."""
    return {
        "name": entry.name,
        "internalUsername": None,
        "lastModified": to_iso(entry.modified),
        "path": to_path(entry.parts),
        "status": "STAGING_QUEUED",
        "systemId": system_id,
        "nativeFormat": "raw",
        "_links": to_links(base_url, system_id, entry.parts),
    }


def to_permission(
    base_url: str, place: Place, username: str, *, write: bool, recursive: bool
) -> Any:
    """Write one permission on a path."""
    path = quote("/".join(place.parts))
    url = f"{base_url}/files/v2/pems/system/{place.system_id}/{path}"
    return {
        "username": username,
        "permission": {"read": True, "write": write, "execute": write},
        "recursive": recursive,
        "_links": {
            "self": {"href": url},
            "file": to_links(base_url, place.system_id, place.parts)["self"],
            "profile": {"href": f"{base_url}/profiles/v2/{username}"},
        },
    }


def _mime(name: str) -> str:
    suffix = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    return "text/plain" if suffix in _TEXT else "application/octet-stream"
