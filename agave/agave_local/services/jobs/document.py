"""How jobs look in Agave's JSON, in the classic fields of version 2.2."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from agave_local.clock import to_iso
from agave_local.permissions import Permission, to_flags
from agave_local.records.store import Document
from agave_local.services.jobs.quantities import to_time
from agave_local.services.jobs.states import DESCRIPTIONS, Status

_SUMMARY = (
    "id",
    "name",
    "owner",
    "executionSystem",
    "appId",
    "created",
    "status",
    "startTime",
    "endTime",
)


class JobDocuments:
    """Writes jobs.

    Args:
        base_url: of the tenant.
    """

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url

    def to_full(self, job: Document) -> Mapping[str, Any]:
        """Write all there is to know of a job."""
        document = {
            "id": job["id"],
            "name": job["name"],
            "owner": job["owner"],
            "appId": job["appId"],
            "executionSystem": job["executionSystem"],
            "batchQueue": job["batchQueue"],
            "nodeCount": job["nodeCount"],
            "processorsPerNode": job["processorsPerNode"],
            "memoryPerNode": job["memoryPerNode"],
            "maxRunTime": to_time(job["seconds"]),
            "archive": job["archive"],
            "retries": job["retries"] + job.get("submitRetries", 0),
            "localId": job["localId"],
            "created": to_iso(job["created"]),
            "lastUpdated": to_iso(job["lastUpdated"]),
            "outputPath": job["outputPath"],
            "status": job["status"],
            "submitTime": _time(job["submitTime"]),
            "startTime": _time(job["startTime"]),
            "endTime": _time(job["endTime"]),
            "exitCode": job["exitCode"],
            "inputs": job["inputs"],
            "parameters": {
                name: values[0] if len(values) == 1 else values
                for name, values in job["parameters"].items()
            },
            "_links": self._links(job),
        }
        if job["archive"]:
            document["archivePath"] = job["archivePath"]
            document["archiveSystem"] = job["archiveSystem"]
        if job.get("remoteQueue"):
            document["remoteQueue"] = job["remoteQueue"]
        if job["status"] == Status.FAILED:
            document["message"] = job["message"]
        return document

    def to_summary(self, summary: Document) -> Mapping[str, Any]:
        """Write a job as lists have it.

        Args:
            summary: of the job; see `summaries.py`.
        """
        links = self._links(summary)
        return {
            **{field: summary[field] for field in _SUMMARY},
            "_links": {
                name: links[name] for name in ("self", "archiveData") if name in links
            },
        }

    def to_status(self, job: Document) -> Mapping[str, Any]:
        """Write a job's status alone."""
        return {
            "id": job["id"],
            "status": job["status"],
            "_links": {"self": {"href": self._url(job)}},
        }

    def to_history(self, job: Document) -> list[Mapping[str, Any]]:
        """Write the states that a job has been in."""
        return [
            {
                "status": event["status"],
                "created": to_iso(event["created"]),
                "createdBy": job["owner"],
                "description": event["description"],
                "_links": {"self": {"href": f"{self._url(job)}/history"}},
            }
            for event in job["history"]
        ]

    def to_permission(
        self, job: Document, username: str, permission: Permission
    ) -> Mapping[str, Any]:
        """Write what somebody may do with a job."""
        return {
            "username": username,
            "permission": to_flags(permission, execute=False),
            "_links": {
                "self": {"href": f"{self._url(job)}/pems/{username}"},
                "parent": {"href": self._url(job)},
                "profile": {"href": f"{self._base_url}/profiles/v2/{username}"},
            },
        }

    def to_values(self, job: Document) -> dict[str, str]:
        """Write what the templates of a notification stand for."""
        archive = self._links(job)["archiveData"]["href"] if job["archive"] else ""
        return {
            "JOB_STATUS": job["status"],
            "JOB_URL": self._url(job),
            "JOB_ID": job["id"],
            "JOB_SYSTEM": job["executionSystem"],
            "JOB_NAME": job["name"],
            "JOB_START_TIME": _time(job["startTime"]) or "",
            "JOB_END_TIME": _time(job["endTime"]) or "",
            "JOB_SUBMIT_TIME": _time(job["submitTime"]) or "",
            "JOB_ARCHIVE_PATH": job["archivePath"] or "",
            "JOB_ARCHIVE_URL": archive,
            "JOB_ERROR": job["message"] or "",
        }

    def to_output(self, job: Document, item: Document) -> Document:
        """Write a file of a listing as an output of a job.

        Args:
            job: whose output it is.
            item: with its path from the job's folder.
        """
        path = quote(str(item["path"]).lstrip("/"), errors="replace")
        links = {
            "self": {"href": f"{self._url(job)}/outputs/media/{path}"},
            "system": {"href": f"{self._base_url}/systems/v2/{item['system']}"},
            "parent": {"href": self._url(job)},
        }
        return {**item, "_links": links}

    def _url(self, job: Document) -> str:
        return f"{self._base_url}/jobs/v2/{job['id']}"

    def _links(self, job: Document) -> dict[str, Any]:
        base, url = self._base_url, self._url(job)
        found = {
            "self": url,
            "app": f"{base}/apps/v2/{job['appId']}",
            "executionSystem": f"{base}/systems/v2/{job['executionSystem']}",
            "owner": f"{base}/profiles/v2/{job['owner']}",
            "permissions": f"{url}/pems",
            "history": f"{url}/history",
            "metadata": f"{base}/meta/v2/data/?q="
            + quote(f'{{"associationIds":"{job["id"]}"}}'),
            "notifications": f"{base}/notifications/v2/?associatedUuid={job['id']}",
            "archiveData": f"{url}/outputs/listings",
        }
        if job["archive"]:
            found["archiveSystem"] = f"{base}/systems/v2/{job['archiveSystem']}"
            if job["archived"]:
                path = quote(job["archivePath"].lstrip("/"))
                found["archiveData"] = (
                    f"{base}/files/v2/listings/system/{job['archiveSystem']}/{path}"
                )
        return {name: {"href": href} for name, href in found.items()}


def to_event(status: Status, created: float, more: str = "") -> Document:
    """Make an entry of a job's history.

    Args:
        status: that was reached.
        created: seconds since the epoch.
        more: added to the status's own description.
    """
    description = DESCRIPTIONS[status]
    if more:
        description = f"{description.rstrip('.')}: {more}"
    return {"status": status, "created": created, "description": description}


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else to_iso(seconds)
