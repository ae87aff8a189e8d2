"""The function `terminal` as an actor of the invented tenant."""

from collections.abc import Mapping
from typing import Any

from functions.terminal.app import app as terminal_app
from iptweb.testing import FakeHost, FakeTenant, FunctionClient


class Terminals:
    """The actor of the function `terminal`, as the platform calls it.

    Attributes:
        messages: User and message of each call.
        frames: Answers of the next calls; after them the function's own.
    """

    def __init__(self, tenant: FakeTenant, host: FakeHost, **settings: Any) -> None:
        self.messages: list[tuple[str, Mapping[str, Any]]] = []
        self.frames: list[Mapping[str, Any]] = []
        self._tenant = tenant
        self._host = host
        self._settings = settings

    def __call__(self, username: str, message: Mapping[str, Any]) -> Mapping[str, Any]:
        """Answer one message."""
        self.messages.append((username, message))
        if self.frames:
            return self.frames.pop(0)
        client = FunctionClient(
            terminal_app,
            self._tenant,
            host=self._host,
            username=username,
            **self._settings,
        )
        answer = client.send(repr(dict(message)))
        return {"status": answer.status, "headers": {}, "body": answer.body}
