"""Making a job of a request: what it runs, where, and where its outputs go."""

from collections.abc import Mapping
from typing import Any

from agave_local.call import Identity
from agave_local.clock import Clock, Ids
from agave_local.errors import BadRequest, Conflict, NotImplementedHere
from agave_local.records.store import Document
from agave_local.services.apps.models import Apps
from agave_local.services.files.models import Files
from agave_local.services.jobs.macros import fill, to_macros, to_slug
from agave_local.services.jobs.request import FIELDS, JobRequest, read_request
from agave_local.services.jobs.staging import Stager
from agave_local.services.systems.models import Systems
from agave_local.services.systems.roles import Role

_SCHEDULERS = frozenset(("FORK", "SLURM", "CUSTOM_SLURM"))
_PROTOCOLS = frozenset(("LOCAL", "SSH"))


class Submission:
    """Makes jobs; keeps none.

    Args:
        clock: tells the time.
        ids: makes identifiers.
        systems: where jobs run.
        apps: what they run.
        files: where they archive.
        stager: looks at their inputs.
        tenant: its code, for macros.
        base_url: of the tenant, for macros.
    """

    def __init__(  # noqa: PLR0917 - the jobs service passes them by place
        self,
        clock: Clock,
        ids: Ids,
        systems: Systems,
        apps: Apps,
        files: Files,
        stager: Stager,
        tenant: str,
        base_url: str,
    ) -> None:
        self._clock = clock
        self._ids = ids
        self._systems = systems
        self._apps = apps
        self._files = files
        self._stager = stager
        self._tenant = tenant
        self._base_url = base_url

    def prepare(self, identity: Identity, body: Mapping[str, Any]) -> Document:
        """Make a job of a request.

        Raises:
            BadRequest: naming the field that is wrong.
            Forbidden: the caller may not run the app, or use a system or file.
            NotFound: there is no such app, system or input.
            NotImplementedHere: a scheduler other than FORK and SLURM.
        """
        app_id = body.get("appId")
        if not isinstance(app_id, str) or not app_id:
            raise BadRequest("`appId` must be given.")
        app = self._apps.require(identity, app_id, "EXECUTE")
        system = self._systems.use(identity, app["executionSystem"], Role.USER)
        _check_system(system)
        request = read_request(body, app, system)
        _check_nodes(system, request)
        job = self._new(identity, request, app)
        job |= {"remote": _is_remote(system), "elsewhere": not _is_here(system)}
        job["request"] = {field: body[field] for field in FIELDS if field in body}
        self._stager.check_inputs(job, app)
        if job["archive"]:
            self._choose_archive(identity, job)
        return job

    def _new(self, identity: Identity, request: JobRequest, app: Document) -> Document:
        job_id = self._ids.uuid(Ids.JOB)
        return {
            "id": job_id,
            "name": request.name,
            "owner": identity.username,
            "roles": sorted(identity.roles),
            "appId": app["id"],
            "app": app,
            "executionSystem": app["executionSystem"],
            "batchQueue": request.queue,
            "nodeCount": request.nodes,
            "processorsPerNode": request.processors,
            "memoryPerNode": request.memory,
            "seconds": request.seconds,
            "archive": request.archive,
            "archiveSystem": request.archive_system,
            "archivePath": request.archive_path,
            "archived": False,
            "inputs": request.inputs,
            "parameters": request.parameters,
            "outputPath": (f"{identity.username}/job-{job_id}-{to_slug(request.name)}"),
            "retries": 0,
            "localId": job_id.partition("-")[0],
            "created": self._clock.now(),
            "submitTime": None,
            "startTime": None,
            "endTime": None,
            "exitCode": None,
            "message": None,
            "stopRequested": False,
            "submitRetries": 0,
            "saidFailed": None,
            "callbackToken": self._ids.token(),
            "visible": True,
        }

    def _choose_archive(self, identity: Identity, job: Document) -> None:
        """Fill in where the outputs go, and refuse a place that is not the caller's."""
        if job["archiveSystem"] is None:
            job["archiveSystem"] = str(self._systems.default(identity)["id"])
        usual = f"{job['owner']}/archive/jobs/job-{job['id']}"
        macros = to_macros(job, self._tenant, self._base_url)
        path = fill(job["archivePath"] or usual, macros)
        place = self._files.locate(identity, job["archiveSystem"], path, write=True)
        if place.jail and len(place.parts) == place.jail:
            raise BadRequest("`archivePath` must be a folder inside your home.")
        job["archivePath"] = path


def _check_system(system: Document) -> None:
    if system["type"] != "EXECUTION":
        raise BadRequest(f"{system['id']} is not a system that runs jobs.")
    if system["status"] != "UP":
        raise Conflict(f"{system['id']} is {system['status']}; try again later.")
    scheduler, protocol = system["scheduler"], system["login"]["protocol"]
    if scheduler not in _SCHEDULERS or protocol not in _PROTOCOLS:
        raise NotImplementedHere(f"jobs by {scheduler} over {protocol}")
    if protocol == "SSH" and not system["login"].get("hostKey"):
        raise Conflict(
            f"{system['id']} says no key to know its machine by; "
            "its operator has to set login.hostKey."
        )


def _check_nodes(system: Document, request: JobRequest) -> None:
    """Refuse several machines to a job that has to stay in a sandbox of this one."""
    if _is_here(system) and _is_remote(system) and request.nodes > 1:
        raise BadRequest(
            f"`nodeCount` is at most 1 on {system['id']}: its jobs run in sandboxes, "
            "which hold on one node only. A system over SSH has no such limit."
        )


def _is_remote(system: Document) -> bool:
    """Tell whether a scheduler or another machine runs the jobs of a system."""
    return system["scheduler"] != "FORK" or not _is_here(system)


def _is_here(system: Document) -> bool:
    return bool(system["login"]["protocol"] == "LOCAL")
