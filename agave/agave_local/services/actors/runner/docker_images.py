"""Which images an engine can run, and why it cannot run the others."""

import logging
import time
from collections.abc import Callable

from agave_local.services.actors.runner.base import UNKNOWN_IMAGE
from agave_local.services.actors.runner.container_engine import (
    Engine,
    EngineDown,
    EngineRefused,
)

ENGINE_DOWN = (
    "The container engine of this tenant does not answer; "
    "whoever runs the tenant should start it."
)
# A registry is not asked for the same missing image again and again.
PULL_AGAIN_S = 300.0

_log = logging.getLogger(__name__)


class DockerImages:
    """The images of an engine, as far as actors want them.

    Args:
        engine: that has them.
        pulls: whether one that is not here is got from its registry.
        now: a clock that only goes forward.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        pulls: bool,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._pulls = pulls
        self._now = now
        self._next_pull: dict[str, float] = {}

    def why_not(self, image: str, *, renew: bool = False) -> str | None:
        """Tell why an image cannot be run, or None.

        Args:
            image: its name.
            renew: ask its registry for a newer one.
        """
        try:
            is_here = self._get(image, renew=renew)
        except EngineDown as error:
            _log.warning("the container engine: %s", error)
            return ENGINE_DOWN
        except EngineRefused as error:
            _log.warning("image %r: %s", image, error)
            is_here = False
        return None if is_here else UNKNOWN_IMAGE.format(image)

    def is_gone(self, image: str) -> bool:
        """Tell whether an image that was here is not any more."""
        try:
            return not self._engine.has(image)
        except (EngineDown, EngineRefused):
            return False

    def _get(self, image: str, *, renew: bool) -> bool:
        """Get an image from its registry where need be; tell whether it is here.

        Raises:
            EngineDown: where there is no engine.
            EngineRefused: where the engine does not understand.
        """
        is_here = self._engine.has(image)
        is_early = self._now() < self._next_pull.get(image, 0.0)
        if not self._pulls or not (renew or not (is_here or is_early)):
            return is_here
        try:
            self._engine.pull(image)
        except EngineRefused as error:
            _log.info("image %r could not be pulled: %s", image, error)
            self._next_pull[image] = self._now() + PULL_AGAIN_S
            return is_here
        self._next_pull.pop(image, None)
        return self._engine.has(image)
