"""The function `terminal` when all hosts are full: the line."""

import pytest

from functions.terminal.app import app
from functions.webterm.app import app as webterm_app
from iptweb.errors import LaunchFailed
from iptweb.testing import Answer, FakeHost, FakeTenant, FunctionClient


class Line:
    """People who press Start on a host with few places.

    Attributes:
        host: With its capacity.
        now: The time for everybody.
    """

    def __init__(self, capacity: int) -> None:
        self.tenant = FakeTenant()
        self.host = FakeHost(capacity=capacity)
        self.now = 1_800_000_000.0

    def send(self, user: str, command: str) -> Answer:
        """Send a command as a user."""
        client = FunctionClient(app, self.tenant, host=self.host, username=user)
        client.now = self.now
        return client.post("/terminals", authorized=False, command=command)

    def start(self, user: str) -> object:
        """Press Start; return the position in line, or else the state."""
        body = self.send(user, "START").body
        return body.get("position", body.get("status"))

    def starts(self, *users: str) -> list[object]:
        """Press Start for several people, a second after each other."""
        found = []
        for user in users:
            self.now += 1
            found.append(self.start(user))
        return found

    def look(self, user: str) -> object:
        """Return what the page shows, which changes nothing."""
        client = FunctionClient(webterm_app, self.tenant, host=self.host, username=user)
        client.now = self.now
        before = str(self.tenant.metadata)
        body = client.get("/webterm").body
        assert str(self.tenant.metadata) == before
        return body.get("position", body["status"])


@pytest.fixture(name="line")
def _line() -> Line:
    return Line(capacity=1)


def test_full_hosts_give_a_place(line: Line) -> None:
    """Who finds no room is told their place, and waits as PENDING."""
    assert line.starts("ada", "bob", "eve", "mia") == ["READY", 1, 2, 3]

    body = line.send("mia", "START").body
    assert (body["status"], body["queued"][:19]) == ("PENDING", "2027-01-15T08:00:04")
    assert body["message"] == (
        "No place is free for you yet. You are number 3 in line, and keep your place."
    )
    assert line.send("bob", "START").body["message"] == (
        "No place is free for you yet. You are next in line, and keep your place."
    )


def test_start_again_keeps_the_place(line: Line) -> None:
    """Pressing Start again and again neither loses nor wins a place."""
    line.starts("ada", "bob", "eve")

    for _ in range(3):
        assert line.starts("eve", "bob") == [2, 1]


def test_place_is_shown_without_start(line: Line) -> None:
    """The page shows the place by only looking."""
    line.starts("ada", "bob", "eve")

    assert [line.look(user) for user in ("ada", "bob", "eve")] == ["READY", 1, 2]


def test_sync_in_line_changes_nothing(line: Line) -> None:
    """SYNC tells the place and keeps it."""
    line.starts("ada", "bob", "eve")

    assert line.send("eve", "SYNC").body["position"] == 2


def test_first_in_line_gets_the_place(line: Line) -> None:
    """A place that becomes free is the first one's, whoever asks before."""
    line.starts("ada", "bob", "eve")
    line.send("ada", "STOP")

    assert line.starts("mia", "eve", "bob") == [3, 2, "READY"]
    assert line.starts("eve", "mia") == [1, 2]


def test_stop_leaves_the_line(line: Line) -> None:
    """STOP gives the place up; the next START is at the end."""
    line.starts("ada", "bob", "eve")

    assert line.send("bob", "STOP").body["status"] == "STOPPED"
    assert line.starts("eve", "bob") == [1, 2]


def test_stop_leaves_the_line_of_a_silent_host(line: Line) -> None:
    """Nobody needs a host to leave the line."""
    line.starts("ada", "bob")
    line.host.fall_silent()

    assert line.send("bob", "STOP").body["status"] == "STOPPED"


def test_who_stopped_asking_holds_nobody_up(line: Line) -> None:
    """After ten minutes without asking others go first; the place is kept."""
    line.starts("ada", "bob", "eve")
    line.now += 601
    assert line.starts("eve") == [1]
    line.send("ada", "STOP")
    assert line.starts("eve") == ["READY"]
    assert line.starts("mia", "bob") == [1, 1]
    line.send("eve", "STOP")

    assert line.starts("mia", "bob") == [2, "READY"]


def test_asking_keeps_the_place_alive(line: Line) -> None:
    """Who asks now and then holds the place for as long as it takes."""
    line.starts("ada", "bob")
    for _ in range(30):
        line.now += 300
        assert line.starts("bob") == [1]
    line.send("ada", "STOP")

    assert line.starts("mia", "bob") == [2, "READY"]


def test_asking_often_writes_seldom(line: Line) -> None:
    """Asking every few seconds does not write the record each time behind others."""
    line.starts("ada", "bob", "eve")
    line.tenant.calls.clear()
    line.starts("eve", "eve", "eve")

    assert "update_metadata" not in line.tenant.calls


def test_failed_start_keeps_the_place(line: Line) -> None:
    """A start that fails does not cost the place, if one tries again soon."""
    line.starts("ada", "bob", "eve")
    line.send("ada", "STOP")
    line.host.failure = LaunchFailed("The disk is full.")
    assert line.send("bob", "START").message == "The disk is full."
    line.host.failure = None
    line.host.capacity = 0

    assert line.starts("mia", "bob") == [2, "READY"]


def test_failed_start_of_long_ago_is_a_new_one(line: Line) -> None:
    """Who comes back an hour after a failed start is at the end of the line."""
    line.starts("ada", "bob")
    line.send("ada", "STOP")
    line.host.failure = LaunchFailed("The disk is full.")
    line.start("bob")
    line.host.failure = None
    line.now += 3600
    line.starts("eve", "mia")

    assert line.starts("bob") == [2]


def test_first_in_line_who_is_being_started(line: Line) -> None:
    """While the first one's start is under way, those behind leave them the place."""
    line.starts("ada", "bob", "eve")
    line.send("ada", "STOP")
    record = next(i.value for i in line.tenant.metadata if i.name == "bob-test-IPT")
    record.update(status="SUBMITTED", deadline="2027-01-15T08:02:00.000Z", launch="l")

    assert line.starts("eve") == [2]
    line.now += 120
    assert line.starts("eve") == ["READY"]


def test_terminal_that_died_while_others_wait(line: Line) -> None:
    """Somebody whose terminal died waits like everybody else."""
    line.starts("ada", "bob")
    line.host.end("ada-test-IPT")

    assert line.starts("ada", "bob", "ada") == [2, "READY", 1]


def test_restart_keeps_the_place(line: Line) -> None:
    """RESTART costs neither the terminal's place nor one in line."""
    line.starts("ada", "bob", "eve")

    assert line.send("ada", "RESTART").body["status"] == "READY"
    assert line.send("bob", "RESTART").body["position"] == 1
    assert line.starts("bob", "eve") == [1, 2]


def test_restart_of_nothing_waits(line: Line) -> None:
    """RESTART of a terminal that had ended is no way around the line."""
    line.starts("ada", "bob")
    line.host.end("ada-test-IPT")
    line.now += 1

    assert line.send("ada", "RESTART").body["position"] == 2


def test_old_record_has_no_place(line: Line) -> None:
    """A record from before there was a line reads as it always did."""
    service = line.tenant.as_user("ipt")
    value = {"name": "ada-test-IPT", "user": "ada", "status": "PENDING"}
    service.add_metadata("ada-test-IPT", value)

    assert line.look("ada") == "PENDING"
    assert line.start("ada") == "READY"
