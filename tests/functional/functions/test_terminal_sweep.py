"""The command SWEEP of the function `terminal`."""

import pytest

from functions.terminal.app import app
from iptweb.errors import AgaveUnavailable, LaunchFailed
from iptweb.terminals.host.base import Ending, Launched
from iptweb.testing import Answer, FakeHost, FakeTenant, FunctionClient

NOTHING = {
    "looked_at": 0,
    "stopped": 0,
    "failed": 0,
    "orphans_ended": 0,
    "admitted": 0,
    "skipped": 0,
    "silent_hosts": [],
    "next": "",
}


class Instance:
    """An instance with several people on one host; the service account looks after it.

    Attributes:
        host: Where all terminals run.
        now: The time for everybody.
    """

    def __init__(self) -> None:
        self.tenant = FakeTenant()
        self.now = 1_800_000_000.0
        self.host = FakeHost(clock=lambda: self.now)

    def client(self, user: str) -> FunctionClient:
        """Return somebody who sends messages."""
        client = FunctionClient(
            app, self.tenant, host=self.host, username=user, terminal_max_age_s=86_400
        )
        client.now = self.now
        return client

    def send(self, user: str, command: str, **more: str) -> Answer:
        """Send a command as a user."""
        client = self.client(user)
        return client.post("/terminals", authorized=False, command=command, **more)

    def start(self, *users: str) -> None:
        """Press Start for people, a second after each other."""
        for user in users:
            self.now += 1
            self.send(user, "START")

    def sweep(self) -> dict[str, object]:
        """Sweep; return what was done, without what was not."""
        body = self.send("ipt", "SWEEP").body
        assert body.keys() == NOTHING.keys()
        return {key: value for key, value in body.items() if value != NOTHING[key]}

    def record(self, user: str) -> dict[str, str]:
        """Return a user's record."""
        (item,) = [i for i in self.tenant.metadata if i.name == f"{user}-test-IPT"]
        assert isinstance(item.value, dict)
        return item.value

    def live(self, name: str, launch: str = "x") -> None:
        """Let a terminal live on the host, whatever records say."""
        living = Launched(name, launch, "ws://127.0.0.1:1/", self.host.name, self.now)
        self.host.terminals[name] = living


@pytest.fixture(name="instance")
def _instance() -> Instance:
    return Instance()


@pytest.mark.parametrize("user", ["ipt", "grace"])
def test_caretakers_sweep(instance: Instance, user: str) -> None:
    """The service account and administrators may sweep; nothing to do is fine."""
    assert instance.send(user, "SWEEP").body == NOTHING


@pytest.mark.parametrize("user", ["ada", "cron"])
def test_others_don_t_sweep(instance: Instance, user: str) -> None:
    """Nobody else may, whatever they are called."""
    assert instance.send(user, "SWEEP").code == "forbidden"


@pytest.mark.parametrize(
    ("command", "more"),
    [
        ("SWEEP", {"user_name": "ada"}),
        ("SWEEP", {"launch": "x"}),
        ("START", {"launch": "x"}),
        ("START", {"after": "x"}),
    ],
)
def test_fields_of_other_commands(
    instance: Instance, command: str, more: dict[str, str]
) -> None:
    """A field that a command does not heed is refused by name."""
    answer = instance.send("grace", command, **more)

    assert (answer.code, answer.field) == ("bad_request", next(iter(more)))


def test_what_is_right_is_left_alone(instance: Instance) -> None:
    """A sweep over people whose terminals live, or who have none, writes nothing."""
    instance.start("ada", "bob")
    instance.send("bob", "STOP")
    instance.tenant.calls.clear()

    assert instance.sweep() == {"looked_at": 2}
    assert set(instance.tenant.calls) == {"find_metadata"}


@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        (Ending.IDLE, "It ended after 4 hours without activity."),
        (
            Ending.AGE,
            "It ended because no terminal may live longer than 24 hours.",
        ),
        (Ending.EXIT, "Its shell was left."),
        (Ending.STOPPED, "It was stopped."),
        (Ending.MEMORY, "It ended because it used more memory than it may."),
        (Ending.UNKNOWN, "The terminal has ended."),
    ],
)
def test_ended_terminal_says_why(
    instance: Instance, ending: Ending, reason: str
) -> None:
    """A terminal that ended by itself is STOPPED, with the reason for its person."""
    instance.start("ada", "bob")
    instance.host.end("ada-test-IPT", ending)

    assert instance.sweep() == {"looked_at": 2, "stopped": 1}
    record = instance.record("ada")
    assert (record["status"], record["reason"]) == ("STOPPED", reason)
    assert instance.record("bob")["status"] == "READY"
    assert instance.sweep() == {"looked_at": 2}


def test_overdue_start(instance: Instance) -> None:
    """A start that takes too long becomes an error with the reason."""
    instance.start("ada")
    instance.host.terminals.clear()
    deadline = "2027-01-15T08:02:00.000Z"
    instance.record("ada").update(status="SUBMITTED", deadline=deadline)

    assert instance.sweep() == {"looked_at": 1}
    instance.now += 120
    assert instance.sweep() == {"looked_at": 1, "failed": 1}
    assert "took too long" in instance.record("ada")["reason"]
    assert instance.sweep() == {"looked_at": 1}


def test_overdue_start_that_worked(instance: Instance) -> None:
    """A start whose function died after the launch is finished."""
    instance.start("ada")
    deadline = "2027-01-15T08:02:00.000Z"
    instance.record("ada").update(status="SUBMITTED", url="", deadline=deadline)
    instance.now += 120

    assert instance.sweep() == {"looked_at": 1}
    assert instance.record("ada")["status"] == "READY"
    assert instance.record("ada")["url"] != ""


def test_overdue_start_on_a_silent_host(instance: Instance) -> None:
    """It is given up even where the host does not answer."""
    instance.start("ada", "bob")
    deadline = "2027-01-15T08:02:00.000Z"
    instance.record("ada").update(status="SUBMITTED", deadline=deadline)
    instance.now += 120
    instance.host.fall_silent()

    expected = {"looked_at": 2, "failed": 1, "silent_hosts": ["fake 127.0.0.1"]}
    assert instance.sweep() == expected
    assert instance.record("bob")["status"] == "READY"


def test_orphan_without_a_record(instance: Instance) -> None:
    """A terminal that no record tells of is ended once it can't be starting."""
    instance.live("eve-test-IPT")

    instance.now += 119
    assert instance.sweep() == {}
    instance.now += 1
    assert instance.sweep() == {"orphans_ended": 1}
    assert instance.host.terminals == {}


def test_terminals_of_others_are_left_alone(instance: Instance) -> None:
    """Another instance's terminals, and what is none, are not ours to end."""
    service = instance.tenant.as_user("ipt")
    name = "eve-my-test-IPT"
    service.add_metadata(name, {"name": name, "user": "eve", "status": "READY"})
    instance.live(name)
    instance.live("eve-prod-IPT")
    instance.live("something")
    instance.now += 10_000

    assert instance.sweep() == {}
    assert len(instance.host.terminals) == 3


@pytest.mark.parametrize("status", ["STOPPED", "PENDING", "ERROR"])
def test_orphan_with_a_record(instance: Instance, status: str) -> None:
    """A terminal whose record asks for none is ended."""
    instance.start("ada")
    instance.record("ada").update(status=status, launch="given up")
    instance.now += 119
    assert instance.sweep() == {"looked_at": 1}
    instance.now += 1

    assert instance.sweep() == {"looked_at": 1, "orphans_ended": 1}
    assert instance.host.terminals == {}
    assert instance.record("ada")["status"] == status


def test_lost_terminal_comes_back(instance: Instance) -> None:
    """A terminal whose start seemed to have failed is its user's again."""
    instance.start("ada")
    instance.record("ada").update(status="ERROR", url="", reason="No answer.")

    instance.sweep()

    assert instance.record("ada")["status"] == "READY"
    assert len(instance.host.terminals) == 1


def test_silent_host(instance: Instance) -> None:
    """A host that does not answer changes nothing, and is named."""
    instance.start("ada")
    instance.host.fall_silent()

    assert instance.sweep() == {"looked_at": 1, "silent_hosts": ["fake 127.0.0.1"]}
    assert instance.record("ada")["status"] == "READY"


def test_line_is_served(instance: Instance) -> None:
    """Those who wait get what is free: who asks first, then who stopped asking."""
    instance.host.capacity = 1
    instance.start("ada", "bob", "eve", "mia")
    instance.now += 700
    instance.start("mia")
    instance.host.capacity = 3

    assert instance.sweep() == {"looked_at": 4, "admitted": 2}
    states = {user: instance.record(user)["status"] for user in ("bob", "eve", "mia")}
    assert states == {"bob": "READY", "eve": "PENDING", "mia": "READY"}
    assert instance.send("eve", "START").body["position"] == 1


def test_unsuccessful_admission_keeps_the_place(instance: Instance) -> None:
    """Who stopped asking long ago and still finds no room keeps the place."""
    instance.host.capacity = 1
    instance.start("ada", "bob", "eve")
    queued = instance.record("bob")["queued"]
    instance.now += 7200

    assert instance.sweep() == {"looked_at": 3}
    assert instance.record("bob")["queued"] == queued
    assert instance.record("bob")["status"] == "PENDING"


def test_failed_admission(instance: Instance) -> None:
    """A start from the line that fails is told of, and the next one has a try."""
    instance.host.capacity = 1
    instance.start("ada", "bob", "eve")
    instance.host.capacity = 0
    instance.host.launch_failure = LaunchFailed("The disk is full.")

    assert instance.sweep() == {"looked_at": 3, "failed": 2}
    assert instance.record("bob")["reason"] == "The disk is full."


def test_one_bad_record(instance: Instance) -> None:
    """A record that can't be written does not keep others from being right."""
    instance.start("ada", "bob", "eve")
    instance.host.terminals.clear()
    instance.tenant.failures["update_metadata"] = AgaveUnavailable(
        "The platform's meta service does not answer.", service="meta"
    )

    assert instance.sweep() == {"looked_at": 3, "stopped": 2, "skipped": 1}
    assert instance.sweep() == {"looked_at": 3, "stopped": 1}


def test_garbled_and_forged_records(instance: Instance) -> None:
    """What is no record of ours is passed over."""
    instance.start("ada")
    service, eve = instance.tenant.as_user("ipt"), instance.tenant.as_user("eve")
    values: list[dict[str, object]] = [{}, {"user": 7}, {"user": "../x"}]
    for number, value in enumerate(values):
        service.add_metadata(f"x{number}-test-IPT", value)
    forged = {"name": "bob-test-IPT", "user": "bob", "status": "READY"}
    item = eve.add_metadata("bob-test-IPT", forged)
    eve.share_metadata(item.uuid, "ipt", "READ_WRITE")

    assert instance.sweep() == {"looked_at": 1}


def test_double_records_count_once(instance: Instance) -> None:
    """Of two records of one name the older one counts."""
    instance.start("ada")
    service = instance.tenant.as_user("ipt")
    later = {**instance.record("ada"), "launch": "later"}
    service.add_metadata("ada-test-IPT", later)

    assert instance.sweep() == {"looked_at": 1}


def test_many_records(instance: Instance) -> None:
    """More than a page of records are all looked at, and many changes take turns."""
    service = instance.tenant.as_user("ipt")
    for number in range(250):
        name = f"u{number:03}-test-IPT"
        value = {"name": name, "user": f"u{number:03}", "status": "READY"}
        service.add_metadata(name, value)

    first = instance.send("ipt", "SWEEP").body
    assert (first["looked_at"], first["stopped"]) == (200, 200)
    assert first["next"] == "u199-test-IPT"
    second = instance.send("ipt", "SWEEP", after=first["next"]).body
    assert (second["looked_at"], second["stopped"], second["next"]) == (50, 50, "")


def test_slow_sweep_takes_turns(instance: Instance) -> None:
    """People whose messages wait behind a sweep have their turn after some seconds."""
    instance.start("ada", "bob", "eve")
    instance.host.terminals.clear()
    client = instance.client("ipt")
    living = instance.host.living

    def look_slowly() -> list[Launched]:
        client.now += 10
        return living()

    instance.host.living = look_slowly  # type: ignore[method-assign]
    first = client.post("/terminals", authorized=False, command="SWEEP").body

    assert (first["stopped"], first["next"]) == (2, "bob-test-IPT")


def test_records_that_can_t_be_read(instance: Instance) -> None:
    """Where the platform does not answer, the sweep says so."""
    instance.tenant.failures["find_metadata"] = AgaveUnavailable(
        "The platform's meta service does not answer.", service="meta"
    )

    assert instance.send("ipt", "SWEEP").code == "upstream_unavailable"


def test_sweep_is_logged(instance: Instance) -> None:
    """The log of the execution has the counts."""
    instance.start("ada")
    client = instance.client("ipt")

    client.post("/terminals", authorized=False, command="SWEEP")

    assert '"event": "swept", "looked_at": 1' in client.log_text


def test_sweep_where_people_start_terminals(instance: Instance) -> None:
    """Where the function may not start anything, records are only counted."""
    client = FunctionClient(
        app, instance.tenant, host=instance.host, username="ipt", call_actor=False
    )
    instance.start("ada")
    instance.host.terminals.clear()

    answer = client.post("/terminals", authorized=False, command="SWEEP")

    assert answer.body == {**NOTHING, "looked_at": 1}
