"""Has the function `terminal` sweep, message by message, until all was looked at."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from iptweb.agave import Agave
from iptweb.errors import AgaveRefused

__all__ = ["Culler"]

COUNTS: Final = (
    "looked_at",
    "stopped",
    "failed",
    "orphans_ended",
    "admitted",
    "skipped",
)
MOST_MESSAGES: Final = 20
ATTEMPTS: Final = 3
PAUSE_SECONDS: Final = 5.0


class Culler:
    """Sends `SWEEP`; holds no key and touches no host.

    Args:
        agave: The tenant, with the service's token.
        actor: Alias of the function `terminal`.
        sleep: Waits for some seconds.
    """

    def __init__(
        self, agave: Agave, actor: str, sleep: Callable[[float], None]
    ) -> None:
        self._agave = agave
        self._actor = actor
        self._sleep = sleep

    def sweep(self) -> dict[str, Any]:
        """Return what was done, added up.

        Raises:
            UpstreamError: The function can't be reached, or could not sweep.
        """
        total: dict[str, Any] = dict.fromkeys(COUNTS, 0)
        silent: set[str] = set()
        after = ""
        for _ in range(MOST_MESSAGES):
            swept = self._ask(after)
            for name in COUNTS:
                total[name] += int(swept.get(name, 0))
            silent.update(map(str, swept.get("silent_hosts", ())))
            after = str(swept.get("next", ""))
            if not after:
                break
        return {**total, "silent_hosts": sorted(silent), "next": after}

    def _ask(self, after: str) -> dict[str, Any]:
        body = {"command": "SWEEP", **({"after": after} if after else {})}
        frame = self._send(body)
        answer = frame.get("body")
        if frame.get("status") == HTTPStatus.OK and isinstance(answer, dict):
            return answer
        reason = "it gave no answer of ours"
        if isinstance(answer, dict) and isinstance(answer.get("error"), dict):
            reason = str(answer["error"].get("message", reason))
        raise AgaveRefused(
            f"The function terminal did not sweep: {reason}", service="actors"
        )

    def _send(self, body: dict[str, str]) -> dict[str, Any]:
        """Send a message; a function that is busy is asked again a little later."""
        for attempt in range(ATTEMPTS):
            try:
                return dict(self._agave.ask_actor(self._actor, body))
            except AgaveRefused as error:
                is_busy = error.upstream_status == HTTPStatus.BAD_REQUEST
                if not is_busy or attempt + 1 == ATTEMPTS:
                    raise
            self._sleep(PAUSE_SECONDS)
        raise AssertionError("the last attempt returns or raises")
