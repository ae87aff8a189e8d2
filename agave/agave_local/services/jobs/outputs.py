"""What a job has made: in its folder, and at the end in its archive.

Whoever may read a job may read this, with the rights of the job's owner, and nothing
beside it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from agave_local.errors import NotFound
from agave_local.records.store import Document
from agave_local.services.files.body import Readable
from agave_local.services.files.documents import to_item
from agave_local.services.files.models import Files
from agave_local.services.files.paths import read_parts, to_path
from agave_local.services.files.storage import Entry, Ground
from agave_local.services.jobs.document import JobDocuments
from agave_local.services.jobs.engine import Engine
from agave_local.services.jobs.macros import to_slug
from agave_local.services.jobs.remote.folders import remote_folders
from agave_local.services.jobs.remote.outputs import RemoteOutputs
from agave_local.services.jobs.remote.trips import Trip
from agave_local.services.jobs.staging import owner_of

_Found = TypeVar("_Found")


def is_wrapper(job: Document, path: str) -> bool:
    """Tell whether a path is the one of the script that a job runs."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    # Some file systems take capitals for the same letters.
    return [part.lower() for part in parts] == [f"{to_slug(job['name'])}.ipcexe"]


class Outputs:
    """Reads outputs.

    Args:
        files: where archives are.
        engine: knows the jobs' folders.
        documents: write outputs.
        base_url: of the tenant.
    """

    def __init__(
        self, files: Files, engine: Engine, documents: JobDocuments, base_url: str
    ) -> None:
        self._files = files
        self._engine = engine
        self._documents = documents
        self._base_url = base_url
        runner = engine.journey.runner
        self._remote = RemoteOutputs(
            lambda trip: runner.spot(trip).shell, runner.silences
        )

    def list(self, job: Document, path: str, limit: int, offset: int) -> list[Document]:
        """Return what is in a folder of a job.

        Raises:
            NotFound: there is no such folder, or nothing yet.
        """

        def look(job: Document, trip: Trip | None) -> tuple[list[Entry], int]:
            if trip is not None and job.get("elsewhere"):
                found = self._remote.entries(trip, read_parts(path), limit, offset)
                return found, 0
            ground, depth = self._ground(job, trip, path)
            return self._files.storage.entries(ground, limit, offset), depth

        found, depth = self._settled(job, look)
        system = job["archiveSystem"] if depth else job["executionSystem"]
        items = []
        for entry in found:
            item = to_item(self._base_url, system, entry, "READ")
            item["path"] = to_path(entry.parts[depth:])
            items.append(self._documents.to_output(job, item))
        return items

    def open(self, job: Document, path: str) -> Readable:
        """Open a file that a job has made, or is making.

        Raises:
            NotFound: there is none.
            Unavailable: the machine that has it does not answer.
        """

        def look(job: Document, trip: Trip | None) -> Readable:
            if trip is not None and job.get("elsewhere"):
                return self._remote.open(
                    trip, read_parts(path), lambda: self.open(job, path)
                )
            return self._files.storage.open(self._ground(job, trip, path)[0])

        return self._settled(job, look)

    def _settled(
        self, job: Document, look: Callable[[Document, Trip | None], _Found]
    ) -> _Found:
        """Look where the outputs are, and again where they were on their way.

        They go from the machine here and from here to the archive, and are removed
        only when they are there.
        """
        trip = self._trip(job)
        while True:
            try:
                return look(job, trip)
            except NotFound:
                before = trip, job["archived"]
                job = self._engine.records.get(job["id"]) or job
                trip = self._trip(job)
                if (trip, job["archived"]) == before:
                    raise

    def _ground(
        self, job: Document, trip: Trip | None, path: str
    ) -> tuple[Ground, int]:
        """Return where an output is, and how many names lead to the job's folder."""
        parts = read_parts(path)
        if job["archived"]:
            place = self._files.locate(
                owner_of(job), job["archiveSystem"], job["archivePath"]
            )
            ground = self._files.ground(place)
            return ground.below(*parts), len(ground.parts)
        if trip is not None:
            # On this machine, so with its own guard against links that lead away.
            return Ground(Path(remote_folders(trip).work)).below(*parts), 0
        folders = self._engine.folders(job["id"])
        if not folders.work.is_dir():
            raise NotFound("The job has no outputs yet.")
        return folders.ground.below(*parts), 0

    def _trip(self, job: Document) -> Trip | None:
        trip = self._engine.journey.runner.trips.get(job["id"])
        return trip if trip is not None and trip.number and not trip.fetched else None
