"""The function `webterm`."""

import base64
import json

import pytest

from functions.terminal.app import app as terminal_app
from functions.webterm.app import app
from iptweb.testing import FakeHost, FakeTenant, FunctionClient

ORIGIN = "http://127.0.0.1:8080"


@pytest.fixture(name="client")
def _client(tenant: FakeTenant, host: FakeHost) -> FunctionClient:
    return FunctionClient(app, tenant, host=host)


def start(client: FunctionClient) -> None:
    """Start ada's terminal."""
    starter = FunctionClient(terminal_app, client.tenant, host=client.host)
    assert starter.send("{'command': 'START'}").status == 200


def test_nothing_yet(client: FunctionClient) -> None:
    """Without a record the answer is PENDING, and nothing is written."""
    answer = client.get("/webterm", authorized=False)

    assert answer.body["status"] == "PENDING"
    assert "ticket" not in answer.body
    assert client.tenant.metadata == []


def test_ready_gives_a_ticket(client: FunctionClient) -> None:
    """A ready terminal comes with a ticket for this user, launch and origin."""
    start(client)

    body = client.get("/webterm", authorized=False, origin=ORIGIN).body

    payload = body["ticket"].split(".")[0]
    ticket = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert ticket["sub"] == "ada"
    assert ticket["name"] == body["name"]
    assert ticket["launch"] == body["launch"]
    assert ticket["origin"] == ORIGIN
    assert ticket["exp"] == body["ticket_expires"] == client.now + 60
    assert body["ticket"] not in client.log_text


def test_every_ticket_is_another(client: FunctionClient) -> None:
    """A ticket works once, so each answer has a new one."""
    start(client)

    assert (
        client.get("/webterm").body["ticket"] != client.get("/webterm").body["ticket"]
    )


def test_foreign_origin(client: FunctionClient) -> None:
    """No ticket is made for another site."""
    start(client)

    assert client.get("/webterm", origin="http://evil.test").field == "origin"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "HEAD"])
def test_only_get(client: FunctionClient, method: str) -> None:
    """Anything but GET is refused, with what is allowed."""
    answer = client.request(method, "/webterm")

    assert (answer.status, answer.headers) == (405, {"Allow": "GET"})


def test_stuck_start(client: FunctionClient) -> None:
    """A start that is overdue reads as an error, and nothing is written."""
    start(client)
    value = client.tenant.metadata[0].value
    value.update(status="SUBMITTED", deadline="2027-01-15T08:02:00.000Z")
    client.now += 121

    assert client.get("/webterm").body["status"] == "ERROR"
    assert value["status"] == "SUBMITTED"


def test_admin_sees_but_gets_no_ticket(client: FunctionClient) -> None:
    """An administrator sees another's terminal and can't open it."""
    start(client)
    admin = FunctionClient(app, client.tenant, host=client.host, username="grace")

    body = admin.get("/webterm", user_name="ada").body

    assert body["status"] == "READY"
    assert "ticket" not in body


def test_others_don_t_see(client: FunctionClient) -> None:
    """Nobody else sees another's terminal."""
    assert client.get("/webterm", user_name="bob").code == "forbidden"


def test_service_account_is_asked_for(tenant: FakeTenant, host: FakeHost) -> None:
    """Without the setting the owner of the service token is found out."""
    client = FunctionClient(app, tenant, host=host, service_account="")
    start(client)

    assert client.get("/webterm").body["status"] == "READY"
    assert "my_profile" in tenant.calls


def test_one_call_to_the_platform(client: FunctionClient) -> None:
    """The hot path asks the platform once."""
    start(client)
    client.tenant.calls.clear()

    client.get("/webterm", authorized=False)

    assert client.tenant.calls == ["find_metadata"]


def test_broken_ticket_key(tenant: FakeTenant, host: FakeHost) -> None:
    """A key that can't sign is named to the operator, not shown."""
    client = FunctionClient(app, tenant, host=host)
    start(client)
    client.configs["test-ticket-key"] = "hunter22"

    answer = client.get("/webterm")

    assert answer.status == 500
    assert "ticket-key" in answer.message
    assert "hunter22" not in client.log_text
