"""Files that the tenant fetches by itself: `urlToIngest`.

`submit` (STAGING_QUEUED, on disk) ─▶ a thread (STAGING) ─▶ STAGING_COMPLETED | _FAILED

What was under way when the tenant ended begins anew when it starts.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any

from agave_local.call import Identity
from agave_local.clock import Clock, Ids
from agave_local.errors import LocalTenantError, NotFound, TooMany
from agave_local.outgoing.policy import NotDelivered, Outgoing
from agave_local.records.store import Document, Store
from agave_local.services.files.access import Place
from agave_local.services.files.documents import to_import
from agave_local.services.files.ledger import Ledger, Note, Site
from agave_local.services.files.models import Files
from agave_local.services.files.origins import Inside, Origin, Web, name_of, read_origin
from agave_local.services.files.paths import read_name
from agave_local.services.files.turns import Turns
from agave_local.services.transforms.registry import find

KIND = "file_import"
MOST_WAITING = 1_000  # of one user
_THREADS = 4
# One user's slow servers leave threads for everybody else's.
_THREADS_OF_ONE = 2
_JOIN_S = 5.0
_log = logging.getLogger(__name__)


class Imports:
    """Fetches files in threads of its own.

    Args:
        store: keeps kind `file_import`, until each is done.
        clock: dates them.
        ids: makes identifiers.
        files: where they go.
        outgoing: the way out.
        identify: returns an account as a caller; NotFound where it is gone.
        notify: keeps notifications about a new file, for its owner.
    """

    def __init__(  # noqa: PLR0917 - the composition root passes them by place
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        files: Files,
        outgoing: Outgoing,
        identify: Callable[[str], Identity],
        notify: Callable[[str, str, Iterable[Document]], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._files = files
        self._outgoing = outgoing
        self._identify = identify
        self._notify = notify
        self._waiting = Turns(_THREADS_OF_ONE)
        self._threads: list[threading.Thread] = []
        self._starting = threading.Lock()
        self._works = False

    @property
    def _ledger(self) -> Ledger:
        return self._files.ledger

    def start(self) -> None:
        """Take up again what an earlier process left."""
        self._works = True
        for job in self._store.find(KIND):
            self._enqueue(job["owner"], job["id"])

    def stop(self) -> None:
        """Stop after what is under way; the rest waits for the next start."""
        with self._starting:
            self._works = False
            threads, self._threads = self._threads, []
        self._waiting.close()
        for thread in threads:
            thread.join(_JOIN_S)
        self._waiting = Turns(_THREADS_OF_ONE)

    def submit(
        self,
        identity: Identity,
        place: Place,
        url: str,
        *,
        name: str | None,
        native_format: str,
        targets: Iterable[Document] = (),
        transform: str | None = None,
    ) -> Any:
        """Accept an import; it is done later.

        Args:
            identity: the caller.
            place: the target: a folder, or a file to replace.
            url: of the file.
            name: for it; as at its origin where None.
            native_format: the type of file that the caller says it is.
            targets: notifications that the caller wants.
            transform: name of the transform that the bytes go through.

        Raises:
            LocalTenantError: it can't be done, as far as one can see now.
        """
        if self._store.count(KIND, owner=identity.username) >= MOST_WAITING:
            raise TooMany("Too many of your imports are waiting; try again later.")
        origin = read_origin(url, self._files.base_url, self._outgoing)
        if isinstance(origin, Inside):
            self._files.locate(identity, origin.system_id, origin.path)
        name = read_name(name) if name else name_of(origin)
        site = self._target(place, name)
        identifier = self._ids.uuid(Ids.TRANSFER)
        with self._store.transaction():
            record = self._ledger.note(
                site,
                identity.username,
                place.owner,
                Note("STAGING_QUEUED", "The import was accepted."),
                source=url,
                nativeFormat=native_format,
            )
            self._notify(identity.username, record["uuid"], targets)
            job = {
                "id": identifier,
                "owner": identity.username,
                "system": place.system_id,
                "path": place.path,
                "site": site.path,
                "name": name,
                "url": url,
                "fileOwner": place.owner,
                "transform": transform,
            }
            self._store.insert(KIND, identifier, job)
        self._enqueue(identity.username, identifier)
        return to_import(
            self._files.base_url, site, record, identity.username, self._clock.now()
        )

    def split_target(
        self, identity: Identity, target: Inside
    ) -> tuple[Place, str | None]:
        """Part an address to write at into a folder and a new name there.

        Args:
            identity: the caller.
            target: the address of a folder, or of a file that may be missing.

        Returns:
            The folder, or a file to replace; and the name, None where a folder was
            meant.

        Raises:
            LocalTenantError: the caller may not write there.
        """
        place = self._files.locate(identity, target.system_id, target.path, write=True)
        try:
            self._files.storage.entry(self._files.ground(place))
        except NotFound:
            above, _, name = target.path.rstrip("/").rpartition("/")
            place = self._files.locate(identity, target.system_id, above, write=True)
            return place, name
        return place, None

    def _target(self, place: Place, name: str) -> Site:
        entry = self._files.storage.entry(self._files.ground(place))
        parts = (*place.parts, name) if entry.is_folder else place.parts
        return Site(place.system_id, parts)

    def _enqueue(self, owner: str, identifier: str) -> None:
        with self._starting:
            if not self._works:
                return
            self._waiting.put(owner, identifier)
            if len(self._threads) < _THREADS:
                thread = threading.Thread(
                    target=self._run, args=(self._waiting,), name="imports", daemon=True
                )
                self._threads.append(thread)
                thread.start()

    def _run(self, waiting: Turns) -> None:
        try:
            while (turn := waiting.take()) is not None:
                owner, identifier = turn
                job = self._store.get(KIND, identifier)
                if job is not None and self._works:
                    self._do(job)
                waiting.end(owner)
        finally:
            self._store.close()

    def _do(self, job: Document) -> None:
        self._note(job, "STAGING", f"{job['url']} is being fetched.")
        try:
            self._stage(job)
        except (LocalTenantError, NotDelivered) as error:
            self._end(job, "STAGING_FAILED", f"The import failed: {error}")
        except Exception:  # noqa: BLE001 - logged; the file's owner is told, and the thread goes on
            _log.exception("an import failed")
            self._end(job, "STAGING_FAILED", "The import failed; the log says why.")
        else:
            self._end(job, "STAGING_COMPLETED", "The import is complete.")

    def _stage(self, job: Document) -> None:
        """Fetch a file with the rights that its caller has by now."""
        identity = self._identify(job["owner"])
        place = self._files.locate(identity, job["system"], job["path"], write=True)
        origin = read_origin(job["url"], self._files.base_url, self._outgoing)
        source = self._source(identity, origin)
        transform = job.get("transform")
        if source is not None and not transform and self._is_folder(source):
            ground = self._files.ground(place).below(job["name"])
            self._files.copy_tree(source, ground)
            return
        with self._files.receive(place) as upload:
            sink = upload.open()
            if isinstance(origin, Web):
                self._outgoing.fetch(origin.url, sink.write)
            elif source is not None:
                self._pour(source, transform, sink.write)
            upload.place(sink, job["name"])

    def _source(self, identity: Identity, origin: Origin) -> Place | None:
        if isinstance(origin, Web):
            return None
        return self._files.locate(identity, origin.system_id, origin.path)

    def _is_folder(self, place: Place) -> bool:
        return self._files.storage.entry(self._files.ground(place)).is_folder

    def _pour(
        self, source: Place, transform: str | None, take: Callable[[bytes], object]
    ) -> None:
        file = self._files.open(source)
        try:
            pieces = file.pieces()
            for piece in find(transform).run(pieces) if transform else pieces:
                take(piece)
        finally:
            file.close()

    def _note(self, job: Document, status: str, description: str) -> None:
        site = _site_of(job)
        self._ledger.note(
            site, job["owner"], job["fileOwner"], Note(status, description)
        )

    def _end(self, job: Document, status: str, description: str) -> None:
        with self._store.transaction():
            self._note(job, status, description)
            self._store.delete(KIND, job["id"])


def _site_of(job: Document) -> Site:
    return Site(job["system"], tuple(name for name in job["site"].split("/") if name))
