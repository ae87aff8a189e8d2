"""The double of the tenant: functions that answer from what it knows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from .admin import answer_admin
from .files import answer_files
from .frames import Frame
from .jobs import answer_jobs, answer_submissions
from .sessions import answer_sessions
from .state import State
from .terminals import answer_record, answer_terminals

Function = Callable[[State, str, str, dict[str, Any], dict[str, Any]], Frame]
FUNCTIONS: Final[dict[str, Function]] = {
    "auth_callback": answer_sessions,
    "terminal": answer_terminals,
    "webterm": answer_record,
    "job_submit": answer_submissions,
    "jobs": answer_jobs,
    "files": answer_files,
    "admin": answer_admin,
}


@dataclass
class Tenant(State):
    """A tenant that keeps what was asked of it, and answers."""

    def requests(self, path: str) -> list[dict[str, Any]]:
        """Return the messages that came for a path."""
        return [message for _, message in self.calls if message["path"] == path]

    def answer(self, function: str, message: dict[str, Any]) -> Frame:
        """Answer one message."""
        self.calls.append((function, message))
        method, path = message["method"], message["path"]
        if refusal := self.refusals.get((method, path)):
            return refusal
        answer = FUNCTIONS[function]
        return answer(self, method, path, message["query"], message["body"])
