"""The typed client of a tenant: the only module here that speaks HTTP.

Plain requests against the public API (Agave v2, Abaco v2), as anybody's own script
would: a real tenant and the local one are filled in the very same way.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import requests

from agave_deploy.errors import TenantRefused, TenantUnreachable

__all__ = ["TenantClient"]

_TIMEOUT = (10, 120)
Object = dict[str, Any]


class TenantClient:
    """Calls one tenant as one account.

    Args:
        tenant: its address without a trailing slash.
        username: of the account.
        password: of the account.
        session: carries the requests.
    """

    def __init__(
        self,
        tenant: str,
        username: str,
        password: str,
        session: requests.Session | None = None,
    ) -> None:
        self._tenant = tenant
        self._account = (username, password)
        self._session = session or requests.Session()
        self._session.trust_env = False
        self._token = ""

    # OAuth clients, by the account's password

    def find_client(self, name: str) -> Object | None:
        """Return an OAuth client without its secret, or None."""
        return self._find("GET", f"/clients/v2/{_part(name)}", auth=self._account)

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
        self._call("DELETE", f"/clients/v2/{_part(name)}", auth=self._account)

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
        token = _read_json(answer).get("access_token")
        if not isinstance(token, str) or not token:
            raise TenantRefused("POST /token", answer.status_code, "no token came back")
        self._token = token

    # Systems

    def find_system(self, system: str) -> Object | None:
        """Return a system, or None."""
        return self._find("GET", f"/systems/v2/{_part(system)}")

    def put_system(self, document: Mapping[str, Any], *, exists: bool) -> None:
        """Register or update a system."""
        path = f"/systems/v2/{_part(document['id'])}" if exists else "/systems/v2"
        self._call("POST", path, json=document)

    def publish_system(self, system: str) -> None:
        """Make a system public."""
        self._call("PUT", f"/systems/v2/{_part(system)}", json={"action": "PUBLISH"})

    def system_roles(self, system: str) -> dict[str, str]:
        """Return each user's role on a system."""
        entries = self._list("GET", f"/systems/v2/{_part(system)}/roles")
        return {str(entry["username"]): str(entry["role"]) for entry in entries}

    def set_system_role(self, system: str, user: str, role: str) -> None:
        """Give a user a role on a system."""
        path = f"/systems/v2/{_part(system)}/roles/{_part(user)}"
        self._call("POST", path, json={"role": role})

    def put_credential(self, system: str, user: str, auth: Mapping[str, Any]) -> None:
        """Say how one user's jobs sign in at a system."""
        path = f"/systems/v2/{_part(system)}/credentials/{_part(user)}"
        self._call("POST", path, json=auth)

    def delete_credential(self, system: str, user: str) -> None:
        """Have one user's jobs sign in as everybody's do."""
        path = f"/systems/v2/{_part(system)}/credentials/{_part(user)}"
        self._call("DELETE", path)

    def has_account(self, user: str) -> bool:
        """Tell whether somebody has an account of that name."""
        return self._find("GET", f"/profiles/v2/{_part(user)}") is not None

    # Apps

    def find_app(self, app: str) -> Object | None:
        """Return an app, or None."""
        return self._find("GET", f"/apps/v2/{_part(app)}")

    def put_app(self, app: str, document: Mapping[str, Any], *, exists: bool) -> None:
        """Register or update an app."""
        path = f"/apps/v2/{_part(app)}" if exists else "/apps/v2"
        self._call("POST", path, json=document)

    def app_users(self, app: str) -> set[str]:
        """Return the users who may run an app."""
        entries = self._list("GET", f"/apps/v2/{_part(app)}/pems")
        return {
            str(entry["username"])
            for entry in entries
            if entry.get("permission", {}).get("execute")
        }

    def grant_app(self, app: str, user: str) -> None:
        """Let a user run an app."""
        path = f"/apps/v2/{_part(app)}/pems/{_part(user)}"
        self._call("POST", path, json={"permission": "READ_EXECUTE"})

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
        self._call("PUT", _media(system, ""), json={"action": "mkdir", "path": path})

    def upload_file(
        self, system: str, folder: str, name: str, content: bytes, media_type: str
    ) -> None:
        """Write one file into a folder, over an older one of that name."""
        files = {"fileToUpload": (name, content, media_type)}
        self._call("POST", _media(system, folder), files=files)

    def delete_file(self, system: str, path: str) -> None:
        """Delete a file."""
        self._call("DELETE", _media(system, path))

    def publish_folder(self, system: str, path: str) -> None:
        """Let everybody read a folder without a token."""
        body = {"username": "public", "permission": "READ", "recursive": True}
        self._call("POST", f"/files/v2/pems/system/{_part(system)}/{path}", json=body)

    # Actors

    def actors(self) -> list[Object]:
        """Return the actors that the account may see."""
        return self._list("GET", "/actors/v2")

    def put_actor(self, document: Mapping[str, Any], actor: str | None) -> str:
        """Register an actor, or update the given one; return its id."""
        if actor is None:
            return str(self._object("POST", "/actors/v2", json=document)["id"])
        self._call("PUT", f"/actors/v2/{_part(actor)}", json=document)
        return actor

    def aliases(self) -> dict[str, Object]:
        """Return all aliases by name, each with its actor's id and its owner."""
        entries = self._list("GET", "/actors/v2/aliases")
        return {str(entry["alias"]): entry for entry in entries}

    def put_alias(self, alias: str, actor: str, *, exists: bool) -> None:
        """Let an alias mean an actor."""
        body = {"alias": alias, "actorId": actor}
        if exists:
            path = f"/actors/v2/aliases/{_part(alias)}"
            self._call("PUT", path, json={"actorId": actor})
        else:
            self._call("POST", "/actors/v2/aliases", json=body)

    def actor_users(self, actor: str) -> dict[str, str]:
        """Return each user's permission on an actor."""
        entries = self._object("GET", f"/actors/v2/{_part(actor)}/permissions")
        return {str(user): str(level) for user, level in entries.items()}

    def grant_actor(self, actor: str, user: str) -> None:
        """Let a user send messages to an actor."""
        body = {"user": user, "level": "EXECUTE"}
        self._call("POST", f"/actors/v2/{_part(actor)}/permissions", json=body)

    def configs(self) -> dict[str, Object]:
        """Return all configs by name; secrets come back encrypted."""
        entries = self._list("GET", "/actors/v2/configs")
        return {str(entry["name"]): entry for entry in entries}

    def config_users(self, name: str) -> dict[str, str]:
        """Return each user's permission on a config."""
        entries = self._object("GET", f"/actors/v2/configs/{_part(name)}/permissions")
        return {str(user): str(level) for user, level in entries.items()}

    def put_config(
        self, name: str, value: str, actors: str, *, secret: bool, exists: bool
    ) -> None:
        """Set a config for actors, a list of aliases parted by commas."""
        body = {"name": name, "value": value, "isSecret": secret, "actors": actors}
        if exists:
            self._call("PUT", f"/actors/v2/configs/{_part(name)}", json=body)
        else:
            self._call("POST", "/actors/v2/configs", json=body)

    def nonces(self, alias: str) -> list[Object]:
        """Return the nonces of an alias."""
        return self._list("GET", f"/actors/v2/aliases/{_part(alias)}/nonces")

    def make_nonce(self, alias: str, description: str) -> str:
        """Make a nonce with which anybody may send messages to an alias."""
        body = {"level": "EXECUTE", "maxUses": -1, "description": description}
        path = f"/actors/v2/aliases/{_part(alias)}/nonces"
        return str(self._object("POST", path, json=body)["id"])

    # What all calls share

    def _find(self, method: str, path: str, **options: Any) -> Object | None:
        try:
            return self._object(method, path, **options)
        except TenantRefused as error:
            if error.status == requests.codes.not_found:
                return None
            raise

    def _object(self, method: str, path: str, **options: Any) -> Object:
        result = self._call(method, path, **options)
        if isinstance(result, dict):
            return result
        raise TenantRefused(f"{method} {path}", 200, "the answer is no object")

    def _list(self, method: str, path: str) -> list[Object]:
        result = self._call(method, path)
        if isinstance(result, list):
            return [entry for entry in result if isinstance(entry, dict)]
        raise TenantRefused(f"{method} {path}", 200, "the answer is no list")

    def _call(self, method: str, path: str, **options: Any) -> Any:
        return _read_json(self._send(method, path, **options)).get("result")

    def _send(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {}
        if "auth" not in options:
            headers["Authorization"] = f"Bearer {self._token}"
        operation = f"{method} {path}"
        try:
            answer = self._session.request(
                method,
                self._tenant + path,
                headers=headers,
                timeout=_TIMEOUT,
                allow_redirects=False,  # a redirect must not carry secrets elsewhere
                **options,
            )
        except requests.RequestException as error:
            raise TenantUnreachable(
                f"The tenant {self._tenant} gave no answer to {operation}; "
                "is it running?"
            ) from error
        if answer.status_code >= requests.codes.multiple_choices:
            raise TenantRefused(operation, answer.status_code, _reason(answer))
        return answer


def _part(value: Any) -> str:
    return quote(str(value), safe="")


def _media(system: str, path: str) -> str:
    return f"/files/v2/media/system/{_part(system)}/{quote(path)}"


def _read_json(answer: requests.Response) -> Object:
    if not answer.content:
        return {}
    try:
        body = answer.json()
    except ValueError:
        body = None
    if isinstance(body, dict):
        return body
    operation = f"{answer.request.method} {answer.request.path_url}"
    raise TenantRefused(operation, answer.status_code, "the answer is not JSON")


def _reason(answer: requests.Response) -> str:
    try:
        body = json.loads(answer.content)
    except ValueError:
        return answer.reason or "no reason given"
    if not isinstance(body, dict):
        return "no reason given"
    fault = body.get("fault")
    if isinstance(fault, dict):
        body = fault
    for key in ("message", "error_description", "description", "error"):
        if isinstance(body.get(key), str) and body[key]:
            return str(body[key])
    return "no reason given"
