"""The function `terminal` when something else is done at the same time."""

import pytest

from functions.terminal.app import app
from iptweb.errors import HostsFull, LaunchFailed, TerminalError
from iptweb.terminals.host.base import Launched, LaunchRequest
from iptweb.testing import FakeHost, FakeTenant, FunctionClient

from .terminal_commands import NAME, command, status_of


class StoppingHost(FakeHost):
    """A host during whose launch somebody presses Stop."""

    client: FunctionClient

    def launch(self, request: LaunchRequest) -> Launched:
        """Start the terminal, then stop it from another tab."""
        launched = super().launch(request)
        command(self.client, "STOP")
        self.terminals[request.name] = launched
        return launched


def test_stop_while_starting(tenant: FakeTenant) -> None:
    """A stop during a start counts: no terminal is left."""
    host = StoppingHost()
    client = FunctionClient(app, tenant, host=host)
    host.client = client

    assert status_of(client, "START") == "STOPPED"
    assert host.terminals == {}


def test_two_tabs_at_once(tenant: FakeTenant) -> None:
    """Two functions that start at the same moment end with one terminal."""
    host = RacingHost()
    client = FunctionClient(app, tenant, host=host)
    host.client = client

    launch = command(client, "START").body["launch"]

    assert len(host.terminals) == 1
    assert host.terminals[NAME].launch == launch
    assert len(tenant.metadata) == 1
    assert tenant.metadata[0].value["status"] == "READY"


class RacingHost(FakeHost):
    """A host on which another start always comes a moment earlier."""

    client: FunctionClient | None = None

    def launch(self, request: LaunchRequest) -> Launched:
        """Let another function start the same terminal first."""
        client, self.client = self.client, None
        if client is not None:
            (item,) = client.tenant.metadata
            item.value["status"] = "PENDING"
            command(client, "START")
        return super().launch(request)


def test_failed_start_that_was_overtaken(tenant: FakeTenant) -> None:
    """A start that fails after another one worked does not hide that one."""
    host = FailingRacer()
    client = FunctionClient(app, tenant, host=host)
    host.client = client

    assert command(client, "START").code == "terminal_failed"
    assert client.tenant.metadata[0].value["status"] == "READY"


@pytest.mark.parametrize("command_meanwhile", ["START", "STOP"])
def test_full_host_that_was_overtaken(
    tenant: FakeTenant, command_meanwhile: str
) -> None:
    """A start that finds no room does not hide what was done meanwhile."""
    host = FailingRacer(HostsFull("Full."), command_meanwhile)
    client = FunctionClient(app, tenant, host=host)
    host.client = client

    expected = {"START": "READY", "STOP": "STOPPED"}[command_meanwhile]
    assert status_of(client, "START") == expected
    assert client.tenant.metadata[0].value["status"] == expected


class FailingRacer(FakeHost):
    """A host on which a launch fails after something else was done."""

    client: FunctionClient | None = None

    def __init__(
        self, error: TerminalError | None = None, command_meanwhile: str = "START"
    ) -> None:
        super().__init__()
        self.error = error or LaunchFailed("The disk is full.")
        self.command_meanwhile = command_meanwhile

    def launch(self, request: LaunchRequest) -> Launched:
        """Let another function do something, then fail."""
        client, self.client = self.client, None
        if client is None:
            return super().launch(request)
        (item,) = client.tenant.metadata
        item.value["status"] = "PENDING"
        command(client, self.command_meanwhile)
        raise self.error


class RestartingHost(FakeHost):
    """A host on which, right after a stop, somebody starts again."""

    client: FunctionClient | None = None

    def stop(self, name: str, launch: str = "") -> bool:
        """Stop the terminal, then start it from another tab."""
        stopped = super().stop(name, launch)
        client, self.client = self.client, None
        if client is not None:
            command(client, "START")
        return stopped


def test_start_during_a_stop(tenant: FakeTenant) -> None:
    """A start that comes between a stop and its record is the later word."""
    host = RestartingHost()
    client = FunctionClient(app, tenant, host=host)
    command(client, "START")
    host.client = client

    assert status_of(client, "STOP") == "READY"
    assert len(host.terminals) == 1
    assert status_of(client, "SYNC") == "READY"


HOSTS = [{"name": name, "engine": "unix:///engine.sock"} for name in ("a", "b")]


def test_several_hosts_need_a_claim(tenant: FakeTenant, host: FakeHost) -> None:
    """With several hosts a claim is held during the launch, and no longer."""
    client = FunctionClient(app, tenant, host=host, terminal_hosts=HOSTS)

    assert status_of(client, "START") == "READY"
    assert tenant.calls.count("delete_metadata") == 1
    assert [item.name for item in tenant.metadata] == [NAME]


def test_start_during_a_start_on_another_host(
    tenant: FakeTenant, host: FakeHost
) -> None:
    """A start waits for the one under way; where that hangs it says so."""
    client = FunctionClient(app, tenant, host=host, terminal_hosts=HOSTS)
    claim = {"claim": "another", "expires": client.now + 1000}
    tenant.as_user("ipt").add_metadata(f"ipt-test-claim-{NAME}", claim)

    answer = command(client, "START")

    assert (answer.status, answer.code) == (409, "conflict")
    assert client.slept > 10
    assert host.requests == []
