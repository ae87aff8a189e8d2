"""Documents of the service account in the tenant's metadata.

Anybody can make a document with any name and share it with us, so only documents that
the service account owns count.  Where two have one name, because two functions made
them at the same time, the oldest is the one that counts.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from iptweb.agave import Agave, MetadataItem
from iptweb.errors import AgaveRefused

__all__ = ["delete_quietly", "find_all", "find_own", "find_single"]

PAGE: Final = 100
# A wall against an endless list, far beyond what an instance has.
MOST_PAGES: Final = 200


def find_own(agave: Agave, name: str, owner: str) -> list[MetadataItem]:
    """Return the owner's documents of a name, the one that counts first."""
    found = agave.find_metadata({"name": name, "owner": owner})
    own = [item for item in found if item.name == name and item.owner == owner]
    return sorted(own, key=lambda item: (item.created, item.uuid))


def find_all(agave: Agave, owner: str, query: Mapping[str, Any]) -> list[MetadataItem]:
    """Return all of the owner's documents that match a query, each once."""
    found: dict[str, MetadataItem] = {}
    for number in range(MOST_PAGES):
        page = agave.find_metadata(
            {"owner": owner, **query}, limit=PAGE, offset=number * PAGE
        )
        # One that came while we read moves others to the next page.
        found |= {item.uuid: item for item in page if item.owner == owner}
        if len(page) < PAGE:
            break
    return list(found.values())


def find_single(agave: Agave, name: str, owner: str) -> MetadataItem | None:
    """Return the document of a name that counts, and delete the others."""
    found = find_own(agave, name, owner)
    for extra in found[1:]:
        delete_quietly(agave, extra.uuid)
    return found[0] if found else None


def delete_quietly(agave: Agave, uuid: str) -> None:
    """Delete a document that somebody else may have deleted a moment ago."""
    try:
        agave.delete_metadata(uuid)
    except AgaveRefused as error:
        if error.upstream_status != HTTPStatus.NOT_FOUND:
            raise
