"""The typed client of a tenant: what deploying asks of it.

Plain requests against the public API (Agave v2, Abaco v2), as anybody's own script
would: a real tenant and the local one are filled in the very same way.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import requests

from agave_deploy.errors import TenantRefused
from agave_deploy.tenant.actor_calls import ActorCalls
from agave_deploy.tenant.connection import Object, read_json, to_part

__all__ = ["TenantClient"]

_PAGE = 100  # entries of a listing at a time


class TenantClient(ActorCalls):
    """Calls one tenant as one account; its arguments are those of a connection."""

    # OAuth clients, by the account's password

    def find_client(self, name: str) -> Object | None:
        """Return an OAuth client without its secret, or None."""
        return self._find("GET", f"/clients/v2/{to_part(name)}", auth=self._account)

    def make_client(self, name: str, callback_url: str, description: str) -> Object:
        """Make an OAuth client; only this answer ever holds its secret."""
        body = {
            "clientName": name,
            "callbackUrl": callback_url,
            "description": description,
        }
        return self._object("POST", "/clients/v2", json=body, auth=self._account)

    def delete_client(self, name: str) -> None:
        """Delete an OAuth client."""
        self._call("DELETE", f"/clients/v2/{to_part(name)}", auth=self._account)

    def sign_in(self, key: str, secret: str) -> None:
        """Take a token with the account's password; later calls carry it."""
        username, password = self._account
        form = {
            "grant_type": "password",
            "username": username,
            "password": password,
            "scope": "PRODUCTION",
        }
        answer = self._send("POST", "/token", auth=(key, secret), data=form)
        token = read_json(answer).get("access_token")
        if not isinstance(token, str) or not token:
            raise TenantRefused("POST /token", answer.status_code, "no token came back")
        self._token = token

    # Systems

    def find_system(self, system: str) -> Object | None:
        """Return a system, or None."""
        return self._find("GET", f"/systems/v2/{to_part(system)}")

    def put_system(self, document: Mapping[str, Any], *, exists: bool) -> None:
        """Register or update a system."""
        path = f"/systems/v2/{to_part(document['id'])}" if exists else "/systems/v2"
        self._call("POST", path, again=exists, json=document)

    def delete_system(self, system: str) -> bool:
        """Take a system's registration back; false where there was none."""
        return self._delete(f"/systems/v2/{to_part(system)}")

    def publish_system(self, system: str) -> None:
        """Make a system public."""
        path = f"/systems/v2/{to_part(system)}"
        self._call("PUT", path, again=True, json={"action": "PUBLISH"})

    def system_roles(self, system: str) -> dict[str, str]:
        """Return each user's role on a system."""
        entries = self._list("GET", f"/systems/v2/{to_part(system)}/roles")
        return {str(entry["username"]): str(entry["role"]) for entry in entries}

    def set_system_role(self, system: str, user: str, role: str) -> None:
        """Give a user a role on a system."""
        path = f"/systems/v2/{to_part(system)}/roles/{to_part(user)}"
        self._call("POST", path, again=True, json={"role": role})

    def put_credential(self, system: str, user: str, auth: Mapping[str, Any]) -> None:
        """Say how one user's jobs sign in at a system."""
        path = f"/systems/v2/{to_part(system)}/credentials/{to_part(user)}"
        self._call("POST", path, json=auth)

    def delete_credential(self, system: str, user: str) -> None:
        """Have one user's jobs sign in as everybody's do."""
        path = f"/systems/v2/{to_part(system)}/credentials/{to_part(user)}"
        self._call("DELETE", path)

    def has_account(self, user: str) -> bool:
        """Tell whether somebody has an account of that name."""
        return self._find("GET", f"/profiles/v2/{to_part(user)}") is not None

    # Apps

    def find_app(self, app: str) -> Object | None:
        """Return an app, or None."""
        return self._find("GET", f"/apps/v2/{to_part(app)}")

    def put_app(self, app: str, document: Mapping[str, Any], *, exists: bool) -> None:
        """Register or update an app."""
        path = f"/apps/v2/{to_part(app)}" if exists else "/apps/v2"
        self._call("POST", path, again=exists, json=document)

    def delete_app(self, app: str) -> bool:
        """Take an app's registration back; false where there was none."""
        return self._delete(f"/apps/v2/{to_part(app)}")

    def app_users(self, app: str) -> set[str]:
        """Return the users who may run an app."""
        entries = self._list("GET", f"/apps/v2/{to_part(app)}/pems")
        return {
            str(entry["username"])
            for entry in entries
            if entry.get("permission", {}).get("execute")
        }

    def grant_app(self, app: str, user: str) -> None:
        """Let a user run an app."""
        path = f"/apps/v2/{to_part(app)}/pems/{to_part(user)}"
        self._call("POST", path, again=True, json={"permission": "READ_EXECUTE"})

    # Files

    def read_file(self, system: str, path: str) -> bytes | None:
        """Return a file's content, or None."""
        try:
            return self._send("GET", _media(system, path)).content
        except TenantRefused as error:
            if error.status == requests.codes.not_found:
                return None
            raise

    def make_folder(self, system: str, path: str) -> None:
        """Make a folder with all that lead to it."""
        body = {"action": "mkdir", "path": path}
        self._call("PUT", _media(system, ""), again=True, json=body)

    def list_folder(self, system: str, path: str) -> list[Object]:
        """Return what lies in a folder; nothing where there is none."""
        address = f"/files/v2/listings/system/{to_part(system)}/{quote(path)}"
        try:
            entries = self._list("GET", address)
        except TenantRefused as error:
            if error.status == requests.codes.not_found:
                return []
            raise
        return [entry for entry in entries if entry.get("name") != "."]

    def upload_file(
        self, system: str, folder: str, name: str, content: bytes, media_type: str
    ) -> None:
        """Write one file into a folder, over an older one of that name."""
        files = {"fileToUpload": (name, content, media_type)}
        self._call("POST", _media(system, folder), again=True, files=files)

    def delete_file(self, system: str, path: str) -> bool:
        """Delete a file or a folder; false where there was none."""
        return self._delete(_media(system, path))

    def publish_folder(self, system: str, path: str) -> None:
        """Let everybody read a folder without a token."""
        body = {"username": "public", "permission": "READ", "recursive": True}
        address = f"/files/v2/pems/system/{to_part(system)}/{quote(path)}"
        self._call("POST", address, again=True, json=body)

    # Metadata

    def documents(self, query: Mapping[str, Any]) -> list[Object]:
        """Return our own metadata documents that a query finds, the oldest first.

        Whoever makes a document may let us read it: it does not count.
        """
        found: list[Object] = []
        while True:
            options = {"q": json.dumps(query), "limit": _PAGE, "offset": len(found)}
            some = self._list("GET", "/meta/v2/data", params=options)
            found += some
            if len(some) < _PAGE:
                break
        own = [each for each in found if each.get("owner") == self.username]
        return sorted(own, key=lambda each: (str(each["created"]), str(each["uuid"])))

    def put_document(self, name: str, value: Mapping[str, Any], uuid: str = "") -> None:
        """Make a metadata document, or replace the one that is named."""
        path = f"/meta/v2/data/{to_part(uuid)}" if uuid else "/meta/v2/data"
        body = {"name": name, "value": dict(value)}
        self._call("POST", path, again=bool(uuid), json=body)

    def share_document(self, uuid: str, user: str, permission: str) -> None:
        """Let somebody read a metadata document of ours, or write it."""
        body = {"username": user, "permission": permission}
        path = f"/meta/v2/data/{to_part(uuid)}/pems"
        self._call("POST", path, again=True, json=body)

    def delete_document(self, uuid: str) -> bool:
        """Delete a metadata document; false where there was none."""
        return self._delete(f"/meta/v2/data/{to_part(uuid)}")


def _media(system: str, path: str) -> str:
    return f"/files/v2/media/system/{to_part(system)}/{quote(path)}"
