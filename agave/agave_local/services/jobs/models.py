"""Jobs that really run: submit, find and stop them, and read what they made."""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from agave_local.call import Identity
from agave_local.clock import Clock, Ids
from agave_local.errors import BadRequest, Conflict, NotFound, NotImplementedHere
from agave_local.services.apps.models import Apps
from agave_local.services.files.body import OpenFile
from agave_local.services.files.documents import to_item
from agave_local.services.files.models import Files
from agave_local.services.files.paths import read_parts, to_path
from agave_local.services.files.storage import Ground
from agave_local.services.jobs.archive import Archiver
from agave_local.services.jobs.conductor import Conductor
from agave_local.services.jobs.document import JobDocuments
from agave_local.services.jobs.engine import Engine
from agave_local.services.jobs.launcher import ForkLauncher, Launcher
from agave_local.services.jobs.macros import fill, to_macros, to_slug
from agave_local.services.jobs.records import JobRecords
from agave_local.services.jobs.request import JobRequest, read_request
from agave_local.services.jobs.search import Matches
from agave_local.services.jobs.staging import Stager, owner_of
from agave_local.services.jobs.states import Status
from agave_local.services.systems.models import Systems
from agave_local.services.systems.roles import Role
from agave_local.store import Document, Store

Documents = list[Document]
_STOP_SECONDS = 1.0
_LOOK_SECONDS = 0.02


class JobSettings(Protocol):
    """What the jobs service takes of the operator's choices."""

    @property
    def data(self) -> Path:
        """Folder of everything the tenant keeps."""
        ...

    @property
    def base_url(self) -> str:
        """The address callers use."""
        ...

    @property
    def unconfined_jobs(self) -> bool:
        """Whether jobs may do without a sandbox where there can be none."""
        ...

    @property
    def code(self) -> str:
        """The tenant's name."""
        ...


class Jobs:
    """The jobs of the tenant.

    Args:
        store: keeps kind `job`.
        clock: tells the time.
        ids: makes identifiers.
        systems: where jobs run.
        apps: what they run.
        files: where they read and archive.
        settings: the operator's choices.
        launcher: runs programs; the machine's own where none is given.
        slots: how many jobs run at once; one for each processor if not given.
    """

    def __init__(  # noqa: PLR0917 - the composition root passes them by place
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        systems: Systems,
        apps: Apps,
        files: Files,
        settings: JobSettings,
        *,
        launcher: Launcher | None = None,
        slots: int | None = None,
    ) -> None:
        self._clock = clock
        self._ids = ids
        self._systems = systems
        self._apps = apps
        self._files = files
        self._settings = settings
        self._records = JobRecords(store, clock)
        self._stager = Stager(files, settings.code, settings.base_url)
        self.documents = JobDocuments(settings.base_url)
        self._engine = Engine(
            self._records,
            clock,
            # Supervisors start in another folder, so a relative path would mislead.
            settings.data.resolve() / "jobs",
            stager=self._stager,
            archiver=Archiver(files),
            launcher=launcher or ForkLauncher(unconfined=settings.unconfined_jobs),
        )
        self._conductor = Conductor(self._engine, slots or os.cpu_count() or 1)

    def start(self) -> None:
        """Take up the jobs of an earlier process, and begin to work."""
        self._conductor.start()

    def stop(self) -> None:
        """End the running jobs, which fail and say why, and stop working."""
        self._conductor.stop()

    def submit(self, identity: Identity, body: Mapping[str, Any]) -> Document:
        """Accept a job.

        Raises:
            BadRequest: naming the field that is wrong.
            Forbidden: the caller may not run the app, or use a system or file.
            NotFound: there is no such app, system or input.
            NotImplementedHere: a scheduler other than FORK, or notifications.
        """
        app_id = body.get("appId")
        if not isinstance(app_id, str) or not app_id:
            raise BadRequest("`appId` must be given.")
        app = self._apps.require(identity, app_id, "EXECUTE")
        system = self._systems.require(identity, app["executionSystem"], Role.USER)
        _check_system(system)
        job = self._new(identity, read_request(body, app, system), app)
        job["request"] = dict(body)
        self._stager.check_inputs(job, app)
        if job["archive"]:
            self._choose_archive(identity, job)
        job = self._records.add(job)
        self._conductor.add(job["id"])
        return job

    def list(self, identity: Identity, matches: Matches) -> Documents:
        """Return the caller's jobs that match, the newest first."""
        return [job for job in self._records.of(identity.username) if matches(job)]

    def get(self, identity: Identity, job_id: str) -> Document:
        """Return a job.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        job = self._records.get(job_id)
        if (
            job is None
            or not job["visible"]
            or (job["owner"] != identity.username and not identity.is_admin)
        ):
            raise NotFound(f"There is no job {job_id}.")
        return job

    def end(self, identity: Identity, job_id: str) -> Document:
        """Stop a job; a running program is given a moment to end.

        Raises:
            NotFound: there is none, or it is somebody else's.
            Conflict: it has run to its end.
        """
        job = self.get(identity, job_id)
        while True:
            status = Status(job["status"])
            if not status.can_stop:
                raise Conflict(f"The job can't be stopped: it is {status}.")
            if status is Status.RUNNING:
                return self._end_running(job_id)
            if stopped := self._records.advance(job_id, status, Status.STOPPED):
                return stopped
            job = self.get(identity, job_id)

    def resubmit(self, identity: Identity, job_id: str) -> Document:
        """Submit a job once more, with the same request.

        Raises:
            LocalTenantError: as for a new job.
        """
        return self.submit(identity, self.get(identity, job_id)["request"])

    def hide(self, identity: Identity, job_id: str) -> None:
        """Stop a job if it still can be, and let nobody see it any more.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        if Status(self.get(identity, job_id)["status"]).can_stop:
            self.end(identity, job_id)
        self._records.set(job_id, visible=False)
        self._conductor.add(job_id)

    def list_outputs(
        self, job: Document, path: str, limit: int, offset: int
    ) -> Documents:
        """Return what is in a folder of a job, which is in its archive at the end.

        Raises:
            NotFound: there is no such folder, or nothing yet.
        """
        ground, depth = self._outputs(job, path)
        system = job["archiveSystem"] if depth else job["executionSystem"]
        items = []
        for entry in self._files.storage.entries(ground, limit, offset):
            item = to_item(self._settings.base_url, system, entry, "READ")
            item["path"] = to_path(entry.parts[depth:])
            items.append(self.documents.to_output(job, item))
        return items

    def open_output(self, job: Document, path: str) -> OpenFile:
        """Open a file that a job has made, or is making.

        Raises:
            NotFound: there is none.
        """
        return self._files.storage.open(self._outputs(job, path)[0])

    def _outputs(self, job: Document, path: str) -> tuple[Ground, int]:
        """Return where an output is, and how many names lead to the job's folder."""
        parts = read_parts(path)
        if job["archived"]:
            place = self._files.locate(
                owner_of(job), job["archiveSystem"], job["archivePath"]
            )
            ground = self._files.ground(place)
            return ground.below(*parts), len(ground.parts)
        folders = self._engine.folders(job["id"])
        if not folders.work.is_dir():
            raise NotFound("The job has no outputs yet.")
        return folders.ground.below(*parts), 0

    def _end_running(self, job_id: str) -> Document:
        self._records.set(job_id, stopRequested=True)
        self._engine.launcher.end(self._engine.folders(job_id).control)
        self._conductor.ring()
        until = time.monotonic() + _STOP_SECONDS
        while True:
            job = self._records.get(job_id)
            if job is None:
                raise NotFound(f"There is no job {job_id}.")
            if job["status"] != Status.RUNNING or time.monotonic() > until:
                return job
            time.sleep(_LOOK_SECONDS)

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
            "visible": True,
        }

    def _choose_archive(self, identity: Identity, job: Document) -> None:
        """Fill in where the outputs go, and refuse a place that is not the caller's."""
        if job["archiveSystem"] is None:
            job["archiveSystem"] = str(self._systems.default(identity)["id"])
        usual = f"{job['owner']}/archive/jobs/job-{job['id']}"
        macros = to_macros(job, self._settings.code, self._settings.base_url)
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
    if scheduler != "FORK" or protocol != "LOCAL":
        raise NotImplementedHere(f"jobs by {scheduler} over {protocol}")
