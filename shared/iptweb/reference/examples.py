"""Messages that a test has sent, with their answers."""

import re
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["Example"]

_YOURS: Final = "Bearer YOUR-TOKEN"
# Made anew for each run, or nothing to print in a page.
_GIVEN: Final = frozenset({"access_token", "session", "state", "ticket"})
_SENT: Final = frozenset({"code", "session", "state"})
_STATE: Final = re.compile(r"(?<=[?&]state=)[^&]+")


@dataclass(frozen=True)
class Example:
    """One message and its answer.

    Attributes:
        message: As it was sent.
        answer: The frame.
    """

    message: dict[str, Any]
    answer: dict[str, Any]

    def for_people(self) -> "Example":
        """Return it without what is secret, and the same for every run."""
        message = _hide(self.message, _SENT)
        if "authorization" in message:
            message["authorization"] = _YOURS
        return Example(message, _hide(self.answer, _GIVEN))


def _hide(value: Any, names: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {
            name: "…" if name in names and inner else _hide(inner, names)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_hide(each, names) for each in value]
    return _STATE.sub("…", value) if isinstance(value, str) else value
