"""Starting, stopping and syncing where there are several execution hosts."""

import pytest

from iptweb.errors import HostUnreachable, LaunchFailed, LaunchUnderWay
from iptweb.terminals import Status
from iptweb.terminals.host.base import Launched, LaunchRequest
from iptweb.testing import FakeHost, FakeTerminals

NAME = "ada-test-IPT"


@pytest.fixture(name="terminals")
def _terminals() -> FakeTerminals:
    return FakeTerminals("a", "b")


def start(terminals: FakeTerminals) -> str:
    """Start ada's terminal; return its host."""
    return terminals.service().start("ada").host


def other(host: str) -> str:
    """Return the other host."""
    return "b" if host == "a" else "a"


def stray(terminals: FakeTerminals, host: str, launch: str = "stray") -> None:
    """Let a terminal of ada's live on a host, whatever the record says."""
    living = Launched(NAME, launch, "ws://127.0.0.1:50000/", host, terminals.now)
    terminals.hosts[host].terminals[NAME] = living


def test_record_names_the_host(terminals: FakeTerminals) -> None:
    """The record names the host, and START finds the terminal there again."""
    host = start(terminals)

    assert host in {"a", "b"}
    assert start(terminals) == host
    assert len(terminals.living("ada")) == 1


def test_silent_other_host(terminals: FakeTerminals) -> None:
    """A host that does not answer keeps nobody from starting on another one."""
    terminals.hosts["a"].fall_silent()

    record = terminals.service().start("ada")

    assert (record.status, record.host) == (Status.READY, "b")
    assert "No answer comes from a." in str(record.to_answer()["message"])


def test_start_while_the_own_host_is_silent(terminals: FakeTerminals) -> None:
    """START does not take a silent host for a dead terminal; the record stays."""
    host = start(terminals)
    before = terminals.record("ada")
    terminals.hosts[host].fall_silent()

    with pytest.raises(HostUnreachable, match=f"execution host {host}.*Restart"):
        start(terminals)

    assert terminals.record("ada") == before
    terminals.hosts[host].come_back()
    assert start(terminals) == host
    assert len(terminals.living("ada")) == 1


def test_start_after_the_own_host_lost_it(terminals: FakeTerminals) -> None:
    """A terminal that ended is started again although another host is silent."""
    host = start(terminals)
    terminals.hosts[host].end(NAME)
    terminals.hosts[other(host)].fall_silent()

    assert start(terminals) == host


def test_restart_gives_up_a_silent_host(terminals: FakeTerminals) -> None:
    """RESTART goes on elsewhere and says what was given up."""
    host = start(terminals)
    terminals.hosts[host].fall_silent()

    record = terminals.service().restart("ada")

    assert (record.status, record.host) == (Status.READY, other(host))
    assert f"The terminal on {host} was given up" in record.reason
    terminals.hosts[host].come_back()
    terminals.now += 3600
    assert terminals.service().sweep().orphans_ended == 1
    assert [one.launch for one in terminals.living("ada")] == [record.launch]


def test_restart_where_nothing_answers(terminals: FakeTerminals) -> None:
    """RESTART can't start where no host answers; nothing is doubled later."""
    start(terminals)
    for host in terminals.hosts.values():
        host.fall_silent()

    with pytest.raises(HostUnreachable, match="No execution host answers"):
        terminals.service().restart("ada")

    assert terminals.record("ada").status is Status.ERROR
    for host in terminals.hosts.values():
        host.come_back()
    start(terminals)
    assert len(terminals.living("ada")) == 1


def test_restart_on_a_single_host_gives_nothing_up() -> None:
    """Where there is one host, a terminal on it is not given up for nothing."""
    terminals = FakeTerminals()
    start(terminals)
    before = terminals.record("ada")
    terminals.hosts["fake 127.0.0.1"].fall_silent()

    with pytest.raises(HostUnreachable):
        terminals.service().restart("ada")

    assert terminals.record("ada") == before


def test_restart_that_comes_twice(terminals: FakeTerminals) -> None:
    """A restart that names what it replaces is done once, however often it comes."""
    start(terminals)
    first = terminals.record("ada").launch

    launches = [
        terminals.service().restart("ada", launch=first).launch for _ in range(3)
    ]

    assert len(set(launches)) == 1
    assert first not in launches


def test_stop_while_another_host_is_silent(terminals: FakeTerminals) -> None:
    """STOP needs the terminal's own host only."""
    host = start(terminals)
    terminals.hosts[other(host)].fall_silent()

    assert terminals.service().stop("ada").status is Status.STOPPED
    start(terminals)
    terminals.hosts[host].end(NAME)
    assert terminals.service().stop("ada").status is Status.STOPPED


def test_stop_while_the_own_host_is_silent(terminals: FakeTerminals) -> None:
    """A terminal that can't be stopped is not called stopped."""
    host = start(terminals)
    terminals.hosts[host].fall_silent()

    with pytest.raises(HostUnreachable):
        terminals.service().stop("ada")

    assert terminals.record("ada").status is Status.READY


def test_stop_of_one_launch(terminals: FakeTerminals) -> None:
    """STOP with a launch ends that one, and leaves a later one alone."""
    host = start(terminals)
    launch = terminals.record("ada").launch
    stray(terminals, other(host))

    assert terminals.service().stop("ada", launch="stray").status is Status.READY
    assert [one.launch for one in terminals.living("ada")] == [launch]
    assert terminals.service().stop("ada", launch="old").status is Status.READY
    assert terminals.service().stop("ada", launch=launch).status is Status.STOPPED
    assert terminals.living("ada") == []


def test_stop_during_a_start_that_a_silent_host_made(terminals: FakeTerminals) -> None:
    """What a host started after all, while it was silent, is ended by a sweep."""
    record = terminals.service().start("ada")
    store = terminals.tenant.metadata[0].value
    store.update(status="SUBMITTED", deadline="2027-01-15T09:00:00.000Z")
    for host in terminals.hosts.values():
        host.fall_silent()
    assert terminals.service().stop("ada").status is Status.STOPPED
    for host in terminals.hosts.values():
        host.come_back()
    terminals.now += 3600

    assert terminals.service().sweep().orphans_ended == 1
    assert terminals.living("ada") == []
    assert record.launch == terminals.record("ada").launch


def test_sync_keeps_the_record_s_own(terminals: FakeTerminals) -> None:
    """Of two terminals SYNC keeps the record's and ends the other."""
    host = start(terminals)
    launch = terminals.record("ada").launch
    stray(terminals, other(host))

    assert terminals.service().sync("ada").launch == launch
    assert [one.launch for one in terminals.living("ada")] == [launch]


def test_sync_adopts_the_one_that_lives(terminals: FakeTerminals) -> None:
    """Where the record's own is gone, SYNC makes the living one the record's."""
    host = start(terminals)
    terminals.hosts[host].end(NAME)
    stray(terminals, other(host))

    record = terminals.service().sync("ada")

    assert (record.launch, record.host) == ("stray", other(host))
    assert record.status is Status.READY


def test_sync_of_a_silent_host(terminals: FakeTerminals) -> None:
    """SYNC of a terminal on a silent host fails and changes nothing."""
    host = start(terminals)
    before = terminals.record("ada")
    terminals.hosts[host].fall_silent()

    with pytest.raises(HostUnreachable, match=host):
        terminals.service().sync("ada")

    assert terminals.record("ada") == before


class FadingHost(FakeHost):
    """A host that falls silent while it starts a terminal."""

    def launch(self, request: LaunchRequest) -> Launched:
        """Start the terminal, and never say so."""
        super().launch(request)
        self.fall_silent()
        return super().launch(request)


def test_launch_that_fell_silent_on_the_way(terminals: FakeTerminals) -> None:
    """The record names the host that may have started it after all."""
    terminals.hosts = {name: FadingHost(name) for name in ("a", "b")}

    with pytest.raises(HostUnreachable):
        start(terminals)

    record = terminals.record("ada")
    assert (record.status, record.host != "") == (Status.ERROR, True)
    with pytest.raises(HostUnreachable, match=record.host):
        start(terminals)
    terminals.hosts[record.host].come_back()
    assert start(terminals) == record.host
    assert len(terminals.living("ada")) == 1


class OvertakenHost(FakeHost):
    """A host during whose launch a start on another host is faster.

    Attributes:
        terminals_of_all: Where the other start happens.
    """

    terminals_of_all: FakeTerminals

    def launch(self, request: LaunchRequest) -> Launched:
        """Start the terminal after somebody else did on the other host."""
        launched = super().launch(request)
        place = other(self.name)
        stray(self.terminals_of_all, place, "faster")
        (item,) = [i for i in self.terminals_of_all.tenant.metadata if i.name == NAME]
        item.value.update(status="READY", launch="faster", host=place, url="ws://f/")
        return launched


def test_start_that_was_overtaken(terminals: FakeTerminals) -> None:
    """Who finds that the record names another launch ends its own."""
    for name in terminals.hosts:
        host = OvertakenHost(name)
        host.terminals_of_all = terminals
        terminals.hosts[name] = host

    assert terminals.service().start("ada").launch == "faster"
    assert [one.launch for one in terminals.living("ada")] == ["faster"]


def test_start_during_a_start_elsewhere(terminals: FakeTerminals) -> None:
    """A start waits for one under way, and says so where that does not end."""
    service = terminals.tenant.as_user("ipt")
    expires = terminals.now + 10_000
    service.add_metadata(f"ipt-test-claim-{NAME}", {"claim": "x", "expires": expires})

    with pytest.raises(LaunchUnderWay):
        start(terminals)

    assert terminals.living("ada") == []


def test_failed_launch_forgets_the_host(terminals: FakeTerminals) -> None:
    """Where hosts answered, a failed start leaves no doubt where a terminal is."""
    for host in terminals.hosts.values():
        host.requests.clear()
        host.launch_failure = LaunchFailed("The disk is full.")

    with pytest.raises(LaunchFailed):
        start(terminals)

    assert (terminals.record("ada").status, terminals.record("ada").host) == (
        Status.ERROR,
        "",
    )


def test_record_of_a_host_of_another_name(terminals: FakeTerminals) -> None:
    """A host that the settings no longer name is not taken for one that answers."""
    start(terminals)
    (item,) = [i for i in terminals.tenant.metadata if i.name == NAME]
    item.value["host"] = "former"
    for host in terminals.hosts.values():
        host.terminals.clear()
    terminals.hosts["a"].fall_silent()

    with pytest.raises(HostUnreachable, match="host a does not answer"):
        terminals.service().sync("ada")
    assert terminals.service().sweep().stopped == 0
    terminals.hosts["a"].come_back()
    assert terminals.service().sweep().stopped == 1
