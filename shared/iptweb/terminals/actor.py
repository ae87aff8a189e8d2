"""The function `terminal`, as other functions of the bundle reach it."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from iptweb.agave import Agave
from iptweb.errors import AgaveRefused

__all__ = ["TerminalActor"]

ATTEMPTS: Final = 3
PAUSE_SECONDS: Final = 5.0


class TerminalActor:
    """Sends messages to the function; its callers hold no key and touch no host.

    Args:
        agave: The tenant, with the service's token.
        instance: Name of the instance.
        sleep: Waits for some seconds.
    """

    def __init__(
        self, agave: Agave, instance: str, sleep: Callable[[float], None]
    ) -> None:
        self._agave = agave
        self._alias = f"{instance}-terminal"
        self._sleep = sleep

    def send(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the frame that answers a message of the short form.

        Abaco refuses to wait where messages wait already, so a function that is busy is
        asked again a little later.

        Raises:
            UpstreamError: The function can't be reached.
        """
        for attempt in range(ATTEMPTS):
            try:
                return dict(self._agave.ask_actor(self._alias, body))
            except AgaveRefused as error:
                is_busy = error.upstream_status == HTTPStatus.BAD_REQUEST
                if not is_busy or attempt + 1 == ATTEMPTS:
                    raise
            self._sleep(PAUSE_SECONDS)
        raise AssertionError("the last attempt returns or raises")
