"""A host that does not answer is never taken for one that has no terminals."""

from collections.abc import Callable

import pytest

from iptweb.errors import HostUnreachable
from iptweb.terminals import Status, TerminalService
from iptweb.terminals.host import HostPool
from iptweb.terminals.store import TerminalStore
from iptweb.testing import FakeHost, FakeTerminals

ENGINE = "docker 127.0.0.1"
SANDBOX = "sandbox 127.0.0.1"
HOUR = 3600


@pytest.fixture(name="terminals")
def _terminals() -> FakeTerminals:
    return FakeTerminals("a", "b", capacity=1)


@pytest.fixture(name="machine")
def _machine() -> FakeTerminals:
    """Return a machine whose engine went while ada had a terminal on it."""
    machine = FakeTerminals(ENGINE)
    machine.service().start("ada")
    machine.now += HOUR
    sandbox = FakeHost(SANDBOX, clock=machine.clock)
    machine.hosts[SANDBOX] = sandbox
    machine.hosts[ENGINE].fall_silent()
    machine.absent = {ENGINE}
    machine.members = [SANDBOX]
    return machine


def return_of(machine: FakeTerminals) -> None:
    """Let the engine come back; the sandboxes that live are still there."""
    machine.hosts[ENGINE].come_back()
    machine.absent = set()
    machine.members = [ENGINE, SANDBOX]


@pytest.mark.parametrize(
    "command",
    [
        lambda service: service.start("ada"),
        lambda service: service.stop("ada"),
        lambda service: service.sync("ada"),
    ],
)
def test_engine_that_went(
    machine: FakeTerminals, command: Callable[[TerminalService], object]
) -> None:
    """A terminal on an engine that is down for a moment is not forgotten."""
    before = machine.record("ada")

    with pytest.raises(HostUnreachable, match=ENGINE):
        command(machine.service())

    assert machine.record("ada") == before
    return_of(machine)
    assert machine.service().start("ada") == before
    assert len(machine.living("ada")) == 1


def test_sweep_without_the_engine(machine: FakeTerminals) -> None:
    """A sweep leaves alone what is on an engine that is down for a moment."""
    before = machine.record("ada")

    assert machine.service().sweep().stopped == 0
    assert machine.record("ada") == before


def test_restart_without_the_engine(machine: FakeTerminals) -> None:
    """RESTART gives up what was on the engine; when it is back that is ended."""
    record = machine.service().restart("ada")

    assert (record.status, record.host) == (Status.READY, SANDBOX)
    assert f"The terminal on {ENGINE} was given up" in record.reason
    return_of(machine)
    machine.now += HOUR
    assert machine.service().sweep().orphans_ended == 1
    assert [one.launch for one in machine.living("ada")] == [record.launch]


def test_others_start_without_the_engine(machine: FakeTerminals) -> None:
    """Who has nothing on the engine gets a sandbox."""
    assert machine.service().start("bob").host == SANDBOX


def test_engine_that_went_during_the_launch() -> None:
    """The record names an engine that may have started the terminal after all."""

    class Fading(FakeHost):
        def _fail(self) -> None:
            if self.requests:
                raise HostUnreachable("The line went dead.")

    machine = FakeTerminals(ENGINE)
    machine.hosts[ENGINE] = Fading(ENGINE)
    machine.hosts[ENGINE].requests.append(None)  # type: ignore[arg-type]

    with pytest.raises(HostUnreachable, match="went dead"):
        machine.service().start("ada")

    record = machine.record("ada")
    assert (record.status, record.host) == (Status.ERROR, ENGINE)


def test_line_is_no_way_around_a_silent_host(terminals: FakeTerminals) -> None:
    """START while one's host is silent keeps the record, even where others wait."""
    host = terminals.service().start("ada").host
    before = terminals.record("ada")
    terminals.service().start("bob")
    assert terminals.service().start("eve").is_waiting
    terminals.hosts[host].fall_silent()
    terminals.now += HOUR
    terminals.service().start("eve")

    with pytest.raises(HostUnreachable, match=f"execution host {host}.*Restart"):
        terminals.service().start("ada")

    assert terminals.record("ada") == before
    terminals.hosts[host].come_back()
    assert terminals.service().sweep().orphans_ended == 0
    assert terminals.service().start("ada") == before


def test_stop_twice_while_another_host_is_silent(terminals: FakeTerminals) -> None:
    """STOP of what is stopped is fine, whoever is silent."""
    host = terminals.service().start("ada").host
    terminals.hosts["b" if host == "a" else "a"].fall_silent()

    for _ in range(2):
        assert terminals.service().stop("ada").status is Status.STOPPED


def submit(terminals: FakeTerminals, user: str, **changes: str) -> None:
    """Write that a start of somebody's is under way."""
    name = f"{user}-test-IPT"
    (item,) = [i for i in terminals.tenant.metadata if i.name == name]
    deadline = "2099-01-01T00:00:00.000Z"
    item.value.update({"status": "SUBMITTED", "deadline": deadline, **changes})


def test_stop_of_a_start_on_a_silent_host(terminals: FakeTerminals) -> None:
    """What could not be stopped for sure is not started a second time."""
    host = terminals.service().start("ada").host
    submit(terminals, "ada")
    terminals.hosts[host].fall_silent()
    assert terminals.service().stop("ada").status is Status.STOPPED

    with pytest.raises(HostUnreachable, match=host):
        terminals.service().start("ada")
    assert terminals.service().restart("ada").host != host


def test_restart_of_a_start_on_a_silent_host(terminals: FakeTerminals) -> None:
    """RESTART gives up a start whose host does not answer, at the first press."""
    host = terminals.service().start("ada").host
    submit(terminals, "ada")
    terminals.hosts[host].fall_silent()

    record = terminals.service().restart("ada")

    assert (record.status, record.host != host) == (Status.READY, True)
    assert f"on {host} was given up" in record.reason


def test_stop_of_a_start_whose_host_fell_silent(terminals: FakeTerminals) -> None:
    """Neither is what was stopped while its host fell silent."""

    def trouble(call: str, when: str) -> None:
        if (call, when) == ("launch", "after"):
            terminals.service().stop("ada")
            place = terminals.record("ada").launch
            raise HostUnreachable(f"{place} is lost.", host="a")

    with pytest.raises(HostUnreachable):
        terminals.service(trouble).start("ada")

    record = terminals.record("ada")
    assert (record.status, record.host) == (Status.STOPPED, "a")


def test_restart_of_a_start_keeps_its_turn() -> None:
    """Who was let in by the line need not queue again to start anew."""
    terminals = FakeTerminals(capacity=1)
    terminals.service().start("ada")
    terminals.service().start("bob")
    submit(terminals, "ada", queued="2020-01-01T00:00:00.000Z")

    assert terminals.service().restart("ada").status is Status.READY


def test_sweep_where_the_demanded_engine_is_down() -> None:
    """Where no host can even be chosen, starts that hang are errors all the same."""
    terminals = FakeTerminals(terminal_host="docker")
    for user in ("ada", "bob", "eve"):
        terminals.service().start(user)
    submit(terminals, "ada", deadline="2020-01-01T00:00:00.000Z")
    submit(terminals, "eve")

    def choose() -> HostPool:
        raise HostUnreachable("Terminals need a container engine.")

    agave = terminals.tenant.as_user("ipt")
    service = TerminalService(
        TerminalStore(agave, "ipt", "test", terminals.clock),
        choose,
        terminals.settings,
        clock=terminals.clock,
        new_id=lambda: "id",
    )

    swept = service.sweep()

    assert (swept.failed, swept.silent_hosts) == (1, ("docker",))
    states = {user: terminals.record(user).status for user in ("ada", "bob", "eve")}
    assert states == {
        "ada": Status.ERROR,
        "bob": Status.READY,
        "eve": Status.SUBMITTED,
    }
