"""One request, one job, however often it is delivered.

A small document of the service account, named by the request's id, is the claim on
the request.  Whoever makes the oldest one submits; whoever comes later waits for the
job's id to appear in it.  A claim whose maker died is found by the job's name, or
given up after a while and made anew.
"""

import contextlib
from collections.abc import Callable, Mapping
from typing import Any, Final

from iptweb.agave import Agave, MetadataItem
from iptweb.documents import delete_quietly, find_own
from iptweb.errors import (
    AgaveRefused,
    AgaveUnavailable,
    Conflict,
    IptwebError,
    UpstreamError,
)

from .answers import NewJob, Preview
from .curl import to_curl
from .document import archive_path, build_document, command_line_of, job_name
from .kinds import JobRequest
from .refusals import explain
from .registry import Registry
from .resubmission import read_same_job
from .sense import find_warnings
from .webhook import is_loopback

__all__ = ["Submitter"]

_WAITS: Final = 40
_PAUSE_S: Final = 0.5
_STALE_S: Final = 60.0
# After a failure that leaves open whether the job was made, it may still show up.
_DOUBT_S: Final = 10.0
# A name is a request's; a person's own script may have used it as well.
_FEW: Final = 10


class Submitter:
    """Submits the jobs of one user.

    Args:
        user_agave: The tenant, with the user's token: the job is the user's.
        service_agave: The tenant, with the service's token: the claim is ours.
        owner: Name of the service account.
        instance: Name of the instance.
        storage_system: Where the home is.
        user: Who submits.
        api_server: Base address of the tenant, for people's own commands.
        clock: Seconds since the epoch.
        sleep: Waits for some seconds.
    """

    def __init__(
        self,
        user_agave: Agave,
        service_agave: Agave,
        *,
        owner: str,
        instance: str,
        storage_system: str,
        user: str,
        api_server: str,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._user_agave = user_agave
        self._service_agave = service_agave
        self._owner = owner
        self._instance = instance
        self._storage_system = storage_system
        self._user = user
        self._api_server = api_server
        self._clock = clock
        self._sleep = sleep

    def preview(self, job: JobRequest) -> Preview:
        """Return what would be submitted and what would run, and submit nothing."""
        document = self._document(job)
        return {
            "command_line": command_line_of(job),
            "document": document,
            "curl": to_curl(document, self._api_server),
            "warnings": [
                {"field": doubt.field, "message": doubt.message}
                for doubt in find_warnings(job)
            ],
        }

    def submit(self, job: JobRequest) -> NewJob:
        """Submit the job, or return the one that this request made before.

        Raises:
            BadRequest: Agave does not take the document; says what it says.
            Forbidden: Agave does not let the user do it; says what it says.
            Conflict: Another delivery is submitting it and takes too long.
        """
        name = f"ipt-{self._instance}-request-{self._user}-{job.request_id}"
        for _ in range(_WAITS):
            claim = self._oldest(name)
            if claim is None:
                made = self._claim(name, job)
                if made is not None:
                    return self._submit_once(made, job)
                continue
            job_id = _job_id(claim)
            if job_id:
                return self._answer(job, self._user_agave.get_job(job_id))
            found = self._recover(claim, job)
            if found is not None:
                return found
            self._sleep(_PAUSE_S)
        raise Conflict(
            "This request is still being submitted. Look at the history in a minute."
        )

    def resubmit(
        self, raw: Mapping[str, Any], request_id: Any, registry: Registry
    ) -> NewJob:
        """Submit a job of the user's once more, or return what this request made.

        Args:
            raw: The job, as Agave has it.
            request_id: Of the new job.
            registry: The systems of the instance.

        Raises:
            BadRequest: The job can't be made again as it was; says why.
            Forbidden: Agave does not let the user do it; says what it says.
            Conflict: It is not one of ours, or another delivery is submitting it.
        """
        return self.submit(
            read_same_job(
                raw,
                request_id,
                registry,
                user=self._user,
                storage_system=self._storage_system,
                local=is_loopback(self._api_server),
            )
        )

    def _document(self, job: JobRequest) -> dict[str, Any]:
        return build_document(
            job,
            user=self._user,
            storage_system=self._storage_system,
            now=self._clock(),
        )

    def _oldest(self, name: str) -> MetadataItem | None:
        found = find_own(self._service_agave, name, self._owner)
        return found[0] if found else None

    def _claim(self, name: str, job: JobRequest) -> MetadataItem | None:
        """Make a claim and return it if it counts, else withdraw it."""
        value = self._claim_value(job_name(job), job, "", self._clock())
        made = self._service_agave.add_metadata(name, value)
        # Asked twice: another claim of the same millisecond may not have been visible
        # at the first time, and then the smaller uuid counts for both of us.
        for _ in range(2):
            oldest = self._oldest(name)
            if oldest is None or oldest.uuid != made.uuid:
                delete_quietly(self._service_agave, made.uuid)
                return None
        return made

    def _submit_once(self, claim: MetadataItem, job: JobRequest) -> NewJob:
        try:
            submitted = self._user_agave.submit_job(self._document(job))
        except AgaveRefused as error:
            delete_quietly(self._service_agave, claim.uuid)
            raise explain(error, job, self._user) from error
        except AgaveUnavailable:
            self._remember(claim, job, "", self._clock() - _STALE_S + _DOUBT_S)
            raise
        job_id = str(submitted.get("id", ""))
        self._remember(claim, job, job_id, self._clock())
        # For the administrators' list of jobs (docs/adr/0034), which can do without.
        with contextlib.suppress(UpstreamError):
            self._user_agave.share_job(job_id, self._owner, "READ")
        return self._answer(job, submitted)

    def _remember(
        self, claim: MetadataItem, job: JobRequest, job_id: str, created: float
    ) -> None:
        value = self._claim_value(_name_of(claim, job), job, job_id, created)
        try:
            self._service_agave.update_metadata(claim.uuid, claim.name, value)
        except IptwebError:
            # The job exists; a later delivery finds it by its name.
            return

    def _claim_value(
        self, name: str, job: JobRequest, job_id: str, created: float
    ) -> dict[str, Any]:
        return {
            "job_id": job_id,
            "user": self._user,
            "name": name,
            "kind": job.kind,
            "created": created,
        }

    def _recover(self, claim: MetadataItem, job: JobRequest) -> NewJob | None:
        """Return the job of a claim whose maker died; None while it may be alive."""
        value = claim.value if isinstance(claim.value, dict) else {}
        made = value.get("created")
        age = self._clock() - made if isinstance(made, int | float) else _STALE_S
        if age < _STALE_S:
            return None
        # As the claim has it: this delivery may bring another form under the same id.
        wanted = _name_of(claim, job)
        for known in self._user_agave.find_jobs({"name": wanted}, limit=_FEW):
            if known.get("name") == wanted:
                job_id = str(known.get("id", ""))
                self._remember(claim, job, job_id, self._clock())
                return self._answer(job, self._user_agave.get_job(job_id))
        delete_quietly(self._service_agave, claim.uuid)
        return None

    def _answer(self, job: JobRequest, submitted: Any) -> NewJob:
        archived = str(submitted.get("archivePath") or "")
        home = f"{self._user}/"
        return {
            "id": str(submitted.get("id", "")),
            "name": str(submitted.get("name", "")),
            "status": str(submitted.get("status", "")),
            "kind": job.kind,
            "archive_path": archived.lstrip("/").removeprefix(home)
            or archive_path(job, self._clock()),
            "command_line": command_line_of(job),
        }


def _name_of(claim: MetadataItem, job: JobRequest) -> str:
    value = claim.value if isinstance(claim.value, dict) else {}
    return str(value.get("name") or job_name(job))


def _job_id(claim: MetadataItem) -> str:
    value = claim.value if isinstance(claim.value, dict) else {}
    return str(value.get("job_id") or "")
