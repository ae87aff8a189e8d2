"""What still has to be delivered, kept in the store until it is.

change and `insert`, in one transaction ─▶ a thread ─▶ deliver ─▶ removed

Whoever is killed in between delivers it after the next start: at least once.
Owners take turns, and one whose addresses are slow does not hold up the others.
"""

import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any

from agave_local.records.conditions import equal
from agave_local.records.store import Document, Store

_log = logging.getLogger(__name__)


class Outbox:
    """A queue of documents of one kind, and the threads that deliver them.

    Args:
        store: keeps the documents; each has `id`, `owner`, and as `parent` the thing
            whose news are delivered one after the other.
        kind: of the documents.
        deliver: does it; the document is removed afterwards, also where it raised.
        threads: at once, while there is something to deliver.
        most: documents of one owner that may wait.

    Attributes:
        is_open: whether anything is delivered now.
    """

    def __init__(
        self,
        store: Store,
        kind: str,
        deliver: Callable[[Document], None],
        *,
        threads: int,
        most: int,
    ) -> None:
        self._store = store
        self._kind = kind
        self._deliver = deliver
        self._limit = threads
        self._most = most
        self._lock = threading.Lock()
        self.is_open = False
        self._has_news = False
        self._threads: set[threading.Thread] = set()
        self._known: set[str] = set()
        self._waiting: OrderedDict[str, deque[Document]] = OrderedDict()
        self._busy: dict[str, str] = {}

    def insert(self, document: Document) -> bool:
        """Keep a document, in the caller's transaction; false where too many wait."""
        if self._store.tally(self._kind, equal("owner", document["owner"])) >= (
            self._most
        ):
            _log.warning("too much waits for delivery; some of it was dropped")
            return False
        self._store.insert(self._kind, document["id"], document)
        self.wake()
        return True

    def start(self) -> None:
        """Begin with what is still there."""
        with self._lock:
            self.is_open = True
        self.wake()

    def stop(self) -> None:
        """Finish what is under way; what waits is kept for the next start."""
        with self._lock:
            self.is_open = False
            threads = list(self._threads)
        for thread in threads:
            thread.join()
        with self._lock:
            self._known.clear()
            self._waiting.clear()

    def wake(self) -> None:
        """Look for new documents, those of a change that is not committed yet too."""
        with self._lock:
            self._has_news = True
            self._grow()

    def _grow(self) -> None:
        if not self.is_open or len(self._threads) >= self._limit:
            return
        thread = threading.Thread(
            target=self._work, name=f"outbox-{self._kind}", daemon=True
        )
        self._threads.add(thread)
        thread.start()

    def _work(self) -> None:
        try:
            while (document := self._next()) is not None:
                self._handle(document)
        finally:
            with self._lock:
                self._threads.discard(threading.current_thread())
                # Something may have come between the last look and now.
                if self._has_news:
                    self._grow()

    def _next(self) -> Document | None:
        with self._lock:
            is_look = self.is_open and self._has_news
            self._has_news = self._has_news and not is_look
        found = self._look() if is_look else []
        with self._lock:
            for document in found:
                if document["id"] not in self._known:
                    self._known.add(document["id"])
                    queue = self._waiting.setdefault(document["parent"], deque())
                    queue.append(document)
            taken = self._take() if self.is_open else None
            if taken is not None and self._waiting:
                self._grow()
            return taken

    def _look(self) -> list[Document]:
        # A writer's turn: whoever told of news inside a change has committed it then.
        with self._store.transaction():
            return self._store.select(self._kind)

    def _take(self) -> Document | None:
        """Return the first document of a parent that is not busy, in turn."""
        for parent, queue in self._waiting.items():
            owner = queue[0]["owner"]
            of_owner = sum(busy == owner for busy in self._busy.values())
            if parent in self._busy or of_owner >= max(1, self._limit // 2):
                continue
            document = queue.popleft()
            self._waiting.move_to_end(parent)
            if not queue:
                del self._waiting[parent]
            self._busy[parent] = owner
            return document
        return None

    def _handle(self, document: Document) -> None:
        try:
            # What another thread removed meanwhile was delivered.
            if self._store.get(self._kind, document["id"]) is not None:
                self._try(document)
                self._store.delete(self._kind, document["id"])
        finally:
            with self._lock:
                del self._busy[document["parent"]]
                self._known.discard(document["id"])

    def _try(self, document: dict[str, Any]) -> None:
        try:
            self._deliver(document)
        except Exception:  # noqa: BLE001 - logged; the others must not wait for its cure
            _log.exception("%s could not be delivered", self._kind)
