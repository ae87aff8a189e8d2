"""Messages that are sent when something happens."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agave_local.call import Identity
from agave_local.clock import Ids
from agave_local.errors import BadRequest, Forbidden, NotFound, TooMany
from agave_local.events import Event, Events
from agave_local.outgoing.policy import NOWHERE, Delivery, Outgoing, Unreachable
from agave_local.records.conditions import ALWAYS
from agave_local.records.store import Store
from agave_local.services.notifications import deliveries as sending
from agave_local.services.notifications import models
from agave_local.services.notifications.models import Notifications
from agave_local.services.notifications.request import fill
from agave_local.testing import FakeClock

ANNA, BERT, ADMIN = (
    Identity("anna"),
    Identity("bert"),
    Identity("root", frozenset({"Internal/abaco-admin"})),
)
THING = "12-242ac113-0001-007"
HOOK = "https://hooks.example/"


class Receiver:
    """Takes messages and answers as it is told.

    Attributes:
        got: in order.
        answers: statuses to come; 200 when they are used up.
    """

    def __init__(self) -> None:
        self.got: list[Delivery] = []
        self.answers: list[int | BaseException] = []

    def __call__(self, delivery: Delivery) -> int:
        """Take a message."""
        self.got.append(delivery)
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, BaseException):
            raise answer
        return answer


class Office:
    """A notifications service with everything around it."""

    def __init__(self, path: Path) -> None:
        self.clock = FakeClock()
        self.events = Events()
        self.receiver = Receiver()
        self.readers = {"anna"}
        outgoing = Outgoing(NOWHERE)
        outgoing.register(HOOK, self.receiver)
        self.store = Store(path)
        self.service = Notifications(
            self.store,
            self.clock,
            Ids(7),
            "http://t",
            self.events,
            outgoing,
            Identity,
        )
        self.service.know({"007": self.look_up})

    def look_up(self, identity: Identity, uuid: str) -> None:
        """Find the thing, for those who may read it."""
        if identity.username not in self.readers or uuid != THING:
            raise NotFound(f"There is no job {uuid}.")

    def add(self, url: str = HOOK, identity: Identity = ANNA, **more: Any) -> str:
        """Add a notification about the thing; return its id."""
        body = {"url": url, "associatedUuid": THING, **more}
        return str(self.service.add(identity, body)["id"])

    def happen(self, name: str = "RUNNING", **values: str) -> None:
        """Let something happen to the thing, whose owner is carl."""
        with self.store.transaction():
            self.events.publish(Event(THING, name, "carl", values, {"status": name}))

    def send(self) -> list[str]:
        """Send what is due; return the addresses that were tried."""
        before = len(self.receiver.got)
        self.service.deliveries.send_due()
        return [one.url for one in self.receiver.got[before:]]

    def get(self, uuid: str) -> dict[str, Any]:
        """Return a notification as its owner reads it."""
        return self.service.to_public(self.service.get(ADMIN, uuid))


@pytest.fixture(name="office")
def _office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path / "x.sqlite")
    yield office
    office.service.deliveries.stop()
    office.store.close()


def test_one_event_once(office: Office) -> None:
    """A notification of one event fires at that event, once."""
    uuid = office.add(event="RUNNING")

    office.happen("QUEUED")
    office.happen("RUNNING")
    office.happen("RUNNING")

    assert office.send() == [HOOK]
    [message] = office.receiver.got
    assert message.json() == {"status": "RUNNING"}
    assert message.headers["X-Agave-Event"] == "RUNNING"
    assert message.headers["Content-Type"] == "application/json"
    shown = office.get(uuid)
    assert tuple(
        shown[name] for name in ("status", "success", "attempts", "responseCode")
    ) == ("COMPLETE", True, 1, 200)
    assert office.send() == []


def test_every_event_always(office: Office) -> None:
    """A persistent notification of `*` fires whenever something happens."""
    uuid = office.add(persistent=True)

    for name in ("QUEUED", "RUNNING", "DELETED"):
        office.happen(name)
    office.send()

    assert [one.json()["status"] for one in office.receiver.got] == [
        "QUEUED",
        "RUNNING",
        "DELETED",
    ]
    assert office.get(uuid)["status"] == "ACTIVE"


def test_templates(office: Office) -> None:
    """Templates of an address are filled in, as one word each."""
    office.add(HOOK + "${UUID}/${EVENT}/${JOB_NAME}?x=${JOB_ERROR}&n=${NO_SUCH}")

    office.happen(JOB_NAME="a/../b?c&d", JOB_ERROR="ä b\r\nHost: x")

    assert office.send() == [
        f"{HOOK}{THING}/RUNNING/a%2F..%2Fb%3Fc%26d?x=%C3%A4%20b%0D%0AHost%3A%20x&n="
    ]
    assert fill("${A}${A", {"A": "${B}", "B": "x"}) == "%24%7BB%7D${A"


def test_try_again_later(office: Office) -> None:
    """What does not arrive is sent again, each time a little later."""
    uuid = office.add()
    office.receiver.answers = [500, Unreachable("nobody"), 204]
    office.happen()

    assert office.send() == [HOOK]
    assert (office.get(uuid)["success"], office.get(uuid)["responseCode"]) == (
        False,
        500,
    )
    office.clock.move(sending.FIRST_WAIT_S - 1)
    assert office.send() == []
    office.clock.move(1)
    assert office.send() == [HOOK]
    assert office.get(uuid)["responseCode"] is None
    office.clock.move(sending.FIRST_WAIT_S)
    assert office.send() == []
    office.clock.move(sending.FIRST_WAIT_S)
    assert office.send() == [HOOK]
    assert (office.get(uuid)["status"], office.get(uuid)["attempts"]) == ("COMPLETE", 3)
    assert len({one.headers["X-Agave-Delivery"] for one in office.receiver.got}) == 1


@pytest.mark.parametrize(
    ("persistent", "status"), [(False, "FAILED"), (True, "ACTIVE")]
)
def test_give_up(office: Office, persistent: bool, status: str) -> None:  # noqa: FBT001 - a column of the table
    """What never arrives is given up, and the notification says so."""
    uuid = office.add(persistent=persistent)
    office.receiver.answers = [503] * 99
    office.happen()

    for _ in range(sending.MOST_ATTEMPTS + 3):
        office.send()
        office.clock.move(sending.LONGEST_WAIT_S)

    assert len(office.receiver.got) == sending.MOST_ATTEMPTS
    assert (status, False) == (office.get(uuid)["status"], office.get(uuid)["success"])


@pytest.mark.parametrize("url", [HOOK, "https://elsewhere.example/"])
def test_no_use_to_try_again(office: Office, url: str) -> None:
    """Where the receiver is gone, or may not be called, there is one attempt."""
    uuid = office.add(url)
    office.receiver.answers = [410]
    office.happen()

    office.send()
    office.clock.move(sending.LONGEST_WAIT_S)

    assert office.send() == []
    assert office.get(uuid)["status"] == "FAILED"


def test_survive_the_process(office: Office) -> None:
    """A message that was taken by a process that ended is sent a minute later."""
    office.add()
    office.happen()
    office.receiver.answers = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        office.send()

    assert office.send() == []
    office.clock.move(61)
    assert office.send() == [HOOK]


def test_nothing_is_sent_of_what_was_taken_back(office: Office) -> None:
    """A change that fails is told to nobody."""
    uuid = office.add()

    def fail() -> None:
        with office.store.transaction():
            office.happen()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert office.send() == []
    assert office.get(uuid)["status"] == "ACTIVE"


def test_in_threads(office: Office) -> None:
    """A started service sends by itself, also what was left before."""
    office.add(persistent=True)
    office.happen("QUEUED")
    office.service.deliveries.start()
    office.happen("RUNNING")
    office.clock.move(1)
    office.service.deliveries.wake()

    office.service.deliveries.stop()

    # What the senders had no time for, the next start sends.
    office.send()
    assert sorted(one.json()["status"] for one in office.receiver.got) == [
        "QUEUED",
        "RUNNING",
    ]
    office.service.deliveries.wake()
    assert office.service.deliveries.send_due() == 0


def test_tell_only_who_may_know(office: Office) -> None:
    """Who may no longer read a thing hears no more of it."""
    office.add(persistent=True)
    office.happen()
    office.readers.clear()
    office.happen()
    office.happen()

    assert office.send() == [HOOK]


def test_large_message(office: Office) -> None:
    """A very large thing is only named."""
    office.add()
    with office.store.transaction():
        office.events.publish(Event(THING, "UPDATED", "carl", {}, {"a": "x" * 300_000}))

    office.send()

    assert office.receiver.got[0].json() == {"uuid": THING, "event": "UPDATED"}


def test_too_many(office: Office) -> None:
    """Somebody may have so many notifications of a thing, and so many waiting."""
    for _ in range(models.MOST_OF_A_THING):
        office.add(event="NEVER")

    with pytest.raises(TooMany, match="delete some"):
        office.add()
    office.readers.add("bert")
    office.add(identity=BERT, persistent=True)
    with office.store.transaction():
        for _ in range(models.MOST_WAITING + 5):
            office.happen()
    assert office.store.count("delivery") == models.MOST_WAITING


def test_update(office: Office) -> None:
    """A changed notification begins anew, and forgets what it had to send."""
    uuid = office.add()
    office.happen()

    changed = office.service.update(
        ANNA, uuid, {"event": "FAILED", "persistent": "true"}
    )

    assert (changed["status"], changed["event"], changed["url"]) == (
        "ACTIVE",
        "FAILED",
        HOOK,
    )
    assert office.send() == []
    office.happen("FAILED")
    assert office.send() == [HOOK]
    assert office.service.update(ADMIN, uuid, {"event": "x"})["owner"] == "anna"


def test_delete(office: Office) -> None:
    """A deleted notification sends nothing more."""
    uuid = office.add()
    office.happen()

    office.service.delete(ANNA, uuid)

    assert office.send() == []
    with pytest.raises(NotFound):
        office.service.get(ANNA, uuid)


def test_others(office: Office) -> None:
    """Nobody knows of somebody else's notifications."""
    uuid = office.add()

    for call in (
        lambda: office.service.get(BERT, uuid),
        lambda: office.service.update(BERT, uuid, {}),
        lambda: office.service.delete(BERT, uuid),
        lambda: office.add(identity=BERT),
    ):
        with pytest.raises(NotFound):
            call()
    assert office.service.list(BERT, ALWAYS, 9, 0) == []
    assert len(office.service.list(ANNA, ALWAYS, 9, 0)) == 1


def test_of_a_job_request(office: Office) -> None:
    """Notifications of a job are checked first, and kept with the job."""
    targets = office.service.read([{"url": HOOK}, {"url": HOOK, "event": "failed"}])
    office.service.attach("carl", THING, targets)

    assert targets == office.service.targets_of("carl", THING)
    assert [one["event"] for one in targets] == ["*", "FAILED"]
    assert office.service.read(None) == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"url": None}, "`url` must be given"),
        ({"url": "anna@example.org"}, "sends no e-mail"),
        ({"url": "ftp://x/"}, "http:// or https://"),
        ({"url": "x" * 2001}, "at most 2000"),
        ({"url": "https://${JOB_NAME}.example/"}, "only after its host"),
        ({"url": "https://u:p@hooks.other/"}, "no user name"),
        ({"url": "http://169.254.169.254/latest"}, "can't be called"),
        ({"url": HOOK, "event": ""}, "`event`"),
        ({"url": HOOK, "event": 5}, "`event`"),
        ({"url": HOOK, "persistent": "maybe"}, "`persistent`"),
        ({"url": HOOK, "associatedUuid": None}, "`associatedUuid` must be given"),
        ({"url": HOOK, "associatedUuid": "*"}, "is the UUID of a job"),
        ({"url": HOOK, "associatedUuid": "1-242ac113-0001-001"}, "is the UUID of"),
    ],
)
def test_refuse(office: Office, body: dict[str, Any], words: str) -> None:
    """A wrong request is refused, naming what is wrong."""
    with pytest.raises(BadRequest) as refused:
        office.service.add(ANNA, {"associatedUuid": THING, **body})

    assert words in refused.value.message


@pytest.mark.parametrize(
    "requested", [{"url": HOOK}, "x", ["x"], [{"url": HOOK}] * 101]
)
def test_refuse_of_a_job(office: Office, requested: Any) -> None:
    """Notifications of a job request are a list of objects."""
    with pytest.raises(BadRequest, match="`notifications`"):
        office.service.read(requested)


def test_somebody_without_the_right(office: Office) -> None:
    """The refusal of the thing's own service is what the caller reads."""

    def refuse(_identity: Identity, _uuid: str) -> None:
        raise Forbidden("You may not.")

    office.service.know({"012": refuse})

    with pytest.raises(Forbidden):
        office.service.add(ANNA, {"url": HOOK, "associatedUuid": "1-1-012"})
