"""A tenant in memory, as far as the functions use one."""

import copy
import itertools
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from iptweb.agave import FileItem, MetadataItem, Profile, Slice
from iptweb.errors import AgaveRefused, TokenExpired, UpstreamError
from iptweb.secret import Secret

from .search import is_found, matches

__all__ = ["FakeAgave", "FakeTenant"]

Frame = Mapping[str, Any]
_SUMMARY = ("id", "name", "owner", "appId", "executionSystem", "created", "status")


def refused(service: str, status: int) -> AgaveRefused:
    """Return the platform's refusal, as the real client raises it."""
    return AgaveRefused(
        f"The platform's {service} service refused (status {status}).",
        service=service,
        upstream_status=status,
    )


class FakeTenant:
    """The state of the tenant; `as_user` gives it as one user sees it.

    Attributes:
        tokens: Token to user name.
        metadata: All documents, in the order in which they were made.
        shares: Document or job, and user name, to permission.
        files: Storage path to contents; None for a folder.
        jobs: Job id to job, the oldest first.
        outputs: Job id to file name to contents.
        events: Job id to its history, where that is not told by its status alone.
        grants: Every right that was given: kind, id, user name, right.
        actors: Alias to what answers, with a frame, a user's message.
        failures: Operation name to the error that its next call raises.
        calls: Names of all operations, in the order in which they were called.
        ignores_searches: Whether it returns any job, whatever it is asked for.
    """

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self.tokens: dict[str, str] = {}
        self.metadata: list[MetadataItem] = []
        self.shares: dict[tuple[str, str], str] = {}
        self.files: dict[str, bytes | None] = {}
        self.jobs: dict[str, dict[str, Any]] = {}
        self.outputs: dict[str, dict[str, bytes]] = {}
        self.events: dict[str, list[dict[str, Any]]] = {}
        self.grants: list[tuple[str, str, str, str]] = []
        self.actors: dict[str, Callable[[str, Mapping[str, Any]], Frame]] = {}
        self.failures: dict[str, UpstreamError] = {}
        self.calls: list[str] = []
        self.ignores_searches = False

    def give_token(self, username: str) -> str:
        """Return a new token of a user."""
        token = f"token-of-{username}-{next(self._numbers)}"
        self.tokens[token] = username
        return token

    def connect(self, api_server: str, token: Secret, acting: str) -> "FakeAgave":
        """Return the tenant as the owner of a token sees it."""
        del api_server, acting
        return FakeAgave(self, token.reveal())

    def as_user(self, username: str) -> "FakeAgave":
        """Return the tenant as a user sees it."""
        return FakeAgave(self, self.give_token(username))

    def number(self) -> int:
        """Return the next of the numbers that ids and times are made of."""
        return next(self._numbers)


class FakeAgave:
    """One tenant with one token; implements `iptweb.agave.Agave`."""

    def __init__(self, tenant: FakeTenant, token: str) -> None:
        self._tenant = tenant
        self._token = token

    def _enter(self, operation: str) -> str:
        """Return the caller of an operation, or raise what a test asked for."""
        self._tenant.calls.append(operation)
        failure = self._tenant.failures.pop(operation, None)
        if failure is not None:
            raise failure
        username = self._tenant.tokens.get(self._token)
        if username is None:
            raise TokenExpired("Your sign-in has expired.", service="token")
        return username

    def my_profile(self) -> Profile:
        """Return the owner of the token."""
        username = self._enter("my_profile")
        return Profile(username, username.title())

    def find_metadata(
        self, query: Mapping[str, Any], *, limit: int = 100, offset: int = 0
    ) -> list[MetadataItem]:
        """Return documents that match, as far as the caller may read them."""
        username = self._enter("find_metadata")
        found = [
            item
            for item in self._tenant.metadata
            if all(matches(item, name, test) for name, test in query.items())
            and (item.owner == username or (item.uuid, username) in self._tenant.shares)
        ]
        return copy.deepcopy(found[offset : offset + limit])

    def add_metadata(self, name: str, value: Mapping[str, Any]) -> MetadataItem:
        """Add a document."""
        username = self._enter("add_metadata")
        number = self._tenant.number()
        item = MetadataItem(
            f"{number}-012", username, name, copy.deepcopy(dict(value)), f"{number:09}"
        )
        self._tenant.metadata.append(item)
        return copy.deepcopy(item)

    def update_metadata(
        self, uuid: str, name: str, value: Mapping[str, Any]
    ) -> MetadataItem:
        """Replace a document of the caller's."""
        username = self._enter("update_metadata")
        old = self._find(uuid, username)
        new = MetadataItem(
            uuid, old.owner, name, copy.deepcopy(dict(value)), old.created
        )
        self._tenant.metadata[self._tenant.metadata.index(old)] = new
        return copy.deepcopy(new)

    def delete_metadata(self, uuid: str) -> None:
        """Delete a document of the caller's."""
        username = self._enter("delete_metadata")
        self._tenant.metadata.remove(self._find(uuid, username))

    def share_metadata(self, uuid: str, username: str, permission: str) -> None:
        """Let somebody else read a document."""
        owner = self._enter("share_metadata")
        self._find(uuid, owner)
        self._tenant.shares[uuid, username] = permission

    def _find(self, uuid: str, username: str) -> MetadataItem:
        for item in self._tenant.metadata:
            if item.uuid == uuid and item.owner == username:
                return item
        raise refused("meta", 404)

    def list_files(
        self, system: str, path: str, *, limit: int, offset: int = 0
    ) -> list[FileItem]:
        """List a folder, itself first, or one file."""
        self._own("list_files", system, path)
        files = self._tenant.files
        if path not in files:
            raise refused("files", 404)
        if files[path] is not None:
            return [self._item(path)]
        inside = sorted(p for p in files if str(PurePosixPath(p).parent) == path)
        itself = FileItem(".", f"/{path}", "dir", 0, "")
        return [itself, *map(self._item, inside)][offset : offset + limit]

    def _item(self, path: str) -> FileItem:
        data = self._tenant.files[path]
        name = PurePosixPath(path).name
        if data is None:
            return FileItem(name, f"/{path}", "dir", 0, "")
        return FileItem(name, f"/{path}", "file", len(data), "")

    def _own(self, operation: str, system: str, path: str) -> None:
        username = self._enter(operation)
        if system != "ipt.storage":
            raise refused("files", 404)
        if username != "ipt" and path.split("/", maxsplit=1)[0] != username:
            raise refused("files", 403)

    def make_folder(self, system: str, parent: str, name: str) -> None:
        """Make a folder."""
        path = f"{parent}/{name}".lstrip("/")
        self._own("make_folder", system, path)
        if parent and self._tenant.files.get(parent, b"") is not None:
            raise refused("files", 404)
        self._tenant.files.setdefault(path, None)

    def rename_file(self, system: str, path: str, name: str) -> None:
        """Rename an entry, a folder with everything in it."""
        self._own("rename_file", system, path)
        if path not in self._tenant.files:
            raise refused("files", 404)
        target = str(PurePosixPath(path).parent / name)
        self._tenant.files = {
            (target + p[len(path) :] if (p + "/").startswith(path + "/") else p): data
            for p, data in self._tenant.files.items()
        }

    def delete_file(self, system: str, path: str) -> None:
        """Delete an entry, a folder with everything in it."""
        self._own("delete_file", system, path)
        if path not in self._tenant.files:
            raise refused("files", 404)
        self._tenant.files = {
            p: data
            for p, data in self._tenant.files.items()
            if not (p + "/").startswith(path + "/")
        }

    def media_url(self, system: str, path: str) -> str:
        """Return the address of a file's bytes."""
        return f"https://tenant.test/files/v2/media/system/{system}/{path}"

    def read_file(self, system: str, path: str, most: int) -> bytes:
        """Return the beginning of a file."""
        self._own("read_file", system, path)
        data = self._tenant.files.get(path)
        if data is None:
            raise refused("files", 404)
        return data[: most + 1]

    def write_file(self, system: str, folder: str, name: str, data: bytes) -> None:
        """Write a file into a folder."""
        self._own("write_file", system, folder)
        if self._tenant.files.get(folder, b"") is not None:
            raise refused("files", 404)
        self._tenant.files[f"{folder}/{name}"] = data

    def submit_job(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Keep a job, PENDING."""
        username = self._enter("submit_job")
        number = self._tenant.number()
        job = {
            **copy.deepcopy(dict(document)),
            "id": f"{number}-007",
            "owner": username,
            "status": "PENDING",
            "created": f"2026-01-01T00:00:{number % 60:02}Z",
        }
        self._tenant.jobs[job["id"]] = job
        return copy.deepcopy(job)

    def list_jobs(self, *, limit: int, offset: int = 0) -> list[Mapping[str, Any]]:
        """Return summaries, the newest first."""
        username = self._enter("list_jobs")
        own = [j for j in self._tenant.jobs.values() if j["owner"] == username]
        page = own[::-1][offset : offset + limit]
        return [{key: job.get(key) for key in _SUMMARY} for job in page]

    def find_jobs(
        self,
        terms: Mapping[str, str | Sequence[str]],
        *,
        limit: int,
        offset: int = 0,
    ) -> list[Mapping[str, Any]]:
        """Return the jobs that satisfy a search, the newest first."""
        username = self._enter("find_jobs")
        shares = self._tenant.shares
        found = [
            job
            for job in self._tenant.jobs.values()
            if (job["owner"] == username or (job["id"], username) in shares)
            and (self._tenant.ignores_searches or is_found(job, terms))
        ]
        page = found[::-1][offset : offset + limit]
        return [
            {key: job.get(key) for key in (*_SUMMARY, "remoteQueue")} for job in page
        ]

    def get_job(self, job_id: str) -> dict[str, Any]:
        """Return one job in full."""
        job = copy.deepcopy(self._job("get_job", job_id))
        # Agave tells them by its notifications service alone.
        job.pop("notifications", None)
        return job

    def _job(self, operation: str, job_id: str) -> dict[str, Any]:
        username = self._enter(operation)
        job = self._tenant.jobs.get(job_id)
        if job is None:
            raise refused("jobs", 404)
        if job["owner"] != username:
            raise refused("jobs", 403)
        return job

    def job_history(self, job_id: str) -> list[Mapping[str, Any]]:
        """Return what a test has told, else one event: that the job is what it is."""
        job = self._job("job_history", job_id)
        if job_id in self._tenant.events:
            return list(self._tenant.events[job_id])
        event = {"status": job["status"], "description": "", "created": job["created"]}
        return [event]

    def list_outputs(
        self, job_id: str, path: str = "", *, limit: int = 250
    ) -> list[FileItem]:
        """List a job's files."""
        self._job("list_outputs", job_id)
        if path or job_id not in self._tenant.outputs:
            raise refused("jobs", 404)
        found = sorted(self._tenant.outputs[job_id].items())
        items = [FileItem(n, f"/{n}", "file", len(d), "") for n, d in found]
        return [FileItem(".", "/", "dir", 0, ""), *items][:limit]

    def read_output(self, job_id: str, path: str, offset: int, length: int) -> Slice:
        """Return a part of an output file."""
        self._job("read_output", job_id)
        data = self._tenant.outputs.get(job_id, {}).get(path)
        if data is None:
            raise refused("jobs", 404)
        if offset >= len(data):
            raise refused("jobs", 416)
        return Slice(data[offset : offset + length], len(data))

    def outputs_url(self, job_id: str) -> str:
        """Return what addresses of a job's files begin with."""
        return f"https://tenant.test/jobs/v2/{job_id}/outputs/media/"

    def find_notifications(self, uuid: str) -> list[Mapping[str, Any]]:
        """Return what a job was submitted with, and what a test has told of that."""
        job = self._job("find_notifications", uuid)
        untold = {"success": None, "responseCode": None, "lastSent": None}
        return [{**untold, **one} for one in job.get("notifications") or ()]

    def share_job(self, job_id: str, username: str, permission: str) -> None:
        """Let somebody else read a job, in searches alone."""
        self._job("share_job", job_id)
        self._tenant.shares[job_id, username] = permission

    def stop_job(self, job_id: str) -> None:
        """Stop a job."""
        self._job("stop_job", job_id)["status"] = "STOPPED"

    def delete_job(self, job_id: str) -> None:
        """Hide a job."""
        del self._tenant.jobs[self._job("delete_job", job_id)["id"]]

    def grant_system(self, system: str, username: str, role: str) -> None:
        """Note a role on a system."""
        self._grant("system", system, username, role)

    def grant_app(self, app: str, username: str, permission: str) -> None:
        """Note a permission on an app."""
        self._grant("app", app, username, permission)

    def grant_actor(self, actor: str, username: str, level: str) -> None:
        """Note a level on an actor."""
        self._grant("actor", actor, username, level)

    def ask_actor(self, actor: str, message: Mapping[str, Any]) -> Mapping[str, Any]:
        """Have an actor answer."""
        username = self._enter("ask_actor")
        if actor not in self._tenant.actors:
            raise refused("actors", 404)
        return self._tenant.actors[actor](username, message)

    def send_message(self, actor: str, message: Mapping[str, Any]) -> str:
        """Have an actor answer, and keep the answer to oneself."""
        username = self._enter("send_message")
        if actor not in self._tenant.actors:
            raise refused("actors", 404)
        self._tenant.actors[actor](username, message)
        return f"execution-{self._tenant.number()}"

    def _grant(self, kind: str, target: str, username: str, right: str) -> None:
        self._enter(f"grant_{kind}")
        self._tenant.grants.append((kind, target, username, right))
