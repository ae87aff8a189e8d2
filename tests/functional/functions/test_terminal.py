"""The function `terminal`."""

import pytest

from functions.terminal.app import app
from iptweb.errors import HostUnreachable, LaunchFailed
from iptweb.testing import FakeHost, FakeTenant, FunctionClient

from .terminal_commands import NAME, command, status_of


@pytest.fixture(name="client")
def _client(tenant: FakeTenant, host: FakeHost) -> FunctionClient:
    return FunctionClient(app, tenant, host=host)


def test_start(client: FunctionClient) -> None:
    """START makes a record, starts a terminal, and says where it is."""
    answer = command(client, "START")

    assert answer.body | {"launch": "", "since": ""} == {
        "name": NAME,
        "user": "ada",
        "status": "READY",
        "url": "ws://127.0.0.1:40001/",
        "reason": "",
        "host": "fake 127.0.0.1",
        "launch": "",
        "since": "",
        "queued": "",
        "message": "Your terminal is ready.",
    }
    (request,) = client.host.requests
    assert (request.name, request.user) == (NAME, "ada")
    assert str(request.home) == "/homes/ada"
    assert request.origins == ("http://127.0.0.1:8080",)


def test_record_belongs_to_the_service_and_is_read_by_the_user(
    client: FunctionClient,
) -> None:
    """The record is the service's own document; the user may read it."""
    command(client, "START")
    (item,) = client.tenant.metadata

    assert (item.owner, item.name) == ("ipt", NAME)
    assert client.tenant.shares == {(item.uuid, "ada"): "READ"}


def test_short_form(client: FunctionClient) -> None:
    """The predecessor's message works."""
    assert client.send("{'command': 'START'}").body["status"] == "READY"


def test_start_twice_is_one_terminal(client: FunctionClient) -> None:
    """The same message twice gives the same terminal."""
    first = command(client, "START").body

    assert command(client, "START").body == first
    assert len(client.host.requests) == 1
    assert len(client.tenant.metadata) == 1


def test_start_while_starting(client: FunctionClient) -> None:
    """A START while another is under way returns the same record, and waits for it."""
    command(client, "START")
    submit(client)

    assert status_of(client, "START") == "SUBMITTED"
    assert len(client.host.requests) == 1


def submit(client: FunctionClient, deadline: str = "2027-01-15T08:02:00.000Z") -> None:
    """Write that a start is under way."""
    (item,) = client.tenant.metadata
    item.value.update(status="SUBMITTED", url="", deadline=deadline)


def test_stuck_start_is_retried(client: FunctionClient) -> None:
    """After its deadline a start that never ended is done again."""
    command(client, "START")
    client.host.terminals.clear()
    submit(client)
    client.now += 121

    assert status_of(client, "START") == "READY"
    assert len(client.host.requests) == 2


def test_start_after_the_terminal_died(client: FunctionClient) -> None:
    """A record that says READY is not believed: the host is asked."""
    command(client, "START")
    client.host.terminals.clear()

    assert status_of(client, "START") == "READY"
    assert len(client.host.requests) == 2


def test_start_after_the_terminal_moved(client: FunctionClient) -> None:
    """What the host says counts."""
    command(client, "START")
    client.host.move(NAME, "ws://127.0.0.1:50000/")

    assert command(client, "START").body["url"] == "ws://127.0.0.1:50000/"
    assert len(client.host.requests) == 1


def test_other_launch_came_first(client: FunctionClient, host: FakeHost) -> None:
    """Where another start won on the host, the record tells of that one's launch."""
    other = FunctionClient(app, FakeTenant(), host=host)
    launch = command(other, "START").body["launch"]

    assert command(client, "START").body["launch"] == launch


def test_failed_start(client: FunctionClient) -> None:
    """A start that fails says why, is recorded, and can be tried again."""
    client.host.failure = LaunchFailed("There is no room.")

    answer = command(client, "START")

    assert (answer.status, answer.code) == (502, "terminal_failed")
    assert answer.message == "There is no room."
    assert client.tenant.metadata[0].value["status"] == "ERROR"
    assert client.tenant.metadata[0].value["reason"] == "There is no room."
    client.host.failure = None
    assert status_of(client, "START") == "READY"


def test_stop(client: FunctionClient) -> None:
    """STOP ends the terminal; twice is fine."""
    command(client, "START")

    for _ in range(2):
        assert status_of(client, "STOP") == "STOPPED"
    assert client.host.terminals == {}


def test_stop_without_a_record(client: FunctionClient) -> None:
    """STOP for somebody who never had a terminal makes no record."""
    assert status_of(client, "STOP") == "PENDING"
    assert client.tenant.metadata == []


def test_stop_fails(client: FunctionClient) -> None:
    """A terminal that could not be stopped is not called stopped."""
    command(client, "START")
    client.host.failure = HostUnreachable("The host is away.")

    assert command(client, "STOP").code == "terminal_failed"
    assert client.tenant.metadata[0].value["status"] == "READY"


def test_restart(client: FunctionClient) -> None:
    """RESTART ends the old terminal and starts another launch."""
    first = command(client, "START").body["launch"]
    answer = command(client, "RESTART")

    assert answer.body["status"] == "READY"
    assert answer.body["launch"] != first
    assert len(client.host.terminals) == 1


def test_sync_after_death(client: FunctionClient) -> None:
    """SYNC tells of a terminal that ended by itself."""
    command(client, "START")
    client.host.terminals.clear()

    answer = command(client, "SYNC")

    assert answer.body["status"] == "STOPPED"
    assert answer.body["reason"] == "The terminal has ended."


def test_sync_finds_a_living_terminal(client: FunctionClient) -> None:
    """SYNC finds a terminal that the record does not know of."""
    command(client, "START")
    client.tenant.metadata.clear()

    assert status_of(client, "SYNC") == "READY"
    assert status_of(client, "SYNC") == "READY"


def test_sync_of_a_start(client: FunctionClient) -> None:
    """SYNC leaves a start alone, and gives one up that is overdue."""
    command(client, "START")
    client.host.terminals.clear()
    submit(client)

    assert status_of(client, "SYNC") == "SUBMITTED"
    client.now += 121
    assert status_of(client, "SYNC") == "ERROR"
    assert client.tenant.metadata[0].value["status"] == "ERROR"
    assert status_of(client, "SYNC") == "ERROR"


def test_call_actor_switch(tenant: FakeTenant, host: FakeHost) -> None:
    """Where the function may not start anything, only the record is kept."""
    client = FunctionClient(app, tenant, host=host, call_actor=False)

    assert status_of(client, "START") == "SUBMITTED"
    client.now += 10**6
    assert status_of(client, "START") == "SUBMITTED"
    assert status_of(client, "SYNC") == "SUBMITTED"
    assert status_of(client, "STOP") == "STOPPED"
    assert host.requests == []


def test_forged_record_is_not_believed(client: FunctionClient) -> None:
    """A record that somebody else made for ada is not hers."""
    eve = client.tenant.as_user("eve")
    forged = eve.add_metadata(
        NAME, {"name": NAME, "status": "READY", "url": "ws://evil"}
    )
    eve.share_metadata(forged.uuid, "ipt", "READ_WRITE")

    assert "evil" not in str(command(client, "START").body)


def test_double_records_become_one(client: FunctionClient) -> None:
    """Two records that were made at the same time become the older one."""
    command(client, "START")
    service = client.tenant.as_user("ipt")
    service.add_metadata(NAME, {**client.tenant.metadata[0].value, "url": "ws://late"})

    assert command(client, "START").body["url"] == "ws://127.0.0.1:40001/"
    assert len(client.tenant.metadata) == 1


def test_admin_names_somebody_else(tenant: FakeTenant, host: FakeHost) -> None:
    """An administrator starts and stops for another user, in that user's record."""
    admin = FunctionClient(app, tenant, host=host, username="grace")

    assert command(admin, "START", user_name="ada").body["name"] == NAME
    assert command(admin, "STOP", user_name="ada").body["status"] == "STOPPED"


def test_only_admins_name_somebody_else(client: FunctionClient) -> None:
    """Nobody else may; to name oneself is allowed."""
    answer = command(client, "START", user_name="bob")

    assert (answer.status, answer.code) == (403, "forbidden")
    assert client.host.requests == []
    assert command(client, "START", user_name="ada").status == 200


@pytest.mark.parametrize("name", ["../x", "a;b", "A", "x" * 40, "a\nb", "$(id)"])
def test_hostile_user_name(tenant: FakeTenant, host: FakeHost, name: str) -> None:
    """Even an administrator can't name what is no user."""
    admin = FunctionClient(app, tenant, host=host, username="grace")

    answer = command(admin, "START", user_name=name)

    assert (answer.code, answer.field) == ("bad_request", "user_name")
    assert host.requests == []


@pytest.mark.parametrize(
    "msg",
    [
        "{'command': 'DESTROY'}",
        "{'command': 7}",
        "{'command': 'START', 'surprise': 1}",
        "{'method': 'POST', 'path': '/terminals'}",
        "{'method': 'POST', 'path': '/terminals', 'body': {'command': 'start'}}",
    ],
)
def test_bad_commands(client: FunctionClient, msg: str) -> None:
    """An unknown command is refused by name."""
    answer = client.send(msg)

    assert answer.code == "bad_request"
    assert answer.field in {"command", "surprise"}
    assert answer.exit_code == 0


def test_secure_scheme(tenant: FakeTenant, host: FakeHost) -> None:
    """Behind a proxy with TLS the browser is sent to a secure address."""
    client = FunctionClient(app, tenant, host=host, terminal_ws_scheme="wss")

    assert command(client, "START").body["url"] == "wss://127.0.0.1:40001/"


def test_stop_of_an_earlier_launch(client: FunctionClient) -> None:
    """STOP that names a launch leaves a later one alone."""
    first = command(client, "START").body["launch"]
    command(client, "RESTART")

    assert command(client, "STOP", launch=first).body["status"] == "READY"
    assert len(client.host.terminals) == 1


def test_restart_twice_is_one_restart(client: FunctionClient) -> None:
    """RESTART that names what it replaces is done once, however often it comes."""
    first = command(client, "START").body["launch"]

    second = command(client, "RESTART", launch=first).body["launch"]

    assert command(client, "RESTART", launch=first).body["launch"] == second
    assert second != first


def test_share_is_made_up_for(client: FunctionClient) -> None:
    """A record whose function died before its user could read it, is shared later."""
    service = client.tenant.as_user("ipt")
    value = {"name": NAME, "user": "ada", "status": "PENDING"}
    item = service.add_metadata(NAME, value)

    command(client, "START")

    assert client.tenant.shares == {(item.uuid, "ada"): "READ"}


def test_stopped_terminal_does_not_come_back(client: FunctionClient) -> None:
    """A terminal that lives although it was stopped is ended by SYNC."""
    command(client, "START")
    living = client.host.terminals[NAME]
    command(client, "STOP")
    client.host.terminals[NAME] = living

    assert status_of(client, "SYNC") == "STOPPED"
    assert client.host.terminals == {}
