"""The APIs that clients subscribe to: the tenant's own, and those it only knows of.

The tenant answers its own APIs. Others are kept as records, so that clients can
subscribe to them; calls of them are answered by whoever runs them.
"""

import re
from collections.abc import Mapping
from typing import Any

from agave_local.call import Identity
from agave_local.clock import Clock, to_iso
from agave_local.errors import BadRequest, Conflict, NotFound
from agave_local.records.store import Document, Store
from agave_local.services.clients.addresses import is_web_address

_KIND = "api"
_VERSION = "v2"
_PROVIDER = "admin"
EVERY_API = "*"
# The first part of each API's addresses.
_OWN = {
    "Actors": "/actors",
    "Admin": "/admin",
    "Apps": "/apps",
    "Clients": "/clients",
    "Files": "/files",
    "Jobs": "/jobs",
    "Metadata": "/meta",
    "Monitors": "/monitors",
    "Notifications": "/notifications",
    "Postits": "/postits",
    "Profiles": "/profiles",
    "Systems": "/systems",
    "Transforms": "/transforms",
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_CONTEXT = re.compile(r"(/[A-Za-z0-9][A-Za-z0-9_.-]{0,63}){1,8}")
_ROLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]{0,99}")
_METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD")
_AUTHS = ("none", "oauth")
_STATUSES = ("CREATED", "PUBLISHED", "RETIRED")


class Apis:
    """The APIs of the tenant.

    Args:
        store: keeps kind `api`: those that are not the tenant's own.
        clock: dates them.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def all(self) -> list[Document]:
        """Return all APIs, the tenant's own first."""
        return [*_own_apis(), *self._store.find(_KIND)]

    def published(self) -> list[Document]:
        """Return the APIs that clients can subscribe to."""
        return [api for api in self.all() if api["status"] == "PUBLISHED"]

    def get(self, api_id: str) -> Document:
        """Return an API.

        Raises:
            NotFound: where there is none.
        """
        for api in self.all():
            if api["id"] == api_id:
                return api
        raise NotFound(f"There is no API {api_id}.")

    def add(self, identity: Identity, body: Mapping[str, Any]) -> Document:
        """Register an API.

        Raises:
            BadRequest: naming the field that is wrong.
            Conflict: for a name or context that is taken.
        """
        api = _read_api(body, identity.username)
        api["created"] = to_iso(self._clock.now())
        with self._store.transaction():
            for other in self.all():
                if other["name"].lower() == api["name"].lower():
                    raise Conflict(f"There is an API {api['name']} already.")
                if other["context"] == api["context"]:
                    raise Conflict(f"{api['context']} is another API's context.")
            self._store.put(_KIND, api["id"], api)
        return api

    def set_status(self, api_id: str, status: object) -> Document:
        """Publish or retire an API that is not the tenant's own.

        Raises:
            BadRequest: for a status that there is not.
            Conflict: for one of the tenant's own.
            NotFound: where there is none.
        """
        word = status.upper() if isinstance(status, str) else ""
        if word not in _STATUSES:
            raise BadRequest(f"status is one of {', '.join(_STATUSES)}.")
        self._check_foreign(api_id)
        changed = self._store.update(_KIND, api_id, lambda api: {**api, "status": word})
        return self.get(api_id) if changed is None else changed

    def delete(self, api_id: str) -> None:
        """Forget an API that is not the tenant's own.

        Raises:
            Conflict: for one of the tenant's own.
            NotFound: where there is none.
        """
        self._check_foreign(api_id)
        self._store.delete(_KIND, api_id)

    def _check_foreign(self, api_id: str) -> None:
        if self.get(api_id) in _own_apis():
            raise Conflict(f"{api_id} is the tenant's own; it stays as it is.")


def name_of(rule: str) -> str | None:
    """Return the name of the tenant's own API that an address belongs to."""
    first = "/" + rule.lstrip("/").partition("/")[0]
    return next((name for name, context in _OWN.items() if context == first), None)


def _own_apis() -> list[Document]:
    return [
        {
            "id": f"{name}-{_PROVIDER}-{_VERSION}",
            "name": name,
            "context": context,
            "version": _VERSION,
            "owner": _PROVIDER,
            "status": "PUBLISHED",
            "visibility": "public",
            "roles": [],
        }
        for name, context in _OWN.items()
    ]


def _read_api(body: Mapping[str, Any], owner: str) -> Document:
    name = _matching(body, "api_name", _NAME, "1 to 64 letters, digits and `_.-`")
    version = body.get("version", _VERSION)
    if not isinstance(version, str) or not _NAME.fullmatch(version):
        raise BadRequest("version is a word such as v2.")
    url = body.get("url")
    if not isinstance(url, str) or not is_web_address(url):
        raise BadRequest("url is an absolute http or https URL.")
    visibility = str(body.get("visibility") or "public").lower()
    if visibility not in ("public", "restricted"):
        raise BadRequest("visibility is public or restricted.")
    roles = _read_roles(body.get("roles") or [])
    if visibility == "restricted" and not roles:
        raise BadRequest("roles says who may subscribe to a restricted API.")
    return {
        "id": f"{name}-{owner}-{version}",
        "name": name,
        "context": _matching(body, "context", _CONTEXT, "a path such as /name"),
        "version": version,
        "owner": owner,
        "status": "CREATED",
        "url": url,
        "methods": _some_of(body.get("methods"), _METHODS, "methods"),
        "auth": _some_of(body.get("auth"), _AUTHS, "auth"),
        "visibility": visibility,
        "roles": roles,
    }


def _matching(
    body: Mapping[str, Any], field: str, rule: re.Pattern[str], words: str
) -> str:
    value = body.get(field)
    if not isinstance(value, str) or not rule.fullmatch(value):
        raise BadRequest(f"{field} is {words}.")
    return value


def _some_of(value: object, choices: tuple[str, ...], field: str) -> list[str]:
    listed = list(choices) if value is None else value
    listed = [listed] if isinstance(listed, str) else listed
    if (
        not isinstance(listed, list)
        or not 0 < len(listed) <= len(_METHODS)
        or any(one not in choices for one in listed)
    ):
        raise BadRequest(f"{field} is a list of {', '.join(choices)}.")
    return listed


def _read_roles(roles: object) -> list[str]:
    if not isinstance(roles, list) or not all(
        isinstance(role, str) and _ROLE.fullmatch(role) for role in roles
    ):
        raise BadRequest("roles is a list of roles.")
    return roles
