"""The typed face of agavepy: the calls we make, and nothing else of it."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from requests import Response

from iptweb.secret import Secret

from .api import Job
from .failures import Acting, unusable
from .files import read_file, write_file
from .jobs import find_jobs, read_part
from .models import FileItem, MetadataItem, Profile, Slice
from .notifications import find_notifications
from .swagger import Operations, load_agavepy
from .transport import TenantTransport

__all__ = ["AgaveClient", "warm"]

# How long an actor may take to answer.
ANSWER_SECONDS: Final = 120.0


def warm() -> None:
    """Do the slow part of the first call ahead of it, in a parent that will fork."""
    load_agavepy()


class AgaveClient:
    """A tenant with one token; implements `iptweb.agave.Agave`.

    Args:
        api_server: Base address of the tenant.
        token: The token that all calls carry.
        acting: Whether that token is the user's or the service's.
    """

    def __init__(self, api_server: str, token: Secret, acting: Acting) -> None:
        self._transport = TenantTransport(api_server.rstrip("/"), token, acting)
        self._operations = Operations(self._transport)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def my_profile(self) -> Profile:
        """Return the owner of the token."""
        return Profile.from_agave(self._object("profiles", "get"))

    def find_metadata(
        self, query: Mapping[str, Any], *, limit: int = 100, offset: int = 0
    ) -> list[MetadataItem]:
        """Return the documents that match a Mongo-style query."""
        page = {"limit": limit, **({"offset": offset} if offset else {})}
        found = self._list("meta", "listMetadata", q=to_json(query), **page)
        return [MetadataItem.from_agave(item) for item in found]

    def add_metadata(self, name: str, value: Mapping[str, Any]) -> MetadataItem:
        """Add a document."""
        body = {"name": name, "value": dict(value)}
        return MetadataItem.from_agave(self._object("meta", "addMetadata", body=body))

    def update_metadata(
        self, uuid: str, name: str, value: Mapping[str, Any]
    ) -> MetadataItem:
        """Replace a document."""
        body = {"name": name, "value": dict(value)}
        return MetadataItem.from_agave(
            self._object("meta", "updateMetadata", uuid=part(uuid), body=body)
        )

    def delete_metadata(self, uuid: str) -> None:
        """Delete a document."""
        self._do("meta", "deleteMetadata", uuid=part(uuid))

    def share_metadata(self, uuid: str, username: str, permission: str) -> None:
        """Let somebody else read or write a document."""
        body = {"username": username, "permission": permission}
        self._do("meta", "updateMetadataPermissions", uuid=part(uuid), body=body)

    def list_files(
        self, system: str, path: str, *, limit: int, offset: int = 0
    ) -> list[FileItem]:
        """List a folder, or one file."""
        found = self._list(
            "files",
            "list",
            systemId=part(system),
            filePath=quote(path),
            limit=limit,
            offset=offset,
        )
        return [FileItem.from_agave(item) for item in found]

    def make_folder(self, system: str, parent: str, name: str) -> None:
        """Make a folder."""
        self._manage(system, parent, {"action": "mkdir", "path": name})

    def rename_file(self, system: str, path: str, name: str) -> None:
        """Give a file or folder another name in the same place."""
        self._manage(system, path, {"action": "rename", "path": name})

    def _manage(self, system: str, path: str, body: dict[str, str]) -> None:
        self._do(
            "files", "manage", systemId=part(system), filePath=quote(path), body=body
        )

    def delete_file(self, system: str, path: str) -> None:
        """Delete a file, or a folder with all that is in it."""
        self._do("files", "delete", systemId=part(system), filePath=quote(path))

    def media_url(self, system: str, path: str) -> str:
        """Return the address of a file's bytes."""
        base = f"{self._transport.api_server}/files/v2/media/system"
        return f"{base}/{part(system)}/{quote(path)}"

    def read_file(self, system: str, path: str, most: int) -> bytes:
        """Return a file, but no more than `most` bytes and one of it."""
        return read_file(self._transport, part(system), path, most)

    def write_file(self, system: str, folder: str, name: str, data: bytes) -> None:
        """Write a file into a folder; one of that name there is replaced."""
        write_file(self._transport, part(system), folder, name, data)

    def submit_job(self, document: Mapping[str, Any]) -> Job:
        """Submit a job."""
        return self._object("jobs", "submit", body=dict(document))

    def list_jobs(self, *, limit: int, offset: int = 0) -> list[Job]:
        """Return job summaries, the newest first."""
        return self._list("jobs", "list", limit=limit, offset=offset)

    def find_jobs(
        self,
        terms: Mapping[str, str | Sequence[str]],
        *,
        limit: int,
        offset: int = 0,
    ) -> list[Job]:
        """Return the jobs that satisfy all terms of a search, the newest first."""
        return find_jobs(self._transport, terms, limit=limit, offset=offset)

    def get_job(self, job_id: str) -> Job:
        """Return one job in full."""
        return self._object("jobs", "get", jobId=part(job_id))

    def job_history(self, job_id: str) -> list[Mapping[str, Any]]:
        """Return the events of a job, the oldest first."""
        return self._list("jobs", "getHistory", jobId=part(job_id))

    def list_outputs(
        self, job_id: str, path: str = "", *, limit: int = 250
    ) -> list[FileItem]:
        """List the output folder of a job, wherever it is now."""
        found = self._list(
            "jobs",
            "listOutputs",
            jobId=part(job_id),
            filePath=quote(path),
            limit=limit,
        )
        return [FileItem.from_agave(item) for item in found]

    def read_output(self, job_id: str, path: str, offset: int, length: int) -> Slice:
        """Return a part of an output file."""
        return read_part(self._transport, part(job_id), path, offset, length)

    def outputs_url(self, job_id: str) -> str:
        """Return what addresses of a job's files begin with, up to their names."""
        return f"{self._transport.api_server}/jobs/v2/{part(job_id)}/outputs/media/"

    def find_notifications(self, uuid: str) -> list[Mapping[str, Any]]:
        """Return the caller's notifications about a thing, the oldest first."""
        return find_notifications(self._transport, uuid)

    def share_job(self, job_id: str, username: str, permission: str) -> None:
        """Let somebody else read a job."""
        body = {"username": username, "permission": permission}
        self._do("jobs", "updatePermissions", jobId=part(job_id), body=body)

    def stop_job(self, job_id: str) -> None:
        """Cancel a job."""
        self._do("jobs", "manage", jobId=part(job_id), body={"action": "stop"})

    def delete_job(self, job_id: str) -> None:
        """Hide a job from the list."""
        self._do("jobs", "delete", jobId=part(job_id))

    def grant_system(self, system: str, username: str, role: str) -> None:
        """Give somebody a role on a system."""
        body = {"username": username, "role": role}
        self._do("systems", "updateRole", systemId=part(system), body=body)

    def grant_app(self, app: str, username: str, permission: str) -> None:
        """Give somebody a permission on an app."""
        body = {"username": username, "permission": permission}
        self._do("apps", "updateApplicationPermissions", appId=part(app), body=body)

    def grant_actor(self, actor: str, username: str, level: str) -> None:
        """Give somebody a level on an actor, by id or alias."""
        body = {"user": username, "level": level}
        self._do("actors", "updatePermissions", actorId=part(actor), body=body)

    def ask_actor(self, actor: str, message: Mapping[str, Any]) -> dict[str, Any]:
        """Send a message to an actor and return what it answers.

        Not by agavepy, whose `sendMessage` can't wait for an answer.
        """
        response = self._post_message(actor, message, {"_abaco_synchronous": "true"})
        try:
            frame = response.json()
        except ValueError:
            # No frame came, so the platform sent the log.
            frame = None
        if not isinstance(frame, dict) or not isinstance(frame.get("status"), int):
            raise unusable("actors", cause="not a frame of ours")
        return frame

    def send_message(self, actor: str, message: Mapping[str, Any]) -> str:
        """Send a message to an actor; return the id of the execution."""
        try:
            result = self._post_message(actor, message, {}).json()["result"]
            return str(result["executionId"])
        except (ValueError, LookupError, TypeError) as error:
            raise unusable("actors", cause=type(error).__name__) from error

    def _post_message(
        self, actor: str, message: Mapping[str, Any], params: Mapping[str, str]
    ) -> Response:
        return self._transport.request(
            "POST",
            f"/actors/v2/{part(actor)}/messages",
            params=params,
            data=json.dumps(message),
            headers={"Content-Type": "application/json"},
            patience_s=ANSWER_SECONDS,
        )

    def _do(self, resource: str, operation: str, **arguments: Any) -> Any:
        return self._operations.call(resource, operation, **arguments)

    def _object(
        self, resource: str, operation: str, **arguments: Any
    ) -> dict[str, Any]:
        result = self._do(resource, operation, **arguments)
        if not isinstance(result, dict) or not all(isinstance(k, str) for k in result):
            raise unusable(resource, cause="not an object")
        if "result" in result:
            # What agavepy can't read it leaves in the envelope, and returns that.
            raise unusable(resource, cause="no object in the envelope")
        return {name: to_plain(value) for name, value in result.items()}

    def _list(
        self, resource: str, operation: str, **arguments: Any
    ) -> list[Mapping[str, Any]]:
        result = self._do(resource, operation, **arguments)
        if not isinstance(result, list) or not all(isinstance(r, dict) for r in result):
            raise unusable(resource, cause="not a list of objects")
        return [to_plain(item) for item in result]


def part(value: str) -> str:
    """Return a value as exactly one part of a path."""
    return quote(value, safe="")


def to_json(query: Mapping[str, Any]) -> str:
    """Return a query as the text that the metadata service takes."""
    return json.dumps(query, separators=(",", ":"))


def to_plain(value: Any) -> Any:
    """Return agavepy's dictionaries and dates as plain JSON values."""
    match value:
        case dict():
            return {name: to_plain(entry) for name, entry in value.items()}
        case list():
            return [to_plain(entry) for entry in value]
        case dt.datetime():
            return value.isoformat()
        case _:
            return value
