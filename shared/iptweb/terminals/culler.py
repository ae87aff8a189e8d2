"""Has the function `terminal` sweep, message by message, until all was looked at."""

from http import HTTPStatus
from typing import Any, Final, cast

from iptweb.errors import AgaveRefused

from .actor import TerminalActor
from .answers import Sweep

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


class Culler:
    """Sends `SWEEP`; holds no key and touches no host.

    Args:
        actor: The function `terminal`.
    """

    def __init__(self, actor: TerminalActor) -> None:
        self._actor = actor

    def sweep(self) -> Sweep:
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
        return cast("Sweep", {**total, "silent_hosts": sorted(silent), "next": after})

    def _ask(self, after: str) -> dict[str, Any]:
        body = {"command": "SWEEP", **({"after": after} if after else {})}
        frame = self._actor.send(body)
        answer = frame.get("body")
        if frame.get("status") == HTTPStatus.OK and isinstance(answer, dict):
            return answer
        reason = "it gave no answer of ours"
        if isinstance(answer, dict) and isinstance(answer.get("error"), dict):
            reason = str(answer["error"].get("message", reason))
        raise AgaveRefused(
            f"The function terminal did not sweep: {reason}", service="actors"
        )
