"""Jobs that really run: submit, find and stop them, and read what they made."""

import os
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from agave_local.call import Identity
from agave_local.clock import Clock, Ids
from agave_local.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
)
from agave_local.events import Events
from agave_local.outgoing.policy import Outgoing
from agave_local.permissions import Permission
from agave_local.records.conditions import Condition, equal
from agave_local.records.grants import Grants
from agave_local.records.store import Document, Store
from agave_local.services.apps.models import Apps
from agave_local.services.files.models import Files
from agave_local.services.jobs.archive import Archiver
from agave_local.services.jobs.callbacks import take_callback
from agave_local.services.jobs.conductor import Conductor
from agave_local.services.jobs.containers.choice import WallSettings, choose_launcher
from agave_local.services.jobs.document import JobDocuments
from agave_local.services.jobs.engine import Engine
from agave_local.services.jobs.folders import JobFolders
from agave_local.services.jobs.launcher import Launcher
from agave_local.services.jobs.outputs import Outputs
from agave_local.services.jobs.quotas import Quotas
from agave_local.services.jobs.records import JobRecords
from agave_local.services.jobs.remote.journey import Journey, Patience
from agave_local.services.jobs.remote.runner import Opener, RemoteRunner
from agave_local.services.jobs.remote.trips import Trips
from agave_local.services.jobs.remote.watch import Pace
from agave_local.services.jobs.resubmission import repeat
from agave_local.services.jobs.schedulers.base import Scheduler
from agave_local.services.jobs.schedulers.processes import RemoteProcesses
from agave_local.services.jobs.schedulers.slurm import Slurm
from agave_local.services.jobs.shells.late import LateShells
from agave_local.services.jobs.staging import Stager
from agave_local.services.jobs.states import Status
from agave_local.services.jobs.submission import Submission
from agave_local.services.notifications.models import Notifications
from agave_local.services.systems.models import Systems

Documents = list[Document]
_LOOK_SECONDS = 0.02
_MIB = 1 << 20


class JobSettings(WallSettings, Protocol):
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
    def code(self) -> str:
        """The tenant's name."""
        ...

    @property
    def job_mib(self) -> int:
        """What the folder of one job may hold."""
        ...

    @property
    def job_patience(self) -> Patience:
        """With other machines."""
        ...

    @property
    def job_pace(self) -> Pace:
        """Of looking at other machines."""
        ...


class Jobs:
    """The jobs of the tenant.

    Args:
        store: keeps kinds `job`, `job_summary` and `job_grant`.
        clock: tells the time.
        ids: makes identifiers.
        systems: where jobs run.
        apps: what they run.
        files: where they read and archive.
        settings: the operator's choices.
        events: are told of every status.
        notifications: that requests may ask for.
        outgoing: fetches inputs of the web.
        launcher: runs programs; the machine's own where none is given.
        slots: how many jobs run at once here; one for each processor if not given.
        opener: signs in to other machines; the systems' credentials do if not given.
        schedulers: by name; those there are if not given.
        patience: with other machines; the operator's choice if not given.
        pace: of looking at them; the operator's choice if not given.
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
        events: Events,
        notifications: Notifications,
        outgoing: Outgoing,
        launcher: Launcher | None = None,
        slots: int | None = None,
        opener: Opener | None = None,
        schedulers: Mapping[str, Scheduler] | None = None,
        patience: Patience | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._apps = apps
        self._store = store
        self._notifications = notifications
        self._grants = Grants(store, "job_grant")
        self.documents = JobDocuments(settings.base_url)
        self._records = JobRecords(store, clock, events, self.documents)
        most_bytes = settings.job_mib * _MIB
        stager = Stager(
            files,
            settings.code,
            settings.base_url,
            outgoing,
            most_input_bytes=most_bytes,
        )
        self._submission = Submission(
            clock,
            ids,
            systems,
            apps,
            files,
            stager,
            settings.code,
            settings.base_url,
        )
        # Supervisors start in another folder, so a relative path would mislead.
        data = settings.data.resolve()
        launcher = launcher or choose_launcher(settings, data / "jobs")
        runner = RemoteRunner(
            Trips(store),
            systems.get,
            opener or LateShells(systems.vault, outgoing),
            schedulers or {"SLURM": Slurm(), "FORK": RemoteProcesses()},
            data / "remote",
            launcher.is_confined,
            most_mib=settings.job_mib,
            reader_seconds=(pace or settings.job_pace).read,
        )
        folders = partial(JobFolders, data / "jobs")
        self._engine = Engine(
            self._records,
            clock,
            folders,
            stager=stager,
            archiver=Archiver(files, most_output_bytes=2 * most_bytes),
            launcher=launcher,
            journey=Journey(
                self._records,
                runner,
                clock,
                folders,
                patience or settings.job_patience,
            ),
            most_bytes=most_bytes,
        )
        pace = pace or settings.job_pace
        self._stop_seconds = pace.stop
        self._conductor = Conductor(
            self._engine,
            Quotas(systems.get),
            slots or os.cpu_count() or 1,
            pace=pace,
        )
        self.outputs = Outputs(files, self._engine, self.documents, settings.base_url)

    def start(self) -> None:
        """Take up the jobs of an earlier process, and begin to work."""
        self._engine.launcher.tidy()
        self._conductor.start()

    def stop(self) -> None:
        """End the running jobs, which fail and say why, and stop working."""
        self._conductor.stop()

    def submit(self, identity: Identity, body: Mapping[str, Any]) -> Document:
        """Accept a job.

        Raises:
            LocalTenantError: see `submission.py`; or a notification is wrong.
        """
        targets = self._notifications.read(body.get("notifications"))
        job = self._submission.prepare(identity, body)
        job = self._records.add(
            job,
            lambda: self._notifications.attach(job["owner"], job["id"], targets),
        )
        self._conductor.add(job["id"])
        return job

    def list(
        self, identity: Identity, condition: Condition, limit: int, offset: int
    ) -> Documents:
        """Return a page of summaries of the jobs that somebody may see, newest first.

        Args:
            identity: the caller; also jobs that others let them read are theirs.
            condition: that the summaries satisfy.
            limit: how many at most.
            offset: how many to leave out at the beginning.
        """
        own = equal("owner", identity.username)
        visible = own | self._grants.readable_by(identity)
        return self._records.summaries.page(visible & condition, limit, offset)

    def whole(self, summaries: Iterable[Document]) -> Documents:
        """Return the jobs of some summaries, but those that are gone by now."""
        found = (self._records.get(summary["id"]) for summary in summaries)
        return [job for job in found if job is not None]

    def get(
        self,
        identity: Identity,
        job_id: str,
        permission: Permission = Permission.READ,
    ) -> Document:
        """Return a job.

        Args:
            identity: the caller.
            job_id: of the job.
            permission: that they need.

        Raises:
            NotFound: there is none that they may know of.
            Forbidden: they may only read it.
        """
        job = self._records.get(job_id)
        if job is None or not job["visible"]:
            raise NotFound(f"There is no job {job_id}.")
        job["remoteQueue"] = self._engine.journey.queue_of(job)
        if identity.may_act_for(job["owner"]):
            return job
        has = self._grants.held(identity, job_id)
        if Permission.READ not in has and permission not in has:
            raise NotFound(f"There is no job {job_id}.")
        if permission not in has:
            raise Forbidden("You may read this job, but not change it.")
        return job

    def end(
        self, identity: Identity, job_id: str, wanted: Status = Status.STOPPED
    ) -> Document:
        """Stop a job; a running program is given a moment to end.

        Args:
            identity: the caller.
            job_id: of the job.
            wanted: what it is then: STOPPED or KILLED.

        Raises:
            NotFound: there is none that they may know of.
            Forbidden: they may only read it.
            Conflict: it has run to its end.
        """
        job = self.get(identity, job_id, Permission.WRITE)
        while True:
            status = Status(job["status"])
            if not status.can_stop:
                raise Conflict(f"The job can't be stopped: it is {status}.")
            if status is Status.RUNNING:
                job = self._end_running(job_id, wanted)
                if job["status"] == Status.RUNNING or Status(job["status"]).is_over:
                    return job
                continue
            if stopped := self._records.advance(job_id, status, wanted):
                # It may have left something on another machine.
                self._conductor.add(job_id)
                return stopped
            job = self.get(identity, job_id, Permission.WRITE)

    def resubmit(
        self, identity: Identity, job_id: str, options: Mapping[str, Any]
    ) -> Document:
        """Submit a job once more, with the same request.

        Args:
            identity: the caller, whose job it will be.
            job_id: of the old job.
            options: see `resubmission.py`.

        Raises:
            LocalTenantError: as for a new job.
        """
        job = self.get(identity, job_id)
        app = self._apps.require(identity, job["appId"], "EXECUTE")
        targets = self._notifications.targets_of(identity.username, job_id)
        return self.submit(identity, repeat(job["request"], app, options, targets))

    def hide(self, identity: Identity, job_id: str) -> None:
        """Stop a job if it still can be, and let nobody see it any more.

        Raises:
            NotFound: there is none that they may know of.
            Forbidden: they may only read it.
        """
        job = self.get(identity, job_id, Permission.WRITE)
        if Status(job["status"]).can_stop:
            # It may have run to its end meanwhile, which is as good.
            with suppress(Conflict):
                self.end(identity, job_id)
        with self._store.transaction():
            hidden = self._records.get(job_id)
            if hidden is not None and hidden["visible"]:
                self._records.publish(hidden, "DELETED")
            self._records.set(job_id, visible=False)
            self._grants.clear(job_id)
        self._conductor.add(job_id)

    def pems(self, identity: Identity, job_id: str) -> dict[str, Permission]:
        """Return the permissions on a job, its owner's first.

        Raises:
            NotFound: there is none that the caller may know of.
        """
        job = self.get(identity, job_id)
        return {job["owner"]: Permission.READ_WRITE, **self._grants.of(job_id)}

    def give(
        self, identity: Identity, job_id: str, username: str, permission: Permission
    ) -> None:
        """Give somebody exactly a permission on a job; NONE takes all away.

        Raises:
            BadRequest: for the owner, who has them all.
            NotFound: there is none that the caller may know of.
            Forbidden: they may only read it.
        """
        with self._store.transaction():
            job = self.get(identity, job_id, Permission.WRITE)
            if username == job["owner"]:
                raise BadRequest("The owner has every permission already.")
            permission &= Permission.READ_WRITE
            self._grants.give(job_id, username, permission)
            name = "PERMISSION_GRANT" if permission else "PERMISSION_REVOKE"
            self._records.publish(job, name)

    def take_all(self, identity: Identity, job_id: str) -> None:
        """Take every permission on a job away, but the owner's.

        Raises:
            NotFound: there is none that the caller may know of.
            Forbidden: they may only read it.
        """
        with self._store.transaction():
            job = self.get(identity, job_id, Permission.WRITE)
            self._grants.clear(job_id)
            self._records.publish(job, "PERMISSION_REVOKE")

    def call_back(self, job_id: str, token: str, word: str) -> Document:
        """Take what a job's own script tells.

        Raises:
            LocalTenantError: see `callbacks.py`.
        """
        return take_callback(self._records, job_id, token, word)

    def _end_running(self, job_id: str, wanted: Status) -> Document:
        asked = self._records.set(job_id, stopRequested=wanted)
        if asked is not None:
            self._conductor.cancel(asked)
        until = time.monotonic() + self._stop_seconds
        while True:
            job = self._records.get(job_id)
            if job is None:
                raise NotFound(f"There is no job {job_id}.")
            if job["status"] != Status.RUNNING or time.monotonic() > until:
                return job
            time.sleep(_LOOK_SECONDS)
