"""Calls of the notifications service, which agavepy's operations can't make."""

from collections.abc import Mapping
from typing import Any, Final

from .failures import unusable
from .transport import TenantTransport

__all__ = ["find_notifications"]

_MOST: Final = 100


def find_notifications(
    transport: TenantTransport, uuid: str
) -> list[Mapping[str, Any]]:
    """Return the caller's notifications about a thing, the oldest first."""
    response = transport.request(
        "GET", "/notifications/v2/", params={"associatedUuid": uuid, "limit": _MOST}
    )
    try:
        found = response.json()["result"]
    except (ValueError, LookupError, TypeError) as error:
        raise unusable("notifications", cause=type(error).__name__) from error
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise unusable("notifications", cause="not a list of objects")
    # A platform that does not know the filter returns all there are.
    return [one for one in found if one.get("associatedUuid", uuid) == uuid]
