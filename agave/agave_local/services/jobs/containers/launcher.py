"""Starting and ending jobs' programs in containers of an engine."""

import logging
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path

from agave_local.engines.errors import EngineDown, EngineRefused, Taken
from agave_local.services.jobs.containers.box import Scope, to_box
from agave_local.services.jobs.containers.engine import Boxes
from agave_local.services.jobs.containers.note import (
    Note,
    forget_note,
    read_note,
    write_note,
)
from agave_local.services.jobs.containers.watch import Watch
from agave_local.services.jobs.containers.watched import Pace, Watched
from agave_local.services.jobs.containers.work import prepare
from agave_local.services.jobs.order import (
    Exit,
    Order,
    read_exit,
    read_order,
    write_order,
)
from sandbox import available

_log = logging.getLogger(__name__)
# So long an engine that can run jobs is taken to still be one.
_GOOD_SECONDS = 5.0
_REFUSAL = "Jobs can't be kept apart from each other here: {}."


class ContainerLauncher:
    """Runs programs in containers; implements `Launcher`.

    The engine has each container name only once: whoever launches twice, in whatever
    process, finds the first one's container.

    Args:
        engine: that runs them.
        image: their file system, with bash and coreutils.
        root: the folder of all jobs.
        why_no_sandbox: see `sandbox.available`.
        pace: how often to look.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        engine: Boxes,
        image: str,
        root: Path,
        why_no_sandbox: Callable[[], str | None] = available,
        *,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._image = image
        self._scope = Scope(root)
        self._why_no_sandbox = why_no_sandbox
        self._clock = clock
        self._good_until = 0.0
        self._watch = Watch(engine, self._scope, pace, clock)

    def refusal(self, _owner: str = "", _busy: Collection[str] = ()) -> str | None:
        """Return why a job can't run on this machine, or None if it can."""
        if self._clock() < self._good_until:
            return None
        reason = self._why_not()
        if reason is None:
            self._good_until = self._clock() + _GOOD_SECONDS
            return None
        return _REFUSAL.format(reason)

    def is_confined(self) -> bool:
        """Tell whether programs that a scheduler starts here run in sandboxes."""
        return self._why_no_sandbox() is None

    def tidy(self) -> None:
        """Remove the containers that an earlier process left and nobody waits for."""
        self._watch.tidy()

    def launch(self, control: Path, order: Order) -> None:
        """Start a program, unless it was started before.

        Raises:
            OSError: it can't be started, and has not been.
        """
        if read_exit(control) is not None:
            return
        note = read_note(control)
        if note is None:
            write_order(control, order)
            note = self._make(control, order)
        self._watch.add(Watched(control, order, note.id, note.wanted))

    def look(self, control: Path) -> Exit | None:
        """Return how a program ended; None while it runs."""
        ended = read_exit(control)
        if ended is None and not self._watch.has(control.parent.name):
            # It may have ended between the two looks.
            ended = read_exit(control) or Exit("lost")
        return ended

    def end(self, control: Path) -> None:
        """Ask a program to end; it is forced to a few seconds later."""
        job_id = control.parent.name
        if self._watch.ask(job_id, "ended") or read_exit(control) is not None:
            return
        note = read_note(control)
        if note is not None:
            with suppress(OSError, ValueError, TypeError):
                order = read_order(control)
                self._watch.add(Watched(control, order, note.id, "ended"))
            return
        # At most, a process that was killed has made it; it never ran.
        with suppress(EngineDown, EngineRefused):
            found = self._engine.find(self._scope.name(job_id))
            if found is not None and found.is_new:
                self._engine.remove(found.id)

    def _why_not(self) -> str | None:
        try:
            if not self._engine.has(self._image):
                return f"the container engine has no image {self._image}"
            if self._engine.is_rootless():
                return "the container engine runs without root rights"
        except EngineDown:
            return "the container engine does not answer"
        except EngineRefused:
            return "the container engine does not take our requests"
        return None

    def _make(self, control: Path, order: Order) -> Note:
        """Make and start a job's container, and note it in between.

        Raises:
            OSError: it can't be started.
        """
        try:
            seen = self._engine.find(self._scope.name(control.parent.name))
            container = self._create(control, order) if seen is None else seen.id
        except (EngineDown, EngineRefused) as error:
            raise OSError(f"no container: {error}") from error
        note = Note(container, self._engine.url)
        write_note(control, note)
        if seen is not None and not seen.is_new:
            return note
        try:
            self._engine.start(container)
        except EngineDown as error:
            # It may have been started: whoever watches it finds out.
            _log.warning("the start of a container was not answered: %s", error)
        except EngineRefused as error:
            self._undo(control, container)
            raise OSError(f"no container: {error}") from error
        return note

    def _create(self, control: Path, order: Order) -> str:
        box = to_box(
            self._scope,
            control,
            order,
            image=self._image,
            account=prepare(order),
            made=time.time(),
        )
        try:
            return self._engine.create(box)
        except Taken:
            found = self._engine.find(box.name)
            if found is None:
                raise
            return found.id

    def _undo(self, control: Path, container: str) -> None:
        """Forget a container that does not start."""
        try:
            self._engine.remove(container)
        except (EngineDown, EngineRefused):
            self._watch.tidy()
        forget_note(control)
