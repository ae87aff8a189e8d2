"""How files look in Agave's JSON."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from agave_local.clock import to_iso
from agave_local.permissions import Permission, to_flags
from agave_local.records.store import Document
from agave_local.services.files.ledger import Site
from agave_local.services.files.paths import Parts, to_path
from agave_local.services.files.storage import Entry

_TEXT = ("txt", "c", "h", "cc", "cpp", "cxx", "hpp", "cu", "md", "log", "out", "err")


def to_item(
    base_url: str,
    system_id: str,
    entry: Entry,
    permission: str,
    uuid: str | None = None,
) -> Any:
    """Write an entry of a listing.

    Args:
        base_url: of the tenant.
        system_id: of the storage system.
        entry: the file or folder.
        permission: that the caller has there.
        uuid: of its record; None where it has none.
    """
    links = dict(to_links(base_url, system_id, entry.parts))
    if uuid is not None:
        query = quote(f'{{"associationIds":"{uuid}"}}')
        links["metadata"] = {"href": f"{base_url}/meta/v2/data?q={query}"}
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
        "_links": links,
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


def to_import(
    base_url: str, site: Site, record: Document, who: str, modified: float
) -> Mapping[str, Any]:
    """Write the answer to an upload or an import.

    Args:
        base_url: of the tenant.
        site: the new file.
        record: of it.
        who: sent it.
        modified: seconds since the epoch.
    """
    return {
        "name": site.parts[-1],
        "uuid": record["uuid"],
        "owner": who,
        "internalUsername": None,
        "lastModified": to_iso(modified),
        "source": record["source"],
        "path": site.path,
        "status": "STAGING_QUEUED",
        "systemId": site.system_id,
        "nativeFormat": record["nativeFormat"],
        "_links": to_links(base_url, site.system_id, site.parts),
    }


def to_permission(
    base_url: str,
    site: Site,
    username: str,
    permission: Permission,
    *,
    recursive: bool,
) -> Any:
    """Write one permission on a path."""
    path = quote("/".join(site.parts))
    url = f"{base_url}/files/v2/pems/system/{site.system_id}/{path}"
    return {
        "username": username,
        "permission": to_flags(permission, execute=True),
        "recursive": recursive,
        "_links": {
            "self": {"href": url},
            "file": to_links(base_url, site.system_id, site.parts)["self"],
            "profile": {"href": f"{base_url}/profiles/v2/{username}"},
        },
    }


def _mime(name: str) -> str:
    suffix = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    return "text/plain" if suffix in _TEXT else "application/octet-stream"
