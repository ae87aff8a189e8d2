"""The function `admin`: deleting the record of a terminal that does not run."""

import pytest

from functions.terminal.app import app as terminal_app
from iptweb.testing import FakeHost, FakeTenant, FunctionClient

from .administrator import Administrator


def names_of(tenant: FakeTenant) -> list[str]:
    """Return the records that there are."""
    names = (item.name for item in tenant.metadata)
    return [name for name in names if name.endswith("-IPT")]


def test_delete(grace: Administrator) -> None:
    """The record of a stopped terminal goes, and nobody else's."""
    grace.start("ada", "bob")
    grace.do("/terminals/ada/stop")

    answer = grace.delete("ada")

    assert (answer.status, answer.body["deleted"]) == (200, True)
    assert names_of(grace.tenant) == ["bob-test-IPT"]
    assert grace.audited()[0] == ("delete-record", "ada", "done")


def test_delete_twice(grace: Administrator) -> None:
    """Deleting what is not there is fine, and the same request is answered the same."""
    grace.start("ada")
    grace.do("/terminals/ada/stop")
    first = grace.delete("ada", request_id="request-x1")

    again = grace.delete("ada", request_id="request-x1")
    other = grace.delete("ada")

    assert (again.body, other.body["deleted"]) == (first.body, False)
    assert [message["command"] for _, message in grace.terminals.messages] == [
        "STOP",
        "SYNC",
    ]


def test_deleted_record_comes_again(grace: Administrator, host: FakeHost) -> None:
    """Who presses Start afterwards gets a terminal and a new record."""
    grace.start("ada")
    grace.do("/terminals/ada/stop")
    grace.delete("ada")

    grace.start("ada")

    assert names_of(grace.tenant) == ["ada-test-IPT"]
    assert list(host.terminals) == ["ada-test-IPT"]


def test_running_terminal(grace: Administrator, host: FakeHost) -> None:
    """The record of one that runs stays, and the way out is told."""
    grace.start("ada")

    answer = grace.delete("ada")

    assert (answer.status, answer.code) == (409, "conflict")
    assert answer.message == (
        "This terminal is running on fake 127.0.0.1. "
        "Stop it first, then delete its record."
    )
    assert names_of(grace.tenant) == ["ada-test-IPT"]
    assert len(host.terminals) == 1
    assert grace.audited() == [("delete-record", "ada", "refused")]


def test_record_that_is_behind(grace: Administrator, host: FakeHost) -> None:
    """What the record says is not believed: the host is asked, through `terminal`."""
    grace.start("ada", "bob")
    grace.do("/terminals/bob/stop")
    # Ada's has ended, and nobody has noticed yet; Bob's lives against its record.
    ada = host.terminals.pop("ada-test-IPT")
    host.terminals["bob-test-IPT"] = ada.__class__(
        "bob-test-IPT", "later", ada.url, ada.host
    )

    assert grace.delete("ada").body["deleted"] is True
    assert grace.delete("bob").code == "conflict"


def test_start_under_way(grace: Administrator) -> None:
    """The record of one that is being started stays."""
    grace.start("ada")
    grace.host.terminals.clear()
    value = grace.tenant.metadata[0].value
    value.update(status="SUBMITTED", deadline="2030-01-01T00:00:00Z")

    assert grace.delete("ada").code == "conflict"


def test_host_that_is_silent(grace: Administrator, host: FakeHost) -> None:
    """Where nobody knows whether it runs, the record stays, and the way out is told."""
    grace.start("ada")
    host.fall_silent()

    answer = grace.delete("ada")

    assert (answer.status, answer.code) == (409, "conflict")
    assert answer.message.startswith("Nobody knows whether this terminal runs: ")
    assert "Restart gives the terminal up" in answer.message


def test_host_that_may_run_it(grace: Administrator) -> None:
    """A start that was called off on a silent host may live there: the record stays."""
    grace.start("ada")
    grace.do("/terminals/ada/stop")
    grace.tenant.metadata[0].value["host"] = "far"

    answer = grace.delete("ada")

    assert answer.message.startswith("This terminal may still run on far.")


def test_waiting(tenant: FakeTenant) -> None:
    """Who waits in line has no terminal: the record goes, and the place with it."""
    grace = Administrator(tenant, FakeHost(capacity=1))
    grace.start("ada", "bob")

    assert grace.delete("bob").body["deleted"] is True
    assert grace.get("/terminals").body["total"] == 1


def test_someone_else_s_document(grace: Administrator) -> None:
    """A document of that name which a user made is not deleted."""
    forged = {"name": "ada-test-IPT", "user": "ada", "status": "STOPPED"}
    grace.tenant.as_user("ada").add_metadata("ada-test-IPT", forged)

    assert grace.delete("ada").body["deleted"] is False
    assert names_of(grace.tenant) == ["ada-test-IPT"]


@pytest.mark.parametrize("command", ["START", "STOP", "RESTART", "SYNC"])
def test_service_account_commands_for_somebody(
    tenant: FakeTenant, host: FakeHost, command: str
) -> None:
    """Our own functions may name a user to `terminal`, and it is theirs then."""
    ours = FunctionClient(terminal_app, tenant, host=host, username="ipt")

    answer = ours.send(repr({"command": command, "user_name": "ada"}))

    assert (answer.status, answer.body["name"]) == (200, "ada-test-IPT")


@pytest.mark.parametrize("user", ["bob", "ipt2", "ip"])
def test_others_command_nobody_else(
    tenant: FakeTenant, host: FakeHost, user: str
) -> None:
    """A user may not name anybody else, whatever their name looks like."""
    client = FunctionClient(terminal_app, tenant, host=host, username=user)

    answer = client.send("{'command': 'START', 'user_name': 'ada'}")

    assert answer.code == "forbidden"
    assert host.terminals == {}


@pytest.mark.parametrize("name", ["../ada", "Ada", "a b", "x" * 40])
def test_service_account_names_users_only(
    tenant: FakeTenant, host: FakeHost, name: str
) -> None:
    """What can't be a user is refused from our own functions, too."""
    ours = FunctionClient(terminal_app, tenant, host=host, username="ipt")

    answer = ours.send(repr({"command": "START", "user_name": name}))

    assert (answer.code, answer.field) == ("bad_request", "user_name")
