"""The function `culler`."""

from collections.abc import Mapping
from typing import Any

import pytest

from functions.culler.app import app
from functions.terminal.app import app as terminal_app
from functions.webterm.app import app as webterm_app
from iptweb.errors import AgaveRefused, AgaveUnavailable
from iptweb.testing import FakeHost, FakeTenant, FunctionClient

from .terminal_actor import Terminals

CRON = "This is your cron execution"
COUNTS = {
    "looked_at": 0,
    "stopped": 0,
    "failed": 0,
    "orphans_ended": 0,
    "admitted": 0,
    "skipped": 0,
}


@pytest.fixture(name="terminals")
def _terminals(tenant: FakeTenant, host: FakeHost) -> Terminals:
    terminals = Terminals(tenant, host)
    tenant.actors["test-terminal"] = terminals
    return terminals


@pytest.fixture(name="client")
def _client(tenant: FakeTenant, host: FakeHost, terminals: Terminals) -> FunctionClient:
    del terminals
    return FunctionClient(app, tenant, host=host, username="cron")


def test_cron(client: FunctionClient, terminals: Terminals) -> None:
    """The platform's schedule has the function terminal sweep, as the service."""
    starter = FunctionClient(terminal_app, client.tenant, host=client.host)
    starter.send("{'command': 'START'}")
    client.host.terminals.clear()

    answer = client.send(CRON)

    expected = {**COUNTS, "looked_at": 1, "stopped": 1, "silent_hosts": [], "next": ""}
    assert (answer.status, answer.body) == (200, expected)
    assert terminals.messages == [("ipt", {"command": "SWEEP"})]
    assert '"event": "swept", "looked_at": 1, "stopped": 1' in client.log_text


def test_cron_too_often(client: FunctionClient, terminals: Terminals) -> None:
    """Running it again and again changes nothing more."""
    starter = FunctionClient(terminal_app, client.tenant, host=client.host)
    starter.send("{'command': 'START'}")
    before = str(client.tenant.metadata)

    for _ in range(5):
        assert client.send(CRON).body["looked_at"] == 1

    assert str(client.tenant.metadata) == before
    assert len(terminals.messages) == 5


@pytest.mark.parametrize("user", ["grace", "ipt"])
def test_by_hand(tenant: FakeTenant, terminals: Terminals, user: str) -> None:
    """An administrator and the service account may ask for it, in either form."""
    caretaker = FunctionClient(app, tenant, username=user)

    assert caretaker.post("/sweep", authorized=False).status == 200
    assert caretaker.send(CRON).status == 200
    assert len(terminals.messages) == 2


@pytest.mark.parametrize("msg", [CRON, "{'method': 'POST', 'path': '/sweep'}"])
def test_others(tenant: FakeTenant, terminals: Terminals, msg: str) -> None:
    """Whoever else sends the schedule's text is refused, and nothing is sent on."""
    answer = FunctionClient(app, tenant, username="eve").send(msg)

    assert answer.code == "forbidden"
    assert terminals.messages == []


@pytest.mark.parametrize("function", [terminal_app, webterm_app])
def test_functions_without_a_schedule(tenant: FakeTenant, function: Any) -> None:
    """A function that has no schedule does not know the platform's text."""
    answer = FunctionClient(function, tenant, username="cron").send(CRON)

    assert answer.code == "bad_request"


@pytest.mark.parametrize("msg", [f"{CRON} ", f'"{CRON}"', CRON.lower(), "cron"])
def test_nearly_the_schedule_s_text(client: FunctionClient, msg: str) -> None:
    """Only the very text is the schedule's."""
    assert client.send(msg).code == "bad_request"


def test_many_messages(client: FunctionClient, terminals: Terminals) -> None:
    """As long as the answer names where to go on, another message is sent."""
    part = {**COUNTS, "looked_at": 10, "stopped": 1}
    terminals.frames = [
        {"status": 200, "body": {**part, "silent_hosts": ["b"], "next": "k"}},
        {"status": 200, "body": {**part, "silent_hosts": ["a", "b"], "next": ""}},
    ]

    body = client.send(CRON).body

    assert body["looked_at"] == 20
    assert body["stopped"] == 2
    assert body["silent_hosts"] == ["a", "b"]
    assert [message for _, message in terminals.messages] == [
        {"command": "SWEEP"},
        {"command": "SWEEP", "after": "k"},
    ]


def test_endless_answers(client: FunctionClient, terminals: Terminals) -> None:
    """A function that never comes to an end is not asked for ever."""
    frame = {"status": 200, "body": {**COUNTS, "next": "k"}}
    terminals.frames = [frame] * 100

    assert client.send(CRON).body["next"] == "k"
    assert len(terminals.messages) == 20


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (
            {"status": 403, "body": {"error": {"message": "Not for you."}}},
            "Not for you.",
        ),
        ({"status": 500, "body": "nonsense"}, "it gave no answer of ours"),
        ({"status": 200, "body": ["nonsense"]}, "it gave no answer of ours"),
        ({"status": 500, "body": {"error": {}}}, "it gave no answer of ours"),
    ],
)
def test_function_refuses(
    client: FunctionClient, terminals: Terminals, frame: dict[str, Any], reason: str
) -> None:
    """A sweep that the function refuses is an error with its reason."""
    terminals.frames = [frame]

    answer = client.send(CRON)

    assert (answer.status, answer.code) == (502, "upstream_refused")
    assert answer.message == f"The function terminal did not sweep: {reason}"


def test_no_such_actor(tenant: FakeTenant) -> None:
    """Without the actor, or without the right to send to it, the platform refuses."""
    answer = FunctionClient(app, tenant, username="cron").send(CRON)

    assert answer.code == "upstream_refused"


def test_platform_is_down(client: FunctionClient) -> None:
    """Where the platform does not answer, the next hour will do."""
    client.tenant.failures["ask_actor"] = AgaveUnavailable("No.", service="actors")

    assert client.send(CRON).code == "upstream_unavailable"


def test_busy_function_is_asked_again(
    client: FunctionClient, terminals: Terminals
) -> None:
    """Abaco refuses to wait where messages wait already: it is asked a little later."""
    busy = AgaveRefused("No.", service="actors", upstream_status=400)
    client.tenant.failures["ask_actor"] = busy

    assert client.send(CRON).status == 200
    assert client.slept == 5.0
    assert len(terminals.messages) == 1


def test_function_that_stays_busy(client: FunctionClient, terminals: Terminals) -> None:
    """After some attempts it is left for the next hour."""

    def refuse(_username: str, _message: Mapping[str, Any]) -> Mapping[str, Any]:
        raise AgaveRefused("Busy.", service="actors", upstream_status=400)

    del terminals
    client.tenant.actors["test-terminal"] = refuse

    assert client.send(CRON).code == "upstream_refused"
    assert client.slept == 10.0
