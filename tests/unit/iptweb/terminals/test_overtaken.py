"""Who writes a record last must not undo what others did meanwhile."""

import contextlib
import dataclasses
from collections.abc import Callable

import pytest

from iptweb.agave import MetadataItem
from iptweb.errors import ConfigError, LaunchUnderWay, RecordMoved
from iptweb.terminals import Status, TerminalService
from iptweb.terminals.host import HostPool
from iptweb.terminals.store import TerminalStore
from iptweb.testing import FakeTerminals

NAME = "ada-test-IPT"
HOUR = 3600


def at(call: str, task: Callable[[], object]) -> Callable[[str, str], None]:
    """Return a hook that does something once, right before a call."""
    tasks = [task]

    def hook(name: str, when: str) -> None:
        if (name, when) == (call, "before") and tasks:
            tasks.pop()()

    return hook


def end_all(terminals: FakeTerminals) -> None:
    """Let every terminal end by itself."""
    for host in terminals.hosts.values():
        for name in list(host.terminals):
            host.end(name)


@pytest.mark.parametrize("hosts", [("only",), ("a", "b")])
@pytest.mark.parametrize(
    "look",
    [lambda service: service.sweep(), lambda service: service.sync("ada")],
)
def test_start_overtakes_a_look(
    hosts: tuple[str, ...], look: Callable[[TerminalService], object]
) -> None:
    """A terminal that is started while its former one is buried stays, and lives."""
    terminals = FakeTerminals(*hosts)
    terminals.service().start("ada")
    end_all(terminals)

    look(terminals.service(at("endings", lambda: terminals.service().start("ada"))))

    record = terminals.record("ada")
    assert record.status is Status.READY
    terminals.now += HOUR
    assert terminals.service().sweep().orphans_ended == 0
    assert [one.launch for one in terminals.living("ada")] == [record.launch]


def test_stop_overtakes_a_look() -> None:
    """A terminal that is stopped while SYNC finds it is not called ready again."""
    terminals = FakeTerminals()
    terminals.service().start("ada")
    (item,) = terminals.tenant.metadata
    item.value["url"] = "ws://127.0.0.1:1/"

    def stop() -> None:
        terminals.service().stop("ada")

    # Right before the second look at the record.
    calls = iter(range(100))

    def hook(name: str, when: str) -> None:
        if (name, when) == ("find_metadata", "before") and next(calls) == 1:
            stop()

    terminals.service(hook).sync("ada")

    assert terminals.record("ada").status is Status.STOPPED


def test_second_start_outlasts_its_patience() -> None:
    """Who waited in vain for another's start is told that it is under way."""
    terminals = FakeTerminals("a", "b")

    def hold(_name: str, _wait_s: float) -> contextlib.AbstractContextManager[None]:
        # Meanwhile the other one, who holds it, has written this.
        (item,) = terminals.tenant.metadata
        item.value.update(status="SUBMITTED", deadline="2099-01-01T00:00:00.000Z")
        raise LaunchUnderWay("Under way.")

    agave = terminals.tenant.as_user("ipt")
    service = TerminalService(
        TerminalStore(agave, "ipt", "test", terminals.clock),
        lambda: pytest.fail("no host is needed"),
        terminals.settings,
        clock=terminals.clock,
        new_id=lambda: "id",
        hold=hold,
    )

    assert service.start("ada").status is Status.SUBMITTED


def test_sweep_does_not_wait_for_a_start() -> None:
    """A sweep passes over whom somebody else is starting, and goes on."""
    terminals = FakeTerminals("a", "b", capacity=1)
    for user in ("ada", "bob", "eve", "mia"):
        terminals.service().start(user)
        terminals.now += 1
    for host in terminals.hosts.values():
        host.capacity = 2
    document = {"claim": "x", "expires": terminals.now + 60}
    name = "ipt-test-claim-eve-test-IPT"
    terminals.tenant.as_user("ipt").add_metadata(name, document)
    before = terminals.now

    swept = terminals.service().sweep()

    assert (swept.admitted, swept.failed, swept.skipped) == (1, 0, 1)
    assert terminals.now - before < 1
    assert terminals.record("eve").is_waiting
    assert terminals.record("mia").status is Status.READY


def test_sweep_always_gets_on() -> None:
    """However long reading takes, each message deals with something."""
    terminals = FakeTerminals()
    for user in ("ada", "bob", "eve"):
        terminals.service().start(user)
    end_all(terminals)

    def slow(name: str, when: str) -> None:
        if when == "before" and name in {"find_metadata", "census"}:
            terminals.now += 20

    rounds, after = 0, ""
    while rounds == 0 or after:
        after = terminals.service(slow).sweep(after=after).next
        rounds += 1
        assert rounds < 10

    states = {user: terminals.record(user).status for user in ("ada", "bob", "eve")}
    assert set(states.values()) == {Status.STOPPED}


def test_place_of_an_orphan_goes_to_the_line() -> None:
    """What a sweep ends makes room for those who wait, in the same round."""
    terminals = FakeTerminals(capacity=1)
    terminals.service().start("ada")
    terminals.service().start("bob")
    terminals.tenant.metadata = [
        item for item in terminals.tenant.metadata if item.name != NAME
    ]
    terminals.now += HOUR

    swept = terminals.service().sweep()

    assert (swept.orphans_ended, swept.admitted) == (1, 1)


def test_missing_setting_is_no_start_under_way() -> None:
    """Where there are no hosts to choose from, START says so each time."""
    terminals = FakeTerminals()

    def choose() -> HostPool:
        raise ConfigError("Setting ssh-key is missing.")

    agave = terminals.tenant.as_user("ipt")
    for _ in range(2):
        service = TerminalService(
            TerminalStore(agave, "ipt", "test", terminals.clock),
            choose,
            terminals.settings,
            clock=terminals.clock,
            new_id=lambda: "id",
        )
        with pytest.raises(ConfigError):
            service.start("ada")
    assert terminals.record("ada").status is Status.ERROR


@pytest.mark.parametrize("call", ["share_metadata", "update_metadata"])
def test_an_older_document_shows_up_during_the_first_start(call: str) -> None:
    """Where two messages made two records, both end with the one that counts."""
    terminals = FakeTerminals()

    def make_older() -> None:
        terminals.service().start("ada")
        (mine,) = terminals.tenant.metadata
        older = dataclasses.replace(mine, uuid="0-012", created="0")
        terminals.tenant.metadata[:] = [older]

    record = terminals.service(at(call, make_older)).start("ada")

    assert record == terminals.record("ada")
    assert record.status is Status.READY
    assert [one.launch for one in terminals.living("ada")] == [record.launch]


def test_a_record_that_moves_again_and_again() -> None:
    """Who is overtaken at each try is told to try again."""
    terminals = FakeTerminals()
    terminals.tenant.metadata.append(
        MetadataItem("1-012", "ipt", NAME, terminals.record("ada").to_value(), "1")
    )

    def lose(name: str, when: str) -> None:
        if (name, when) == ("update_metadata", "before"):
            terminals.tenant.metadata[0] = dataclasses.replace(
                terminals.tenant.metadata[0], uuid=f"{terminals.tenant.number()}-012"
            )

    with pytest.raises(RecordMoved, match="Try again"):
        terminals.service(lose).start("ada")
    assert terminals.living("ada") == []
