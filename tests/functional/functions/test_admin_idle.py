"""The function `admin`: when terminals were last used."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from functions.terminal.app import app as terminal_app
from iptweb.errors import AgaveUnavailable
from iptweb.testing import FakeHost, FakeTenant, FunctionClient

from .administrator import Administrator


class Server(BaseHTTPRequestHandler):
    """A terminal's server that was used 65 seconds ago."""

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer any launch."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"idle 65\n")


@pytest.fixture(name="url")
def _url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"ws://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def idle_of(answer: Any) -> dict[str, int | None]:
    """Return the idle times of a list of terminals."""
    return {one["user"]: one["idle_s"] for one in answer.body["terminals"]}


def test_idle(grace: Administrator, host: FakeHost, url: str) -> None:
    """Those that are up are asked where that is wanted, and nobody else is."""
    grace.start("ada", "bob", "eve")
    grace.do("/terminals/eve/stop")
    host.move("ada-test-IPT", url)

    assert set(idle_of(grace.get("/terminals")).values()) == {None}
    times = idle_of(grace.get("/terminals", idle="true"))

    assert times == {"ada": 65, "bob": None, "eve": None}
    message = {"command": "IDLE", "users": ["ada", "bob"]}
    assert grace.terminals.messages[-1] == ("ipt", message)


def test_nobody_is_up(grace: Administrator) -> None:
    """Where nothing runs nothing is asked."""
    assert grace.get("/terminals", idle="true").body["total"] == 0
    assert grace.terminals.messages == []


@pytest.mark.parametrize(
    "frame",
    [
        {"status": 502, "body": {"error": {"code": "terminal_failed"}}},
        {"status": 200, "body": "nonsense"},
        {"status": 200, "body": {"idle": ["nonsense"]}},
        {"status": 200, "body": {"idle": {"ada": "65"}}},
    ],
)
def test_function_does_not_tell(grace: Administrator, frame: dict[str, Any]) -> None:
    """The list is worth an answer without the times."""
    grace.start("ada")
    grace.terminals.frames = [frame]

    assert idle_of(grace.get("/terminals", idle="true")) == {"ada": None}


def test_function_is_away(grace: Administrator) -> None:
    """So it is where the function can't be reached at all."""
    grace.start("ada")
    failure = AgaveUnavailable("No.", service="actors")
    grace.tenant.failures["ask_actor"] = failure

    assert idle_of(grace.get("/terminals", idle="true")) == {"ada": None}


@pytest.mark.parametrize("user", ["grace", "ipt"])
def test_command(tenant: FakeTenant, host: FakeHost, url: str, user: str) -> None:
    """Administrators and the service account ask; names that are none are left out."""
    ada = FunctionClient(terminal_app, tenant, host=host)
    ada.send("{'command': 'START'}")
    host.move("ada-test-IPT", url)
    caretaker = FunctionClient(terminal_app, tenant, host=host, username=user)

    answer = caretaker.send("{'command': 'IDLE', 'users': ['ada', '../x', 'bob']}")

    assert answer.body == {"idle": {"ada": 65}}


def test_kept_records_only(tenant: FakeTenant, host: FakeHost) -> None:
    """Where a person starts terminals by hand, nobody is asked."""
    client = FunctionClient(
        terminal_app, tenant, host=host, username="grace", call_actor=False
    )

    assert client.send("{'command': 'IDLE', 'users': ['ada']}").body == {"idle": {}}


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({"command": "IDLE", "user_name": "ada"}, "user_name"),
        ({"command": "IDLE", "after": "x"}, "after"),
        ({"command": "IDLE", "users": "ada"}, "users"),
        ({"command": "IDLE", "users": ["a"] * 101}, "users"),
        ({"command": "START", "users": ["ada"]}, "users"),
    ],
)
def test_bad_command(tenant: FakeTenant, message: dict[str, Any], field: str) -> None:
    """A field that a command has no use for is refused by its name."""
    client = FunctionClient(terminal_app, tenant, username="grace")

    answer = client.send(repr(message))

    assert (answer.code, answer.field) == ("bad_request", field)


def test_others_ask_nothing(tenant: FakeTenant) -> None:
    """When somebody works is nobody else's business."""
    client = FunctionClient(terminal_app, tenant, username="eve")

    answer = client.send("{'command': 'IDLE', 'users': ['ada']}")

    assert answer.code == "forbidden"
