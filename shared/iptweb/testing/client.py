"""Sends messages to a function the way an actor gets them."""

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iptweb.http import App
from iptweb.logs import Log, Redactor
from iptweb.runtime import Call, Platform, run
from iptweb.secret import Secret
from iptweb.settings import Settings
from iptweb.terminals.host.asking import Member
from iptweb.terminals.host.pool import HostPool

from .agreement import check_agreement
from .host import FakeHost
from .oauth import FakeOAuth
from .settings import make_configs
from .tenant import FakeAgave, FakeTenant

__all__ = ["Answer", "FunctionClient"]

_SERVICE_ACCOUNT = "ipt"


@dataclass(frozen=True)
class Answer:
    """One result frame, read again."""

    status: int
    headers: dict[str, str]
    body: Any
    exit_code: int

    @property
    def code(self) -> str:
        """The error's code, empty for a success."""
        return str(self.body["error"]["code"]) if self.status >= 400 else ""  # noqa: PLR2004 - the border of HTTP's errors

    @property
    def field(self) -> str:
        """The field that an error blames, or empty."""
        return str(self.body["error"]["details"].get("field", ""))

    @property
    def message(self) -> str:
        """The error's sentence."""
        return str(self.body["error"]["message"])


class FunctionClient:
    """Calls one function; its environment, frame and log are real, the rest is fake.

    Attributes:
        now: The time, in seconds since the epoch; a test moves it.
        slept: How long the function has waited altogether.
        host: The place where terminals run.
        oauth: The token endpoints.
        log_text: Everything that was logged.
        token: The caller's own token, sent where `authorized` is set.
    """

    def __init__(
        self,
        app: App[Call],
        tenant: FakeTenant | None = None,
        *,
        username: str = "ada",
        host: FakeHost | None = None,
        oauth: FakeOAuth | None = None,
        configs: dict[str, str] | None = None,
        **settings: Any,
    ) -> None:
        self.app = app
        self.tenant = tenant or FakeTenant()
        self.username = username
        self.host = host or FakeHost()
        self.oauth = oauth or FakeOAuth(self.tenant)
        self.configs = make_configs(**settings) if configs is None else configs
        self.now = 1_800_000_000.0
        self.slept = 0.0
        self.token = self.tenant.give_token(username)
        self._service_token = self.tenant.give_token(_SERVICE_ACCOUNT)
        self._used_token = False
        self._log = io.StringIO()

    @property
    def log_text(self) -> str:
        """Everything that was logged."""
        return self._log.getvalue()

    def get(self, path: str, /, *, authorized: bool = True, **query: Any) -> Answer:
        """Send a GET."""
        return self.request("GET", path, query=query, authorized=authorized)

    def post(self, path: str, /, *, authorized: bool = True, **body: Any) -> Answer:
        """Send a POST."""
        return self.request("POST", path, body=body, authorized=authorized)

    def request(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, Any] | None = None,
        body: dict[str, Any] | None = None,
        authorized: bool = True,
    ) -> Answer:
        """Send a message of the long form."""
        message: dict[str, Any] = {"method": method, "path": path}
        if query is not None:
            message["query"] = query
        if body is not None:
            message["body"] = body
        if authorized:
            message["authorization"] = f"Bearer {self.token}"
        # A Python repr, as Abaco makes of a JSON message.
        return self.send(repr(message))

    def send(self, msg: str | None, **environ: str) -> Answer:
        """Send whatever text, with further variables in the environment."""
        frames: list[bytes] = []
        self._used_token = False

        def deliver(frame: bytes, path: Path) -> None:
            del path
            frames.append(frame)

        environment = {
            **environ,
            "_abaco_access_token": self._service_token,
            "_abaco_api_server": "https://tenant.test",
            "_abaco_execution_id": "execution-1",
            "_abaco_username": self.username,
            "_actor_configs": repr(self.configs),
        }
        if msg is not None:
            environment["MSG"] = msg
        log = Log(self._log, Redactor())
        code = run(self.app, environment, self._platform(), log, deliver=deliver)
        frame = json.loads(frames[0])
        check_agreement(self.app, msg, frame, used_token=self._used_token)
        return Answer(frame["status"], frame["headers"], frame["body"], code)

    def _choose_host(self, settings: Settings, *_: Any) -> HostPool:
        drain = settings.terminals.drain
        return HostPool([Member(self.host.name, self.host, drain=drain)])

    def _connect(self, api_server: str, token: Secret, acting: str) -> FakeAgave:
        self._used_token |= token.reveal() == self.token
        return self.tenant.connect(api_server, token, acting)

    def _platform(self) -> Platform:
        def sleep(seconds: float) -> None:
            self.slept += seconds
            self.now += seconds

        return Platform(
            connect_agave=self._connect,
            connect_oauth=lambda _server, _client: self.oauth,
            choose_host=self._choose_host,
            clock=lambda: self.now,
            new_id=lambda: f"id-{self.tenant.number()}",
            sleep=sleep,
        )
