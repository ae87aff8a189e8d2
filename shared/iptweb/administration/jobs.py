"""All jobs that were submitted through an instance, read only.

    requests: our own documents, one a job   ─▶ whose, which, when, what kind
    the platform: jobs the service may read  ─▶ state, system, times; else null

Agave gives a list of jobs that the caller owns or was let read, and knows no list of
everybody's.  So the documents say which jobs there are, and `job_submit` lets the
service account read each new one (docs/adr/0034); of a job that it was not let read,
or that its user removed, the state is not known and said to be so.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from iptweb.agave import Agave, MetadataItem
from iptweb.agave.api import Job
from iptweb.documents import find_all
from iptweb.errors import UpstreamError
from iptweb.jobs import Registry
from iptweb.jobs.view import to_job
from iptweb.terminals.record import to_time
from iptweb.users import is_user_name

from .answers import AdminJob, AdminJobs

__all__ = ["InstanceJobs", "JobsFilter"]

DAY_SECONDS: Final = 86_400.0
# What a row has of the platform's view of a job, and its value where that is missing.
_SEEN: Final[Mapping[str, Any]] = {
    "status": None,
    "system": "",
    "system_label": "",
    "started": "",
    "ended": "",
    "exit_code": None,
}


_Row = Mapping[str, str]
"""What our own document says of a job."""


@dataclass(frozen=True)
class JobsFilter:
    """Which jobs are wanted; empty texts want all.

    Attributes:
        days: How far to look back.
        user: Whose.
        kind: Of which kind.
        search: What the name or the id has in it, in capitals or not.
    """

    days: int
    user: str = ""
    kind: str = ""
    search: str = ""

    def wants(self, row: _Row) -> bool:
        """Return whether a job is wanted."""
        return (
            self.user in {"", row["user"]}
            and self.kind in {"", row["kind"]}
            and self.search.lower() in f"{row['name']}\n{row['id']}".lower()
        )


class InstanceJobs:
    """The jobs of one instance.

    Args:
        agave: The tenant, with the service's token.
        owner: Name of the service account; documents of others don't count.
        instance: Name of the instance.
        registry: Its systems.
        clock: Seconds since the epoch.
    """

    def __init__(
        self,
        agave: Agave,
        owner: str,
        instance: str,
        registry: Registry,
        clock: Callable[[], float],
    ) -> None:
        self._agave = agave
        self._owner = owner
        self._prefix = f"ipt-{instance}-request-"
        self._registry = registry
        self._clock = clock

    def page(self, wanted: JobsFilter, *, limit: int, offset: int) -> AdminJobs:
        """Return one page of jobs, the newest first, and how many there are."""
        since = self._clock() - wanted.days * DAY_SECONDS
        query = {
            "name": {"$regex": f"^{self._prefix}"},
            "value.created": {"$gt": since},
        }
        found = find_all(self._agave, self._owner, query)
        rows = [row for row in map(self._to_row, found) if row and wanted.wants(row)]
        rows.sort(key=lambda row: (row["created"], row["id"]), reverse=True)
        page, sees_all = self._look(rows[offset : offset + limit])
        return {
            "jobs": page,
            "total": len(rows),
            "limit": limit,
            "offset": offset,
            "days": wanted.days,
            "complete": sees_all,
            "source": "Jobs submitted through this instance. Where the state is null, "
            "the platform does not let the service account read the job.",
        }

    def _to_row(self, item: MetadataItem) -> _Row | None:
        """Return what a document says of its job; None where there is no job yet."""
        value = item.value if isinstance(item.value, Mapping) else {}
        job_id, created = value.get("job_id"), value.get("created")
        if not job_id or not isinstance(created, int | float):
            return None
        name = str(value.get("name") or "")
        return {
            "id": str(job_id),
            "user": user_of(item.name.removeprefix(self._prefix), value),
            "name": name,
            "kind": str(value.get("kind") or ""),
            "created": to_time(created),
        }

    def _look(self, rows: Sequence[_Row]) -> tuple[list[AdminJob], bool]:
        """Add what the platform tells of jobs, and whether it told of all of them."""
        seen: dict[str, Job] = {}
        if rows:
            ids = ",".join(row["id"] for row in rows)
            try:
                found = self._agave.find_jobs({"id.in": ids}, limit=len(rows))
                seen = {str(job.get("id")): job for job in found}
            except UpstreamError:
                # What we know ourselves is worth an answer; the states are null.
                seen = {}
        page = [{**row, **self._seen_of(seen.get(row["id"]), row)} for row in rows]
        return cast("list[AdminJob]", page), all(row["id"] in seen for row in rows)

    def _seen_of(self, job: Job | None, row: _Row) -> Mapping[str, Any]:
        # A platform that ignores a search may answer somebody else's.
        if job is None or job.get("owner", row["user"]) != row["user"]:
            return _SEEN
        shown: Mapping[str, object] = to_job(job, self._registry, row["user"])
        return {name: shown[name] for name in _SEEN}


def user_of(rest: str, value: Mapping[str, Any]) -> str:
    """Return whose request a document is.

    Args:
        rest: Its name without what all of them begin with: `<user>-<request id>`.
        value: Of the document; an older one does not name the user, but the job's name
            ends as the document's does.
    """
    user = value.get("user")
    if is_user_name(user) and rest.startswith(f"{user}-"):
        return str(user)
    job = str(value.get("name") or "")
    parts = rest.split("-")
    for number in range(1, len(parts)):
        if job.endswith("-" + "-".join(parts[number:])):
            return "-".join(parts[:number])
    return ""
