"""Carries single jobs to the machine of their system and back; owns no thread."""

import json
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from agave_local.errors import NotFound
from agave_local.records.store import Document
from agave_local.services.jobs.confinement import to_command
from agave_local.services.jobs.folders import JobFolders
from agave_local.services.jobs.macros import to_slug
from agave_local.services.jobs.order import EXIT, REASONS, Exit, Order
from agave_local.services.jobs.remote.environment import read_environment
from agave_local.services.jobs.remote.folders import (
    ENDED,
    STARTED,
    RemoteFolders,
    base_of,
    events_of,
    is_private,
    of_account,
    remote_folders,
)
from agave_local.services.jobs.remote.silence import READER_SECONDS, Silences
from agave_local.services.jobs.remote.trips import Trip, Trips
from agave_local.services.jobs.schedulers.base import Run, Scheduler, Sight
from agave_local.services.jobs.shells.base import Shell
from agave_local.services.jobs.shells.errors import (
    NONSENSE,
    HostDenied,
    HostError,
    HostRefused,
)
from sandbox import make_filter

USUAL_MEMORY_GIB = 8.0
_GIB_MIB = 1024
_MIB = 1 << 20
_FILTER = "filter"
_FILTER_FD = 9


class Opener(Protocol):
    """Signs in to the machines of systems."""

    def open(self, system: Document, owner: str) -> Shell:
        """Return the machine of a system, signed in to for somebody."""
        ...

    def close_all(self) -> None:
        """Sign out everywhere."""
        ...


@dataclass(frozen=True)
class Spot:
    """Where a job is.

    Attributes:
        system: description of its system.
        shell: the machine.
        scheduler: that has it.
        folders: of the job.
    """

    system: Document
    shell: Shell
    scheduler: Scheduler
    folders: RemoteFolders


class RemoteRunner:
    """Sends jobs, has them started, looks at them, fetches what they made.

    Every method may raise `HostError`, and `NotFound` where the system is gone.

    Args:
        trips: what is away.
        systems: returns the description of a system.
        opener: signs in to machines.
        schedulers: by the name that systems have for them.
        own: folder for the jobs of systems on this machine.
        is_confined: whether programs on this machine run in sandboxes.
        most_mib: that the folder of one job may hold.
        reader_seconds: that somebody who reads waits for a machine.

    Attributes:
        trips: what is away.
        silences: which machines do not answer.
    """

    def __init__(  # noqa: PLR0917 - the jobs service passes them by place
        self,
        trips: Trips,
        systems: Callable[[str], Document],
        opener: Opener,
        schedulers: Mapping[str, Scheduler],
        own: Path,
        is_confined: Callable[[], bool],
        *,
        most_mib: int,
        reader_seconds: float = READER_SECONDS,
    ) -> None:
        self.trips = trips
        self.silences = Silences(patience=reader_seconds)
        self._systems = systems
        self._opener = opener
        self._schedulers = schedulers
        self._own = own
        self._is_confined = is_confined
        self._most_mib = most_mib

    def send(self, job: Document, folders: JobFolders) -> None:
        """Copy a staged job to its machine, unless it was started there already.

        Raises:
            HostDenied: the system names no folder for jobs, or one of the tenant's.
        """
        system = self._systems(job["executionSystem"])
        base = base_of(system, self._own)
        if not base:
            raise HostDenied(
                "The system has no folder for jobs; its operator has to set workDir."
            )
        if is_private(system, base, self._own):
            raise HostDenied(
                "The system's folder for jobs is among the tenant's own files, where "
                "people's homes are; its operator has to set another workDir."
            )
        base = of_account(base, lambda: self._opener.open(system, job["owner"]))
        trip = self.trips.begin(job, base, str(system["scheduler"]))
        spot = self.spot(trip)
        if self._number(spot, trip):
            return
        for folder in (spot.folders.work, spot.folders.control, spot.folders.events):
            spot.shell.make_folder(folder)
        spot.shell.send(folders.work, spot.folders.work)

    def submit(self, job: Document) -> str:
        """Have a job that was sent started, once; return its number.

        Raises:
            SchedulerRefused: the scheduler does not take it.
        """
        trip = self._away(job["id"])
        spot = self.spot(trip)
        run = self._to_run(job, spot)
        number = spot.scheduler.submit(spot.shell, run)
        self.trips.set(job["id"], number=number)
        return number

    def spot(self, trip: Trip) -> Spot:
        """Return where a job is."""
        system = self._systems(trip.system)
        # Its operator may have another one by now, which knows nothing of the job.
        name = (trip.scheduler or str(system["scheduler"])).removeprefix("CUSTOM_")
        if name not in self._schedulers:
            raise HostRefused(
                f"The system has the scheduler {name} by now, which runs no jobs here."
            )
        shell = self._opener.open(system, trip.owner)
        return Spot(system, shell, self._schedulers[name], remote_folders(trip))

    def owner_of(self, system_id: str) -> str | None:
        """Return whose own system it is; None for one that is published."""
        try:
            system = self._systems(system_id)
        except NotFound:
            return ""
        return None if system.get("public") else str(system["owner"])

    def events(self, shell: Shell, base: str) -> dict[str, set[str]]:
        """Return which jobs have begun and ended, by `.started` and `.ended`."""
        found: dict[str, set[str]] = {STARTED: set(), ENDED: set()}
        with suppress(FileNotFoundError):
            for entry in shell.entries(events_of(base)):
                for kind, jobs in found.items():
                    if entry.name.endswith(kind):
                        jobs.add(entry.name.removesuffix(kind))
        return found

    def exit_of(self, shell: Shell, trip: Trip) -> Exit | None:
        """Return a job's last word; None where it has said none."""
        path = f"{remote_folders(trip).control}/{EXIT}"
        try:
            return _read_exit(shell.read(path, 0, _GIB_MIB))
        except FileNotFoundError:
            return None
        except HostError:
            if shell.entry(path).kind == "file":
                raise
            return Exit("lost")

    def forget_events(self, shell: Shell, trip: Trip, kinds: Collection[str]) -> None:
        """Remove what was noticed."""
        for kind in kinds:
            shell.remove(f"{remote_folders(trip).events}/{trip.job_id}{kind}")

    def cancel(self, trip: Trip) -> bool:
        """Ask a job to end; tell whether it was at the scheduler at all."""
        spot = self.spot(trip)
        number = self._number(spot, trip)
        if not number:
            return False
        where = spot.folders
        run = Run(trip.job_id, where.work, where.control, where.events, (), "")
        spot.scheduler.cancel(spot.shell, run, number)
        return True

    def look(self, trip: Trip) -> Sight | None:
        """Return what the scheduler says of one job; None before it was submitted."""
        spot = self.spot(trip)
        number = self._number(spot, trip)
        if not number:
            return None
        return spot.scheduler.look(spot.shell, [number]).get(number)

    def fetch(self, trip: Trip, folders: JobFolders) -> None:
        """Copy what a job has made into its folder here.

        Raises:
            PayloadTooLarge: it made more than a job may.
        """
        spot = self.spot(trip)
        folders.work.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            # It is measured now and then, so one that was ended for it has more.
            most_bytes = 2 * self._most_mib * _MIB
            spot.shell.fetch(spot.folders.work, folders.work, most_bytes)
        self.trips.set(trip.job_id, fetched=True)

    def discard(self, trip: Trip) -> None:
        """Remove all that a job has left on its machine, and forget it."""
        spot = self.spot(trip)
        for path in (spot.folders.work, spot.folders.control):
            spot.shell.remove(path)
        self.forget_events(spot.shell, trip, (STARTED, ENDED))
        self.trips.end(trip.job_id)

    def close(self) -> None:
        """Sign out everywhere."""
        self._opener.close_all()

    def _away(self, job_id: str) -> Trip:
        trip = self.trips.get(job_id)
        if trip is None:
            raise LookupError(f"{job_id} was not sent")
        return trip

    def _number(self, spot: Spot, trip: Trip) -> str:
        """Return a job's number; a tenant that was killed has it there alone."""
        if trip.number:
            return trip.number
        try:
            kept = spot.shell.read(f"{spot.folders.control}/number", 0, _GIB_MIB)
        except FileNotFoundError:
            return ""
        return kept.decode("ascii", "replace").strip()

    def _to_run(self, job: Document, spot: Spot) -> Run:
        slug = to_slug(job["name"])
        memory = job["memoryPerNode"]
        queue: Document = next(
            (q for q in spot.system["queues"] if q["name"] == job["batchQueue"]), {}
        )
        argv: tuple[str, ...] = ("/bin/bash", f"{slug}.ipcexe")
        filter_file = ""
        processes = None
        env = read_environment(spot.system.get("environment"))
        is_here = spot.system["login"]["protocol"] == "LOCAL"
        if is_here and self._is_confined():
            filter_file = self._write_filter(spot)
            argv = self._confined(job, spot, argv, filter_file)
            processes = Order.processes
            env = {}
        return Run(
            job_id=job["id"],
            work=spot.folders.work,
            control=spot.folders.control,
            events=spot.folders.events,
            argv=argv,
            slug=slug,
            env=env,
            seconds=job["seconds"],
            nodes=job["nodeCount"],
            processors=job["processorsPerNode"],
            memory_mib=None if memory is None else int(memory * _GIB_MIB),
            file_mib=self._most_mib,
            total_mib=self._most_mib,
            processes=processes,
            queue=str(queue.get("mappedName") or job["batchQueue"]),
            queue_label=str(job["batchQueue"]),
            directives=tuple(str(queue.get("customDirectives") or "").split()),
            startup=str(spot.system.get("startupScript") or ""),
            filter_file=filter_file,
        )

    def _write_filter(self, spot: Spot) -> str:
        content = make_filter()
        if not content:
            return ""
        path = f"{spot.folders.control}/{_FILTER}"
        spot.shell.write(path, content)
        return path

    def _confined(
        self, job: Document, spot: Spot, argv: tuple[str, ...], filter_file: str
    ) -> tuple[str, ...]:
        memory = job["memoryPerNode"] or USUAL_MEMORY_GIB
        order = Order(
            work=spot.folders.work,
            argv=argv,
            slug=to_slug(job["name"]),
            user=job["owner"],
            seconds=job["seconds"],
            memory_bytes=int(memory * (1 << 30)),
            total_bytes=self._most_mib * _MIB,
        )
        fd = _FILTER_FD if filter_file else None
        return tuple(to_command(order, Path(spot.folders.control), fd))


def _read_exit(text: bytes) -> Exit:
    """Read a last word; the account is its jobs' as well, who may have written it."""
    try:
        found = json.loads(text)
        ended = Exit(str(found["reason"]), int(found["code"]))
    except (TypeError, *NONSENSE):
        return Exit("lost")
    is_one = ended.reason in REASONS and ended.code in range(256)
    return ended if is_one else Exit("lost")
