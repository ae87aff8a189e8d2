"""What cannot be started: counted, and tried again (spec: Abaco, A.4)."""

from collections.abc import Iterable

from agave_local.services.actors.errors import NO_PROCESS
from agave_local.services.actors.executions import PURGED
from agave_local.services.actors.runner.base import STOPPED, Ending

FAILED = "Error executing container: "
# So many containers in a row that could not be started make an actor's error.
MOST_FAILURES = 5
# Images that are looked for in one pass: somebody may have named any number of them.
MOST_RETRIED = 20
_HARMLESS = frozenset({PURGED, NO_PROCESS, STOPPED})


class Failures:
    """How often in a row each actor's containers could not be started."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def note(self, actor_id: str, ending: Ending) -> str | None:
        """Count an end; return why the actor is given up, where it is."""
        if ending.error is None or ending.error in _HARMLESS:
            self.forget(actor_id)
            return None
        count = self._counts[actor_id] = self._counts.get(actor_id, 0) + 1
        if count <= MOST_FAILURES:
            return None
        return FAILED + ending.error.removeprefix(FAILED)

    def forget(self, actor_id: str) -> None:
        """Begin again with an actor."""
        self._counts.pop(actor_id, None)

    def clear(self) -> None:
        """Begin again with all of them."""
        self._counts.clear()


class Turns:
    """Which images are looked for next, a few at a time."""

    def __init__(self) -> None:
        self._last = ""

    def take(self, images: Iterable[str]) -> list[str]:
        """Return some of the images; all of them get their turn."""
        ordered = sorted(set(images))
        later = [image for image in ordered if image > self._last]
        chosen = [*later, *ordered[: len(ordered) - len(later)]][:MOST_RETRIED]
        if chosen:
            self._last = chosen[-1]
        return chosen
